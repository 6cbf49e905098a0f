//! Steps that nothing takes back, only on an inventory that is known to be current: at plan and in apply.

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use super::{Desk, facts};

impl Desk {
    /// Whether the account may be retired, if that is the step from `prior` to `desired`.
    ///
    /// # Errors
    /// The inventory is not known to be current.
    pub(super) fn may_retire(&self, desired: &Model, prior: &Model) -> Result<(), Diagnostic> {
        let retires = facts::wished(desired) == AccountLifecycleState::Retired
            && facts::lifecycle_phase(prior).is_some_and(|phase| phase < LifecyclePhase::Retired);
        if retires { self.is_current("retires", prior) } else { Ok(()) }
    }

    /// Whether the account may be released or closed. One that is closed already has nothing to lose.
    ///
    /// # Errors
    /// As [`Desk::may_retire`].
    pub(super) fn may_let_go(&self, prior: &Model) -> Result<(), Diagnostic> {
        if facts::lifecycle_phase(prior) == Some(LifecyclePhase::Closed) {
            return Ok(());
        }
        let closes = prior.close_on_deletion.known() == Some(&true);
        self.is_current(if closes { "closes" } else { "releases" }, prior)
    }

    fn is_current(&self, verb: &str, account: &Model) -> Result<(), Diagnostic> {
        let Some(store) = self.runtime.inventory_if_known()? else { return Ok(()) };
        let key = account.key.as_str().unwrap_or("?");
        self.runtime.inventory_is_current(&store, &format!("{verb} the account `{key}`"))
    }
}
