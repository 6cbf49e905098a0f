//! The gate of guide §25.4: a cluster is admitted when its account's file says `ready: true`.
//! Stored once, in the account's file, and never latched.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::name::Key;
use fleet_model::snapshot::{Cluster, Snapshot};

use super::{Error, Found, Store};

/// What the store says about the account of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Whether the account is ready.
    pub admitted: bool,
    /// What is open when it is not: names of checks, or why nothing was checked.
    pub open_checks: Vec<String>,
    /// The account's id, if it has a file.
    pub account_id: Option<String>,
    /// Who manages the account, if it has a file.
    pub managed_by: Option<String>,
}

impl Admission {
    fn of(key: &Key, account: Option<&Found<AccountDocument>>) -> Self {
        let Some(Found { document, .. }) = account else {
            return Self {
                admitted: false,
                open_checks: vec![format!("no file accounts/{key}.yaml")],
                account_id: None,
                managed_by: None,
            };
        };
        if document.is_tombstone() {
            return Self {
                admitted: false,
                open_checks: vec!["the account is closed".to_owned()],
                account_id: Some(document.id.clone()),
                managed_by: Some(document.managed_by.clone()),
            };
        }
        let open_checks = match (document.ready, document.open_checks.is_empty()) {
            (true, _) => Vec::new(),
            (false, true) => vec![format!("phase {}", document.phase)],
            (false, false) => document.open_checks.keys().cloned().collect(),
        };
        Self {
            admitted: document.ready,
            open_checks,
            account_id: Some(document.id.clone()),
            managed_by: Some(document.managed_by.clone()),
        }
    }
}

impl Store {
    /// What the store says about the account of this key.
    ///
    /// # Errors
    /// The directory is missing, or the account's file cannot be read.
    pub fn admission(&self, account: &Key) -> Result<Admission, Error> {
        let admission = Admission::of(account, self.account(account)?.as_ref());
        let refuted = self.refuted.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match refuted.get(account) {
            Some(open) => {
                Admission { admitted: false, open_checks: vec![open.clone()], ..admission }
            }
            None => admission,
        })
    }

    /// This run found at AWS that the account of this key is not what its file says: its clusters are
    /// not admitted, because of `open`.
    pub fn refute(&self, account: &Key, open: String) {
        let mut refuted = self.refuted.lock().unwrap_or_else(PoisonError::into_inner);
        refuted.insert(account.clone(), open);
    }

    /// [`Store::snapshot`] of documents that were read before.
    #[must_use]
    pub fn join(
        &self,
        accounts: &BTreeMap<Key, Found<AccountDocument>>,
        clusters: impl IntoIterator<Item = Found<ClusterDocument>>,
    ) -> Snapshot {
        let clusters = clusters.into_iter().map(|Found { document, .. }| {
            let record = document.cluster;
            let account = accounts.get(&record.account);
            let Admission { admitted, open_checks, .. } = Admission::of(&record.account, account);
            let name = record.name.clone();
            (name, Cluster { record, admitted, open_checks, planned: false })
        });
        Snapshot { clusters: clusters.collect(), store: self.path.to_string_lossy().into_owned() }
    }
}
