//! What the marks of an attribute say of its configuration. Of nested attributes the CLI checks none of
//! them; and it says nothing of what is deprecated.

use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Path};
use crate::schema::Attribute;
use crate::value::Value;

/// Checks `value` against required, computed and deprecated.
pub(super) fn check(
    attribute: &Attribute,
    value: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    if attribute.required && value.is_null() {
        let detail = format!("`{path}` is required, and must not be null.");
        diagnostics
            .push(Diagnostic::noticed(Notice::Missing, "Missing value", detail).at(path.clone()));
    }
    if attribute.computed && !attribute.optional && !value.is_null() {
        let detail = format!("The provider sets `{path}`: remove it from the configuration.");
        diagnostics.push(
            Diagnostic::noticed(Notice::ReadOnly, "Read-only attribute", detail).at(path.clone()),
        );
    }
    if let Some(instead) = &attribute.deprecated
        && value.is_known()
    {
        let summary = format!("`{path}` is deprecated");
        diagnostics.push(Diagnostic::deprecated(summary, instead).at(path.clone()));
    }
}

/// Warns of a whole object that is deprecated.
pub(super) fn check_object(
    deprecated: Option<&String>,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    if let Some(instead) = deprecated {
        diagnostics.push(Diagnostic::deprecated("Deprecated", instead).at(path.clone()));
    }
}
