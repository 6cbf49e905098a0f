//! Carries out decisions on an account that has an id. From here on nothing is an error any more
//! that would make the CLI forget the account or destroy it (DESIGN.md, invariant 3): what could
//! not be done is in the outcome.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::readiness::Readiness;
use fleet_model::tags;

use super::closure;
use super::governance::Session;
use super::ownership::{self, TagChange};
use crate::aws::account::converge::decide::{Action, Tried};
use crate::aws::account::converge::observed::{Isolation, Onboarding, Seen};
use crate::aws::account::converge::setting_changes::Observed;
use crate::aws::account::ownership::{Holder, TagDrift};
use crate::aws::account::run::Run;
use crate::aws::api::{Account, AccountId};
use crate::aws::controls::Problem;
use crate::aws::organization::landing_zone::Turn;
use crate::aws::organization::parent;
use crate::duplicate::Duplicate;
use crate::error::{Error, Kind};
use crate::memory::{Journal, Memory};
use crate::outcome::{Attempt, Facts, Failure, Outcome, Unfinished, VendorOutcome};
use crate::phase::Phase;
use crate::refusal::{NotUndone, Refusal};
use crate::warning::Warning;

mod acts;
mod adoption;
pub(crate) mod decide;
mod enrolment;
mod inside;
pub(crate) mod look;
mod memory;
pub(super) mod observed;
mod resting;
mod rivals;
mod scope;
mod setting_changes;
mod settings;

pub use adoption::Adoption;
pub use inside::Inside;

/// An account in the hands of a run.
pub(crate) struct Held<'a, 'r> {
    run: &'a mut Run<'r>,
    /// The account, as AWS is asked for it; `facts` has it for every vendor.
    id: AccountId,
    pub(crate) facts: Facts,
    joined_at: Option<jiff::Timestamp>,
    fleet_id: String,
    closing_since: Option<jiff::Timestamp>,
    target: Option<String>,
    onboarding_parent: Option<String>,
    seen: Seen,
    member: Option<Session>,
    /// Its turn to be enrolled in a unit, where Control Tower takes one account after the other.
    turn: Option<Turn>,
    /// Until when a denial in the account may be one that passes.
    denied_until: Option<jiff::Timestamp>,
    /// Every session of this run in the account can only read.
    only_looks: bool,
    readiness: Option<Readiness>,
    memory: Memory,
    /// What the account's journal says, and what is neither disproved nor for this run to act on: it stays there.
    unproven: Journal,
    /// Why this run undoes nothing: there is more to undo than its plan named.
    unplanned: Option<NotUndone>,
    /// Whether this run acts on what its journal keeps.
    goes_by_journal: bool,
    moved_away: bool,
    contacts: Observed,
    duplicate: Option<Box<Duplicate>>,
    work: BTreeSet<&'static str>,
    /// Something that the controls made and nothing asks for is still there.
    has_leftovers: bool,
    /// What the controls could not read.
    unread: Vec<Problem>,
    failures: Vec<Failure>,
    warnings: Vec<Warning>,
    unfinished: Option<Unfinished>,
    /// The credentials are no good any more: nothing else is tried.
    ended: Option<Error>,
}

