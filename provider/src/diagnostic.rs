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

    #[test]
    fn what_others_wrote_cannot_steer_a_terminal() {
        let diagnostic = error("FLEET0001", "A\u{1b}[31m\nB")
            .what("first\nsecond \u{1b}]0;title\u{7}\r")
            .todo("\u{202e}txt.exe \u{85} é 日本")
            .build();
        assert_eq!(diagnostic.summary, r"A\u{1b}[31m\nB");
        assert_eq!(
            diagnostic.detail,
            "first\nsecond \\u{1b}]0;title\\u{7}\\r\n\n\\u{202e}txt.exe \\u{85} é 日本\n\nFLEET0001"
        );
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
