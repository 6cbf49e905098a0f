//! `fleet_cluster_registration`: a cluster in the inventory (guide §9), and the gate before it
//! (guide §25.4).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use fleet_model::name::Key;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Change, Context, Create, Delete, Plan, Read, Resource, Update};

use crate::diagnostic::error;
use crate::inventory::Store;
use crate::runtime::Runtime;

mod apply;
mod check;
mod facts;
mod model;
mod plan;

#[cfg(test)]
mod tests;

use model::Model;
use plan::{Computed, View};

/// The resource. It remembers the names of the registrations whose states this process has loaded:
/// a create of one of them is a replacement in disguise.
pub struct ClusterRegistration {
    runtime: Arc<Runtime>,
    loaded: Mutex<BTreeSet<String>>,
}

impl ClusterRegistration {
    /// The resource of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime, loaded: Mutex::default() }
    }

    /// The store and the mutation owner, both needed from here on.
    fn store(&self) -> Result<(Arc<Store>, String), Diagnostic> {
        Ok((self.runtime.inventory()?, self.runtime.managed_by()?))
    }

    fn assert(&self, planned: Model, first: bool) -> Result<Applied<Model>, Diagnostic> {
        let (store, managed_by) = self.store()?;
        let mut diagnostics = Diagnostics::new();
        let state = apply::assert(planned, &store, &managed_by, first, &mut diagnostics)?;
        Ok(Applied::ok(state).with(diagnostics))
    }

    fn find(&self, name: &str) -> Result<Model, Diagnostic> {
        let (store, managed_by) = self.store()?;
        let told = |trouble: crate::inventory::Error| trouble.report().build();
        let found = match Key::new(name) {
            Ok(key) => store.held_cluster(&key, &managed_by).map_err(told)?,
            Err(_) => None,
        };
        let found = found.ok_or_else(|| {
            error("FLEET0313", "Nothing to import")
                .what(format!("The inventory has no cluster `{name}`."))
                .why("A registration is imported by the name of its cluster, from `clusters/<name>.yaml`.")
                .todo("Check the name and the path of the inventory. A cluster without a file is created, not imported.")
                .build()
        })?;
        apply::refresh(facts::model(&found.document, &found.sha256), &store)
    }
}

impl Resource for ClusterRegistration {
    type Model = Model;

    const TYPE: &'static str = "fleet_cluster_registration";

    fn validate(&self, config: &Model, diagnostics: &mut Diagnostics) {
        check::check(config, diagnostics);
    }

    fn state_loaded(&self, state: &Model) {
        if let Some(name) = state.name.known() {
            self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        }
    }

    async fn modify_plan(&self, _context: &Context, plan: &mut Plan<'_, Model>) {
        if plan.change == Change::Delete {
            if let Some(refusal) = plan.prior.and_then(plan::refuse_destroy) {
                plan.diagnostics.push(refusal);
            }
            return;
        }
        let store = match self.runtime.inventory_if_known() {
            Ok(store) => store,
            Err(diagnostic) => return plan.diagnostics.push(diagnostic),
        };
        let managed_by = self.runtime.managed_by_if_known();
        let view = View { store: store.as_deref(), managed_by: managed_by.as_deref() };
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(desired) = &plan.proposed else { return };
        let mut diagnostics = Diagnostics::new();
        let computed = plan::plan(desired, plan.prior, &loaded, view, &mut diagnostics);
        plan.diagnostics.extend(diagnostics);
        let Some(computed) = computed else { return };
        let Computed { id, record, lifecycle_phase, inventory_sha256, admitted, account_id } =
            computed;
        plan.set("id", id);
        plan.set("record", record);
        plan.set("lifecycle_phase", lifecycle_phase);
        plan.set("inventory_sha256", inventory_sha256);
        plan.set("admitted", admitted);
        plan.set("account_id", account_id);
    }

    async fn create(&self, _context: &Context, request: Create<Model>) -> Applied<Model> {
        self.assert(request.planned, true).unwrap_or_else(Applied::error)
    }

    async fn read(&self, _context: &Context, request: Read<Model>) -> Applied<Model> {
        let refreshed = match self.runtime.inventory_if_known() {
            Ok(Some(store)) => apply::refresh(request.state, &store),
            Ok(None) => Ok(request.state),
            Err(diagnostic) => Err(diagnostic),
        };
        refreshed.map_or_else(Applied::error, Applied::ok)
    }

    async fn update(&self, _context: &Context, request: Update<Model>) -> Applied<Model> {
        let unchanged = request.prior;
        self.assert(request.planned, false).unwrap_or_else(|diagnostic| {
            // What the plan asked for could not be written, so what was there is still there.
            Applied::ok(unchanged).with(diagnostic)
        })
    }

    async fn delete(&self, _context: &Context, request: Delete<Model>) -> Applied<Model> {
        let mut diagnostics = Diagnostics::new();
        let removed = self.store().and_then(|(store, managed_by)| {
            apply::remove(&request.prior, &store, &managed_by, &mut diagnostics)
        });
        match removed {
            Ok(()) => Applied::gone().with(diagnostics),
            Err(diagnostic) => Applied::ok(request.prior).with(diagnostic),
        }
    }

    async fn import(&self, _context: &Context, id: &str) -> Applied<Model> {
        self.find(id).map_or_else(Applied::error, Applied::ok)
    }
}
