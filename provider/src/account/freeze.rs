//! What a plan to freeze an account, or to bring it back, can see: whether its quarantine takes it, and whether it is
//! known where it goes back to.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::lifecycle::LifecyclePhase;
use fleet_vending::{Memory, NotUndone};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Context, Plan};

use super::model::Model;
use super::undo::{self, Undo};
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
        let tags = BTreeMap::new();
        let wish = facts::wish(desired, contract, tags, BTreeSet::new(), Memory::default());
        let id = prior.id.as_str()?;
        let refused = vending.check_quarantine(&wish, id, &context.cancelled).await.err()?;
        let doing = report::doing("freeze", desired);
        Some(refusal::report(&refused, &doing).at("lifecycle_state").build())
    }

    /// Refuses to bring an account back from the quarantine while nothing says where it was.
    pub(super) async fn plan_return(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Option<Diagnostic> {
        let (desired, prior) = (plan.proposed.as_ref()?, plan.prior?);
        // That it cannot be read is told by then.
        let memory = undo::memory(&plan.private, None).ok()?;
        let undo = Undo { desired, prior, memory: &memory, quarantine: None };
        let vending = self.runtime.vending().ok().filter(|_| undo.is_lost())?;
        let parent_id = prior.parent_id.as_str()?;
        // An answer that could not be had is the apply's to ask for again.
        if !vending.is_quarantine(parent_id, &context.cancelled).await.unwrap_or_default() {
            return None;
        }
        let object = format!("account {}", prior.id.as_str().unwrap_or_default());
        let doing = report::doing("bring back", desired);
        Some(refusal::undo::report(&object, &NotUndone::Lost, &doing).build())
    }
}
