//! The acts of a run on an account that goes to rest, or comes back from it.

use std::sync::Arc;

use super::super::governance::{self, Way};
use crate::aws::account::converge::Held;
use crate::aws::account::converge::observed::Isolation;
use crate::aws::api::Entry;
use crate::aws::api::member::Attached;
use crate::aws::controls;
use crate::aws::controls::Released;
use crate::config::Quarantine;
use crate::error::{Error, Kind};
use crate::outcome::Attempt;
use crate::phase::Gate;
use crate::refusal::Refusal;
use crate::warning::Warning;

impl Held<'_, '_> {
    /// Attaches the quarantine's policy to the account, or takes it off.
    pub(super) async fn isolate(&mut self, attach: bool) -> Result<(), Error> {
        if attach && let Err(refusal) = self.run.check_quarantine(&self.id).await {
            return self.not_isolated(refusal);
        }
        let policies = Arc::clone(&self.run.ports.policies);
        let id = self.id.clone();
        let former = match (&self.seen.isolation, &self.run.config.quarantine) {
            (Isolation::Lingering(former), _) if !attach => former.clone(),
            (_, Some(Quarantine { policy_id: Some(policy), .. })) if attach => {
                let known = self.memory.quarantine_policies.contains(policy);
                if let Err(error) = self.before_attach(policy).await {
                    return self.not_changed(error);
                }
                match self.run.patience.within(policies.attach(policy, &id)).await {
                    Ok(Attached::Before) if !known => {
                        self.memory.quarantine_policies.remove(policy);
                        let policy = policy.clone();
                        self.warnings.push(Warning::ForeignPolicy { policy });
                    }
                    Ok(Attached::Now | Attached::Before) => {}
                    Err(error) => {
                        self.not_attached(policy, &error);
                        return self.not_changed(error);
                    }
                }
                self.run.log_step(&id, &format!("the quarantine's policy {policy} is attached"));
                let attached = self.memory.quarantine_policies.iter();
                attached.filter(|of| *of != policy).cloned().collect()
            }
            _ => Vec::new(),
        };
        for policy in former {
            match self.run.patience.within(policies.detach(&policy, &id)).await {
                // It was taken off, or deleted, by somebody else.
                Err(error) if error.kind != Kind::NotFound => return self.not_changed(error),
                Ok(()) | Err(_) => {
                    self.run.log_step(&id, &format!("the quarantine's policy {policy} is off"));
                    self.memory.quarantine_policies.remove(&policy);
                }
            }
        }
        self.seen.isolation = Isolation::Settled;
        Ok(())
    }

    fn not_changed(&mut self, error: Error) -> Result<(), Error> {
        if error.is_stop() { Err(error) } else { self.not_isolated(Refusal::Call(error)) }
    }

    fn not_isolated(&mut self, refusal: Refusal) -> Result<(), Error> {
        self.seen.isolation = Isolation::Unknown(refusal.to_string());
        self.fail(Attempt::Quarantine, refusal);
        Ok(())
    }

    /// Shuts our ways in, so that none of them stays as a back door.
    pub(super) async fn lock(&mut self) -> Result<(), Error> {
        let object = format!("account {} ({})", self.id, self.facts.name);
        if let Err(refusal) = self.run.job.intent.proof.ask(&object) {
            self.not_shut(refusal);
            return Ok(());
        }
        match self.shut().await {
            Ok(released) => {
                self.warnings.extend(released.open_role.map(|role| Warning::RoleStays { role }));
                self.warnings.extend(released.stays.into_iter().map(Warning::Stays));
                match released.problems.into_iter().next() {
                    None => self.is_shut(),
                    Some(problem) => self.not_shut(Refusal::Call(problem.error)),
                }
            }
            // Nobody is let in, so nothing of ours was made in it, or a person locked us out.
            Err(Refusal::NoAccess { reason }) if self.is_locked_out() => {
                self.warnings.push(Warning::RetiredUnseen { reason });
                self.seen.shut = Ok(true);
            }
            Err(refusal) => self.not_shut(refusal),
        }
        Ok(())
    }

