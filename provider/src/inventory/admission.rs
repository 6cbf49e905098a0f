//! The gate of guide §25.4: a cluster is admitted when its account's file says `ready: true`, and nothing
//! against it. Stored once, in the account's file, and never latched.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleet_model::fit::misfits;
use fleet_model::inventory::{AccountDocument, ClusterDocument, Contradiction, NotReady};
use fleet_model::name::Key;
use fleet_model::snapshot::{Cluster, Serials, Snapshot};

use super::{Error, Found, Store, ids, locked};

/// What the store says about the account of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Admission {
    /// Whether the account is ready.
    pub admitted: bool,
    /// What is open when it is not: names of checks, or why nothing was checked.
    pub open_checks: Vec<String>,
    /// The account's id, if it has a file.
    pub account_id: Option<String>,
    /// Who manages the account, if it has a file.
    pub managed_by: Option<String>,
    /// The serial of the account's file; 0 without one.
    pub serial: u64,
    /// Whether a write gave it that serial.
    pub is_as_written: bool,
}

impl Store {
    /// What the store says about the account of this key.
    ///
    /// # Errors
    /// The directory is missing, or an account's file cannot be read.
    pub fn admission(&self, account: &Key) -> Result<Admission, Error> {
        let found = self.account(account)?;
        // Only of one that would be admitted: reading all files takes longer than reading one.
        let shared = match &found {
            Some(found) if found.document.is_ready() => self.shared_ids()?,
            _ => Arc::default(),
        };
        Ok(self.gate(account, found.as_ref(), &shared))
    }

    /// The one place where it is decided whether an account's clusters are admitted.
    fn gate(
        &self,
        key: &Key,
        account: Option<&Found<AccountDocument>>,
        shared: &ids::Shared,
    ) -> Admission {
        let Some(Found { document, is_as_written, .. }) = account else {
            return Admission {
                open_checks: vec![format!("no file accounts/{key}.yaml")],
                ..Admission::default()
            };
        };
        let mut not_ready = document.not_ready();
        if document.ready
            && let Some(other) = shared.get(key)
        {
            not_ready.push(NotReady::Contradiction(Contradiction::SameId(other.clone())));
        }
        let open_checks = match locked(&self.known.refuted).get(key) {
            Some(open) => vec![open.clone()],
            None => not_ready.iter().map(ToString::to_string).collect(),
        };
        Admission {
            admitted: open_checks.is_empty(),
            open_checks,
            account_id: Some(document.id.clone()),
            managed_by: Some(document.managed_by.clone()),
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
        let clusters = clusters.into_iter().map(|Found { document, is_as_written, .. }| {
            let ClusterDocument { serial, cluster: record, .. } = document;
            let account = accounts.get(&record.account);
            note(&mut serials.clusters, &record.name, serial);
            if !is_as_written {
                serials.edited_clusters.insert(record.name.clone());
            }
            let admission = self.gate(&record.account, account, &shared);
            note(&mut serials.accounts, &record.account, admission.serial);
            if account.is_some_and(|account| !account.is_as_written) {
                serials.edited_accounts.insert(record.account.clone());
            }
            let Admission { mut admitted, mut open_checks, .. } = admission;
            // A file that says what its registration would be refused for admits nothing either.
            let contract = account.map(|account| &account.document.contract);
            let misfits = contract.map(|contract| misfits(&record, contract)).unwrap_or_default();
            admitted &= misfits.is_empty();
            open_checks.extend(misfits.iter().map(ToString::to_string));
            let name = record.name.clone();
            (name, Cluster { record, admitted, open_checks, planned: false })
        });
        let clusters = clusters.collect();
        Snapshot { clusters, store: self.path.to_string_lossy().into_owned(), serials }
    }
}

fn note(serials: &mut BTreeMap<Key, u64>, key: &Key, serial: u64) {
    if serial > 0 {
        serials.insert(key.clone(), serial);
    }
}
