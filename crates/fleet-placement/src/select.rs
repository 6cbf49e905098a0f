//! The greedy choice under `count`, the cap per region and `min_regions`.

use std::collections::BTreeMap;

use fleet_model::name::Key;

use crate::reason::Reason;
use crate::request::Strategy;

/// A cluster that fits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) name: &'a Key,
    pub(crate) region: &'a str,
    /// Whether it is a target already.
    pub(crate) incumbent: bool,
}

/// What was taken, in the order in which it was, and why each of the others was not.
#[derive(Debug, Default)]
pub(crate) struct Selection<'a> {
    pub(crate) taken: Vec<Candidate<'a>>,
    pub(crate) rejected: BTreeMap<&'a Key, Vec<Reason>>,
    by_region: BTreeMap<&'a str, Vec<&'a Key>>,
}

impl<'a> Selection<'a> {
    /// Takes from `candidates`, which are in the order of preference.
    ///
    /// The best of the primary region is taken first; the caller has seen to it that there is one.
    /// A matroid contracted by one element is a matroid, so what follows stays optimal.
    pub(crate) fn greedy(strategy: &Strategy, candidates: &[Candidate<'a>]) -> Self {
        let mut selection = Self::default();
        let first = strategy
            .primary_region
            .as_deref()
            .and_then(|primary| candidates.iter().find(|c| c.region == primary));
        if let Some(first) = first {
            selection.take(*first);
        }
        for candidate in candidates {
            if first.is_some_and(|first| first.name == candidate.name) {
                continue;
            }
            let reasons = selection.refusals(strategy, candidate);
            if reasons.is_empty() {
                selection.take(*candidate);
            } else {
                selection.rejected.insert(candidate.name, reasons);
            }
        }
        selection
    }

    /// How many targets each region has.
    pub(crate) fn regions(&self) -> impl Iterator<Item = (&'a str, usize)> {
        self.by_region.iter().map(|(region, held)| (*region, held.len()))
    }

    fn take(&mut self, candidate: Candidate<'a>) {
        self.by_region.entry(candidate.region).or_default().push(candidate.name);
        self.taken.push(candidate);
    }

    fn refusals(&self, strategy: &Strategy, candidate: &Candidate<'a>) -> Vec<Reason> {
        let held = self.by_region.get(candidate.region).map_or(&[][..], Vec::as_slice);
        let held_by = || held.iter().map(|name| name.to_string()).collect();
        let mut reasons = Vec::new();
        if strategy.max_clusters_per_region.is_some_and(|cap| held.len() >= cap) {
            let region = candidate.region.to_owned();
            reasons.push(Reason::RegionCap { region, held_by: held_by() });
        }
        if let Some(count) = strategy.count {
            if self.taken.len() >= count {
                reasons.push(Reason::MaxTotal { count });
            }
            // Every target beyond the first of its region uses up one of the places that need not
            // go to a new region: Σ(n_r − 1)⁺ ≤ count − min_regions.
            let min_regions = strategy.min_regions();
            let doubled = self.taken.len() - self.by_region.len();
            if !held.is_empty() && doubled >= count.saturating_sub(min_regions) {
                reasons.push(Reason::SpreadReserve { min_regions, held_by: held_by() });
            }
        }
        reasons
    }
}
