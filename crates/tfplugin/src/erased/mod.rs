//! A provider as the wire sees it: every call takes and gives untyped [`Value`]s. Types end here; what
//! is on the other side knows only messages.
//!
//! So a provider is tested without a CLI:
//!
//! ```
//! use tfplugin::erased::{Capabilities, Registered};
//! use tfplugin::Value;
//! # use tfplugin::{Applied, Attr, Context, Create, Delete, Object, Provider, Read, Registry, Resource, Update};
//! # /// A note.
//! # #[derive(Clone, Object)]
//! # struct Note {
//! #     /// What it says.
//! #     #[attribute(required, validate(length(1..=80)))]
//! #     text: Attr<String>,
//! # }
//! # struct Notes;
//! # impl Resource for Notes {
//! #     type Model = Note;
//! #     const TYPE: &'static str = "paper_note";
//! #     async fn create(&self, _: &Context, request: Create<Note>) -> Applied<Note> {
//! #         Applied::ok(request.planned)
//! #     }
//! #     async fn read(&self, _: &Context, request: Read<Note>) -> Applied<Note> {
//! #         Applied::ok(request.state)
//! #     }
//! #     async fn update(&self, _: &Context, request: Update<Note>) -> Applied<Note> {
//! #         Applied::ok(request.planned)
//! #     }
//! #     async fn delete(&self, _: &Context, _: Delete<Note>) -> Applied<Note> {
//! #         Applied::gone()
//! #     }
//! # }
//! # /// Keeps notes.
//! # #[derive(Object)]
//! # struct Settings {}
//! # struct Paper;
//! # impl Provider for Paper {
//! #     type Config = Settings;
//! #     const NAME: &'static str = "paper";
//! #     const ADDRESS: &'static str = "registry.terraform.io/example/paper";
//! #     fn register(&self, registry: &mut Registry) {
//! #         registry.resource(Notes);
//! #     }
//! # }
//!
//! let provider = Registered::new(Paper);
//! // The rules that a schema has to keep: every provider has this test.
//! assert_eq!(provider.problems(), []);
//!
//! let note = |text: &str| Value::object([("text", text.into())]);
//! let validate = |note| provider.validate_resource("paper_note", note, Capabilities::default());
//! assert!(validate(note("Hello.")).is_empty());
//! assert!(validate(note("")).has_errors());
//! ```

mod action;
mod data_source;
mod ephemeral;
mod function;
pub(crate) mod guard;
mod list_resource;
mod resource;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

pub(crate) use action::{ErasedAction, action};
pub(crate) use data_source::{ErasedDataSource, data_source};
pub(crate) use ephemeral::{ErasedEphemeral, ephemeral};
pub use ephemeral::{OpenedEphemeral, RenewedEphemeral};
pub(crate) use function::{ErasedFunction, function};
pub use list_resource::ListEvent;
pub(crate) use list_resource::{ErasedListResource, ListSink, list_resource};
pub(crate) use resource::{ErasedResource, identified_resource, resource};

use crate::context::Context;
use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics, Path, Severity};
use crate::function::{FunctionDefinition, FunctionError};
use crate::provider::{Provider, Registry};
use crate::schema::{
    Block, Offered, Problem, Schema, check, check_function, check_identity, check_type_name,
};
use crate::value::{Object, Type, Value};

/// A provider with everything it offers.
#[derive(Debug)]
pub struct Registered {
    name: &'static str,
    address: &'static str,
    provider: Box<dyn ErasedProvider>,
    registry: Registry,
    config: Lazy,
    cancelled: Mutex<CancellationToken>,
}

/// What the CLI can handle, as it says with each call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Capabilities {
    /// Does it know write-only attributes?
    pub write_only_attributes_allowed: bool,
    /// Does it know deferred answers?
    pub deferral_allowed: bool,
}

/// An object as the CLI keeps it: what a state file, or a plan, has of it.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    /// The object; null when there is none.
    pub state: Value,
    /// What identifies it; null as long as that is not known, and for a resource without identity.
    pub identity: Value,
    /// What is kept beside it.
    pub private: &'a [u8],
}

