#![doc = include_str!("../README.md")]

// The derive macro names this crate from outside; here is inside.
extern crate self as tfplugin;

pub mod action;
mod context;
pub mod data_source;
mod deferred;
pub mod diagnostic;
pub mod duration;
pub mod ephemeral;
pub mod erased;
pub mod function;
pub mod identity;
pub mod list_resource;
mod moved;
pub mod plan;
mod private;
pub mod provider;
mod raw_state;
pub mod resource;
pub mod schema;
pub mod server;
mod timeouts;
mod unicode;
pub mod validator;
pub mod value;

pub use action::{Action, ActionPlan, Progress};
pub use context::Context;
pub use data_source::DataSource;
pub use deferred::Deferred;
pub use diagnostic::{Diagnostic, Diagnostics, Path, Severity, Step};
pub use ephemeral::{EphemeralResource, Opened, Renewed};
pub use function::{Function, FunctionDefinition, FunctionError, Parameter};
pub use identity::Identified;
pub use list_resource::{Found, List, ListResource, Listed};
pub use moved::MovedFrom;
pub use plan::{Change, Plan};
pub use private::Private;
pub use provider::{Provider, Registry};
pub use raw_state::RawState;
pub use resource::{Applied, Create, Delete, Read, Resource, Update};
pub use server::secrets::Secrets;
pub use tfplugin_macros::Object;
pub use timeouts::Timeouts;
pub use tokio_util::sync::CancellationToken;
pub use value::{Attr, AttributeType, Number, Object, Refinement, Type, Value};
