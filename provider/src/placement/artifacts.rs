//! What a placement emits: each artifact with its path and its bytes.

use std::collections::BTreeMap;
use std::path::Path;

use fleet_artifacts::argocd::{self, ApplicationSet};
use fleet_artifacts::digest::sha256_hex;
use fleet_artifacts::targets::{self, Owner, Placement};
use fleet_model::name::Key;

/// A placement's wishes for files, all known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Emission {
    /// An Argo CD ApplicationSet, into the directory if there is one.
    pub(super) argocd: Option<(Option<String>, ApplicationSet)>,
    /// Plain JSON, into the directory if there is one.
    pub(super) json: Option<Option<String>>,
}

/// One artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Artifact {
    /// Where it goes, or only the name of the file when it goes nowhere.
    pub(super) path: String,
    /// Whether it is written to `path`; otherwise its text is an attribute.
    pub(super) is_file: bool,
    /// Group, version and kind of a Kubernetes manifest.
    pub(super) gvk: Option<&'static str>,
    /// Its bytes.
    pub(super) text: String,
}

/// The kinds of artifacts, each an attribute of `emit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Argocd,
    Json,
}

/// Why an artifact cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Values that an ApplicationSet cannot have.
    #[error("a value cannot stand in an ApplicationSet")]
    Values(Vec<argocd::Problem>),
    /// An ApplicationSet.
    #[error("no ApplicationSet can be written")]
    Argocd(#[source] argocd::Error),
    /// Plain JSON.
    #[error("no JSON can be written")]
    Json(#[source] serde_json::Error),
}

// === impl Emission ===

impl Emission {
    /// The directories that are written to, by kind.
    pub(super) fn directories(&self) -> impl Iterator<Item = (Kind, &str)> {
        let argocd = self.argocd.as_ref().and_then(|(directory, _)| directory.as_deref());
        let json = self.json.as_ref().and_then(|directory| directory.as_deref());
        let both = [(Kind::Argocd, argocd), (Kind::Json, json)];
        both.into_iter().filter_map(|(kind, directory)| Some((kind, directory?)))
    }

    /// The files of the placement with this key.
    pub(super) fn files(&self, key: &str) -> Vec<(Kind, String)> {
        self.directories().map(|(kind, of)| (kind, kind.path(Some(of), key))).collect()
    }

    /// Every artifact of the placement. Equal inputs give equal bytes.
    pub(super) fn artifacts(&self, placement: &Placement) -> Result<Vec<Artifact>, Error> {
        let key = &placement.owner.placement;
        let mut artifacts = Vec::new();
        if let Some((directory, application_set)) = &self.argocd {
            let text = application_set.render(placement).map_err(|error| match error {
                argocd::Error::Values(problems) => Error::Values(problems),
                error @ argocd::Error::Yaml(_) => Error::Argocd(error),
            })?;
            let path = Kind::Argocd.path(directory.as_deref(), key);
            let is_file = directory.is_some();
            artifacts.push(Artifact { path, is_file, gvk: Some(argocd::GVK), text });
        }
        if let Some(directory) = &self.json {
            let text = placement.to_json().map_err(Error::Json)?;
            let path = Kind::Json.path(directory.as_deref(), key);
            artifacts.push(Artifact { path, is_file: directory.is_some(), gvk: None, text });
        }
        Ok(artifacts)
    }
}

// === impl Kind ===

impl Kind {
    /// The attribute of `emit`.
    pub(super) fn attribute(self) -> &'static str {
        match self {
            Self::Argocd => "argocd",
            Self::Json => "json",
        }
    }

    /// Always `/`, so that a state means the same on every system. Without a directory only the name.
    fn path(self, directory: Option<&str>, key: &str) -> String {
        let extension = match self {
            Self::Argocd => "yaml",
            Self::Json => "json",
        };
        match directory {
            Some(directory) => format!("{}/{key}.{extension}", directory.trim_end_matches('/')),
            None => format!("{key}.{extension}"),
        }
    }
}

/// The targets that a file of ours says there are; `None` when it is none of ours, or changed so that it
/// cannot be read.
pub(super) fn targets(kind: Kind, text: &str) -> Option<BTreeMap<Key, targets::Target>> {
    match kind {
        Kind::Argocd => argocd::read(text).map(|emitted| emitted.targets),
        Kind::Json => targets::read(text),
    }
}

// === impl Artifact ===

impl Artifact {
    /// SHA-256 of the bytes, lower-case hex.
    pub(super) fn sha256(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }
}

/// Whose the file at `path` is by its content; `None` when it is none of ours.
pub(super) fn owner(path: &str, text: &str) -> Option<Owner> {
    match Path::new(path).extension()?.to_str()? {
        "yaml" => argocd::owner(text),
        "json" => targets::owner(text),
        _ => None,
    }
}

/// The generation that the file at `path` says, which is one of ours.
pub(super) fn generation(path: &str, text: &str) -> u64 {
    match Path::new(path).extension().and_then(|of| of.to_str()) {
        Some("yaml") => argocd::generation(text),
        _ => targets::generation(text),
    }
}
