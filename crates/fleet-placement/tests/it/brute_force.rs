//! The greedy choice against every subset of small fleets, by an oracle that shares no code with
//! it: it enumerates the subsets and knows the three bounds only by their definition.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::cluster::Effect;
use fleet_model::name::Key;
use fleet_placement::{Error, Mode, Request, decide};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::fleet::{Fleet, cluster, fleet, key, request, taint, targets};

#[derive(Debug, Clone)]
struct Instance {
    /// Region, avoided, incumbent, fits.
    clusters: Vec<(usize, bool, bool, bool)>,
    count: Option<usize>,
    min_regions: usize,
    cap: Option<usize>,
    primary: Option<usize>,
    seed: u8,
}

fn instances() -> impl Strategy<Value = Instance> {
    let one = (0..4usize, any::<bool>(), any::<bool>(), prop::bool::weighted(0.85));
    (
        prop::collection::vec(one, 0..9),
        prop::option::of(1..7usize),
        1..4usize,
        prop::option::of(1..4usize),
        prop::option::of(0..4usize),
        any::<u8>(),
    )
        .prop_map(|(clusters, count, min_regions, cap, primary, seed)| Instance {
            clusters,
            // A count below min_regions is refused before any cluster is looked at.
            count: count.map(|count| count.max(min_regions)),
            min_regions,
            cap,
            primary,
            seed,
        })
}

// === impl Instance ===

impl Instance {
    fn name(index: usize) -> String {
        format!("c{index}")
    }

    fn build(&self) -> (Fleet, Request) {
        let clusters = self.clusters.iter().enumerate().map(|(i, (region, avoided, _, fits))| {
            let mut cluster = cluster(&Self::name(i), &format!("r{region}"));
            if *avoided {
                cluster.record.taints.insert(taint("busy", Effect::PreferNoSelect));
            }
            if !fits {
                cluster.record.environment = "test".into();
            }
            cluster
        });
        let clusters = fleet(clusters);
        let incumbents: Vec<_> = (self.clusters.iter().enumerate())
            .filter(|(_, (_, _, incumbent, _))| *incumbent)
            .map(|(i, (region, ..))| (Self::name(i), format!("r{region}")))
            .collect();
        let incumbents: Vec<_> =
            incumbents.iter().map(|(name, region)| (name.as_str(), region.as_str())).collect();
        let mut request = request();
        request.key = key(&format!("p{}", self.seed));
        request.prior = (!incumbents.is_empty()).then(|| targets(&incumbents));
        request.strategy.count = self.count;
        request.strategy.min_regions = Some(self.min_regions);
        request.strategy.max_clusters_per_region = self.cap;
        if let Some(primary) = self.primary {
            request.strategy.primary_region = Some(format!("r{primary}"));
            request.strategy.mode = Some(Mode::BackupRestore);
        }
        (clusters, request)
    }

    /// The order as the specification words it.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.clusters.len()).collect();
        order.sort_by_key(|i| {
            let (_, avoided, incumbent, _) = self.clusters[*i];
            let placement = format!("p{}", self.seed);
            let mut bytes = (placement.len() as u64).to_be_bytes().to_vec();
            bytes.extend(placement.bytes().chain(Self::name(*i).bytes()));
            let hash: Vec<u8> = Sha256::digest(bytes).iter().map(|byte| !byte).collect();
            (!incumbent, avoided && !incumbent, hash)
        });
        order
    }

    fn is_feasible(&self, subset: &[usize]) -> bool {
        let mut regions: BTreeMap<usize, usize> = BTreeMap::new();
        for i in subset {
            *regions.entry(self.clusters[*i].0).or_default() += 1;
        }
        subset.iter().all(|i| self.clusters[*i].3)
            && !subset.is_empty()
            && self.count.is_none_or(|count| subset.len() <= count)
            && self.cap.is_none_or(|cap| regions.values().all(|n| *n <= cap))
            && regions.len() >= self.min_regions
            && self.primary.is_none_or(|primary| regions.contains_key(&primary))
    }

    /// The best feasible subset: the largest, then most incumbents, then the earliest in the order.
    fn best(&self) -> Option<BTreeSet<Key>> {
        let order = self.order();
        (0u32..1 << order.len())
            .map(|mask| -> Vec<usize> {
                (0..order.len()).filter(|position| mask >> position & 1 == 1).collect()
            })
            .map(|positions| {
                let subset: Vec<usize> = positions.iter().map(|p| order[*p]).collect();
                (positions, subset)
            })
            .filter(|(_, subset)| self.is_feasible(subset))
            .max_by_key(|(positions, subset)| {
                let kept = subset.iter().filter(|i| self.clusters[**i].2).count();
                let earliest: Vec<_> = positions.iter().map(|p| usize::MAX - p).collect();
                (subset.len(), kept, earliest)
            })
            .map(|(_, subset)| subset.iter().map(|i| key(&Self::name(*i))).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, ..ProptestConfig::default() })]

    #[test]
    fn greedy_is_optimal(instance in instances()) {
        let (clusters, request) = instance.build();
        let decided = match decide(&clusters, &request) {
            Ok(decision) => Some(decision.targets.keys().cloned().collect::<BTreeSet<_>>()),
            Err(Error::Empty(_) | Error::PrimaryRegion { .. } | Error::MinRegions { .. }) => None,
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        prop_assert_eq!(decided, instance.best());
    }

    /// Every cluster is either a target or has a reason, and never both.
    #[test]
    fn nothing_is_lost(instance in instances()) {
        let (clusters, request) = instance.build();
        if let Ok(decision) = decide(&clusters, &request) {
            for name in clusters.keys() {
                let why = decision.evaluation.rejected.get(name);
                prop_assert_eq!(decision.targets.contains_key(name), why.is_none(), "{}", name);
                prop_assert!(why.is_none_or(|why| !why.is_empty()));
            }
        }
    }
}
