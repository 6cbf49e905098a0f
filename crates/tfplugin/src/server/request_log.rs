//! The log lines of a request, under the keys of HashiCorp's SDK for Go, which people and tools search for.
//!
//! Made with `tracing` macros: without a log each costs a load and a branch.

use std::time::Instant;

use tracing::Span;

use super::convert;
use super::generated::tfplugin6::diagnostic::Severity;
use super::generated::tfplugin6::{ClientCapabilities, Deferred, Diagnostic, ServerCapabilities};
use super::rpc::of::Of;
use crate::function::FunctionError;

/// The span of a request: every line that is logged in it says which RPC, and of what. `number` is unique in this process.
pub(crate) fn span(number: u64, rpc: &'static str, of: Of<'_>) -> Span {
    tracing::error_span!(
        "rpc",
        // With the id of the process it is unique among all that a CLI runs at a time.
        tf_req_id = format_args!("{}-{number}", std::process::id()),
        tf_rpc = rpc,
        tf_proto_version = "6",
        tf_resource_type = if let Of::Resource(name) = of { Some(name) } else { None },
        tf_data_source_type = if let Of::DataSource(name) = of { Some(name) } else { None },
        tf_list_resource_type = if let Of::List(name) = of { Some(name) } else { None },
        tf_ephemeral_resource_type = if let Of::Ephemeral(name) = of { Some(name) } else { None },
        tf_action_type = if let Of::Action(name) = of { Some(name) } else { None },
        tf_function_name = if let Of::Function(name) = of { Some(name) } else { None },
    )
}

/// The request is there. Gives the time, if the log asks for it.
pub(crate) fn received() -> Option<Instant> {
    tracing::trace!("Received request");
    tracing::enabled!(tracing::Level::TRACE).then(Instant::now)
}

/// What the CLI says it can do.
pub(crate) fn client_capabilities(client: Option<&ClientCapabilities>) {
    match client {
        Some(client) => tracing::trace!(
            tf_client_capability_deferral_allowed = client.deferral_allowed,
            tf_client_capability_write_only_attributes_allowed =
                client.write_only_attributes_allowed,
            "Announced client capabilities"
        ),
        None => tracing::trace!("No announced client capabilities"),
    }
}

/// What the CLI is told that the provider can do.
pub(crate) fn server_capabilities(server: &ServerCapabilities) {
    tracing::trace!(
        tf_server_capability_get_provider_schema_optional = server.get_provider_schema_optional,
        tf_server_capability_move_resource_state = server.move_resource_state,
        tf_server_capability_plan_destroy = server.plan_destroy,
        tf_server_capability_generate_resource_config = server.generate_resource_config,
        "Announced server capabilities"
    );
}

/// The answer has to wait.
pub(crate) fn deferred(deferred: &Deferred) {
    let tf_deferred_reason = deferred.reason().as_str_name();
    tracing::trace!(tf_deferred_reason, "Received downstream deferred response");
}

/// A function refuses its arguments, or fails.
pub(crate) fn function_error(error: &FunctionError) {
    tracing::error!(
        function_error_exists = true,
        function_error_text = error.text.as_str(),
        function_error_argument = error.argument,
        "Response contains function error"
    );
}

/// The request is answered with these messages.
pub(crate) fn served(diagnostics: &[Diagnostic], received: Option<Instant>) {
    for found in diagnostics {
        let attribute = found.attribute.as_ref().map(|path| convert::read_path(path).to_string());
        let (detail, summary) = (found.detail.as_str(), found.summary.as_str());
        if found.severity() == Severity::Error {
            tracing::error!(
                diagnostic_severity = "ERROR",
                diagnostic_summary = summary,
                diagnostic_detail = detail,
                diagnostic_attribute = attribute,
                "Response contains error diagnostic"
            );
        } else {
            tracing::warn!(
                diagnostic_severity = "WARNING",
                diagnostic_summary = summary,
                diagnostic_detail = detail,
                diagnostic_attribute = attribute,
                "Response contains warning diagnostic"
            );
        }
    }
    let Some(received) = received else { return };
    let errors = diagnostics.iter().filter(|found| found.severity() == Severity::Error).count();
    tracing::trace!(
        diagnostic_error_count = errors,
        diagnostic_warning_count = diagnostics.len() - errors,
        tf_req_duration_ms = u64::try_from(received.elapsed().as_millis()).unwrap_or(u64::MAX),
        "Served request"
    );
}
