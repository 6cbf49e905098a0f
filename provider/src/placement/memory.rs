//! What a placement remembers of the documents that it decided on, so that an older copy of the
//! inventory does not decide again; and the targets whose clusters are gone from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fleet_model::inventory::MAX_SERIAL;
use fleet_model::name::Key;
use fleet_model::snapshot::{Serials, Snapshot};
use fleet_placement::{Target, acknowledges, gone_fingerprint};
use serde_json::json;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Attr, Plan, Private};

use super::decide::snapshot;
use super::model::Model;
use super::{Placement, report, request};
use crate::diagnostic::error;
use crate::inventory::{Kind, Medium, Older};

/// The name in private state.
const SEEN: &str = "seen";
/// The name in private state of what tells this placement from another one under its key.
pub(super) const INSTANCE: &str = "instance";
/// The name in private state of that a plan showed the destroy: core asks for none of a tainted object that it replaces.
pub(super) const SHOWN: &str = "destroy_shown";

/// The most documents of a kind that are remembered beside those of the targets.
const MOST: usize = 200;

/// The newest versions of documents that a placement has decided on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Memory(Serials);

/// What a placement is held to: what it remembers from now on, and the fingerprint of the older documents that
/// were acknowledged for it.
pub(super) struct Held {
    memory: Memory,
    acknowledged: Option<String>,
}

// === impl Memory ===

impl Memory {
    /// What private state keeps; nothing, where it keeps nothing that this version wrote. A serial that no
    /// number of writes leads to is none.
    pub(super) fn recall(private: &Private) -> Self {
        let kept = private.get(SEEN).cloned();
        let kept = kept.and_then(|kept| serde_json::from_value(kept).ok());
        let mut memory: Serials = kept.unwrap_or_default();
        memory.clusters.retain(|_, serial| *serial <= MAX_SERIAL);
        memory.accounts.retain(|_, serial| *serial <= MAX_SERIAL);
        Self(memory)
    }

    /// Keeps it in private state.
    pub(super) fn keep(&self, private: &mut Private) {
        private.set(SEEN, json!(self.0));
    }

    /// Every document that is older in `fleet` than it was seen.
    pub(super) fn older(&self, fleet: &Snapshot) -> BTreeSet<Older> {
        let older = |kind, key: &Key, seen: Option<&u64>, found: Option<&u64>| {
            let (seen, found) = (*seen?, found.copied().unwrap_or_default());
            (found < seen).then(|| Older { kind, key: key.clone(), seen, found })
        };
        let files = fleet.clusters.iter().flat_map(|(name, cluster)| {
            let file = fleet.serials.clusters.get(name);
            // A file that this run is about to write again has no serial, and is not older.
            let cluster_file = if file.is_none() && cluster.planned {
                None
            } else {
                older(Kind::Cluster, name, self.0.clusters.get(name), file)
            };
            let account = &cluster.record.account;
            let file = fleet.serials.accounts.get(account);
            // Nor is one that is not there: it admits nothing.
            let account_file = if file.is_none() && !cluster.admitted {
                None
            } else {
                older(Kind::Account, account, self.0.accounts.get(account), file)
            };
            [cluster_file, account_file]
        });
        files.flatten().collect()
    }

    /// Without what was seen of these documents, which began anew.
    fn without(mut self, older: &BTreeSet<Older>) -> Self {
        for Older { kind, key, .. } in older {
            match kind {
                Kind::Account => self.0.accounts.remove(key),
                Kind::Cluster => self.0.clusters.remove(key),
            };
        }
        self
    }

