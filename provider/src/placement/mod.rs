//! `fleet_placement`: from a selector to concrete targets, decided in the plan (guide §11, §13).

mod apply;
mod artifacts;
mod decide;
mod files;
mod memory;
mod model;
mod plan;
mod report;
mod request;
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
        let key = match request::given_key(config) {
            Ok(Some(key)) => Ok(key),
            Ok(None) => request::default_key(config),
            Err(problem) => Err(problem),
        };
        let key = match key {
            Err(problem @ request::Error::Key(..)) => {
                diagnostics.push(report::arguments(&problem));
                return;
            }
            // Any key will do to look at the other arguments.
            Err(_) => Key::new("unknown").ok(),
            Ok(key) => Some(key),
        };
        match key.map(|key| request::request(config, key, None)) {
            Some(Ok(request)) => {
                let broken = request.invalid();
                diagnostics.extend(
                    broken.iter().map(|rule| report::invalid(request::path(rule), &rule.rule)),
                );
            }
            Some(Err(problem @ request::Error::Negative(_))) => {
                diagnostics.push(report::arguments(&problem));
            }
            // Unknown values are looked at in the plan, words by the attributes' validators.
            _ => {}
        }
    }

    async fn modify_plan(&self, _cx: &Context, plan: &mut Plan<'_, Model>) {
        let managed_by = self.runtime.managed_by().ok();
        plan::modify(&self.files, managed_by.as_deref(), plan);
        if !plan.diagnostics.has_errors() {
            self.remember(plan);
        }
    }

    async fn create(&self, _cx: &Context, request: Create<Model>) -> Applied<Model> {
        self.apply_create(request)
    }

    async fn read(&self, _cx: &Context, request: Read<Model>) -> Applied<Model> {
        Self::refresh(request)
    }

    async fn update(&self, _cx: &Context, request: Update<Model>) -> Applied<Model> {
        self.apply_update(request)
    }

    async fn delete(&self, _cx: &Context, request: Delete<Model>) -> Applied<Model> {
        self.apply_delete(request)
    }
}
