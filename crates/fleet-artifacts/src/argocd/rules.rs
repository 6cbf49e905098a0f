//! What the values of an ApplicationSet may be, so that Kubernetes and Argo CD take it as it is meant.

use std::fmt;

use fleet_model::name::Key;

use super::{ApplicationSet, application_name};
use crate::targets::Placement;

mod repository;

/// The most characters of an Application's name: Argo CD writes it into a label
/// (`app.kubernetes.io/instance`) of each object, and a label's value has 63.
pub const APPLICATION_NAME: usize = 63;
/// The most characters of a namespace (RFC 1123 label).
const LABEL: usize = 63;
/// The most characters of the name of other objects (RFC 1123 subdomain).
const SUBDOMAIN: usize = 253;

/// A value that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// [`ApplicationSet::project`].
    Project,
    /// [`ApplicationSet::repo_url`].
    RepoUrl,
    /// [`ApplicationSet::target_revision`].
    TargetRevision,
    /// [`ApplicationSet::source_path`].
    SourcePath,
    /// [`ApplicationSet::namespace`].
    ArgocdNamespace,
    /// The workload's namespace.
    Namespace,
    /// The placement's key.
    Key,
    /// The name of a cluster.
    Cluster(Key),
    /// The region of a cluster.
    Region(Key),
}

/// A value with the rule that it breaks. `Display` leaves the value itself out: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which value.
    pub field: Field,
    /// Which rule.
    pub rule: Rule,
}

/// A rule for values. `Display` completes a sentence that begins with the value's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Argo CD would fill it in.
    #[error("holds `{{{{`, which Argo CD would read as a template; it must be literal")]
    Template,
    /// Line breaks, escapes, blanks, what shows as nothing.
    #[error("holds a blank, a control character, or one that nobody sees")]
    Blank,
    /// Not an RFC 1123 label.
    #[error(
        "is not the name of a Kubernetes namespace: 1 to {LABEL} characters of a-z, 0-9 and -, which starts and ends with a letter or digit"
    )]
    Label,
    /// Not an RFC 1123 subdomain.
    #[error(
        "is not the name of a Kubernetes object: up to {SUBDOMAIN} characters of a-z, 0-9, - and ., and each part between dots starts and ends with a letter or digit"
    )]
    Subdomain,
    /// Not the value of a label.
    #[error("cannot be the value of a Kubernetes label")]
    LabelValue,
    /// An Application with a name that is too long.
    #[error(
        "makes the Application `{name}`, whose name has {} characters: Argo CD writes it into a label, which has at most {APPLICATION_NAME}", name.len()
    )]
    TooLong {
        /// The name.
        name: String,
    },
    /// A user, a password, a token.
    #[error("holds a user name, a password or a token: everybody who reads the file would have it")]
    Credentials,
    /// `?` or `#`.
    #[error("holds `?` or `#`: the address of a repository has neither query nor fragment")]
    Query,
    /// Git would read it as an option.
    #[error("starts with `-`: Git would read it as an option")]
    Option,
    /// As [`Rule::Option`], of ssh.
    #[error("names a user or a host that starts with `-`: ssh would read it as an option")]
    Host,
    /// Leaves the repository.
    #[error(
        "is not a directory inside of the repository: it starts with `/`, or holds `..` or `\\`"
    )]
    Outside,
    /// A file of whoever reads it.
    #[error(
        "is a place on the machine that reads it, and no address of a repository: write `https://HOST/PATH`, `ssh://USER@HOST/PATH` or `USER@HOST:PATH`"
    )]
    Local,
    /// Not fetched from, or by running a program.
    #[error(
        "has a scheme that no GitOps controller fetches from: `https`, `http`, `ssh`, `git` and `oci` are taken"
    )]
    Scheme,
    /// No host, a port that is none, a path that leads out.
    #[error(
        "is not the address of a repository: write `https://HOST/PATH`, `ssh://USER@HOST/PATH` or `USER@HOST:PATH`, with a host, a port and a path that can be"
    )]
    Address,
    /// Not a revision.
    #[error(
        "is no branch, tag or commit: Git has none that starts with `-`, `/` or `.`, ends with `/`, `.` or `.lock`, or holds `..`, `//`, `@{{` or one of `: ? [ \\ ^ ~`"
    )]
    Revision,
}

/// `project is empty`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, rule } = self;
        match field {
            Field::Project => write!(f, "project {rule}"),
            Field::RepoUrl => write!(f, "repo_url {rule}"),
            Field::TargetRevision => write!(f, "target_revision {rule}"),
            Field::SourcePath => write!(f, "source_path {rule}"),
            Field::ArgocdNamespace => write!(f, "Argo CD's namespace {rule}"),
            Field::Namespace => write!(f, "the workload's namespace {rule}"),
            Field::Key => write!(f, "the key {rule}"),
            Field::Cluster(name) => write!(f, "the cluster `{name}` {rule}"),
            Field::Region(name) => write!(f, "the region of cluster `{name}` {rule}"),
        }
    }
}