    /// With what a decision on `fleet` saw: the documents of its targets, those that it keeps away from
    /// because of their accounts, and what was seen before and is still there.
    pub(super) fn after(mut self, fleet: &Snapshot, targets: &BTreeSet<Key>) -> Self {
        let accounts = fleet.clusters.values().map(|cluster| &cluster.record.account);
        let accounts: BTreeSet<&Key> = accounts.collect();
        self.0.clusters.retain(|name, _| fleet.clusters.contains_key(name));
        self.0.accounts.retain(|key, _| accounts.contains(key));
        let (mut clusters, mut of_targets, mut kept_away) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (name, cluster) in &fleet.clusters {
            let account = &cluster.record.account;
            if targets.contains(name) {
                clusters.insert(name);
                of_targets.insert(account);
            } else if !cluster.admitted {
                kept_away.insert(account);
            }
        }
        let Serials { clusters: files, accounts: of_accounts, edited_clusters, edited_accounts } =
            &fleet.serials;
        let written = |files: &BTreeMap<Key, u64>, edited: &BTreeSet<Key>| {
            let files = files.iter().filter(|(key, _)| !edited.contains(key));
            files.map(|(key, serial)| (key.clone(), *serial)).collect::<BTreeMap<_, _>>()
        };
        let (files, of_accounts) =
            (written(files, edited_clusters), written(of_accounts, edited_accounts));
        note(&mut self.0.clusters, &clusters, &BTreeSet::new(), &files);
        note(&mut self.0.accounts, &of_targets, &kept_away, &of_accounts);
        self
    }
}

/// Raises what was seen. The documents of targets are all remembered: there are as many targets in the state.
/// Of the others there may be many more: those that were known before come first.
fn note(
    seen: &mut BTreeMap<Key, u64>,
    targets: &BTreeSet<&Key>,
    others: &BTreeSet<&Key>,
    found: &BTreeMap<Key, u64>,
) {
    let mut room = MOST.saturating_sub(seen.keys().filter(|key| !targets.contains(key)).count());
    for (key, serial) in found {
        let is_target = targets.contains(key);
        if let Some(known) = seen.get_mut(key) {
            if is_target || others.contains(key) {
                *known = (*known).max(*serial);
            }
        } else if is_target {
            seen.insert(key.clone(), *serial);
        } else if others.contains(key) && room > 0 {
            room -= 1;
            seen.insert(key.clone(), *serial);
        }
    }
}

/// That the inventory is older than what the placement has seen.
fn refuse_older(placement: &Key, older: &BTreeSet<Older>, store: &str) -> Diagnostic {
    let fingerprint = Older::fingerprint(placement.as_str(), older);
    let lines: Vec<String> = older.iter().map(ToString::to_string).collect();
    error("FLEET0318", format!("{placement}: the inventory is older than what was seen"))
        .at("inventory")
        .what(format!("In `{store}`, {}.", lines.join("; ")))
        .why("Each write of an inventory file raises its serial, and this placement has decided on later ones before. A copy that lacks a later write may say that an account is ready which is frozen by now. Nothing was decided on it.")
        .todo(format!("{} If each of these accounts and clusters was let go and came back under its name, their serials began anew: then set `acknowledge = \"{fingerprint}\"` in `blast_radius` for one apply (beside others, with a space between). It fits exactly these files as they are.", Medium::of(Path::new(store)).up_to_date()))
        .build()
}

// === impl Placement ===

