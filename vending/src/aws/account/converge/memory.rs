//! What a run remembers of an account, what it writes into the journal before it acts, and what of a journal that it
//! finds it believes.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;
use fleet_model::contact::ContactType;
use fleet_model::lifecycle::LifecyclePhase;

use crate::aws::account::converge::Held;
use crate::aws::api::SettingChange;
use crate::aws::controls::{self, PASSWORD_POLICY, password_policy};
use crate::aws::organization::parent;
use crate::error::{Error, Kind};
use crate::memory::{self, Before, Journal, Memory};
use crate::outcome::Attempt;
use crate::phase::Phase;
use crate::profile;
use crate::refusal::{NotUndone, Refusal};
use crate::unit_path::Parent;
use crate::warning::Warning;

impl Held<'_, '_> {
    /// Takes over what the journal of a run that died says, as far as it can be verified: a parent, while the account
    /// is in the quarantine; a policy, if it is the quarantine's. An apply that brings the account back does not, since
    /// its plan has not named it: it stops. Each word stays in the journal until it is disproved. An onboarding parent, if the
    /// account is in it: that decides by which way it goes where the configuration has it. The rest is for people.
    pub(super) async fn recall(&mut self) {
        let journal = self.journal();
        let job = self.run.job;
        let ours = |of: &ContactType| {
            job.request.contacts.contains_key(of) || job.past.contacts_set_before.contains_key(of)
        };
        // Of a control that is given up nothing is remembered.
        let mode = controls::mode(&job.request.contract, PASSWORD_POLICY);
        self.memory.keep(Memory {
            password_policy: journal.password_policy.filter(|_| mode != ControlMode::Ignore),
            contacts: journal.contacts.into_iter().filter(|(of, _)| ours(of)).collect(),
            regions: journal.regions,
            ..Memory::default()
        });
        if self.memory.onboarding_parent.is_none() {
            let mut named = journal.onboarding_parents.into_iter();
            self.memory.onboarding_parent = named.find(|id| *id == self.facts.parent_id);
        }
        let may_act = self.only_looks || self.seen.at_rest();
        let quarantine = self.run.config.quarantine.as_ref();
        let policy = quarantine.and_then(|of| of.policy_id.clone());
        for found in journal.quarantine_policies {
            if self.memory.quarantine_policies.contains(&found) {
                continue;
            }
            match self.is_bound_by(&found).await {
                Ok(false) => continue,
                Ok(true) if Some(&found) != policy.as_ref() => {
                    self.warnings.push(Warning::PolicyStays { policy: found.clone() });
                }
                Ok(true) if may_act => {
                    self.memory.quarantine_policies.insert(found);
                    continue;
                }
                Ok(true) => self.unplanned = Some(NotUndone::PolicyNotPlanned(found.clone())),
                Err(error) => self.fail(Attempt::Journal, Refusal::Call(error)),
            }
            self.unproven.quarantine_policies.insert(found);
        }
        let is_back = |found: &String| *found == self.facts.parent_id;
        let before = journal.parent_before.filter(|found| !is_back(found));
        if let Some(found) = before.filter(|_| self.memory.parent_before.is_none()) {
            match self.is_in_quarantine().await {
                Ok(Some(false)) => return,
                Ok(Some(true)) if may_act || self.run.job.request.parent.is_some() => {
                    self.memory.parent_before = Some(found);
                    return;
                }
                Ok(Some(true) | None) => {}
                Err(refusal) => self.fail(Attempt::Journal, refusal),
            }
            self.unproven.parent_before = Some(found);
        }
    }

    fn journal(&self) -> Journal {
        Journal::read(&self.facts.tags)
    }

    /// Whether a policy is attached to it; one that is deleted is not.
    async fn is_bound_by(&self, policy: &str) -> Result<bool, Error> {
        let reading = self.run.ports.policies.targets(policy);
        match self.run.patience.within(reading).await {
            Err(error) if error.kind == Kind::NotFound => Ok(false),
            targets => Ok(targets?.contains(self.id.as_str())),
        }
    }

    /// Whether it is in the quarantine; `None`: the provider block has none, so nobody knows where that was.
    pub(super) async fn is_in_quarantine(&self) -> Result<Option<bool>, Refusal> {
        let (ports, shared) = (self.run.ports, self.run.shared);
        let Some(quarantine) = &self.run.config.quarantine else { return Ok(None) };
        let found = self.within(parent::resolve(ports, shared, &quarantine.parent)).await?;
        Ok(Some(found == self.facts.parent_id))
    }

