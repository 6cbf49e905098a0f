//! How trouble with a repository is told that the inventory is kept in.

use fleet_inventory::git::{Failure, Trouble};

use crate::diagnostic::{Report, error};

/// The diagnostic.
pub(super) fn report(trouble: &Trouble) -> Report {
    let what = format!("{}.", sentence(&trouble.to_string()));
    match trouble {
        Trouble::Cache { .. } | Trouble::Unreachable { .. } => {
            error("FLEET0600", "The inventory's repository cannot be read")
                .what(what)
                .why("Accounts and clusters are recorded there. A repository that cannot be read is never taken for an empty fleet: placements would lose all their targets.")
        }
        Trouble::NoBranch { .. } | Trouble::NoFolder { .. } => {
            error("FLEET0601", "The inventory's branch or folder is missing")
                .what(what)
                .why("What is missing is never taken for an empty fleet: placements would lose all their targets.")
        }
        Trouble::Refused { .. } => error("FLEET0602", "The inventory could not be pushed")
            .what(what)
            .why("An object counts as recorded when the repository has taken the commit with its file. The file on the branch is as it was; commits of this run that were pushed before stay."),
        Trouble::Unsure { .. } => error("FLEET0602", "The inventory could not be pushed")
            .what(what)
            .why("An object counts as recorded when the repository is known to have taken the commit with its file. Here the answer was lost."),
        Trouble::Overtaken { .. } => error("FLEET0602", "The inventory could not be pushed")
            .what(what)
            .why("Each push needs a branch that nobody else has moved since it was read. The file on the branch is as it was."),
        Trouble::Conflict { ours, theirs, .. } => {
            error("FLEET0603", "Somebody else changed the same inventory file")
                .what(format!("{what}\n\nOnly in this run's text:\n{}\n\nOnly in the text on the branch:\n{}", lines(ours), lines(theirs)))
                .why("Which of the two is right is not for the provider to say. The file on the branch is left as it is; what this run changed elsewhere is recorded.")
        }
    }
    .todo(todo(trouble))
}

/// What a person can do.
pub(super) fn todo(trouble: &Trouble) -> String {
    if trouble.is_without_program() {
        return "Install `git` where the CLI runs, then run again.".to_owned();
    }
    match trouble {
        Trouble::Cache { failure: Failure::Temporary(_), .. }
        | Trouble::Unreachable { failure: Failure::Temporary(_), .. } => {
            "Set the environment variable `TMPDIR` (`TMP` on Windows) to a directory that is there and can be written to.".to_owned()
        }
        Trouble::Cache { cache, .. } => format!("Make room on the disk, or give the user the right to write there; `XDG_CACHE_HOME` names another directory for it. Nothing but a copy is in `{}`: it can be deleted while no run works on it.", cache.display()),
        Trouble::Unreachable { .. } | Trouble::Unsure { .. } => "Run where the repository answers, with credentials that `git ls-remote URL` finds without asking a person: a credential helper, a key in an ssh agent, or the header that a pipeline's checkout left in the repository of the working directory. Then run again: what was already done is found again.".to_owned(),
        Trouble::NoBranch { branch, .. } => format!("Correct `branch` of the `git` block, or push the branch: `git push origin HEAD:{branch}`. A new repository needs a first commit."),
        Trouble::NoFolder { folder, .. } => format!("Correct `path` of the `git` block. For a new fleet, commit `{folder}/.gitkeep` and push it."),
        Trouble::Refused { .. } => "Give the credentials of the run the right to push to the branch. Where the branch is protected, let this identity pass the protection, or keep the inventory on a branch of its own. Then run again: what was already done is found again.".to_owned(),
        Trouble::Overtaken { .. } => "Run again. Where that many runs work on one inventory all the time, let fewer of them run at once.".to_owned(),
        Trouble::Conflict { .. } => "Look who changed the file (`git log`). If two configurations or two runs manage one object, let one of them do it. Then plan again: the plan starts from what the branch has now.".to_owned(),
    }
}

fn lines(of: &[String]) -> String {
    if of.is_empty() {
        return "  (there is no file, or nothing more than in the other one)".to_owned();
    }
    of.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_trouble_reads_as_it_should() {
        let store = || "git::https://git.example.com/fleet.git//inventory?ref=main".to_owned();
        let said = |text: &str| Failure::Said(text.to_owned());
        let path = PathBuf::from(
            "git::https://git.example.com/fleet.git//inventory/clusters/c1.yaml?ref=main",
        );
        let all = [
            Trouble::Cache {
                store: store(),
                cache: "/home/u/.cache/x".into(),
                failure: said("fatal: disk full"),
            },
            Trouble::Unreachable {
                store: store(),
                failure: said("fatal: could not read Username: terminal prompts disabled"),
            },
            Trouble::Unreachable {
                store: store(),
                failure: Failure::Io(io::Error::from(io::ErrorKind::NotFound)),
            },
            Trouble::NoBranch { store: store(), branch: "main".to_owned() },
            Trouble::NoFolder { store: store(), folder: "inventory".to_owned() },
            Trouble::Refused {
                store: store(),
                failure: said("remote: error: GH006: Protected branch update failed"),
            },
            Trouble::Unsure {
                store: store(),
                push: said("fatal: the remote end hung up unexpectedly"),
                failure: Some(said("fatal: unable to access")),
            },
            Trouble::Unsure {
                store: store(),
                push: Failure::TimedOut(Duration::from_secs(300)),
                failure: None,
            },
            Trouble::Overtaken { store: store(), times: 20 },
            Trouble::Conflict { path, ours: vec!["  owner: a".to_owned()], theirs: Vec::new() },
        ];
        let told = all.iter().map(|trouble| {
            let told = report(trouble).build();
            format!("{}\n\n{}", told.summary, told.detail)
        });
        insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n\n----\n\n"));
    }
}
