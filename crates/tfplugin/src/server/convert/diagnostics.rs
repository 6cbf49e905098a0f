//! Diagnostics and paths as messages.

use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Path, Severity, Step};
use crate::erased::Registered;
use crate::function::FunctionError;
use crate::server::generated::tfplugin6::attribute_path::{self, step::Selector};
use crate::server::generated::tfplugin6::{self as wire, diagnostic};

/// Every diagnostic, in its order. What is the provider's fault names the RPC that it is the answer to.
/// What the SDK noticed is said as the provider has it.
pub(crate) fn diagnostics(
    provider: &Registered,
    rpc: &str,
    diagnostics: impl Into<Diagnostics>,
) -> Vec<wire::Diagnostic> {
    diagnostics
        .into()
        .into_iter()
        .map(|found| message(provider.reworded(named(rpc, found))))
        .collect()
}

/// With the name of the RPC where it is a fault of the provider.
fn named(rpc: &str, mut found: Diagnostic) -> Diagnostic {
    if found.notice == Some(Notice::Fault) {
        found.detail = format!("{}\n\nIt was found in the answer to {rpc}.", found.detail);
    }
    found
}

fn message(found: Diagnostic) -> wire::Diagnostic {
    wire::Diagnostic {
        severity: match found.severity {
            Severity::Error => diagnostic::Severity::Error,
            Severity::Warning => diagnostic::Severity::Warning,
        }
        .into(),
        summary: found.summary,
        detail: found.detail,
        attribute: found.path.as_ref().map(path),
    }
}

/// A path.
pub(crate) fn path(path: &Path) -> wire::AttributePath {
    let step = |step: &Step| attribute_path::Step {
        selector: Some(match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        }),
    };
    wire::AttributePath { steps: path.steps().iter().map(step).collect() }
}

/// A path in a message, read.
pub(crate) fn read_path(path: &wire::AttributePath) -> Path {
    path.steps.iter().filter_map(|step| step.selector.as_ref()).fold(Path::root(), |path, step| {
        match step {
            Selector::AttributeName(name) => path.nested(name),
            Selector::ElementKeyString(key) => path.key(key),
            Selector::ElementKeyInt(index) => path.index(*index),
        }
    })
}

/// Why a function has no result.
pub(crate) fn function_error(error: FunctionError) -> wire::FunctionError {
    wire::FunctionError { text: error.text, function_argument: error.argument }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_severity_and_path_are_kept() {
        let given: Diagnostics = [
            Diagnostic::warning("First", "one"),
            Diagnostic::error("Second", "two")
                .at(Path::attribute("roles").key("plan").nested("claims").index(2)),
        ]
        .into_iter()
        .collect();
        let made: Vec<_> = given.clone().into_iter().map(message).collect();
        let [first, second] = made.as_slice() else { panic!("{made:?}") };
        assert_eq!((first.severity, first.summary.as_str()), (2, "First"));
        assert_eq!(first.attribute, None);
        assert_eq!((second.severity, second.detail.as_str()), (1, "two"));
        let read = second.attribute.as_ref().map(read_path);
        assert_eq!(read.as_ref(), given.iter().next_back().and_then(|given| given.path.as_ref()));
        let steps: Vec<_> = second.attribute.iter().flat_map(|path| &path.steps).collect();
        assert_eq!(
            steps.iter().filter_map(|step| step.selector.clone()).collect::<Vec<_>>(),
            [
                Selector::AttributeName("roles".to_owned()),
                Selector::ElementKeyString("plan".to_owned()),
                Selector::AttributeName("claims".to_owned()),
                Selector::ElementKeyInt(2),
            ]
        );
    }

    #[test]
    fn only_a_fault_of_the_provider_names_the_rpc() {
        let fault = Diagnostic::fault(Severity::Error, "Invalid plan", "It is wrong.");
        let made = named("PlanResourceChange", fault);
        assert!(made.detail.ends_with("It was found in the answer to PlanResourceChange."));
        let other = named("PlanResourceChange", Diagnostic::error("Taken", "No."));
        assert_eq!(other.detail, "No.");
    }
}
