//! One command of a CLI that has ended.

use std::fmt;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Severity};

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Run {
    /// The CLI and its arguments.
    pub command: String,
    /// The exit code; None after a signal.
    pub code: Option<i32>,
    /// stdout.
    pub stdout: String,
    /// stderr.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
    /// The diagnostics, if it ran with `-json`.
    pub diagnostics: Vec<Diagnostic>,
}

impl Run {
    /// Reads the diagnostics of a command that ran with `-json`: one object per line, or (validate)
    /// one object with a list.
    pub(crate) fn read_diagnostics(&mut self) {
        let mut found = Vec::new();
        if let Ok(answer) = serde_json::from_str::<Value>(&self.stdout) {
            collect(&answer, &mut found);
        } else {
            for line in self.stdout.lines().filter(|line| line.starts_with('{')) {
                if let Ok(answer) = serde_json::from_str::<Value>(line) {
                    collect(&answer, &mut found);
                }
            }
        }
        self.diagnostics = found;
    }

    /// The run itself if it ended well, else an error with all it said.
    pub fn success(self) -> Result<Self> {
        if self.code == Some(0) { Ok(self) } else { bail!("it should have succeeded:\n{self}") }
    }

    /// The run itself if it failed, else an error with all it said.
    pub fn failure(self) -> Result<Self> {
        match self.code {
            Some(0) => bail!("it should have failed:\n{self}"),
            _ => Ok(self),
        }
    }

    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning)
    }

    /// Checks that one of the errors carries this code, and gives it.
    pub fn error(&self, code: &str) -> Result<&Diagnostic> {
        match self.errors().find(|diagnostic| diagnostic.code() == Some(code)) {
            Some(found) => Ok(found),
            None => bail!("there should be an error {code}:\n{self}"),
        }
    }

    /// Checks that one of the warnings carries this code, and gives it.
    pub fn warning(&self, code: &str) -> Result<&Diagnostic> {
        match self.warnings().find(|diagnostic| diagnostic.code() == Some(code)) {
            Some(found) => Ok(found),
            None => bail!("there should be a warning {code}:\n{self}"),
        }
    }
}

fn collect(answer: &Value, found: &mut Vec<Diagnostic>) {
    let listed = answer.get("diagnostics").and_then(Value::as_array);
    let single = answer.get("diagnostic");
    for value in listed.into_iter().flatten().chain(single) {
        // The CLI's own word about the provider that it was told to use is in every run.
        if let Ok(diagnostic) = serde_json::from_value::<Diagnostic>(value.clone())
            && !diagnostic.summary.contains("development overrides")
        {
            found.push(diagnostic);
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}\n(exit code {:?}, {:?})", self.command, self.code, self.took)?;
        for diagnostic in &self.diagnostics {
            writeln!(f, "{diagnostic}")?;
        }
        if self.diagnostics.is_empty() {
            writeln!(f, "{}", self.stdout)?;
        }
        write!(f, "{}", self.stderr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stdout: &str, code: i32) -> Run {
        let mut run = Run {
            command: "terraform plan".to_owned(),
            code: Some(code),
            stdout: stdout.to_owned(),
            stderr: String::new(),
            took: Duration::ZERO,
            diagnostics: Vec::new(),
        };
        run.read_diagnostics();
        run
    }

    #[test]
    fn it_reads_lines_and_lists() -> Result<()> {
        let lines = "{\"type\":\"version\"}\n{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\",\"summary\":\"S\",\"detail\":\"D\\n\\nFLEET0001\"}}\n";
        let list = r#"{"valid":false,"diagnostics":[{"severity":"error","summary":"S","detail":"D\n\nFLEET0001"}]}"#;
        for text in [lines, list] {
            assert_eq!(run(text, 1).error("FLEET0001")?.summary, "S");
            assert!(run(text, 1).error("FLEET0002").is_err());
        }
        Ok(())
    }

    #[test]
    fn success_and_failure_are_told_apart() {
        assert!(run("", 0).success().is_ok());
        assert!(run("", 0).failure().is_err());
        assert!(run("", 1).success().is_err());
        assert!(run("", 1).failure().is_ok());
    }
}
