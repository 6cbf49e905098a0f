//! One string out of a snapshot, and back: canonical, so that equal snapshots are equal strings,
//! and small, because every placement of a configuration carries it through every RPC.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use serde::{Deserialize, Serialize};

use super::{Cluster, Serials, Snapshot};
use crate::cluster::{Particulars, Problem, Record, Taint};
use crate::lifecycle::LifecycleState;
use crate::name::Key;

/// What every snapshot starts with; the number after it is the version of what follows.
pub const PREFIX: &str = "fleet-snapshot:";
const VERSION: u32 = 4;
/// The oldest version that is read, which says nothing of particulars: an output of another state may have it.
const OLDEST: u32 = 3;

/// More than ten times what 10,000 clusters need. A text that unpacks to more was not made by us, and
/// would fill the memory of every provider process: small texts take ten times their size in there.
const MAX_UNPACKED: usize = 64 << 20;

/// Why a text is not a snapshot that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Does not start like a snapshot.
    #[error("the text is not a snapshot: one starts with `{PREFIX}`")]
    NotASnapshot,
    /// Made by an earlier version of the provider, for example in a plan that was saved.
    #[error(
        "the snapshot has version {found}, which an earlier version of the provider made; plan again"
    )]
    Older {
        /// The version it says it has.
        found: u32,
    },
    /// Made by a later version of the provider.
    #[error("the snapshot has version {found}, and this provider reads up to version {VERSION}")]
    Newer {
        /// The version it says it has.
        found: u32,
    },
    /// Unpacks to more than any fleet needs, or is about to be packed from more.
    #[error("the snapshot unpacks to more than {} MiB", MAX_UNPACKED >> 20)]
    TooLarge,
    /// A cluster with a fact that cannot be.
    #[error("the snapshot has a cluster that cannot be, `{name}`: {problem}")]
    Fact {
        /// Of which cluster.
        name: Key,
        /// What.
        problem: Problem,
    },
    /// Starts like a snapshot and goes on as something else: cut off, or edited.
    #[error("the snapshot is damaged: {what}")]
    Damaged {
        /// Which layer does not hold.
        what: &'static str,
        /// What that layer said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    fn damaged(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Damaged { what, source: Some(source.into()) }
    }
}

/// The unpacked form: one column per field, in the order of the clusters' names. Like stands next
/// to like, which halves the size against a list of records.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    store: String,
    /// The accounts, by key: those with a document, and those that only a cluster names.
    accounts: Vec<Key>,
    /// What is open in each account; null without a document.
    account_open: Vec<Option<Vec<String>>>,
    account_serial: Vec<u64>,
    name: Vec<Key>,
    serial: Vec<u64>,
    /// The account of each cluster, as its place in `accounts`.
    account: Vec<usize>,
    environment: Vec<String>,
    region: Vec<String>,
    cloud: Vec<String>,
    zones: Vec<BTreeSet<String>>,
    tier: Vec<Option<String>>,
    data_classification: Vec<String>,
    labels: Vec<BTreeMap<String, String>>,
    taints: Vec<BTreeSet<Taint>>,
    schedulable: Vec<bool>,
    lifecycle_state: Vec<LifecycleState>,
    /// Null where everybody may place; left out by version 3, as the next three.
    #[serde(default)]
    tenants: Vec<Option<BTreeSet<String>>>,
    /// Null where nothing is known of the three; left out by version 3.
    #[serde(default)]
    managed_by: Vec<Option<String>>,
    #[serde(default)]
    owner: Vec<Option<String>>,
    #[serde(default)]
    kubernetes_version: Vec<Option<String>>,
    admitted: Vec<bool>,
    open_checks: Vec<Vec<String>>,
    planned: Vec<bool>,
    /// Those whose files are not as they were written; few, so no columns.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    edited_clusters: BTreeSet<Key>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    edited_accounts: BTreeSet<Key>,
}