impl<'a, 'r> Held<'a, 'r> {
    /// Reads the account, its tags and its place.
    ///
    /// # Errors
    /// It could not be read.
    pub(crate) async fn take(
        run: &'a mut Run<'r>,
        account: Account,
        request_id: Option<String>,
    ) -> Result<Self, Error> {
        let organization_id =
            run.patience.within(run.shared.organization(run.ports)).await?.id.clone();
        let found = run.patience.within(run.ports.organizations.tags(&account.id)).await?;
        let parent_id = match &account.parent_id {
            Some(parent_id) => parent_id.clone(),
            None => run.patience.within(run.ports.organizations.parent(&account.id)).await?,
        };
        let fleet_id = tags::fleet_id(&organization_id, run.job.request.contract.key.as_str());
        let now = run.patience.now();
        let (state, closing_since) =
            closure::settled(account.state, run.job.past.closing_since, now);
        let mut seen = Seen::new(state);
        seen.lifecycle = run.job.request.lifecycle_state;
        seen.was = run.job.past.lifecycle_phase;
        seen.shut = Ok(seen.was == LifecyclePhase::Retired);
        match ownership::holder(&found, &run.config.managed_by, &fleet_id) {
            Holder::Other(manager) => seen.other_manager = Some(manager),
            // The state says that it is ours; tags that somebody removed are put back.
            Holder::Us | Holder::Nobody(_) | Holder::OtherKey(_) => {}
        }
        let memory = run.job.past.memory.clone();
        Ok(Self {
            run,
            joined_at: account.joined_at,
            id: account.id.clone(),
            facts: Facts {
                id: account.id.to_string(),
                arn: account.arn,
                organization_id,
                parent_id,
                state,
                name: account.name,
                email: account.email,
                joined_at: account.joined_at.map(|at| at.to_string()),
                create_request_id: request_id,
                tags: found,
            },
            fleet_id,
            closing_since,
            target: None,
            onboarding_parent: None,
            seen,
            member: None,
            turn: None,
            denied_until: None,
            only_looks: false,
            readiness: None,
            memory,
            unproven: Journal::default(),
            unplanned: None,
            goes_by_journal: false,
            moved_away: false,
            contacts: Observed::new(),
            duplicate: None,
            work: BTreeSet::new(),
            has_leftovers: false,
            unread: Vec::new(),
            failures: Vec::new(),
            warnings: Vec::new(),
            unfinished: None,
            ended: None,
        })
    }

    /// From now on, no session in the account can do more than read.
    pub(crate) fn only_look(&mut self) {
        self.only_looks = true;
    }

    /// Where it should be, and whether it is there.
    pub(crate) async fn locate(&mut self) {
        self.recall().await;
        if let Some(reason) = self.unplanned.take() {
            let refusal = self.not_undone(reason);
            self.seen.isolation = Isolation::Unknown(refusal.to_string());
            return self.not_placed(Attempt::Quarantine, refusal);
        }
        self.find_place().await;
        let (id, target) = (self.id.clone(), self.target.clone());
        let policies = &mut self.memory.quarantine_policies;
        let (isolation, foreign) = self.run.isolation(&id, target.as_deref(), policies).await;
        self.seen.isolation = isolation;
        // Whose it is that the journal names is not known.
        let foreign = foreign.filter(|of| !self.unproven.quarantine_policies.contains(of));
        self.warnings.extend(foreign.map(|policy| Warning::ForeignPolicy { policy }));
    }

    async fn find_place(&mut self) {
        let parent = match self.place().await {
            Ok(Some(parent)) => parent,
            // Not asked to be anywhere: it is where it belongs.
            Ok(None) => {
                self.seen.placed = Ok(true);
                // Unless a freeze that is forgotten left it there, or a person moved it. That cannot be told apart.
                if !self.seen.at_rest() && matches!(self.is_in_quarantine().await, Ok(Some(true))) {
                    let unit = self.facts.parent_id.clone();
                    self.warnings.push(Warning::InQuarantine { unit });
                }
                return;
            }
            Err(refusal) => return self.not_placed(Attempt::Parent, refusal),
        };
        let resolved = parent::find(self.run.ports, self.run.shared, &parent);
        match self.within(resolved).await {
            Ok(target) if self.was_moved_from(&target) => {
                self.moved_away = true;
                self.seen.placed = Ok(true);
                self.target = Some(self.facts.parent_id.clone());
            }
            Ok(target) => {
                self.seen.placed = Ok(target == self.facts.parent_id);
                self.target = Some(target);
            }
            Err(refusal) => return self.not_placed(Attempt::Parent, refusal),
        }
        if self.seen.at_rest() {
            return;
        }
        if self.seen.placed == Ok(true) {
            self.memory.onboarding_parent = None;
            self.memory.parent_before = None;
            self.unproven.parent_before = None;
        } else if let Err(refusal) = self.onboarding().await {
            self.not_placed(Attempt::Onboarding, refusal);
        }
    }

