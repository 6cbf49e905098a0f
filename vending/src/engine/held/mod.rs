//! Carries out decisions on an account that has an id. From here on nothing is an error any more
//! that would make the CLI forget the account or destroy it (DESIGN.md, invariant 3): what could
//! not be done is in the outcome.

use std::collections::BTreeMap;

use fleet_model::account::{Contract, ControlMode};
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::readiness::Readiness;
use fleet_model::tags;

use super::closure;
use super::create::Run;
use super::governance::Session;
use super::look;
use super::marks::{self, TagChange};
use super::parent;
use super::phase::{Gate, Onboarding, Phase, Seen};
use super::quarantine::Attached;
use super::settings::Observed;
use super::step::{Action, Holder, Observation, State, TagDrift, Tried, step};
use crate::controls::{self, Scope, VendingRoles};
use crate::error::{Error, Kind};
use crate::ports::{Account, AccountState, Entry};
use crate::profile;
use crate::wish::{Attempt, Facts, Failure, Outcome, Parent, Refusal, Unfinished, Warning};

mod acts;
mod adoption;
mod resting;
mod settings;

pub use adoption::Adoption;

/// The name of the setting that says where an account was before it was frozen.
const PARENT: &str = "parent";

/// An account in the hands of a run.
pub(crate) struct Held<'a, 'r> {
    run: &'a mut Run<'r>,
    pub(crate) facts: Facts,
    joined_at: Option<jiff::Timestamp>,
    fleet_id: String,
    closing_since: Option<jiff::Timestamp>,
    target: Option<String>,
    onboarding_parent: Option<String>,
    seen: Seen,
    member: Option<Session>,
    /// Every session of this run in the account can only read.
    only_looks: bool,
    readiness: Option<Readiness>,
    prior_settings: BTreeMap<String, String>,
    contacts: Observed,
    has_work: bool,
    failures: Vec<Failure>,
    warnings: Vec<Warning>,
    unfinished: Option<Unfinished>,
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
        let fleet_id = tags::fleet_id(&organization_id, run.wish.contract.key.as_str());
        let now = run.patience.now();
        let (state, closing_since) = closure::settled(account.state, run.wish.closing_since, now);
        let mut seen = Seen::new(state);
        seen.lifecycle = run.wish.lifecycle_state;
        seen.was = run.wish.lifecycle_phase;
        seen.shut = Ok(seen.was == LifecyclePhase::Retired);
        match marks::holder(&found, &run.config.managed_by, &fleet_id) {
            Holder::Other(manager) => seen.other_manager = Some(manager),
            // The state says that it is ours; tags that somebody removed are put back.
            Holder::Us | Holder::Nobody(_) | Holder::OtherKey(_) => {}
        }
        let prior_settings = run.wish.prior_settings.clone();
        Ok(Self {
            run,
            joined_at: account.joined_at,
            facts: Facts {
                id: account.id,
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
            only_looks: false,
            readiness: None,
            prior_settings,
            contacts: Observed::new(),
            has_work: false,
            failures: Vec::new(),
            warnings: Vec::new(),
            unfinished: None,
        })
    }

    /// From now on, no session in the account can do more than read.
    pub(crate) fn only_look(&mut self) {
        self.only_looks = true;
    }

    /// Where it should be, and whether it is there.
    pub(crate) async fn locate(&mut self) {
        self.find_place().await;
        let target = self.target.clone();
        let attached = Attached::read(&self.prior_settings);
        let id = &self.facts.id;
        self.seen.isolation = self.run.isolation(id, target.as_deref(), &attached).await;
    }

    async fn find_place(&mut self) {
        // Not asked to be anywhere: it is where it belongs.
        let Some(parent) = self.place() else {
            self.seen.placed = Ok(true);
            return;
        };
        let resolved = parent::find(self.run.ports, self.run.shared, &parent);
        match self.within(resolved).await {
            Ok(target) => {
                self.seen.placed = Ok(target == self.facts.parent_id);
                self.target = Some(target);
            }
            Err(refusal) => return self.not_placed(Attempt::Parent, refusal),
        }
        if self.seen.placed == Ok(false) && !self.seen.at_rest() {
            match self.onboarding().await {
                Ok(onboarding) => self.seen.onboarding = onboarding,
                Err(refusal) => self.not_placed(Attempt::Onboarding, refusal),
            }
        }
    }