/// A plan.
#[derive(Debug)]
pub struct Planned {
    /// The planned object; null when it is to be deleted.
    pub planned: Value,
    /// What identifies the object that is there already; null on create.
    pub identity: Value,
    /// The attributes whose change replaces the object, sorted.
    pub requires_replace: Vec<Path>,
    /// What is kept beside the state.
    pub private: Vec<u8>,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// An object as it goes into state.
#[derive(Debug)]
pub struct Saved {
    /// The object; null when there is none.
    pub state: Value,
    /// What identifies it; null as long as that is not known, and for a resource without identity.
    pub identity: Value,
    /// What is kept beside the state.
    pub private: Vec<u8>,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// What a data source found.
#[derive(Debug)]
pub struct Data {
    /// What was found; null when there is an error, unknown when the answer is deferred.
    pub state: Value,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// A schema with its type, made when it is first asked for: no process needs all of them.
#[derive(Debug, Default)]
pub(crate) struct Lazy(OnceLock<(Schema, Type)>);

trait ErasedProvider: Send + Sync {
    fn block(&self) -> Block;
    fn validate(&self, config: Value) -> Diagnostics;
    fn configure<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, Diagnostics>;
}

struct Typed<P>(Arc<P>);

// === impl Stored ===

impl<'a> Stored<'a> {
    /// An object of a resource without identity.
    #[must_use]
    pub const fn new(state: Value, private: &'a [u8]) -> Self {
        Self { state, identity: Value::Null, private }
    }

    /// No object.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::new(Value::Null, &[])
    }
}

// === impl Lazy ===

impl Lazy {
    fn get(&self, version: i64, block: impl FnOnce() -> Block) -> &(Schema, Type) {
        self.0.get_or_init(|| {
            let schema = Schema { version, block: block() };
            let ty = schema.ty();
            (schema, ty)
        })
    }
}

// === impl Typed ===

impl<P: Provider> ErasedProvider for Typed<P> {
    fn block(&self) -> Block {
        P::Config::block()
    }

    fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        match decode::<P::Config>(config) {
            Ok(config) => self.0.validate(&config, &mut diagnostics),
            Err(error) => diagnostics.push(error),
        }
        diagnostics
    }

    fn configure<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, Diagnostics> {
        Box::pin(async move {
            match decode::<P::Config>(config) {
                Ok(config) => self.0.configure(cx, config).await,
                Err(error) => error.into(),
            }
        })
    }
}

impl std::fmt::Debug for dyn ErasedProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("provider")
    }
}

/// Decodes a whole object; what does not fit becomes a message.
fn decode<M: Object>(value: Value) -> Result<M, Diagnostic> {
    M::decode(value).map_err(Diagnostic::from)
}

// === impl Registered ===

impl Registered {
    /// `provider` with what it registers.
    pub fn new<P: Provider>(provider: P) -> Self {
        let mut registry = Registry::default();
        provider.register(&mut registry);
        Self {
            name: P::NAME,
            address: P::ADDRESS,
            provider: Box::new(Typed(Arc::new(provider))),
            registry,
            config: Lazy::default(),
            cancelled: Mutex::default(),
        }
    }

