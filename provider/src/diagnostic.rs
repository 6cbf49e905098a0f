//! What the provider says when something is wrong: what happened, why, what to do, and a code with
//! a page of its own (`codes/FLEETnnnn.md`, rendered into `docs/guides/diagnostics.md`).

use tfplugin::diagnostic::{Diagnostic, Path, Severity};

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

    /// The diagnostic.
    pub fn build(self) -> Diagnostic {
        let mut detail = self.paragraphs;
        detail.push(self.code.to_owned());
        let detail = detail.join("\n\n");
        let diagnostic = match self.severity {
            Severity::Error => Diagnostic::error(self.summary, detail),
            Severity::Warning => Diagnostic::warning(self.summary, detail),
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

impl From<Report> for Diagnostic {
    fn from(report: Report) -> Self {
        report.build()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path as FilePath;

    use super::*;

    #[test]
    fn a_report_reads_in_order_and_ends_with_its_code() {
        let diagnostic =
            error("FLEET0001", "Title").at("managed_by").what("A.").why("B.").todo("C.").build();
        assert_eq!(diagnostic.summary, "Title");
        assert_eq!(diagnostic.detail, "A.\n\nB.\n\nC.\n\nFLEET0001");
    }

    fn sources(directory: &FilePath, into: &mut Vec<String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push(fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let root = FilePath::new(env!("CARGO_MANIFEST_DIR"));
        let mut texts = Vec::new();
        sources(&root.join("src"), &mut texts);
        let mut used = BTreeSet::new();
        for text in &texts {
            for (start, _) in text.match_indices("\"FLEET") {
                let code: String =
                    text[start + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
                if code.len() == 9 {
                    used.insert(code);
                }
            }
        }
        let mut pages = BTreeMap::new();
        for entry in fs::read_dir(root.join("codes")).unwrap() {
            let path = entry.unwrap().path();
            let code = path.file_stem().unwrap().to_string_lossy().into_owned();
            pages.insert(code, fs::read_to_string(path).unwrap());
        }
        assert_eq!(used, pages.keys().cloned().collect::<BTreeSet<_>>());
        for (code, page) in &pages {
            assert!(page.starts_with(&format!("# {code}: ")), "{code}: title");
            for section in ["## What happened", "## Why", "## What to do"] {
                assert!(page.contains(section), "{code}: {section}");
            }
        }
    }
}