    /// A new account is in the root, and goes to its parent by another OU if the wish says so. One that is
    /// elsewhere has been a member of the organization's life before: it goes straight.
    async fn onboarding(&mut self) -> Result<Option<Onboarding>, Refusal> {
        let (ports, shared) = (self.run.ports, self.run.shared);
        let Some(parent) = &self.run.wish.onboarding_parent else { return Ok(None) };
        let by = self.within(parent::find(ports, shared, parent)).await?;
        let root = self.run.patience.within(shared.tree.root(ports)).await?;
        let is_in = |id: &str| self.facts.parent_id == id;
        let onboarding = match () {
            () if is_in(&by) => Some(Onboarding::There),
            () if is_in(&root.id) => Some(Onboarding::Due),
            () => None,
        };
        self.onboarding_parent = Some(by);
        Ok(onboarding)
    }

    fn not_placed(&mut self, attempt: Attempt, refusal: Refusal) {
        self.seen.placed = Err(reason_of(&refusal));
        self.fail(attempt, refusal);
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        self.run.patience.within(async { Ok(work.await) }).await?
    }

    /// Where it is asked to be: in quarantine while it is at rest, and back where it was after that.
    fn place(&self) -> Option<Parent> {
        if let Some(quarantine) = self.run.quarantine() {
            return Some(quarantine.parent.clone());
        }
        let before = || self.prior_settings.get(PARENT).cloned().map(Parent::Id);
        self.run.wish.parent.clone().or_else(before)
    }

    /// Keeps where it was before it went into quarantine, until it is back.
    fn remember_parent(&mut self, from: String) {
        if self.run.quarantine().is_none() {
            self.prior_settings.remove(PARENT);
        } else if self.seen.was == LifecyclePhase::Active {
            self.prior_settings.insert(PARENT.to_owned(), from);
        }
    }

    /// Takes the account as far as this run can.
    pub(crate) async fn advance(mut self) -> Outcome {
        self.locate().await;
        if is_over(self.seen.state) {
            self.refuse_settings();
        }
        let mut state = State::Held(Tried::default());
        let mut stopped = None;
        let mut reached = Phase::Created;
        loop {
            let observation =
                Observation::Account(Box::new(self.seen.clone()), self.tag_change().drift());
            let decision = step(&state, &observation);
            tracing::debug!(?decision, "vending {}", self.run.wish.contract.key);
            state = decision.next;
            let done = match decision.action {
                Action::Finish if self.readiness.is_none() && self.is_ours_and_open() => {
                    self.run.patience.grant_grace();
                    self.ensure_readiness().await
                }
                Action::Finish => break,
                action => self.carry_out(action).await,
            };
            let (phase, reason) = self.seen.phase();
            if phase != reached {
                self.run.log_phase(&self.facts.id, phase, reason.as_deref(), None);
                reached = phase;
            }
            if let Err(error) = done {
                stopped = Some(error);
                break;
            }
        }
        if let Some(error) = stopped {
            self.stop(&error).await;
        }
        self.outcome()
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

    fn is_ours_and_open(&self) -> bool {
        self.seen.other_manager.is_none() && !is_over(self.seen.state)
    }

    fn wanted_tags(&self) -> BTreeMap<String, String> {
        let wish = self.run.wish;
        let mut wanted = marks::at_birth(
            &wish.tags,
            wish.contract.key.as_str(),
            &self.run.config.managed_by,
            &self.fleet_id,
        );
        if let Some(readiness) = &self.readiness {
            wanted.insert(tags::READINESS.to_owned(), readiness.verdict().as_str().to_owned());
            wanted.insert(tags::READINESS_DIGEST.to_owned(), readiness.digest());
        }
        wanted
    }

    pub(crate) fn tag_change(&self) -> TagChange {
        TagChange::between(&self.facts.tags, &self.wanted_tags(), &self.run.wish.tags_set_before)
    }

    // === what controls need ===

    async fn scope_parts(&mut self) -> ScopeParts {
        let path = async { self.run.shared.path(self.run.ports, &self.facts.parent_id).await };
        let path = self
            .run
            .patience
            .within(path)
            .await
            .unwrap_or_else(|_| vec![self.facts.parent_id.clone()]);
        let management_account_id = match self.run.shared.organization(self.run.ports).await {
            Ok(organization) => organization.management_account_id.clone(),
            Err(_) => String::new(),
        };
        let partition = self.facts.arn.split(':').nth(1).unwrap_or("aws").to_owned();
        let config = self.run.config;
        let mut access_role_names = config.bootstrap_role_names.clone();
        let own = [&config.manage_role_name, &config.read_role_name];
        access_role_names.extend(own.into_iter().flatten().cloned());
        // It was asked before anything else, and is known.
        let works_from = match self.run.shared.standing(self.run.ports).await {
            Ok(standing) => standing.works_from.clone(),
            Err(_) => management_account_id.clone(),
        };
        let mut contract = self.run.wish.contract.clone();
        if self.seen.onboarding == Some(Onboarding::There)
            && profile::mode(&contract, controls::ORGANIZATION_POLICIES) == ControlMode::Own
        {
            // Which policies bind it is a matter of its parent: attached here, they would stay.
            let control = controls::ORGANIZATION_POLICIES.to_owned();
            contract.controls.insert(control, ControlMode::Verify);
        }
        ScopeParts {
            contract,
            path,
            management_account_id,
            works_from,
            partition,
            access_role_names,
        }
    }

    fn scope<'s>(&'s self, parts: &'s ScopeParts) -> Scope<'s> {
        Scope {
            contract: &parts.contract,
            account_id: &self.facts.id,
            organization_id: &self.facts.organization_id,
            management_account_id: &parts.management_account_id,
            partition: &parts.partition,
            managed_by: &self.run.config.managed_by,
            path: &parts.path,
            access_role_names: &parts.access_role_names,
            vending: VendingRoles {
                works_from: &parts.works_from,
                manage: self.run.config.manage_role_name.as_deref(),
                read: self.run.config.read_role_name.as_deref(),
            },
        }
    }

    fn control_ports(&self) -> controls::Ports<'_> {
        controls::Ports {
            member: self.member.as_ref().map(|(member, _)| &**member),
            regions: &*self.run.ports.regions,
            policies: &*self.run.ports.policies,
            clock: &*self.run.ports.clock,
        }
    }

