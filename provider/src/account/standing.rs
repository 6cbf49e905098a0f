//! What a plan can say of the caller: whether it may do what the apply would do, and whether its partition has it.

use fleet_vending::engine::Task;
use fleet_vending::partition::Partition;
use tfplugin::diagnostic::{Diagnostic, Path};
use tfplugin::{Context, Plan};

use super::Desk;
use super::model::Model;
use super::report;
use crate::diagnostic::error;
use crate::refusal;

impl Desk {
    /// Asks who calls, when the plan would create or move the account. A provider block that is not known yet cannot
    /// be asked.
    ///
    /// # Errors
    /// The caller cannot do it.
    pub(super) async fn plan_standing(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Result<(), Diagnostic> {
        let (Some(desired), Ok(vending)) = (&plan.proposed, self.runtime.vending()) else {
            return Ok(());
        };
        let (task, verb) = match plan.prior {
            None => (Some(Task::CreateAccount), "create"),
            Some(prior) if moves(desired, prior) => (Some(Task::MoveAccount), "move"),
            Some(prior) if desired.region_set != prior.region_set => (None, "change"),
            Some(_) => return Ok(()),
        };
        let standing = vending.standing(task, &context.cancelled).await.map_err(|refused| {
            let report = refusal::report(&refused, &report::doing(verb, desired));
            if task == Some(Task::MoveAccount) { report.at("parent") } else { report }.build()
        })?;
        elsewhere(desired, &standing.region, standing.partition).map_or(Ok(()), Err)
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
