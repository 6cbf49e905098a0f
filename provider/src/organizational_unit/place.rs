//! The place of a unit, its name under its parent, which no other unit may have: not at AWS, and not in the same run.

use std::sync::PoisonError;

use tfplugin::{Change, Context, Plan};

use super::report::{self, doing};
use super::{Model, OrganizationalUnit};
use crate::siblings::Kind;

/// A unit in `places` that has no id yet.
const NEW: &str = "";

impl OrganizationalUnit {
    /// Refuses a plan that gives a unit the name of another one under the same parent. A parent or provider block that
    /// is not known yet leaves that to the apply.
    pub(super) async fn plan_place(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        let Ok(Some(desired)) = plan.planned() else { return };
        let Some(name) = desired.name.as_str() else { return };
        let (parent, holder) = match (plan.change, plan.prior) {
            (Change::Create, _) => (self.parent_of(context, &desired).await, NEW),
            (Change::Update, Some(prior)) if prior.name != desired.name => {
                let id = prior.id.as_str().unwrap_or_default();
                (prior.parent_id.as_str().map(str::to_owned), id)
            }
            _ => return,
        };
        // Without an answer of AWS the path tells one place from another.
        let place = match (&parent, desired.path.as_str()) {
            (Some(parent), _) => format!("{parent}/{name}"),
            (None, Some(path)) => path.to_owned(),
            (None, None) => return,
        };
        if !self.takes_place(place.clone(), holder) {
            return plan.diagnostics.push(report::planned_twice(name));
        }
        if parent.is_some()
            && let Some(sibling) = self.runtime.takes(Kind::Unit, &place)
        {
            return plan.diagnostics.push(report::beside(name, &sibling));
        }
        let (false, Some(parent), Ok(vending)) =
            (holder == NEW, parent.as_deref(), self.runtime.vending())
        else {
            return;
        };
        let checked = vending.check_unit_name(holder, parent, name, &context.cancelled).await;
        // That AWS could not be asked is no reason against a rename: the apply asks again.
        if let Err(refused @ fleet_vending::Refusal::NameTaken { .. }) = checked {
            let prior = plan.prior.unwrap_or(&desired);
            plan.diagnostics.push(report::refused(&refused, &doing("rename", prior)));
        }
    }

    /// The id of the parent that a new unit would have, where it is there.
    async fn parent_of(&self, context: &Context, desired: &Model) -> Option<String> {
        if desired.parent.is_unknown() {
            return None;
        }
        let job = self.job(desired, Default::default(), fleet_vending::Adopt::No).ok()?;
        let vending = self.runtime.vending().ok()?;
        vending.parent_of_unit(job.parent.as_ref(), &context.cancelled).await.ok()
    }

    /// Whether this run gives the place to `holder` alone.
    fn takes_place(&self, place: String, holder: &str) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        match places.get(&place) {
            // A unit that has an id is planned again as itself.
            Some(other) => holder != NEW && other == holder,
            None => {
                places.insert(place, holder.to_owned());
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_units_alone() {
        let units = OrganizationalUnit::new(std::sync::Arc::default());
        let takes = |place: &str, holder: &str| units.takes_place(place.to_owned(), holder);
        assert!(takes("r-ab12/Prod", NEW) && !takes("r-ab12/Prod", NEW));
        assert!(!takes("r-ab12/Prod", "ou-ab12-00000001"));
        assert!(
            takes("r-ab12/Test", "ou-ab12-00000001") && takes("r-ab12/Test", "ou-ab12-00000001")
        );
        assert!(!takes("r-ab12/Test", "ou-ab12-00000002") && !takes("r-ab12/Test", NEW));
        assert!(takes("ou-ab12-00000001/Prod", NEW));
    }
}
