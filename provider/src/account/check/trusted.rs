//! What is wrong with `identity`, at the argument that has to be changed.

use fleet_model::account::Identity;
use fleet_vending::aws::policy::trust::{self, Place, Unreviewed};
use tfplugin::diagnostic::{Diagnostic, Path};

use crate::diagnostic::error;

/// Everything that cannot be trusted as it is written.
pub(super) fn check(identity: &Identity) -> Vec<Diagnostic> {
    let problems = trust::validate(identity).into_iter();
    problems.map(|(place, problem)| told(identity, &place, &problem)).collect()
}

fn told(identity: &Identity, place: &Place, problem: &trust::Error) -> Diagnostic {
    let at = |of: &str, name: &str| Path::attribute("identity").nested(of).key(name);
    let (name, block) = match place {
        Place::Provider(name) => (name, at("providers", name)),
        Place::Role(name) => (name, at("roles", name)),
    };
    let path = argument(identity, place, block, problem);
    match problem {
        trust::Error::Unreviewed(reason) => {
            error("FLEET0550", "Unreviewed code could apply to the account")
                .at(path)
                .what(format!("The role `{name}` would trust too much: {reason}."))
                .why("This role may do nearly everything in the account. Whoever can open a pull request, or take over a name, could run code with it.")
                .todo(reason.remedy())
                .build()
        }
        trust::Error::Url { .. } => error("FLEET0551", "The URL of an issuer is not exact")
            .at(path)
            .what(format!("{problem}."))
            .why("STS compares it with the `iss` of a token character by character. Another spelling is another issuer: nobody's, or one whose subjects are not checked as they should be.")
            .todo("Copy the `issuer` of the provider's `/.well-known/openid-configuration`.")
            .build(),
        _ => error("FLEET0101", "A value of the account is not valid")
            .at(path.clone())
            .what(format!("`{path}` is not accepted: {problem}."))
            .why("It goes into the trust policy of a role in the account. A mistake there lets nobody in, or somebody who was not meant.")
            .todo(format!("{} The page of `fleet_account` has a whole example of `identity`.", todo(problem)))
            .build(),
    }
}

/// The path of what is wrong in the block of a role or of a provider.
fn argument(identity: &Identity, place: &Place, block: Path, problem: &trust::Error) -> Path {
    let claims = || block.clone().nested("claims");
    let claim = |name: &str| claims().key(name);
    match problem {
        trust::Error::UnknownRole(_) => block,
        trust::Error::UnknownProvider(_) => block.nested("provider"),
        trust::Error::Url { .. } => block.nested("url"),
        trust::Error::NoAudience => block.nested("audiences"),
        trust::Error::Unreviewed(Unreviewed::NamesOnly) => block.nested("repository_id"),
        trust::Error::Unreviewed(_)
        | trust::Error::MissingClaim(_)
        | trust::Error::NoContext
        | trust::Error::TooLong(_) => claims(),
        trust::Error::Empty(name) => match place {
            Place::Provider(_) => block.nested("audiences"),
            Place::Role(_) => claim(name),
        },
        trust::Error::TwoContexts(_) | trust::Error::PullRequest => claim("pull_request"),
        trust::Error::Ref(_) => claim("ref"),
        trust::Error::Repository(_) => claim("repository"),
        trust::Error::UncheckedClaim { claim: name, .. } | trust::Error::NotANumber(name) => {
            claim(name)
        }
        trust::Error::MissingId(name)
        | trust::Error::Id(name)
        | trust::Error::NotGithub(name, _) => block.nested(*name),
        trust::Error::Character { value, .. } | trust::Error::Wildcard { value, .. } => {
            of_value(identity, place, block, value)
        }
    }
}

/// The argument of a role or provider that has this value.
fn of_value(identity: &Identity, place: &Place, block: Path, value: &str) -> Path {
    let role = match place {
        Place::Provider(_) => return block.nested("audiences"),
        Place::Role(name) => identity.roles.get(name),
    };
    let Some(role) = role else { return block };
    let has = |of: &Option<String>| of.as_deref() == Some(value);
    if let Some((name, _)) = role.claims.iter().find(|(_, of)| *of == value) {
        block.nested("claims").key(name)
    } else if has(&role.owner_id) {
        block.nested("owner_id")
    } else if has(&role.repository_id) {
        block.nested("repository_id")
    } else {
        block
    }
}

