//! What a placement remembers of the documents that it decided on, so that an older copy of the
//! inventory does not decide again; and the targets whose clusters are gone from it.

use std::collections::{BTreeMap, BTreeSet};

use fleet_artifacts::digest::sha256_hex;
use fleet_model::name::Key;
use fleet_model::snapshot::{Serials, Snapshot};
use fleet_placement::Change;
use serde_json::json;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Plan, Private};

use super::decide::snapshot;
use super::model::Model;
use super::{Placement, report, request};
use crate::diagnostic::error;

/// The name in private state.
const SEEN: &str = "seen";

/// The most documents of a kind that are remembered beside those of the targets.
const MOST: usize = 200;

/// The newest versions of documents that a placement has decided on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Memory(Serials);

/// A document that is older than the one that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Older {
    kind: &'static str,
    key: Key,
    seen: u64,
    found: u64,
}

// === impl Memory ===

impl Memory {
    /// What private state keeps; nothing, where it keeps nothing that this version wrote.
    pub(super) fn recall(private: &Private) -> Self {
        let kept = private.get(SEEN).cloned();
        Self(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
    }

    /// Keeps it in private state.
    pub(super) fn keep(&self, private: &mut Private) {
        private.set(SEEN, json!(self.0));
    }

    /// The first document that is older in `fleet` than it was seen.
    pub(super) fn older(&self, fleet: &Snapshot) -> Option<Older> {
        let older = |kind, key: &Key, seen: Option<&u64>, found: Option<&u64>| {
            let (seen, found) = (*seen?, found.copied().unwrap_or_default());
            (found < seen).then(|| Older { kind, key: key.clone(), seen, found })
        };
        fleet.clusters.iter().find_map(|(name, cluster)| {
            let file = fleet.serials.clusters.get(name);
            // A file that this run is about to write again has no serial, and is not older.
            let cluster_file = if file.is_none() && cluster.planned {
                None
            } else {
                older("cluster", name, self.0.clusters.get(name), file)
            };
            let account = &cluster.record.account;
            let file = fleet.serials.accounts.get(account);
            // Nor is one that is not there: it admits nothing.
            let account_file = if file.is_none() && !cluster.admitted {
                None
            } else {
                older("account", account, self.0.accounts.get(account), file)
            };
            cluster_file.or(account_file)
        })
    }

    /// With what a decision on `fleet` saw: the documents of its targets, those that it keeps away from
    /// because of their accounts, and what was seen before and is still there.
    pub(super) fn after(mut self, fleet: &Snapshot, targets: &BTreeSet<Key>) -> Self {
        let accounts = fleet.clusters.values().map(|cluster| &cluster.record.account);
        let accounts: BTreeSet<&Key> = accounts.collect();
        self.0.clusters.retain(|name, _| fleet.clusters.contains_key(name));
        self.0.accounts.retain(|key, _| accounts.contains(key));
        let (mut clusters, mut of_accounts) = (BTreeSet::new(), BTreeSet::new());
        for (name, cluster) in &fleet.clusters {
            let is_target = targets.contains(name);
            if is_target {
                clusters.insert(name);
            }
            if is_target || !cluster.admitted {
                of_accounts.insert(&cluster.record.account);
            }
        }
        note(&mut self.0.clusters, clusters, &fleet.serials.clusters);
        note(&mut self.0.accounts, of_accounts, &fleet.serials.accounts);
        self
    }
}

/// Raises what was seen. Of documents that are no target's there may be many: those that were known
/// before come first.
fn note(seen: &mut BTreeMap<Key, u64>, decided: BTreeSet<&Key>, found: &BTreeMap<Key, u64>) {
    for key in decided {
        let Some(serial) = found.get(key) else { continue };
        if let Some(known) = seen.get_mut(key) {
            *known = (*known).max(*serial);
        } else if seen.len() < MOST {
            seen.insert(key.clone(), *serial);
        }
    }
}

// === impl Older ===

impl Older {
    /// What accepts exactly this one: a document that was let go and began anew.
    pub(super) fn fingerprint(&self, placement: &Key) -> String {
        let Self { kind, key, seen, found } = self;
        let mut sha256 =
            sha256_hex(format!("older {placement} {kind} {key} {seen} {found}\n").as_bytes());
        sha256.truncate(16);
        sha256
    }

