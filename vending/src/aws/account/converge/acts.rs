//! The acts of a run on an account: one per decision.

use std::sync::Arc;

use fleet_model::account::ControlMode;
use fleet_model::readiness::Readiness;
use jiff::Timestamp;

use super::super::baseline::{baseline, regions_gate};
use super::super::closure;
use super::super::governance::{self, Way};
use crate::aws::account::converge::Held;
use crate::aws::account::converge::decide::Action;
use crate::aws::api::Entry;
use crate::aws::api::member::RegionStatuses;
use crate::aws::controls;
use crate::aws::controls::Problem;
use crate::aws::organization::standing::Standing;
use crate::aws::policy::permissions::Subject;
use crate::config::Quarantine;
use crate::error::{Error, Kind};
use crate::memory;
use crate::outcome::{Attempt, Failure};
use crate::partition::{self, Partition};
use crate::phase::{Gate, NoWayIn, Reason};
use crate::refusal::{Refusal, Task};

impl Held<'_, '_> {
    pub(super) async fn carry_out(&mut self, action: Action) -> Result<(), Error> {
        match action {
            Action::Settle => self.settle().await,
            Action::RequestRegions => self.request_regions().await,
            Action::Onboard => self.move_to_onboarding_parent().await,
            Action::Move => self.move_to_parent().await,
            Action::Isolate(attach) => self.isolate(attach).await,
            Action::Lock => self.lock().await,
            Action::AskLandingZone(pause) => {
                self.run.patience.pause(&pause).await?;
                self.ask_landing_zone(true).await
            }
            Action::Enter(pause) => {
                self.run.patience.pause(&pause).await?;
                self.enter().await
            }
            Action::Repair(pause) => {
                self.run.patience.pause(&pause).await?;
                self.round(true).await
            }
            Action::Watch(pause) => {
                self.run.patience.pause(&pause).await?;
                self.watch().await
            }
            Action::Tag => {
                self.ensure_readiness().await?;
                self.write_tags().await
            }
            Action::Finish => Ok(()),
        }
    }

    async fn request_regions(&mut self) -> Result<(), Error> {
        let answer = match self.region_statuses().await? {
            Ok(statuses) => {
                let contract = &self.run.job.request.contract;
                let mode = controls::mode(contract, controls::REGIONS);
                let closed = controls::regions::closed(mode, &contract.region_set, &statuses);
                self.before_opt_in(closed).await?;
                let scope_parts = self.scope_parts().await;
                let (ports, scope) = (self.control_ports(), self.scope(&scope_parts));
                let asking = controls::regions::request_opt_ins(&ports, &scope, statuses);
                Ok(self.run.patience.within(async { Ok(asking.await) }).await?)
            }
            Err(error) => Err(error),
        };
        let gate = match answer {
            Ok(opt_ins) => match opt_ins.problems.into_iter().next() {
                Some(problem) => {
                    let gate = governance::of_call(problem.error.clone());
                    self.fail(Attempt::Regions, Refusal::Call(problem.error));
                    gate
                }
                None if opt_ins.requested => Gate::Open,
                None => Gate::Pending("regions are waiting for their turn to be opted in".into()),
            },
            Err(error) => {
                let gate = governance::of_call(error.clone());
                self.fail(Attempt::Regions, Refusal::Call(error));
                gate
            }
        };
        self.seen.regions = Some(gate);
        Ok(())
    }

    /// The state of each region, where that matters; else none.
    async fn region_statuses(&mut self) -> Result<Result<RegionStatuses, Error>, Error> {
        if controls::mode(&self.run.job.request.contract, controls::REGIONS) != ControlMode::Own {
            return Ok(Ok(RegionStatuses::new()));
        }
        let scope_parts = self.scope_parts().await;
        let (ports, scope) = (self.control_ports(), self.scope(&scope_parts));
        let work = async { Ok(controls::regions::observe(&ports, &scope).await) };
        self.run.patience.within(work).await
    }

    async fn move_to_onboarding_parent(&mut self) -> Result<(), Error> {
        let Some(target) = self.onboarding_parent.clone() else { return Ok(()) };
        // First, since what is written down before a move is to be as new as can be.
        if !self.wait_for_turn(&target, Attempt::Onboarding).await? {
            return Ok(());
        }
        match self.before_onboarding(&target).await {
            Err(error) if !error.is_stop() => {
                self.not_placed(Attempt::Onboarding, Refusal::Call(error));
                return Ok(());
            }
            answer => answer?,
        }
        if self.move_to(target, Attempt::Onboarding).await? {
            self.stay_in_onboarding();
        }
        Ok(())
    }