    /// Where it is asked to be: in quarantine while it is at rest, and back where it was after that.
    ///
    /// # Errors
    /// It was frozen, and where it was is not known, or not what the plan showed; or that could not be read.
    pub(super) async fn place(&self) -> Result<Option<Parent>, Refusal> {
        if let Some(quarantine) = self.run.quarantine() {
            return Ok(Some(quarantine.parent.clone()));
        }
        if self.run.job.request.parent.is_some() || self.seen.at_rest() {
            return Ok(self.run.job.request.parent.clone());
        }
        if let Some(before) = self.memory.parent_before.clone() {
            if before != self.facts.parent_id && !self.only_looks {
                self.is_where_planned().await?;
            }
            return Ok(Some(Parent::Id(before)));
        }
        let was_frozen = matches!(self.seen.was, LifecyclePhase::Frozen | LifecyclePhase::Retired);
        let journal = self.journal().parent_before;
        if self.only_looks
            || !(was_frozen || journal.is_some())
            || self.is_in_quarantine().await? != Some(true)
        {
            return Ok(None);
        }
        Err(self.not_undone(journal.map_or(NotUndone::Lost, NotUndone::NotPlanned)))
    }

    /// A move is undone from where the plan saw the account, and from nowhere else.
    async fn is_where_planned(&self) -> Result<(), Refusal> {
        let planned = match &self.run.job.intent.seen_in {
            Some(seen) if *seen == self.facts.parent_id => return Ok(()),
            Some(seen) => seen.clone(),
            None if self.is_in_quarantine().await? == Some(true) => return Ok(()),
            None => "the quarantine".to_owned(),
        };
        Err(self.not_undone(NotUndone::Moved { planned, found: self.facts.parent_id.clone() }))
    }

    pub(super) fn not_undone(&self, reason: NotUndone) -> Refusal {
        Refusal::NotUndone { object: format!("account {}", self.id), reason }
    }

    /// Whether somebody has moved the account out of `target`, where it belongs and was when it was last seen. It is
    /// drift as that of any argument: the state shows where it is, and the configuration decides.
    pub(super) fn was_moved_from(&self, target: &str) -> bool {
        let settled = matches!(
            self.run.job.past.phase,
            Phase::Placed | Phase::Governed | Phase::Accessible | Phase::Baselined | Phase::Ready
        );
        self.only_looks
            && settled
            && !self.seen.at_rest()
            && self.seen.was == LifecyclePhase::Active
            && self.memory.parent_before.is_none()
            && self.run.job.intent.seen_in.as_deref() == Some(target)
            && self.facts.parent_id != target
    }

    // === before and after the acts ===

    /// Before a freeze moves the account, its journal says where it was.
    pub(super) async fn before_move(&mut self) -> Result<Result<(), Refusal>, Error> {
        if self.run.quarantine().is_none() || self.seen.was != LifecyclePhase::Active {
            return Ok(Ok(()));
        }
        self.memory.parent_before = Some(self.facts.parent_id.clone());
        match self.write_journal().await {
            Err(error) if !error.is_stop() => Ok(Err(Refusal::Call(error))),
            answer => answer.map(Ok),
        }
    }

    /// Before the account goes where it waits for its baseline, its journal says so: by the time that it waits there, the
    /// configuration may name another place.
    pub(super) async fn before_onboarding(&mut self, target: &str) -> Result<(), Error> {
        let written = self.write(self.remembered().journal_before_onboarding(target)).await;
        // Should the answer to the move be lost, it may be there; unless it still waits where it waited before.
        if self.memory.onboarding_parent.as_ref() != Some(&self.facts.parent_id) && written.is_ok()
        {
            self.memory.onboarding_parent = Some(target.to_owned());
        }
        written
    }

    /// Before regions are opted in to, the journal says that they were not. That is for people, as of the password policy.
    pub(super) async fn before_opt_in(&mut self, regions: Vec<String>) -> Result<(), Error> {
        if regions.is_empty() {
            return Ok(());
        }
        self.memory.regions.extend(regions);
        self.told_if_not_written().await
    }

    /// Before contacts are first written over, the journal says what they were.
    pub(super) async fn before_contacts(&mut self, changes: &[SettingChange]) -> Result<(), Error> {
        let job = self.run.job;
        for change in changes {
            let SettingChange::PutContact(of, _) = change else { continue };
            // What was set before is ours already.
            if !job.past.contacts_set_before.contains_key(of) {
                let prior = self.contacts.get(of).cloned().flatten();
                let before = prior.map_or(Before::Nothing, Before::Was);
                self.memory.contacts.entry(*of).or_insert(before);
            }
        }
        // What the state says already is not lost.
        let known = |of: &&ContactType| !job.past.memory.contacts.contains_key(of);
        let new = self.memory.contacts.keys().filter(known).copied().collect();
        self.write(self.memory.journal_of_contacts(&new)).await
    }

    /// It is back where it belongs: there is nothing to go back to.
    pub(super) fn after_move(&mut self) {
        if self.run.quarantine().is_none() {
            self.memory.parent_before = None;
            self.memory.onboarding_parent = None;
            self.unproven.parent_before = None;
        }
    }

