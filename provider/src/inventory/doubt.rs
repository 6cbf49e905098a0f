//! How it is told that a store is not known to be current.

use std::io::ErrorKind;

use fleet_inventory::Doubt;
use fleet_inventory::git::{Failure, Unanswered};

use super::repository;
use crate::diagnostic::{Report, error};

const ASSERT: &str = "A runner that has no way to the upstream says so: `freshness = \"asserted\"` in the `inventory` block, or `FLEET_INVENTORY_FRESHNESS=asserted` for one run, once you know that the directory is current.";

/// How it is told.
pub(crate) trait DoubtReport {
    /// The diagnostic. `step` is what is held back, and completes "before an apply …".
    fn report(&self, step: &str) -> Report;
}

impl DoubtReport for Doubt {
    fn report(&self, step: &str) -> Report {
        error("FLEET0317", "The inventory is not known to be current")
            .what(format!("Before an apply {step}, the inventory has to be current, and {self}."))
            .why("The step cannot be taken back, and the inventory says what hangs on it: a copy that lacks a file may hide a cluster that still runs.")
            .todo(todo(self))
    }
}

fn todo(doubt: &Doubt) -> String {
    let branch = "If the inventory is kept on another branch, name that with `branch` in the `inventory` block.";
    let (todo, may_assert) = match doubt {
            Doubt::Git(Unanswered { failure: Failure::Io(cause), .. }) if cause.kind() == ErrorKind::NotFound => {
                ("Install `git` where the CLI runs.".to_owned(), true)
            }
            Doubt::Git(Unanswered { failure: Failure::Temporary(_), .. })
            | Doubt::Unreachable { failure: Failure::Temporary(_), .. } => {
                ("Set the environment variable `TMPDIR` (`TMP` on Windows) to a directory that is there and can be written to.".to_owned(), false)
            }
            Doubt::LeadsOut { .. } => ("Put the directory itself there (`git restore`), or name the place where it is in the `inventory` block.".to_owned(), true),
            Doubt::Store(trouble) => (repository::todo(trouble), false),
            Doubt::Git(_) => ("Mend what `git` names.".to_owned(), true),
            Doubt::NoUpstream { .. } => ("Check out the branch that the inventory is kept on, and have it follow the one of the remote: `git switch BRANCH`, `git branch --set-upstream-to=REMOTE/BRANCH`. A pipeline that checks out a commit names the branch to compare it with: `branch` in the `inventory` block.".to_owned(), true),
            Doubt::NoRemote { remote, .. } => (format!("Work in a clone that has it (`git remote add {remote} URL`), or correct `remote` in the `inventory` block."), false),
            Doubt::OnlyItself { remote, .. } => (format!("Give it the address of the repository that the inventory is shared by: `git remote set-url {remote} URL`. Where nobody else has a copy, remove it: `git remote remove {remote}`."), true),
            Doubt::Unreachable { .. } => ("Run where the remote answers, with credentials that `git ls-remote` finds without asking.".to_owned(), true),
            Doubt::NoBranch { branch: None, .. } => ("Name the branch that the inventory is kept on, with `branch` in the `inventory` block, or set the default branch of the remote.".to_owned(), false),
            Doubt::NoBranch { .. } => ("Correct `branch` in the `inventory` block: it is the branch of the remote that the inventory is kept on.".to_owned(), false),
            Doubt::Behind { follows: true, .. } => ("Bring the directory up to date (`git pull`) and plan again.".to_owned(), false),
            Doubt::Behind { remote, branch: name, .. } => (format!("Bring what is checked out up to date with it (`git fetch {remote}`, `git merge {remote}/{name}`) and plan again. {branch}"), false),
            Doubt::Shallow { .. } => ("Fetch the whole history (`git fetch --unshallow`; in a pipeline, a checkout of full depth) and plan again.".to_owned(), false),
            Doubt::Unpushed { .. } => (format!("Bring the commits there first, by a push or by a review as that branch asks for, or take them back (`git revert`), and plan again. {branch}"), false),
            Doubt::Uncommitted { .. } => ("Commit and push what belongs there, take back what does not (`git restore`), and plan again.".to_owned(), true),
            Doubt::OfSeveral { doubt, .. } => (format!("{} If the inventory is kept at one of them only, name that with `remote` in the `inventory` block.", todo(doubt)), false),
        };
    if may_assert { format!("{todo} {ASSERT}") } else { todo }
}

#[cfg(test)]
mod tests;
