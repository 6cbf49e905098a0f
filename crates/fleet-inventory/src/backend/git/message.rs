//! What a commit is: its message, and the stream that `git fast-import` makes it of.

use std::collections::BTreeMap;

use fleet_model::address;

use super::{Author, Change};
use crate::git;
use crate::location::Repository;

/// How many names the first line has.
const SHOWN: usize = 4;

/// Where pipelines say which run of theirs this is.
const RUNS: [&str; 5] =
    ["TFC_RUN_ID", "CI_JOB_URL", "BUILD_URL", "BUILD_BUILDURI", "GITHUB_RUN_ID"];

/// The message of a commit with these changes.
pub(super) fn message(changes: &[Change], author: &Author) -> String {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for change in changes {
        let (folder, name) = change.name.split_once('/').unwrap_or(("", &change.name));
        kinds.entry(folder).or_default().push(name.strip_suffix(".yaml").unwrap_or(name));
    }
    let told = kinds.into_iter().map(|(kind, names)| {
        let more = names.len().saturating_sub(SHOWN);
        let first = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{kind} {first} and {more} more") } else { format!("{kind} {first}") }
    });
    let mut text = format!("Inventory: {}\n\n", told.collect::<Vec<_>>().join("; "));
    for change in changes {
        let verb = if change.bytes.is_some() { "write" } else { "remove" };
        text.push_str(&format!("{verb} {}\n", change.name));
    }
    text.push_str(&format!("\nManaged-by: {}\n", one_line(&author.managed_by)));
    if let Some(run) = author.run.as_deref() {
        text.push_str(&format!("Run: {}\n", one_line(&address::shown(run))));
    }
    text.push_str(&format!("Written-by: terraform-provider-fleet {}\n", author.version));
    text
}

/// The run of a pipeline that this process is in, by what the environment says.
pub(super) fn run(read: impl Fn(&str) -> Option<String>) -> Option<String> {
    let parts = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map(&read);
    if let [Some(server), Some(repository), Some(run)] = parts {
        return Some(format!("{server}/{repository}/actions/runs/{run}"));
    }
    RUNS.iter().find_map(|name| read(name).filter(|value| !value.is_empty()))
}

/// The stream of a commit on top of another one. Where that leaves no file of the store's (`is_last`), one stays that keeps its
/// folder: Git has no empty ones.
pub(super) fn stream(
    changes: &[Change],
    is_last: bool,
    author: &Author,
    repository: &Repository,
    parent: &str,
) -> Vec<u8> {
    let message = message(changes, author);
    let mut stream = format!(
        "feature done\ncommit {}\ncommitter {} <{}> now\ndata {}\n{message}\nfrom {parent}\n",
        git::WORK,
        author.name,
        author.email,
        message.len(),
    )
    .into_bytes();
    for change in changes {
        let place = repository.named(&change.name);
        match &change.bytes {
            Some(bytes) => {
                let head = format!("M 100644 inline {place}\ndata {}\n", bytes.len());
                stream.extend_from_slice(head.as_bytes());
                stream.extend_from_slice(bytes);
                stream.push(b'\n');
            }
            None => stream.extend_from_slice(format!("D {place}\n").as_bytes()),
        }
    }
    if is_last && !repository.folder().is_empty() {
        let place = repository.named(".gitkeep");
        stream.extend_from_slice(format!("M 100644 inline {place}\ndata 0\n\n").as_bytes());
    }
    stream.extend_from_slice(b"done\n");
    stream
}

/// A text that cannot begin a line of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|of| if of.is_control() { ' ' } else { of }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author() -> Author {
        Author {
            managed_by: "platform/prod\nManaged-by: mallory".into(),
            version: "1.2.3".into(),
            run: Some("https://user:s3cr3t@ci.example.com/7?token=s3cr3t".into()),
            ..Author::default()
        }
    }

    #[test]
    fn a_message_names_objects_and_run_and_no_secret() {
        let change = |name: &str, is_kept: bool| Change {
            name: name.into(),
            bytes: is_kept.then(|| b"text".to_vec().into()),
        };
        let changes = [
            change("accounts/pay.yaml", true),
            change("clusters/a.yaml", true),
            change("clusters/b.yaml", false),
            change("clusters/c.yaml", true),
            change("clusters/d.yaml", true),
            change("clusters/e.yaml", true),
        ];
        insta::assert_snapshot!(message(&changes, &author()));
    }

    #[test]
    fn a_run_is_told_where_the_environment_says_it() {
        let run = |given: &[(&str, &str)]| {
            run(|name| {
                given.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(run(&[]), None);
        assert_eq!(run(&[("CI_JOB_URL", "https://ci/1")]).as_deref(), Some("https://ci/1"));
        let github = [
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_RUN_ID", "7"),
        ];
        assert_eq!(run(&github).as_deref(), Some("https://github.com/a/b/actions/runs/7"));
        assert_eq!(run(&github[2..]).as_deref(), Some("7"));
    }
}
