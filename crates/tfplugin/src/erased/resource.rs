//! Resources without their types.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    Capabilities, Lazy, Planned, Registered, Saved, decode, guard, settle, validate_values,
};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::plan::{Change, Draft, Plan, consistency, engine};
use crate::private::Private;
use crate::resource::{Applied, Create, Delete, Read, Resource, Update};
use crate::schema::Schema;
use crate::value::{AttributeType, Object, Type, Value, json};

/// What came of a call, without its type.
pub(crate) type Outcome = Applied<Value>;

pub(crate) trait ErasedResource: Send + Sync {
    fn schema(&self) -> &(Schema, Type);
    fn validate(&self, config: Value) -> Diagnostics;
    fn state_loaded(&self, state: Value) -> Diagnostics;
    fn modify_plan<'a>(
        &'a self,
        cx: &'a Context,
        change: Change,
        private: Private,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<(Draft<'a>, Private, Diagnostics), Diagnostic>>;
    fn create<'a>(&'a self, cx: &'a Context, request: Create<Value>) -> BoxFuture<'a, Outcome>;
    fn read<'a>(&'a self, cx: &'a Context, request: Read<Value>) -> BoxFuture<'a, Outcome>;
    fn update<'a>(&'a self, cx: &'a Context, request: Update<Value>) -> BoxFuture<'a, Outcome>;
    fn delete<'a>(&'a self, cx: &'a Context, request: Delete<Value>) -> BoxFuture<'a, Outcome>;
    fn import<'a>(&'a self, cx: &'a Context, id: &'a str) -> BoxFuture<'a, Outcome>;
}

struct Typed<R> {
    resource: R,
    schema: Lazy,
}

pub(crate) fn resource<R: Resource>(resource: R) -> Arc<dyn ErasedResource> {
    Arc::new(Typed { resource, schema: Lazy::default() })
}

fn erase<M: Object>(applied: Applied<M>) -> Outcome {
    Applied {
        state: applied.state.map(AttributeType::encode),
        private: applied.private,
        diagnostics: applied.diagnostics,
    }
}

/// A future that gives an outcome also when the request does not fit the model.
fn outcome<'a>(
    future: impl Future<Output = Result<Outcome, Diagnostic>> + Send + 'a,
) -> BoxFuture<'a, Outcome> {
    Box::pin(async { future.await.unwrap_or_else(Applied::error) })
}

impl<R: Resource> ErasedResource for Typed<R> {
    fn schema(&self) -> &(Schema, Type) {
        self.schema.get(R::VERSION, R::Model::block)
    }

    fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        match decode::<R::Model>(config) {
            Ok(config) => self.resource.validate(&config, &mut diagnostics),
            Err(error) => diagnostics.push(error),
        }
        diagnostics
    }

    fn state_loaded(&self, state: Value) -> Diagnostics {
        match decode::<R::Model>(state) {
            Ok(state) => {
                self.resource.state_loaded(&state);
                Diagnostics::new()
            }
            Err(error) => error.into(),
        }
    }

    fn modify_plan<'a>(
        &'a self,
        cx: &'a Context,
        change: Change,
        private: Private,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<(Draft<'a>, Private, Diagnostics), Diagnostic>> {
        Box::pin(async move {
            let whole = |value: &Value| {
                if value.is_null() { Ok(None) } else { decode::<R::Model>(value.clone()).map(Some) }
            };
            let config = whole(draft.config)?;
            let prior = whole(draft.prior)?;
            let proposed = whole(&draft.planned)?;
            let (config_value, prior_value, block) = (draft.config, draft.prior, draft.block);
            let mut plan =
                Plan::new(change, config.as_ref(), prior.as_ref(), proposed, private, draft);
            self.resource.modify_plan(cx, &mut plan).await;
            let (Draft { planned, requires_replace, .. }, private, diagnostics) = plan.into_parts();
            let draft = Draft {
                block,
                config: config_value,
                prior: prior_value,
                planned,
                requires_replace,
            };
            Ok((draft, private, diagnostics))
        })
    }

    fn create<'a>(&'a self, cx: &'a Context, request: Create<Value>) -> BoxFuture<'a, Outcome> {
        outcome(async move {
            let Create { config, planned, private } = request;
            let (config, planned) = (decode(config)?, decode(planned)?);
            Ok(erase(self.resource.create(cx, Create { config, planned, private }).await))
        })
    }

    fn read<'a>(&'a self, cx: &'a Context, request: Read<Value>) -> BoxFuture<'a, Outcome> {
        outcome(async move {
            let Read { state, private } = request;
            let state = decode(state)?;
            Ok(erase(self.resource.read(cx, Read { state, private }).await))
        })
    }

    fn update<'a>(&'a self, cx: &'a Context, request: Update<Value>) -> BoxFuture<'a, Outcome> {
        outcome(async move {
            let Update { config, planned, prior, private } = request;
            let (config, planned, prior) = (decode(config)?, decode(planned)?, decode(prior)?);
            Ok(erase(self.resource.update(cx, Update { config, planned, prior, private }).await))
        })
    }

    fn delete<'a>(&'a self, cx: &'a Context, request: Delete<Value>) -> BoxFuture<'a, Outcome> {
        outcome(async move {
            let Delete { prior, private } = request;
            let prior = decode(prior)?;
            Ok(erase(self.resource.delete(cx, Delete { prior, private }).await))
        })
    }

    fn import<'a>(&'a self, cx: &'a Context, id: &'a str) -> BoxFuture<'a, Outcome> {
        outcome(async move { Ok(erase(self.resource.import(cx, id).await)) })
    }
}

