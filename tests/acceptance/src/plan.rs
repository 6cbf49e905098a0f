//! A saved plan, as `show -json` gives it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run::Run;

/// What an apply would do.
#[derive(Debug)]
pub struct Plan {
    /// The command that made it.
    pub run: Run,
    /// By address, without no-ops: `create`, `update`, `delete`, `replace`, `read`, `forget`.
    pub actions: BTreeMap<String, String>,
    changes: BTreeMap<String, Value>,
}

impl Plan {
    pub(crate) fn read(run: Run, answer: &Value) -> Self {
        let mut actions = BTreeMap::new();
        let mut changes = BTreeMap::new();
        for change in answer["resource_changes"].as_array().into_iter().flatten() {
            let Some(address) = change["address"].as_str() else { continue };
            changes.insert(address.to_owned(), change["change"].clone());
            let names: Vec<&str> = change["change"]["actions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let action = match names[..] {
                ["no-op"] => continue,
                [one] => one,
                _ => "replace",
            };
            actions.insert(address.to_owned(), action.to_owned());
        }
        Self { run, actions, changes }
    }

    /// The values an object will have; unknown ones are absent.
    pub fn after(&self, address: &str) -> Result<&Value> {
        self.changes
            .get(address)
            .map(|change| &change["after"])
            .with_context(|| format!("{address} is not in the plan: {:?}", self.changes.keys()))
    }

    /// Whether an attribute is `(known after apply)`, as a whole.
    pub fn is_unknown(&self, address: &str, attribute: &str) -> bool {
        self.changes.get(address).is_some_and(|change| change["after_unknown"][attribute] == true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn actions_have_one_name() -> Result<()> {
        let run = Run {
            command: String::new(),
            code: Some(0),
            stdout: String::new(),
            stderr: String::new(),
            took: Duration::ZERO,
            diagnostics: Vec::new(),
        };
        let plan = Plan::read(
            run,
            &json!({"resource_changes": [
                {"address": "a.same", "change": {"actions": ["no-op"], "after": {}}},
                {"address": "a.new", "change": {"actions": ["create"], "after": {"x": 1}, "after_unknown": {"id": true}}},
                {"address": "a.again", "change": {"actions": ["delete", "create"]}},
            ]}),
        );
        let actions: Vec<_> = plan.actions.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(actions, [("a.again", "replace"), ("a.new", "create")]);
        assert_eq!(plan.after("a.new")?["x"], 1);
        assert!(plan.is_unknown("a.new", "id"));
        assert!(!plan.is_unknown("a.new", "x"));
        Ok(())
    }
}
