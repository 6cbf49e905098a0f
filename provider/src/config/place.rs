//! What the `inventory` block says of the place that the inventory is kept in.

use fleet_inventory::location::{self, Repository, Wrong};
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostics, Path};

use super::{GitStore, Inventory, only};
use crate::diagnostic::{Report, error};

/// The branch that an inventory is kept on where nothing else is said.
const BRANCH: &str = "main";

/// Checks what is known of a block.
pub(super) fn check(path: &Path, block: &Inventory, diagnostics: &mut Diagnostics) {
    let has_git = block.git.known().is_some_and(|blocks| !blocks.is_empty());
    if block.path.known().is_some_and(String::is_empty) {
        diagnostics.push(
            error("FLEET0007", "The inventory path is empty")
                .at(path.clone().nested("path"))
                .what("`path` of the `inventory` block is an empty text.")
                .why("It names the directory in which the inventory lies.")
                .todo("Give a directory, for example `inventory`.")
                .build(),
        );
    }
    if block.path.is_null() && !has_git && !block.git.is_unknown() {
        diagnostics.push(
            places("The `inventory` block has neither `path` nor a `git` block.")
                .at(path.clone())
                .build(),
        );
    }
    if !has_git {
        return;
    }
    let of_directories = [
        ("path", &block.path),
        ("freshness", &block.freshness),
        ("remote", &block.remote),
        ("branch", &block.branch),
    ];
    for (name, value) in of_directories {
        if !value.is_null() {
            diagnostics.push(
                places(format!("The `inventory` block has a `git` block and `{name}`, which is about a directory."))
                    .at(path.clone().nested(name))
                    .build(),
            );
        }
    }
    for (index, git) in (0_i64..).zip(block.git.known().into_iter().flatten()) {
        check_git(&path.clone().nested("git").index(index), git, diagnostics);
    }
}

fn check_git(path: &Path, block: &GitStore, diagnostics: &mut Diagnostics) {
    type Check = fn(&str) -> Result<(), Wrong>;
    let checks: [(&str, &Attr<String>, Check); 3] = [
        ("url", &block.url, location::check_url),
        ("branch", &block.branch, location::check_branch),
        ("path", &block.path, location::check_folder),
    ];
    for (name, value, check) in checks {
        let Some(Err(wrong)) = value.as_str().map(check) else { continue };
        // An address with a secret in it is not repeated.
        let shown = match wrong {
            Wrong::Secret => format!("`{name}` of the `git` block cannot be used: {wrong}."),
            _ => format!(
                "`{name}` of the `git` block is {:?}: {wrong}.",
                value.as_str().unwrap_or_default()
            ),
        };
        diagnostics.push(
            error("FLEET0605", "Not a place for the inventory")
                .at(path.clone().nested(name))
                .what(shown)
                .why(match wrong {
                    Wrong::Secret => "The address is shown in plans, messages and process lists.",
                    Wrong::Protocol => "Other forms of address have programs run, or depend on the directory in which the CLI runs.",
                    Wrong::Sign | Wrong::Folder | Wrong::Branch => "Git would find nothing there, or something else than was meant.",
                })
                .todo(match wrong {
                    Wrong::Secret => "Take it out of the address, and have Git find it by itself: a credential helper, an ssh agent, or the header that a pipeline's checkout sets.",
                    Wrong::Protocol | Wrong::Sign => "Give the address of the repository, for example `https://git.example.com/platform/fleet.git`. A repository on this machine is `file:///…`.",
                    Wrong::Folder => "Give a folder of the repository, for example `inventory`. Without `path` it is the whole repository.",
                    Wrong::Branch => "Give the name of a branch, for example `main`.",
                })
                .build(),
        );
    }
    for (name, value) in
        [("author_name", &block.author_name), ("author_email", &block.author_email)]
    {
        let is_wrong = |of: char| of.is_control() || "<>".contains(of);
        let Some(text) =
            value.as_str().filter(|text| text.trim().is_empty() || text.contains(is_wrong))
        else {
            continue;
        };
        diagnostics.push(
            error("FLEET0605", "Not a place for the inventory")
                .at(path.clone().nested(name))
                .what(format!("`{name}` of the `git` block is {text:?}: it is empty, or has a control character, `<` or `>` in it."))
                .why("It stands in one line of each commit, between such signs.")
                .todo("Give a name and an email as `git log` shows them.")
                .build(),
        );
    }
}

fn places(what: impl Into<String>) -> Report {
    error("FLEET0604", "The inventory has no place, or more than one")
        .what(what)
        .why("The inventory is kept in one place: a directory, or a branch of a Git repository.")
        .todo("Give `path` for a directory, with `freshness`, `remote` and `branch` as needed, or a `git` block alone, which has a `branch` of its own.")
}

/// Where the inventory is, as one text; null without a block.
pub(super) fn location(blocks: &Attr<Vec<Inventory>>) -> Attr<String> {
    let block = match only(blocks) {
        Attr::Null => return Attr::Null,
        Attr::Unknown => return Attr::Unknown,
        Attr::Known(block) => block,
    };
    let git = match only(&block.git) {
        Attr::Null => return block.path.clone(),
        Attr::Unknown => return Attr::Unknown,
        Attr::Known(git) => git,
    };
    let (Attr::Known(url), false, false) =
        (&git.url, git.branch.is_unknown(), git.path.is_unknown())
    else {
        return Attr::Unknown;
    };
    let (branch, folder) = (git.branch.as_str().unwrap_or(BRANCH), git.path.as_str());
    match Repository::new(url, folder.unwrap_or_default(), branch) {
        Ok(repository) => Attr::Known(repository.to_string()),
        // Refused by the check.
        Err(_) => Attr::Unknown,
    }
}

#[cfg(test)]
mod tests;
