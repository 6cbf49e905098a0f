//! What this process knows of the other placements of its run: which keys there are, what takes the place
//! of what, which names they give out, and how much they change together. It belongs to one run: a process
//! that serves several makes a new provider for each (`Provider::for_next_run`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fleet_model::name::Key;

/// What a placement is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Workload {
    pub(super) app: String,
    pub(super) environment: String,
    pub(super) namespace: String,
}

/// Which object it is that a plan is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Object {
    /// One that is planned to be created: there is nothing to know it by.
    New,
    /// One of the state, by what tells it from others.
    Old(String),
}

/// What a placement takes for itself, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) key: Key,
    pub(super) object: Object,
    pub(super) workload: Option<Workload>,
    /// The namespace of Argo CD, and the Applications in it with their clusters.
    pub(super) applications: Option<(String, BTreeMap<String, Key>)>,
}

/// Why a placement cannot have what it claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conflict {
    /// A placement of the state has the key.
    InState,
    /// Another placement of the plan has the key.
    Key(Option<Workload>),
    /// A placement of the same workload is destroyed in the plan, under this key.
    Replaces(Key),
    /// Another placement makes an Application of this name.
    Application {
        /// Its name.
        name: String,
        /// The cluster it is for, here.
        cluster: Key,
        /// The other placement, and its cluster.
        other: (Key, Key),
    },
}

/// What one placement changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moves {
    /// Placements whose targets change.
    pub(super) placements: usize,
    /// Targets that are removed.
    pub(super) removed: usize,
}

/// The memory of a process.
#[derive(Debug, Default)]
pub(super) struct Run {
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// The placements whose states the process has loaded.
    loaded: BTreeSet<Key>,
    claims: BTreeMap<Key, Claim>,
    applications: BTreeMap<(String, String), (Key, Key)>,
    /// New placements, and those that are destroyed, by what they are about.
    created: BTreeMap<Workload, Key>,
    destroyed: BTreeMap<Workload, Key>,
    moves: BTreeMap<Key, Moves>,
    moved: Moves,
}

// === impl Run ===

impl Run {
    /// A state that the process has loaded.
    pub(super) fn loaded(&self, key: Key) {
        self.memory().loaded.insert(key);
    }

    /// Takes for a placement what it claims.
    pub(super) fn claim(&self, claim: &Claim) -> Vec<Conflict> {
        let mut memory = self.memory();
        let mut conflicts = Vec::new();
        if claim.object == Object::New {
            if memory.loaded.contains(&claim.key) {
                return vec![Conflict::InState];
            }
            if let Some(workload) = &claim.workload {
                if let Some(old) = memory.destroyed.get(workload) {
                    conflicts.push(Conflict::Replaces(old.clone()));
                }
                memory.created.insert(workload.clone(), claim.key.clone());
            }
        }
        match memory.claims.get(&claim.key) {
            Some(other) if other.object != claim.object || claim.object == Object::New => {
                return vec![Conflict::Key(other.workload.clone())];
            }
            _ => {}
        }
        for (name, cluster) in claim.applications.iter().flat_map(|(_, names)| names) {
            let namespace = claim.applications.as_ref().map_or("", |(namespace, _)| namespace);
            let named = (namespace.to_owned(), name.clone());
            match memory.applications.get(&named) {
                Some(other) if other.0 != claim.key => conflicts.push(Conflict::Application {
                    name: name.clone(),
                    cluster: cluster.clone(),
                    other: other.clone(),
                }),
                _ => {
                    let ours = (claim.key.clone(), cluster.clone());
                    memory.applications.insert(named, ours);
                }
            }
        }
        memory.claims.insert(claim.key.clone(), claim.clone());
        conflicts
    }

    /// A placement that is planned to be destroyed. The key of the new one that would take its place in the
    /// same plan, if there is one: core has not told of the two in any order.
    pub(super) fn destroys(&self, key: &Key, workload: Option<&Workload>) -> Option<Key> {
        let mut memory = self.memory();
        let claimed = memory.claims.get(key).filter(|claim| claim.object == Object::New);
        if let Some(claim) = claimed {
            return Some(claim.key.clone());
        }
        let workload = workload?;
        memory.destroyed.insert(workload.clone(), key.clone());
        memory.created.get(workload).filter(|new| *new != key).cloned()
    }