    async fn move_to_parent(&mut self) -> Result<(), Error> {
        let Some(target) = self.target.clone() else { return Ok(()) };
        if !self.wait_for_turn(&target, Attempt::Parent).await? {
            return Ok(());
        }
        // A policy of the quarantine's own is looked at before it is attached; what else holds the account is there already.
        let alone = |of: &Quarantine| of.policy_id.is_none();
        if self.run.quarantine().is_some_and(alone)
            && let Err(refusal) = self.run.check_quarantine(&self.id).await
        {
            self.not_placed(Attempt::Quarantine, refusal);
            return Ok(());
        }
        let remembered = self.memory.parent_before.clone();
        if let Err(refusal) = self.before_move().await? {
            self.not_placed(Attempt::Parent, refusal);
            return Ok(());
        }
        if !self.move_to(target, Attempt::Parent).await? {
            if self.was_moved_meanwhile() {
                self.memory.parent_before = remembered;
            }
            return Ok(());
        }
        self.after_move();
        self.seen.placed = Ok(true);
        if self.seen.onboarding.take().is_some() {
            // Other policies bind it here, and our way in: what was seen holds no more.
            (self.seen.governed, self.seen.access, self.seen.baseline) = (None, None, None);
            (self.member, self.readiness) = (None, None);
        }
        Ok(())
    }

    /// Moves the account from where this run saw it when it decided, and from nowhere else: somebody may have moved it
    /// since, and the journal names that place. False: it could not be moved.
    async fn move_to(&mut self, target: String, attempt: Attempt) -> Result<bool, Error> {
        let standing = self.run.shared.standing(self.run.ports);
        let standing = self.run.patience.within(async { Ok(standing.await) }).await?;
        if let Err(refusal) = standing.and_then(|of| of.check(Task::MoveAccount)) {
            self.seen.placed = Err(format!("blocked: {refusal}"));
            self.fail(attempt, refusal);
            return Ok(false);
        }
        let organizations = Arc::clone(&self.run.ports.organizations);
        let (id, from) = (self.id.clone(), self.facts.parent_id.clone());
        let elsewhere = |found: String| Refusal::MovedMeanwhile {
            object: format!("account {id}"),
            from: from.clone(),
            found,
        };
        let work = async {
            match organizations.parent(&id).await? {
                at if at == target => return Ok(Ok(())),
                at if at != from => return Ok(Err(elsewhere(at))),
                _ => {}
            }
            match organizations.move_account(&id, &from, &target).await {
                Ok(()) => Ok(Ok(())),
                // It is there already.
                Err(error) if error.kind == Kind::AlreadyExists => Ok(Ok(())),
                // It left the source in between, or an attempt without an answer moved it; or the destination is gone.
                Err(error) if error.is_not_found() => match organizations.parent(&id).await? {
                    at if at == target => Ok(Ok(())),
                    at if at != from => Ok(Err(elsewhere(at))),
                    _ => Ok(Err(Refusal::Call(error))),
                },
                Err(error) => Ok(Err(Refusal::Call(error))),
            }
        };
        match self.run.patience.within(work).await? {
            Ok(()) => {
                self.run.shared.forget_sweep().await;
                self.run.log_step(&self.id, &format!("the account was moved to {target}"));
                self.facts.parent_id = target;
                Ok(true)
            }
            Err(refusal) => {
                self.seen.placed = Err(format!("blocked: {refusal}"));
                self.fail(attempt, refusal);
                Ok(false)
            }
        }
    }

    /// Whether somebody else has moved it since this run decided, so that this run has moved nothing.
    fn was_moved_meanwhile(&self) -> bool {
        let moved = |of: &Failure| matches!(of.refusal, Refusal::MovedMeanwhile { .. });
        self.failures.iter().any(moved)
    }

    /// Gets into the account: to work in it, or, in a run that only looks, with a session that can only read.
    pub(crate) async fn enter(&mut self) -> Result<(), Error> {
        let ways =
            governance::ways(self.run.config, &self.run.job.request.contract, !self.only_looks);
        self.enter_by(&ways).await
    }

