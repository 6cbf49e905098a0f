//! The inventory documents as files (guide §9): `accounts/<key>.yaml` and `clusters/<name>.yaml`.
//!
//! Both begin with `schema`, which says what the file is and in which version, and are described by
//! a JSON Schema that is published with the provider. Within a version fields are only added, and objects of lists stay as they are:
//! a reader keeps fields that it does not know ([`Beside`]), and stops at a later version.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use fleet_model::cluster::{Record, Taint};
use fleet_model::inventory::{
    About, AccountDocument, ClusterDocument, DocumentError, Gitops, Networking, Policies,
};
use fleet_model::lifecycle::LifecycleState;
use fleet_model::name::Key;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use fleet_artifacts::digest::sha256_hex;
use fleet_artifacts::yaml;

use super::beside::{self, Beside};

/// Why a text is not an inventory file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not YAML, another `schema`, a field that is missing, unknown or of another type; or it cannot be
    /// written.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// Of a version that is later than any that this program knows.
    #[error("its schema is `{schema}`, and this is {}, which knows `{known}`{}", beside::WRITER, by(written_by.as_deref()))]
    Later {
        /// What it says of itself.
        schema: String,
        /// The latest version of the same kind that is known.
        known: &'static str,
        /// The program that wrote it, where the file says so.
        written_by: Option<String>,
    },
    /// It can be read, and says what cannot be.
    #[error("it says what cannot be: {0}")]
    Content(DocumentError),
}

impl Error {
    /// What is wrong with the text, where it cannot be read at all.
    #[must_use]
    pub fn fault(&self) -> Option<&yaml::Fault> {
        match self {
            Self::Yaml(yaml::Error::Read(unreadable)) => Some(&unreadable.fault),
            Self::Yaml(yaml::Error::Write(_)) | Self::Later { .. } | Self::Content(_) => None,
        }
    }
}

fn by(written_by: Option<&str>) -> String {
    written_by.map(|program| format!("; it was written by {program}")).unwrap_or_default()
}

/// `schema` of an account's file.
pub const ACCOUNT: &str = "fleet/account/v1";
/// `schema` of a cluster's file.
pub const CLUSTER: &str = "fleet/cluster/v1";
/// The JSON Schema (draft 2020-12) of an account's file.
pub const ACCOUNT_SCHEMA: &str = include_str!("../../schemas/account.v1.json");
/// The JSON Schema (draft 2020-12) of a cluster's file.
pub const CLUSTER_SCHEMA: &str = include_str!("../../schemas/cluster.v1.json");

/// What people read first when they open one of the files.
const HEADER: &str = "# Written by the provider fleet. Change the configuration, not this file: \
                      the next apply writes it again.\n";

/// How the last line of a file begins, which says what the others were when they were written.
const SEAL: &str = "seal: ";
/// How the line before it begins, which says who wrote the file.
const WRITTEN_BY: &str = "written_by: ";
/// The most characters of that.
const LONGEST_WRITER: usize = 100;
/// Fields that are no document's own.
const OURS: [&str; 3] = ["schema", "written_by", "seal"];

/// Whether a file of this serial is as it was written: its serial is then one that a write gave it, and not
/// an edit or half of a merge. How lines end does not count, since Git may change that. A file of the
/// serial 0 is from before there were serials, and has no seal.
///
/// It is no signature: it tells a slip from a write, and whoever can write the directory can write both.
#[must_use]
pub fn is_as_written(text: &str, serial: u64) -> bool {
    match apart(text) {
        (rest, Some(seal)) => seal == digest(&rest),
        (_, None) => serial == 0,
    }
}

fn sealed(text: String, serial: u64) -> String {
    if serial == 0 {
        return text;
    }
    let seal = digest(&text);
    format!("{text}{SEAL}{seal}\n")
}

/// The lines of a file, each with the same end, and the seal apart from them.
fn apart(text: &str) -> (String, Option<&str>) {
    let mut seal = None;
    let mut rest = String::with_capacity(text.len());
    for line in text.lines() {
        match line.strip_prefix(SEAL) {
            Some(found) if seal.is_none() => seal = Some(found),
            // A second one is a field that no file has.
            _ => {
                rest.push_str(line);
                rest.push('\n');
            }
        }
    }
    (rest, seal)
}

/// The first 16 hex digits of SHA-256.
fn digest(text: &str) -> String {
    let mut sha256 = sha256_hex(text.as_bytes());
    sha256.truncate(16);
    sha256
}

/// The file of an account.
///
/// # Errors
/// [`yaml::Error::Write`].
pub fn account_to_yaml(document: &AccountDocument, beside: &Beside) -> Result<String, yaml::Error> {
    let text = yaml::to_string(&Versioned { schema: ACCOUNT, document })?;
    let text = beside::with_fields(text, &beside.unknown, |text| {
        let edited = document.edited;
        read::<AccountDocument, Account>(text)
            .is_ok_and(|(read, _)| AccountDocument { edited, ..read } == *document)
    })?;
    Ok(finished(text, document.serial, beside))
}

