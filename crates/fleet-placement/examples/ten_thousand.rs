//! How long one decision takes in a large fleet:
//! `cargo run --release -p fleet-placement --example ten_thousand`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Instant;

use fleet_model::cluster::Record;
use fleet_model::lifecycle::LifecycleState;
use fleet_model::name::{Error, Key};
use fleet_model::snapshot::Cluster;
use fleet_placement::{Limits, Request, Selector, Strategy, decide};

const CLUSTERS: usize = 10_000;
const DECISIONS: usize = 50;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clusters: BTreeMap<Key, Cluster> = (0..CLUSTERS)
        .map(|i| cluster(i).map(|cluster| (cluster.record.name.clone(), cluster)))
        .collect::<Result<_, _>>()?;
    let started = Instant::now();
    for i in 0..DECISIONS {
        let request = Request {
            key: Key::new(format!("app-{i}"))?,
            manager: Some("us".into()),
            environment: "prod".into(),
            selector: Selector {
                match_labels: [("pci".into(), "true".into())].into(),
                ..Selector::default()
            },
            strategy: Strategy {
                count: Some(12),
                min_regions: Some(3),
                max_clusters_per_region: Some(4),
                ..Strategy::default()
            },
            tolerations: Vec::new(),
            prior: None,
            found: false,
            limits: Limits::default(),
        };
        decide(&clusters, &request)?;
    }
    let each = started.elapsed() / u32::try_from(DECISIONS)?;
    writeln!(std::io::stdout(), "{CLUSTERS} clusters: {each:?} a decision")?;
    Ok(())
}

fn cluster(i: usize) -> Result<Cluster, Error> {
    Ok(Cluster {
        record: Record {
            name: Key::new(format!("cluster-{i}"))?,
            account: Key::new(format!("account-{}", i / 3))?,
            environment: ["prod", "nonprod", "sandbox"][i % 3].into(),
            region: format!("region-{}", i % 20),
            cloud: "aws".into(),
            zones: BTreeSet::new(),
            tier: None,
            data_classification: "internal".into(),
            labels: [("pci".into(), i.is_multiple_of(2).to_string())].into(),
            taints: BTreeSet::new(),
            schedulable: true,
            lifecycle_state: LifecycleState::Active,
            tenants: None,
            particulars: None,
        },
        admitted: true,
        open_checks: Vec::new(),
        planned: false,
    })
}
