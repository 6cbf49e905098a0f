//! Trust policies: who may assume an access role.
//!
//! A federated role trusts tokens of one provider with `StringEquals` on `aud` and `sub` (guide
//! §15: narrow). Wildcards are refused, not escaped: `StringEquals` would take them literally, and
//! who writes one means something else.

mod issuer;
mod reviewed;

use std::collections::BTreeSet;

use fleet_model::account::{FederatedRole, Identity, OidcProvider, SubjectFormat};
pub use issuer::UrlProblem;
use issuer::{Kind, bare};
pub use reviewed::Unreviewed;

use super::{Document, Effect, Principal, Statement};
use crate::profile::ROLES;

/// The one of [`ROLES`] that changes the account.
const APPLIES: &str = "apply";

/// IAM's default limit for a trust policy, in characters.
pub const MAX_LENGTH: usize = 2048;

/// The actions by which a role is assumed. A caller whose session has a source identity or transitive tags hands them on
/// with every role that it assumes, and AWS refuses that unless the caller's policies and the role's trust allow the
/// second and the third as well.
pub const ASSUME: [&str; 3] = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];

/// The claims that STS compares as numbers.
const NUMERIC_CLAIMS: &[&str] = &["google/organization_number"];

/// Why a role or provider of `identity` cannot be trusted as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `identity.roles` has a name that is no access role.
    #[error("there is no role `{0}`; the roles are {roles}", roles = ROLES.join(", "))]
    UnknownRole(String),
    /// `provider` names nothing in `identity.providers`.
    #[error("there is no provider `{0}` in `identity.providers`")]
    UnknownProvider(String),
    /// The issuer's URL.
    #[error("`{url}` is not the URL of an issuer: {problem}")]
    Url {
        /// As it was written.
        url: String,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// Tokens of a role that applies may be of code that nobody has reviewed.
    #[error("{0}")]
    Unreviewed(Unreviewed),
    /// What IAM does not take in a policy, or nobody sees.
    #[error(
        "{value:?} holds {found:?}, which a trust policy cannot hold, or which nobody would see"
    )]
    Character {
        /// The value as written.
        value: String,
        /// The character.
        found: char,
    },
    /// GitHub's tokens name a ref in full.
    #[error("`{0}` is no ref: write `refs/heads/BRANCH` or `refs/tags/TAG`")]
    Ref(String),
    /// No audience.
    #[error("at least one audience is needed, for example `sts.amazonaws.com`")]
    NoAudience,
    /// A wildcard or a policy variable.
    #[error("`{value}` holds `{found}`: a trust names one value exactly")]
    Wildcard {
        /// The value as written.
        value: String,
        /// What it must not hold.
        found: &'static str,
    },
    /// An empty value.
    #[error("`{0}` is empty")]
    Empty(String),
    /// A claim that must be there.
    #[error("the claim `{0}` is required")]
    MissingClaim(&'static str),
    /// Nothing that narrows a repository.
    #[error(
        "one of the claims `environment`, `pull_request`, `ref` is required: without it every workflow of the repository could assume the role"
    )]
    NoContext,
    /// GitHub puts one of them into the subject, and STS does not check `pull_request` by itself.
    #[error(
        "`pull_request` and `{0}` cannot both hold: a subject names one of environment, pull_request, ref"
    )]
    TwoContexts(&'static str),
    /// `pull_request` is a fact, not a name.
    #[error("`pull_request` can only be `true`")]
    PullRequest,
    /// Not `OWNER/REPOSITORY`.
    #[error("`{0}` is not OWNER/REPOSITORY")]
    Repository(String),
    /// An id is missing for the format.
    #[error("`{0}` is required unless `subject_format` is `legacy`")]
    MissingId(&'static str),
    /// An id is not a number.
    #[error("`{0}` must be GitHub's number")]
    Id(&'static str),
    /// GitHub's arguments on another issuer.
    #[error("`{0}` belongs to GitHub's tokens; this issuer is `{1}`")]
    NotGithub(&'static str, String),
    /// STS would not check it.
    #[error(
        "STS does not check the claim `{claim}` of `{issuer}`: a condition on it would never hold"
    )]
    UncheckedClaim {
        /// The claim.
        claim: String,
        /// The issuer without `https://`.
        issuer: String,
    },
    /// A claim of `NUMERIC_CLAIMS` that is none.
    #[error("STS compares the claim `{0}` as a number; the value is none")]
    NotANumber(String),
    /// Longer than IAM takes.
    #[error("the trust policy would have {0} characters; IAM takes {MAX_LENGTH}")]
    TooLong(usize),
}

/// Where in `identity` an error is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// `identity.providers.<name>`
    Provider(String),
    /// `identity.roles.<name>`
    Role(String),
}

