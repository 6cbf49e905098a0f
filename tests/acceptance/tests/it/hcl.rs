//! HCL of the objects under test, with what every one of them needs filled in.

use std::collections::BTreeMap;
use std::fmt;

/// A resource block whose attributes are HCL expressions.
#[derive(Clone)]
pub(crate) struct Block {
    head: String,
    attributes: BTreeMap<&'static str, String>,
}

impl Block {
    fn resource(kind: &str, label: &str) -> Self {
        Self { head: format!("resource \"{kind}\" \"{label}\""), attributes: BTreeMap::new() }
    }

    /// Sets an attribute to an expression.
    pub(crate) fn set(mut self, attribute: &'static str, expression: impl Into<String>) -> Self {
        self.attributes.insert(attribute, expression.into());
        self
    }

    /// Sets an attribute to a string.
    pub(crate) fn text(self, attribute: &'static str, text: &str) -> Self {
        self.set(attribute, format!("\"{text}\""))
    }

    /// Leaves an attribute out.
    pub(crate) fn without(mut self, attribute: &str) -> Self {
        self.attributes.remove(attribute);
        self
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {{", self.head)?;
        for (attribute, expression) in &self.attributes {
            writeln!(f, "  {attribute} = {expression}")?;
        }
        writeln!(f, "}}\n")
    }
}

/// An account that becomes ready: every control owned, the smallest profile.
pub(crate) fn account(key: &str) -> Block {
    let block = match fleet_acceptance::vendor() {
        Some(vendor) => Block::resource("fleet_account", key).text("vendor", vendor),
        None => Block::resource("fleet_account", key),
    };
    block
        .text("name", key)
        .text("email", &format!("aws+{key}@example.com"))
        .text("account_class", "sandbox")
        .text("environment", "prod")
        .text("owner", "platform")
        .text("data_classification", "internal")
        .set("region_set", "[\"ap-southeast-1\"]")
        .text("network_profile", "private-service")
        .text("baseline_policy", "sandbox")
        .text("budget_owner", "platform")
        .set("controls", "{ organization-policies = \"own\" }")
}

/// An organizational unit below the root.
pub(crate) fn unit(label: &str, name: &str) -> Block {
    Block::resource("fleet_organizational_unit", label).text("name", name)
}

/// A cluster on an account, by the account's key.
pub(crate) fn cluster(name: &str, account: &str) -> Block {
    Block::resource("fleet_cluster_registration", name)
        .text("name", name)
        .text("account", account)
        .text("environment", "prod")
        .text("region", "ap-southeast-1")
        .text("cloud", "aws")
        .text("data_classification", "internal")
}

/// A placement of one replica anywhere in `environment = prod`, on the inventory of [`FLEET`].
pub(crate) fn placement(app: &str) -> Block {
    Block::resource("fleet_placement", app)
        .text("app", app)
        .text("environment", "prod")
        .text("namespace", "shop")
        .set("inventory", "local.fleet")
        .set("selector", "{ environment = \"prod\" }")
        .set("strategy", "{ count = 1 }")
}

/// The inventory of the store with the records of `clusters` over it, as `local.fleet`.
pub(crate) fn fleet(clusters: &[&str]) -> String {
    let records: Vec<String> =
        clusters.iter().map(|name| format!("fleet_cluster_registration.{name}.record")).collect();
    format!(
        "data \"fleet_inventory\" \"this\" {{}}\n\nlocals {{\n  fleet = provider::fleet::overlay(data.fleet_inventory.this.snapshot, [{}])\n}}\n\n",
        records.join(", ")
    )
}

/// Blocks one after the other.
pub(crate) fn all(blocks: &[&dyn fmt::Display]) -> String {
    blocks.iter().map(ToString::to_string).collect()
}