// === impl ApplicationSet ===

impl ApplicationSet {
    /// Every value that cannot stand in the manifest of this placement.
    #[must_use]
    pub fn problems(&self, placement: &Placement) -> Vec<Problem> {
        let key = placement.owner.placement.as_str();
        let mut found = self.own_problems();
        found.extend(namespace_problem(&placement.namespace));
        found.extend(key_problem(key));
        let mut note = |field, rule: Option<Rule>| {
            found.extend(rule.map(|rule| Problem { field, rule }));
        };
        for (cluster, target) in &placement.targets {
            let name = application_name(key, cluster.as_str());
            let long = (name.len() > APPLICATION_NAME).then_some(Rule::TooLong { name });
            note(Field::Cluster(cluster.clone()), subdomain(cluster.as_str()).or(long));
            let region = is_label_value(&target.region);
            note(Field::Region(cluster.clone()), (!region).then_some(Rule::LabelValue));
        }
        found
    }

    /// The part of [`ApplicationSet::problems`] that needs no placement.
    #[must_use]
    pub fn own_problems(&self) -> Vec<Problem> {
        type Check = fn(&str) -> Option<Rule>;
        let rules: [(Field, &str, Check); 5] = [
            (Field::Project, &self.project, subdomain),
            (Field::RepoUrl, &self.repo_url, repository::repository),
            (Field::TargetRevision, &self.target_revision, revision),
            (Field::SourcePath, &self.source_path, inside),
            (Field::ArgocdNamespace, &self.namespace, label),
        ];
        let broken = |(field, text, check): (Field, &str, Check)| {
            let rule = literal(text).or_else(|| check(text))?;
            Some(Problem { field, rule })
        };
        rules.into_iter().filter_map(broken).collect()
    }
}

/// What is wrong with the namespace of a workload, whatever is made of it: Kubernetes has no such namespace.
#[must_use]
pub fn namespace_problem(namespace: &str) -> Option<Problem> {
    let rule = literal(namespace).or_else(|| label(namespace))?;
    Some(Problem { field: Field::Namespace, rule })
}

/// What is wrong with a placement's key as the name of an ApplicationSet.
#[must_use]
pub fn key_problem(key: &str) -> Option<Problem> {
    subdomain(key).map(|rule| Problem { field: Field::Key, rule })
}

fn literal(text: &str) -> Option<Rule> {
    if text.is_empty() {
        Some(Rule::Empty)
    } else if text.contains("{{") {
        Some(Rule::Template)
    } else {
        None
    }
}

fn blank(text: &str) -> Option<Rule> {
    text.contains(|of: char| of.is_whitespace() || is_unseen(of)).then_some(Rule::Blank)
}

/// Whether a character shows as nothing, or turns what stands around it: a reader would take the text for another one.
fn is_unseen(of: char) -> bool {
    let formats = matches!(
        of,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    of.is_control() || formats
}

/// A branch, a tag, a commit, or the range of versions that Argo CD picks a tag by (`1.*`, `~1.2`).
fn revision(text: &str) -> Option<Rule> {
    let foreign = [':', '?', '[', '\\', '"', '`', '|', '{', '}'];
    let inner = |of: char| matches!(of, '~' | '^');
    let broken = text.starts_with(['-', '/'])
        || text.ends_with(['/', '.'])
        || text.contains(foreign)
        || text.chars().skip(1).any(inner)
        || text == "@"
        || ["..", "//", "@{"].iter().any(|of| text.contains(of))
        || text.split('/').any(|part| part.starts_with('.') || part.ends_with(".lock"));
    blank(text).or_else(|| broken.then_some(Rule::Revision))
}

fn inside(text: &str) -> Option<Rule> {
    let unseen = |of: char| is_unseen(of) && of != ' ';
    if text.contains(unseen) || text.trim() != text {
        return Some(Rule::Blank);
    }
    let leaves =
        text.starts_with('/') || text.contains('\\') || text.split('/').any(|part| part == "..");
    let option = text.starts_with('-').then_some(Rule::Option);
    leaves.then_some(Rule::Outside).or(option)
}

fn label(name: &str) -> Option<Rule> {
    let is_label = name.len() <= LABEL && is_label(name);
    (!is_label).then_some(Rule::Label)
}

fn subdomain(name: &str) -> Option<Rule> {
    let is_subdomain = name.len() <= SUBDOMAIN && name.split('.').all(is_label);
    (!is_subdomain).then_some(Rule::Subdomain)
}

fn is_label(label: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    label.bytes().next().is_some_and(alphanumeric)
        && label.bytes().last().is_some_and(alphanumeric)
        && label.bytes().all(|byte| alphanumeric(byte) || byte == b'-')
}

fn is_label_value(value: &str) -> bool {
    !value.is_empty() && fleet_model::label::check_value(value).is_ok()
}
