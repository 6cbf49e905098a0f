//! Why a value from the wire is not what a Rust type wants.

use super::Value;
use crate::diagnostic::{Diagnostic, Path};

/// Why a wire value is not what a Rust type wants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value at `{path}` does not fit")]
pub struct DecodeError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong there.
    #[source]
    pub kind: DecodeErrorKind,
}

/// What is wrong with a wire value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeErrorKind {
    /// The value is unknown, and the type has no place for that.
    #[error("the value is not known yet")]
    Unknown,
    /// The value is null, and the type has no place for that.
    #[error("it is null, and a value is needed here")]
    Null,
    /// The value has another type.
    #[error("expected {expected}, found {found}")]
    Mismatch {
        /// What the type wants.
        expected: String,
        /// What there is.
        found: &'static str,
    },
    /// The value has the type and is still not one of its values.
    #[error("{0}")]
    Invalid(String),
}

impl DecodeError {
    /// An error at the value itself.
    #[must_use]
    pub fn new(kind: DecodeErrorKind) -> Self {
        Self { path: Path::root(), kind }
    }

    /// `value` is not `expected`: null, unknown or of another type.
    #[must_use]
    pub fn mismatch(expected: impl Into<String>, value: &Value) -> Self {
        Self::new(if value.is_unknown() {
            DecodeErrorKind::Unknown
        } else if value.is_null() {
            DecodeErrorKind::Null
        } else {
            DecodeErrorKind::Mismatch { expected: expected.into(), found: value.kind() }
        })
    }

    /// The same error, seen from the object that has the value as attribute `name`.
    #[must_use]
    pub fn in_attribute(mut self, name: &str) -> Self {
        self.path = Path::attribute(name).join(self.path);
        self
    }

    pub(super) fn in_index(mut self, index: usize) -> Self {
        self.path = Path::root().index(i64::try_from(index).unwrap_or(i64::MAX)).join(self.path);
        self
    }

    pub(super) fn in_key(mut self, key: &str) -> Self {
        self.path = Path::root().key(key).join(self.path);
        self
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(error: DecodeError) -> Self {
        let mut diagnostic =
            Self::error("Invalid value", format!("This value cannot be used: {}.", error.kind))
                .at(error.path.clone());
        diagnostic.misfit = Some(Box::new(error));
        diagnostic
    }
}
