//! The order in which clusters are taken.

use std::cmp::Reverse;

use fleet_model::name::Key;
use sha2::{Digest, Sha256};

/// How much is known about the account of a new target, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gate {
    /// It is ready (or the cluster is a target already, which its account does not drive out).
    Open,
    /// The inventory knows nothing of it: it is to be vended in this run.
    Coming,
    /// It is not ready. It may become ready in this run, or not.
    Waits,
}

/// Where a cluster stands: incumbents first, then by its [`Gate`], avoided ones (PreferNoSelect) last
/// among the new, then by rendezvous hash, highest first, then by name.
///
/// The hash depends on nothing but the placement's key and the cluster's name, so a new cluster
/// moves nobody but, at most, the one that it displaces, and each placement has its own order, so
/// that many placements spread over the fleet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank<'a> {
    new: bool,
    gate: Gate,
    avoided: bool,
    hash: Reverse<[u8; 32]>,
    name: &'a Key,
}

impl<'a> Rank<'a> {
    /// The rank of cluster `name` for the placement `key`. `avoided` does not count for incumbents.
    pub(crate) fn new(
        key: &Key,
        name: &'a Key,
        incumbent: bool,
        gate: Gate,
        avoided: bool,
    ) -> Self {
        let hash = Reverse(rendezvous(key, name));
        Self { new: !incumbent, gate, avoided: avoided && !incumbent, hash, name }
    }

    /// What is known about its account.
    pub(crate) fn gate(&self) -> Gate {
        self.gate
    }

    /// The same cluster, if its account were ready.
    pub(crate) fn if_open(self) -> Self {
        Self { gate: Gate::Open, ..self }
    }
}

/// SHA-256 over both names, the first preceded by its length, so that no two pairs share a hash by
/// moving the boundary.
fn rendezvous(placement: &Key, cluster: &Key) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((placement.as_str().len() as u64).to_be_bytes());
    hash.update(placement.as_str());
    hash.update(cluster.as_str());
    hash.finalize().into()
}