impl Columns {
    fn of(snapshot: &Snapshot) -> Self {
        fn column<T>(snapshot: &Snapshot, field: impl Fn(&Cluster) -> T) -> Vec<T> {
            snapshot.clusters.values().map(field).collect()
        }
        fn particulars(cluster: &Cluster) -> Option<&Particulars> {
            cluster.record.particulars.as_ref()
        }
        let Serials {
            clusters: serials,
            accounts: account_serials,
            edited_clusters,
            edited_accounts,
        } = &snapshot.serials;
        let named = snapshot.clusters.values().map(|c| &c.record.account);
        let accounts: BTreeSet<&Key> = snapshot.accounts.keys().chain(named).collect();
        let places: BTreeMap<&Key, usize> =
            accounts.iter().enumerate().map(|(place, key)| (*key, place)).collect();
        let serial = |of: &BTreeMap<Key, u64>, key: &Key| of.get(key).copied().unwrap_or_default();
        Self {
            store: snapshot.store.clone(),
            account_open: accounts.iter().map(|key| snapshot.accounts.get(*key).cloned()).collect(),
            account_serial: accounts.iter().map(|key| serial(account_serials, key)).collect(),
            accounts: accounts.iter().map(|key| (*key).clone()).collect(),
            name: column(snapshot, |c| c.record.name.clone()),
            serial: column(snapshot, |c| serial(serials, &c.record.name)),
            account: column(snapshot, |c| {
                places.get(&c.record.account).copied().unwrap_or_default()
            }),
            environment: column(snapshot, |c| c.record.environment.clone()),
            region: column(snapshot, |c| c.record.region.clone()),
            cloud: column(snapshot, |c| c.record.cloud.clone()),
            zones: column(snapshot, |c| c.record.zones.clone()),
            tier: column(snapshot, |c| c.record.tier.clone()),
            data_classification: column(snapshot, |c| c.record.data_classification.clone()),
            labels: column(snapshot, |c| c.record.labels.clone()),
            taints: column(snapshot, |c| c.record.taints.clone()),
            schedulable: column(snapshot, |c| c.record.schedulable),
            lifecycle_state: column(snapshot, |c| c.record.lifecycle_state),
            tenants: column(snapshot, |c| c.record.tenants.clone()),
            managed_by: column(snapshot, |c| Some(particulars(c)?.managed_by.clone())),
            owner: column(snapshot, |c| particulars(c)?.owner.clone()),
            kubernetes_version: column(snapshot, |c| particulars(c)?.kubernetes_version.clone()),
            admitted: column(snapshot, |c| c.admitted),
            open_checks: column(snapshot, |c| c.open_checks.clone()),
            planned: column(snapshot, |c| c.planned),
            edited_clusters: edited_clusters.clone(),
            edited_accounts: edited_accounts.clone(),
        }
    }

    /// `None` when the columns do not fit each other.
    fn into_snapshot(self) -> Option<Snapshot> {
        let count = self.name.len();
        let serials = Serials {
            clusters: present(&self.name, &self.serial)?,
            accounts: present(&self.accounts, &self.account_serial)?,
            edited_clusters: self.edited_clusters,
            edited_accounts: self.edited_accounts,
        };
        if self.account_open.len() != self.accounts.len() {
            return None;
        }
        let open = self.accounts.iter().cloned().zip(self.account_open);
        let accounts = open.filter_map(|(key, open)| Some((key, open?))).collect();
        let mut account = self.account.into_iter();
        let mut environment = self.environment.into_iter();
        let mut region = self.region.into_iter();
        let mut cloud = self.cloud.into_iter();
        let mut zones = self.zones.into_iter();
        let mut tier = self.tier.into_iter();
        let mut data_classification = self.data_classification.into_iter();
        let mut labels = self.labels.into_iter();
        let mut taints = self.taints.into_iter();
        let mut schedulable = self.schedulable.into_iter();
        let mut lifecycle_state = self.lifecycle_state.into_iter();
        let mut tenants = self.tenants.into_iter();
        let mut managed_by = self.managed_by.into_iter();
        let mut owner = self.owner.into_iter();
        let mut kubernetes_version = self.kubernetes_version.into_iter();
        let mut admitted = self.admitted.into_iter();
        let mut open_checks = self.open_checks.into_iter();
        let mut planned = self.planned.into_iter();
        let mut clusters = BTreeMap::new();
        for name in self.name {
            let (owner, kubernetes_version) = (owner.next()?, kubernetes_version.next()?);
            let particulars = match managed_by.next()? {
                Some(managed_by) => Some(Particulars { managed_by, owner, kubernetes_version }),
                None if owner.is_some() || kubernetes_version.is_some() => return None,
                None => None,
            };
            let record = Record {
                name: name.clone(),
                account: self.accounts.get(account.next()?)?.clone(),
                environment: environment.next()?,
                region: region.next()?,
                cloud: cloud.next()?,
                zones: zones.next()?,
                tier: tier.next()?,
                data_classification: data_classification.next()?,
                labels: labels.next()?,
                taints: taints.next()?,
                schedulable: schedulable.next()?,
                lifecycle_state: lifecycle_state.next()?,
                tenants: tenants.next()?,
                particulars,
            };
            let cluster = Cluster {
                record,
                admitted: admitted.next()?,
                open_checks: open_checks.next()?,
                planned: planned.next()?,
            };
            clusters.insert(name, cluster);
        }
        let rest = account.len()
            + environment.len()
            + region.len()
            + cloud.len()
            + zones.len()
            + tier.len()
            + data_classification.len()
            + labels.len()
            + taints.len()
            + schedulable.len()
            + lifecycle_state.len()
            + tenants.len()
            + managed_by.len()
            + owner.len()
            + kubernetes_version.len()
            + admitted.len()
            + open_checks.len()
            + planned.len();
        let fits = rest == 0 && clusters.len() == count;
        fits.then_some(Snapshot { clusters, store: self.store, accounts, serials })
    }
}

