//! The file that the vendor writes: what is asked for.

use std::collections::BTreeMap;

use fleet_vending_proto::v1beta1 as pb;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The form of the file.
const VERSION: u8 = 1;

/// What stands above each request.
const HEADER: &str = "\
# A request for a cloud account. fleet-vending-request writes this file; an edit is lost.
# Answer in fulfilments/KEY.yaml, with the request_sha256 of this file: see the page \"Accounts that people make\".
";

/// Where the account is in its life, as the fleet has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Life {
    /// In use, or to be made.
    #[default]
    Active,
    /// Its life is over.
    Retired,
    /// It goes on without the fleet.
    Released,
    /// It is to be closed.
    Closed,
}

/// What a person approves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) contract: Contract,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) parent: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) vendor_settings: Value,
}

/// The contract of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Contract {
    pub(crate) name: String,
    pub(crate) account_class: String,
    pub(crate) environment: String,
    pub(crate) owner: String,
    pub(crate) budget_owner: String,
    pub(crate) data_classification: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) email: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) region_set: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) network_profile: String,
    pub(crate) baseline_policy: String,
    pub(crate) gitops_enabled: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) controls: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) identity: Value,
}

/// What differs from an earlier request, which a fulfilment may have answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changed {
    /// The earlier request's.
    pub(crate) request_sha256: String,
    /// Names such as `parent` or `contract.owner`.
    pub(crate) fields: Vec<String>,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    version: u8,
    pub(crate) key: String,
    pub(crate) fleet_id: String,
    /// Empty: the account was released.
    pub(crate) managed_by: String,
    /// What a fulfilment has to repeat.
    pub(crate) request_sha256: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) requested_by: String,
    /// RFC 3339. Empty: never.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) due_by: String,
    pub(crate) lifecycle: Life,
    /// RFC 3339; when it was released, or was asked to be closed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) let_go_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<Changed>,
    pub(crate) asked: Asked,
    /// What an answer is to bring.
    wanted: Vec<String>,
}

/// Why a file is no request of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// Its form.
    #[error("it is not in the form of a request: {0}")]
    Form(#[from] fleet_artifacts::yaml::Error),
    /// Its version.
    #[error("it is of version {0}, which this program does not know")]
    Version(u8),
}

/// What is asked in a request of the host. JSON that is none is kept as a text.
pub(crate) fn asked(request: &pb::AccountRequest) -> Asked {
    let contract = request.contract.clone().unwrap_or_default();
    Asked {
        contract: Contract {
            name: contract.name,
            account_class: contract.account_class,
            environment: contract.environment,
            owner: contract.owner,
            budget_owner: contract.budget_owner,
            data_classification: contract.data_classification,
            email: contract.email,
            region_set: contract.region_set,
            network_profile: contract.network_profile,
            baseline_policy: contract.baseline_policy,
            gitops_enabled: contract.gitops_enabled,
            controls: contract.controls,
            identity: json(&contract.identity),
        },
        parent: request.parent.clone(),
        tags: request.tags.clone(),
        vendor_settings: json(&request.vendor_settings),
    }
}

fn json(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

impl Asked {
    /// Lower-case hex SHA-256 of its JSON: keys in their order, no spaces, what is not asked for left out.
    pub(crate) fn sha256(&self) -> String {
        let text = serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default();
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The names of the fields that differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let fields = |asked: &Self| match serde_json::to_value(asked) {
            Ok(Value::Object(mut fields)) => {
                let mut all = BTreeMap::new();
                if let Some(Value::Object(contract)) = fields.remove("contract") {
                    all.extend(
                        contract
                            .into_iter()
                            .map(|(name, value)| (format!("contract.{name}"), value)),
                    );
                }
                all.extend(fields);
                all
            }
            _ => BTreeMap::new(),
        };
        let (old, new) = (fields(self), fields(other));
        let mut names: Vec<String> = old.keys().chain(new.keys()).cloned().collect();
        names.sort();
        names.dedup();
        names.retain(|name| old.get(name) != new.get(name));
        names
    }
}

impl Request {
    /// A new one. `due_by` is RFC 3339, or empty.
    pub(crate) fn new(
        of: &pb::AccountRef,
        managed_by: &str,
        requested_by: &str,
        due_by: String,
        asked: Asked,
    ) -> Self {
        Self {
            version: VERSION,
            key: of.key.clone(),
            fleet_id: of.fleet_id.clone(),
            managed_by: managed_by.to_owned(),
            request_sha256: asked.sha256(),
            requested_by: requested_by.to_owned(),
            due_by,
            lifecycle: Life::Active,
            let_go_at: String::new(),
            changed: None,
            asked,
            wanted: ["native_id", "approver", "evidence"].map(str::to_owned).to_vec(),
        }
    }

    /// The same account with something else that is asked for; what differs from the request that an answer may have seen
    /// is kept until there is an answer to this one.
    pub(crate) fn asking(&self, asked: Asked, due_by: String) -> Self {
        if asked == self.asked {
            return self.clone();
        }
        let request_sha256 = asked.sha256();
        let mut fields = self.asked.differences(&asked);
        let earlier = match &self.changed {
            Some(earlier) => {
                fields.extend(earlier.fields.iter().cloned());
                fields.sort();
                fields.dedup();
                earlier.request_sha256.clone()
            }
            None => self.request_sha256.clone(),
        };
        let changed = Changed { request_sha256: earlier, fields };
        let changed = (changed.request_sha256 != request_sha256).then_some(changed);
        Self { request_sha256, asked, due_by, changed, ..self.clone() }
    }

    /// The bytes of the file.
    pub(crate) fn to_text(&self) -> Result<String, Unreadable> {
        let text = fleet_artifacts::yaml::to_string(self)?;
        Ok(format!("{HEADER}{text}").replacen("KEY", &self.key, 1))
    }

    /// Reads a file of ours.
    pub(crate) fn from_text(text: &str) -> Result<Self, Unreadable> {
        let request: Self = fleet_artifacts::yaml::from_str(text)?;
        if request.version == VERSION {
            Ok(request)
        } else {
            Err(Unreadable::Version(request.version))
        }
    }
}

#[cfg(test)]
mod tests;
