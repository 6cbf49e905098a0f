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
    /// The clusters that it is on by the state; none of a new one.
    pub(super) runs_on: BTreeSet<Key>,
}

/// A placement as the state has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) key: Key,
    pub(super) object: Object,
    pub(super) workload: Option<Workload>,
    /// The clusters that it is on by the state.
    pub(super) runs_on: BTreeSet<Key>,
}

/// What a plan does with an object of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// A refresh does not know.
    Open,
    /// It is kept, as it is or changed.
    Stays,
    /// It is destroyed.
    Goes,
}

/// Two objects of the state that have one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Twins {
    /// The clusters of the one that is told of now, and what becomes of it.
    pub(super) this: (BTreeSet<Key>, Fate),
    /// The same of the other one.
    pub(super) other: (BTreeSet<Key>, Fate),
}

/// What a refresh finds beside a placement of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beside {
    /// The new one has the same key.
    SameKey,
    /// The new one, with this key, is of the same workload.
    SameWorkload(Key),
    /// Another object of the state has the key.
    Twin(Twins),
}

/// What the destroy of a placement would do to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ends {
    /// A new one, with this key, would take its place.
    Replaced(Key),
    /// Another object of the state has the key.
    Twin(Twins),
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
    /// Another object of the state has the key.
    Twin(Twins),
    /// The state has a placement of the same workload, under this key: it may be one that stays.
    Second(Key),
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
    /// The placements whose states the process has loaded, with what they are about.
    loaded: BTreeMap<Key, Option<Workload>>,
    claims: BTreeMap<Key, Claim>,
    leaving: BTreeMap<Key, Vec<Kept>>,
    read: BTreeMap<Key, Kept>,
    /// The pairs of one workload that were told: the one of the state, and the new one.
    seconds: BTreeSet<(Key, Key)>,
    applications: BTreeMap<(String, String), (Key, Key)>,
    /// New placements, and those that are destroyed, by what they are about.
    created: BTreeMap<Workload, Key>,
    destroyed: BTreeMap<Workload, Key>,
    moves: BTreeMap<Key, Moves>,
    moved: Moves,
    /// Whether it was told that the limits of the run are not known.
    limits_told: bool,
}

// === impl Run ===

impl Run {
    /// A state that the process has loaded.
    pub(super) fn loaded(&self, key: Key, workload: Option<Workload>) {
        self.memory().loaded.insert(key, workload);
    }

    /// A placement of the state that is looked at. What it is to one that the plan creates, if that was told of
    /// before (else the claim of the new one finds what is loaded here), or to another one of the state.
    pub(super) fn reads(&self, kept: &Kept) -> Option<Beside> {
        let mut memory = self.memory();
        let Kept { key, object, workload, runs_on } = kept;
        memory.loaded.insert(key.clone(), workload.clone());
        if memory.claims.get(key).is_some_and(|claim| claim.object == Object::New) {
            return Some(Beside::SameKey);
        }
        let first = memory.read.entry(key.clone()).or_insert_with(|| kept.clone());
        if first.object != *object {
            let other = (first.runs_on.clone(), Fate::Open);
            return Some(Beside::Twin(Twins { this: (runs_on.clone(), Fate::Open), other }));
        }
        let new = memory.created.get(workload.as_ref()?).filter(|new| *new != key)?.clone();
        memory.seconds.insert((key.clone(), new.clone())).then_some(Beside::SameWorkload(new))
    }

    /// A placement that this run has created: from now on it is one of the state.
    pub(super) fn created(&self, key: &Key, instance: &str) {
        if let Some(claim) = self.memory().claims.get_mut(key) {
            claim.object = Object::Old(instance.to_owned());
        }
    }

    /// Takes for a placement what it claims.
    pub(super) fn claim(&self, claim: &Claim) -> Vec<Conflict> {
        let mut memory = self.memory();
        let mut conflicts = Vec::new();
        if claim.object == Object::New {
            if memory.loaded.contains_key(&claim.key) {
                return vec![Conflict::InState];
            }
            if let Some(workload) = &claim.workload {
                conflicts.extend(memory.creates(&claim.key, workload));
            }
        } else if let Some(twins) = memory.twins(claim) {
            return vec![Conflict::Twin(twins)];
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

    /// A placement that is planned to be destroyed. What that would do to another one: core has not told of the
    /// two in any order.
    pub(super) fn destroys(&self, leaving: &Kept) -> Option<Ends> {
        let mut memory = self.memory();
        let Kept { key, workload, .. } = leaving;
        let found = match memory.claims.get(key) {
            Some(claim) if claim.object == Object::New => Some(Ends::Replaced(key.clone())),
            Some(claim) if claim.object != leaving.object => Some(Ends::Twin(Twins {
                this: (leaving.runs_on.clone(), Fate::Goes),
                other: (claim.runs_on.clone(), Fate::Stays),
            })),
            _ => None,
        };
        memory.leaving.entry(key.clone()).or_default().push(leaving.clone());
        if found.is_some() {
            return found;
        }
        let workload = workload.as_ref()?;
        memory.destroyed.insert(workload.clone(), key.clone());
        let new = memory.created.get(workload).filter(|new| *new != key)?;
        Some(Ends::Replaced(new.clone()))
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

    /// Whether it is still to be told that the limits of the run are not known: once is enough.
    pub(super) fn tells_of_limits(&self) -> bool {
        !std::mem::replace(&mut self.memory().limits_told, true)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Memory ===

impl Memory {
    /// Notes a new placement of a workload, and finds those of the state that it is beside.
    fn creates(&mut self, key: &Key, workload: &Workload) -> Vec<Conflict> {
        self.created.insert(workload.clone(), key.clone());
        if let Some(old) = self.destroyed.get(workload) {
            return vec![Conflict::Replaces(old.clone())];
        }
        let others = self.loaded.iter().filter(|(_, of)| of.as_ref() == Some(workload));
        let pairs = others.map(|(old, _)| (old.clone(), key.clone()));
        let new: Vec<_> = pairs.filter(|pair| !self.seconds.contains(pair)).collect();
        self.seconds.extend(new.iter().cloned());
        new.into_iter().map(|(old, _)| Conflict::Second(old)).collect()
    }

    /// Another object of the state that has the key of one that stays.
    fn twins(&self, claim: &Claim) -> Option<Twins> {
        let is_other = |object: &Object| *object != claim.object && *object != Object::New;
        let stays = self.claims.get(&claim.key).filter(|of| is_other(&of.object));
        let leaves = self.leaving.get(&claim.key).into_iter().flatten();
        let leaves = leaves.filter(|of| is_other(&of.object)).map(|of| (&of.runs_on, Fate::Goes));
        let mut others = stays.map(|of| (&of.runs_on, Fate::Stays)).into_iter().chain(leaves);
        let (runs_on, fate) = others.next()?;
        Some(Twins { this: (claim.runs_on.clone(), Fate::Stays), other: (runs_on.clone(), fate) })
    }
}

#[cfg(test)]
mod tests;
