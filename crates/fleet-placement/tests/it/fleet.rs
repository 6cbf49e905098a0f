//! Small fleets to decide on.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::cluster::{Effect, Record, Taint};
use fleet_model::lifecycle::LifecycleState;
use fleet_model::name::Key;
use fleet_model::snapshot::Cluster;
use fleet_placement::{Limits, Request, Role, Selector, Strategy, Target};

pub(crate) type Fleet = BTreeMap<Key, Cluster>;

pub(crate) fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// An admitted prod cluster without labels or taints.
pub(crate) fn cluster(name: &str, region: &str) -> Cluster {
    Cluster {
        record: Record {
            name: key(name),
            account: key("prod"),
            environment: "prod".into(),
            region: region.into(),
            cloud: "aws".into(),
            zones: BTreeSet::new(),
            tier: None,
            data_classification: "internal".into(),
            labels: BTreeMap::new(),
            taints: BTreeSet::new(),
            schedulable: true,
            lifecycle_state: LifecycleState::Active,
            tenants: None,
            particulars: None,
        },
        admitted: true,
        open_checks: Vec::new(),
        planned: false,
    }
}

pub(crate) fn fleet(clusters: impl IntoIterator<Item = Cluster>) -> Fleet {
    clusters.into_iter().map(|cluster| (cluster.record.name.clone(), cluster)).collect()
}

/// One cluster per pair of name and region.
pub(crate) fn plain(clusters: &[(&str, &str)]) -> Fleet {
    fleet(clusters.iter().map(|(name, region)| cluster(name, region)))
}

pub(crate) fn taint(key: &str, effect: Effect) -> Taint {
    Taint { key: key.into(), value: String::new(), effect }
}

/// A create of the prod placement `app-prod`, with nothing selected and no bound.
pub(crate) fn request() -> Request {
    Request {
        key: key("app-prod"),
        manager: Some("us".into()),
        environment: "prod".into(),
        selector: Selector::default(),
        strategy: Strategy::default(),
        tolerations: Vec::new(),
        prior: None,
        found: false,
        limits: Limits::default(),
    }
}

/// Active targets with the reason `before`.
pub(crate) fn targets(targets: &[(&str, &str)]) -> BTreeMap<Key, Target> {
    let target = |region: &str| Target {
        region: region.into(),
        account: Some(key("prod")),
        cloud: Some("aws".into()),
        role: Role::Active,
        reason: "before".into(),
    };
    targets.iter().map(|(name, region)| (key(name), target(region))).collect()
}

pub(crate) fn names<'a>(targets: impl IntoIterator<Item = &'a Key>) -> Vec<&'a str> {
    targets.into_iter().map(Key::as_str).collect()
}