    /// That the inventory is older than what the placement has seen.
    pub(super) fn refuse(&self, placement: &Key, store: &str) -> Diagnostic {
        let Self { kind, key, seen, found } = self;
        let fingerprint = self.fingerprint(placement);
        error("FLEET0318", format!("{placement}: the inventory is older than what was seen"))
            .at("inventory")
            .what(format!("In `{store}` the file of the {kind} `{key}` has the serial {found}, and this placement has decided on the serial {seen} before."))
            .why("Each write of an inventory file raises its serial. A copy that lacks a later write may say that an account is ready which is frozen by now. Nothing was decided on it.")
            .todo(format!("Bring the inventory up to date (`git pull`) and plan again. If the {kind} was let go and came back under its name, its serials began anew: then set `acknowledge = \"{fingerprint}\"` in `blast_radius`."))
            .build()
    }
}

// === impl Placement ===

impl Placement {
    /// What a plan remembers of the fleet that it decided on; the apply holds its own to that.
    pub(super) fn remember(&self, plan: &mut Plan<'_, Model>) {
        let (Some(config), Ok(Some(planned))) = (plan.config, plan.planned()) else { return };
        let Ok(fleet) = snapshot(&config.inventory) else { return };
        match self.held_against(config, &planned, plan.prior, &plan.private, &fleet) {
            Ok(memory) => memory.keep(&mut plan.private),
            Err(refusal) => plan.diagnostics.push(refusal),
        }
    }

    /// As [`Placement::remember`], of the store as it is now.
    ///
    /// # Errors
    /// The store is older than what was seen, or lacks clusters of targets.
    pub(super) fn remembered(
        &self,
        config: &Model,
        planned: &Model,
        prior: Option<&Model>,
        private: &Private,
    ) -> Result<Memory, Diagnostic> {
        let path = &snapshot(&config.inventory)?.store;
        let fleet = self.fleets.open(path).and_then(|store| store.snapshot());
        let fleet = fleet.map_err(|trouble| report::store(path, &trouble))?;
        self.held_against(config, planned, prior, private, &fleet)
    }

    fn held_against(
        &self,
        config: &Model,
        planned: &Model,
        prior: Option<&Model>,
        private: &Private,
        fleet: &Snapshot,
    ) -> Result<Memory, Diagnostic> {
        let memory = Memory::recall(private);
        let targets = request::targets(&planned.targets);
        let names: BTreeSet<Key> = targets.keys().cloned().collect();
        let Some(key) = planned.key.as_str().and_then(|key| Key::new(key).ok()) else {
            return Ok(memory);
        };
        let limits = config.blast_radius.known();
        let acknowledged = limits.and_then(|limits| limits.acknowledge.as_str());
        if let Some(older) = memory.older(fleet)
            && acknowledged != Some(older.fingerprint(&key).as_str())
        {
            return Err(older.refuse(&key, &fleet.store));
        }
        let before = prior.map(|prior| request::targets(&prior.targets)).unwrap_or_default();
        let gone: Vec<&str> = before
            .keys()
            .filter(|name| !fleet.clusters.contains_key(*name))
            .map(Key::as_str)
            .collect();
        if let Some(first) = gone.first() {
            let step = format!("takes `{key}` off `{first}`, which is gone from the inventory,");
            if let Ok(store) = self.fleets.open(&fleet.store) {
                self.runtime.inventory_is_current(&store, &step)?;
            }
            let fingerprint = Change::between(&key, &before, &targets).fingerprint;
            if acknowledged != Some(fingerprint.as_str()) {
                return Err(refuse_gone(&key, &gone, &fingerprint));
            }
        }
        Ok(memory.after(fleet, &names))
    }
}

/// That targets would go because their clusters are gone.
fn refuse_gone(placement: &Key, gone: &[&str], fingerprint: &str) -> Diagnostic {
    let first = gone.first().copied().unwrap_or_default();
    error("FLEET0321", format!("{placement}: clusters of its targets are gone"))
        .at("targets")
        .what(format!("This placement runs on {}, and the inventory has no such cluster any more. It was not seen to retire.", gone.join(", ")))
        .why("A cluster leaves the inventory after it was retired, when the placements have left it. One that vanishes otherwise may still run the workload: this copy of the inventory lacks its file, or somebody deleted it.")
        .todo(format!("Bring the inventory up to date (`git pull`), or restore `clusters/{first}.yaml`. If the cluster really is gone, set `acknowledge = \"{fingerprint}\"` in `blast_radius`; it fits no other change."))
        .build()
}

#[cfg(test)]
mod tests {
    use fleet_model::cluster::Record;
    use fleet_model::snapshot::Cluster;

