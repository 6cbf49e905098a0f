//! What a plan can say of the caller: whether it may do what the apply would do, and whether its partition has it.

use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::tags as fleet_tags;
use fleet_vending::Task;
use fleet_vending::partition::Partition;
use fleet_vending::{NotClosed, Refusal};
use tfplugin::diagnostic::{Diagnostic, Path};
use tfplugin::{Context, Plan};

use super::Desk;
use super::model::Model;
use super::{facts, report};
use crate::diagnostic::error;
use crate::refusal;

impl Desk {
    /// Asks who calls, when the plan would create or move the account. A provider block that is not known yet cannot
    /// be asked. `false`: another object of the plan has told that the caller cannot do it, and nothing else is to be
    /// asked.
    ///
    /// # Errors
    /// The caller cannot do it.
    pub(super) async fn plan_standing(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Result<bool, Diagnostic> {
        let (Some(desired), Some(vending)) =
            (&plan.proposed, plan.proposed.as_ref().and_then(|of| self.aws(of)))
        else {
            return Ok(true);
        };
        let (task, verb, at) = match plan.prior {
            None => (Some(Task::CreateAccount), "create", None),
            Some(prior) => match moved_by(desired, prior, vending.has_quarantine()) {
                Some(at) => (Some(Task::MoveAccount), "move", Some(at)),
                None if desired.region_set != prior.region_set => (None, "change", None),
                None => return Ok(true),
            },
        };
        let standing = match vending.standing(task, &context.cancelled).await {
            Ok(standing) => standing,
            Err(refused) if self.runtime.has_told(&refused) => return Ok(false),
            Err(refused) => {
                let report = refusal::report(&refused, &report::doing(verb, desired));
                return Err(match at {
                    Some(at) => report.at(at),
                    None => report,
                }
                .build());
            }
        };
        if let (None, Some(key)) = (plan.prior, desired.key.as_str().or(desired.name.as_str()))
            && let Some(refusal) = self.beside_in(&standing.organization_id, key)
        {
            return Err(refusal);
        }
        elsewhere(desired, &standing.region, standing.partition).map_or(Ok(true), Err)
    }

    /// Asks who calls, when the plan would close the account.
    ///
    /// # Errors
    /// The caller cannot do it.
    pub(super) async fn plan_close(
        &self,
        context: &Context,
        prior: &Model,
    ) -> Result<(), Diagnostic> {
        let closes = prior.close_on_deletion.known() == Some(&true)
            && facts::lifecycle_phase(prior) != Some(LifecyclePhase::Closed);
        let Some(vending) = self.aws(prior).filter(|_| closes) else { return Ok(()) };
        let doing = report::doing("close", prior);
        let refused =
            |refused: Refusal| refusal::report(&refused, &doing).at("close_on_deletion").build();
        vending.standing(Some(Task::CloseAccount), &context.cancelled).await.map_err(refused)?;
        let id = prior.id.as_str().unwrap_or_default();
        match vending.facts(id, &context.cancelled).await.map_err(refused)? {
            Some(found)
                if !found.state.is_closed() && !found.tags.contains_key(fleet_tags::MANAGED_BY) =>
            {
                let object = format!("account {id} ({})", found.name);
                let report = refusal::close::report(&object, NotClosed::Unmarked, &doing, &[]);
                Err(report.at("close_on_deletion").build())
            }
            _ => Ok(()),
        }
    }
}

/// The argument by which the account would be moved, if it would. `quarantine`: whether accounts at rest go into one.
fn moved_by(desired: &Model, prior: &Model, quarantine: bool) -> Option<&'static str> {
    let rests = quarantine && facts::rests(&desired.lifecycle_state);
    let rested = quarantine && facts::rests(&prior.lifecycle_phase);
    match (rested, rests) {
        _ if facts::ended(prior).is_some() => None,
        (false, true) | (true, false) => Some("lifecycle_state"),
        // It stays where it is until it comes back.
        (true, true) => None,
        (false, false) => moves(desired, prior).then_some("parent"),
    }
}

/// Whether another parent is asked for. The id of the parent it has is no move, whatever the path was.
fn moves(desired: &Model, prior: &Model) -> bool {
    desired.parent.as_str().is_some_and(|parent| {
        prior.parent.as_str() != Some(parent) && prior.parent_id.as_str() != Some(parent)
    })
}

/// The first region of `region_set` that is in another partition than the caller's.
fn elsewhere(desired: &Model, region: &str, partition: Partition) -> Option<Diagnostic> {
    let set = desired.region_set.known()?;
    let foreign = set.iter().find(|region| Partition::of(region) != partition)?;
    let theirs = Partition::of(foreign);
    Some(
        error("FLEET0015", "A region is in another partition")
            .at(Path::attribute("region_set"))
            .what(format!("`region_set` has {foreign} (partition `{theirs}`), and the provider block works in {region} (partition `{partition}`)."))
            .why("An account lives in one partition, and can use the regions of no other.")
            .todo(format!("Leave {foreign} out, or vend another account for it with a provider block whose `region` is of the partition `{theirs}`."))
            .build(),
    )
}
