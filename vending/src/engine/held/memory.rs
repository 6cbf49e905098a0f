//! What a run remembers of an account, what it writes into the journal before it acts, and what of a journal that it
//! finds it believes.

use std::collections::BTreeMap;

use fleet_model::account::ControlMode;
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::tags;

use super::super::parent;
use super::super::phase::Phase;
use super::Held;
use crate::controls::{PASSWORD_POLICY, password_policy};
use crate::error::{Error, Kind};
use crate::memory::Journal;
use crate::profile;
use crate::wish::{Attempt, NotUndone, Parent, Refusal, Warning};

impl Held<'_, '_> {
    /// Takes over what the journal of a run that died says, as far as it can be verified: a parent, while the account
    /// is in the quarantine; a policy, if it is the quarantine's. An apply that brings the account back does not, since
    /// its plan has not named it: it stops. Each word stays in the journal until it is disproved.
    pub(super) async fn recall(&mut self) {
        let Some(journal) = self.journal() else { return };
        // Of a control that is given up nothing is remembered.
        let mode = profile::mode(&self.run.wish.contract, PASSWORD_POLICY);
        if self.memory.password_policy.is_none() && mode != ControlMode::Ignore {
            self.memory.password_policy = journal.password_policy;
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
                Ok(Some(true)) if may_act || self.run.wish.parent.is_some() => {
                    self.memory.parent_before = Some(found);
                    return;
                }
                Ok(Some(true) | None) => {}
                Err(refusal) => self.fail(Attempt::Journal, refusal),
            }
            self.unproven.parent_before = Some(found);
        }
    }

    fn journal(&self) -> Option<Journal> {
        self.facts.tags.get(tags::JOURNAL).map(|text| Journal::parse(text))
    }

    /// Whether a policy is attached to it; one that is deleted is not.
    async fn is_bound_by(&self, policy: &str) -> Result<bool, Error> {
        let reading = self.run.ports.policies.targets(policy);
        match self.run.patience.within(reading).await {
            Err(error) if error.kind == Kind::NotFound => Ok(false),
            targets => Ok(targets?.contains(&self.facts.id)),
        }
    }

    /// Whether it is in the quarantine; `None`: the provider block has none, so nobody knows where that was.
    async fn is_in_quarantine(&self) -> Result<Option<bool>, Refusal> {
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
        if self.run.wish.parent.is_some() || self.seen.at_rest() {
            return Ok(self.run.wish.parent.clone());
        }
        if let Some(before) = self.memory.parent_before.clone() {
            if before != self.facts.parent_id && !self.only_looks {
                self.is_where_planned().await?;
            }
            return Ok(Some(Parent::Id(before)));
        }
        let was_frozen = matches!(self.seen.was, LifecyclePhase::Frozen | LifecyclePhase::Retired);
        let journal = self.journal().and_then(|of| of.parent_before);
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
        let planned = match &self.run.wish.seen_in {
            Some(seen) if *seen == self.facts.parent_id => return Ok(()),
            Some(seen) => seen.clone(),
            None if self.is_in_quarantine().await? == Some(true) => return Ok(()),
            None => "the quarantine".to_owned(),
        };
        Err(self.not_undone(NotUndone::Moved { planned, found: self.facts.parent_id.clone() }))
    }

    pub(super) fn not_undone(&self, reason: NotUndone) -> Refusal {
        Refusal::NotUndone { object: format!("account {}", self.facts.id), reason }
    }

    /// Whether somebody has moved the account out of `target`, where it belongs and was when it was last seen. It is
    /// drift as that of any argument: the state shows where it is, and the configuration decides.
    pub(super) fn was_moved_from(&self, target: &str) -> bool {
        let settled = matches!(
            self.run.wish.phase,
            Phase::Placed | Phase::Governed | Phase::Accessible | Phase::Baselined | Phase::Ready
        );
        self.only_looks
            && settled
            && !self.seen.at_rest()
            && self.seen.was == LifecyclePhase::Active
            && self.memory.parent_before.is_none()
            && self.run.wish.seen_in.as_deref() == Some(target)
            && self.facts.parent_id != target
    }

    // === before and after the acts ===

    /// Before a freeze moves the account, its journal says where it was.
    pub(super) async fn before_move(&mut self) -> Result<Result<(), Refusal>, Error> {
        if self.run.quarantine().is_none() || self.seen.was != LifecyclePhase::Active {
            return Ok(Ok(()));
        }
        self.memory.parent_before = Some(self.facts.parent_id.clone());
        match self.write_journal(None).await {
            Err(error) if !error.is_stop() => Ok(Err(Refusal::Call(error))),
            answer => answer.map(Ok),
        }
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
        let written = self.write_journal(Some(policy)).await;
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
        let contract = &self.run.wish.contract;
        let mode = profile::mode(contract, PASSWORD_POLICY);
        let Some((member, _)) = self.member.as_ref().filter(|_| mode == ControlMode::Own) else {
            return Ok(());
        };
        if self.memory.password_policy.is_some() {
            return Ok(());
        }
        let found = match self.run.patience.within(member.password_policy()).await {
            Ok(found) => found,
            Err(error) if error.is_stop() => return Err(error),
            // The control says so.
            Err(_) => return Ok(()),
        };
        let wanted = &profile::of(contract.baseline_policy).password;
        if password_policy::decide(mode, wanted, found.as_ref()).is_none() {
            return Ok(());
        }
        self.memory.password_policy = Some(password_policy::prior(found.as_ref()));
        match self.write_journal(None).await {
            Err(error) if !error.is_stop() => {
                self.fail(Attempt::Tags, Refusal::Call(error));
                Ok(())
            }
            answer => answer,
        }
    }

    async fn write_journal(&mut self, newest: Option<&str>) -> Result<(), Error> {
        let Some(text) = self.journal_text(newest) else { return Ok(()) };
        if self.facts.tags.get(tags::JOURNAL) == Some(&text) {
            return Ok(());
        }
        let set = BTreeMap::from([(tags::JOURNAL.to_owned(), text)]);
        let organizations = &self.run.ports.organizations;
        self.run.patience.within(organizations.tag(&self.facts.id, &set)).await?;
        self.facts.tags.extend(set);
        Ok(())
    }

    /// The journal as it should be: what is remembered, and what is not disproved.
    pub(super) fn wanted_journal(&self) -> Option<(String, String)> {
        Some((tags::JOURNAL.to_owned(), self.journal_text(None)?))
    }

    fn journal_text(&self, newest: Option<&str>) -> Option<String> {
        let mut said = self.memory.clone();
        let Journal { parent_before, quarantine_policies, .. } = self.unproven.clone();
        said.parent_before = said.parent_before.or(parent_before);
        said.quarantine_policies.extend(quarantine_policies);
        said.journal(newest)
    }
}