    /// A new account is in the root, and goes to its parent by another OU if the job says so; so does one that still
    /// waits in the OU that an earlier job named. One that is anywhere else has been a member of the organization's life
    /// before: it goes straight, whether there is such an OU or not.
    async fn onboarding(&mut self) -> Result<(), Refusal> {
        let (ports, shared) = (self.run.ports, self.run.shared);
        let Some(parent) = &self.run.job.request.onboarding_parent else { return Ok(()) };
        let root = self.run.patience.within(shared.tree.root(ports)).await?;
        let is_in = |id: &str| self.facts.parent_id == id;
        let is_new = is_in(&root.id) || self.memory.onboarding_parent.as_deref().is_some_and(is_in);
        let by = match self.within(parent::find(ports, shared, parent)).await {
            Err(Refusal::NoSuchParent { .. } | Refusal::NoSuchObject { .. }) if !is_new => {
                return Ok(());
            }
            found => found?,
        };
        let is_there = is_in(&by);
        self.onboarding_parent = Some(by);
        if is_there {
            self.stay_in_onboarding();
        } else {
            self.seen.onboarding = is_new.then_some(Onboarding::Due);
        }
        Ok(())
    }

    /// It waits for its baseline in its onboarding parent, and is known there when the job names another one.
    fn stay_in_onboarding(&mut self) {
        self.seen.onboarding = Some(Onboarding::There);
        self.memory.onboarding_parent = Some(self.facts.parent_id.clone());
    }

    fn not_placed(&mut self, attempt: Attempt, refusal: Refusal) {
        self.seen.placed = Err(refusal.to_string());
        self.fail(attempt, refusal);
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        self.run.patience.within(async { Ok(work.await) }).await?
    }

    /// Takes the account as far as this run can.
    pub(crate) async fn advance(mut self) -> Outcome {
        self.locate().await;
        if self.seen.state.is_over() {
            self.refuse_settings();
        }
        let mut tried = Tried::default();
        let mut stopped = None;
        let (mut reached, mut lives) = (self.run.job.past.phase, self.seen.was);
        loop {
            if let Some(error) = self.ended.clone() {
                stopped = Some(error);
                break;
            }
            let decision = decide::next(tried, &self.seen, self.tag_change().drift());
            tracing::debug!(?decision, "vending {}", self.run.job.request.contract.key);
            tried = decision.next;
            let done = match decision.action {
                Action::Finish if self.readiness.is_none() && self.is_ours_and_open() => {
                    self.run.patience.grant_grace();
                    self.look_inside().await
                }
                Action::Finish => break,
                action => self.carry_out(action).await,
            };
            // A run sees the phases again one after the other: those that were reached before are no news.
            if self.seen.phase().0 > reached {
                reached = self.log_phase();
            }
            if self.seen.lifecycle_phase() != lives {
                lives = self.seen.lifecycle_phase();
                self.run.log_step(&self.id, &format!("the account is {lives}"));
            }
            if let Err(error) = done {
                stopped = Some(error);
                break;
            }
        }
        if let Some(error) = stopped {
            self.stop(&error).await;
        }
        if self.seen.phase().0 != reached {
            self.log_phase();
        }
        self.outcome()
    }

    fn log_phase(&self) -> Phase {
        let (phase, reason) = self.seen.phase();
        self.run.log_phase(&self.id, phase, reason.as_deref(), None);
        phase
    }

    /// The time is over, or the CLI asked to stop: what was reached is written down if it may be.
    async fn stop(&mut self, error: &Error) {
        if error.kind == Kind::DeadlineExceeded && self.is_ours_and_open() {
            self.run.patience.grant_grace();
            let _ = self.ensure_readiness().await;
            if self.tag_change().drift() == TagDrift::Some {
                let _ = self.write_tags().await;
            }
        }
        self.unfinished = Some(match error.kind {
            Kind::Cancelled => Unfinished::Stopped,
            Kind::DeadlineExceeded => Unfinished::OutOfTime(error.tried.clone()),
            _ => Unfinished::Failed(error.clone()),
        });
    }

    /// The checks of an account that did not come as far as its baseline: as a refresh sees them, so that the next one
    /// finds nothing else.
    async fn look_inside(&mut self) -> Result<(), Error> {
        if self.seen.access.is_none() && !self.seen.at_rest() {
            self.enter().await?;
        }
        self.ensure_readiness().await
    }