/// Checks all of `identity`, as the provider does at plan.
#[must_use]
pub fn validate(identity: &Identity) -> Vec<(Place, Error)> {
    let mut errors = Vec::new();
    for (name, provider) in &identity.providers {
        if let Err(error) = check_provider(provider) {
            errors.push((Place::Provider(name.clone()), error));
        }
    }
    for (name, role) in &identity.roles {
        let checked = if !ROLES.contains(&name.as_str()) {
            Err(Error::UnknownRole(name.clone()))
        } else if let Some(provider) = identity.providers.get(&role.provider) {
            // Any account id has 12 digits, so the length is right for all of them.
            federated(name, role, provider, "aws-us-gov", "000000000000").map(|_| ())
        } else {
            Err(Error::UnknownProvider(role.provider.clone()))
        };
        // What is wrong with the provider was said at the provider.
        match checked {
            Err(error) if check_role_only(identity, role, &error) => {
                errors.push((Place::Role(name.clone()), error));
            }
            _ => {}
        }
    }
    errors
}

/// The subjects that `role` trusts, each one exact.
///
/// # Errors
/// Why it cannot be trusted as it is written.
pub fn subjects(role: &FederatedRole, provider: &OidcProvider) -> Result<Vec<String>, Error> {
    check_provider(provider)?;
    for value in role.claims.values().chain(&role.owner_id).chain(&role.repository_id) {
        exact(value)?;
    }
    for (claim, value) in &role.claims {
        if value.is_empty() {
            return Err(Error::Empty(claim.clone()));
        }
    }
    if is_github(provider) { github_subjects(role) } else { plain_subject(role, provider) }
}

/// The trust policy of a federated role in an account. `name` is the role's word in `identity.roles`.
///
/// # Errors
/// As [`subjects`]; claims that STS does not check; a policy that is too long; and of the role that applies, tokens
/// that code could have which nobody has reviewed.
pub fn federated(
    name: &str,
    role: &FederatedRole,
    provider: &OidcProvider,
    partition: &str,
    account_id: &str,
) -> Result<Document, Error> {
    let subjects = subjects(role, provider)?;
    let issuer = bare(&provider.url);
    let further = further_claims(role, provider)?;
    if name == APPLIES {
        reviewed::check(role, issuer::kind(issuer), issuer, &subjects)
            .map_err(Error::Unreviewed)?;
    }
    let mut statement =
        Statement::new("Federated", Effect::Allow, ["sts:AssumeRoleWithWebIdentity"])
            .by(Principal::federated(&provider_arn(&provider.url, partition, account_id)))
            .when("StringEquals", format!("{issuer}:aud"), provider.audiences.iter().cloned())
            .when("StringEquals", format!("{issuer}:sub"), subjects);
    for (claim, value) in further {
        let numeric = NUMERIC_CLAIMS.contains(&claim.as_str());
        let operator = if numeric { "NumericEquals" } else { "StringEquals" };
        statement = statement.when(operator, format!("{issuer}:{claim}"), [value]);
    }
    let document = Document::new([statement]);
    match document.to_json().chars().count() {
        length if length > MAX_LENGTH => Err(Error::TooLong(length)),
        _ => Ok(document),
    }
}