    /// Counts what a placement changes, in place of what was counted for it before, and gives what all of
    /// them change together so far.
    pub(super) fn moves(&self, key: &Key, moves: Moves) -> Moves {
        let mut memory = self.memory();
        let before = memory.moves.insert(key.clone(), moves).unwrap_or_default();
        let total = &mut memory.moved;
        total.placements = total.placements + moves.placements - before.placements;
        total.removed = total.removed + moves.removed - before.removed;
        *total
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn workload(app: &str) -> Workload {
        Workload { app: app.into(), environment: "prod".into(), namespace: "team".into() }
    }

    fn claim(name: &str, object: Object, clusters: &[&str]) -> Claim {
        let names = clusters.iter().map(|of| (format!("{name}-{of}"), key(of)));
        Claim {
            key: key(name),
            object,
            workload: Some(workload(name)),
            applications: Some(("argocd".into(), names.collect())),
        }
    }

    #[test]
    fn a_key_is_one_objects() {
        let run = Run::default();
        assert_eq!(run.claim(&claim("a", Object::New, &[])), []);
        assert_eq!(run.claim(&claim("a", Object::New, &[])), [Conflict::Key(Some(workload("a")))]);
        // The same object is planned again, as a replacement is.
        let old = || Object::Old("1".into());
        assert_eq!(run.claim(&claim("b", old(), &[])), []);
        assert_eq!(run.claim(&claim("b", old(), &[])), []);
        assert_eq!(run.claim(&claim("b", Object::Old("2".into()), &[])).len(), 1);
    }

    #[test]
    fn two_placements_make_no_application_of_one_name() {
        let run = Run::default();
        assert_eq!(run.claim(&claim("pay-prod", Object::New, &["eu-a"])), []);
        let other = claim("pay-prod-eu", Object::New, &["a", "b"]);
        let conflict = Conflict::Application {
            name: "pay-prod-eu-a".into(),
            cluster: key("a"),
            other: (key("pay-prod"), key("eu-a")),
        };
        assert_eq!(run.claim(&other), [conflict]);
        // Another Argo CD has names of its own.
        let run = Run::default();
        let mut elsewhere = other;
        elsewhere.applications = elsewhere.applications.map(|(_, names)| ("argo".into(), names));
        assert_eq!(run.claim(&claim("pay-prod", Object::New, &["eu-a"])), []);
        assert_eq!(run.claim(&elsewhere), []);
    }

    /// Whichever of the two core tells of first.
    #[test]
    fn a_placement_is_not_destroyed_and_created_in_one_plan() {
        let run = Run::default();
        run.loaded(key("a"));
        assert_eq!(run.claim(&claim("a", Object::New, &[])), [Conflict::InState]);

        let run = Run::default();
        assert_eq!(run.claim(&claim("a", Object::New, &[])), []);
        assert_eq!(run.destroys(&key("a"), Some(&workload("a"))), Some(key("a")));

        let renamed = Claim { workload: Some(workload("a")), ..claim("b", Object::New, &[]) };
        let run = Run::default();
        assert_eq!(run.destroys(&key("a"), Some(&workload("a"))), None);
        assert_eq!(run.claim(&renamed), [Conflict::Replaces(key("a"))]);
        let run = Run::default();
        assert_eq!(run.claim(&renamed), []);
        assert_eq!(run.destroys(&key("a"), Some(&workload("a"))), Some(key("b")));
        // A second one of the same workload, and the end of another one, are what they are.
        let run = Run::default();
        assert_eq!(run.claim(&renamed), []);
        assert_eq!(run.destroys(&key("c"), Some(&workload("c"))), None);
    }

    #[test]
    fn moves_are_counted_once_for_each_placement() {
        let run = Run::default();
        let moves = |removed| Moves { placements: 1, removed };
        assert_eq!(run.moves(&key("a"), moves(2)).removed, 2);
        assert_eq!(run.moves(&key("b"), moves(1)), Moves { placements: 2, removed: 3 });
        assert_eq!(run.moves(&key("a"), moves(1)), Moves { placements: 2, removed: 2 });
        assert_eq!(run.moves(&key("a"), Moves::default()), Moves { placements: 1, removed: 1 });
    }
}