// === impl Registered ===

impl Registered {
    fn resource(&self, type_name: &str) -> Result<&Arc<dyn ErasedResource>, Diagnostic> {
        self.registry.resources.get(type_name).ok_or_else(|| {
            let detail = format!("This provider has no resource `{type_name}`.");
            Diagnostic::error("Unknown resource", detail)
        })
    }

    /// Checks a configuration of a resource.
    pub fn validate_resource(
        &self,
        type_name: &str,
        config: Value,
        capabilities: Capabilities,
    ) -> Diagnostics {
        let resource = match self.resource(type_name) {
            Ok(resource) => resource,
            Err(error) => return error.into(),
        };
        let block = &resource.schema().0.block;
        let mut diagnostics = validate_values(block, &config);
        if !capabilities.write_only_attributes_allowed {
            diagnostics.extend(write_only_refused(block, &config));
        }
        if !diagnostics.has_errors() {
            match guard::call(&format!("validate `{type_name}`"), || resource.validate(config)) {
                Ok(more) => diagnostics.extend(more),
                Err(panic) => diagnostics.push(panic),
            }
        }
        diagnostics
    }

    /// Loads state that was written as JSON under `version` of the schema. The answer is null when there
    /// is an error.
    pub fn upgrade_resource_state(
        &self,
        type_name: &str,
        version: i64,
        state: &[u8],
    ) -> (Value, Diagnostics) {
        let resource = match self.resource(type_name) {
            Ok(resource) => resource,
            Err(error) => return (Value::Null, error.into()),
        };
        let (schema, ty) = resource.schema();
        if version > schema.version {
            let error = Diagnostic::error(
                "State of a newer provider",
                format!(
                    "The state of this `{type_name}` was written by a newer version of the provider \
                     (schema version {version}, this provider has {}).\n\nUse that version of the \
                     provider, or a newer one.",
                    schema.version
                ),
            );
            return (Value::Null, error.into());
        }
        let state = match json::decode(state, ty) {
            Ok(state) => state,
            Err(error) => {
                let detail = format!(
                    "The state of this `{type_name}` does not fit the provider's schema: {error}."
                );
                return (Value::Null, Diagnostic::error("Unreadable state", detail).into());
            }
        };
        if state.is_null() {
            return (state, Diagnostics::new());
        }
        let loaded = || resource.state_loaded(state.clone());
        let diagnostics = guard::call(&format!("load the state of `{type_name}`"), loaded)
            .unwrap_or_else(Into::into);
        if diagnostics.has_errors() { (Value::Null, diagnostics) } else { (state, diagnostics) }
    }

    /// Looks at an object.
    pub async fn read_resource(&self, type_name: &str, current: Value, private: &[u8]) -> Saved {
        let (resource, kept) = match self.resource_and_private(type_name, private) {
            Ok(found) => found,
            Err(error) => return settle::unchanged(current, private, error),
        };
        if current.is_null() {
            return settle::unchanged(current, private, Diagnostics::new());
        }
        let cx = self.context(Capabilities::default());
        let request = Read { state: current.clone(), private: kept };
        let read = resource.read(&cx, request);
        match guard::future(&format!("read `{type_name}`"), read).await {
            Ok(outcome) => settle::read(&resource.schema().0.block, current, private, outcome),
            Err(panic) => settle::unchanged(current, private, panic),
        }
    }