/// The serials that there are, by key; `None` when the columns do not fit each other.
fn present(keys: &[Key], serials: &[u64]) -> Option<BTreeMap<Key, u64>> {
    let distinct: BTreeSet<&Key> = keys.iter().collect();
    (keys.len() == serials.len() && distinct.len() == keys.len()).then_some(())?;
    let given = keys.iter().zip(serials).filter(|(_, serial)| **serial > 0);
    Some(given.map(|(key, serial)| (key.clone(), *serial)).collect())
}

impl Snapshot {
    /// The snapshot as one line of ASCII, `fleet-snapshot:4:…`. Equal snapshots give equal texts.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when nobody could read it; else memory only.
    pub fn encode(&self) -> Result<String, Error> {
        let text = serde_json::to_vec(&Columns::of(self))
            .map_err(|error| Error::damaged("it cannot be written", error))?;
        if text.len() > MAX_UNPACKED {
            return Err(Error::TooLarge);
        }
        let mut pack = ZlibEncoder::new(Vec::new(), Compression::best());
        let packed = pack.write_all(&text).and_then(|()| pack.finish());
        let packed = packed.map_err(|error| Error::damaged("it cannot be packed", error))?;
        Ok(format!("{PREFIX}{VERSION}:{}", STANDARD_NO_PAD.encode(packed)))
    }

    /// Reads what [`Snapshot::encode`] wrote.
    ///
    /// # Errors
    /// The text is something else, of a later version, or damaged.
    pub fn decode(text: &str) -> Result<Self, Error> {
        let versioned = text.strip_prefix(PREFIX).ok_or(Error::NotASnapshot)?;
        let (version, body) = versioned.split_once(':').ok_or(Error::NotASnapshot)?;
        let version = match version.parse::<u32>() {
            Ok(version @ OLDEST..=VERSION) => version,
            Ok(found) if found > VERSION => return Err(Error::Newer { found }),
            Ok(found @ 1..) => return Err(Error::Older { found }),
            Ok(_) | Err(_) => return Err(Error::NotASnapshot),
        };
        let packed = STANDARD_NO_PAD
            .decode(body)
            .map_err(|error| Error::damaged("its body is not base64", error))?;
        let mut unpacked = Vec::new();
        ZlibDecoder::new(packed.as_slice())
            .take(MAX_UNPACKED as u64 + 1)
            .read_to_end(&mut unpacked)
            .map_err(|error| Error::damaged("its body does not unpack", error))?;
        if unpacked.len() > MAX_UNPACKED {
            return Err(Error::TooLarge);
        }
        let mut columns: Columns = serde_json::from_slice(&unpacked)
            .map_err(|error| Error::damaged("its columns cannot be read", error))?;
        if version == OLDEST {
            let count = columns.name.len();
            columns.tenants.resize(count, None);
            for column in
                [&mut columns.managed_by, &mut columns.owner, &mut columns.kubernetes_version]
            {
                column.resize(count, None);
            }
        }
        let snapshot = columns.into_snapshot().ok_or(Error::Damaged {
            what: "its columns are not equally long, or name a cluster twice",
            source: None,
        })?;
        // A text is no more trusted than the files it says it was read from.
        for (name, cluster) in &snapshot.clusters {
            if let Some(problem) = cluster.record.problems().into_iter().next() {
                return Err(Error::Fact { name: name.clone(), problem });
            }
        }
        Ok(snapshot)
    }
}