    use super::*;

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn fleet(cluster: u64, account: u64, admitted: bool) -> Snapshot {
        let record = r#"{"name":"c1","account":"pay","environment":"prod","region":"eu-west-1","cloud":"aws","data_classification":"pci"}"#;
        let record = Record::parse(record).unwrap();
        let of = Cluster { record, admitted, open_checks: Vec::new(), planned: false };
        let serial = |key: &str, serial: u64| (self::key(key), serial);
        Snapshot {
            clusters: [(key("c1"), of)].into(),
            store: "inventory".into(),
            accounts: BTreeMap::new(),
            serials: Serials {
                clusters: [serial("c1", cluster)].into_iter().filter(|(_, of)| *of > 0).collect(),
                accounts: [serial("pay", account)].into_iter().filter(|(_, of)| *of > 0).collect(),
            },
        }
    }

    #[test]
    fn a_document_that_was_seen_newer_is_refused() {
        let nothing = BTreeSet::new();
        // The account was frozen when the placement last decided, and no target is on it.
        let memory = Memory::default().after(&fleet(2, 4, false), &nothing);
        assert_eq!(memory.older(&fleet(2, 4, false)), None);
        assert_eq!(memory.older(&fleet(9, 5, true)), None);
        let older = memory.older(&fleet(2, 3, true)).unwrap();
        assert_eq!((older.kind, older.seen, older.found), ("account", 4, 3));
        // A file from before there were serials.
        assert!(memory.older(&fleet(2, 0, true)).is_some());
        // One that is not there admits nothing, and is not older.
        assert_eq!(memory.older(&fleet(2, 0, false)), None);
        // What was seen is not forgotten by a decision without it, only with the object.
        let memory = memory.after(&fleet(2, 4, true), &nothing);
        assert!(memory.older(&fleet(2, 3, true)).is_some());
        let memory = memory.after(&Snapshot::default(), &nothing);
        assert_eq!(memory.older(&fleet(2, 3, true)), None);
    }

    #[test]
    fn a_fingerprint_fits_one_older_document() {
        let older = Older { kind: "account", key: key("pay"), seen: 4, found: 1 };
        let other = Older { found: 2, ..older.clone() };
        assert_ne!(older.fingerprint(&key("a")), other.fingerprint(&key("a")));
        assert_ne!(older.fingerprint(&key("a")), older.fingerprint(&key("b")));
        assert_eq!(older.fingerprint(&key("a")).len(), 16);
    }

    #[test]
    fn what_is_remembered_survives_private_state() {
        let targets = BTreeSet::from([key("c1")]);
        let memory = Memory::default().after(&fleet(2, 4, true), &targets);
        let mut private = Private::default();
        memory.keep(&mut private);
        assert_eq!(Memory::recall(&private), memory);
        assert!(memory.older(&fleet(1, 4, true)).is_some());
    }
}
