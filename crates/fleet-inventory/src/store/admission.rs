//! The gate of guide §25.4: a cluster is admitted when its account's file says `ready: true`, and nothing
//! against it, when the cluster is what the account was made for, and when its manager is one of the account's
//! registrars. Stored once, in the account's file, and never latched.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleet_model::cluster::Record;
use fleet_model::fit::{misfits, outsider};
use fleet_model::inventory::{AccountDocument, ClusterDocument, Contradiction, NotReady};
use fleet_model::name::Key;
use fleet_model::snapshot::{Cluster, Serials, Snapshot};

use super::{Found, Store, ids, locked};
use crate::error::Error;

/// What the store says about the account of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Admission {
    /// Whether the cluster takes new targets.
    pub admitted: bool,
    /// What is open when it is not: names of checks, or why nothing was checked.
    pub open_checks: Vec<String>,
    /// The account's id, if it has a file.
    pub account_id: Option<String>,
    /// The serial of the account's file; 0 without one.
    pub serial: u64,
    /// Whether a write gave it that serial.
    pub is_as_written: bool,
}

impl Store {
    /// What the store says about a cluster that `manager` registers, by the file of its account; `None` where
    /// it is not known who does.
    ///
    /// # Errors
    /// The directory is missing, or an account's file cannot be read.
    pub fn admission(&self, record: &Record, manager: Option<&str>) -> Result<Admission, Error> {
        let account = self.account(&record.account)?;
        // Only of one that would be admitted: reading all files takes longer than reading one.
        let shared = match &account {
            Some(found) if found.document.is_ready() => self.shared_ids()?,
            _ => Arc::default(),
        };
        let open = account.as_ref().map(|found| self.open_checks(&record.account, found, &shared));
        Ok(Self::gate(record, manager, account.as_ref().zip(open)))
    }

    /// What keeps the clusters of an account out, whatever they are: the one place where that is decided.
    fn open_checks(
        &self,
        key: &Key,
        account: &Found<AccountDocument>,
        shared: &ids::Shared,
    ) -> Vec<String> {
        if let Some(open) = locked(&self.known.refuted).get(key) {
            return vec![open.clone()];
        }
        let mut not_ready = account.document.not_ready();
        if account.document.ready
            && let Some(other) = shared.get(key)
        {
            not_ready.push(NotReady::Contradiction(Contradiction::SameId(other.clone())));
        }
        not_ready.iter().map(ToString::to_string).collect()
    }

    /// The verdict on a cluster that `manager` registers; `None` where it is not known who does. `account`: its file, with
    /// what keeps all of its clusters out.
    fn gate(
        record: &Record,
        manager: Option<&str>,
        account: Option<(&Found<AccountDocument>, Vec<String>)>,
    ) -> Admission {
        let Some((Found { document, is_as_written, .. }, mut open_checks)) = account else {
            return Admission {
                open_checks: vec![format!("no file accounts/{}.yaml", record.account)],
                ..Admission::default()
            };
        };
        // A file that says what its registration would be refused for admits nothing either.
        let misfits = misfits(record, &document.contract);
        open_checks.extend(misfits.iter().map(ToString::to_string));
        let registrars = document.registrars.as_ref();
        let outsider = manager.and_then(|of| outsider(of, &document.managed_by, registrars));
        open_checks.extend(outsider.map(|of| of.to_string()));
        Admission {
            admitted: open_checks.is_empty(),
            open_checks,
            account_id: Some(document.id.clone()),
            serial: document.serial,
            is_as_written: *is_as_written,
        }
    }

    /// This run found at AWS that the account of this key is not what its file says: its clusters are
    /// not admitted, because of `open`.
    pub fn refute(&self, account: &Key, open: String) {
        locked(&self.known.refuted).insert(account.clone(), open);
    }

    /// [`Store::snapshot`] of documents that were read before.
    #[must_use]
    pub fn join(
        &self,
        accounts: &BTreeMap<Key, Found<AccountDocument>>,
        clusters: impl IntoIterator<Item = Found<ClusterDocument>>,
    ) -> Snapshot {
        let mut serials = Serials::default();
        let shared = ids::shared(accounts);
        let open: BTreeMap<Key, Vec<String>> = accounts
            .iter()
            .map(|(key, account)| {
                note(&mut serials.accounts, key, account.document.serial);
                if !account.is_as_written {
                    serials.edited_accounts.insert(key.clone());
                }
                (key.clone(), self.open_checks(key, account, &shared))
            })
            .collect();
        let clusters = clusters.into_iter().map(|Found { document, is_as_written, .. }| {
            let record = document.placed();
            let ClusterDocument { serial, managed_by, .. } = document;
            note(&mut serials.clusters, &record.name, serial);
            if !is_as_written {
                serials.edited_clusters.insert(record.name.clone());
            }
            let key = &record.account;
            let account = accounts.get(key).zip(open.get(key).cloned());
            let Admission { admitted, open_checks, .. } =
                Self::gate(&record, Some(&managed_by), account);
            let name = record.name.clone();
            (name, Cluster { record, admitted, open_checks, planned: false })
        });
        let clusters = clusters.collect();
        Snapshot {
            clusters,
            accounts: open,
            store: self.path().to_string_lossy().into_owned(),
            serials,
        }
    }
}

fn note(serials: &mut BTreeMap<Key, u64>, key: &Key, serial: u64) {
    if serial > 0 {
        serials.insert(key.clone(), serial);
    }
}

#[cfg(test)]
mod tests;
