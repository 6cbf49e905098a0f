//! `fleet_account`: an account vended as a product (guide §14). The engine decides and acts; here is
//! its HCL surface, a file per verb.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::Key;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Change, Context, Create, Delete, Plan, Read, Resource, Update};

use crate::addresses::Addresses;
use crate::cluster_registration::refused_in;
use crate::runtime::{PlannedAccount, Runtime};

mod adopt;
mod apply;
mod baseline;
mod beside;
mod check;
mod clusters;
mod contacts;
mod contest;
mod contract;
mod current;
mod email;
mod entry;
mod facts;
mod farewell;
mod fit;
mod found;
mod freeze;
mod generate;
mod guarded;
mod guardrails;
mod identity;
mod import;
mod landing_zone;
mod leftovers;
mod list;
mod memory;
mod model;
mod move_report;
mod plan;
mod preflight;
mod removed;
mod report;
mod shed;
mod shut;
mod standing;
mod step;
mod undo;
mod vendor;
mod view;

#[cfg(test)]
mod tests;

use clusters::Step;
pub(crate) use facts::state_word;
pub use list::AccountList;
use model::Model;
use view::View;

/// How long a create may take when the configuration does not say.
const CREATE: Duration = Duration::from_secs(30 * 60);
/// How long a refresh may take when the configuration does not say: it waits for nothing but answers.
const READ: Duration = Duration::from_secs(10 * 60);
/// How long an update or a destroy may take when the configuration does not say.
const UPDATE: Duration = Duration::from_secs(30 * 60);

/// What the verbs work with.
struct Desk {
    runtime: Arc<Runtime>,
}

/// The resource. It remembers, by key, the accounts whose states this process has loaded (a create of one of them is
/// a replacement in disguise) and those of the blocks that it has generated; the keys that come in by it; and which
/// accounts core has shown, so that one at two addresses is known.
pub struct Account {
    desk: Desk,
    loaded: Mutex<BTreeMap<String, String>>,
    generated: Mutex<BTreeMap<String, String>>,
    coming_in: Mutex<BTreeSet<String>>,
    addresses: Addresses,
}

impl Account {
    /// The resource of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self {
            desk: Desk { runtime },
            loaded: Mutex::default(),
            generated: Mutex::default(),
            coming_in: Mutex::default(),
            addresses: Addresses::default(),
        }
    }

    /// The provider block as a plan sees it.
    fn with_view(&self, plan: &mut Plan<'_, Model>) {
        let runtime = &self.desk.runtime;
        let store = match runtime.inventory_if_known() {
            Ok(store) => store,
            Err(diagnostic) => return plan.diagnostics.push(diagnostic),
        };
        let managed_by = runtime.managed_by_if_known();
        let view = View {
            store: store.as_deref(),
            managed_by: managed_by.as_deref(),
            tags: runtime.tags_if_known(),
            email_pattern: runtime.email_pattern(),
            vendor: plan
                .proposed
                .as_ref()
                .or(plan.prior)
                .and_then(|of| runtime.vendor(&of.vendor).ok()),
            own_roles: runtime.own_roles(),
            holder: &|key| held(&self.loaded).get(key).cloned(),
        };
        match plan.change {
            Change::Create => plan::create(plan, &view),
            Change::Update => plan::update(plan, &view),
            Change::Delete => {}
        }
    }

    /// Whether a generated block may have the key: neither another one has it nor a file of the inventory.
    fn takes(&self, key: &Key, id: &str) -> bool {
        let store = self.desk.runtime.inventory_if_known().ok().flatten();
        let file = store.and_then(|store| store.account(key).ok().flatten());
        if file.is_some_and(|file| file.document.id != id) {
            return false;
        }
        held(&self.generated).entry(key.to_string()).or_insert_with(|| id.to_owned()) == id
    }

    /// Takes the key of an account that comes in, for as long as this process lives.
    fn claim_key(&self, key: &str) -> Result<(), Diagnostic> {
        if held(&self.coming_in).insert(key.to_owned()) {
            return Ok(());
        }
        let what = format!(
            "Another `fleet_account` of this configuration has the key `{key}`, and this apply has just brought it in."
        );
        Err(entry::twice(key, what))
    }

    /// Core asks about the destruction of an orphan before it reads it: one that is gone may go.
    async fn plan_destroy(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        let Some(prior) = plan.prior else { return };
        if let Err(refusal) = self.desk.may_believe_gone(context, prior).await {
            plan.diagnostics.extend(refusal);
            return;
        }
        let refusal = match plan::refuse_destroy(prior) {
            Some(refusal) => refusal,
            None => {
                let current = self
                    .desk
                    .lets_go(prior, &plan.private)
                    .map_or(Ok(()), |look| look.is_current());
                // An old copy of the inventory may lack a cluster; a closed account is let go whatever the files say.
                if current.is_ok()
                    && let Ok(Some(store)) = self.desk.runtime.inventory_if_known()
                    && let Some(key) = prior.key.as_str()
                    && facts::lifecycle_phase(prior) != Some(LifecyclePhase::Closed)
                {
                    plan.diagnostics.extend(clusters::left(key, Step::LetGo, &store));
                    plan.diagnostics.extend(clusters::told(key, Step::LetGo, &store));
                }
                plan.diagnostics.extend(farewell::announced(prior));
                match self.desk.plan_close(context, prior).await {
                    Err(refusal) => refusal,
                    Ok(()) => match current {
                        Err(refusal) => refusal,
                        Ok(()) => return,
                    },
                }
            }
        };
        let id = prior.id.as_str().unwrap_or_default();
        let gone = match self.desk.runtime.vendor(&prior.vendor) {
            Ok(vendor) => matches!(vendor.facts(id, &context.cancelled).await, Ok(None)),
            Err(_) => false,
        };
        if !gone {
            plan.diagnostics.push(refusal);
        }
    }
}