impl Placement {
    /// What a plan remembers of the fleet that it decided on; the apply holds its own to that.
    pub(super) fn remember(&self, plan: &mut Plan<'_, Model>) {
        let (Some(config), Ok(Some(planned))) = (plan.config, plan.planned()) else { return };
        let Ok(fleet) = snapshot(&config.inventory) else { return };
        match self.held_against(config, &planned, plan.prior, &plan.private, &fleet) {
            Ok(Held { memory, acknowledged }) => {
                memory.keep(&mut plan.private);
                let before = plan.prior.map_or(Attr::Null, |prior| prior.acknowledged.clone());
                // Shown, so that there is an update that keeps the memory.
                plan.set("acknowledged", acknowledged.map_or(before, Attr::Known));
            }
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
        let fleet = self.runtime.store(Path::new(path)).and_then(|store| store.snapshot());
        let fleet = fleet.map_err(|trouble| report::store(path, &trouble))?;
        Ok(self.held_against(config, planned, prior, private, &fleet)?.memory)
    }

    fn held_against(
        &self,
        config: &Model,
        planned: &Model,
        prior: Option<&Model>,
        private: &Private,
        fleet: &Snapshot,
    ) -> Result<Held, Diagnostic> {
        let memory = Memory::recall(private);
        let targets = request::targets(&planned.targets);
        let names: BTreeSet<Key> = targets.keys().cloned().collect();
        let Some(key) = planned.key.as_str().and_then(|key| Key::new(key).ok()) else {
            return Ok(Held { memory, acknowledged: None });
        };
        let limits = config.blast_radius.known();
        let given = limits.and_then(|limits| limits.acknowledge.as_str()).unwrap_or_default();
        let is_acknowledged = |fingerprint: &str| acknowledges(given, fingerprint);
        let older = memory.older(fleet);
        let mut acknowledged = None;
        if !older.is_empty() {
            let fingerprint = Older::fingerprint(key.as_str(), &older);
            if !is_acknowledged(&fingerprint) {
                return Err(refuse_older(&key, &older, &fleet.store));
            }
            acknowledged = Some(fingerprint);
        }
        let before = prior.map(|prior| request::targets(&prior.targets)).unwrap_or_default();
        let gone: BTreeMap<Key, Target> =
            before.into_iter().filter(|(name, _)| !fleet.clusters.contains_key(name)).collect();
        if let Some(first) = gone.keys().next() {
            let step = format!("takes `{key}` off `{first}`, which is gone from the inventory,");
            if let Ok(store) = self.runtime.store(Path::new(&fleet.store)) {
                self.runtime.inventory_is_current(&store, &step)?;
            }
            let fingerprint = gone_fingerprint(&key, &gone);
            if !is_acknowledged(&fingerprint) {
                return Err(refuse_gone(&key, &gone, &fingerprint, &fleet.store));
            }
        }
        Ok(Held { memory: memory.without(&older).after(fleet, &names), acknowledged })
    }
}

/// That targets would go because their clusters are gone.
fn refuse_gone(
    placement: &Key,
    gone: &BTreeMap<Key, Target>,
    fingerprint: &str,
    store: &str,
) -> Diagnostic {
    let medium = Medium::of(Path::new(store));
    let (up_to_date, restore) = (medium.up_to_date(), medium.restore());
    let names: Vec<&str> = gone.keys().map(Key::as_str).collect();
    let first = names.first().copied().unwrap_or_default();
    error("FLEET0321", format!("{placement}: clusters of its targets are gone"))
        .at("targets")
        .what(format!("This placement runs on {}, and the inventory has no such cluster any more. It was not seen to retire.", names.join(", ")))
        .why("A cluster leaves the inventory after it was retired, when the placements have left it. One that vanishes otherwise may still run the workload: the inventory as it is here lacks its file, or somebody deleted it.")
        .todo(format!("{up_to_date} Where the file was deleted, restore `clusters/{first}.yaml` {restore}. If the cluster really is gone, set `acknowledge = \"{fingerprint}\"` in `blast_radius` (beside others, with a space between). It says of exactly these clusters that they are gone, and lets no limit pass: a change beyond `blast_radius` has a fingerprint of its own."))
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
                ..Serials::default()
            },
        }
    }

    fn older(kind: Kind, key: &str, seen: u64, found: u64) -> Older {
        Older { kind, key: self::key(key), seen, found }
    }

    #[test]
    fn a_document_that_was_seen_newer_is_refused() {
        let nothing = BTreeSet::new();
        let none = BTreeSet::new();
        // The account was frozen when the placement last decided, and no target is on it.
        let memory = Memory::default().after(&fleet(2, 4, false), &nothing);
        assert_eq!(memory.older(&fleet(2, 4, false)), none);
        assert_eq!(memory.older(&fleet(9, 5, true)), none);
        let expected = BTreeSet::from([older(Kind::Account, "pay", 4, 3)]);
        assert_eq!(memory.older(&fleet(2, 3, true)), expected);
        // A file from before there were serials.
        assert_eq!(memory.older(&fleet(2, 0, true)).len(), 1);
        // One that is not there admits nothing, and is not older.
        assert_eq!(memory.older(&fleet(2, 0, false)), none);
        // What was seen is not forgotten by a decision without it, only with the object.
        let memory = memory.after(&fleet(2, 4, true), &nothing);
        assert_eq!(memory.older(&fleet(2, 3, true)).len(), 1);
        let memory = memory.after(&Snapshot::default(), &nothing);
        assert_eq!(memory.older(&fleet(2, 3, true)), none);
    }

    #[test]
    fn all_older_documents_are_found_and_their_fingerprint_fits_no_others() {
        let targets = BTreeSet::from([key("c1")]);
        let memory = Memory::default().after(&fleet(2, 4, true), &targets);
        let both = memory.older(&fleet(1, 3, true));
        let cluster = older(Kind::Cluster, "c1", 2, 1);
        let account = older(Kind::Account, "pay", 4, 3);
        assert_eq!(both, BTreeSet::from([account.clone(), cluster.clone()]));
        let sets = [
            both.clone(),
            BTreeSet::from([account.clone()]),
            BTreeSet::from([cluster]),
            BTreeSet::from([Older { found: 2, ..account.clone() }]),
            BTreeSet::from([Older { kind: Kind::Cluster, ..account }]),
        ];
        let fingerprints = sets.iter().map(|set| Older::fingerprint("a", set));
        let fingerprints: BTreeSet<String> =
            fingerprints.chain([Older::fingerprint("b", &both)]).collect();
        assert_eq!(fingerprints.len(), sets.len() + 1);
        assert!(fingerprints.iter().all(|of| of.len() == 16));
        // What was acknowledged lowers what was seen.
        let memory = memory.without(&both).after(&fleet(1, 3, true), &targets);
        assert_eq!(memory.older(&fleet(1, 3, true)), BTreeSet::new());
        assert_eq!(memory.older(&fleet(1, 2, true)).len(), 1);
    }

    #[test]
    fn an_edited_serial_is_not_believed() {
        let targets = BTreeSet::from([key("c1")]);
        let memory = Memory::default().after(&fleet(2, 4, true), &targets);
        let mut edited = fleet(1_000_000, 1_000_000, true);
        edited.serials.edited_clusters.insert(key("c1"));
        edited.serials.edited_accounts.insert(key("pay"));
        assert_eq!(memory.clone().after(&edited, &targets), memory);
        // What a version without this rule believed can be no serial, either.
        let mut private = Private::default();
        let poisoned = json!({ "clusters": { "c1": u64::MAX }, "accounts": { "pay": 4 } });
        private.set(SEEN, poisoned);
        assert_eq!(Memory::recall(&private).older(&fleet(1, 4, true)), BTreeSet::new());
    }

    /// However many documents there are, those of the targets are remembered.
    #[test]
    fn the_documents_of_every_target_are_remembered() {
        let one = fleet(2, 4, true);
        let of = one.clusters.values().next().unwrap().clone();
        let mut many = Snapshot { store: "inventory".into(), ..Snapshot::default() };
        let mut targets = BTreeSet::new();
        for index in 0..3 * MOST {
            // The first two thirds are kept away from, by the order of their names.
            let (name, account) = (key(&format!("c{index:04}")), key(&format!("a{index:04}")));
            let mut cluster = of.clone();
            cluster.record.name = name.clone();
            cluster.record.account = account.clone();
            cluster.admitted = index >= 2 * MOST;
            if cluster.admitted {
                targets.insert(name.clone());
            }
            many.serials.clusters.insert(name.clone(), 7);
            many.serials.accounts.insert(account, 7);
            many.clusters.insert(name, cluster);
        }
        let Memory(seen) = Memory::default().after(&many, &targets);
        assert_eq!(seen.clusters.len(), targets.len());
        assert_eq!(seen.accounts.len(), targets.len() + MOST);
        assert!(targets.iter().all(|name| seen.clusters.contains_key(name)));
        let last = key(&format!("a{:04}", 3 * MOST - 1));
        assert!(seen.accounts.contains_key(&last));
    }

    #[test]
    fn what_is_remembered_survives_private_state() {
        let targets = BTreeSet::from([key("c1")]);
        let memory = Memory::default().after(&fleet(2, 4, true), &targets);
        let mut private = Private::default();
        memory.keep(&mut private);
        assert_eq!(Memory::recall(&private), memory);
        assert_eq!(memory.older(&fleet(1, 4, true)).len(), 1);
    }
}