    fn is_shut(&mut self) {
        self.seen.shut = Ok(true);
        self.run.log_step(&self.id, "our ways into the account are shut");
    }

    fn not_shut(&mut self, refusal: Refusal) {
        self.seen.shut = Err(refusal.to_string());
        self.fail(Attempt::Shut, refusal);
    }

    /// Whether no role lets us in, and waiting does not help.
    pub(crate) fn is_locked_out(&self) -> bool {
        matches!(self.seen.access, Some(Gate::Blocked(_)))
    }

    /// Shuts our ways in, before the account is let go. The roles that made them come first, since the one that works
    /// cannot shut itself. A policy of the organization may leave out one role only, and it need not be the first: what
    /// is denied to one, the next does.
    ///
    /// # Errors
    /// No role lets us in, or none of them could do it all.
    pub(crate) async fn shut(&mut self) -> Result<Released, Refusal> {
        let (ports, shared) = (self.run.ports, self.run.shared);
        let standing = self.run.patience.within(async { Ok(shared.standing(ports).await) });
        let standing = standing.await??;
        let mut ways = governance::ways(self.run.config, &self.run.job.request.contract, true);
        ways.sort_by_key(|way| way.entry == Entry::Work);
        let mut refusals = Vec::new();
        let mut denied = None;
        let mut all = Released::default();
        for way in &ways {
            let assuming = ports.access.assume(&self.id, &way.role, way.entry);
            let member = match self.run.patience.within(assuming).await {
                Ok(member) => member,
                Err(error) if error.is_stop() => return Err(error.into()),
                Err(error) => {
                    refusals.push((way, error));
                    continue;
                }
            };
            let parts = self.scope_parts().await;
            let scope = self.scope(&parts);
            let by_itself = way.entry == Entry::Work;
            let work = controls::release(&*member, &*ports.clock, &scope, by_itself);
            let done = match self.run.patience.within(work).await {
                Err(error) if is_denied(&error) => {
                    denied.get_or_insert(error);
                    continue;
                }
                done => done?,
            };
            all.locked_roles.extend(done.locked_roles);
            all.removed_providers.extend(done.removed_providers);
            if done.password_is_back {
                (self.memory.password_policy, self.memory.made.password) = (None, None);
            }
            if let Some(problem) = done.problems.iter().find(|of| is_denied(&of.error)) {
                denied.get_or_insert(problem.error.clone());
                continue;
            }
            // Who could have shut the role that works may only have been busy: that is no reason to leave it open.
            let now = self.run.patience.now();
            let may_come = |(way, error): &(&Way, Error)| {
                governance::may_come(standing, way, error, self.joined_at, now)
            };
            if done.open_role.is_some()
                && let Some((_, error)) = refusals.into_iter().find(may_come)
            {
                return Err(Refusal::Call(error));
            }
            if done.problems.is_empty() {
                // What stays is told once: nobody takes it away later.
                self.memory.made.issuers.clear();
                self.memory.made.password = None;
            }
            (all.open_role, all.stays, all.problems) = (done.open_role, done.stays, done.problems);
            return Ok(all);
        }
        if let Some(error) = denied {
            return Err(Refusal::Call(error));
        }
        let gate =
            governance::refused(standing, &refusals, self.joined_at, self.run.patience.now());
        let reason = match &gate {
            Gate::Pending(reason) | Gate::Blocked(reason) => reason.to_string(),
            Gate::Open => String::new(),
        };
        self.note_access(standing, &ways, gate);
        Err(Refusal::NoAccess { reason })
    }
}

/// Whether a policy keeps a session from what it is asked to do. AWS says so in several ways.
fn is_denied(error: &Error) -> bool {
    matches!(error.kind, Kind::Denied | Kind::NotYet)
}
