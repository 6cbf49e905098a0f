//! `fleet_account`: an account vended as a product (guide §14). The engine decides and acts; here is
//! its HCL surface, a file per verb.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fleet_model::lifecycle::AccountLifecycleState;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::{Applied, Change, Context, Create, Delete, Plan, Read, Resource, Update};

use crate::diagnostic::error;
use crate::runtime::Runtime;

mod adopt;
mod apply;
mod check;
mod contacts;
mod contract;
mod email;
mod facts;
mod farewell;
mod freeze;
mod generate;
mod identity;
mod import;
mod list;
mod model;
mod move_report;
mod plan;
mod preflight;
mod report;
mod standing;

#[cfg(test)]
mod tests;

pub(crate) use facts::state_word;
pub use list::AccountList;
use model::Model;
use plan::View;

/// How long a create may take when the configuration does not say.
const CREATE: Duration = Duration::from_secs(30 * 60);
/// How long an update or a destroy may take when the configuration does not say.
const UPDATE: Duration = Duration::from_secs(30 * 60);

/// What the verbs work with.
struct Desk {
    runtime: Arc<Runtime>,
}

/// The resource. It remembers the keys of the accounts whose states this process has loaded (a
/// create of one of them is a replacement in disguise), and those that it is vending.
pub struct Account {
    desk: Desk,
    loaded: Mutex<BTreeSet<String>>,
    vending: Mutex<BTreeSet<String>>,
}

impl Account {
    /// The resource of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { desk: Desk { runtime }, loaded: Mutex::default(), vending: Mutex::default() }
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
            quarantine: runtime.vending().ok().map(|vending| vending.has_quarantine()),
        };
        match plan.change {
            Change::Create => plan::create(plan, &view, &held(&self.loaded).clone()),
            Change::Update => plan::update(plan, &view),
            Change::Delete => {}
        }
    }

    /// Core asks about the destruction of an orphan before it reads it: one that is gone may go.
    async fn plan_destroy(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        let Some(prior) = plan.prior else { return };
        let Some(refusal) = plan::refuse_destroy(prior) else {
            if let Ok(Some(store)) = self.desk.runtime.inventory_if_known() {
                let left = plan::clusters_left(prior, AccountLifecycleState::Retired, &store);
                plan.diagnostics.extend(left);
            }
            return;
        };
        let id = prior.id.as_str().unwrap_or_default();
        let gone = match self.desk.runtime.vending() {
            Ok(vending) => matches!(vending.facts(id, &context.cancelled).await, Ok(None)),
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
            held(&self.loaded).insert(key.clone());
        }
    }

    async fn modify_plan(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        if plan.change == Change::Delete {
            self.plan_destroy(context, plan).await;
            return;
        }
        // Values that were unknown to `validate` are checked here.
        if let Some(desired) = &plan.proposed {
            let mut diagnostics = Diagnostics::new();
            check::check(desired, &mut diagnostics);
            let failed = diagnostics.has_errors();
            plan.diagnostics.extend(diagnostics);
            if failed {
                return;
            }
        }
        if let Err(refusal) = self.desk.plan_standing(context, plan).await {
            plan.diagnostics.push(refusal);
            return;
        }
        self.with_view(plan);
        if let Some(refusal) = self.desk.plan_freeze(context, plan).await {
            plan.diagnostics.push(refusal);
        }
        self.preflight(context, plan).await;
        self.tell_of_move(context, plan).await;
        if !plan.diagnostics.has_errors() {
            self.plan_adoption(context, plan).await;
        }
    }

    async fn create(&self, context: &Context, request: Create<Model>) -> Applied<Model> {
        let key = request.planned.key.as_str().unwrap_or_default().to_owned();
        if !held(&self.vending).insert(key.clone()) {
            return Applied::error(
                error("FLEET0105", format!("Two accounts have the key {key}"))
                    .at("key")
                    .what(format!("Another `fleet_account` of this configuration has the key `{key}`, and this apply has just vended it."))
                    .why("Both would be the same account, and each would undo what the other does.")
                    .todo("Give one of them another `key` and another email, or remove one of the blocks.")
                    .build(),
            );
        }
        let creating = self.desk.create(context, request.planned, request.private);
        match Box::pin(creating).await {
            Ok(applied) => applied,
            Err(diagnostics) => {
                held(&self.vending).remove(&key);
                Applied::error(diagnostics)
            }
        }
    }

    async fn read(&self, context: &Context, request: Read<Model>) -> Applied<Model> {
        let key = request.state.key.clone();
        match self.desk.read(context, request.state, request.private).await {
            Ok(applied) => {
                if let (None, Some(key)) = (&applied.state, key.known()) {
                    // It is gone: a create of this key replaces nothing.
                    held(&self.loaded).remove(key);
                }
                applied
            }
            Err(diagnostics) => Applied::error(diagnostics),
        }
    }

    async fn update(&self, context: &Context, request: Update<Model>) -> Applied<Model> {
        let prior = request.prior.clone();
        match Box::pin(self.desk.update(context, request)).await {
            Ok(applied) => applied,
            // Nothing was changed, so what was there is still there.
            Err(diagnostics) => Applied::ok(prior).with(diagnostics),
        }
    }

    async fn delete(&self, context: &Context, request: Delete<Model>) -> Applied<Model> {
        match self.desk.delete(context, &request.prior).await {
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
        generate::complete(state, config);
    }
}

fn held(keys: &Mutex<BTreeSet<String>>) -> MutexGuard<'_, BTreeSet<String>> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}
