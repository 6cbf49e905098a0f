//! The acts of a run on an account that goes to rest, or comes back from it.

use std::sync::Arc;

use super::super::phase::Gate;
use super::super::quarantine::{Attached, Isolation};
use super::Held;
use crate::config::Quarantine;
use crate::error::{Error, Kind};
use crate::wish::{Attempt, Refusal, Warning};

impl Held<'_, '_> {
    /// Attaches the quarantine's policy to the account, or takes it off.
    pub(super) async fn isolate(&mut self, attach: bool) -> Result<(), Error> {
        if attach && let Err(refusal) = self.run.check_quarantine(&self.facts.id).await {
            if let Refusal::Call(error) = &refusal
                && error.is_stop()
            {
                return Err(error.clone());
            }
            return self.not_isolated(refusal);
        }
        let policies = Arc::clone(&self.run.ports.policies);
        let id = self.facts.id.clone();
        let mut attached = Attached::read(&self.prior_settings);
        let former = match (&self.seen.isolation, &self.run.config.quarantine) {
            (Isolation::Lingering(former), _) if !attach => former.clone(),
            (_, Some(Quarantine { policy_id: Some(policy), .. })) if attach => {
                if let Err(error) = self.run.patience.within(policies.attach(policy, &id)).await {
                    return self.not_changed(error);
                }
                let former = attached.0.iter().filter(|of| *of != policy).cloned().collect();
                attached.0.insert(policy.clone());
                former
            }
            _ => Vec::new(),
        };
        attached.write(&mut self.prior_settings);
        for policy in former {
            match self.run.patience.within(policies.detach(&policy, &id)).await {
                // It was taken off, or deleted, by somebody else.
                Err(error) if error.kind != Kind::NotFound => return self.not_changed(error),
                Ok(()) | Err(_) => {
                    attached.0.remove(&policy);
                    attached.write(&mut self.prior_settings);
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
        self.seen.isolation = Isolation::Unknown(super::reason_of(&refusal));
        self.fail(Attempt::Quarantine, refusal);
        Ok(())
    }

    /// Shuts our ways in, so that none of them stays as a back door.
    pub(super) async fn lock(&mut self) -> Result<(), Error> {
        match self.shut().await {
            Ok(released) => {
                self.warnings.extend(released.open_role.map(|role| Warning {
                    summary: format!("the role `{role}` in it stays open"),
                    detail: "None of the roles that made it lets us in, and it cannot shut itself. Delete it by hand once \
                             the account is not needed any more."
                        .to_owned(),
                }));
                match released.problems.into_iter().next() {
                    None => self.seen.shut = Ok(true),
                    Some(problem) => self.not_shut(Refusal::Call(problem.error)),
                }
            }
            // Nobody is let in, so nothing of ours was made in it, or a person locked us out.
            Err(Refusal::NoAccess { reason })
                if matches!(self.seen.access, Some(Gate::Blocked(_))) =>
            {
                self.warnings.push(Warning {
                    summary: "it was retired without a look inside".to_owned(),
                    detail: format!("Trust that we made in it may still stand: {reason}."),
                });
                self.seen.shut = Ok(true);
            }
            Err(Refusal::Call(error)) if error.is_stop() => return Err(error),
            Err(refusal) => self.not_shut(refusal),
        }
        Ok(())
    }

    fn not_shut(&mut self, refusal: Refusal) {
        self.seen.shut = Err(super::reason_of(&refusal));
        self.fail(Attempt::Shut, refusal);
    }
}
