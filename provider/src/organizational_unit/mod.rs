//! `fleet_organizational_unit`.

mod apply;
mod model;
mod plan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use fleet_vending::engine::Task;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Attr, Change, Context, Create, Delete, Plan, Read, Resource, Update};

use crate::runtime::Runtime;
use crate::{refusal, tags};

pub use model::Model;

/// The resource.
pub struct OrganizationalUnit {
    runtime: Arc<Runtime>,
}

impl OrganizationalUnit {
    /// On the provider block that `runtime` holds.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }
}

impl OrganizationalUnit {
    /// Asks whether the caller may do what the plan would do. A provider block that is not known yet cannot be asked.
    async fn plan_standing(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Result<(), Diagnostic> {
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
        vending
            .standing(Some(Task::ChangeUnit), &context.cancelled)
            .await
            .map(drop)
            .map_err(|refused| refusal::report(&refused, &apply::doing(verb, unit)).build())
    }
}

impl Resource for OrganizationalUnit {
    type Model = Model;

    const TYPE: &'static str = "fleet_organizational_unit";

    fn validate(&self, config: &Model, diagnostics: &mut Diagnostics) {
        if let Attr::Known(own) = &config.tags {
            tags::check(own, diagnostics);
        }
    }

    async fn modify_plan(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        if let Err(refusal) = self.plan_standing(context, plan).await {
            plan.diagnostics.push(refusal);
            return;
        }
        let (Change::Create | Change::Update, Some(desired)) = (plan.change, &plan.proposed) else {
            return;
        };
        let mut diagnostics = Diagnostics::default();
        let rules = self.runtime.tags_if_known();
        let planned = plan::plan(desired, plan.prior, rules.as_ref(), &mut diagnostics);
        plan.diagnostics.extend(diagnostics);
        if let (Some(name), Ok(vending)) = (desired.name.as_str(), self.runtime.vending()) {
            vending.plan_unit(name);
        }
        plan.set("path", planned.path);
        plan.set("tags_all", planned.tags_all);
    }

    async fn create(&self, context: &Context, request: Create<Model>) -> Applied<Model> {
        self.make(context, request.planned).await.map_or_else(Applied::error, Applied::ok)
    }

    async fn read(&self, context: &Context, request: Read<Model>) -> Applied<Model> {
        match self.look(context, request.state).await {
            Ok(Some(state)) => Applied::ok(state),
            Ok(None) => Applied::gone(),
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
            Ok(diagnostics) => Applied::gone().with(diagnostics),
            Err(diagnostic) => Applied::ok(request.prior).with(diagnostic),
        }
    }

    async fn import(&self, context: &Context, id: &str) -> Applied<Model> {
        self.find(context, id).await.map_or_else(Applied::error, Applied::ok)
    }
}
