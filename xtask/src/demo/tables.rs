//! The lab's outputs as tables.

use std::collections::BTreeSet;

use comfy_table::{Table, presets};
use serde_json::Value;

/// Name, id, OU, phase, ready.
pub(crate) fn accounts(accounts: &Value) -> Table {
    let mut table = table(&["name", "id", "OU", "phase", "ready"]);
    for account in rows(accounts) {
        table.add_row(["name", "id", "ou", "phase", "ready"].map(|column| cell(&account[column])));
    }
    table
}

/// Name, account, environment, region, admitted.
pub(crate) fn clusters(clusters: &Value) -> Table {
    let mut table = table(&["name", "account", "environment", "region", "admitted"]);
    for (name, cluster) in clusters.as_object().into_iter().flatten() {
        let rest =
            ["account", "environment", "region", "admitted"].map(|column| cell(&cluster[column]));
        table.add_row([name.clone()].into_iter().chain(rest));
    }
    table
}

/// App, environment, and the targets in each region.
pub(crate) fn placements(placements: &Value) -> Table {
    let regions: BTreeSet<&str> = rows(placements)
        .filter_map(|placement| placement["targets"].as_object())
        .flat_map(|targets| targets.keys().map(String::as_str))
        .collect();
    let head: Vec<&str> =
        ["app", "environment"].into_iter().chain(regions.iter().copied()).collect();
    let mut table = table(&head);
    for placement in rows(placements) {
        let targets = regions.iter().map(|region| names(&placement["targets"][region]));
        table.add_row(
            [cell(&placement["app"]), cell(&placement["environment"])].into_iter().chain(targets),
        );
    }
    table
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(head);
    table
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(|map| map.values())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

fn names(value: &Value) -> String {
    value.as_array().into_iter().flatten().map(cell).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_placement_shows_its_targets_by_region() {
        let table = placements(&json!({
            "a-prod": {"app": "a", "environment": "prod", "targets": {"r1": ["c1"], "r2": ["c2", "c3"]}},
            "b-dev": {"app": "b", "environment": "dev", "targets": {"r1": ["c1"]}},
        }));
        let lines: Vec<String> = table.lines().collect();
        assert!(lines[1].contains("r1") && lines[1].contains("r2"), "{table}");
        assert!(lines[3].contains("c2, c3"), "{table}");
        assert_eq!(table.row_iter().count(), 2);
    }

    #[test]
    fn an_account_that_is_not_ready_says_so() {
        let table = accounts(&json!({
            "a": {"name": "a", "id": "1", "ou": "Workloads/Prod", "phase": "created", "ready": false}
        }));
        let text = table.to_string();
        assert!(text.contains("Workloads/Prod") && text.contains("no"), "{text}");
    }
}
