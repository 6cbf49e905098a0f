//! The overlay: what a configuration is about to write, laid over what the store has, so that the
//! first plan of a new fleet already decides on its clusters (DESIGN.md, "Inventory").

use std::collections::BTreeMap;

use super::{Cluster, Snapshot};
use crate::cluster::{Problem, Record, RecordError};
use crate::name::Key;

/// What is wrong with one of the records. `index` counts from 0 in the list as given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the JSON of a record.
    #[error("records[{index}] is not a cluster record")]
    Record {
        /// Which.
        index: usize,
        /// Why.
        #[source]
        source: RecordError,
    },
    /// A record with a fact that cannot be.
    #[error("records[{index}] (`{name}`) cannot be: {problem}")]
    Fact {
        /// Which.
        index: usize,
        /// Of which cluster.
        name: Key,
        /// What.
        problem: Problem,
    },
    /// Two records of one name.
    #[error("records[{index}] and records[{first}] are both of the cluster `{name}`")]
    Duplicate {
        /// The second one.
        index: usize,
        /// The first one.
        first: usize,
        /// The name.
        name: Key,
    },
}

impl Error {
    /// Which record of the list is meant.
    #[must_use]
    pub fn index(&self) -> usize {
        match self {
            Self::Record { index, .. }
            | Self::Fact { index, .. }
            | Self::Duplicate { index, .. } => *index,
        }
    }
}

/// Replaces the asserted half of each cluster in `records` (canonical JSON, [`Record::parse`])
/// whole, so what a record leaves out is gone (but for its particulars: what it does not say of those is as it was); adds the clusters that `snapshot` lacks; and marks them
/// `planned`. Whether they are admitted is what the snapshot says of the account in the *record*, also
/// where the account has no cluster yet or is another one than before. The others stay as they are.
///
/// A cluster that is to disappear cannot be said here: a registration is retired before it is
/// destroyed, and no selector matches a retired cluster.
///
/// # Errors
/// The first record that is not one, or that repeats the name of another.
pub fn overlay<'a>(
    snapshot: &Snapshot,
    records: impl IntoIterator<Item = &'a str>,
) -> Result<Snapshot, Error> {
    let mut result = snapshot.clone();
    let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
    for (index, text) in records.into_iter().enumerate() {
        let mut record = Record::parse(text).map_err(|source| Error::Record { index, source })?;
        let name = record.name.clone();
        if let Some(problem) = record.problems().into_iter().next() {
            return Err(Error::Fact { index, name, problem });
        }
        if let Some(first) = seen.insert(name.clone(), index) {
            return Err(Error::Duplicate { index, first, name });
        }
        let (admitted, open_checks) = gate(snapshot, &record);
        if record.particulars.is_none() {
            let filed = snapshot.clusters.get(&name).map(|filed| &filed.record.particulars);
            record.particulars = filed.cloned().flatten();
        }
        result.clusters.insert(name, Cluster { record, admitted, open_checks, planned: true });
    }
    Ok(result)
}

/// What is known of the account that the record names: whether it is ready, and what is open. Nothing is
/// open in an account that nobody knows of: this run is about to vend it. But one that was missing when
/// the cluster was written is missing still.
fn gate(snapshot: &Snapshot, record: &Record) -> (bool, Vec<String>) {
    if let Some(open) = snapshot.accounts.get(&record.account) {
        return (open.is_empty(), open.clone());
    }
    let filed = snapshot.clusters.get(&record.name);
    let filed = filed.filter(|filed| filed.record.account == record.account);
    filed.map_or((false, Vec::new()), |filed| (filed.admitted, filed.open_checks.clone()))
}