/// The trust policy of a role that `identity` says nothing of: principals of the organization's
/// management account, as far as that account's own IAM lets them assume it.
#[must_use]
pub fn management(partition: &str, management_account_id: &str, organization_id: &str) -> Document {
    Document::new([Statement::new("Management", Effect::Allow, ASSUME)
        .by(Principal::account(partition, management_account_id))
        .when("StringEquals", "aws:PrincipalOrgID", [organization_id])])
}

/// The trust policy of a role of vending's own: principals of the account that it works from, as far as that account's
/// own IAM lets them assume it.
#[must_use]
pub fn vending(partition: &str, caller_account_id: &str, organization_id: &str) -> Document {
    Document::new([Statement::new("Vending", Effect::Allow, ASSUME)
        .by(Principal::account(partition, caller_account_id))
        .when("StringEquals", "aws:PrincipalOrgID", [organization_id])])
}

/// The trust policy of a role that nobody may assume. IAM has no empty trust policy, so this one
/// denies, to the only principals that could otherwise be let in without it.
#[must_use]
pub fn locked(partition: &str, account_id: &str) -> Document {
    Document::new([Statement::new(
        "Locked",
        Effect::Deny,
        ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"],
    )
    .by(Principal::account(partition, account_id))])
}

/// The ARN of the provider of an issuer in an account.
#[must_use]
pub fn provider_arn(url: &str, partition: &str, account_id: &str) -> String {
    format!("arn:{partition}:iam::{account_id}:oidc-provider/{}", bare(url))
}

/// The URL of the issuer of a provider; `None` where the ARN is not one of a provider.
#[must_use]
pub fn provider_url(arn: &str) -> Option<String> {
    let (_, bare) = arn.split_once(":oidc-provider/")?;
    Some(format!("https://{bare}"))
}

/// Whether the tokens are of github.com, whose subjects are made of the claims. A GitHub of one's own names its subject.
fn is_github(provider: &OidcProvider) -> bool {
    issuer::kind(bare(&provider.url)) == Kind::Github
}

fn check_provider(provider: &OidcProvider) -> Result<(), Error> {
    issuer::check(&provider.url)
        .map_err(|problem| Error::Url { url: provider.url.clone(), problem })?;
    if provider.audiences.is_empty() {
        return Err(Error::NoAudience);
    }
    for audience in &provider.audiences {
        exact(audience)?;
        if audience.is_empty() {
            return Err(Error::Empty("audiences".to_owned()));
        }
    }
    Ok(())
}

/// Whether `error` is about the role: one about its provider was reported there.
fn check_role_only(identity: &Identity, role: &FederatedRole, error: &Error) -> bool {
    identity
        .providers
        .get(&role.provider)
        .is_none_or(|provider| check_provider(provider).err().as_ref() != Some(error))
}

fn exact(value: &str) -> Result<(), Error> {
    // IAM takes no character above U+00FF in a trust policy; a soft hyphen and spaces at the ends are not seen.
    let unseen = |c: &char| c.is_control() || *c > '\u{ff}' || matches!(c, '\u{a0}' | '\u{ad}');
    let at_an_end = |c: &char| c.is_whitespace();
    let ends = value.chars().next().into_iter().chain(value.chars().next_back());
    if let Some(found) = value.chars().find(unseen).or_else(|| ends.into_iter().find(at_an_end)) {
        return Err(Error::Character { value: value.to_owned(), found });
    }
    match ["*", "?", "${"].into_iter().find(|found| value.contains(found)) {
        Some(found) => Err(Error::Wildcard { value: value.to_owned(), found }),
        None => Ok(()),
    }
}

