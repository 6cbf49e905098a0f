//! The gate of guide §25.4: a cluster is admitted when its account's file says `ready: true`, and nothing
//! against it. Stored once, in the account's file, and never latched.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use fleet_model::fit::misfits;
use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::name::Key;
use fleet_model::snapshot::{Cluster, Serials, Snapshot};

use super::{Error, Found, Store};

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
}

impl Admission {
    fn of(key: &Key, account: Option<&Found<AccountDocument>>) -> Self {
        let Some(Found { document, .. }) = account else {
            return Self {
                open_checks: vec![format!("no file accounts/{key}.yaml")],
                ..Self::default()
            };
        };
        let not_ready = document.not_ready();
        Self {
            admitted: not_ready.is_empty(),
            open_checks: not_ready.iter().map(ToString::to_string).collect(),
            account_id: Some(document.id.clone()),
            managed_by: Some(document.managed_by.clone()),
            serial: document.serial,
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
        let mut serials = Serials::default();
        let clusters = clusters.into_iter().map(|Found { document, .. }| {
            let ClusterDocument { serial, cluster: record, .. } = document;
            let account = accounts.get(&record.account);
            note(&mut serials.clusters, &record.name, serial);
            let of_account = account.map_or(0, |account| account.document.serial);
            note(&mut serials.accounts, &record.account, of_account);
            let Admission { mut admitted, mut open_checks, .. } =
                Admission::of(&record.account, account);
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
