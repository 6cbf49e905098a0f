//! The decision: filter, order, select, give roles, compare, limit.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::name::Key;
use fleet_model::snapshot::Cluster;

use crate::change::{Broken, Change};
use crate::filter;
use crate::order::Rank;
use crate::reason::Reason;
use crate::request::{Mode, Request, Role, Strategy, Target};
use crate::select::{Candidate, Selection};
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
    /// A label that only its carriers can match is carried by nobody.
    #[error("no cluster carries the label {}", .0.iter().cloned().collect::<Vec<_>>().join(", "))]
    UnknownLabels(BTreeSet<String>),
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
        return Err(Error::UnknownLabels(unknown));
    }
    let none = BTreeMap::new();
    let prior = request.prior.as_ref().unwrap_or(&none);

    let mut rejected = BTreeMap::new();
    let mut ranked = Vec::new();
    for (name, cluster) in clusters {
        let incumbent = prior.contains_key(name);
        let reasons = filter::reasons(request, cluster, incumbent);
        if reasons.is_empty() {
            let avoided = filter::is_avoided(request, cluster);
            let candidate = Candidate { name, region: cluster.record.region.as_str() };
            ranked.push((Rank::new(&request.key, name, incumbent, avoided), candidate));
        } else {
            rejected.insert(name.clone(), reasons);
        }
    }
    ranked.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let candidates: Vec<_> = ranked.into_iter().map(|(_, candidate)| candidate).collect();

    let selection = Selection::greedy(&request.strategy, &candidates);
    rejected.extend(selection.rejected.iter().map(|(name, why)| ((*name).clone(), why.clone())));
    for name in prior.keys().filter(|name| !clusters.contains_key(*name)) {
        rejected.insert(name.clone(), vec![Reason::Gone]);
    }
    let taken: BTreeSet<&Key> = selection.taken.iter().map(|candidate| candidate.name).collect();
    let evaluation = Evaluation {
        key: request.key.clone(),
        clusters: clusters.len(),
        eligible: candidates.len(),
        count: request.strategy.count,
        found: taken.len(),
        regions: selection.regions().map(|(region, _)| region.to_owned()).collect(),
        removed: prior.keys().filter(|name| !taken.contains(name)).cloned().collect(),
        rejected,
    };
    check(&request.strategy, &evaluation)?;

    let targets = targets(request, &selection, &candidates, prior);
    let change = Change::between(&request.key, prior, &targets);
    let broken = request.prior.as_ref().map(|_| change.broken(&request.limits)).unwrap_or_default();
    let decision = Decision { targets, change, evaluation };
    if broken.is_empty() {
        Ok(decision)
    } else {
        Err(Error::Limits { broken, decision: Box::new(decision) })
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
    selection: &Selection<'_>,
    candidates: &[Candidate<'_>],
    prior: &BTreeMap<Key, Target>,
) -> BTreeMap<Key, Target> {
    let positions: BTreeMap<&Key, usize> =
        candidates.iter().enumerate().map(|(i, candidate)| (candidate.name, i + 1)).collect();
    let sole_active = sole_active(&request.strategy, selection, prior);
    let mut targets = BTreeMap::new();
    for Candidate { name, region } in selection.taken.iter().copied() {
        let primary = request.strategy.primary_region.as_deref() == Some(region);
        let role = match request.strategy.mode {
            None => Role::Active,
            Some(mode @ Mode::BackupRestore) if sole_active != Some(name) => mode.secondary_role(),
            Some(_) if primary => Role::Active,
            Some(mode) => mode.secondary_role(),
        };
        let reason = match prior.get(name) {
            Some(target) if target.region == region => target.reason.clone(),
            _ => {
                let rank = positions.get(name).copied().unwrap_or_default();
                let place = if primary { "primary region, " } else { "" };
                format!("{place}rank {rank} of {} clusters that fit", candidates.len())
            }
        };
        targets.insert(name.clone(), Target { region: region.to_owned(), role, reason });
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
        prior
            .get(candidate.name)
            .is_some_and(|target| target.role == Role::Active && target.region == primary)
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