/// Reads the file of an account.
///
/// # Errors
/// See [`Error`].
pub fn account_from_yaml(text: &str) -> Result<(AccountDocument, Beside), Error> {
    let (mut document, beside) = read::<AccountDocument, Account>(text)?;
    // Whoever takes lines out can take the seal and the serial out with them. What an apply wrote has a digest, and no
    // apply writes that without the other two.
    let is_bare = document.serial == 0 && is_sha256(&document.digest);
    document.edited = is_bare || !is_as_written(text, document.serial);
    let problem = document.problems().into_iter().next();
    problem.map_or(Ok((document, beside)), |problem| Err(Error::Content(problem)))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The file of a cluster.
///
/// # Errors
/// [`yaml::Error::Write`].
pub fn cluster_to_yaml(document: &ClusterDocument, beside: &Beside) -> Result<String, yaml::Error> {
    let body = ClusterBody::from(document.clone());
    let text = yaml::to_string(&Versioned { schema: CLUSTER, document: &body })?;
    let text = beside::with_fields(text, &beside.unknown, |text| {
        read::<ClusterBody, Cluster>(text)
            .is_ok_and(|(read, _)| ClusterDocument::from(read) == *document)
    })?;
    Ok(finished(text, document.serial, beside))
}

/// Reads the file of a cluster.
///
/// # Errors
/// As [`account_from_yaml`].
pub fn cluster_from_yaml(text: &str) -> Result<(ClusterDocument, Beside), Error> {
    let (body, beside) = read::<ClusterBody, Cluster>(text)?;
    let document = ClusterDocument::from(body);
    let problem = document.problems().into_iter().next();
    problem.map_or(Ok((document, beside)), |problem| Err(Error::Content(problem)))
}

/// Whether a text says of itself that it is a file of the inventory, of whatever version.
#[must_use]
pub fn claims(bytes: &[u8]) -> bool {
    let kinds = [ACCOUNT, CLUSTER].map(|schema| schema.trim_end_matches(|of| of != '/'));
    let text = String::from_utf8_lossy(bytes);
    schema_of(&text).is_some_and(|schema| kinds.iter().any(|kind| schema.starts_with(kind)))
}

/// The lines around a document's own.
fn finished(text: String, serial: u64, beside: &Beside) -> String {
    let by = beside.written_by.as_ref().map(|by| format!("{WRITTEN_BY}{by}\n"));
    sealed(format!("{HEADER}{text}{}", by.unwrap_or_default()), serial)
}

/// The document of a text, and what the text says beside it.
fn read<T: DeserializeOwned, K: Kind>(text: &str) -> Result<(T, Beside), Error> {
    let (text, written_by, ends_as_written) = {
        let (rest, _) = apart(text);
        let (rest, written_by) = unsigned(&rest);
        (rest, written_by, !text.contains('\r'))
    };
    if let Some(schema) = later::<K>(&text) {
        return Err(Error::Later { schema, known: K::SCHEMA, written_by });
    }
    let (mut ways, mut in_list) = (Vec::new(), false);
    let File { document, .. } =
        yaml::from_str_with_unknown::<File<T, K>>(&text, |way| match way {
            Some(way) => ways.push(way),
            None => in_list = true,
        })?;
    // One of these for a second time, and not where it belongs.
    let ours = ways.iter().find(|way| matches!(&way[..], [name] if OURS.contains(&&**name)));
    let fault = match ours {
        Some(way) => Some(yaml::Fault::Twice(way.first().cloned())),
        None => in_list.then(|| yaml::Fault::Field("a field within a list".to_owned())),
    };
    if let Some(fault) = fault {
        let unreadable = yaml::Unreadable { place: None, fault };
        return Err(Error::Yaml(yaml::Error::Read(Box::new(unreadable))));
    }
    let unknown = beside::fields(&text, ways)?;
    Ok((document, Beside { written_by, unknown, ends_as_written }))
}

/// A text without the first line that says who wrote it; the other lines stay where they are.
fn unsigned(text: &str) -> (String, Option<String>) {
    let is_program = |name: &&str| {
        let is_word = |of: char| of.is_ascii_alphanumeric() || " .+-_/".contains(of);
        !name.is_empty() && name.len() <= LONGEST_WRITER && name.chars().all(is_word)
    };
    let mut written_by = None;
    let mut rest = String::with_capacity(text.len());
    for line in text.lines() {
        match line.strip_prefix(WRITTEN_BY).filter(is_program) {
            Some(name) if written_by.is_none() => written_by = Some(name.to_owned()),
            _ => rest.push_str(line),
        }
        rest.push('\n');
    }
    (rest, written_by)
}

/// What a text calls itself, where that is a later version of this kind.
fn later<K: Kind>(text: &str) -> Option<String> {
    let schema = schema_of(text)?;
    let (kind, known) = K::SCHEMA.rsplit_once("/v")?;
    let version: u32 = schema.strip_prefix(kind)?.strip_prefix("/v")?.parse().ok()?;
    (version > known.parse().ok()?).then(|| schema.to_owned())
}

/// What a text calls itself.
fn schema_of(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim_end());
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#') && *line != "---")?;
    Some(first.strip_prefix("schema:")?.trim().trim_matches(['"', '\'']))
}

