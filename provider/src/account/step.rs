//! The steps of an account's life: one in an apply, and none with clusters in the way.

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use tfplugin::diagnostic::Diagnostic;

use super::clusters::{self, Step};
use crate::diagnostic::error;
use crate::inventory::Store;

/// Refuses a step of decommissioning that is not the next one, or that clusters in the account are
/// in the way of. `quarantine`: whether the provider block has one; `None` while it is not known.
pub(super) fn refuse_step(
    key: &str,
    phase: LifecyclePhase,
    wished: AccountLifecycleState,
    store: Option<&Store>,
    quarantine: Option<bool>,
) -> Option<Diagnostic> {
    if let Some(quarantine) = quarantine
        && !phase.may_become(wished, quarantine)
    {
        return Some(skipped(key, phase, wished));
    }
    if wished.phase() <= phase {
        return None;
    }
    clusters::left(key, Step::to(wished)?, store?)
}

fn skipped(key: &str, phase: LifecyclePhase, wished: AccountLifecycleState) -> Diagnostic {
    error("FLEET0127", format!("Account {key} cannot become {wished} in one step"))
        .at("lifecycle_state")
        .what(format!("The account `{key}` is {phase}, and the plan would make it {wished}."))
        .why("Decommissioning goes one step per apply: active, frozen, retired. In quarantine shows what still needs the account, while everything can come back.")
        .todo(format!("Set `lifecycle_state = \"frozen\"` and apply; later set `{wished}`, and apply again. Without a `quarantine` block of the provider the step may be left out."))
        .build()
}
