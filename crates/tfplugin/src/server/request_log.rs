//! The log lines of a request, under the keys of HashiCorp's SDK for Go, which people and tools search for.
//!
//! Made with `tracing` macros: without a log each costs a load and a branch.

use std::time::Instant;

use tracing::Span;

use super::convert;
use super::generated::tfplugin6::Diagnostic;
use super::generated::tfplugin6::diagnostic::Severity;
use super::rpc::Of;

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
