//! The workflows that examples give out: what they run is pinned, and each job says what it may.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

const WORKFLOWS: &str = "examples/terraform/pipeline/.github/workflows";

/// Whether each workflow of the examples is as it should be.
///
/// # Errors
/// What is wrong, with its file.
pub(super) fn check(root: &Path) -> Result<()> {
    let mut read = 0;
    for entry in fs::read_dir(root.join(WORKFLOWS)).context(WORKFLOWS)? {
        let path = entry?.path();
        let wrong = faults(&fs::read_to_string(&path)?);
        ensure!(wrong.is_empty(), "{}:\n{}", path.display(), wrong.join("\n"));
        read += 1;
    }
    ensure!(read > 0, "no workflow in {WORKFLOWS}");
    Ok(())
}

/// What is wrong with a workflow.
fn faults(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in text.lines().map(|line| line.trim().trim_start_matches("- ")) {
        let action = line.strip_prefix("uses: ");
        let pin = action.and_then(|action| action.split_once('@')).map(|(_, pin)| pin);
        if action.is_some() && !pin.is_some_and(is_commit) {
            wrong.push(format!(
                "an action that is not pinned by its commit, with its version: {line}"
            ));
        }
        if line.starts_with("pull_request_target") {
            wrong.push(
                "`pull_request_target` runs what a fork wrote with the rights of the repository"
                    .to_owned(),
            );
        }
        if line.starts_with("run:") && line.contains("${{") {
            wrong.push(format!("a value becomes a part of a script: {line}"));
        }
    }
    if !text.lines().any(|line| line == "permissions: {}") {
        wrong.push(
            "jobs get permissions that they do not name: `permissions: {}` is missing".to_owned(),
        );
    }
    wrong
}

/// `COMMIT # vVERSION`.
fn is_commit(pin: &str) -> bool {
    pin.split_once(" # v").is_some_and(|(commit, version)| {
        commit.len() == 40
            && commit.bytes().all(|of| of.is_ascii_hexdigit())
            && version.starts_with(|of: char| of.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_pinned_or_may_too_much_is_found() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let good =
            format!("permissions: {{}}\njobs:\n  - uses: a/b@{commit} # v1.2.3\n  - run: make\n");
        assert_eq!(faults(&good), Vec::<String>::new());
        for (from, to) in [
            (commit, "v1"),
            (commit, "0123456"),
            (" # v1.2.3", ""),
            ("permissions: {}", "permissions: write-all"),
            ("jobs:", "  pull_request_target:"),
            ("make", "echo ${{ github.event.pull_request.title }}"),
        ] {
            let bad = good.replace(from, to);
            assert_eq!(faults(&bad).len(), 1, "{bad}");
        }
    }
}
