//! Whether only reviewed code can be behind a token: what a role that applies asks for.
//!
//! `fleet-apply` changes an account. Who can open a pull request can write what runs for it, so no token of such a run
//! may be enough. What names the run is different for each issuer; one that is not known is judged by the words of its
//! subject.

use fleet_model::account::{FederatedRole, SubjectFormat};

use super::issuer::{Kind, checks};

/// Why tokens that a role would take may be of code that nobody has reviewed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreviewed {
    /// Runs for a pull or merge request.
    #[error("`{0}` stands for pull or merge requests, whose code nobody has reviewed yet")]
    Request(String),
    /// A ref that is neither a branch nor a tag.
    #[error("the ref `{0}` is neither a branch (`refs/heads/…`) nor a tag (`refs/tags/…`)")]
    Ref(String),
    /// A part of the subject that tells apart what is applied from what is only tried.
    #[error("the subject says `{0}:{1}`, which is not a run that applies")]
    Run(String, String),
    /// Nothing narrows the subject to an environment or a ref.
    #[error("the subject names neither an environment nor a branch or tag")]
    NoContext,
    /// GitHub's names, which somebody else may have tomorrow.
    #[error("the owner and the repository are known by their names only")]
    NamesOnly,
    /// A claim without which the issuer's tokens say too little.
    #[error("the claim `{0}` is missing: {1}")]
    Claim(&'static str, &'static str),
    /// Bitbucket.
    #[error("Bitbucket's subjects end in the id of one step of one run, so none can be named here")]
    NoLastingSubject,
}

impl Unreviewed {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Request(_) => {
                "Let pull requests have the role `plan`, and give `apply` an environment with required reviewers, or a \
                 protected branch."
            }
            Self::Ref(_) => {
                "Name a protected branch, such as `refs/heads/main`, or an environment."
            }
            Self::Run(..) => "Name the subject of the runs that apply.",
            Self::NoContext => {
                "Name a subject that holds an environment with required reviewers, or a protected branch."
            }
            Self::NamesOnly => {
                "Set `owner_id` and `repository_id`, which are never given to another owner or repository."
            }
            Self::Claim(..) => "Add the claim.",
            Self::NoLastingSubject => {
                "Let another issuer apply; the roles `plan` and `read-only` are not held to this."
            }
        }
    }
}

/// Parts of a subject that stand for a pull or merge request, in lower case and with `_` for `-`.
const REQUESTS: &[&str] = &[
    "external_pull_request",
    "external_pull_request_event",
    "merge_request",
    "merge_request_event",
    "merge_requests",
    "pull_request",
    "pull_request_review",
    "pull_request_target",
    "pull_requests",
];

/// Parts of a subject that say what kind of run it is, each with the words that stand for one that applies.
const RUNS: &[(&str, &[&str])] = &[
    // GitLab, Semaphore
    ("ref_type", &["branch", "tag"]),
    // HCP Terraform, Terraform Enterprise
    ("run_phase", &["apply"]),
    // Spacelift
    ("run_type", &["tracked", "destroy"]),
];

/// Checks a role that applies. `issuer` is without `https://`, `subjects` are those that the role trusts.
///
/// # Errors
/// The first reason why it trusts too much.
pub(super) fn check(
    role: &FederatedRole,
    kind: Kind,
    issuer: &str,
    subjects: &[String],
) -> Result<(), Unreviewed> {
    let claim = |name: &str| role.claims.get(name).map(String::as_str);
    for (name, value) in &role.claims {
        if is_request(name) || is_request(value) {
            let said = if is_request(name) { name } else { value };
            return Err(Unreviewed::Request(said.clone()));
        }
    }
    for value in ["ref", "build_branch"].into_iter().filter_map(claim) {
        of_a_request(value)?;
    }
    if kind == Kind::Github {
        // The subject is made of environment or ref; what else is asked for can only narrow it.
        if let Some(reference) = claim("ref") {
            branch_or_tag(reference)?;
        }
        let by_name = role.subject_format != SubjectFormat::Immutable;
        let has_ids = role.repository_id.is_some() || claim("repository_id").is_some();
        return if by_name && !has_ids { Err(Unreviewed::NamesOnly) } else { Ok(()) };
    }
    for subject in subjects {
        check_subject(subject, kind)?;
    }
    let need = |name: &'static str, why| match claim(name) {
        Some(_) => Ok(()),
        None => Err(Unreviewed::Claim(name, why)),
    };
    match kind {
        Kind::GithubTenant => {
            let with_ids = subjects.iter().all(|subject| has_ids(subject));
            if with_ids || claim("repository_id").is_some() {
                Ok(())
            } else {
                Err(Unreviewed::NamesOnly)
            }
        }
        Kind::Gitlab => {
            need("project_id", "a path can be given to another project")?;
            if checks(issuer, "ref_protected") && claim("ref_protected") != Some("true") {
                let why = "with the value `true` it holds for protected branches and tags only";
                return Err(Unreviewed::Claim("ref_protected", why));
            }
            Ok(())
        }
        Kind::Buildkite => {
            need("pipeline_id", "a name can be given to another pipeline")?;
            need("build_branch", "without it a build of any branch could apply")
        }
        Kind::Bitbucket => Err(Unreviewed::NoLastingSubject),
        _ => Ok(()),
    }
}

