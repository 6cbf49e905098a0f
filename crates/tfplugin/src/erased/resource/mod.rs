//! Resources without their types.

mod apply;
mod generate;
mod identity;
mod import;
mod load;
mod plan;
mod settle;

use std::sync::Arc;

use futures::future::BoxFuture;

pub(super) use self::identity::check_listed;
use self::identity::{ErasedIdentity, TypedIdentity};
use super::{Lazy, Registered, decode};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::identity::Identified;
use crate::moved::MovedFrom;
use crate::plan::{Change, Draft, Plan, Said};
use crate::private::Private;
use crate::raw_state::RawState;
use crate::resource::{Applied, Create, Delete, Read, Resource, Update};
use crate::schema::Schema;
use crate::value::{Object, Type, Value};

/// What came of a call, without its type.
pub(crate) type Outcome = Applied<Value>;

pub(crate) trait ErasedResource: Send + Sync {
    fn schema(&self) -> &(Schema, Type);
    fn validate(&self, config: Value) -> Diagnostics;
    fn state_loaded(&self, state: Value) -> Diagnostics;
    fn upgrade(&self, version: i64, state: RawState<'_>) -> Result<Value, Diagnostics>;
    fn move_state<'a>(&'a self, cx: &'a Context, from: MovedFrom<'a>) -> BoxFuture<'a, Outcome>;
    fn generate_config(&self, state: Value, config: Value) -> Result<Value, Diagnostic>;
    fn modify_plan<'a>(
        &'a self,
        cx: &'a Context,
        change: Change,
        private: Private,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<(Draft<'a>, Said), Diagnostic>>;
    fn create<'a>(&'a self, cx: &'a Context, request: Create<Value>) -> BoxFuture<'a, Outcome>;
    fn read<'a>(&'a self, cx: &'a Context, request: Read<Value>) -> BoxFuture<'a, Outcome>;
    fn update<'a>(&'a self, cx: &'a Context, request: Update<Value>) -> BoxFuture<'a, Outcome>;
    fn delete<'a>(&'a self, cx: &'a Context, request: Delete<Value>) -> BoxFuture<'a, Outcome>;
    fn import<'a>(&'a self, cx: &'a Context, id: &'a str) -> BoxFuture<'a, Outcome>;
    /// Schema and type of the identity, if it has one.
    fn identity_schema(&self) -> Option<&(Schema, Type)>;
    /// The identity of the object in `state`: none where it cannot be known yet, or where there is none.
    fn identity(&self, state: Value) -> Result<Option<Value>, Diagnostic>;
    fn import_by_identity<'a>(&'a self, cx: &'a Context, identity: Value)
    -> BoxFuture<'a, Outcome>;
    fn upgrade_identity(&self, version: i64, identity: RawState<'_>) -> Result<Value, Diagnostics>;
}

struct Typed<R> {
    resource: R,
    schema: Lazy,
    identity: Option<Box<dyn ErasedIdentity<R>>>,
}

pub(crate) fn resource<R: Resource>(resource: R) -> Arc<dyn ErasedResource> {
    Arc::new(Typed { resource, schema: Lazy::default(), identity: None })
}

pub(crate) fn identified_resource<R: Identified>(resource: R) -> Arc<dyn ErasedResource> {
    let identity = Some(TypedIdentity::<R>::boxed());
    Arc::new(Typed { resource, schema: Lazy::default(), identity })
}

fn erase<M: Object>(applied: Applied<M>) -> Outcome {
    Applied {
        state: applied.state.map(Value::of),
        private: applied.private,
        deferred: applied.deferred,
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

    fn upgrade(&self, version: i64, state: RawState<'_>) -> Result<Value, Diagnostics> {
        self.resource.upgrade(version, state).map(Value::of)
    }

    fn move_state<'a>(&'a self, cx: &'a Context, from: MovedFrom<'a>) -> BoxFuture<'a, Outcome> {
        outcome(async move { Ok(erase(self.resource.move_state(cx, from).await)) })
    }

    fn generate_config(&self, state: Value, config: Value) -> Result<Value, Diagnostic> {
        let (state, mut config) = (decode(state)?, decode(config)?);
        self.resource.generate_config(&state, &mut config);
        Ok(Value::of(config))
    }

    fn modify_plan<'a>(
        &'a self,
        cx: &'a Context,
        change: Change,
        private: Private,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<(Draft<'a>, Said), Diagnostic>> {
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
            let (Draft { planned, requires_replace, .. }, said) = plan.into_parts();
            let draft = Draft {
                block,
                config: config_value,
                prior: prior_value,
                planned,
                requires_replace,
            };
            Ok((draft, said))
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

    fn identity_schema(&self) -> Option<&(Schema, Type)> {
        self.identity.as_ref().map(|identity| identity.schema())
    }

    fn identity(&self, state: Value) -> Result<Option<Value>, Diagnostic> {
        match &self.identity {
            Some(identity) => Ok(identity.of(&self.resource, &decode(state)?)),
            None => Ok(None),
        }
    }

    fn import_by_identity<'a>(
        &'a self,
        cx: &'a Context,
        identity: Value,
    ) -> BoxFuture<'a, Outcome> {
        match &self.identity {
            Some(found) => found.import(&self.resource, cx, identity),
            None => outcome(async { Err(identity::none(R::TYPE)) }),
        }
    }

    fn upgrade_identity(&self, version: i64, identity: RawState<'_>) -> Result<Value, Diagnostics> {
        match &self.identity {
            Some(found) => found.upgrade(&self.resource, version, identity),
            None => Err(identity::none(R::TYPE).into()),
        }
    }
}

// === impl Registered ===

impl Registered {
    pub(super) fn resource(&self, type_name: &str) -> Result<&Arc<dyn ErasedResource>, Diagnostic> {
        self.registry.resources.get(type_name).ok_or_else(|| {
            let detail = format!("This provider has no resource `{type_name}`.");
            Diagnostic::noticed(Notice::Unknown, "Unknown resource", detail)
        })
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
            Diagnostic::noticed(Notice::Unreadable, "Unreadable private state", detail)
        })?;
        Ok((resource, private))
    }
}
