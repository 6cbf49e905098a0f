//! What a provider tells the person at the CLI.
//!
//! ```
//! use tfplugin::{Diagnostic, Diagnostics, Path};
//!
//! let mut diagnostics = Diagnostics::new();
//! diagnostics.push(
//!     Diagnostic::error(
//!         "The drawer is full",
//!         "There are 12 notes in `desk`, and no room for more.\n\nTake another drawer.",
//!     )
//!     .at(Path::attribute("notes").index(12).nested("drawer")),
//! );
//! diagnostics.push(Diagnostic::warning("The desk is old", "It creaks."));
//! assert!(diagnostics.has_errors());
//! let path = diagnostics.iter().next().and_then(|error| error.path.as_ref());
//! assert_eq!(path.map(ToString::to_string).as_deref(), Some("notes[12].drawer"));
//! ```

mod notice;
mod path;

use crate::value::DecodeError;

pub use notice::Notice;
pub use path::{Path, Step};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on.
    Warning,
}

/// One message: what happened, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// One line.
    pub summary: String,
    /// Everything a person needs to go on.
    pub detail: String,
    /// The attribute it is about: the CLI then shows its line of configuration.
    pub path: Option<Path>,
    /// What the SDK noticed by itself, where it and not the provider says this.
    pub(crate) notice: Option<Notice>,
}

/// Messages in the order they arose. Errors and warnings stay in one list, so that the order is not lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

// === impl Diagnostic ===

impl Diagnostic {
    /// An error.
    #[must_use]
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            path: None,
            notice: None,
        }
    }

    /// A warning.
    #[must_use]
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// The same message, about the attribute at `path`.
    #[must_use]
    pub fn at(mut self, path: impl Into<Path>) -> Self {
        let path = path.into();
        self.path = (!path.is_root()).then_some(path);
        self
    }

    /// A message about the provider's own code rather than about the configuration.
    pub(crate) fn fault(severity: Severity, summary: &str, what: &str) -> Self {
        let detail =
            format!("{what}\n\nThis is a bug in the provider. Please report it to its developers.");
        Self { severity, notice: Some(Notice::Fault), ..Self::error(summary, detail) }
    }

    /// An error that the SDK tells by itself.
    pub(crate) fn noticed(
        notice: Notice,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self { notice: Some(notice), ..Self::error(summary, detail) }
    }

    /// A warning of something that is deprecated; `instead` says what to use.
    pub(crate) fn deprecated(summary: impl Into<String>, instead: &str) -> Self {
        let notice = Some(Notice::Deprecated);
        Self { notice, ..Self::warning(summary, instead.to_owned()) }
    }

    /// What the SDK noticed by itself; `None` of what the provider says.
    #[must_use]
    pub const fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }
}

// === impl Diagnostics ===

impl Diagnostics {
    /// No message.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one message.
    pub fn push(&mut self, diagnostic: impl Into<Diagnostic>) {
        self.0.push(diagnostic.into());
    }

    /// Is there an error among them?
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Is there no message at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many messages there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The messages in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Self(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(error: DecodeError) -> Self {
        let mut diagnostic =
            Self::error("Invalid value", format!("This value cannot be used: {}.", error.kind))
                .at(error.path.clone());
        diagnostic.notice = Some(Notice::Misfit(Box::new(error)));
        diagnostic
    }
}
