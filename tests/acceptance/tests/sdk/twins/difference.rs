//! Where two answers differ, and which differences are meant to be.
//!
//! A file of known differences has paragraphs: the reason, then, indented, what differs because of it. Each
//! such line is `CASE/STEP PATH`, and `on CLI …` where not every CLI shows it. `*` stands for any text.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use fleet_acceptance::Cli;
use serde_json::Value;

/// A place where two JSON values differ.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    path: String,
    ours: Option<Value>,
    theirs: Option<Value>,
}

/// The same, of a case and a step.
pub(crate) struct Found {
    place: String,
    difference: Difference,
}

/// The differences that are meant to be.
pub(crate) struct Known {
    file: PathBuf,
    entries: Vec<Entry>,
}

struct Entry {
    line: usize,
    place: String,
    path: String,
    clis: Vec<String>,
}

/// The CLI's name in files of cases.
pub(crate) fn name(cli: Cli) -> &'static str {
    match cli {
        Cli::Terraform1_11 => "terraform-1.11",
        Cli::Terraform1_15 => "terraform-1.15",
        Cli::OpenTofu1_12 => "opentofu-1.12",
    }
}

/// Where `ours` and `theirs` differ, as deep as they have the same shape.
pub(crate) fn differences(ours: &Value, theirs: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(String::new(), Some(ours), Some(theirs), &mut found);
    found
}

fn walk(path: String, ours: Option<&Value>, theirs: Option<&Value>, found: &mut Vec<Difference>) {
    match (ours, theirs) {
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
                let dot = if path.is_empty() { "" } else { "." };
                walk(format!("{path}{dot}{name}"), ours.get(name), theirs.get(name), found);
            }
        }
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
            for index in 0..ours.len().max(theirs.len()) {
                walk(format!("{path}[{index}]"), ours.get(index), theirs.get(index), found);
            }
        }
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => {
            found.push(Difference { path, ours: ours.cloned(), theirs: theirs.cloned() });
        }
    }
}

// === impl Difference ===

impl Difference {
    /// The same, of a case and a step.
    pub(crate) fn of(self, case: &str, step: &str) -> Found {
        Found { place: format!("{case}/{step}"), difference: self }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| match value {
            Some(value) => value.to_string(),
            None => "nothing".to_owned(),
        };
        let Difference { path, ours, theirs } = &self.difference;
        writeln!(f, "{} {path}", self.place)?;
        writeln!(f, "  ours   {}", shown(ours))?;
        write!(f, "  theirs {}", shown(theirs))
    }
}

// === impl Known ===

impl Known {
    /// Reads the file; none has no entries.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = if file.exists() { fs::read_to_string(file)? } else { String::new() };
        let mut entries = Vec::new();
        let mut reason = false;
        for (number, line) in text.lines().enumerate() {
            let place = || format!("{}:{}", file.display(), number + 1);
            if line.is_empty() {
                reason = false;
            } else if !line.starts_with(' ') {
                reason = true;
            } else if !reason {
                bail!("{} gives no reason", place());
            } else {
                let (what, clis) = line.trim().split_once(" on ").unwrap_or((line.trim(), ""));
                let (case, path) =
                    what.split_once(' ').with_context(|| format!("{} names no path", place()))?;
                entries.push(Entry {
                    line: number + 1,
                    place: case.to_owned(),
                    path: path.trim().to_owned(),
                    clis: clis.split_whitespace().map(str::to_owned).collect(),
                });
            }
        }
        Ok(Self { file: file.to_path_buf(), entries })
    }

    /// Checks that what was found with `cli` is what is known. `has` says which cases there are.
    pub(crate) fn judge(
        &self,
        cli: Cli,
        has: impl Fn(&str) -> bool,
        found: impl Iterator<Item = Found>,
    ) -> Result<()> {
        let entries: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.clis.is_empty() || entry.clis.iter().any(|on| on == name(cli)))
            .filter(|entry| has(entry.place.split('/').next().unwrap_or_default()))
            .collect();
        let mut used = BTreeSet::new();
        let mut report = Vec::new();
        for found in found {
            let mut known = false;
            for entry in &entries {
                if like(&entry.place, &found.place) && like(&entry.path, &found.difference.path) {
                    used.insert(entry.line);
                    known = true;
                }
            }
            if !known {
                report.push(found.to_string());
            }
        }
        for entry in entries.iter().filter(|entry| !used.contains(&entry.line)) {
            let Entry { line, place, path, .. } = entry;
            report.push(format!(
                "{}:{line}: {place} {path} differs no more",
                self.file.file_name().unwrap_or_default().display()
            ));
        }
        if report.is_empty() {
            return Ok(());
        }
        bail!("{cli}, {} differences:\n{}", report.len(), report.join("\n"))
    }
}

/// Does `text` have the form of `pattern`, in which `*` stands for any text?
fn like(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    rest.is_empty()
        || (0..=text.len()).any(|at| text.is_char_boundary(at) && like(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found() -> impl Iterator<Item = Found> {
        let ours = json!({"a": {"b": [1, 2], "c": 3}, "d": 4});
        let theirs = json!({"a": {"b": [1, 5, 6], "c": 3}});
        differences(&ours, &theirs).into_iter().map(|found| found.of("case", "2"))
    }

    fn known(text: &str) -> Result<Known> {
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), text)?;
        Known::read(file.path())
    }

    fn judge(text: &str) -> Result<()> {
        known(text)?.judge(Cli::Terraform1_11, |_| true, found())
    }

    #[test]
    fn differences_are_as_deep_as_the_shape_is_the_same() {
        let paths: Vec<_> = found().map(|found| found.difference.path).collect();
        assert_eq!(paths, ["a.b[1]", "a.b[2]", "d"]);
    }

    #[test]
    fn what_is_known_is_no_failure() -> Result<()> {
        judge("Lists end later there.\n    case/2 a.b[*]\n    case/* d\n")
    }

    #[test]
    fn what_is_not_known_is_shown_with_both_values() {
        let error = judge("Lists end later there.\n    case/2 a.b[*]\n").unwrap_err().to_string();
        assert!(error.contains("case/2 d\n  ours   4\n  theirs nothing"), "{error}");
    }

    #[test]
    fn what_differs_no_more_is_a_failure() {
        let text = "All.\n    case/2 *\n    case/3 d\n    case/4 d on opentofu-1.12\n";
        let error = judge(text).unwrap_err().to_string();
        assert!(error.contains(":3: case/3 d differs no more"), "{error}");
        assert!(!error.contains("case/4"), "{error}");
    }

    #[test]
    fn an_entry_needs_a_reason() {
        assert!(known("    case/2 d\n").is_err());
        assert!(known("Why.\n\n    case/2 d\n").is_err());
    }
}
