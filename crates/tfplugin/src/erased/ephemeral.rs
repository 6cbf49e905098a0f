//! Ephemeral resources without their types.

use std::sync::Arc;
use std::time::SystemTime;

use futures::future::BoxFuture;

use super::{Capabilities, Lazy, Registered, decode, guard, not_deferrable, validate_values};
use crate::context::Context;
use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Severity};
use crate::ephemeral::{EphemeralResource, Opened, Renewed};
use crate::plan::consistency;
use crate::private::Private;
use crate::schema::Schema;
use crate::value::{Object, Type, Value};

/// An ephemeral object that is open, or why it is not.
#[derive(Debug)]
pub struct OpenedEphemeral {
    /// The object; null when it is not open, unknown when the answer is deferred.
    pub result: Value,
    /// When to renew it.
    pub renew_at: Option<SystemTime>,
    /// What is kept until it is closed.
    pub private: Vec<u8>,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// An ephemeral object that lasts longer, or why it does not.
#[derive(Debug)]
pub struct RenewedEphemeral {
    /// When to renew it next.
    pub renew_at: Option<SystemTime>,
    /// What is kept until it is closed.
    pub private: Vec<u8>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

pub(crate) trait ErasedEphemeral: Send + Sync {
    fn schema(&self) -> &(Schema, Type);
    fn validate(&self, config: Value) -> Diagnostics;
    fn open<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, Opened<Value>>;
    fn renew<'a>(&'a self, cx: &'a Context, private: Private) -> BoxFuture<'a, Renewed>;
    fn close<'a>(&'a self, cx: &'a Context, private: Private) -> BoxFuture<'a, Diagnostics>;
}

struct Typed<E> {
    ephemeral: E,
    schema: Lazy,
}

pub(crate) fn ephemeral<E: EphemeralResource>(ephemeral: E) -> Arc<dyn ErasedEphemeral> {
    Arc::new(Typed { ephemeral, schema: Lazy::default() })
}

impl<E: EphemeralResource> ErasedEphemeral for Typed<E> {
    fn schema(&self) -> &(Schema, Type) {
        self.schema.get(0, E::Model::block)
    }

    fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        match decode::<E::Model>(config) {
            Ok(config) => self.ephemeral.validate(&config, &mut diagnostics),
            Err(error) => diagnostics.push(error),
        }
        diagnostics
    }

    fn open<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, Opened<Value>> {
        Box::pin(async move {
            let config = match decode::<E::Model>(config) {
                Ok(config) => config,
                Err(error) => return Opened::error(error),
            };
            let Opened { result, renew_at, private, deferred, diagnostics } =
                self.ephemeral.open(cx, config).await;
            let result = result.map(Value::of);
            Opened { result, renew_at, private, deferred, diagnostics }
        })
    }

    fn renew<'a>(&'a self, cx: &'a Context, private: Private) -> BoxFuture<'a, Renewed> {
        Box::pin(self.ephemeral.renew(cx, private))
    }

    fn close<'a>(&'a self, cx: &'a Context, private: Private) -> BoxFuture<'a, Diagnostics> {
        Box::pin(self.ephemeral.close(cx, private))
    }
}

// === impl OpenedEphemeral ===

impl OpenedEphemeral {
    fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        let diagnostics = diagnostics.into();
        Self {
            result: Value::Null,
            renew_at: None,
            private: Vec::new(),
            deferred: None,
            diagnostics,
        }
    }
}

// === impl Registered ===

impl Registered {
    fn ephemeral_resource(&self, type_name: &str) -> Result<&Arc<dyn ErasedEphemeral>, Diagnostic> {
        self.registry.ephemeral_resources.get(type_name).ok_or_else(|| {
            let detail = format!("This provider has no ephemeral resource `{type_name}`.");
            Diagnostic::noticed(Notice::Unknown, "Unknown ephemeral resource", detail)
        })
    }

    /// Checks a configuration of an ephemeral resource.
    pub fn validate_ephemeral_resource(&self, type_name: &str, config: Value) -> Diagnostics {
        let ephemeral = match self.ephemeral_resource(type_name) {
            Ok(ephemeral) => ephemeral,
            Err(error) => return error.into(),
        };
        let mut diagnostics = validate_values(&ephemeral.schema().0.block, &config);
        if !diagnostics.has_errors() {
            let what = format!("validate `ephemeral.{type_name}`");
            match guard::call(&what, || ephemeral.validate(config)) {
                Ok(more) => diagnostics.extend(more),
                Err(panic) => diagnostics.push(panic),
            }
        }
        self.in_its_words(diagnostics)
    }

