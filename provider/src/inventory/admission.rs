//! The gate of guide §25.4: a cluster is admitted when its account's file says `ready: true`, and nothing
//! against it, when the cluster is what the account was made for, and when its manager is one of the account's
//! registrars. Stored once, in the account's file, and never latched.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use fleet_model::cluster::Record;
use fleet_model::fit::{misfits, outsider};
use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::name::Key;
use fleet_model::snapshot::{Cluster, Serials, Snapshot};

use super::{Error, Found, Store};

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
}

impl Admission {
    /// The verdict on a cluster that `manager` registers; `None` where it is not known who does.
    fn of(
        record: &Record,
        manager: Option<&str>,
        account: Option<&Found<AccountDocument>>,
    ) -> Self {
        let Some(Found { document, .. }) = account else {
            return Self {
                open_checks: vec![format!("no file accounts/{}.yaml", record.account)],
                ..Self::default()
            };
        };
        let mut open_checks = not_ready(document);
        // A file that says what its registration would be refused for admits nothing either.
        let misfits = misfits(record, &document.contract);
        open_checks.extend(misfits.iter().map(ToString::to_string));
        let registrars = document.registrars.as_ref();
        let outsider = manager.and_then(|of| outsider(of, &document.managed_by, registrars));
        open_checks.extend(outsider.map(|of| of.to_string()));
        Self {
            admitted: open_checks.is_empty(),
            open_checks,
            account_id: Some(document.id.clone()),
            serial: document.serial,
        }
    }
}

fn not_ready(document: &AccountDocument) -> Vec<String> {
    document.not_ready().iter().map(ToString::to_string).collect()
}

impl Store {
    /// What the store says about a cluster that `manager` registers, by the file of its account; `None` where
    /// it is not known who does.
    ///
    /// # Errors
    /// The directory is missing, or the account's file cannot be read.
    pub fn admission(&self, record: &Record, manager: Option<&str>) -> Result<Admission, Error> {
        let account = self.account(&record.account)?;
        let admission = Admission::of(record, manager, account.as_ref());
        let refuted = self.refuted.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match refuted.get(&record.account) {
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
            let ClusterDocument { serial, managed_by, cluster: record, .. } = document;
            note(&mut serials.clusters, &record.name, serial);
            let Admission { admitted, open_checks, .. } =
                Admission::of(&record, Some(&managed_by), accounts.get(&record.account));
            let name = record.name.clone();
            (name, Cluster { record, admitted, open_checks, planned: false })
        });
        let clusters = clusters.collect();
        let open = accounts.iter().map(|(key, Found { document, .. })| {
            note(&mut serials.accounts, key, document.serial);
            (key.clone(), not_ready(document))
        });
        let accounts = open.collect();
        Snapshot { clusters, accounts, store: self.path.to_string_lossy().into_owned(), serials }
    }
}

fn note(serials: &mut BTreeMap<Key, u64>, key: &Key, serial: u64) {
    if serial > 0 {
        serials.insert(key.clone(), serial);
    }
}
