//! The rules of names and of what people read.

use super::{Problem, report};
use crate::diagnostic::Path;

pub(super) fn check_name(name: &str, path: &Path, problems: &mut Vec<Problem>) {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !starts
        || !bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    {
        report(problems, path, "a name is a-z, 0-9 and _, and does not start with a digit");
    }
}

/// The CLI finds the provider of a type by the beginning of the type's name.
pub(crate) fn check_type_name(provider: &str, name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let path = Path::attribute(name);
    check_name(name, &path, &mut problems);
    let rest = name.strip_prefix(provider).and_then(|rest| rest.strip_prefix('_'));
    if rest.is_none_or(str::is_empty) {
        report(&mut problems, &path, &format!("the name of a type begins with `{provider}_`"));
    }
    problems
}

/// A description is sentences: the Registry prints it as it is.
pub(super) fn check_description(text: &str, path: &Path, problems: &mut Vec<Problem>) {
    let text = text.trim();
    let Some(first) = text.chars().next() else {
        return report(problems, path, "it has no description");
    };
    if first.is_lowercase() {
        report(problems, path, "a description begins with a capital letter");
    }
    let end = text.trim_end_matches(['`', '*', '_', '"', ')', ']']);
    if !end.ends_with(['.', '!', '?', '…']) {
        report(problems, path, "a description ends with a full stop");
    }
}

/// Who must not use something any more has to read what to use.
pub(super) fn check_deprecation(message: Option<&str>, path: &Path, problems: &mut Vec<Problem>) {
    if message.is_some_and(|message| message.trim().is_empty()) {
        report(problems, path, "what is deprecated says what to use instead");
    }
}
