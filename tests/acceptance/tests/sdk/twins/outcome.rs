//! What came of a step, case by case: lists without a meaningful order become maps by address.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use fleet_acceptance::{Diagnostic, Run, Severity};
use serde_json::{Map, Value, json};

use super::case::WHOLE;

/// What came of one step.
#[derive(Default)]
pub(crate) struct Outcome {
    cases: BTreeMap<String, Value>,
    /// The commands that failed, with all they said.
    failed: Vec<String>,
}

impl Outcome {
    /// What came of it for one case.
    pub(crate) fn of(&self, case: &str) -> Value {
        self.cases.get(case).cloned().unwrap_or_default()
    }

    /// Nothing if every command ended well, else an error with all that the others said.
    pub(crate) fn success(&self) -> Result<()> {
        ensure!(self.failed.is_empty(), "{}", self.failed.join("\n"));
        Ok(())
    }

    /// How a command ended, and the places of its diagnostics.
    pub(crate) fn add_run(&mut self, command: &str, run: &Run) {
        self.set(WHOLE, &[command, "code"], json!(run.code));
        // A plan ends with 2 when there is something to do.
        if !matches!(run.code, Some(0 | 2)) {
            self.failed.push(run.to_string());
        }
        let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for diagnostic in &run.diagnostics {
            let (case, place) = place(diagnostic);
            places.entry(case).or_default().push(place);
        }
        for (case, mut places) in places {
            places.sort();
            // By its text, so that one more does not shift the others.
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for place in places {
                *counts.entry(place).or_default() += 1;
            }
            self.set(case, &[command, "diagnostics"], json!(counts));
        }
    }

    /// What `show -json` says of a plan.
    pub(crate) fn add_plan(&mut self, plan: &Value) {
        for (name, what) in [("resource_changes", "changes"), ("resource_drift", "drift")] {
            for change in plan[name].as_array().into_iter().flatten() {
                let deposed = change["deposed"].as_str().map_or("", |_| " (deposed)");
                self.set_object(&["plan", what], change, deposed);
            }
        }
        for (case, change) in plan["output_changes"].as_object().into_iter().flatten() {
            self.set(case, &["plan", "output"], change.clone());
        }
        self.add_values(&["plan", "planned"], &plan["planned_values"]);
        self.add_values(&["plan", "prior"], &plan["prior_state"]["values"]);
    }

    /// What `show -json` says of the state.
    pub(crate) fn add_state(&mut self, state: &Value) {
        self.add_values(&["state"], &state["values"]);
    }

    fn add_values(&mut self, at: &[&str], values: &Value) {
        for (case, output) in values["outputs"].as_object().into_iter().flatten() {
            self.set(case, &[at, &["output"]].concat(), output.clone());
        }
        let mut modules = vec![&values["root_module"]];
        while let Some(module) = modules.pop() {
            for resource in module["resources"].as_array().into_iter().flatten() {
                let deposed = resource["deposed_key"].as_str().map_or("", |_| " (deposed)");
                self.set_object(at, resource, deposed);
            }
            modules.extend(module["child_modules"].as_array().into_iter().flatten());
        }
    }

    /// Sets what is said of the object that `object` names.
    fn set_object(&mut self, at: &[&str], object: &Value, suffix: &str) {
        let (case, address) = split(object["address"].as_str().unwrap_or_default());
        let mut object = object.clone();
        if let Some(fields) = object.as_object_mut() {
            // A random name.
            for field in ["deposed", "deposed_key"] {
                fields.remove(field);
            }
        }
        let address = format!("{address}{suffix}");
        self.set(case, &[at, &[address.as_str()]].concat(), object);
    }

    fn set(&mut self, case: &str, at: &[&str], value: Value) {
        let mut slot = self.cases.entry(case.to_owned()).or_insert_with(|| json!({}));
        for name in at {
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            slot = &mut slot[*name];
        }
        *slot = without_random(value);
    }
}

/// `value` without the ids that `terraform_data` makes up.
fn without_random(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_uuids(text)),
        Value::Array(values) => values.into_iter().map(without_random).collect(),
        Value::Object(values) => {
            values.into_iter().map(|(name, value)| (name, without_random(value))).collect()
        }
        other => other,
    }
}

fn without_uuids(mut text: String) -> String {
    const SHAPE: &[u8] = b"00000000-0000-0000-0000-000000000000";
    let mut at = 0;
    while let Some(found) = text.as_bytes().get(at..at + SHAPE.len()) {
        let is_uuid = found.iter().zip(SHAPE).all(|(byte, shape)| match shape {
            b'-' => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
        if is_uuid {
            text.replace_range(at..at + SHAPE.len(), "UUID");
        }
        at += 1;
    }
    text
}

/// The case that an address is in, and the address inside of it.
fn split(address: &str) -> (&str, &str) {
    address
        .strip_prefix("module.")
        .and_then(|rest| rest.split_once('.'))
        .unwrap_or((WHOLE, address))
}

/// The case that a diagnostic is about, and its place there.
fn place(diagnostic: &Diagnostic) -> (&str, String) {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let (mut case, address) = split(diagnostic.address.as_deref().unwrap_or_default());
    let range = diagnostic.range.as_ref();
    if case == WHOLE
        && let Some(inside) = range.and_then(|range| range.filename.strip_prefix("cases/"))
        && let Some((name, _)) = inside.split_once('/')
    {
        case = name;
    }
    let range = range.map(ToString::to_string).unwrap_or_default();
    (case, format!("{severity} {address} {range}"))
}