    /// Shuts our ways in, before the account is let go. The roles that made them come first, since the one that works
    /// cannot shut itself.
    pub(crate) async fn shut(&mut self) -> Result<controls::Released, Refusal> {
        self.enter_to_shut().await?;
        let Some((member, entry)) = self.member.clone() else {
            let reason = match &self.seen.access {
                Some(Gate::Pending(reason) | Gate::Blocked(reason)) => reason.clone(),
                _ => String::new(),
            };
            return Err(Refusal::NoAccess { reason });
        };
        let parts = self.scope_parts().await;
        let scope = self.scope(&parts);
        let by_itself = entry == Entry::Work;
        let work = controls::release(&*member, &*self.run.ports.clock, &scope, by_itself);
        Ok(self.run.patience.within(work).await?)
    }

    // === the outcome ===

    pub(crate) fn holder(&self) -> Holder {
        marks::holder(&self.facts.tags, &self.run.config.managed_by, &self.fleet_id)
    }

    /// The checks were made from outside: no phase was reached by them.
    pub(crate) fn forget_baseline(&mut self) {
        self.seen.baseline = None;
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    pub(crate) fn has_work(&self) -> bool {
        self.has_work
    }

    fn fail(&mut self, attempt: Attempt, refusal: Refusal) {
        self.failures.push(Failure { attempt, refusal });
    }

    pub(crate) fn outcome(mut self) -> Outcome {
        let (phase, status_reason) = self.seen.phase();
        let work = look::work(&self);
        let wish = self.run.wish;
        let changing = wish.email_step.is_some();
        if !changing && !self.facts.email.eq_ignore_ascii_case(&wish.contract.email) {
            self.warnings.push(Warning {
                summary: "the account's email is another one at AWS".into(),
                detail: format!(
                    "AWS has {}, the configuration has {}.",
                    self.facts.email, wish.contract.email
                ),
            });
        }
        if let Some(manager) = &self.seen.other_manager {
            self.failures.push(Failure {
                attempt: Attempt::Everything,
                refusal: Refusal::OtherManager {
                    object: format!("account {} ({})", self.facts.id, self.facts.name),
                    manager: manager.clone(),
                },
            });
        }
        Outcome {
            phase,
            status_reason,
            readiness: self.readiness.unwrap_or_default(),
            lifecycle_phase: self.seen.lifecycle_phase(),
            closing_since: self.closing_since,
            work,
            prior_settings: self.prior_settings,
            contacts: self.contacts,
            warnings: self.warnings,
            unfinished: self.unfinished,
            failures: self.failures,
            facts: self.facts,
        }
    }
}

/// What a [`Scope`] borrows.
struct ScopeParts {
    contract: Contract,
    path: Vec<String>,
    management_account_id: String,
    works_from: String,
    partition: String,
    access_role_names: Vec<String>,
}

/// The states in which nothing is asked of an account any more.
pub(crate) fn is_over(state: AccountState) -> bool {
    matches!(state, AccountState::Suspended | AccountState::PendingClosure | AccountState::Closed)
}

fn reason_of(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Call(error) => format!("{}: {}", error.call, error.code),
        other => other.to_string(),
    }
}
