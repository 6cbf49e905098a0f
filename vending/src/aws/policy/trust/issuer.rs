//! Issuers of OIDC tokens: how their URL is written, who is behind it, and which of its claims STS checks.

/// GitHub's host.
pub(super) const GITHUB: &str = "token.actions.githubusercontent.com";

const GITHUB_CLAIMS: &[&str] = &[
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
];

/// The claims beyond `aud` and `sub` that STS offers as condition keys, by issuer; `*` is one label of a host or one
/// segment of a path. From the page of STS in the
/// [Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html).
const CHECKED_CLAIMS: &[(&str, &[&str])] = &[
    (GITHUB, GITHUB_CLAIMS),
    ("token.actions.githubusercontent.com/*", GITHUB_CLAIMS),
    (GITHUB_TENANT, GITHUB_CLAIMS),
    ("accounts.google.com", &["google/organization_number", "oaud"]),
    (
        "agent.buildkite.com",
        &[
            "build_branch",
            "cluster_id",
            "cluster_name",
            "organization_id",
            "organization_slug",
            "pipeline_id",
            "pipeline_slug",
        ],
    ),
    (
        "gitlab.com",
        &[
            "namespace_id",
            "pipeline_source",
            "project_id",
            "ref_protected",
            "runner_environment",
            "user_access_level",
            "user_email",
            "user_id",
            "user_login",
        ],
    ),
    ("idcs-*.identity.oraclecloud.com", &["rpst_id"]),
    (CIRCLECI, &["oidc.circleci.com/project-id"]),
];

/// GitHub Enterprise Cloud with data residency.
const GITHUB_TENANT: &str = "token.actions.*.ghe.com";
const CIRCLECI: &str = "oidc.circleci.com/org/*";

/// Whose tokens they are, as far as that says what else must be asked of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// github.com, whose subjects we write ourselves.
    Github,
    /// A GitHub of a tenant's own, whose ids STS can check.
    GithubTenant,
    /// gitlab.com, where STS can check that a ref is protected.
    Gitlab,
    Bitbucket,
    Buildkite,
    CircleCi,
    TerraformCloud,
    Vercel,
    /// Somebody of whom nothing is known but the subject.
    Other,
}

/// Why a URL is not taken for an issuer. STS compares it with the token's `iss` character by character, so a spelling
/// that browsers take for the same would be an issuer that nobody has, or pass for another than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Another scheme, or none.
    #[error("it must begin with `https://`, in lower case")]
    Scheme,
    /// An upper-case letter in the host.
    #[error("its host must be in lower case, as the tokens have it")]
    UpperCase,
    /// A port.
    #[error("it must not have a port")]
    Port,
    /// A name and perhaps a password.
    #[error("it must not have a user before the host")]
    User,
    /// `?` or `#`.
    #[error("it must not have a query or a fragment")]
    Query,
    /// A slash at its end.
    #[error("it must not end in a slash")]
    TrailingSlash,
    /// No host, or one that is not made of labels.
    #[error("its host must be a full domain name, such as `gitlab.example.com`")]
    Host,
    /// An empty part, `.`, `..` or a character that is no plain one.
    #[error("its path must have plain parts of letters, digits and `-._~`")]
    Path,
}

/// The issuer as IAM writes it in condition keys.
pub(super) fn bare(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

/// Checks how an issuer is written.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn check(url: &str) -> Result<(), UrlProblem> {
    let rest = url.strip_prefix("https://").ok_or(UrlProblem::Scheme)?;
    if rest.contains(['?', '#']) {
        return Err(UrlProblem::Query);
    }
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (rest, None),
    };
    if host.contains('@') {
        return Err(UrlProblem::User);
    }
    if host.contains(':') {
        return Err(UrlProblem::Port);
    }
    if host.chars().any(char::is_uppercase) {
        return Err(UrlProblem::UpperCase);
    }
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    // An address of numbers is nobody's name, and the last label of a name is never a number.
    let last_is_a_number =
        host.rsplit('.').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    if !host.contains('.') || !host.split('.').all(label) || last_is_a_number {
        return Err(UrlProblem::Host);
    }
    let Some(path) = path else { return Ok(()) };
    if path.is_empty() || path.ends_with('/') {
        return Err(UrlProblem::TrailingSlash);
    }
    let part = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
    };
    if path.split('/').all(part) { Ok(()) } else { Err(UrlProblem::Path) }
}

