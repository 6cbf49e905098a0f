//! The decision: filter, order, select, give roles, compare, limit.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::name::Key;
use fleet_model::snapshot::Cluster;

use crate::change::{Broken, Change, moved};
use crate::filter;
use crate::order::{Gate, Rank};
use crate::reason::Reason;
use crate::request::{Mode, Request, Role, Strategy, Target};
use crate::select::{Candidate, Selection};
use crate::unmatched;
use crate::validate::Invalid;

/// What was decided, and everything that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The targets, by cluster.
    pub targets: BTreeMap<Key, Target>,
    /// What that changes.
    pub change: Change,
    /// Why, cluster by cluster.
    pub evaluation: Evaluation,
    /// The clusters that this configuration writes and whose accounts are not ready: those that were
    /// taken because there were not enough others, and those that would have been.
    pub waiting: BTreeMap<Key, Waiting>,
}

/// A cluster that waits for its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The account.
    pub account: Key,
    /// Its open checks.
    pub open_checks: Vec<String>,
    /// Whether the cluster is a target all the same.
    pub taken: bool,
}

/// What was found out on the way to a decision, or to an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The placement.
    pub key: Key,
    /// How many clusters were looked at.
    pub clusters: usize,
    /// How many of them fit.
    pub eligible: usize,
    /// The most targets asked for.
    pub count: Option<usize>,
    /// How many targets were found.
    pub found: usize,
    /// The regions of the targets that were found.
    pub regions: BTreeSet<String>,
    /// Every cluster that is no target, with all its reasons, and every target whose cluster left
    /// the inventory.
    pub rejected: BTreeMap<Key, Vec<Reason>>,
    /// The clusters that were targets and are none any more.
    pub removed: BTreeSet<Key>,
}

/// Why there is no decision. [`Error::evaluation`] has the near misses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request is wrong by itself.
    #[error("the request breaks a rule")]
    Invalid(Vec<Invalid>),
    /// A label that only its carriers can match is carried by nobody; beside each the keys that clusters
    /// do carry, the most alike first.
    #[error("no cluster carries the label {}", .0.keys().cloned().collect::<Vec<_>>().join(", "))]
    UnknownLabels(BTreeMap<String, Vec<String>>),
    /// No cluster fits.
    #[error("no cluster fits")]
    Empty(Box<Evaluation>),
    /// No cluster of the primary region fits.
    #[error("no cluster in the primary region {region} fits")]
    PrimaryRegion {
        /// The primary region.
        region: String,
        /// What was found out.
        evaluation: Box<Evaluation>,
    },
    /// The clusters that fit are in too few regions.
    #[error("the clusters that fit are in too few regions: {min_regions} are needed")]
    MinRegions {
        /// The least number of regions.
        min_regions: usize,
        /// What was found out.
        evaluation: Box<Evaluation>,
    },
    /// The change is larger than the limits allow.
    #[error("the change is larger than the limits allow")]
    Limits {
        /// The limits it breaks.
        broken: Vec<Broken>,
        /// What would have been decided.
        decision: Box<Decision>,
    },
}

/// Decides where the workload of `request` runs among `clusters`.
///
/// # Errors
/// When the request is wrong, nothing fits, too few regions fit, or the change breaks a limit.
pub fn decide(clusters: &BTreeMap<Key, Cluster>, request: &Request) -> Result<Decision, Error> {
    let invalid = request.invalid();
    if !invalid.is_empty() {
        return Err(Error::Invalid(invalid));
    }
    let unknown = filter::keys_nobody_carries(request, clusters);
    if !unknown.is_empty() && !clusters.is_empty() {
        return Err(Error::UnknownLabels(with_known_keys(clusters, unknown)));
    }
    let none = BTreeMap::new();
    let prior = request.prior.as_ref().unwrap_or(&none);

    let mut rejected = BTreeMap::new();
    let mut ranked = Vec::new();
    for (name, cluster) in clusters {
        let place = prior.get(name).filter(|target| target.is_on(&cluster.record));
        // A file admits nothing: what is only found there passes the rules of a new target.
        let admitted_before = place.is_some() && !request.found;
        let reasons = filter::reasons(request, cluster, admitted_before);
        if reasons.is_empty() {
            let incumbent = place.is_some();
            let avoided = filter::is_avoided(request, cluster);
            let gate = filter::gate(cluster, admitted_before);
            let region = cluster.record.region.as_str();
            let candidate = Candidate { name, region, incumbent };
            ranked.push((Rank::new(&request.key, name, incumbent, gate, avoided), candidate));
        } else {
            rejected.insert(name.clone(), reasons);
        }
    }
    ranked.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    for name in prior.keys().filter(|name| !clusters.contains_key(*name)) {
        rejected.insert(name.clone(), vec![Reason::Gone]);
    }
    let choice = Choice { clusters, request, prior, ranked, rejected };
    let decision = choice.decide()?;
    let limited = request.prior.is_some();
    let broken = if limited { decision.change.broken(&request.limits) } else { Vec::new() };
    if broken.is_empty() {
        Ok(decision)
    } else {
        Err(Error::Limits { broken, decision: Box::new(decision) })
    }
}

