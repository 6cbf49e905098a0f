//! What the SDK notices by itself, in the form that all diagnostics of this provider have: with why, with what to do, and with
//! a code that has a page.

use tfplugin::diagnostic::{Diagnostic, Notice, Path, Severity, Step};
use tfplugin::value::{DecodeError, DecodeErrorKind};

use super::{Report, error, warning};

/// The diagnostic as this provider tells it.
pub(crate) fn reword(diagnostic: Diagnostic) -> Diagnostic {
    match diagnostic.notice().cloned() {
        None => diagnostic,
        Some(Notice::Misfit(error)) => misfit(&error),
        Some(notice) => {
            let Diagnostic { severity, summary, detail, path, .. } = diagnostic;
            let told = told(&notice, severity, summary, &detail, path.as_ref());
            match path {
                Some(path) => told.at(path).build(),
                None => told.build(),
            }
        }
    }
}

/// The report of a notice; `said` is what the SDK says of it.
fn told(
    notice: &Notice,
    severity: Severity,
    summary: String,
    said: &str,
    path: Option<&Path>,
) -> Report {
    let (code, why, todo) = words(notice);
    let what = match (notice, path) {
        // The CLI shows the line of an argument, and none of what is nested in it.
        (Notice::Value, Some(path)) => format!("`{path}` is not accepted. {said}"),
        _ => said.to_owned(),
    };
    let report = match severity {
        Severity::Error => error(code, summary),
        Severity::Warning => warning(code, summary),
    };
    report.what(what).why(why).todo(todo)
}

/// Code, why, and what to do.
const fn words(notice: &Notice) -> (&'static str, &'static str, &'static str) {
    match notice {
        Notice::Misfit(_) | Notice::Value => (
            "FLEET0190",
            "What the argument does is defined for these values only. Any other one is refused before anything is done.",
            "Write a value that the first line allows, or leave the argument out where it is optional.",
        ),
        Notice::Missing => (
            "FLEET0191",
            "The block or object around it says nothing without this value. A null often comes from a variable that is not set, or from an attribute of another resource that has no value.",
            "Give it a value, or leave out the whole block or object.",
        ),
        Notice::ReadOnly => (
            "FLEET0192",
            "It says what was found or made, and is nothing that a configuration could ask for.",
            "Remove it from the configuration. To use it elsewhere, refer to it.",
        ),
        Notice::Together => (
            "FLEET0193",
            "Each of these arguments changes what the others mean. Set like this they contradict each other, or one of them has no effect.",
            "Set them as the first line says.",
        ),
        Notice::Deprecated => (
            "FLEET0220",
            "It still works, and a later version of the provider will not have it any more.",
            "Use what the first line names instead.",
        ),
        Notice::Unreadable => (
            "FLEET0194",
            "What the CLI keeps is read by the schema of the provider that wrote it. What does not fit is not guessed at, since a guess could destroy what is there.",
            "Use the version of the provider that wrote it, or a newer one (`init -upgrade`). If a state was edited by hand, restore the version before that.",
        ),
        Notice::Unknown => (
            "FLEET0195",
            "The configuration, or the state, was written for another version of the provider.",
            "Correct the name, or use a version of the provider that has it (`init -upgrade`).",
        ),
        Notice::Unsupported => (
            "FLEET0195",
            "The object, or this version of the CLI, has no way to do that.",
            "Do it as the first lines say, or leave it out.",
        ),
        Notice::NotFound => (
            "FLEET0196",
            "Only what is there can be imported, or have a configuration made of it.",
            "Check the id, and whether the credentials and the inventory are those of the right organization.",
        ),
        Notice::CutOff => (
            "FLEET0197",
            "The CLI was stopped, and what was running did not end in the time that a stop has.",
            "Plan again: the plan shows what was done and what is left, and an apply goes on from there.",
        ),
        Notice::NoThread => (
            "FLEET0221",
            "The provider does its work on threads of its own, and the operating system gives it no more of them.",
            "Raise the limit on processes and threads of the user or container (`ulimit -u`), or run with a smaller `-parallelism`.",
        ),
        Notice::Fault => (
            "FLEET0198",
            "What the provider was about to answer is nothing that the CLI could rely on, so it is an error instead. The configuration is not the cause.",
            "Report it, with the version of the provider and the whole message. A new plan shows how things are.",
        ),
    }
}

/// Says which value its attribute has no place for.
fn misfit(misfit: &DecodeError) -> Diagnostic {
    let path = &misfit.path;
    if misfit.kind != DecodeErrorKind::Null {
        return error("FLEET0169", "A value cannot be used")
            .at(path.clone())
            .what(format!("The value of `{path}` cannot be used: {}.", misfit.kind))
            .why("The argument takes another kind of value.")
            .todo("Write a value of the kind that the page of the resource or data source names.")
            .build();
    }
    let what = match path.steps().last() {
        Some(Step::Key(_) | Step::Index(_)) => format!("`{path}` is null."),
        // A set has no path to its elements.
        _ => format!("An element of `{path}` is null."),
    };
    error("FLEET0166", "An element of a collection is null")
        .at(path.clone())
        .what(what)
        .why("Null stands for no value, and this list, set or map holds a value in each place. Only tags may be null: those are left out.")
        .todo("Leave the element out: `compact([…])` does that for lists and sets of texts, `{ for key, value in … : key => value if value != null }` for maps. Or give it a value.")
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that the SDK can notice has a code, a why and a what-to-do of its own.
    #[test]
    fn every_notice_reads_as_it_should() {
        let all = [
            (Notice::Value, "Invalid value for `a.b`", "The value must be `x` or `y`."),
            (Notice::Missing, "Missing value", "`a.b` is required, and must not be null."),
            (
                Notice::ReadOnly,
                "Read-only attribute",
                "The provider sets `a.b`: remove it from the configuration.",
            ),
            (Notice::Together, "Conflicting attributes", "Only one of `a` and `b` can be set."),
            (Notice::Deprecated, "`a.b` is deprecated", "Use `c`."),
            (Notice::Unreadable, "Unreadable state", "The state of this `x` does not fit."),
            (Notice::Unknown, "Unknown resource", "This provider has no resource `x`."),
            (Notice::Unsupported, "Move is not supported", "An `x` cannot become a `y`."),
            (Notice::NotFound, "Nothing to import", "There is no such object."),
            (Notice::CutOff, "The provider did not stop", "It was still running."),
            (Notice::NoThread, "The provider cannot work", "The system has no thread for it."),
            (Notice::Fault, "The provider crashed", "The provider crashed while it tried to plan."),
        ];
        let path = Path::attribute("a").nested("b");
        let told = all.map(|(notice, summary, said)| {
            let severity = match notice {
                Notice::Deprecated => Severity::Warning,
                _ => Severity::Error,
            };
            let built = told(&notice, severity, summary.to_owned(), said, Some(&path)).build();
            assert_eq!(built.severity, severity);
            assert_eq!(built.detail.split("\n\n").count(), 4, "{built:?}");
            format!("{}\n\n{}\n", built.summary, built.detail)
        });
        insta::assert_snapshot!(told.join("\n"));
    }
}