    /// Before a policy is attached, the journal says that it is ours.
    pub(super) async fn before_attach(&mut self, policy: &str) -> Result<(), Error> {
        let new = self.memory.quarantine_policies.insert(policy.to_owned());
        let written = self.write_journal().await;
        if new && written.is_err() {
            self.memory.quarantine_policies.remove(policy);
        }
        written
    }

    /// What AWS refused to attach is not ours; what it did not answer to may be.
    pub(super) fn not_attached(&mut self, policy: &str, error: &Error) {
        if !error.is_stop() && error.kind != Kind::Unanswered {
            self.memory.quarantine_policies.remove(policy);
        }
    }

    /// Before the password policy is first changed, the journal says what it was. That is for people, so a journal that
    /// cannot be written is told, and the baseline goes on.
    pub(super) async fn before_repair(&mut self) -> Result<(), Error> {
        let contract = &self.run.job.request.contract;
        let mode = controls::mode(contract, PASSWORD_POLICY);
        let Some((member, _)) = self.member.as_ref().filter(|_| mode == ControlMode::Own) else {
            return Ok(());
        };
        let found = match self.run.patience.within(member.password_policy()).await {
            Ok(found) => found,
            Err(error) if error.is_stop() => return Err(error),
            // The control says so.
            Err(_) => return Ok(()),
        };
        let wanted = &profile::asked(contract).password;
        if password_policy::decide(mode, wanted, found.as_ref()).is_none() {
            return Ok(());
        }
        if self.memory.password_policy.is_some() {
            // Another run may have put the policy back since, and taken the word out of the journal.
            match self.reread_journal().await {
                Err(error) if !error.is_stop() => self.fail(Attempt::Tags, Refusal::Call(error)),
                answer => answer?,
            }
        } else {
            self.memory.password_policy = Some(password_policy::prior(found.as_ref()));
        }
        self.told_if_not_written().await
    }

    async fn told_if_not_written(&mut self) -> Result<(), Error> {
        match self.write_journal().await {
            Err(error) if !error.is_stop() => {
                self.fail(Attempt::Tags, Refusal::Call(error));
                Ok(())
            }
            answer => answer,
        }
    }

    async fn write_journal(&mut self) -> Result<(), Error> {
        self.write(self.wanted_journal()).await
    }

    async fn write(&mut self, mut set: BTreeMap<String, String>) -> Result<(), Error> {
        self.goes_by_journal = true;
        set.retain(|key, text| self.facts.tags.get(key) != Some(text));
        if set.is_empty() {
            return Ok(());
        }
        let overwrites = |key: &String| self.facts.tags.contains_key(key);
        if set.keys().any(|key| overwrites(key) && memory::is_journal(key)) {
            self.reread_journal().await?;
            set.extend(self.wanted_journal());
        }
        let organizations = &self.run.ports.organizations;
        self.run.patience.within(organizations.tag(&self.id, &set)).await?;
        self.facts.tags.extend(set);
        Ok(())
    }

    /// Before a journal is written over or taken away: what another run has written into it since it was read stays.
    pub(super) async fn reread_journal(&mut self) -> Result<(), Error> {
        let reading = self.run.ports.organizations.tags(&self.id);
        let mut found = self.run.patience.within(reading).await?;
        found.retain(|key, _| memory::is_journal(key));
        let (before, now) = (self.journal(), Journal::read(&found));
        let new = now.quarantine_policies.difference(&before.quarantine_policies).cloned();
        self.unproven.quarantine_policies.extend(new);
        if now.parent_before != before.parent_before {
            self.unproven.parent_before = now.parent_before;
        }
        self.memory.keep(Memory {
            password_policy: now.password_policy.filter(|_| before.password_policy.is_none()),
            regions: now.regions.difference(&before.regions).cloned().collect(),
            ..Memory::default()
        });
        self.facts.tags.retain(|key, _| !memory::is_journal(key));
        self.facts.tags.extend(found);
        Ok(())
    }

    /// What is remembered, and what the journal says beside that and this run may not act on.
    fn remembered(&self) -> Memory {
        let Journal { parent_before, quarantine_policies, .. } = self.unproven.clone();
        let mut all = self.memory.clone();
        all.parent_before = all.parent_before.or(parent_before);
        all.quarantine_policies.extend(quarantine_policies);
        all
    }

    /// The journal as it should be.
    pub(super) fn wanted_journal(&self) -> BTreeMap<String, String> {
        self.remembered().journal()
    }

    /// The tags that say what contacts were, once the state says it or nobody asks for those contacts any more. A refresh
    /// that finds them sees no work in it: the next apply takes them away.
    pub(super) fn told_contacts(&self) -> BTreeSet<String> {
        let job = self.run.job;
        let is_needed = |of: &ContactType| {
            job.request.contacts.contains_key(of) && !job.past.memory.contacts.contains_key(of)
        };
        if self.only_looks || self.journal().contacts.keys().any(is_needed) {
            return BTreeSet::new();
        }
        self.facts.tags.keys().filter(|key| memory::is_of_contacts(key)).cloned().collect()
    }
}