    fn is_ours_and_open(&self) -> bool {
        !self.seen.is_not_ours() && !self.seen.state.is_over()
    }

    fn wanted_tags(&self) -> BTreeMap<String, String> {
        let job = self.run.job;
        let mut wanted = ownership::at_birth(
            &job.request.tags,
            job.request.contract.key.as_str(),
            &self.run.config.managed_by,
            &self.fleet_id,
        );
        if let Some(readiness) = &self.readiness {
            wanted.insert(tags::READINESS.to_owned(), readiness.verdict().as_str().to_owned());
            wanted.insert(tags::READINESS_DIGEST.to_owned(), readiness.digest());
        }
        wanted.extend(self.wanted_journal());
        wanted
    }

    pub(crate) fn tag_change(&self) -> TagChange {
        let before = &self.run.job.past.tags_set_before;
        let mut change = TagChange::between(&self.facts.tags, &self.wanted_tags(), before);
        change.remove.extend(self.told_contacts());
        change
    }

    // === the outcome ===

    pub(crate) fn holder(&self) -> Holder {
        ownership::holder(&self.facts.tags, &self.run.config.managed_by, &self.fleet_id)
    }

    /// The checks were made from outside: no phase was reached by them.
    pub(crate) fn forget_baseline(&mut self) {
        self.seen.baseline = None;
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The controls of which an apply would change something, or wait for it.
    pub(crate) fn work(&self) -> &BTreeSet<&'static str> {
        &self.work
    }

    pub(crate) fn has_leftovers(&self) -> bool {
        self.has_leftovers
    }

    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// What the controls could not read in the last round.
    pub(crate) fn unread(&self) -> &[Problem] {
        &self.unread
    }

    /// The calls that were given up in this run, and for which nothing else has answered.
    pub(crate) fn given_up(&self) -> Vec<Error> {
        self.run.patience.given_up()
    }

    /// Whether the state says that a role let us in before.
    pub(crate) fn was_entered(&self) -> bool {
        matches!(self.run.job.past.phase, Phase::Accessible | Phase::Baselined | Phase::Ready)
    }

    fn fail(&mut self, attempt: Attempt, refusal: Refusal) {
        if let Refusal::Call(error) = &refusal {
            self.note_end(error);
        }
        self.failures.push(Failure { attempt, refusal });
    }

    /// With credentials that are no good any more every other call fails as this one did.
    fn note_end(&mut self, error: &Error) {
        if error.kind == Kind::Credentials && self.ended.is_none() {
            self.ended = Some(error.clone());
        }
    }

    pub(crate) fn outcome(mut self) -> Outcome {
        let (phase, status_reason) = self.seen.phase();
        let work = look::work(&self);
        let work_bears = look::bears(&self, &work);
        let job = self.run.job;
        // A refresh shows it in the state.
        let changing = job.intent.email_step.is_some() || self.only_looks;
        if !changing && !self.facts.email.eq_ignore_ascii_case(&job.request.contract.email) {
            let (found, asked) = (self.facts.email.clone(), job.request.contract.email.clone());
            self.warnings.push(Warning::EmailDiffers { found, asked });
        }
        if let Some(manager) = &self.seen.other_manager {
            self.failures.push(Failure {
                attempt: Attempt::Everything,
                refusal: Refusal::OtherManager {
                    object: format!("account {} ({})", self.id, self.facts.name),
                    manager: manager.clone(),
                },
            });
        }
        if let Some(duplicate) = self.duplicate.clone().filter(|of| of.loses(&self.id)) {
            self.failures.push(Failure {
                attempt: Attempt::Everything,
                refusal: Refusal::Duplicate(duplicate),
            });
        }
        Outcome {
            phase,
            status_reason,
            readiness: self.readiness.unwrap_or_default(),
            lifecycle_phase: self.seen.lifecycle_phase(),
            closing_since: self.closing_since,
            work,
            work_bears,
            memory: self.memory,
            vendor: VendorOutcome::default(),
            moved_away: self.moved_away,
            contacts: self.contacts,
            duplicate: self.duplicate,
            warnings: self.warnings,
            unfinished: self.unfinished,
            failures: self.failures,
            facts: self.facts,
        }
    }
}
