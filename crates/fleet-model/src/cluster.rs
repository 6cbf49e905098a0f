//! Clusters: the record that placement sees, and the document the inventory keeps (guide §9).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::label;
use crate::lifecycle::{LifecycleState, words};
use crate::name::{self, Key, Name};
use crate::software::{self, check_version};
use crate::text::{self, check_text};

/// What a taint does to a workload that does not tolerate it (Open Cluster Management's effects).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Effect {
    /// Not selected; targets that are there leave.
    NoSelect,
    /// Selected last.
    PreferNoSelect,
    /// Not newly selected; targets that are there stay.
    NoSelectIfNew,
}

words!(Effect {
    NoSelect => "NoSelect",
    PreferNoSelect => "PreferNoSelect",
    NoSelectIfNew => "NoSelectIfNew",
});

/// A mark on a cluster that keeps workloads away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// What it is about: `maintenance` …
    pub key: String,
    /// A detail of the key; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What it does.
    pub effect: Effect,
}

/// The placement facts of a cluster: only what is *asserted* by its registration, nothing that a
/// cloud tells later, so that it is known in the first plan. Its canonical JSON is
/// `fleet_cluster_registration.record`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Unique in the fleet.
    pub name: Key,
    /// The key of the account it runs in.
    pub account: Key,
    /// The cluster's environment.
    pub environment: String,
    /// The cloud's name of the region.
    pub region: String,
    /// `aws`, …
    pub cloud: String,
    /// Availability zones.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub zones: BTreeSet<String>,
    /// A free name: `tier-0` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// A free name: `pci` …
    pub data_classification: String,
    /// What selectors match.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What keeps workloads away.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub taints: BTreeSet<Taint>,
    /// `false` keeps every new target away; incumbents stay.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub schedulable: bool,
    /// A retired cluster is matched by no selector.
    #[serde(default)]
    pub lifecycle_state: LifecycleState,
    /// Who may place workloads here, by `managed_by`; `None` is everybody, an empty set nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenants: Option<BTreeSet<String>>,
    /// Who manages the cluster, who answers for it and what it runs. `None`: the record does not say, since a version wrote
    /// it that did not, or since a part was not known when it was planned; then what the inventory has counts. The
    /// file of a cluster says the same in fields of its own, so the record in a document has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub particulars: Option<Particulars>,
}

/// What selectors match besides the facts that the contract of an account settles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Particulars {
    /// The one mutation owner of the registration.
    pub managed_by: String,
    /// The team that answers for the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `1.32`, `1.32.4-eks-abc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes_version: Option<String>,
}

fn yes() -> bool {
    true
}

/// Why a text is not a record.
#[derive(Debug, thiserror::Error)]
#[error("it is not the JSON of a cluster's placement facts")]
pub struct RecordError(#[source] serde_json::Error);

/// A fact that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {error}", self.place())]
pub struct Problem {
    /// The field of the record, which is also the attribute of the registration.
    pub field: &'static str,
    /// The key, zone or index within the field, if it has parts.
    pub element: Option<String>,
    /// What is wrong.
    pub error: FactError,
}

impl Problem {
    fn place(&self) -> String {
        match &self.element {
            Some(element) => format!("{}[{element:?}]", self.field),
            None => self.field.to_owned(),
        }
    }
}

/// The rule that a fact breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// A name's rule.
    #[error(transparent)]
    Name(#[from] name::Error),
    /// A label's rule.
    #[error(transparent)]
    Label(#[from] label::Error),
    /// A text's rule.
    #[error(transparent)]
    Text(#[from] text::TextError),
    /// A version's rule.
    #[error(transparent)]
    Software(#[from] software::SoftwareError),
    /// A zone's rule.
    #[error(
        "a zone is 1 to 63 characters of a-z, 0-9, `-`, `_` and `.`, and starts and ends with a letter or digit"
    )]
    Zone,
}

impl Record {
    /// The canonical JSON: fields in the order of this struct, maps and sets sorted, what has its
    /// default left out. Equal records are equal texts.
    ///
    /// # Errors
    /// None in practice: every part of a record can be written as JSON.
    pub fn to_canonical_json(&self) -> Result<String, RecordError> {
        serde_json::to_string(self).map_err(RecordError)
    }

    /// Reads a record from JSON, whatever the order of its fields; `null` is the same as absent.
    ///
    /// # Errors
    /// Not JSON, not an object, an unknown, missing or wrongly typed field.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let stated: BTreeMap<String, Option<serde_json::Value>> =
            serde_json::from_str(text).map_err(RecordError)?;
        let stated = stated.into_iter().filter_map(|(field, value)| Some((field, value?)));
        serde_json::from_value(serde_json::Value::Object(stated.collect())).map_err(RecordError)
    }

    /// Everything in the record that cannot be, in the order of its fields. Names and keys are
    /// free (DESIGN.md, "fleet_account"); labels and taints follow Kubernetes' syntax, since they
    /// end up as labels of objects.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut note = |field, element: Option<String>, result: Result<(), FactError>| {
            if let Err(error) = result {
                found.push(Problem { field, element, error });
            }
        };
        note("name", None, check_name(self.name.as_str()));
        for (field, text) in [
            ("environment", Some(&self.environment)),
            ("region", Some(&self.region)),
            ("cloud", Some(&self.cloud)),
            ("tier", self.tier.as_ref()),
            ("data_classification", Some(&self.data_classification)),
        ] {
            note(field, None, text.map_or(Ok(()), |text| check_free_name(text)));
        }
        for zone in &self.zones {
            note("zones", Some(zone.clone()), check_zone(zone));
        }
        for (key, value) in &self.labels {
            note("labels", Some(key.clone()), check_label(key, value));
        }
        for taint in &self.taints {
            note("taints", Some(taint.key.clone()), check_label(&taint.key, &taint.value));
        }
        for tenant in self.tenants.iter().flatten() {
            note("tenants", Some(tenant.clone()), check_text(tenant).map_err(FactError::from));
        }
        if let Some(Particulars { managed_by, owner, kubernetes_version }) = &self.particulars {
            let text = |text: &str| Ok(check_text(text)?);
            note("managed_by", None, text(managed_by));
            note("owner", None, owner.as_deref().map_or(Ok(()), text));
            let version = kubernetes_version.as_deref().map_or(Ok(()), check_version);
            note("kubernetes_version", None, version.map_err(FactError::from));
        }
        found
    }
}

/// Whether `text` can be a cluster's name.
///
/// # Errors
/// The rule that it breaks.
pub fn check_name(text: &str) -> Result<(), FactError> {
    Key::new(text)?;
    Ok(())
}

/// Whether `text` can be an environment, region, cloud, tier or data classification.
///
/// # Errors
/// The rule that it breaks.
pub fn check_free_name(text: &str) -> Result<(), FactError> {
    Name::new(text)?;
    Ok(())
}

/// Whether `text` can be a zone. Azure's are digits, so its characters are those of keys.
///
/// # Errors
/// The rule that it breaks.
pub fn check_zone(text: &str) -> Result<(), FactError> {
    if name::is_file_stem(text) { Ok(()) } else { Err(FactError::Zone) }
}

/// Whether `key` and `value` can be a user's label or taint.
///
/// # Errors
/// The rule that they break.
pub fn check_label(key: &str, value: &str) -> Result<(), FactError> {
    label::check_user_key(key)?;
    label::check_value(value)?;
    Ok(())
}
