//! From arguments to the domain: the record that placements decide on, and the document that the
//! inventory keeps; and back, for import.

use std::collections::BTreeSet;

use fleet_model::cluster::{Effect, Particulars, Record, Taint};
use fleet_model::inventory::{About, ClusterDocument, Gitops, Networking, Policies};
use fleet_model::lifecycle::LifecycleState;
use fleet_model::name::Key;
use tfplugin::Attr;

use super::model::{self, Model};

/// Why there is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoRecord {
    /// These facts are not known yet.
    Unknown(Vec<&'static str>),
    /// A value that validation refuses, or that is missing.
    Invalid(&'static str),
}

/// The placement facts. All of them must be known; those that are not are all named.
pub(super) fn record(model: &Model) -> Result<Record, NoRecord> {
    let taints_unknown = model.taints.known().is_some_and(|taints| {
        taints.iter().any(|t| t.key.is_unknown() || t.value.is_unknown() || t.effect.is_unknown())
    });
    let unknown: Vec<&'static str> = [
        ("name", model.name.is_unknown()),
        ("account", model.account.is_unknown()),
        ("environment", model.environment.is_unknown()),
        ("region", model.region.is_unknown()),
        ("cloud", model.cloud.is_unknown()),
        ("zones", model.zones.is_unknown()),
        ("tier", model.tier.is_unknown()),
        ("data_classification", model.data_classification.is_unknown()),
        ("labels", model.labels.is_unknown()),
        ("taints", model.taints.is_unknown() || taints_unknown),
        ("tenants", model.tenants.is_unknown()),
        ("schedulable", model.schedulable.is_unknown()),
        ("lifecycle_state", model.lifecycle_state.is_unknown()),
    ]
    .into_iter()
    .filter_map(|(field, unknown)| unknown.then_some(field))
    .collect();
    if !unknown.is_empty() {
        return Err(NoRecord::Unknown(unknown));
    }
    let key = |field: &'static str, value: &Attr<String>| {
        let text = value.known().ok_or(NoRecord::Invalid(field))?;
        Key::new(text.as_str()).map_err(|_| NoRecord::Invalid(field))
    };
    let text = |field: &'static str, value: &Attr<String>| {
        value.known().cloned().ok_or(NoRecord::Invalid(field))
    };
    let taint = |taint: &model::Taint| {
        let effect = taint.effect.known().and_then(|word| Effect::parse(word));
        Some(Taint {
            key: taint.key.known()?.clone(),
            value: taint.value.known().cloned().unwrap_or_default(),
            effect: effect?,
        })
    };
    let taints: Option<BTreeSet<Taint>> =
        model.taints.known().into_iter().flatten().map(taint).collect();
    let state = text("lifecycle_state", &model.lifecycle_state)?;
    let record = Record {
        name: key("name", &model.name)?,
        account: key("account", &model.account)?,
        environment: text("environment", &model.environment)?,
        region: text("region", &model.region)?,
        cloud: text("cloud", &model.cloud)?,
        zones: model.zones.known().cloned().unwrap_or_default(),
        tier: model.tier.known().cloned(),
        data_classification: text("data_classification", &model.data_classification)?,
        labels: model.labels.known().cloned().unwrap_or_default(),
        taints: taints.ok_or(NoRecord::Invalid("taints"))?,
        schedulable: model.schedulable.known().copied().unwrap_or(true),
        lifecycle_state: LifecycleState::parse(&state)
            .ok_or(NoRecord::Invalid("lifecycle_state"))?,
        tenants: model.tenants.known().cloned(),
        particulars: None,
    };
    Ok(record)
}

/// The record as placements see it: with what is said in arguments of its own, unless a part of that is not known yet.
/// Then the record does not say it, and what the inventory has counts until the next plan.
pub(super) fn placed(record: &Record, model: &Model, managed_by: Option<&str>) -> Record {
    let particulars = || {
        Some(Particulars {
            managed_by: managed_by?.to_owned(),
            owner: settled(&model.owner)?,
            kubernetes_version: settled(&model.kubernetes_version)?,
        })
    };
    Record { particulars: particulars(), ..record.clone() }
}