    async fn enter_by(&mut self, ways: &[Way]) -> Result<(), Error> {
        let standing = self.run.shared.standing(self.run.ports);
        let standing = match self.run.patience.within(async { Ok(standing.await) }).await? {
            Ok(standing) => standing,
            Err(refusal) => {
                self.seen.access = Some(Gate::Blocked(refusal.to_string().into()));
                self.fail(Attempt::Enter, refusal);
                return Ok(());
            }
        };
        let entering = governance::enter(self.run.ports, standing, &self.id, ways, self.joined_at);
        let (gate, member) = self.run.patience.within(async { Ok(entering.await) }).await?;
        self.note_access(standing, ways, gate);
        self.member = member;
        self.note_birth();
        Ok(())
    }

    /// An account that this run has made may deny for a while, from the moment that it lets us in, what it will allow.
    fn note_birth(&mut self) {
        let is_born = self.facts.create_request_id.is_some() && self.member.is_some();
        if is_born && self.denied_until.is_none() {
            let end = self.run.patience.now().saturating_add(governance::SPREADING);
            self.denied_until = Some(end.unwrap_or(Timestamp::MAX));
        }
    }

    /// Keeps whether a way into the account is open, and where none is, what a person can do.
    pub(super) fn note_access(&mut self, standing: &Standing, ways: &[Way], gate: Gate) {
        let failure = match &gate {
            Gate::Blocked(Reason::NoWayIn { why: NoWayIn::NoRole, .. }) => {
                Some(self.no_access_role(standing, ways))
            }
            Gate::Blocked(Reason::Call(error)) => {
                let refusal = Refusal::Call(error.clone());
                Some(Failure { attempt: Attempt::Enter, refusal })
            }
            _ => None,
        };
        if let Gate::Blocked(Reason::Call(error)) = &gate {
            self.note_end(error);
        }
        if let Some(failure) = failure
            && !self.failures.contains(&failure)
        {
            self.failures.push(failure);
        }
        self.seen.access = Some(gate);
    }

    /// What a person can do about an account without a role for us.
    fn no_access_role(&self, standing: &Standing, ways: &[Way]) -> Failure {
        let partition = Partition::parse(partition::of_arn(&self.facts.arn));
        let config = self.run.config;
        let contract = &self.run.job.request.contract;
        let role = config.manage_role_name.as_deref().unwrap_or(&contract.role_name);
        let subject = Subject {
            partition: partition.unwrap_or(standing.partition),
            account_id: Some(&self.id),
            manage_role_name: Some(role),
            read_role_name: config.read_role_name.as_deref(),
            ..Subject::default()
        };
        Failure {
            attempt: Attempt::Enter,
            refusal: Refusal::NoAccessRole {
                account_id: self.id.to_string(),
                caller: standing.works_from.to_string(),
                tried: ways.iter().map(|way| way.role.clone()).collect(),
                remedy: subject.remedy(
                    role,
                    &standing.works_from,
                    &standing.organization_id,
                    &controls::member_calls_of(contract),
                ),
            },
        }
    }

    async fn watch(&mut self) -> Result<(), Error> {
        let looking = self.run.ports.organizations.account(&self.id);
        // A miss is a read that lags: the account is not gone because one answer lacks it.
        if let Ok(Some(account)) = self.run.patience.within(looking).await {
            let now = self.run.patience.now();
            let (state, since) = closure::settled(account.state, self.closing_since, now);
            self.closing_since = since;
            self.facts.state = state;
            self.seen.state = state;
        }
        Ok(())
    }