impl Resource for Account {
    type Model = Model;

    const TYPE: &'static str = "fleet_account";

    fn validate(&self, config: &Model, diagnostics: &mut Diagnostics) {
        check::check(config, diagnostics);
    }

    fn state_loaded(&self, state: &Model) {
        if let Some(key) = state.key.known() {
            let id = state.id.known().cloned().unwrap_or_default();
            held(&self.loaded).insert(key.clone(), id);
        }
    }

    async fn modify_plan(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        if let Some(prior) = plan.prior
            && let Some(id) = prior.id.as_str()
            && self.addresses.plans(id, plan.change).is_err()
        {
            return plan.diagnostics.push(entry::in_state_twice(prior));
        }
        if plan.change == Change::Delete {
            plan.diagnostics.extend(self.desk.beside(plan));
            self.plan_destroy(context, plan).await;
            return;
        }
        // Values that were unknown to `validate` are checked here.
        if let Some(desired) = &plan.proposed {
            let mut diagnostics = Diagnostics::new();
            check::check(desired, &mut diagnostics);
            if !diagnostics.has_errors() {
                check::check_new_email(plan, desired, &mut diagnostics);
            }
            let failed = diagnostics.has_errors();
            plan.diagnostics.extend(diagnostics);
            if failed {
                return;
            }
        }
        match self.desk.plan_standing(context, plan).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(refusal) => return plan.diagnostics.push(refusal),
        }
        if let Some(desired) = plan.proposed.clone() {
            match self.desk.plan_vendor(context, plan, &desired).await {
                Ok(told) => {
                    let failed = told.has_errors();
                    plan.diagnostics.extend(told);
                    if failed {
                        return;
                    }
                }
                Err(told) => return plan.diagnostics.extend(told),
            }
        }
        self.with_view(plan);
        plan.diagnostics.extend(self.desk.plan_baseline(plan));
        plan.diagnostics.extend(self.desk.beside(plan));
        if plan.prior.is_some_and(removed::is) {
            return;
        }
        if let Ok(Some(planned)) = plan.planned()
            && let Some(contract) = contract::contract(&planned)
        {
            let registrars = planned.registrars.clone();
            let told = self.desk.plan_fit(&contract, &registrars, plan.prior);
            plan.diagnostics.extend(told);
            let account = PlannedAccount { contract, registrars };
            // Noted first: a cluster that is planned at the same time sees it, or is seen.
            self.desk.runtime.plans_account(account.clone());
            plan.diagnostics.extend(refused_in(&account, &self.desk.runtime));
        }
        if let Some(told) = self.desk.plan_freeze(context, plan).await {
            plan.diagnostics.extend(told);
        }
        if let Some(refusal) = self.desk.plan_kept(plan) {
            plan.diagnostics.push(refusal);
        }
        if let Some(refusal) = self.desk.plan_return(context, plan).await {
            plan.diagnostics.push(refusal);
        }
        if let (Some(desired), Some(prior)) = (&plan.proposed, plan.prior)
            && let Some(Err(refusal)) =
                self.desk.retires(desired, prior, &plan.private).map(|look| look.is_current())
        {
            plan.diagnostics.push(refusal);
        }
        let guarded = self.desk.plan_guarded(plan);
        plan.diagnostics.extend(guarded);
        self.preflight(context, plan).await;
        self.plan_found(context, plan).await;
        self.tell_of_move(context, plan).await;
        if !plan.diagnostics.has_errors() {
            email::tell(plan);
            self.plan_adoption(context, plan).await;
        }
    }

    async fn create(&self, context: &Context, request: Create<Model>) -> Applied<Model> {
        let key = request.planned.key.as_str().unwrap_or_default().to_owned();
        if let Err(refusal) = self.claim_key(&key) {
            return Applied::error(refusal);
        }
        let creating = self.desk.create(context, request.planned, request.private);
        match Box::pin(creating).await {
            Ok(applied) => applied,
            Err(diagnostics) => {
                held(&self.coming_in).remove(&key);
                Applied::error(diagnostics)
            }
        }
    }

    async fn read(&self, context: &Context, request: Read<Model>) -> Applied<Model> {
        let (key, id) = (request.state.key.clone(), request.state.id.clone());
        if let Some(id) = id.as_str()
            && self.addresses.refreshes(id).is_err()
        {
            return Applied::error(entry::in_state_twice(&request.state));
        }
        match self.desk.read(context, request.state, request.private).await {
            Ok(applied) => {
                if let (None, Some(key)) = (&applied.state, key.known()) {
                    // It is gone: a create of this key replaces nothing.
                    held(&self.loaded).remove(key);
                    self.addresses.forget(id.as_str().unwrap_or_default());
                }
                applied
            }
            Err(diagnostics) => Applied::error(diagnostics),
        }
    }

    async fn update(&self, context: &Context, request: Update<Model>) -> Applied<Model> {
        let prior = request.prior.clone();
        let key = request.planned.key.clone().into_known().unwrap_or_default();
        let new = entry::is_new(&prior);
        if new && let Err(refusal) = self.claim_key(&key) {
            return Applied::ok(prior).with(refusal);
        }
        match Box::pin(self.desk.update(context, request)).await {
            Ok(applied) => applied,
            // Nothing was changed, so what was there is still there.
            Err(diagnostics) => {
                if new {
                    held(&self.coming_in).remove(&key);
                }
                Applied::ok(prior).with(diagnostics)
            }
        }
    }

    async fn delete(&self, context: &Context, request: Delete<Model>) -> Applied<Model> {
        match self.desk.delete(context, &request.prior, &request.private).await {
            Ok(diagnostics) => Applied::gone().with(diagnostics),
            Err(diagnostics) => Applied::ok(request.prior).with(diagnostics),
        }
    }

    async fn import(&self, context: &Context, id: &str) -> Applied<Model> {
        match self.desk.import(context, id).await {
            Ok(model) => Applied::ok(model),
            Err(diagnostics) => Applied::error(diagnostics),
        }
    }

    fn generate_config(&self, state: &Model, config: &mut Model) {
        let id = state.id.as_str().unwrap_or_default();
        generate::complete(state, config, |key| self.takes(key, id));
    }
}

fn held<T>(keys: &Mutex<T>) -> MutexGuard<'_, T> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}