fn with_known_keys(
    clusters: &BTreeMap<Key, Cluster>,
    unknown: BTreeSet<String>,
) -> BTreeMap<String, Vec<String>> {
    let labels = clusters.values().flat_map(|cluster| cluster.record.labels.keys());
    let carried: BTreeSet<&str> = labels.map(String::as_str).collect();
    let alike = |key: &String| unmatched::alike(key, carried.iter().copied());
    unknown.into_iter().map(|key| (key.clone(), alike(&key))).collect()
}

/// Everything that a choice is made of.
struct Choice<'a> {
    clusters: &'a BTreeMap<Key, Cluster>,
    request: &'a Request,
    prior: &'a BTreeMap<Key, Target>,
    /// The clusters that fit, in the order in which they are taken.
    ranked: Vec<(Rank<'a>, Candidate<'a>)>,
    rejected: BTreeMap<Key, Vec<Reason>>,
}

impl<'a> Choice<'a> {
    /// A cluster that waits for its account is taken only where there would be no decision without it: it
    /// may not be ready in the apply, which would then refuse the whole placement.
    fn decide(&self) -> Result<Decision, Error> {
        type Ranked<'r, 'a> = Vec<&'r (Rank<'a>, Candidate<'a>)>;
        let (open, waiting): (Ranked<'_, 'a>, Ranked<'_, 'a>) =
            self.ranked.iter().partition(|(rank, _)| rank.gate() != Gate::Waits);
        let candidates = |ranked: &[&(Rank<'a>, Candidate<'a>)]| -> Vec<Candidate<'a>> {
            ranked.iter().map(|(_, candidate)| *candidate).collect()
        };
        if waiting.is_empty() {
            return self.among(&candidates(&open), BTreeMap::new());
        }
        let missed = self.missed();
        match self.among(&candidates(&open), missed) {
            Err(Error::Empty(_) | Error::PrimaryRegion { .. } | Error::MinRegions { .. }) => {
                let every: Vec<_> = self.ranked.iter().collect();
                let names = waiting.iter().map(|(_, candidate)| candidate.name);
                self.among(&candidates(&every), self.waiting(names))
            }
            decided => decided,
        }
    }

    /// The clusters that would be taken if every account were ready, and wait.
    fn missed(&self) -> BTreeMap<Key, Waiting> {
        let mut ranked: Vec<_> = self.ranked.iter().collect();
        ranked.sort_by_cached_key(|(rank, _)| rank.clone().if_open());
        let candidates: Vec<_> = ranked.iter().map(|(_, candidate)| *candidate).collect();
        let waits: BTreeSet<&Key> = self
            .ranked
            .iter()
            .filter(|(rank, _)| rank.gate() == Gate::Waits)
            .map(|(_, candidate)| candidate.name)
            .collect();
        let taken = Selection::greedy(&self.request.strategy, &candidates).taken;
        self.waiting(taken.into_iter().map(|of| of.name).filter(|name| waits.contains(name)))
    }

    fn waiting<'k>(&self, names: impl Iterator<Item = &'k Key>) -> BTreeMap<Key, Waiting> {
        let waiting = |name: &Key| {
            let cluster = self.clusters.get(name)?;
            let account = cluster.record.account.clone();
            let open_checks = cluster.open_checks.clone();
            Some((name.clone(), Waiting { account, open_checks, taken: false }))
        };
        names.filter_map(waiting).collect()
    }

    /// The decision among these, which are in the order of preference.
    fn among(
        &self,
        candidates: &[Candidate<'a>],
        mut waiting: BTreeMap<Key, Waiting>,
    ) -> Result<Decision, Error> {
        let Self { clusters, request, prior, .. } = self;
        let selection = Selection::greedy(&request.strategy, candidates);
        let taken: BTreeSet<&Key> =
            selection.taken.iter().map(|candidate| candidate.name).collect();
        let mut rejected = self.rejected.clone();
        rejected
            .extend(selection.rejected.iter().map(|(name, why)| ((*name).clone(), why.clone())));
        for (_, candidate) in &self.ranked {
            if !taken.contains(candidate.name)
                && !selection.rejected.contains_key(candidate.name)
                && let Some(cluster) = clusters.get(candidate.name)
            {
                let account = cluster.record.account.clone();
                let open = cluster.open_checks.clone();
                rejected.insert(candidate.name.clone(), vec![Reason::Waits { account, open }]);
            }
        }
        // What became of a cluster comes before why it does not fit where it is now.
        for (name, target) in prior.iter() {
            let Some(Cluster { record, .. }) = clusters.get(name) else { continue };
            let (account, cloud) = (Some(&record.account), Some(record.cloud.as_str()));
            if let Some(why) = rejected.get_mut(name) {
                why.splice(0..0, moved(target, &record.region, account, cloud));
            }
        }
        let evaluation = Evaluation {
            key: request.key.clone(),
            clusters: clusters.len(),
            eligible: self.ranked.len(),
            count: request.strategy.count,
            found: taken.len(),
            regions: selection.regions().map(|(region, _)| region.to_owned()).collect(),
            removed: prior.keys().filter(|name| !taken.contains(name)).cloned().collect(),
            rejected,
        };
        check(&request.strategy, &evaluation)?;
        let targets = targets(request, clusters, &selection, candidates, prior);
        let change = Change::between(&request.key, prior, &targets, &evaluation.rejected);
        for (name, of) in &mut waiting {
            of.taken = targets.contains_key(name);
        }
        // Of those that were considered for want of others, only the ones that were taken are told.
        let every = candidates.len() == self.ranked.len();
        waiting.retain(|_, of| of.taken || !every);
        Ok(Decision { targets, change, evaluation, waiting })
    }
}

