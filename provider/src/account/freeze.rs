//! What a plan to freeze an account, or to bring it back, can see: whether its quarantine takes it, and whether it is
//! known where it goes back to.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::lifecycle::LifecyclePhase;
use fleet_vending::aws::Confinement;
use fleet_vending::{Memory, NotUndone, Parent, Quarantine, Refusal, unit_path};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Context, Plan, Private};

use super::model::Model;
use super::undo::Undo;
use super::{Desk, facts, memory, report};
use crate::diagnostic::{error, warning};
use crate::refusal;

impl Desk {
    /// Checks the quarantine, where the plan takes an account into it, or where an account that is at rest follows what
    /// the provider block says by now: then each thing that the apply does is named. A provider block or contract that is
    /// not known yet is checked in apply.
    pub(super) async fn plan_freeze(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Option<Diagnostics> {
        let (desired, prior) = (plan.proposed.as_ref()?, plan.prior?);
        let frozen = Some(LifecyclePhase::Frozen.as_str());
        let ended = facts::ended(prior).is_some();
        let freezes =
            desired.lifecycle_state.as_str() == frozen && prior.lifecycle_phase.as_str() != frozen;
        let follows =
            facts::is_at_rest(prior) && facts::rests(&desired.lifecycle_state) && plan.is_changed();
        let stays = facts::is_at_rest(prior) && facts::rests(&desired.lifecycle_state) && !follows;
        if stays && !ended {
            return self.still_held(context, desired, prior, &plan.private).await;
        }
        let vending = self.aws(desired).filter(|_| !ended && (freezes || follows))?;
        let contract = super::contract::contract(desired)?;
        let tags = BTreeMap::new();
        let job = facts::job(desired, contract, tags, BTreeSet::new(), Memory::default());
        let (id, cancel) = (prior.id.as_str()?, &context.cancelled);
        let mut told = Diagnostics::new();
        if follows {
            let parent_id = prior.parent_id.as_str()?;
            match vending.confinement(&job, id, parent_id, cancel).await {
                Ok(confinement) => {
                    told.extend(confined(prior, parent_id, &confinement, vending.quarantine()));
                }
                // What could not be read says nothing about the quarantine: the apply asks again.
                Err(Refusal::Call(_) | Refusal::OutOfTime { .. } | Refusal::Stopped { .. }) => {
                    return None;
                }
                // There is no such unit: told by the check.
                Err(_) => {}
            }
        }
        match vending.check_quarantine(&job, id, cancel).await {
            Ok(left_out) => {
                told.extend((freezes && !left_out.is_empty()).then(|| others(prior, &left_out)));
            }
            Err(Refusal::Call(_) | Refusal::OutOfTime { .. } | Refusal::Stopped { .. })
                if follows => {}
            Err(refused) => {
                let doing =
                    report::doing(if follows { "keep in quarantine" } else { "freeze" }, desired);
                told.push(refusal::report(&refused, &doing).at("lifecycle_state").build());
            }
        }
        Some(told)
    }

    /// What holds an account at rest may go while nothing of it changes: the policy at its unit, or what that says. Told by
    /// each plan, as a warning, since no apply could mend it; once in a run, since one quarantine holds all of them.
    async fn still_held(
        &self,
        context: &Context,
        desired: &Model,
        prior: &Model,
        private: &Private,
    ) -> Option<Diagnostics> {
        let is_held =
            |of: &Memory| of.parent_before.is_some() || !of.quarantine_policies.is_empty();
        // That it cannot be read is told elsewhere.
        let memory = memory::read(private, None).ok().filter(is_held)?;
        let vending = self.aws(desired).filter(|of| of.has_quarantine())?;
        if !self.runtime.looks_at_quarantine() {
            return None;
        }
        let contract = super::contract::contract(desired)?;
        let job = facts::job(desired, contract, BTreeMap::new(), BTreeSet::new(), memory);
        let id = prior.id.as_str()?;
        match vending.check_quarantine(&job, id, &context.cancelled).await {
            Err(refused @ (Refusal::Quarantine { .. } | Refusal::NothingHolds { .. })) => {
                Some(loosened(prior, &refused).into())
            }
            // What could not be read says nothing about the quarantine.
            _ => None,
        }
    }

    /// Refuses to open an account at rest by taking the quarantine out of the provider block.
    pub(super) fn plan_kept(&self, plan: &Plan<'_, Model>) -> Option<Diagnostic> {
        self.runtime.vending().ok().filter(|of| !of.has_quarantine())?;
        // That it cannot be read is told by then.
        let memory = memory::read(&plan.private, None).ok()?;
        opened(plan.proposed.as_ref()?, plan.prior?, &memory)
    }

    /// Refuses to bring an account back from the quarantine while nothing says where it was, or that is not there any more.
    pub(super) async fn plan_return(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Option<Diagnostic> {
        let (desired, prior) = (plan.proposed.as_ref()?, plan.prior?);
        // That it cannot be read is told by then.
        let memory = memory::read(&plan.private, None).ok()?;
        let undo = Undo { desired, prior, memory: &memory, quarantine: None };
        let vending = self.aws(desired).filter(|_| undo.goes_back())?;
        let parent_id = prior.parent_id.as_str()?;
        // An answer that could not be had is the apply's to ask for again.
        let reason = match &memory.parent_before {
            Some(before) if before == parent_id => return None,
            Some(before) if vending.has_unit(before, &context.cancelled).await.unwrap_or(true) => {
                return None;
            }
            Some(before) => NotUndone::Gone(before.clone()),
            None if vending
                .is_quarantine(parent_id, &context.cancelled)
                .await
                .unwrap_or_default() =>
            {
                NotUndone::Lost
            }
            None => return None,
        };
        let object = format!("account {}", prior.id.as_str().unwrap_or_default());
        let doing = report::doing("bring back", desired);
        Some(refusal::undo::report(&object, &reason, &doing).build())
    }
}

/// That an account at rest would leave what holds it, and still be called frozen: the provider block has no quarantine.
fn opened(desired: &Model, prior: &Model, memory: &Memory) -> Option<Diagnostic> {
    let rests = facts::is_at_rest(prior) && facts::rests(&desired.lifecycle_state);
    let is_held = memory.parent_before.is_some() || !memory.quarantine_policies.is_empty();
    if !rests || !is_held || facts::ended(prior).is_some() {
        return None;
    }
    let key = prior.key.as_str().unwrap_or("?");
    let phase = prior.lifecycle_phase.as_str().unwrap_or_default();
    let policies: Vec<&str> = memory.quarantine_policies.iter().map(String::as_str).collect();
    let under = match policies.is_empty() {
        true => String::new(),
        false => format!(" under the policy {}", policies.join(", ")),
    };
    let parent = prior.parent_id.as_str().unwrap_or("its quarantine");
    Some(
        error("FLEET0185", format!("Account {key} would leave its quarantine"))
            .at("lifecycle_state")
            .what(format!("The account is {phase} and is held in {parent}{under}. The provider block has no `quarantine` any more, and the account is not brought back."))
            .why("Without the block, the policy would come off and the account would go to its `parent`. What runs in it could go on, while the configuration calls it stopped.")
            .todo("Put the block `quarantine` back. To open the account, set `lifecycle_state = \"active\"` and apply; after that the block can go.")
            .build(),
    )
}

/// That the quarantine holds nothing any more, though accounts are in it.
fn loosened(prior: &Model, refused: &Refusal) -> Diagnostic {
    let doing = report::doing("keep in quarantine", prior);
    let summary = format!("{} is not held any more", report::subject(prior));
    refusal::report(refused, &doing)
        .into_warning("FLEET0222", summary)
        .at("lifecycle_state")
        .todo("Each other account that is frozen or retired under this provider block is in the same quarantine. No apply mends it: what changed was changed outside of this configuration.")
        .build()
}

/// Whom the policy that holds the account leaves out beside vending's roles.
fn others(prior: &Model, left_out: &BTreeSet<String>) -> Diagnostic {
    let listed: Vec<String> = left_out.iter().map(|pattern| format!("`{pattern}`")).collect();
    warning("FLEET0186", format!("{}: some go on when it is frozen", report::subject(prior)))
        .at("lifecycle_state")
        .what(format!("The policy that holds the frozen account leaves out, beside roles of this provider block: {}.", listed.join(", ")))
        .why("Whoever has a role that such a pattern fits goes on working in the account while it is frozen.")
        .todo("Apply, if that is meant, as for a role for emergencies. Else take the pattern out of the policy.")
        .build()
}

/// What the apply does to an account at rest because the quarantine is another one by now, or somebody took the account
/// out of it. Nothing, where it is as it should be.
fn confined(
    prior: &Model,
    parent_id: &str,
    confinement: &Confinement,
    quarantine: Option<&Quarantine>,
) -> Option<Diagnostic> {
    let named = match quarantine.map(|of| &of.parent) {
        Some(Parent::Path(names)) => format!(" ({})", unit_path::join(names)),
        _ => String::new(),
    };
    let moves = confinement.moves_to.iter();
    let moves =
        moves.map(|to| format!("moves it from {parent_id} into the quarantine {to}{named}"));
    let attaches = confinement.attaches.iter();
    let attaches = attaches.map(|policy| format!("attaches the policy {policy} to it"));
    let lines: Vec<String> = moves.chain(attaches).collect();
    let phase = prior.lifecycle_phase.as_str().unwrap_or_default();
    (!lines.is_empty()).then(|| {
        let summary = format!("{} follows its quarantine", report::subject(prior));
        warning("FLEET0165", summary)
            .at("lifecycle_state")
            .what(format!("The account is {phase}. The apply: {}.", lines.join("; ")))
            .why("The account stays in the quarantine of the provider block, and is not, or not any more, where that says or under its policy. The quarantine's parent or policy changed, or somebody took the account out by hand. Other policies bind it then.")
            .todo("Apply, if that is meant. If it is not, put `quarantine` of the provider block back as it was.")
            .build()
    })
}

#[cfg(test)]
mod tests;
