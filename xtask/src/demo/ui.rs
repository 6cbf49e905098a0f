//! Progress: what a CLI says with `-json`, and what the emulated AWS sees meanwhile.

use serde_json::Value;

/// Objects that come in such numbers that each is no news.
const MANY: &str = "fleet_placement";

/// Reads the JSON lines of a CLI.
#[derive(Default)]
pub(crate) struct Ui {
    placed: u32,
    /// The errors, rendered.
    pub(crate) problems: String,
    /// The last summary line.
    pub(crate) summary: String,
}

impl Ui {
    /// What a person is told about one line.
    pub(crate) fn read(&mut self, line: &str) -> Option<String> {
        let message: Value = serde_json::from_str(line).ok()?;
        match message["type"].as_str()? {
            "apply_complete" => {
                let resource = &message["hook"]["resource"];
                if resource["resource_type"] == MANY {
                    self.placed += 1;
                    return self
                        .placed
                        .is_multiple_of(30)
                        .then(|| format!("{} placements decided", self.placed));
                }
                let seconds = message["hook"]["elapsed_seconds"].as_f64().unwrap_or_default();
                Some(format!("{} ({seconds} s)", resource["addr"].as_str()?))
            }
            "apply_progress" => Some(message["@message"].as_str()?.to_owned()),
            "change_summary" => {
                self.summary = message["@message"].as_str()?.to_owned();
                None
            }
            "diagnostic" => {
                let diagnostic = &message["diagnostic"];
                let summary = diagnostic["summary"].as_str()?;
                let detail = diagnostic["detail"].as_str().unwrap_or_default();
                let address = diagnostic["address"].as_str().unwrap_or_default();
                if diagnostic["severity"] == "error" {
                    self.problems.push_str(&format!("\nError: {summary}\n  {address}\n{detail}\n"));
                    return None;
                }
                Some(format!("Warning: {summary} {address}"))
            }
            _ => None,
        }
    }

    /// The placements that were not told of yet.
    pub(crate) fn rest(&self) -> Option<String> {
        (!self.placed.is_multiple_of(30)).then(|| format!("{} placements decided", self.placed))
    }
}

/// What was told of the emulated AWS last.
#[derive(Default)]
pub(crate) struct Watched {
    told: String,
}

impl Watched {
    /// A line, if something is new.
    pub(crate) fn news(&mut self, status: &Value) -> Option<String> {
        let accounts =
            status["accounts"].as_object().map(|accounts| accounts.len()).unwrap_or_default();
        let text = format!(
            "in AWS: {} organizational units, {accounts} accounts, {} being created",
            status["organizational_units"], status["in_progress"]
        );
        (text != self.told).then(|| {
            self.told.clone_from(&text);
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_become_news() {
        let mut ui = Ui::default();
        let done = |kind: &str| {
            json!({"type": "apply_complete", "hook": {"elapsed_seconds": 2,
                "resource": {"addr": format!("{kind}.a"), "resource_type": kind}}})
            .to_string()
        };
        assert_eq!(ui.read(&done("fleet_account")).as_deref(), Some("fleet_account.a (2 s)"));
        assert_eq!(ui.read(&done(MANY)), None);
        assert_eq!(ui.rest().as_deref(), Some("1 placements decided"));
        assert_eq!(ui.read("Initializing…"), None);
        let summary = json!({"type": "change_summary", "@message": "Plan: 1 to add"}).to_string();
        assert_eq!(ui.read(&summary), None);
        assert_eq!(ui.summary, "Plan: 1 to add");
        let error = json!({"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "S", "detail": "D"}});
        assert_eq!(ui.read(&error.to_string()), None);
        assert!(ui.problems.contains("Error: S"));
    }

    #[test]
    fn the_same_is_told_once() {
        let mut watched = Watched::default();
        let status = json!({"accounts": {"a": {}}, "organizational_units": 2, "in_progress": 5});
        assert_eq!(
            watched.news(&status).as_deref(),
            Some("in AWS: 2 organizational units, 1 accounts, 5 being created")
        );
        assert_eq!(watched.news(&status), None);
    }
}