    /// The provider's local name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The provider's full source address.
    #[must_use]
    pub const fn address(&self) -> &'static str {
        self.address
    }

    /// Asks everything that is under way to end: the person stopped the CLI.
    pub fn stop(&self) {
        self.cancelled().cancel();
    }

    /// Cancelled when the person stops the CLI.
    pub(crate) fn stopped(&self) -> CancellationToken {
        self.cancelled().clone()
    }

    fn cancelled(&self) -> MutexGuard<'_, CancellationToken> {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn context(&self, capabilities: Capabilities) -> Context {
        Context {
            cancelled: self.cancelled().clone(),
            write_only_allowed: capabilities.write_only_attributes_allowed,
            deferral_allowed: capabilities.deferral_allowed,
        }
    }

    // --- What there is ---

    /// Schema and type of the provider's configuration.
    pub fn provider_schema(&self) -> (&Schema, &Type) {
        let (schema, ty) = self.config.get(0, || self.provider.block());
        (schema, ty)
    }

    /// The types of resources, sorted.
    pub fn resource_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.resources.keys().copied()
    }

    /// Schema and type of a resource.
    pub fn resource_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.resources.get(type_name).map(|resource| {
            let (schema, ty) = resource.schema();
            (schema, ty)
        })
    }

    /// The types of data sources, sorted.
    pub fn data_source_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.data_sources.keys().copied()
    }

    /// Schema and type of a data source.
    pub fn data_source_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.data_sources.get(type_name).map(|data_source| {
            let (schema, ty) = data_source.schema();
            (schema, ty)
        })
    }

    /// The types of ephemeral resources, sorted.
    pub fn ephemeral_resource_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.ephemeral_resources.keys().copied()
    }

    /// Schema and type of an ephemeral resource.
    pub fn ephemeral_resource_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.ephemeral_resources.get(type_name).map(|ephemeral| {
            let (schema, ty) = ephemeral.schema();
            (schema, ty)
        })
    }

    /// The types of actions, sorted.
    pub fn action_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.actions.keys().copied()
    }

    /// Schema and type of an action's configuration.
    pub fn action_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.actions.get(type_name).map(|action| {
            let (schema, ty) = action.schema();
            (schema, ty)
        })
    }

    /// The functions with their signatures, sorted by name.
    #[must_use]
    pub fn functions(&self) -> BTreeMap<&'static str, FunctionDefinition> {
        self.registry.functions.iter().map(|(name, found)| (*name, found.definition())).collect()
    }

    /// The signature of a function.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<FunctionDefinition> {
        self.registry.functions.get(name).map(|found| found.definition())
    }

    /// What is wrong with the schemas: what every provider asserts to be nothing in a unit test.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let under = |at: Path, found: Vec<Problem>| {
            let problem =
                move |Problem { path, rule }| Problem { path: at.clone().join(path), rule };
            found.into_iter().map(problem)
        };
        let of = |offered: Offered, name: &str, schema: Option<(&Schema, &Type)>| {
            let mut found = check_type_name(self.name, name);
            let broken = schema.map(|(schema, _)| check(offered, schema)).unwrap_or_default();
            found.extend(under(name.into(), broken));
            found
        };
        let config = check(Offered::Provider, self.provider_schema().0);
        let mut problems: Vec<Problem> = under("provider".into(), config).collect();
        for name in self.resource_types() {
            problems.extend(of(Offered::Resource, name, self.resource_schema(name)));
            let identity = self.identity_schema(name).map(|(schema, _)| check_identity(schema));
            let path = Path::attribute(name).nested("identity");
            problems.extend(under(path, identity.unwrap_or_default()));
        }
        for name in self.data_source_types() {
            problems.extend(of(Offered::DataSource, name, self.data_source_schema(name)));
        }
        for name in self.list_resource_types() {
            problems.extend(of(Offered::ListResource, name, self.list_resource_schema(name)));
            if self.identity_schema(name).is_none() {
                let rule = "what it lists is not registered as an identified resource".to_owned();
                problems.push(Problem { path: Path::attribute("list").nested(name), rule });
            }
        }
        for name in self.ephemeral_resource_types() {
            let schema = self.ephemeral_resource_schema(name);
            problems.extend(of(Offered::EphemeralResource, name, schema));
        }
        for name in self.action_types() {
            problems.extend(of(Offered::Action, name, self.action_schema(name)));
        }
        for (name, function) in self.functions() {
            problems.extend(check_function(name, &function));
        }
        problems
    }

    // --- The provider and its functions ---

    /// Checks a configuration of the provider.
    pub fn validate_provider(&self, config: Value) -> Diagnostics {
        let mut diagnostics = validate_values(&self.provider_schema().0.block, &config);
        if !diagnostics.has_errors() {
            let validate = || self.provider.validate(config);
            match guard::call("validate its configuration", validate) {
                Ok(more) => diagnostics.extend(more),
                Err(panic) => diagnostics.push(panic),
            }
        }
        diagnostics
    }

    /// Configures the provider. A stop before it is over: one process may serve several runs of the CLI, one
    /// after the other, when a person started it.
    pub async fn configure(&self, config: Value) -> Diagnostics {
        {
            let mut cancelled = self.cancelled();
            if cancelled.is_cancelled() {
                *cancelled = CancellationToken::new();
            }
        }
        let cx = self.context(Capabilities::default());
        let configure = self.provider.configure(&cx, config);
        guard::future("take its configuration", configure).await.unwrap_or_else(Into::into)
    }

    /// Calls a function. Its parameters say what happens with null and unknown arguments: the CLI asks for nothing that
    /// they do not allow, other callers may.
    ///
    /// # Errors
    /// What the function finds wrong with its arguments, or what is wrong with the function.
    pub fn call_function(&self, name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let Some(function) = self.registry.functions.get(name) else {
            return Err(FunctionError::new(format!("There is no function `{name}`.")));
        };
        let fault = |what: &str| {
            Err(FunctionError::new(format!(
                "The function `{name}` {what}. This is a bug in the provider. Please report it to its developers."
            )))
        };
        let definition = guard::call("say what a function takes", || function.definition())
            .map_err(|panic| FunctionError::new(panic.detail))?;
        if !definition.is_complete(&arguments)? {
            return Ok(Value::UNKNOWN);
        }
        let known = arguments.iter().all(Value::is_wholly_known);
        let result = guard::call("call a function", || function.call(arguments))
            .unwrap_or_else(|panic| Err(FunctionError::new(panic.detail)))?;
        if !definition.returns.admits(&result) {
            fault(&format!("gave {}, which is not what it says to return", result.kind()))
        } else if known && !result.is_wholly_known() {
            fault("gave an unknown result for known arguments")
        } else {
            Ok(result)
        }
    }
}

/// Says that an answer was deferred that cannot be.
fn not_deferrable() -> Diagnostic {
    let what = "The provider has the answer wait for a later plan, though this CLI cannot wait.";
    Diagnostic::fault(Severity::Error, "Deferred answer", what)
}

/// Runs the validators of a block's attributes.
fn validate_values(block: &Block, config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    crate::validator::check_block(block, config, &Path::root(), &mut diagnostics);
    diagnostics
}
