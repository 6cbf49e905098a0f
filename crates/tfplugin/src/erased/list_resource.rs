//! List resources without their types.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::list_event::ListEvent;
use super::list_sink::ListSink;
use super::{Capabilities, Lazy, Registered, decode, guard, validate_values};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::list_resource::{Found, List, ListResource};
use crate::schema::Schema;
use crate::value::{Object, Type, Value};

pub(crate) trait ErasedListResource: Send + Sync {
    fn schema(&self) -> &(Schema, Type);
    fn validate(&self, config: Value) -> Diagnostics;
    fn list<'a>(
        &'a self,
        cx: &'a Context,
        request: List<Value>,
        sink: ListSink,
    ) -> BoxFuture<'a, Diagnostics>;
}

struct Typed<L> {
    list: L,
    schema: Lazy,
}

pub(crate) fn list_resource<L: ListResource>(list: L) -> Arc<dyn ErasedListResource> {
    Arc::new(Typed { list, schema: Lazy::default() })
}

// === impl Typed ===

impl<L: ListResource> ErasedListResource for Typed<L> {
    fn schema(&self) -> &(Schema, Type) {
        self.schema.get(0, L::Config::block)
    }

    fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        match decode::<L::Config>(config) {
            Ok(config) => self.list.validate(&config, &mut diagnostics),
            Err(error) => diagnostics.push(error),
        }
        diagnostics
    }

    fn list<'a>(
        &'a self,
        cx: &'a Context,
        request: List<Value>,
        sink: ListSink,
    ) -> BoxFuture<'a, Diagnostics> {
        Box::pin(async move {
            let List { config, limit, include_resource } = request;
            match decode::<L::Config>(config) {
                Ok(config) => {
                    let request = List { config, limit, include_resource };
                    self.list.list(cx, request, &mut Found::new(sink)).await
                }
                Err(error) => error.into(),
            }
        })
    }
}

// === impl Registered ===

impl Registered {
    fn list(&self, type_name: &str) -> Result<&Arc<dyn ErasedListResource>, Diagnostic> {
        self.registry.list_resources.get(type_name).ok_or_else(|| {
            let detail = format!("This provider has no list of `{type_name}`.");
            Diagnostic::noticed(Notice::Unknown, "Unknown list resource", detail)
        })
    }

    /// Checks a configuration of a list.
    pub fn validate_list_resource(&self, type_name: &str, config: Value) -> Diagnostics {
        let list = match self.list(type_name) {
            Ok(list) => list,
            Err(error) => return error.into(),
        };
        let mut diagnostics = validate_values(&list.schema().0.block, &config);
        if !diagnostics.has_errors() {
            match guard::call(&format!("validate `list.{type_name}`"), || list.validate(config)) {
                Ok(more) => diagnostics.extend(more),
                Err(panic) => diagnostics.push(panic),
            }
        }
        self.in_its_words(diagnostics)
    }

    /// Looks for objects, and sends each that it finds. It stops when `cancelled` is, or when nobody receives any more.
    pub async fn list_resource(
        &self,
        type_name: &str,
        request: List<Value>,
        cancelled: CancellationToken,
        events: mpsc::Sender<ListEvent>,
    ) -> Diagnostics {
        let found = self.list(type_name).and_then(|list| Ok((list, self.resource(type_name)?)));
        let (list, resource) = match found {
            Ok(found) => found,
            Err(error) => return error.into(),
        };
        let sink = ListSink {
            resource: Arc::clone(resource),
            events,
            cancelled: cancelled.clone(),
            left: request.limit,
            include_resource: request.include_resource,
        };
        let cx = Context { cancelled, ..self.context(Capabilities::default()) };
        let listed = list.list(&cx, request, sink);
        guard::future(&format!("list `{type_name}`"), listed).await.unwrap_or_else(Into::into)
    }
}
