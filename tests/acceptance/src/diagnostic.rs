//! Diagnostics as both CLIs give them with `-json`, and as a golden file shows them.

use std::fmt;

use serde::Deserialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The command failed.
    Error,
    /// It did not.
    Warning,
}

/// One diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The title.
    pub summary: String,
    /// What happened, why, what to do.
    #[serde(default)]
    pub detail: String,
    /// The object it is about.
    #[serde(default)]
    pub address: Option<String>,
    /// Where that text is.
    #[serde(default)]
    pub range: Option<Range>,
    /// The source text that its path points at.
    #[serde(default)]
    pub snippet: Option<Snippet>,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Range {
    /// The file, seen from where the CLI runs.
    pub filename: String,
    /// Its first character.
    #[serde(default)]
    pub start: Position,
    /// What follows its last.
    #[serde(default)]
    pub end: Position,
}

/// A character of a file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Position {
    /// Its line.
    pub line: u64,
    /// Its place in the line.
    pub column: u64,
}

/// The place in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Snippet {
    /// The block, such as `resource "fleet_account" "a"`.
    #[serde(default)]
    pub context: Option<String>,
    /// The lines.
    pub code: String,
    /// Where in `code` the attribute's text begins.
    #[serde(default)]
    pub highlight_start_offset: usize,
    /// Where it ends.
    #[serde(default)]
    pub highlight_end_offset: usize,
}

impl Diagnostic {
    /// The code of ours at its end: `FLEET0101`.
    pub fn code(&self) -> Option<&str> {
        let code = self.detail.lines().next_back()?.trim();
        let digits = code.strip_prefix("FLEET")?;
        (digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { filename, start, end } = self;
        write!(f, "{filename}:{}:{}-{}:{}", start.line, start.column, end.line, end.column)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
        };
        writeln!(f, "{severity}: {}", self.summary)?;
        if let Some(snippet) = &self.snippet {
            let context = snippet.context.as_deref().unwrap_or("the configuration");
            writeln!(f, "  in {context}:")?;
            for line in snippet.code.lines() {
                writeln!(f, "    {}", line.trim())?;
            }
        } else if let Some(address) = &self.address {
            writeln!(f, "  with {address}")?;
        }
        writeln!(f)?;
        writeln!(f, "{}", self.detail.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_last_line() {
        let mut diagnostic = Diagnostic {
            severity: Severity::Error,
            summary: "Account Name Too Long".to_owned(),
            detail: "What.\n\nWhy.\n\nFLEET0101".to_owned(),
            address: None,
            range: None,
            snippet: None,
        };
        assert_eq!(diagnostic.code(), Some("FLEET0101"));
        diagnostic.detail = "An error of core.".to_owned();
        assert_eq!(diagnostic.code(), None);
    }

    #[test]
    fn it_reads_what_the_clis_write() -> serde_json::Result<()> {
        let text = r#"{"severity":"error","summary":"S","detail":"D","address":"a.b","range":{"filename":"main.tf"},
            "snippet":{"context":"resource \"a\" \"b\"","code":"  name = 1","start_line":2,
            "highlight_start_offset":9,"highlight_end_offset":10,"values":[]}}"#;
        let diagnostic: Diagnostic = serde_json::from_str(text)?;
        assert_eq!(
            diagnostic.to_string(),
            "Error: S\n  in resource \"a\" \"b\":\n    name = 1\n\nD\n"
        );
        Ok(())
    }
}
