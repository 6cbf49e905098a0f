//! `fleet_organizational_unit`.

mod apply;
mod import;
mod model;
mod place;
mod plan;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fleet_vending::Task;
use fleet_vending::aws::Claims;
use fleet_vending::{Adopt, Refusal};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{
    Applied, Attr, Change, Context, Create, Delete, Identified, Plan, Read, Resource, Update,
};

use crate::addresses::Addresses;
use crate::organization::{self, Object};
use crate::runtime::Runtime;
use crate::siblings::Kind;
use crate::{refusal, tags};

pub use model::{Identity, Model};

/// The resource. It remembers the units whose states this process has loaded, with their paths: a
/// create of one of them is a replacement in disguise. It also knows which of them core has shown, so that a unit at two
/// addresses is known, and which places, a name under a parent, this run gives to whom.
pub struct OrganizationalUnit {
    runtime: Arc<Runtime>,
    claims: Claims,
    loaded: Mutex<BTreeMap<String, String>>,
    addresses: Addresses,
    places: Mutex<BTreeMap<String, String>>,
}

impl OrganizationalUnit {
    /// On the provider block that `runtime` holds.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self {
            runtime,
            claims: Claims::default(),
            loaded: Mutex::default(),
            addresses: Addresses::default(),
            places: Mutex::default(),
        }
    }

    fn loaded(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, unit: &Model) {
        if let (Some(id), Some(path)) = (unit.id.as_str(), unit.path.as_str()) {
            self.claims.claim(id);
            self.loaded().insert(id.to_owned(), path.to_owned());
        }
    }

    fn forget(&self, unit: &Model) {
        let id = unit.id.as_str().unwrap_or_default();
        self.claims.free(id);
        self.addresses.forget(id);
        self.loaded().remove(id);
    }

    /// Notes which unit of the state a plan is about, and refuses it where another provider block of the run has it, too.
    fn beside(&self, prior: &Model) -> Option<Diagnostic> {
        let sibling = self.runtime.takes(Kind::Unit, prior.id.as_str()?)?;
        Some(report::beside(prior.path.as_str().unwrap_or_default(), &sibling))
    }

    /// A create of a path that the state has.
    fn check_new(&self, path: &Attr<String>, diagnostics: &mut Diagnostics) {
        let Some(path) = path.as_str() else { return };
        let loaded = self.loaded();
        if let Some((id, _)) = loaded.iter().find(|(_, of)| *of == path) {
            diagnostics.push(report::second_time(path, id));
        }
    }

    /// The unit that is taken over or found again, looked for at AWS: the plan says what that means, and
    /// which one it is. One of nobody is a matter of the apply where nobody consented.
    async fn plan_adoption(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        let Some(desired) = plan.proposed.clone() else { return };
        let is_known = desired.name.is_known() && !desired.parent.is_unknown();
        let (true, Ok(vending)) = (is_known, self.runtime.vending()) else { return };
        // Tags that are not known yet are no reason to be silent about the rest.
        let tags = Attr::Known(desired.tags.known().cloned().unwrap_or_default());
        let desired = Model { tags, ..desired };
        let Ok(job) = self.job(&desired, BTreeSet::new(), Adopt::Any) else { return };
        match vending.adoptable_unit(&job, &context.cancelled).await {
            Ok(Some(found)) if !found.is_ours && desired.adopt.known() != Some(&true) => {
                let unmanaged = Refusal::Unmanaged {
                    object: found.unit.to_string(),
                    released_from: found.released_from,
                };
                let doing = report::doing("create", &desired);
                plan.diagnostics.push(report::refused(&unmanaged, &doing));
            }
            Ok(Some(adoption)) => {
                plan.diagnostics.push(match adoption.is_ours {
                    true => report::takes_up(&adoption, vending.managed_by()),
                    false => report::adopts(&adoption),
                });
                let unit = adoption.unit;
                if let Some(sibling) = self.runtime.takes(Kind::Unit, &unit.id) {
                    return plan.diagnostics.push(report::beside(&unit.path, &sibling));
                }
                if self.addresses.plans(&unit.id, Change::Create).is_err()
                    || self.loaded().contains_key(&unit.id)
                {
                    return plan.diagnostics.push(report::second_time(&unit.path, &unit.id));
                }
                plan.set("id", Attr::Known(unit.id));
                plan.set("arn", Attr::Known(unit.arn));
                plan.set("parent_id", Attr::Known(unit.parent_id));
                plan.set("path", Attr::Known(unit.path));
            }
            Ok(None) => {}
            Err(refused) if self.runtime.has_told(&refused) => {}
            Err(refused) => {
                let doing = report::doing("create", &desired);
                let told = report::refused(&refused, &doing);
                plan.diagnostics.push(match refused {
                    // What it is asked for in, and not an object of its own.
                    Refusal::NoSuchObject { .. } => told.at("parent"),
                    _ => told,
                });
            }
        }
    }
}