    /// Plans a change. `prior` is null on create, `proposed` on delete.
    pub async fn plan_resource_change(
        &self,
        type_name: &str,
        prior: Value,
        proposed: Value,
        config: Value,
        private: &[u8],
        capabilities: Capabilities,
    ) -> Planned {
        let failed = |planned: Value, diagnostics: Diagnostics| Planned {
            planned,
            requires_replace: Vec::new(),
            private: private.to_vec(),
            diagnostics,
        };
        let (resource, kept) = match self.resource_and_private(type_name, private) {
            Ok(found) => found,
            Err(error) => return failed(proposed, error.into()),
        };
        let block = &resource.schema().0.block;
        let (change, draft) = if proposed.is_null() {
            (Change::Delete, Draft::delete(block, &config, &prior))
        } else {
            if !capabilities.write_only_attributes_allowed {
                let refused = write_only_refused(block, &config);
                if refused.has_errors() {
                    return failed(proposed, refused);
                }
            }
            let change = if prior.is_null() { Change::Create } else { Change::Update };
            (change, engine::propose(block, &config, &prior, proposed))
        };
        let before = draft.planned.clone();
        let cx = self.context(capabilities);
        let modify = resource.modify_plan(&cx, change, kept, draft);
        let modified = guard::future(&format!("plan `{type_name}`"), modify).await;
        let (mut draft, kept, mut diagnostics) = match modified.and_then(|result| result) {
            Ok(modified) => modified,
            Err(error) => return failed(before, error.into()),
        };
        engine::refine(block, &config, &mut draft.planned);
        if !draft.planned.is_null() && !diagnostics.has_errors() {
            for (path, how) in consistency::check_plan(block, &config, &prior, &draft.planned) {
                let what = format!("The planned value of `{path}` {how}.");
                let fault = Diagnostic::fault(Severity::Error, "Invalid plan", &what);
                diagnostics.push(fault.at(path));
            }
        }
        Planned {
            planned: draft.planned,
            requires_replace: draft.requires_replace.into_iter().collect(),
            private: kept.to_bytes(),
            diagnostics,
        }
    }

    /// Carries a plan out. `prior` is null on create, `planned` on delete.
    pub async fn apply_resource_change(
        &self,
        type_name: &str,
        prior: Value,
        planned: Value,
        config: Value,
        private: &[u8],
    ) -> Saved {
        let (resource, kept) = match self.resource_and_private(type_name, private) {
            Ok(found) => found,
            Err(error) => return settle::unchanged(prior, private, error),
        };
        let block = &resource.schema().0.block;
        // Whatever is in the plan by now passed the check of what this CLI can handle.
        let cx = self.context(Capabilities { write_only_attributes_allowed: true });
        if planned.is_null() {
            let request = Delete { prior: prior.clone(), private: kept };
            let delete = resource.delete(&cx, request);
            return match guard::future(&format!("delete `{type_name}`"), delete).await {
                Ok(outcome) => settle::delete(block, prior, private, outcome),
                Err(panic) => settle::unchanged(prior, private, panic),
            };
        }
        if prior.is_null() {
            let request = Create { config, planned: planned.clone(), private: kept };
            let create = resource.create(&cx, request);
            return match guard::future(&format!("create `{type_name}`"), create).await {
                Ok(outcome) => settle::create(block, &planned, private, outcome),
                Err(panic) => settle::unchanged(prior, private, panic),
            };
        }
        let request =
            Update { config, planned: planned.clone(), prior: prior.clone(), private: kept };
        let update = resource.update(&cx, request);
        match guard::future(&format!("update `{type_name}`"), update).await {
            Ok(outcome) => settle::update(block, prior, &planned, private, outcome),
            Err(panic) => settle::unchanged(prior, private, panic),
        }
    }

    /// Finds the object with an id.
    pub async fn import_resource_state(&self, type_name: &str, id: &str) -> Saved {
        let resource = match self.resource(type_name) {
            Ok(resource) => resource,
            Err(error) => return settle::unchanged(Value::Null, &[], error),
        };
        let cx = self.context(Capabilities::default());
        let import = resource.import(&cx, id);
        match guard::future(&format!("import `{type_name}`"), import).await {
            Ok(outcome) => settle::import(&resource.schema().0.block, type_name, id, outcome),
            Err(panic) => settle::unchanged(Value::Null, &[], panic),
        }
    }

    fn resource_and_private(
        &self,
        type_name: &str,
        private: &[u8],
    ) -> Result<(&Arc<dyn ErasedResource>, Private), Diagnostic> {
        let resource = self.resource(type_name)?;
        let private = Private::from_bytes(private).map_err(|error| {
            let detail = format!(
                "What the provider keeps beside the state of this `{type_name}` cannot be read: \
                 {error}."
            );
            Diagnostic::error("Unreadable private state", detail)
        })?;
        Ok((resource, private))
    }
}

/// Says of each write-only attribute that is set that this CLI cannot handle it.
fn write_only_refused(block: &crate::schema::Block, config: &Value) -> Diagnostics {
    let refused = |path: crate::diagnostic::Path| {
        let detail = format!(
            "The attribute `{path}` is write-only: its value is kept in no plan and no state. This \
             version of the CLI does not know write-only attributes.\n\nUse Terraform 1.11 or OpenTofu \
             1.11, or newer."
        );
        Diagnostic::error("Write-only attribute not supported by this CLI", detail).at(path)
    };
    engine::configured_write_only(block, config).into_iter().map(refused).collect()
}
