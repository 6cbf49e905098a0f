//! State as `show -json` gives it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Every object of a state, of all modules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// By address.
    pub resources: BTreeMap<String, Resource>,
    /// Values of outputs.
    pub outputs: BTreeMap<String, Value>,
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its type.
    pub kind: String,
    /// Its attributes.
    pub values: Value,
    /// Whether the next apply would replace it.
    pub tainted: bool,
}

impl State {
    /// Reads the answer of `show -json`, of a state or a plan's prior state.
    pub fn read(answer: &Value) -> Self {
        let mut state = Self::default();
        let values = &answer["values"];
        if let Some(outputs) = values["outputs"].as_object() {
            state.outputs = outputs
                .iter()
                .map(|(name, output)| (name.clone(), output["value"].clone()))
                .collect();
        }
        collect(&values["root_module"], &mut state.resources);
        state
    }

    /// An object by its address.
    pub fn resource(&self, address: &str) -> Result<&Resource> {
        self.resources.get(address).with_context(|| {
            format!("{address} is not in the state; there are {:?}", self.resources.keys())
        })
    }

    /// The objects of a type, by address.
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Resource)> {
        self.resources
            .iter()
            .filter(move |(_, resource)| resource.kind == kind)
            .map(|(address, resource)| (address.as_str(), resource))
    }
}

impl Resource {
    /// An attribute that is a string.
    pub fn string(&self, attribute: &str) -> Result<&str> {
        self.values[attribute]
            .as_str()
            .with_context(|| format!("{attribute} is no string: {}", self.values[attribute]))
    }
}

fn collect(module: &Value, resources: &mut BTreeMap<String, Resource>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        let Some(address) = resource["address"].as_str() else { continue };
        resources.insert(
            address.to_owned(),
            Resource {
                kind: resource["type"].as_str().unwrap_or_default().to_owned(),
                values: resource["values"].clone(),
                tainted: resource["tainted"].as_bool().unwrap_or_default(),
            },
        );
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        collect(child, resources);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn modules_are_walked() -> Result<()> {
        let state = State::read(&json!({"values": {
        "outputs": {"o": {"value": 1, "type": "number"}},
        "root_module": {
            "resources": [{"address": "a.b", "type": "a", "values": {"x": "y"}}],
            "child_modules": [{"resources": [{"address": "module.m.a.c", "type": "a", "values": {}, "tainted": true}]}],
        }}}));
        assert_eq!(state.resource("a.b")?.string("x")?, "y");
        assert!(state.resource("module.m.a.c")?.tainted);
        assert_eq!(state.of_type("a").count(), 2);
        assert_eq!(state.outputs["o"], 1);
        assert!(state.resource("a.z").is_err());
        assert_eq!(State::read(&json!({"format_version": "1.0"})), State::default());
        Ok(())
    }
}
