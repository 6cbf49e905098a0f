//! The rules of a function.

use std::collections::BTreeSet;

use super::{Problem, attribute, report, text};
use crate::diagnostic::Path;
use crate::function::FunctionDefinition;
use crate::value::Type;

/// What is wrong with a function.
pub(crate) fn check_function(name: &str, function: &FunctionDefinition) -> Vec<Problem> {
    let mut problems = Vec::new();
    let path = Path::attribute(name);
    text::check_name(name, &path, &mut problems);
    if function.summary.is_empty() || function.description.is_empty() {
        report(&mut problems, &path, "it needs a summary and a description");
    } else {
        text::check_description(&function.summary, &path, &mut problems);
        text::check_description(&function.description, &path, &mut problems);
    }
    if function.summary.lines().count() > 1 {
        report(&mut problems, &path, "a summary is one line");
    }
    text::check_deprecation(function.deprecated.as_deref(), &path, &mut problems);
    if attribute::dynamic_in_collection(&function.returns) {
        report(&mut problems, &path, "a collection cannot hold values of any type");
    }
    let mut names = BTreeSet::new();
    for parameter in function.parameters.iter().chain(&function.variadic) {
        let path = path.clone().nested(&parameter.name);
        text::check_name(&parameter.name, &path, &mut problems);
        text::check_description(&parameter.description, &path, &mut problems);
        if !names.insert(&parameter.name) {
            report(&mut problems, &path, "another parameter has the same name");
        }
        if attribute::dynamic_in_collection(&parameter.ty) {
            report(&mut problems, &path, "a collection cannot hold values of any type");
        }
    }
    if let Some(variadic) = &function.variadic
        && variadic.ty == Type::Dynamic
    {
        let path = path.nested(&variadic.name);
        report(
            &mut problems,
            &path,
            "all variadic arguments are of one type, so it is not any type",
        );
    }
    problems
}
