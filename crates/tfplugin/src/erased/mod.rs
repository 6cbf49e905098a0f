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
mod answers;
mod data_source;
mod ephemeral;
mod function;
pub(crate) mod guard;
mod list_event;
mod list_resource;
mod list_sink;
mod offers;
mod problems;
mod resource;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

pub(crate) use action::{ErasedAction, action};
pub use answers::{Capabilities, Data, Planned, Saved, Stored};
pub(crate) use data_source::{ErasedDataSource, data_source};
pub(crate) use ephemeral::{ErasedEphemeral, ephemeral};
pub use ephemeral::{OpenedEphemeral, RenewedEphemeral};
pub(crate) use function::{ErasedFunction, function};
pub use list_event::ListEvent;
pub(crate) use list_resource::{ErasedListResource, list_resource};
pub(crate) use list_sink::ListSink;
pub(crate) use resource::{ErasedResource, identified_resource, resource};

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Path, Severity};
use crate::provider::{Provider, Registry};
use crate::schema::{Block, Schema};
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
    configured: AtomicBool,
}

/// A schema with its type, made when it is first asked for: no process needs all of them.
#[derive(Debug, Default)]
pub(crate) struct Lazy(OnceLock<(Schema, Type)>);

trait ErasedProvider: Send + Sync {
    fn block(&self) -> Block;
    fn for_next_run(&self) -> Option<Registered>;
    fn reword(&self, diagnostic: Diagnostic) -> Diagnostic;
    fn validate(&self, config: Value) -> Diagnostics;
    fn configure<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, Diagnostics>;
}

struct Typed<P>(Arc<P>);

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

    fn for_next_run(&self) -> Option<Registered> {
        self.0.for_next_run().map(Registered::new)
    }

    fn reword(&self, diagnostic: Diagnostic) -> Diagnostic {
        self.0.reword(diagnostic)
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
            configured: AtomicBool::new(false),
        }
    }

    /// What the next run of a CLI is to be served with: nothing new, if this one served no run yet, or if the provider has
    /// no other one to give.
    pub(crate) fn for_next_run(&self) -> Option<Self> {
        if !self.configured.load(Ordering::Acquire) {
            return None;
        }
        guard::call("begin anew", || self.provider.for_next_run()).ok().flatten()
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

    /// The messages, with the provider's own words for what the SDK noticed. Of a fault the wire has something to add
    /// first.
    fn in_its_words(&self, said: Diagnostics) -> Diagnostics {
        let told = |diagnostic: Diagnostic| match diagnostic.notice {
            None | Some(Notice::Fault) => diagnostic,
            Some(_) => self.reworded(diagnostic),
        };
        said.into_iter().map(told).collect()
    }

    /// One message in the provider's own words, if the SDK made it.
    pub(crate) fn reworded(&self, diagnostic: Diagnostic) -> Diagnostic {
        if diagnostic.notice.is_none() {
            return diagnostic;
        }
        // A panic in here must not cost the message.
        let before = diagnostic.clone();
        let after = guard::call("say what is wrong", || self.provider.reword(diagnostic));
        Diagnostic { notice: None, ..after.unwrap_or(before) }
    }

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
        self.in_its_words(diagnostics)
    }

    /// Configures the provider. A stop before it is over: one process may serve several runs of the CLI, one
    /// after the other, when a person started it.
    pub async fn configure(&self, config: Value) -> Diagnostics {
        self.configured.store(true, Ordering::Release);
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
