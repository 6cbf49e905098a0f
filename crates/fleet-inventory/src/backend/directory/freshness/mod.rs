//! Whether a store is known to be current, before a step that nothing undoes.
//!
//! A directory in a Git working tree is compared with its remotes. It lacks no commit of the branch that it follows,
//! and none of the branch that the inventory is kept on (each remote's default, if no other is named); what was committed
//! in its two folders is what that branch has, and nothing in them was never committed. A directory that is kept in no
//! Git is its own truth: nobody else has another copy that we know of. So is a working tree without a remote.

use std::fs;
use std::path::Path;

use crate::backend::Touched;

mod documents;
mod doubt;
mod remotes;
#[cfg(test)]
mod tests;
mod tree;

pub use doubt::Doubt;

/// What makes a store count as current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// It is compared with its upstream.
    #[default]
    Git,
    /// Whoever runs says so: a runner without a way to the upstream.
    Asserted,
}

/// Where the inventory is kept, as far as the provider block says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upstream<'a> {
    /// The name of the remote; `None`: each one counts.
    pub remote: Option<&'a str>,
    /// The branch there; `None`: the remote's default branch.
    pub branch: Option<&'a str>,
}

impl Freshness {
    /// The words of the provider block.
    pub const WORDS: &'static [&'static str] = &["git", "asserted"];

    /// The value of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "git" => Some(Self::Git),
            "asserted" => Some(Self::Asserted),
            _ => None,
        }
    }
}

/// The directory of a store, which is compared with what Git says of it.
pub(super) struct Compared<'a> {
    pub(super) path: &'a Path,
    /// What this run wrote itself.
    pub(super) touched: &'a Touched,
}

impl Compared<'_> {
    /// Whether the store is known to be current. Asks the remotes each time: an apply may be long.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn is_current(
        &self,
        freshness: Freshness,
        upstream: Upstream<'_>,
    ) -> Result<(), Doubt> {
        if freshness == Freshness::Asserted {
            return Ok(());
        }
        let path = fs::canonicalize(self.path).unwrap_or_else(|_| self.path.to_owned());
        let trees = tree::above(&path)?;
        let links = tree::links(self.path);
        if let (true, Some(link)) = (trees.is_empty(), links.first()) {
            // Whoever can put a link into a working tree would make any copy its own truth.
            return Err(Doubt::LeadsOut { path: link.path.clone(), to: path });
        }
        let mut is_compared = false;
        for (index, tree) in trees.iter().enumerate() {
            // A repository inside of another one hides nothing that the outer one keeps here.
            let is_kept = match index {
                0 => !tree.is_ignored()? || tree.is_kept()?,
                _ => tree.is_kept().unwrap_or_default(),
            };
            if is_kept {
                is_compared |= self.agrees_with(tree, upstream)?;
            }
        }
        for tree in links.iter().flat_map(|link| &link.trees) {
            // Nor does a link in the place of what a working tree keeps there.
            if tree.is_kept().unwrap_or_default() {
                is_compared |= self.agrees_with(tree, upstream)?;
            }
        }
        match upstream.remote {
            Some(remote) if !is_compared => {
                Err(Doubt::NoRemote { path, remote: remote.to_owned() })
            }
            _ => Ok(()),
        }
    }
}
