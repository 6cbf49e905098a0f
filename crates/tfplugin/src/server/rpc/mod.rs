//! One file per RPC: from the message to the provider, and from its answer to the message.
//!
//! Whatever is wrong with a configuration, an object or the provider is a diagnostic in the answer. Core takes a gRPC
//! error for a crash.

mod apply_resource_change;
mod call_function;
mod close_ephemeral_resource;
mod configure_provider;
mod generate_resource_config;
mod get_functions;
mod get_metadata;
mod get_provider_schema;
mod get_resource_identity_schemas;
mod import_resource_state;
mod invoke_action;
mod kind;
mod list_resource;
mod move_resource_state;
pub(super) mod of;
mod open_ephemeral_resource;
mod plan_action;
mod plan_resource_change;
mod read_data_source;
mod read_resource;
mod renew_ephemeral_resource;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_action_config;
mod validate_data_resource_config;
mod validate_ephemeral_resource_config;
mod validate_list_resource_config;
mod validate_provider_config;
mod validate_resource_config;

use std::future::Future;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::kind::Kind;
pub(super) use self::of::Of;
use super::convert;
use super::generated::tfplugin6::{self as wire, ClientCapabilities, ServerCapabilities};
use super::request_log;
use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::erased::{Capabilities, Registered};

/// An RPC with one answer. Its request implements it.
pub(super) trait Rpc: Send + Sync + 'static {
    /// The message that answers.
    type Response: Send + 'static;
    /// Its name in the protocol.
    const NAME: &'static str;

    /// What it is about.
    fn of(&self) -> Of<'_> {
        Of::Provider
    }

    /// The answer. Only an error that leaves nothing to answer is one; [`Self::failed`] then answers.
    fn answer(
        &self,
        provider: &Registered,
    ) -> impl Future<Output = Result<Self::Response, Diagnostic>> + Send;

    /// The answer when there is none of the provider: all is as it was, and this is why.
    fn failed(&self, provider: &Registered, error: Diagnostic) -> Self::Response;

    /// What an RPC that was cut off may leave behind, in a sentence.
    fn aftermath(&self) -> &'static str {
        "It only looks things up, so nothing was changed."
    }

    /// The messages in an answer, for the log.
    fn diagnostics(response: &Self::Response) -> &[wire::Diagnostic];
}

/// An RPC with a stream of answers. Its request implements it.
pub(super) trait Streaming: Send + Sync + 'static {
    /// One message of the answer.
    type Event: Send + 'static;
    /// Its name in the protocol.
    const NAME: &'static str;

    /// What it is about.
    fn of(&self) -> Of<'_>;

    /// Sends its events, all but the last, and gives what is to be told with that. Sending never waits, so that events
    /// are on their way while a handler blocks its thread. `cancelled` is when the person stops
    /// the CLI, and when the CLI hangs up.
    fn run(
        &self,
        provider: &Registered,
        cancelled: CancellationToken,
        events: &mpsc::UnboundedSender<Self::Event>,
    ) -> impl Future<Output = Result<Diagnostics, Diagnostic>> + Send;

    /// The event that ends the stream, if one has to.
    fn last(diagnostics: &[wire::Diagnostic]) -> Option<Self::Event>;

    /// What an RPC that was cut off may leave behind, in a sentence.
    fn aftermath(&self) -> &'static str;
}

/// What this crate can do beyond the oldest protocol 6.
const SERVER_CAPABILITIES: ServerCapabilities = ServerCapabilities {
    // Resources refuse or announce a destroy in the plan.
    plan_destroy: true,
    // The schema depends on nothing: a CLI may keep the one it has for its other processes.
    get_provider_schema_optional: true,
    // Both ask the resource; one without an answer of its own says so, or leaves what the schema makes.
    move_resource_state: true,
    generate_resource_config: true,
};

/// What the CLI says it can do; nothing, when it does not say.
fn capabilities(client: Option<ClientCapabilities>) -> Capabilities {
    request_log::client_capabilities(client.as_ref());
    let client = client.unwrap_or_default();
    Capabilities {
        write_only_attributes_allowed: client.write_only_attributes_allowed,
        deferral_allowed: client.deferral_allowed,
    }
}

/// Why the answer has to wait, if it has to.
fn deferred(reason: Option<Deferred>) -> Option<wire::Deferred> {
    let deferred = reason.map(convert::deferred);
    deferred.as_ref().inspect(|deferred| request_log::deferred(deferred));
    deferred
}

/// What this crate can do, told to the CLI.
fn server_capabilities() -> Option<ServerCapabilities> {
    request_log::server_capabilities(&SERVER_CAPABILITIES);
    Some(SERVER_CAPABILITIES)
}
