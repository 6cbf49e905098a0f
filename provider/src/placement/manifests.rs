//! What lies in and around a directory of manifests: the Applications that others make there. A GitOps controller
//! reads a directory with all that is below it, and often one above.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fleet_artifacts::argocd::{self, Others, Unclear};
use fleet_artifacts::targets::Owner;

use super::place;
use crate::inventory::file::{self, Unreadable};

/// What others make in and around a directory.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    /// By the name of the Application.
    applications: BTreeMap<String, Vec<Maker>>,
    /// What may be a placement's manifest and cannot be read.
    pub(super) unread: Vec<(PathBuf, Unread)>,
}

/// Who makes an Application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Maker {
    /// The namespace of Argo CD; `None` where the manifest does not say it.
    namespace: Option<String>,
    /// The placement; `None` for an Application that somebody wrote.
    pub(super) owner: Option<Owner>,
    /// The file.
    pub(super) path: PathBuf,
}

/// Why a manifest says nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] Unreadable),
    /// It is no text.
    #[error("it is not a text in UTF-8")]
    NotText,
    /// It is a text, and not clear.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// There is more than is looked at.
    #[error(
        "there are more than {MOST} files below it, or more than {DEEPEST} directories in each other"
    )]
    TooMany,
}

/// How much is looked at: far more than any directory of manifests has.
const MOST: usize = 20_000;
const DEEPEST: usize = 16;
const HIGHEST: usize = 16;

/// What is read of a file in one go.
const LARGEST: u64 = 16 << 20;

/// Where a file lies from the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    In,
    Below,
    Above,
}

// === impl Manifests ===

impl Manifests {
    /// The manifests in a directory, below it, and in the directories above it as far as they are in the same
    /// Git repository, or below the one that the CLI runs in.
    pub(super) fn around(directory: &Path) -> Self {
        let mut found = Self::default();
        let mut looked_at = 0;
        found.below(directory, 0, &mut looked_at);
        for above in place::above(directory, HIGHEST) {
            for entry in fs::read_dir(above).into_iter().flatten().flatten() {
                found.file(&entry.path(), Where::Above);
            }
        }
        found
    }

    /// Who makes an Application of this name in this namespace of Argo CD, but for `us`.
    pub(super) fn maker(&self, namespace: &str, name: &str, us: &Owner) -> Option<&Maker> {
        let makers = self.applications.get(name)?;
        let there = |maker: &Maker| maker.namespace.as_deref().is_none_or(|of| of == namespace);
        makers.iter().find(|maker| there(maker) && maker.owner.as_ref() != Some(us))
    }

    fn below(&mut self, directory: &Path, depth: usize, looked_at: &mut usize) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            // Git, an editor, our own temporary files.
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            *looked_at += 1;
            if *looked_at > MOST || depth > DEEPEST {
                return self.unread.push((directory.to_owned(), Unread::TooMany));
            }
            if entry.file_type().is_ok_and(|of| of.is_dir()) {
                self.below(&path, depth + 1, looked_at);
            } else {
                self.file(&path, if depth == 0 { Where::In } else { Where::Below });
            }
        }
    }

    fn file(&mut self, path: &Path, place: Where) {
        let extension = path.extension().map(|of| of.to_string_lossy().to_lowercase());
        if !matches!(extension.as_deref(), Some("yaml" | "yml" | "json")) {
            return;
        }
        let (unread, ours) = match read(path) {
            Ok(others) => return others.into_iter().for_each(|other| self.note(path, other)),
            Err(unread) => unread,
        };
        let counts = match (&unread, place) {
            // Not in the directory itself, much may lie that is nothing to a controller.
            (Unread::File(Unreadable::Thing(_)), place) => place == Where::In,
            (Unread::File(_), place) => place != Where::Above,
            (Unread::NotText, Where::In) => true,
            // A chart's templates are no YAML, and name no placement.
            _ => ours,
        };
        if counts {
            self.unread.push((path.to_owned(), unread));
        }
    }

    fn note(&mut self, path: &Path, other: Others) {
        let mut add = |name, namespace, owner| {
            let maker = Maker { namespace, owner, path: path.to_owned() };
            self.applications.entry(name).or_default().push(maker);
        };
        match other {
            Others::Application { namespace, name } => add(name, namespace, None),
            Others::Set(set) => {
                for cluster in set.targets.keys() {
                    let name = argocd::application_name(&set.owner.placement, cluster.as_str());
                    add(name, Some(set.namespace.clone()), Some(set.owner.clone()));
                }
            }
        }
    }
}

/// What a file says; with the error, whether it names a placement.
fn read(path: &Path) -> Result<Vec<Others>, (Unread, bool)> {
    let bytes = match file::read(path, LARGEST) {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(error) => return Err((error.into(), false)),
    };
    let ours = argocd::mentions_fleet(&bytes);
    let text = str::from_utf8(&bytes).map_err(|_| (Unread::NotText, ours))?;
    argocd::others(text).map_err(|unclear| (unclear.into(), ours))
}

#[cfg(test)]
mod tests;