fn todo(problem: &trust::Error) -> &'static str {
    match problem {
        trust::Error::UnknownRole(_) => "Use one of these names.",
        trust::Error::UnknownProvider(_) => "Name one of `identity.providers`, or add it there.",
        trust::Error::NoAudience => "Write the audience that the pipeline asks its token for.",
        trust::Error::Character { .. } | trust::Error::Wildcard { .. } => {
            "Write the whole value, exactly as the token has it."
        }
        trust::Error::Empty(_) => "Give it a value, or leave it out.",
        trust::Error::MissingClaim(_) => "Add the claim.",
        trust::Error::NoContext => "Add one of these claims.",
        trust::Error::TwoContexts(_) => "Keep one of the two claims.",
        trust::Error::PullRequest => "Write `\"true\"`, or leave the claim out.",
        trust::Error::Repository(_) => "Write it as GitHub shows it, such as `example/platform`.",
        trust::Error::Ref(_) => "Write the whole ref, such as `refs/heads/main`.",
        trust::Error::MissingId(_) | trust::Error::Id(_) => {
            "`gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` tells the numbers of owner and repository."
        }
        trust::Error::NotGithub(..) => "Leave the argument out.",
        trust::Error::UncheckedClaim { .. } => {
            "Leave the claim out, and narrow the trust by one that STS checks."
        }
        trust::Error::NotANumber(_) => "Write digits only.",
        trust::Error::TooLong(_) => "Leave out claims and audiences that are not needed.",
        trust::Error::Unreviewed(reason) => reason.remedy(),
        trust::Error::Url { .. } => "Copy the URL of the issuer.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use fleet_model::account::{FederatedRole, OidcProvider, SubjectFormat};

    use super::*;

    /// What is said of the role `plan` with these claims, and where.
    fn said(edit: impl Fn(&mut Identity)) -> Vec<String> {
        let claims = [("repository", "example/platform"), ("environment", "a")];
        let role = FederatedRole {
            provider: "github".into(),
            owner_id: Some("1".into()),
            repository_id: Some("2".into()),
            subject_format: SubjectFormat::Immutable,
            claims: claims.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        };
        let provider = OidcProvider {
            url: "https://token.actions.githubusercontent.com".into(),
            audiences: BTreeSet::from(["sts.amazonaws.com".to_owned()]),
        };
        let mut identity = Identity {
            providers: BTreeMap::from([("github".to_owned(), provider)]),
            roles: BTreeMap::from([("plan".to_owned(), role)]),
        };
        edit(&mut identity);
        let told = check(&identity);
        told.iter().map(|of| of.path.as_ref().unwrap().to_string()).collect()
    }

    fn role(edit: impl Fn(&mut FederatedRole)) -> Vec<String> {
        said(|of| edit(of.roles.get_mut("plan").unwrap()))
    }

    fn claim(name: &str, value: &str) -> Vec<String> {
        role(|of| drop(of.claims.insert(name.to_owned(), value.to_owned())))
    }

    #[test]
    fn what_is_wrong_is_told_at_the_argument_that_has_it() {
        let none: [String; 0] = [];
        assert_eq!(said(|_| {}), none);
        let plan = |rest: &str| [format!("identity.roles[\"plan\"]{rest}")];
        assert_eq!(role(|of| of.provider = "gitlab".into()), plan(".provider"));
        assert_eq!(role(|of| of.owner_id = None), plan(".owner_id"));
        assert_eq!(role(|of| of.repository_id = Some("x".into())), plan(".repository_id"));
        assert_eq!(role(|of| of.repository_id = Some("2*".into())), plan(".repository_id"));
        assert_eq!(role(|of| of.claims.clear()), plan(".claims"));
        assert_eq!(role(|of| drop(of.claims.remove("environment"))), plan(".claims"));
        assert_eq!(claim("repository", "example/*"), plan(".claims[\"repository\"]"));
        assert_eq!(claim("repository", "example"), plan(".claims[\"repository\"]"));
        assert_eq!(claim("environment", ""), plan(".claims[\"environment\"]"));
        assert_eq!(claim("pull_request", "true"), plan(".claims[\"pull_request\"]"));
        assert_eq!(claim("nothing", "x"), plan(".claims[\"nothing\"]"));
        let unknown = said(|of| {
            let role = of.roles.remove("plan").unwrap();
            of.roles.insert("root".into(), role);
        });
        assert_eq!(unknown, ["identity.roles[\"root\"]"]);
        let audiences = |with: &[&str]| {
            said(|of| {
                let provider = of.providers.get_mut("github").unwrap();
                provider.audiences = with.iter().map(|of| (*of).to_owned()).collect();
            })
        };
        for with in [&[][..], &[""], &["sts.*"]] {
            assert_eq!(audiences(with), ["identity.providers[\"github\"].audiences"], "{with:?}");
        }
    }
}