    /// Opens an ephemeral resource. One whose result breaks the rules is closed again, since the CLI would not.
    pub async fn open_ephemeral_resource(
        &self,
        type_name: &str,
        config: Value,
        capabilities: Capabilities,
    ) -> OpenedEphemeral {
        let ephemeral = match self.ephemeral_resource(type_name) {
            Ok(ephemeral) => ephemeral,
            Err(error) => return OpenedEphemeral::failed(error),
        };
        let cx = self.context(capabilities);
        let open = ephemeral.open(&cx, config.clone());
        let opened = guard::future(&format!("open `ephemeral.{type_name}`"), open).await;
        let Opened { result, renew_at, private, deferred, mut diagnostics } = match opened {
            Ok(opened) => opened,
            Err(panic) => return OpenedEphemeral::failed(panic),
        };
        if deferred.is_some() {
            if capabilities.deferral_allowed {
                let result = Value::UNKNOWN;
                return OpenedEphemeral {
                    result,
                    deferred,
                    ..OpenedEphemeral::failed(diagnostics)
                };
            }
            diagnostics.push(not_deferrable());
        }
        if diagnostics.has_errors() {
            return OpenedEphemeral::failed(diagnostics);
        }
        let fault =
            |what: &str| Diagnostic::fault(Severity::Error, "Invalid ephemeral object", what);
        let Some(result) = result else {
            let what = format!("`ephemeral.{type_name}` opened nothing, and no error says why.");
            diagnostics.push(fault(&what));
            return OpenedEphemeral::failed(diagnostics);
        };
        let block = &ephemeral.schema().0.block;
        for (path, how) in consistency::check_plan(block, &config, &Value::Null, &result) {
            diagnostics.push(fault(&format!("The value of `{path}` {how}.")).at(path));
        }
        for path in consistency::unknown_paths(&result) {
            diagnostics.push(fault(&format!("The value of `{path}` is still unknown.")).at(path));
        }
        if diagnostics.has_errors() {
            let private = private.to_bytes();
            diagnostics.extend(self.close_ephemeral_resource(type_name, &private).await);
            return OpenedEphemeral::failed(diagnostics);
        }
        let private = private.to_bytes();
        OpenedEphemeral { result, renew_at, private, deferred: None, diagnostics }
    }

    /// Makes an ephemeral object last longer.
    pub async fn renew_ephemeral_resource(
        &self,
        type_name: &str,
        private: &[u8],
    ) -> RenewedEphemeral {
        let failed = |diagnostics: Diagnostics| RenewedEphemeral {
            renew_at: None,
            private: private.to_vec(),
            diagnostics,
        };
        let (ephemeral, kept) = match self.ephemeral_and_private(type_name, private) {
            Ok(found) => found,
            Err(error) => return failed(error.into()),
        };
        let cx = self.context(Capabilities::default());
        let renew = ephemeral.renew(&cx, kept);
        match guard::future(&format!("renew `ephemeral.{type_name}`"), renew).await {
            Ok(Renewed { renew_at, private: kept, diagnostics }) => RenewedEphemeral {
                renew_at: if diagnostics.has_errors() { None } else { renew_at },
                private: kept.map_or_else(|| private.to_vec(), |kept| kept.to_bytes()),
                diagnostics,
            },
            Err(panic) => failed(panic.into()),
        }
    }

    /// Ends an ephemeral object.
    pub async fn close_ephemeral_resource(&self, type_name: &str, private: &[u8]) -> Diagnostics {
        let (ephemeral, kept) = match self.ephemeral_and_private(type_name, private) {
            Ok(found) => found,
            Err(error) => return error.into(),
        };
        let cx = self.context(Capabilities::default());
        let close = ephemeral.close(&cx, kept);
        guard::future(&format!("close `ephemeral.{type_name}`"), close)
            .await
            .unwrap_or_else(Into::into)
    }

    fn ephemeral_and_private(
        &self,
        type_name: &str,
        private: &[u8],
    ) -> Result<(&Arc<dyn ErasedEphemeral>, Private), Diagnostic> {
        let ephemeral = self.ephemeral_resource(type_name)?;
        let private = Private::from_bytes(private).map_err(|error| {
            let detail = format!(
                "What the provider keeps of this ephemeral `{type_name}` cannot be read: {error}."
            );
            Diagnostic::noticed(Notice::Unreadable, "Unreadable private data", detail)
        })?;
        Ok((ephemeral, private))
    }
}
