//! `fleet_cluster_registration`: a cluster in the inventory (guide §9), and the gate before it
//! (guide §25.4).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::Key;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{
    Applied, Attr, Change, Context, Create, Delete, Plan, Private, Read, Resource, Update,
};

use crate::addresses::{Addresses, Twice};
use crate::diagnostic::error;
use crate::inventory::{ErrorReport as _, Store};
use crate::runtime::Runtime;
use crate::siblings::Kind;

mod apply;
mod check;
mod contract;
mod facts;
mod memory;
mod model;
mod plan;

#[cfg(test)]
mod tests;
mod view;

use apply::Writing;
pub(crate) use contract::refused_in;
use memory::Memory;
use model::Model;
use plan::Computed;
use view::View;

/// The resource. It remembers the names of the registrations whose states this process has loaded:
/// a create of one of them is a replacement in disguise; and which of them core has shown, so that one registration at
/// two addresses is known.
pub struct ClusterRegistration {
    runtime: Arc<Runtime>,
    loaded: Mutex<BTreeSet<String>>,
    addresses: Addresses,
}

impl ClusterRegistration {
    /// The resource of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime, loaded: Mutex::default(), addresses: Addresses::default() }
    }

    /// The store and the mutation owner, both needed from here on.
    fn store(&self) -> Result<(Arc<Store>, String), Diagnostic> {
        Ok((self.runtime.inventory()?, self.runtime.managed_by()?))
    }

    fn assert(
        &self,
        planned: Model,
        first: bool,
        mut private: Private,
    ) -> Result<Applied<Model>, Diagnostic> {
        let (store, managed_by) = self.store()?;
        let mut diagnostics = Diagnostics::new();
        let mut memory = Memory::recall(&private, &planned.account);
        let acknowledged = self.runtime.acknowledged_files();
        let writing =
            Writing { store: &store, managed_by: &managed_by, first, acknowledged: &acknowledged };
        let state = apply::assert(planned, writing, &mut memory, &mut diagnostics)?;
        memory.keep(&mut private, &state.account);
        Ok(Applied::ok(state).with(diagnostics).with_private(private))
    }

    /// Notes whose file the plan is about, and refuses it where another provider block of the run has that, too.
    fn beside(&self, plan: &Plan<'_, Model>) -> Option<Diagnostic> {
        let name = plan.proposed.as_ref().or(plan.prior)?.name.as_str()?;
        let store = self.runtime.inventory_if_known().ok()??;
        let file = format!("clusters/{name}.yaml");
        let sibling = self.runtime.takes_file(Kind::ClusterFile, &store, &file)?;
        let what = format!(
            "Besides this provider block, {sibling} has a registration of the cluster `{name}` in the same inventory, in this very run."
        );
        Some(plan::twice(name, what))
    }

    /// Whether the registration may go from the inventory: what hangs on it is known only of one that is
    /// current.
    fn may_destroy(&self, prior: &Model, private: &Private) -> Result<(), Diagnostic> {
        let name = prior.name.as_str().unwrap_or("?");
        let step = format!("destroys the registration of `{name}`");
        let store = self.runtime.inventory_before(&step)?;
        self.runtime.inventory_is_current(&store, &step)?;
        self.has_own(&store, name, &step, private)
    }

    /// Whether the registration may become `desired`: one is retired only where its file is.
    fn may_retire(
        &self,
        desired: &Model,
        prior: &Model,
        private: &Private,
    ) -> Result<(), Diagnostic> {
        let retired = |word: &Attr<String>| word.as_str() == Some(LifecyclePhase::Retired.as_str());
        if !retired(&desired.lifecycle_state) || retired(&prior.lifecycle_phase) {
            return Ok(());
        }
        let name = prior.name.as_str().unwrap_or("?");
        let step = format!("retires the cluster `{name}`");
        self.has_own(&*self.runtime.inventory_before(&step)?, name, &step, private)
    }

    fn has_own(
        &self,
        store: &Store,
        name: &str,
        step: &str,
        private: &Private,
    ) -> Result<(), Diagnostic> {
        let Ok(name) = Key::new(name) else { return Ok(()) };
        let seen = Memory::recall(private, &Attr::Null).file;
        self.runtime.inventory_has_own(store, step, |store| store.lost_cluster(&name, &seen))
    }

    fn refreshed(&self, request: Read<Model>) -> Result<Applied<Model>, Diagnostic> {
        let Read { state, mut private, .. } = request;
        let Some(store) = self.runtime.inventory_if_known()? else {
            return Ok(Applied::ok(state).with_private(private));
        };
        let mut memory = Memory::recall(&private, &state.account);
        let managed_by = self.runtime.managed_by_if_known();
        let state = apply::refresh(state, &store, managed_by.as_deref(), &mut memory)?;
        memory.keep(&mut private, &state.account);
        Ok(Applied::ok(state).with_private(private))
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
        let model = facts::model(&found.document, &found.sha256);
        apply::refresh(model, &store, Some(&managed_by), &mut Memory::default())
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
        if let Some(name) = plan.prior.and_then(|prior| prior.name.as_str())
            && self.addresses.plans(name, plan.change).is_err()
        {
            return plan.diagnostics.push(plan::in_state_twice(name));
        }
        plan.diagnostics.extend(self.beside(plan));
        if plan.change == Change::Delete {
            let refused = plan.prior.and_then(plan::refuse_destroy);
            let refused = refused.or_else(|| self.may_destroy(plan.prior?, &plan.private).err());
            plan.diagnostics.extend(refused);
            return;
        }
        let store = match self.runtime.inventory_if_known() {
            Ok(store) => store,
            Err(diagnostic) => return plan.diagnostics.push(diagnostic),
        };
        let managed_by = self.runtime.managed_by_if_known();
        let account = plan.proposed.as_ref().map_or(Attr::Null, |desired| desired.account.clone());
        // Noted before the account is looked at, as the account notes itself before it looks at its clusters: of two that
        // are planned side by side, at least one sees the other.
        if let Some(Ok(record)) = plan.proposed.as_ref().map(facts::record) {
            self.runtime.plans_registration(record);
        }
        let planned = account.as_str().and_then(|key| self.runtime.planned_account(key));
        let view = View {
            account: planned.as_ref(),
            store: store.as_deref(),
            managed_by: managed_by.as_deref(),
            memory: &Memory::recall(&plan.private, &account),
            acknowledged: &self.runtime.acknowledged_files(),
        };
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(desired) = &plan.proposed else { return };
        let mut diagnostics = Diagnostics::new();
        let computed = plan::plan(desired, plan.prior, &loaded, view, &mut diagnostics);
        if let (Some(prior), false) = (plan.prior, diagnostics.has_errors()) {
            diagnostics.extend(self.may_retire(desired, prior, &plan.private).err());
        }
        plan.diagnostics.extend(diagnostics);
        let Some(computed) = computed else { return };
        if plan.change == Change::Create
            && let Err(twice) = self.addresses.plans(&computed.id, plan.change)
        {
            return plan.diagnostics.push(match twice {
                Twice::New => plan::planned_twice(&computed.id),
                Twice::InState => plan::in_state_twice(&computed.id),
            });
        }
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
        self.assert(request.planned, true, request.private).unwrap_or_else(Applied::error)
    }

    async fn read(&self, _context: &Context, request: Read<Model>) -> Applied<Model> {
        if let Some(name) = request.state.name.as_str()
            && self.addresses.refreshes(name).is_err()
        {
            return Applied::error(plan::in_state_twice(name));
        }
        self.refreshed(request).unwrap_or_else(Applied::error)
    }

    async fn update(&self, _context: &Context, request: Update<Model>) -> Applied<Model> {
        let unchanged = request.prior;
        if let Err(refusal) = self.may_retire(&request.planned, &unchanged, &request.private) {
            return Applied::ok(unchanged).with(refusal);
        }
        self.assert(request.planned, false, request.private).unwrap_or_else(|diagnostic| {
            // What the plan asked for could not be written, so what was there is still there.
            Applied::ok(unchanged).with(diagnostic)
        })
    }

    async fn delete(&self, _context: &Context, request: Delete<Model>) -> Applied<Model> {
        let mut diagnostics = Diagnostics::new();
        let removed = self.store().and_then(|(store, managed_by)| {
            if plan::refuse_destroy(&request.prior).is_none() {
                self.may_destroy(&request.prior, &request.private)?;
            }
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