/// A subject of an issuer other than github.com.
fn check_subject(subject: &str, kind: Kind) -> Result<(), Unreviewed> {
    of_a_request(subject)?;
    let parts: Vec<&str> = subject.split([':', '/']).collect();
    if let Some(request) = parts.iter().find(|part| is_request(part)) {
        return Err(Unreviewed::Request((*request).to_owned()));
    }
    let fields: Vec<&str> = subject.split(':').collect();
    let named = |name: &str| {
        let at = fields.iter().position(|field| field.eq_ignore_ascii_case(name))?;
        Some(fields.get(at + 1).copied().unwrap_or_default())
    };
    for (name, applied) in RUNS {
        if let Some(run) = named(name)
            && !applied.contains(&run.to_ascii_lowercase().as_str())
        {
            return Err(Unreviewed::Run((*name).to_owned(), run.to_owned()));
        }
    }
    let has_context = match kind {
        Kind::GithubTenant => github_context(subject)?,
        // Its ref type is one of a branch or a tag by now.
        Kind::Gitlab => named("ref_type").is_some(),
        Kind::CircleCi => ["/vcs-ref/refs/heads/", "/vcs-ref/refs/tags/"]
            .iter()
            .any(|part| subject.contains(part)),
        Kind::TerraformCloud => named("run_phase").is_some(),
        Kind::Vercel => named("environment") == Some("production"),
        // A GitHub or a GitLab of one's own is known by its subjects.
        _ if subject.starts_with("repo:") => github_context(subject)?,
        _ if subject.starts_with("project_path:") => named("ref_type").is_some(),
        _ => true,
    };
    if has_context { Ok(()) } else { Err(Unreviewed::NoContext) }
}

/// Whether a subject of the form `repo:OWNER/NAME:…` names an environment, or a ref that may be trusted.
fn github_context(subject: &str) -> Result<bool, Unreviewed> {
    let mut fields = subject.splitn(4, ':').skip(2);
    match (fields.next(), fields.next()) {
        (Some("environment"), Some(name)) => Ok(!name.is_empty()),
        (Some("ref"), Some(reference)) => branch_or_tag(reference).map(|()| true),
        _ => Ok(false),
    }
}

/// Whether a subject of the form `repo:OWNER@ID/NAME@ID:…` holds both ids.
fn has_ids(subject: &str) -> bool {
    let Some(repository) = subject.split(':').nth(1) else { return false };
    let ends_in_an_id = |part: &str| {
        part.rsplit_once('@').is_some_and(|(name, id)| {
            !name.is_empty() && !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())
        })
    };
    repository.split('/').count() == 2 && repository.split('/').all(ends_in_an_id)
}

fn branch_or_tag(reference: &str) -> Result<(), Unreviewed> {
    let names = |prefix: &str| reference.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    if names("refs/heads/") || names("refs/tags/") {
        Ok(())
    } else {
        Err(Unreviewed::Ref(reference.to_owned()))
    }
}

/// Refs that a server keeps for requests, wherever they stand in a text.
fn of_a_request(text: &str) -> Result<(), Unreviewed> {
    const KEPT: [&str; 4] =
        ["refs/pull/", "refs/pull-requests/", "refs/merge-requests/", "refs/changes/"];
    let lower = text.to_ascii_lowercase();
    match KEPT.iter().find(|kept| lower.contains(*kept)) {
        Some(_) => Err(Unreviewed::Ref(text.to_owned())),
        None => Ok(()),
    }
}

fn is_request(part: &str) -> bool {
    let part = part.to_ascii_lowercase().replace('-', "_");
    REQUESTS.contains(&part.as_str())
}
