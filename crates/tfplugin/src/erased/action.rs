//! Actions without their types.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{Capabilities, Lazy, Registered, decode, guard, not_deferrable, validate_values};
use crate::action::{Action, ActionPlan, Progress};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::schema::Schema;
use crate::value::{Object, Type, Value};

pub(crate) trait ErasedAction: Send + Sync {
    fn schema(&self) -> &(Schema, Type);
    fn validate(&self, config: Value) -> Diagnostics;
    fn plan<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, ActionPlan>;
    fn invoke<'a>(
        &'a self,
        cx: &'a Context,
        config: Value,
        progress: Progress,
    ) -> BoxFuture<'a, Diagnostics>;
}

struct Typed<A> {
    action: A,
    schema: Lazy,
}

pub(crate) fn action<A: Action>(action: A) -> Arc<dyn ErasedAction> {
    Arc::new(Typed { action, schema: Lazy::default() })
}

impl<A: Action> ErasedAction for Typed<A> {
    fn schema(&self) -> &(Schema, Type) {
        self.schema.get(0, A::Config::block)
    }

    fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        match decode::<A::Config>(config) {
            Ok(config) => self.action.validate(&config, &mut diagnostics),
            Err(error) => diagnostics.push(error),
        }
        diagnostics
    }

    fn plan<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, ActionPlan> {
        Box::pin(async move {
            match decode::<A::Config>(config) {
                Ok(config) => self.action.plan(cx, config).await,
                Err(error) => error.into(),
            }
        })
    }

    fn invoke<'a>(
        &'a self,
        cx: &'a Context,
        config: Value,
        progress: Progress,
    ) -> BoxFuture<'a, Diagnostics> {
        Box::pin(async move {
            match decode::<A::Config>(config) {
                Ok(config) => self.action.invoke(cx, config, progress).await,
                Err(error) => error.into(),
            }
        })
    }
}

// === impl Registered ===

impl Registered {
    fn action(&self, type_name: &str) -> Result<&Arc<dyn ErasedAction>, Diagnostic> {
        self.registry.actions.get(type_name).ok_or_else(|| {
            let detail = format!("This provider has no action `{type_name}`.");
            Diagnostic::noticed(Notice::Unknown, "Unknown action", detail)
        })
    }

    /// Checks a configuration of an action.
    pub fn validate_action(&self, type_name: &str, config: Value) -> Diagnostics {
        let action = match self.action(type_name) {
            Ok(action) => action,
            Err(error) => return error.into(),
        };
        let mut diagnostics = validate_values(&action.schema().0.block, &config);
        if !diagnostics.has_errors() {
            match guard::call(&format!("validate `action.{type_name}`"), || action.validate(config))
            {
                Ok(more) => diagnostics.extend(more),
                Err(panic) => diagnostics.push(panic),
            }
        }
        self.in_its_words(diagnostics)
    }

    /// Looks whether an action can be done. The answer is deferred only where the CLI can wait.
    pub async fn plan_action(
        &self,
        type_name: &str,
        config: Value,
        capabilities: Capabilities,
    ) -> ActionPlan {
        let action = match self.action(type_name) {
            Ok(action) => action,
            Err(error) => return error.into(),
        };
        let cx = self.context(capabilities);
        let plan = action.plan(&cx, config);
        let mut plan = guard::future(&format!("plan `action.{type_name}`"), plan)
            .await
            .unwrap_or_else(Into::into);
        if plan.deferred.is_some() && !capabilities.deferral_allowed {
            plan.deferred = None;
            plan.diagnostics.push(not_deferrable());
        }
        plan
    }

    /// Does an action, and asks it to end when `cancelled` says so.
    pub async fn invoke_action(
        &self,
        type_name: &str,
        config: Value,
        cancelled: CancellationToken,
        progress: Progress,
    ) -> Diagnostics {
        let action = match self.action(type_name) {
            Ok(action) => action,
            Err(error) => return error.into(),
        };
        let cx = Context { cancelled, ..self.context(Capabilities::default()) };
        let invoke = action.invoke(&cx, config, progress);
        guard::future(&format!("invoke `action.{type_name}`"), invoke)
            .await
            .unwrap_or_else(Into::into)
    }
}
