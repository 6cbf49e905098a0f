//! Whether a cluster fits: every rule is evaluated, and every one that it breaks is kept.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::cluster::{Effect, Taint};
use fleet_model::lifecycle::LifecycleState;
use fleet_model::name::Key;
use fleet_model::snapshot::Cluster;

use crate::order::Gate;
use crate::reason::Reason;
use crate::request::Request;

/// Every rule that `cluster` breaks; empty when it fits. An incumbent is measured by fewer rules:
/// what keeps only new targets away does not drive it out.
pub(crate) fn reasons(request: &Request, cluster: &Cluster, incumbent: bool) -> Vec<Reason> {
    let (selector, record) = (&request.selector, &cluster.record);
    let mut reasons = Vec::new();

    let environment = selector.environment.as_ref().unwrap_or(&request.environment);
    if record.environment != *environment {
        let (want, got) = (environment.clone(), record.environment.clone());
        reasons.push(Reason::Environment { want, got });
    }
    if selector.regions.as_ref().is_some_and(|regions| !regions.contains(&record.region)) {
        reasons.push(Reason::Region { got: record.region.clone() });
    }
    for (key, want) in &selector.match_labels {
        let got = record.labels.get(key);
        if got != Some(want) {
            let (key, want, got) = (key.clone(), want.clone(), got.cloned());
            reasons.push(Reason::Label { key, want, got });
        }
    }
    for expression in &selector.match_expressions {
        if !expression.matches(&record.labels) {
            reasons.push(Reason::Label {
                key: expression.key.clone(),
                want: expression.to_string(),
                got: record.labels.get(&expression.key).cloned(),
            });
        }
    }
    let outside = |allowed: &Option<BTreeSet<String>>, value: Option<&String>| {
        allowed.as_ref().is_some_and(|allowed| value.is_none_or(|value| !allowed.contains(value)))
    };
    if outside(&selector.data_classification, Some(&record.data_classification)) {
        reasons.push(Reason::DataClassification { got: record.data_classification.clone() });
    }
    if outside(&selector.tier, record.tier.as_ref()) {
        reasons.push(Reason::Tier { got: record.tier.clone() });
    }
    if outside(&selector.names, Some(&record.name.to_string())) {
        reasons.push(Reason::Name);
    }
    if outside(&selector.accounts, Some(&record.account.to_string())) {
        reasons.push(Reason::Account { got: record.account.clone() });
    }
    if outside(&selector.clouds, Some(&record.cloud)) {
        reasons.push(Reason::Cloud { got: record.cloud.clone() });
    }
    if selector.zones.as_ref().is_some_and(|zones| zones.is_disjoint(&record.zones)) {
        reasons.push(Reason::Zones { got: record.zones.clone() });
    }
    let said = record.particulars.as_ref();
    let owner = said.and_then(|of| of.owner.as_ref());
    if outside(&selector.owners, owner) {
        reasons.push(Reason::Owner { got: owner.cloned() });
    }
    let manager = said.map(|of| &of.managed_by);
    if outside(&selector.managed_by, manager) {
        reasons.push(Reason::ManagedBy { got: manager.cloned() });
    }
    if let Some(want) = &selector.kubernetes_version {
        let got = said.and_then(|of| of.kubernetes_version.as_ref());
        if !got.is_some_and(|version| want.contains(version)) {
            reasons.push(Reason::Version { want: want.to_string(), got: got.cloned() });
        }
    }
    // Of targets that are there, too: what a cluster takes is for its own team to say.
    if let (Some(manager), Some(tenants)) = (&request.manager, &record.tenants)
        && !tenants.contains(manager)
    {
        reasons.push(Reason::Tenants { want: manager.clone(), got: tenants.clone() });
    }
    for taint in untolerated(request, cluster) {
        let keeps_away = match taint.effect {
            Effect::NoSelect => true,
            Effect::NoSelectIfNew => !incumbent,
            Effect::PreferNoSelect => false,
        };
        if keeps_away {
            reasons.push(Reason::Taint { key: taint.key.clone(), effect: taint.effect });
        }
    }
    if !record.schedulable && !incumbent {
        reasons.push(Reason::Unschedulable);
    }
    if record.lifecycle_state == LifecycleState::Retired {
        reasons.push(Reason::Lifecycle);
    }
    // The gate acts like a taint, yet nothing tolerates it: no workload may say that an account
    // which is not ready is good enough.
    if !(cluster.admitted || cluster.planned || incumbent) {
        reasons.push(Reason::NotAdmitted);
    }
    reasons
}

/// What is known about the account of a cluster that breaks no rule.
pub(crate) fn gate(cluster: &Cluster, incumbent: bool) -> Gate {
    match (cluster.admitted || incumbent, cluster.open_checks.is_empty()) {
        (true, _) => Gate::Open,
        (false, true) => Gate::Coming,
        (false, false) => Gate::Waits,
    }
}

/// Whether the cluster is to be taken only after all others.
pub(crate) fn is_avoided(request: &Request, cluster: &Cluster) -> bool {
    untolerated(request, cluster).any(|taint| taint.effect == Effect::PreferNoSelect)
}

fn untolerated<'a>(
    request: &'a Request,
    cluster: &'a Cluster,
) -> impl Iterator<Item = &'a Taint> + 'a {
    let tolerated =
        |taint: &Taint| request.tolerations.iter().any(|toleration| toleration.tolerates(taint));
    cluster.record.taints.iter().filter(move |taint| !tolerated(taint))
}

/// The keys that only a cluster which carries them can match, and that no cluster carries: a
/// spelling mistake more likely than a wish for nothing.
pub(crate) fn keys_nobody_carries(
    request: &Request,
    clusters: &BTreeMap<Key, Cluster>,
) -> BTreeSet<String> {
    let expressions =
        request.selector.match_expressions.iter().filter(|e| e.operator.needs_label());
    let mut wanted: BTreeSet<&String> =
        request.selector.match_labels.keys().chain(expressions.map(|e| &e.key)).collect();
    for cluster in clusters.values() {
        if wanted.is_empty() {
            break;
        }
        wanted.retain(|key| !cluster.record.labels.contains_key(*key));
    }
    wanted.into_iter().cloned().collect()
}