impl OrganizationalUnit {
    /// Asks whether the caller may do what the plan would do. A provider block that is not known yet cannot be asked.
    async fn plan_standing(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Result<(), Diagnostics> {
        let verb = match (plan.prior, &plan.proposed) {
            (None, _) => "create",
            (Some(prior), Some(desired)) if desired.name != prior.name => "rename",
            // Its tags are a delegated administrator's to change, too.
            (Some(_), Some(_)) => return Ok(()),
            (Some(_), None) => "delete",
        };
        let (Ok(vending), Some(unit)) =
            (self.runtime.vending(), plan.proposed.as_ref().or(plan.prior))
        else {
            return Ok(());
        };
        match vending.standing(Some(Task::ChangeUnit), &context.cancelled).await {
            Ok(_) => {}
            // Another object has told it, and nothing else is to be asked.
            Err(refused) if self.runtime.has_told(&refused) => return Err(Diagnostics::new()),
            Err(refused) => {
                return Err(refusal::report(&refused, &report::doing(verb, unit)).build().into());
            }
        }
        match plan.prior {
            Some(prior) => self.same_organization(context, prior).await,
            None => Ok(()),
        }
    }
}

impl OrganizationalUnit {
    /// Whether the credentials are of the organization that the state has the unit from.
    pub(super) async fn same_organization(
        &self,
        context: &Context,
        unit: &Model,
    ) -> Result<(), Diagnostics> {
        let object = Object::Unit(unit.id.as_str().unwrap_or_default());
        let was = unit.arn.as_str().and_then(organization::of_unit_arn);
        let doing = report::doing("read", unit);
        organization::same(&self.runtime, context, object, was, &doing).await.map(drop)
    }
}

impl Resource for OrganizationalUnit {
    type Model = Model;

    const TYPE: &'static str = "fleet_organizational_unit";

    fn validate(&self, config: &Model, diagnostics: &mut Diagnostics) {
        tags::check(&config.tags, diagnostics);
    }

    fn state_loaded(&self, state: &Model) {
        self.remember(state);
    }

    async fn modify_plan(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        if let Some(prior) = plan.prior
            && let Some(id) = prior.id.as_str()
            && self.addresses.plans(id, plan.change).is_err()
        {
            return plan.diagnostics.push(report::in_state_twice(prior));
        }
        plan.diagnostics.extend(plan.prior.and_then(|prior| self.beside(prior)));
        if let Err(refusal) = self.plan_standing(context, plan).await {
            plan.diagnostics.extend(refusal);
            return;
        }
        let (Change::Create | Change::Update, Some(desired)) = (plan.change, &plan.proposed) else {
            if let Some(prior) = plan.prior
                && let Some(told) = self.plan_farewell(context, prior).await
            {
                plan.diagnostics.push(told);
            }
            return;
        };
        let mut diagnostics = Diagnostics::default();
        let rules = self.runtime.tags_if_known();
        let planned = plan::plan(desired, plan.prior, rules.as_ref(), &mut diagnostics);
        if plan.change == Change::Create {
            self.check_new(&planned.path, &mut diagnostics);
        }
        let looks = plan.change == Change::Create && !diagnostics.has_errors();
        plan.diagnostics.extend(diagnostics);
        if let (Some(name), Ok(vending)) = (desired.name.as_str(), self.runtime.vending()) {
            vending.plan_unit(name);
        }
        plan.set("path", planned.path);
        plan.set("tags_all", planned.tags_all);
        if plan.change == Change::Update
            && let Some(refusal) = self.plan_holder(context, plan).await
        {
            plan.diagnostics.push(refusal);
        }
        if !plan.diagnostics.has_errors() {
            self.plan_place(context, plan).await;
        }
        if looks {
            self.plan_adoption(context, plan).await;
        }
    }

    async fn create(&self, context: &Context, request: Create<Model>) -> Applied<Model> {
        match self.make(context, request.planned).await {
            Ok((unit, told)) => Applied::ok(unit).with(told.into_iter().collect::<Diagnostics>()),
            Err(refused) => Applied::error(refused),
        }
    }

    async fn read(&self, context: &Context, request: Read<Model>) -> Applied<Model> {
        let before = request.state.clone();
        if let Some(id) = before.id.as_str()
            && self.addresses.refreshes(id).is_err()
        {
            return Applied::error(report::in_state_twice(&before));
        }
        match self.look(context, request.state).await {
            Ok(Some((state, told))) => {
                self.remember(&state);
                Applied::ok(state).with(told.into_iter().collect::<Diagnostics>())
            }
            Ok(None) => match self.same_organization(context, &before).await {
                Ok(()) => {
                    self.forget(&before);
                    Applied::gone()
                }
                Err(diagnostics) => Applied::error(diagnostics),
            },
            Err(diagnostic) => Applied::error(diagnostic),
        }
    }

    async fn update(&self, context: &Context, request: Update<Model>) -> Applied<Model> {
        let prior = request.prior.clone();
        self.change(context, request)
            .await
            .map_or_else(|diagnostic| Applied::ok(prior).with(diagnostic), Applied::ok)
    }

    async fn delete(&self, context: &Context, request: Delete<Model>) -> Applied<Model> {
        match self.remove(context, &request.prior).await {
            Ok(diagnostics) => {
                self.forget(&request.prior);
                Applied::gone().with(diagnostics)
            }
            Err(diagnostics) => Applied::ok(request.prior).with(diagnostics),
        }
    }

    async fn import(&self, context: &Context, id: &str) -> Applied<Model> {
        self.find(context, id).await.map_or_else(Applied::error, Applied::ok)
    }

    fn generate_config(&self, state: &Model, config: &mut Model) {
        if state.adopt.is_null() {
            config.adopt = Attr::Known(true);
        }
    }
}

impl Identified for OrganizationalUnit {
    type Identity = Identity;

    fn identity(&self, state: &Model) -> Option<Identity> {
        state.id.is_known().then(|| Identity { id: state.id.clone() })
    }

    async fn import_by_identity(&self, context: &Context, identity: Identity) -> Applied<Model> {
        self.import(context, identity.id.as_str().unwrap_or_default()).await
    }
}