/// The one of environment, pull_request and ref that GitHub writes into the subject.
fn github_context(role: &FederatedRole) -> Result<(&'static str, String), Error> {
    let claim = |name: &str| role.claims.get(name);
    if let Some(flag) = claim("pull_request") {
        for other in ["environment", "ref"] {
            if claim(other).is_some() {
                return Err(Error::TwoContexts(other));
            }
        }
        return if flag == "true" {
            Ok(("pull_request", "pull_request".to_owned()))
        } else {
            Err(Error::PullRequest)
        };
    }
    match (claim("environment"), claim("ref")) {
        // GitHub writes a colon in an environment's name this way, so that it cannot pass for a
        // boundary between the subject's parts.
        (Some(name), _) => Ok(("environment", format!("environment:{}", name.replace(':', "%3A")))),
        (None, Some(name)) => Ok(("ref", format!("ref:{}", full_ref(name)?))),
        (None, None) => Err(Error::NoContext),
    }
}

fn full_ref(name: &str) -> Result<&str, Error> {
    match name.strip_prefix("refs/") {
        Some(rest) if !rest.is_empty() => Ok(name),
        _ => Err(Error::Ref(name.to_owned())),
    }
}

fn github_subjects(role: &FederatedRole) -> Result<Vec<String>, Error> {
    let repository = role.claims.get("repository").ok_or(Error::MissingClaim("repository"))?;
    let part = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
    };
    let (owner, name) = repository
        .split_once('/')
        .filter(|(owner, name)| part(owner) && part(name))
        .ok_or_else(|| Error::Repository(repository.clone()))?;
    let (_, context) = github_context(role)?;
    let id = |value: &Option<String>, field: &'static str| match value {
        Some(id) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) => Ok(id.clone()),
        Some(_) => Err(Error::Id(field)),
        None => Err(Error::MissingId(field)),
    };

    let mut subjects = Vec::new();
    if role.subject_format != SubjectFormat::Legacy {
        let owner_id = id(&role.owner_id, "owner_id")?;
        let repository_id = id(&role.repository_id, "repository_id")?;
        subjects.push(format!("repo:{owner}@{owner_id}/{name}@{repository_id}:{context}"));
    }
    if role.subject_format != SubjectFormat::Immutable {
        subjects.push(format!("repo:{owner}/{name}:{context}"));
    }
    Ok(subjects)
}

fn plain_subject(role: &FederatedRole, provider: &OidcProvider) -> Result<Vec<String>, Error> {
    let issuer = || bare(&provider.url).to_owned();
    if role.owner_id.is_some() {
        return Err(Error::NotGithub("owner_id", issuer()));
    }
    if role.repository_id.is_some() {
        return Err(Error::NotGithub("repository_id", issuer()));
    }
    role.claims.get("sub").cloned().map(|sub| vec![sub]).ok_or(Error::MissingClaim("sub"))
}

/// Claims that are conditions of their own, beyond what the subject says.
fn further_claims(
    role: &FederatedRole,
    provider: &OidcProvider,
) -> Result<Vec<(String, String)>, Error> {
    let github = is_github(provider);
    let issuer = bare(&provider.url);
    let in_subject: BTreeSet<&str> = if github {
        BTreeSet::from(["repository", github_context(role)?.0])
    } else {
        BTreeSet::from(["sub"])
    };
    let mut further = Vec::new();
    for (claim, value) in &role.claims {
        if in_subject.contains(claim.as_str()) {
            continue;
        }
        if !issuer::checks(issuer, claim) {
            return Err(Error::UncheckedClaim { claim: claim.clone(), issuer: issuer.to_owned() });
        }
        let number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        if NUMERIC_CLAIMS.contains(&claim.as_str()) && !number {
            return Err(Error::NotANumber(claim.clone()));
        }
        further.push((claim.clone(), value.clone()));
    }
    // A legacy subject is made of names only, and a name can be taken over by somebody else.
    let by_name = github && role.subject_format != SubjectFormat::Immutable;
    if let (true, Some(id)) = (by_name, &role.repository_id)
        && !role.claims.contains_key("repository_id")
    {
        further.push(("repository_id".to_owned(), id.clone()));
    }
    Ok(further)
}

#[cfg(test)]
mod tests;