    /// One round of the controls.
    pub(crate) async fn round(&mut self, write: bool) -> Result<(), Error> {
        if write {
            self.before_repair().await?;
        }
        let mut scope_parts = self.scope_parts().await;
        let scope = self.scope(&scope_parts);
        let ports = self.control_ports();
        let work = async {
            Ok(if write {
                controls::repair(&ports, &scope).await
            } else {
                controls::evaluate(&ports, &scope).await
            })
        };
        let mut report = self.run.patience.within(work).await?;
        // The role that works may not change itself: the roles that made it do.
        let is_denied =
            |of: &Problem| of.control == controls::ACCESS_ROLES && of.error.kind == Kind::Denied;
        if write
            && matches!(self.member, Some((_, Entry::Work)))
            && report.problems.iter().any(is_denied)
        {
            let ways: Vec<Way> =
                governance::ways(self.run.config, &self.run.job.request.contract, true)
                    .into_iter()
                    .filter(|way| way.entry == Entry::Bootstrap)
                    .collect();
            let standing = self.run.shared.standing(self.run.ports);
            if let Ok(standing) = self.run.patience.within(async { Ok(standing.await) }).await?
                && let (Gate::Open, Some((member, _))) = self
                    .run
                    .patience
                    .within(async {
                        let id = &self.id;
                        Ok(governance::enter(self.run.ports, standing, id, &ways, self.joined_at)
                            .await)
                    })
                    .await?
            {
                let ports = controls::Ports { member: Some(&*member), ..self.control_ports() };
                scope_parts.memory.made.clone_from(&report.made);
                let scope = self.scope(&scope_parts);
                let work = async { Ok(controls::repair(&ports, &scope).await) };
                // What there was before the first of the two rounds is what there was, and what it told is forgotten by now.
                let mut before = std::mem::take(&mut report.before);
                let told = std::mem::take(&mut report.warnings);
                report = self.run.patience.within(work).await?;
                before.keep(std::mem::take(&mut report.before));
                report.before = before;
                report.warnings.splice(0..0, told);
            }
        }
        let contract = &scope_parts.contract;
        let owned = |control: &str| controls::mode(contract, control) == ControlMode::Own;
        let now = self.run.patience.now();
        let joined_at = self.joined_at;
        let is_born = self.denied_until.is_some_and(|end| now < end);
        let may_come = |error: &Error| {
            governance::may_spread(error, joined_at, now) && (is_born || !error.is_denial())
        };
        self.seen.baseline = Some(baseline(&report, owned, may_come));
        self.unread.clone_from(&report.unread);
        self.seen.regions = Some(regions_gate(&report, self.seen.regions.take(), owned));
        self.work = report.work;
        for problem in report.problems.iter().chain(&report.unread) {
            self.note_end(&problem.error);
        }
        for problem in &report.problems {
            let failure = Failure {
                attempt: Attempt::Control(problem.control),
                refusal: Refusal::Call(problem.error.clone()),
            };
            if !self.failures.contains(&failure) {
                self.failures.push(failure);
            }
        }
        self.memory.keep(report.before);
        self.memory.made = report.made;
        if report.password_is_back {
            self.memory.password_policy = None;
        }
        self.has_leftovers = report.has_leftovers;
        for warning in report.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        self.readiness = Some(report.readiness);
        Ok(())
    }

    /// Readiness for an account whose phases did not reach the controls: what can be told from
    /// outside, and `unknown` for the rest.
    pub(crate) async fn ensure_readiness(&mut self) -> Result<(), Error> {
        if self.readiness.is_some() {
            return Ok(());
        }
        if self.seen.at_rest() {
            let reason = format!("the account is {}", self.seen.lifecycle);
            self.readiness =
                Some(controls::not_applicable(&self.run.job.request.contract, &reason));
            return Ok(());
        }
        if !self.is_ours_and_open() {
            self.readiness = Some(Readiness::default());
            return Ok(());
        }
        let reached = self.seen.baseline.clone();
        let regions = self.seen.regions.clone();
        let answer = self.round(false).await;
        // These checks tell a person what is missing; phases that were not reached stay so.
        self.seen.baseline = reached;
        self.seen.regions = regions.or_else(|| self.seen.regions.take());
        answer
    }

    pub(super) async fn write_tags(&mut self) -> Result<(), Error> {
        let mut change = self.tag_change();
        let has = &self.facts.tags;
        let mut changed = change.remove.iter().chain(change.set.keys());
        // Another run may have taken out of the journal what it thought was settled.
        if self.goes_by_journal
            || changed.any(|key| memory::is_journal(key) && has.contains_key(key))
        {
            match self.reread_journal().await {
                Ok(()) => change = self.tag_change(),
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => {
                    self.fail(Attempt::Tags, Refusal::Call(error));
                    return Ok(());
                }
            }
        }
        let organizations = &self.run.ports.organizations;
        let work = async {
            if !change.set.is_empty() {
                organizations.tag(&self.id, &change.set).await?;
            }
            if !change.remove.is_empty() {
                organizations.untag(&self.id, &change.remove).await?;
            }
            Ok(())
        };
        match self.run.patience.within(work).await {
            Ok(()) => change.apply(&mut self.facts.tags),
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => self.fail(Attempt::Tags, Refusal::Call(error)),
        }
        Ok(())
    }
}
