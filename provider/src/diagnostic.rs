//! What the provider says when something is wrong: what happened, why, what to do, and a code with
//! a page of its own (`codes/FLEETnnnn.md`, rendered into `docs/guides/diagnostics.md`).

use tfplugin::diagnostic::{Diagnostic, Path, Severity};

mod notices;

pub(crate) use notices::reword;

/// A diagnostic in the making. Every part is said once; `what`, `why` and `todo` become the
/// paragraphs of the detail, and the code its last line.
#[derive(Debug, Clone)]
#[must_use = "a report says nothing until it is built"]
pub struct Report {
    severity: Severity,
    code: &'static str,
    summary: String,
    path: Option<Path>,
    paragraphs: Vec<String>,
}

/// An error. `summary` is a title of at most 60 characters or so; where several objects can meet the
/// same trouble it names the object, since CLIs fold warnings of equal summaries together.
pub fn error(code: &'static str, summary: impl Into<String>) -> Report {
    Report::new(Severity::Error, code, summary)
}

/// A warning: the apply went on.
pub fn warning(code: &'static str, summary: impl Into<String>) -> Report {
    Report::new(Severity::Warning, code, summary)
}

impl Report {
    fn new(severity: Severity, code: &'static str, summary: impl Into<String>) -> Self {
        Self { severity, code, summary: summary.into(), path: None, paragraphs: Vec::new() }
    }

    /// Which attribute it is about.
    pub fn at(mut self, path: impl Into<Path>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// What happened.
    pub fn what(self, text: impl Into<String>) -> Self {
        self.paragraph(text)
    }

    /// Why that is not accepted, or how it came about.
    pub fn why(self, text: impl Into<String>) -> Self {
        self.paragraph(text)
    }

    /// What the reader can do about it.
    pub fn todo(self, text: impl Into<String>) -> Self {
        self.paragraph(text)
    }

    /// The same as a warning of another code and summary: what stands behind trouble that an apply goes on after is said
    /// in the words that it has as an error.
    pub(crate) fn into_warning(self, code: &'static str, summary: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, code, summary: summary.into(), ..self }
    }

    /// The diagnostic.
    pub fn build(self) -> Diagnostic {
        let mut detail: Vec<String> =
            self.paragraphs.iter().map(|text| printable(text, true)).collect();
        let summary = printable(&self.summary, false);
        detail.push(self.code.to_owned());
        let detail = detail.join("\n\n");
        let diagnostic = match self.severity {
            Severity::Error => Diagnostic::error(summary, detail),
            Severity::Warning => Diagnostic::warning(summary, detail),
        };
        match self.path {
            Some(path) => diagnostic.at(path),
            None => diagnostic,
        }
    }

    fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.paragraphs.push(text.into());
        self
    }
}

/// The text with control characters, and those that turn the direction of what follows, escaped: names,
/// tags and files are written by others, and a terminal obeys them. `lines`: a line break is ours.
pub(crate) fn printable(text: &str, lines: bool) -> String {
    let turns = |of: char| matches!(of, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut printed = String::with_capacity(text.len());
    for of in text.chars() {
        if (of.is_control() || turns(of)) && !(lines && of == '\n') {
            printed.extend(of.escape_default());
        } else {
            printed.push(of);
        }
    }
    printed
}

impl From<Report> for Diagnostic {
    fn from(report: Report) -> Self {
        report.build()
    }
}

/// Diagnostics as a golden file has them.
#[cfg(test)]
pub(crate) fn plain(all: &tfplugin::diagnostic::Diagnostics) -> String {
    let said = all.iter().map(|of| {
        let path = of.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{:?}: {} [{path}]\n\n{}", of.severity, of.summary, of.detail)
    });
    said.collect::<Vec<_>>().join("\n\n---\n\n")
}

#[cfg(test)]
mod tests;
