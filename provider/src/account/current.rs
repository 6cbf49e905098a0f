//! Steps that nothing takes back, only on an inventory that is known to be current: at plan, in apply, and again right
//! before the act, which may come long after.

use std::sync::{Arc, Mutex, PoisonError};

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::name::Key;
use fleet_vending::Proof;
use tfplugin::Private;
use tfplugin::diagnostic::Diagnostic;

use super::clusters::{self, Step};
use super::memory::SEEN;
use super::model::Model;
use super::{Desk, facts};
use crate::inventory::{Remembered as _, Seen, Store};
use crate::runtime::Runtime;

/// The question whether an account may be retired, released or closed: is the inventory current, does it have the
/// account's own file, and does it say that no cluster is left? In this order, since an old copy, or another directory,
/// may lack a cluster.
#[derive(Clone)]
pub(super) struct LastLook {
    runtime: Arc<Runtime>,
    key: String,
    id: String,
    step: Step,
    /// What the state has seen of the account's file.
    seen: Seen,
    /// Completes "before an apply …".
    doing: String,
    refusal: Arc<Mutex<Option<Diagnostic>>>,
}

impl LastLook {
    /// The first two parts of the question. An inventory that is not known yet proves nothing.
    ///
    /// # Errors
    /// Why not, for a person.
    pub(super) fn is_current(&self) -> Result<(), Diagnostic> {
        let store = self.runtime.inventory_before(&self.doing)?;
        self.runtime.inventory_is_current(&store, &self.doing)?;
        let Ok(key) = Key::new(self.key.as_str()) else { return Ok(()) };
        let find = |store: &Store| store.lost_account(&key, &self.id, &self.seen);
        self.runtime.inventory_has_own(&store, &self.doing, find)
    }

    /// Asks now.
    ///
    /// # Errors
    /// Why not, for a person.
    pub(super) fn look(&self) -> Result<(), Diagnostic> {
        self.is_current()?;
        let store = self.runtime.inventory()?;
        clusters::left(&self.key, self.step, &store).map_or(Ok(()), Err)
    }

    /// The same for the engine, which asks whenever it is about to act. A refusal is kept.
    pub(super) fn proof(&self) -> Proof {
        let look = self.clone();
        Proof::by(move || {
            let refused = look.look().err();
            let holds = refused.is_none();
            *look.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refused;
            holds
        })
    }

    /// What the engine's last question was answered with, if that was a refusal.
    pub(super) fn refusal(&self) -> Option<Diagnostic> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Desk {
    /// Whether the step from `prior` to `desired` retires the account. `private` is kept beside `prior`.
    pub(super) fn retires(
        &self,
        desired: &Model,
        prior: &Model,
        private: &Private,
    ) -> Option<LastLook> {
        let retires = facts::wished(desired) == AccountLifecycleState::Retired
            && facts::lifecycle_phase(prior).is_some_and(|phase| phase < LifecyclePhase::Retired);
        retires.then(|| self.last_look(Step::Retire, "retires", prior, private))
    }

    /// Of a release or close. One that is closed already has nothing to lose.
    pub(super) fn lets_go(&self, prior: &Model, private: &Private) -> Option<LastLook> {
        let closes = prior.close_on_deletion.known() == Some(&true);
        let verb = if closes { "closes" } else { "releases" };
        let is_closed = facts::lifecycle_phase(prior) == Some(LifecyclePhase::Closed);
        (!is_closed && !facts::is_requested(prior))
            .then(|| self.last_look(Step::LetGo, verb, prior, private))
    }

    fn last_look(&self, step: Step, verb: &str, account: &Model, private: &Private) -> LastLook {
        let key = account.key.as_str().unwrap_or("?").to_owned();
        LastLook {
            runtime: Arc::clone(&self.runtime),
            step,
            id: account.id.as_str().unwrap_or_default().to_owned(),
            seen: Seen::recall(private, SEEN),
            doing: format!("{verb} the account `{key}`"),
            key,
            refusal: Arc::default(),
        }
    }
}

#[cfg(test)]
mod tests;