/// Whether what was found is enough.
fn check(strategy: &Strategy, evaluation: &Evaluation) -> Result<(), Error> {
    if evaluation.found == 0 {
        return Err(Error::Empty(Box::new(evaluation.clone())));
    }
    if let Some(region) = &strategy.primary_region
        && !evaluation.regions.contains(region)
    {
        let (region, evaluation) = (region.clone(), Box::new(evaluation.clone()));
        return Err(Error::PrimaryRegion { region, evaluation });
    }
    let min_regions = strategy.min_regions();
    if evaluation.regions.len() < min_regions {
        return Err(Error::MinRegions { min_regions, evaluation: Box::new(evaluation.clone()) });
    }
    Ok(())
}

/// Gives the roles, and the reasons of the targets that are new; the others keep theirs, so that
/// nothing in the state moves while the targets do not.
fn targets(
    request: &Request,
    clusters: &BTreeMap<Key, Cluster>,
    selection: &Selection<'_>,
    candidates: &[Candidate<'_>],
    prior: &BTreeMap<Key, Target>,
) -> BTreeMap<Key, Target> {
    let positions: BTreeMap<&Key, usize> =
        candidates.iter().enumerate().map(|(i, candidate)| (candidate.name, i + 1)).collect();
    let sole_active = sole_active(&request.strategy, selection, prior);
    let mut targets = BTreeMap::new();
    for Candidate { name, region, incumbent } in selection.taken.iter().copied() {
        let Some(Cluster { record, .. }) = clusters.get(name) else { continue };
        let primary = request.strategy.primary_region.as_deref() == Some(region);
        let role = match request.strategy.mode {
            None => Role::Active,
            Some(mode @ Mode::BackupRestore) if sole_active != Some(name) => mode.secondary_role(),
            Some(_) if primary => Role::Active,
            Some(mode) => mode.secondary_role(),
        };
        let reason = match prior.get(name) {
            Some(target) if incumbent && !request.found => target.reason.clone(),
            _ => {
                let rank = positions.get(name).copied().unwrap_or_default();
                let place = if primary { "primary region, " } else { "" };
                format!("{place}rank {rank} of {} clusters that fit", candidates.len())
            }
        };
        let target = Target {
            region: region.to_owned(),
            account: Some(record.account.clone()),
            cloud: Some(record.cloud.clone()),
            role,
            reason,
        };
        targets.insert(name.clone(), target);
    }
    targets
}

/// In backup-restore one target serves, however many the primary region has: the one that does
/// already, else the first that was taken there.
fn sole_active<'a>(
    strategy: &Strategy,
    selection: &Selection<'a>,
    prior: &BTreeMap<Key, Target>,
) -> Option<&'a Key> {
    if strategy.mode != Some(Mode::BackupRestore) {
        return None;
    }
    let primary = strategy.primary_region.as_deref()?;
    let mut there = selection.taken.iter().filter(|candidate| candidate.region == primary);
    let serves = |candidate: &&Candidate<'a>| {
        let target = prior.get(candidate.name).filter(|_| candidate.incumbent);
        target.is_some_and(|target| target.role == Role::Active)
    };
    there.clone().find(serves).or_else(|| there.next()).map(|candidate| candidate.name)
}

// === impl Error ===

impl Error {
    /// What was found out before the decision failed; `None` when no cluster was looked at.
    #[must_use]
    pub fn evaluation(&self) -> Option<&Evaluation> {
        match self {
            Self::Invalid(_) | Self::UnknownLabels(_) => None,
            Self::Empty(evaluation)
            | Self::PrimaryRegion { evaluation, .. }
            | Self::MinRegions { evaluation, .. } => Some(evaluation),
            Self::Limits { decision, .. } => Some(&decision.evaluation),
        }
    }
}
