//! The decision of a plan, and the same decision again in apply.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fleet_model::name::Key;
use fleet_model::snapshot::{Cluster, Snapshot};
use fleet_placement::{Decision, Request, Target, decide};
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};

use super::report;
use crate::inventory;
use crate::runtime::Runtime;

/// The last fleet that was put together from the store that a snapshot names.
#[derive(Debug, Default)]
pub(super) struct Fleets {
    current: Mutex<Option<Arc<Current>>>,
    told: Mutex<Option<Told>>,
}

/// A configuration's snapshot with what the run's own plans say of accounts.
#[derive(Debug)]
struct Told {
    configured: Arc<Snapshot>,
    closed: BTreeMap<Key, Vec<String>>,
    decided_on: Arc<Snapshot>,
}

/// A store's clusters with the marks of a configuration's snapshot.
#[derive(Debug)]
struct Current {
    /// The store as it is.
    store: Arc<Snapshot>,
    configured: Arc<Snapshot>,
    /// The same, but for what the plan knew of the accounts of clusters that it was about to write.
    decided_on: BTreeMap<Key, Cluster>,
}

/// The snapshot that is configured.
pub(super) fn snapshot(inventory: &Attr<String>) -> Result<Arc<Snapshot>, Diagnostic> {
    match inventory {
        Attr::Unknown => Err(report::inventory_unknown()),
        Attr::Null => Err(report::inventory_invalid(None)),
        Attr::Known(text) => {
            inventory::decode(text).map_err(|error| report::inventory_invalid(Some(&error)))
        }
    }
}

/// Decides again on the store as it is now, and checks that this is what was planned and that every
/// target it adds is admitted. The errors come before any file is written.
pub(super) fn confirm(
    fleets: &Fleets,
    runtime: &Runtime,
    configured: &Arc<Snapshot>,
    request: &Request,
    planned: &BTreeMap<Key, Target>,
) -> Result<Decision, Diagnostics> {
    let clusters = fleets.now(runtime, configured)?;
    // That nobody registered them is no change of the world since the plan.
    let is_absent = |name: &&Key| {
        let planned = configured.clusters.get(*name).is_some_and(|known| known.planned);
        planned && !clusters.store.clusters.contains_key(*name)
    };
    let absent: Vec<&Key> = planned.keys().filter(is_absent).collect();
    if !absent.is_empty() {
        return Err(report::not_registered(&request.key, &absent, &configured.store).into());
    }
    let decision = decide(&clusters.decided_on, request).map_err(|error| {
        let now = report::undecided(&request.key, &error, &clusters.store);
        let why: Vec<_> = now.iter().map(|diagnostic| diagnostic.detail.as_str()).collect();
        report::decision_changed(&request.key, &why.join("\n\n"))
    })?;
    let difference = report::difference(planned, &decision.targets);
    if !difference.is_empty() {
        return Err(report::decision_changed(&request.key, &difference).into());
    }
    let closed: BTreeMap<&Key, &[String]> = decision
        .change
        .added
        .keys()
        .filter_map(|name| match clusters.store.clusters.get(name) {
            Some(cluster) if cluster.admitted => None,
            Some(cluster) => Some((name, cluster.open_checks.as_slice())),
            None => Some((name, &[][..])),
        })
        .collect();
    if closed.is_empty() {
        Ok(decision)
    } else {
        Err(report::not_admitted(&request.key, &closed).into())
    }
}

// === impl Fleets ===

impl Fleets {
    /// The snapshot that is configured, with what the run knows of accounts that it creates: of one that will not be ready,
    /// the clusters wait, as they do on one whose file says so. The apply plans the same accounts first, and knows the same.
    pub(super) fn configured(
        &self,
        runtime: &Runtime,
        inventory: &Attr<String>,
    ) -> Result<Arc<Snapshot>, Diagnostics> {
        let configured = snapshot(inventory)?;
        let mut closed = runtime.closed_accounts();
        // What the inventory says of an account is told by the inventory.
        closed.retain(|key, _| !configured.accounts.contains_key(key));
        let waits = |of: &Cluster| {
            of.planned
                && !of.admitted
                && of.open_checks.is_empty()
                && closed.contains_key(&of.record.account)
        };
        if closed.is_empty() || !configured.clusters.values().any(waits) {
            return Ok(configured);
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = told.as_ref()
            && Arc::ptr_eq(&told.configured, &configured)
            && told.closed == closed
        {
            return Ok(Arc::clone(&told.decided_on));
        }
        let mut decided_on = (*configured).clone();
        for cluster in decided_on.clusters.values_mut().filter(|of| waits(of)) {
            let open = closed.get(&cluster.record.account).cloned().unwrap_or_default();
            cluster.open_checks = open;
        }
        let decided_on = Arc::new(decided_on);
        *told = Some(Told { configured, closed, decided_on: Arc::clone(&decided_on) });
        Ok(decided_on)
    }

    /// The clusters of the store that `configured` was read from, as they are now, marked as planned
    /// where `configured` marks them. Of those an account may have become ready since: that must not make
    /// another choice than the plan did, which preferred accounts that were ready.
    fn now(
        &self,
        runtime: &Runtime,
        configured: &Arc<Snapshot>,
    ) -> Result<Arc<Current>, Diagnostic> {
        let path = &configured.store;
        let store = runtime
            .store(Path::new(path))
            .and_then(|store| store.snapshot())
            .map_err(|error| report::store(path, &error))?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = current.as_ref()
            && Arc::ptr_eq(&known.store, &store)
            && Arc::ptr_eq(&known.configured, configured)
        {
            return Ok(Arc::clone(known));
        }
        let mut decided_on = store.clusters.clone();
        for (name, cluster) in &mut decided_on {
            if let Some(known) = configured.clusters.get(name).filter(|known| known.planned) {
                cluster.planned = true;
                cluster.admitted = known.admitted;
                cluster.open_checks.clone_from(&known.open_checks);
                // What the plan could not know of a cluster must not make another choice either.
                if known.record.particulars.is_none() {
                    cluster.record.particulars = None;
                }
            }
        }
        let configured = Arc::clone(configured);
        let known = Arc::new(Current { store, configured, decided_on });
        *current = Some(Arc::clone(&known));
        Ok(known)
    }
}