/// What the inventory keeps besides the record; `None` while a part of it is unknown.
pub(super) fn about(model: &Model) -> Option<About> {
    Some(About {
        owner: settled(&model.owner)?,
        kubernetes_version: settled(&model.kubernetes_version)?,
        gitops: match settled(&model.gitops)? {
            Some(gitops) => Some(Gitops {
                engine: settled(&gitops.engine)?,
                controller_mode: settled(&gitops.controller_mode)?,
            }),
            None => None,
        },
        policies: match settled(&model.policies)? {
            Some(policies) => Some(Policies {
                baseline: settled(&policies.baseline)?,
                image_verification: settled(&policies.image_verification)?,
            }),
            None => None,
        },
        networking: match settled(&model.networking)? {
            Some(networking) => Some(Networking {
                ingress_class: settled(&networking.ingress_class)?,
                egress_policy: settled(&networking.egress_policy)?,
            }),
            None => None,
        },
        created_at: settled(&model.created_at)?,
        decommission_after: settled(&model.decommission_after)?,
    })
}

/// `None` for unknown, `Some(None)` for null.
fn settled<T: Clone>(value: &Attr<T>) -> Option<Option<T>> {
    if value.is_unknown() { None } else { Some(value.known().cloned()) }
}

/// The arguments that a document says, for import; what it leaves out is null. What only the
/// store's other files tell (`account_id`, `admitted`) is null too.
pub(super) fn model(document: &ClusterDocument, sha256: &str) -> Model {
    fn present<T>(value: T, empty: impl Fn(&T) -> bool) -> Attr<T> {
        if empty(&value) { Attr::Null } else { Attr::Known(value) }
    }
    let canonical = document.placed().to_canonical_json().ok();
    let ClusterDocument { cluster: record, about, .. } = document.clone();
    let taints = record.taints.iter().map(|taint| model::Taint {
        key: Attr::Known(taint.key.clone()),
        value: present(taint.value.clone(), String::is_empty),
        effect: Attr::Known(taint.effect.as_str().to_owned()),
    });
    Model {
        id: Attr::Known(record.name.as_str().to_owned()),
        name: Attr::Known(record.name.into()),
        account: Attr::Known(record.account.into()),
        taints: present(taints.collect(), Vec::is_empty),
        environment: Attr::Known(record.environment),
        region: Attr::Known(record.region),
        cloud: Attr::Known(record.cloud),
        zones: present(record.zones, BTreeSet::is_empty),
        tier: record.tier.into(),
        data_classification: Attr::Known(record.data_classification),
        labels: present(record.labels, |labels| labels.is_empty()),
        tenants: record.tenants.into(),
        schedulable: Attr::Known(record.schedulable),
        lifecycle_state: Attr::Known(record.lifecycle_state.as_str().to_owned()),
        owner: about.owner.into(),
        kubernetes_version: about.kubernetes_version.into(),
        gitops: about
            .gitops
            .map(|gitops| model::Gitops {
                engine: gitops.engine.into(),
                controller_mode: gitops.controller_mode.into(),
            })
            .into(),
        policies: about
            .policies
            .map(|policies| model::Policies {
                baseline: policies.baseline.into(),
                image_verification: policies.image_verification.into(),
            })
            .into(),
        networking: about
            .networking
            .map(|networking| model::Networking {
                ingress_class: networking.ingress_class.into(),
                egress_policy: networking.egress_policy.into(),
            })
            .into(),
        created_at: about.created_at.into(),
        decommission_after: about.decommission_after.into(),
        account_id: Attr::Null,
        record: canonical.into(),
        admitted: Attr::Null,
        // A file alone makes no cluster retired, since a retired one may be destroyed: an apply does.
        lifecycle_phase: Attr::Known(LifecycleState::Active.as_str().to_owned()),
        inventory_sha256: Attr::Known(sha256.to_owned()),
    }
}
