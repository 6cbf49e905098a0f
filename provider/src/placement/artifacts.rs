//! What a placement emits: each artifact with its path and its bytes.

use std::path::Path;

use fleet_artifacts::argocd::{self, ApplicationSet};
use fleet_artifacts::digest::sha256_hex;
use fleet_artifacts::targets::{self, Owner, Placement};

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

/// Why an artifact cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// An ApplicationSet.
    #[error("no ApplicationSet can be written")]
    Argocd(#[source] argocd::Error),
    /// Plain JSON.
    #[error("no JSON can be written")]
    Json(#[source] serde_json::Error),
}

// === impl Emission ===

impl Emission {
    /// Every artifact of the placement. Equal inputs give equal bytes.
    pub(super) fn artifacts(&self, placement: &Placement) -> Result<Vec<Artifact>, Error> {
        let key = &placement.owner.placement;
        let mut artifacts = Vec::new();
        if let Some((directory, application_set)) = &self.argocd {
            let text = application_set.render(placement).map_err(Error::Argocd)?;
            let name = format!("{key}.yaml");
            artifacts.push(Artifact::new(directory.as_deref(), name, Some(argocd::GVK), text));
        }
        if let Some(directory) = &self.json {
            let text = placement.to_json().map_err(Error::Json)?;
            let name = format!("{key}.json");
            artifacts.push(Artifact::new(directory.as_deref(), name, None, text));
        }
        Ok(artifacts)
    }
}

// === impl Artifact ===

impl Artifact {
    fn new(directory: Option<&str>, name: String, gvk: Option<&'static str>, text: String) -> Self {
        // Always `/`, so that a state means the same on every system.
        let path = match directory {
            Some(directory) => format!("{}/{name}", directory.trim_end_matches('/')),
            None => name,
        };
        Self { path, is_file: directory.is_some(), gvk, text }
    }

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
