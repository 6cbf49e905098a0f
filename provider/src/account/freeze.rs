//! What a plan to freeze an account can see: whether its quarantine takes it.

use fleet_model::lifecycle::LifecyclePhase;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Context, Plan};

use super::model::Model;
use super::{Desk, facts, report};
use crate::refusal;

impl Desk {
    /// Checks the quarantine, where the plan takes an account into it. A provider block or contract
    /// that is not known yet is checked in apply.
    pub(super) async fn plan_freeze(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Option<Diagnostic> {
        let (desired, prior) = (plan.proposed.as_ref()?, plan.prior?);
        let frozen = Some(LifecyclePhase::Frozen.as_str());
        let freezes = desired.lifecycle_state.as_str() == frozen
            && prior.lifecycle_phase.as_str() != frozen
            && facts::ended(prior).is_none();
        let vending = self.runtime.vending().ok().filter(|_| freezes)?;
        let contract = super::contract::contract(desired)?;
        let none = std::collections::BTreeMap::new;
        let wish = facts::wish(desired, contract, none(), facts::set_before(prior), none());
        let id = prior.id.as_str()?;
        let refused = vending.check_quarantine(&wish, id, &context.cancelled).await.err()?;
        let doing = report::doing("freeze", desired);
        Some(refusal::report(&refused, &doing).at("lifecycle_state").build())
    }
}