/// Whose an issuer is. `issuer` is without `https://`.
pub(super) fn kind(issuer: &str) -> Kind {
    let host = issuer.split('/').next().unwrap_or_default();
    match host {
        GITHUB => Kind::Github,
        "gitlab.com" => Kind::Gitlab,
        "api.bitbucket.org" => Kind::Bitbucket,
        "agent.buildkite.com" => Kind::Buildkite,
        "oidc.circleci.com" => Kind::CircleCi,
        "app.terraform.io" | "app.eu.terraform.io" => Kind::TerraformCloud,
        "oidc.vercel.com" => Kind::Vercel,
        _ if is(GITHUB_TENANT, issuer) => Kind::GithubTenant,
        _ => Kind::Other,
    }
}

/// Whether STS offers a claim of this issuer as a condition key.
pub(super) fn checks(issuer: &str, claim: &str) -> bool {
    CHECKED_CLAIMS.iter().any(|(pattern, claims)| is(pattern, issuer) && claims.contains(&claim))
}

fn is(pattern: &str, issuer: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => issuer
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|label| !label.is_empty() && !label.contains(['.', '/'])),
        None => issuer == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_written_as_its_tokens_have_it() {
        for good in [
            "https://token.actions.githubusercontent.com",
            "https://token.actions.githubusercontent.com/Example-Corp",
            "https://gitlab.com",
            "https://oidc.circleci.com/org/abc-1",
            "https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, problem) in [
            ("http://gitlab.com", UrlProblem::Scheme),
            ("HTTPS://gitlab.com", UrlProblem::Scheme),
            ("gitlab.com", UrlProblem::Scheme),
            (" https://gitlab.com", UrlProblem::Scheme),
            ("https://Token.Actions.GithubUserContent.com", UrlProblem::UpperCase),
            ("https://token.actions.githubusercontent.com/", UrlProblem::TrailingSlash),
            ("https://gitlab.com/x/", UrlProblem::TrailingSlash),
            ("https://token.actions.githubusercontent.com:443", UrlProblem::Port),
            ("https://gitlab.com:", UrlProblem::Port),
            ("https://token.actions.githubusercontent.com@example.org", UrlProblem::User),
            ("https://user:word@gitlab.com", UrlProblem::User),
            ("https://gitlab.com?x=1", UrlProblem::Query),
            ("https://gitlab.com#x", UrlProblem::Query),
            ("https://", UrlProblem::Host),
            ("https:///gitlab.com", UrlProblem::Host),
            ("https://localhost", UrlProblem::Host),
            ("https://192.0.2.1", UrlProblem::Host),
            ("https://token.actions.githubusercontent.com.", UrlProblem::Host),
            ("https://token..actions.githubusercontent.com", UrlProblem::Host),
            ("https://*.example.com", UrlProblem::Host),
            ("https://a_b.example.com", UrlProblem::Host),
            ("https://gitlab.com ", UrlProblem::Host),
            // A Cyrillic letter, and a full stop of another script.
            ("https://gitl\u{430}b.com", UrlProblem::Host),
            ("https://gitlab\u{3002}com", UrlProblem::Host),
            ("https://gitlab.com//x", UrlProblem::Path),
            ("https://gitlab.com/../x", UrlProblem::Path),
            ("https://gitlab.com/%2e", UrlProblem::Path),
            ("https://gitlab.com/x\\y", UrlProblem::Path),
        ] {
            assert_eq!(check(bad), Err(problem), "{bad}");
        }
    }

    #[test]
    fn who_is_behind_an_issuer() {
        for (issuer, whose) in [
            (GITHUB, Kind::Github),
            ("token.actions.githubusercontent.com/example-corp", Kind::Github),
            ("token.actions.githubusercontent.com.example.org", Kind::Other),
            ("token.actions.acme.ghe.com", Kind::GithubTenant),
            ("token.actions.a.b.ghe.com", Kind::Other),
            ("gitlab.example.com", Kind::Other),
            ("oidc.circleci.com/org/abc", Kind::CircleCi),
        ] {
            assert_eq!(kind(issuer), whose, "{issuer}");
        }
    }
}