#[derive(Serialize)]
struct Versioned<'a, T: Serialize> {
    schema: &'static str,
    #[serde(flatten)]
    document: &'a T,
}

trait Kind {
    const SCHEMA: &'static str;
}

enum Account {}
enum Cluster {}

impl Kind for Account {
    const SCHEMA: &'static str = ACCOUNT;
}

impl Kind for Cluster {
    const SCHEMA: &'static str = CLUSTER;
}

/// A document with `schema` as its first field. A derived `flatten` would hide which fields are unknown.
struct File<T, K> {
    document: T,
    kind: PhantomData<K>,
}

impl<'de, T: DeserializeOwned, K: Kind> Deserialize<'de> for File<T, K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SchemaFirst<T, K>(PhantomData<(T, K)>);

        impl<'de, T: DeserializeOwned, K: Kind> Visitor<'de> for SchemaFirst<T, K> {
            type Value = File<T, K>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an inventory file that begins with `schema: {}`", K::SCHEMA)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let first = map.next_entry::<String, String>()?;
                match first {
                    Some((key, schema)) if key == "schema" && schema == K::SCHEMA => {}
                    Some((key, schema)) if key == "schema" => {
                        return Err(A::Error::custom(format!(
                            "its schema is `{schema}`, and `{}` is expected here",
                            K::SCHEMA
                        )));
                    }
                    _ => {
                        return Err(A::Error::custom(format!(
                            "it does not begin with `schema: {}`",
                            K::SCHEMA
                        )));
                    }
                }
                let document = T::deserialize(MapAccessDeserializer::new(map))?;
                Ok(File { document, kind: PhantomData })
            }
        }

        deserializer.deserialize_map(SchemaFirst(PhantomData))
    }
}

fn is_zero(serial: &u64) -> bool {
    *serial == 0
}

/// The file's form of a [`ClusterDocument`]: the fields of guide §9 in the guide's order.
#[derive(Serialize, Deserialize)]
struct ClusterBody {
    #[serde(default, skip_serializing_if = "is_zero")]
    serial: u64,
    managed_by: String,
    cluster: Entry,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: Key,
    environment: String,
    region: String,
    cloud: String,
    account: Key,
    data_classification: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kubernetes_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gitops: Option<Gitops>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policies: Option<Policies>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    networking: Option<Networking>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    zones: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    taints: BTreeSet<Taint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenants: Option<BTreeSet<String>>,
    schedulable: bool,
    lifecycle_state: LifecycleState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decommission_after: Option<String>,
}

impl From<ClusterDocument> for ClusterBody {
    fn from(document: ClusterDocument) -> Self {
        let ClusterDocument { serial, managed_by, cluster, about } = document;
        Self {
            serial,
            managed_by,
            cluster: Entry {
                name: cluster.name,
                environment: cluster.environment,
                region: cluster.region,
                cloud: cluster.cloud,
                account: cluster.account,
                data_classification: cluster.data_classification,
                owner: about.owner,
                tier: cluster.tier,
                kubernetes_version: about.kubernetes_version,
                gitops: about.gitops,
                policies: about.policies,
                networking: about.networking,
                zones: cluster.zones,
                labels: cluster.labels,
                taints: cluster.taints,
                tenants: cluster.tenants,
                schedulable: cluster.schedulable,
                lifecycle_state: cluster.lifecycle_state,
                created_at: about.created_at,
                decommission_after: about.decommission_after,
            },
        }
    }
}

impl From<ClusterBody> for ClusterDocument {
    fn from(body: ClusterBody) -> Self {
        let ClusterBody { serial, managed_by, cluster: entry } = body;
        Self {
            serial,
            managed_by,
            cluster: Record {
                name: entry.name,
                account: entry.account,
                environment: entry.environment,
                region: entry.region,
                cloud: entry.cloud,
                zones: entry.zones,
                tier: entry.tier,
                data_classification: entry.data_classification,
                labels: entry.labels,
                taints: entry.taints,
                schedulable: entry.schedulable,
                lifecycle_state: entry.lifecycle_state,
                tenants: entry.tenants,
                particulars: None,
            },
            about: About {
                owner: entry.owner,
                kubernetes_version: entry.kubernetes_version,
                gitops: entry.gitops,
                policies: entry.policies,
                networking: entry.networking,
                created_at: entry.created_at,
                decommission_after: entry.decommission_after,
            },
        }
    }
}

#[cfg(test)]
mod tests;
