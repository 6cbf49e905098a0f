//! `fleet_placement`: from a selector to concrete targets, decided in the plan (guide §11, §13).

mod apply;
mod arguments;
mod artifacts;
mod beside;
mod check;
mod conflicts;
mod decide;
mod emitted;
mod files;
mod manifests;
mod memory;
mod model;
mod place;
mod plan;
mod report;
mod request;
mod run;
mod tenancy;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use fleet_model::name::Key;
use tfplugin::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::plan::Plan;
use tfplugin::resource::{Applied, Create, Delete, Read, Resource, Update};

pub use model::{
    Artifact, BlastRadius, Emit, EmitArgocd, EmitJson, MatchExpression, Model, Selector, Strategy,
    Target, Toleration,
};

use crate::runtime::Runtime;

/// The resource. It talks to no cloud: a plan of placements alone makes no call.
#[derive(Default)]
pub struct Placement {
    runtime: Arc<Runtime>,
    fleets: decide::Fleets,
    files: files::Files,
    run: run::Run,
}

// === impl Placement ===

impl Placement {
    /// The resource of a provider that is configured through `runtime`.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime, ..Self::default() }
    }
}

impl Resource for Placement {
    type Model = Model;

    const TYPE: &'static str = "fleet_placement";

    fn validate(&self, config: &Model, diagnostics: &mut Diagnostics) {
        // Nothing is known of an inventory yet.
        check::check(config, &[], diagnostics);
    }

    fn state_loaded(&self, state: &Model) {
        if let Some(key) = state.key.known().and_then(|key| Key::new(key).ok()) {
            self.run.loaded(key, plan::workload(state));
        }
    }

    async fn modify_plan(&self, _cx: &Context, plan: &mut Plan<'_, Model>) {
        self.modify(plan);
        if !plan.diagnostics.has_errors() {
            self.remember(plan);
        }
    }

    async fn create(&self, _cx: &Context, request: Create<Model>) -> Applied<Model> {
        self.apply_create(request)
    }

    async fn read(&self, _cx: &Context, request: Read<Model>) -> Applied<Model> {
        self.refresh(request)
    }

    async fn update(&self, _cx: &Context, request: Update<Model>) -> Applied<Model> {
        self.apply_update(request)
    }

    async fn delete(&self, _cx: &Context, request: Delete<Model>) -> Applied<Model> {
        self.apply_delete(request)
    }
}
