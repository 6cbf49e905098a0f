//! Tables over the subjects, and properties of every document that trusts somebody.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const GITHUB_URL: &str = "https://token.actions.githubusercontent.com";
const GITLAB_URL: &str = "https://gitlab.com";

fn provider(url: &str) -> OidcProvider {
    OidcProvider { url: url.into(), audiences: BTreeSet::from(["sts.amazonaws.com".to_owned()]) }
}

fn role(format: SubjectFormat, ids: bool, claims: &[(&str, &str)]) -> FederatedRole {
    FederatedRole {
        provider: "github".into(),
        owner_id: ids.then(|| "123456".to_owned()),
        repository_id: ids.then(|| "456789".to_owned()),
        subject_format: format,
        claims: claims.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
    }
}

const REPOSITORY: (&str, &str) = ("repository", "example/platform");

#[test]
fn github_subjects_of_every_format_and_context() {
    use SubjectFormat::{Both, Immutable, Legacy};
    let new = "repo:example@123456/platform@456789";
    let old = "repo:example/platform";
    for (format, ids, context, expected) in [
        (Immutable, true, ("environment", "prod"), vec![format!("{new}:environment:prod")]),
        (Legacy, false, ("environment", "prod"), vec![format!("{old}:environment:prod")]),
        (
            Both,
            true,
            ("environment", "prod"),
            vec![format!("{new}:environment:prod"), format!("{old}:environment:prod")],
        ),
        (Immutable, true, ("pull_request", "true"), vec![format!("{new}:pull_request")]),
        (Immutable, true, ("ref", "refs/heads/main"), vec![format!("{new}:ref:refs/heads/main")]),
        (Legacy, true, ("environment", "eu:prod"), vec![format!("{old}:environment:eu%3Aprod")]),
    ] {
        let role = role(format, ids, &[REPOSITORY, context]);
        assert_eq!(subjects(&role, &provider(GITHUB_URL)), Ok(expected), "{format} {context:?}");
    }
}

#[test]
fn what_is_not_narrow_is_refused() {
    use SubjectFormat::{Immutable, Legacy};
    let environment = ("environment", "prod");
    let wildcard = |value: &str, found| Error::Wildcard { value: value.to_owned(), found };
    for (format, ids, claims, error) in [
        (Immutable, true, vec![REPOSITORY], Error::NoContext),
        (Immutable, true, vec![environment], Error::MissingClaim("repository")),
        (Immutable, false, vec![REPOSITORY, environment], Error::MissingId("owner_id")),
        (
            Immutable,
            true,
            vec![REPOSITORY, environment, ("pull_request", "true")],
            Error::TwoContexts("environment"),
        ),
        (
            Immutable,
            true,
            vec![REPOSITORY, ("ref", "refs/heads/main"), ("pull_request", "true")],
            Error::TwoContexts("ref"),
        ),
        (Immutable, true, vec![REPOSITORY, ("pull_request", "yes")], Error::PullRequest),
        (Legacy, false, vec![("repository", "example/*"), environment], wildcard("example/*", "*")),
        (Legacy, false, vec![REPOSITORY, ("environment", "prod?")], wildcard("prod?", "?")),
        (
            Legacy,
            false,
            vec![REPOSITORY, ("environment", "${aws:username}")],
            wildcard("${aws:username}", "${"),
        ),
        (
            Legacy,
            false,
            vec![("repository", "platform"), environment],
            Error::Repository("platform".into()),
        ),
        (
            Legacy,
            false,
            vec![("repository", "a/b:environment:prod"), environment],
            Error::Repository("a/b:environment:prod".into()),
        ),
        (Legacy, false, vec![REPOSITORY, ("environment", "")], Error::Empty("environment".into())),
    ] {
        let role = role(format, ids, &claims);
        assert_eq!(subjects(&role, &provider(GITHUB_URL)), Err(error), "{claims:?}");
    }
}

#[test]
fn an_id_is_a_number() {
    let mut role = role(SubjectFormat::Immutable, true, &[REPOSITORY, ("environment", "prod")]);
    role.owner_id = Some("example".into());
    assert_eq!(subjects(&role, &provider(GITHUB_URL)), Err(Error::Id("owner_id")));
}

#[test]
fn other_issuers_name_their_subject() {
    let sub = ("sub", "project_path:example/platform:ref_type:branch:ref:main");
    let plain = role(SubjectFormat::Immutable, false, &[sub]);
    assert_eq!(subjects(&plain, &provider(GITLAB_URL)), Ok(vec![sub.1.to_owned()]));

    let none = role(SubjectFormat::Immutable, false, &[]);
    assert_eq!(subjects(&none, &provider(GITLAB_URL)), Err(Error::MissingClaim("sub")));

    let github = role(SubjectFormat::Immutable, true, &[sub]);
    assert_eq!(
        subjects(&github, &provider(GITLAB_URL)),
        Err(Error::NotGithub("owner_id", "gitlab.com".into()))
    );
}

#[test]
fn further_claims_only_where_sts_checks_them() {
    let sub = ("sub", "project_path:example/platform:ref_type:branch:ref:main");
    for (url, claims, checked) in [
        (GITHUB_URL, vec![REPOSITORY, ("environment", "prod"), ("ref", "refs/heads/main")], true),
        (GITHUB_URL, vec![REPOSITORY, ("environment", "prod"), ("run_id", "1")], false),
        (GITHUB_URL, vec![REPOSITORY, ("environment", "prod"), ("repository_owner_id", "1")], true),
        ("https://token.actions.acme.ghe.com", vec![sub, ("repository_owner_id", "1")], true),
        ("https://token.actions.a.b.ghe.com", vec![sub, ("repository_owner_id", "1")], false),
        ("https://token.actions.acme.ghe.com", vec![sub, ("run_id", "1")], false),
        (GITLAB_URL, vec![sub, ("user_login", "me")], true),
        (GITLAB_URL, vec![sub, ("pipeline_id", "1")], false),
        ("https://gitlab.example.com", vec![sub, ("user_login", "me")], false),
        ("https://agent.buildkite.com", vec![sub, ("pipeline_slug", "deploy")], true),
        ("https://accounts.google.com", vec![sub, ("google/organization_number", "12")], true),
        ("https://accounts.google.com", vec![sub, ("email", "a@example.com")], false),
        ("https://idcs-12ab.identity.oraclecloud.com", vec![sub, ("rpst_id", "r")], true),
        ("https://idcs-12ab.example.oraclecloud.com", vec![sub, ("rpst_id", "r")], false),
        (
            "https://oidc.circleci.com/org/abc",
            vec![sub, ("oidc.circleci.com/project-id", "p")],
            true,
        ),
        ("https://oidc.circleci.com/org/abc", vec![sub, ("project-id", "p")], false),
        ("https://oidc.circleci.com/org/abc", vec![sub, ("aud", "p")], false),
        // Looks like GitHub's, is somebody's.
        ("https://token.actions.githubusercontent.com.example.org", vec![sub, ("ref", "x")], false),
    ] {
        let ids = url == GITHUB_URL;
        let role = role(SubjectFormat::Immutable, ids, &claims);
        let document = federated("plan", &role, &provider(url), "aws", "111122223333");
        match document {
            Ok(document) => {
                assert!(checked, "{url} {claims:?}");
                let (claim, value) = claims.last().unwrap();
                let key = format!("{}:{claim}", bare(url));
                let document: Value = serde_json::from_str(&document.to_json()).unwrap();
                let numeric = NUMERIC_CLAIMS.contains(claim);
                let operator = if numeric { "NumericEquals" } else { "StringEquals" };
                assert_eq!(document["Statement"][0]["Condition"][operator][key], *value);
            }
            Err(error) => assert!(
                !checked && matches!(error, Error::UncheckedClaim { .. }),
                "{url} {claims:?}: {error}"
            ),
        }
    }
}

#[test]
fn a_numeric_claim_is_a_number() {
    let claims = [("sub", "1"), ("google/organization_number", "example.com")];
    let role = role(SubjectFormat::Immutable, false, &claims);
    let google = provider("https://accounts.google.com");
    let error = federated("plan", &role, &google, "aws", "111122223333");
    assert_eq!(error, Err(Error::NotANumber("google/organization_number".into())));
}

#[test]
fn an_issuer_has_one_spelling_and_an_audience() {
    let url = "https://Token.Actions.GithubUserContent.com".to_owned();
    let error = Error::Url { url: url.clone(), problem: UrlProblem::UpperCase };
    assert_eq!(check_provider(&provider(&url)), Err(error));
    assert_eq!(check_provider(&provider(GITLAB_URL)), Ok(()));
    let none = OidcProvider { audiences: BTreeSet::new(), ..provider(GITHUB_URL) };
    assert_eq!(check_provider(&none), Err(Error::NoAudience));
}

#[test]
fn validation_says_each_thing_once_and_where() {
    let good = role(SubjectFormat::Immutable, true, &[REPOSITORY, ("environment", "prod")]);
    let identity = Identity {
        providers: BTreeMap::from([
            ("github".to_owned(), provider(GITHUB_URL)),
            ("broken".to_owned(), provider("http://example.com")),
        ]),
        roles: BTreeMap::from([
            ("apply".to_owned(), good.clone()),
            ("deploy".to_owned(), good.clone()),
            ("plan".to_owned(), FederatedRole { provider: "gitlab".into(), ..good.clone() }),
            ("read-only".to_owned(), FederatedRole { provider: "broken".into(), ..good }),
        ]),
    };
    assert_eq!(
        validate(&identity),
        [
            (
                Place::Provider("broken".into()),
                Error::Url { url: "http://example.com".into(), problem: UrlProblem::Scheme }
            ),
            (Place::Role("deploy".into()), Error::UnknownRole("deploy".into())),
            (Place::Role("plan".into()), Error::UnknownProvider("gitlab".into())),
        ]
    );
}

type Claims = Vec<(&'static str, &'static str)>;
type OfGithub = (SubjectFormat, bool, Claims, Result<(), Unreviewed>);
type OfAnother = (&'static str, Claims, Result<(), Unreviewed>);

/// What a role that applies trusts: the verdict for each issuer, and that a role that plans may have what it may not.
#[test]
fn a_role_that_applies_takes_reviewed_code_only() {
    use SubjectFormat::{Both, Immutable, Legacy};
    use Unreviewed::{Claim, NamesOnly, NoContext, NoLastingSubject, Ref, Request, Run};
    const TENANT: &str = "https://token.actions.acme.ghe.com";
    const OWN: &str = "https://git.example.com/_services/token";
    const HCP: &str = "https://app.terraform.io";
    const CIRCLE: &str = "https://oidc.circleci.com/org/1f";
    const BUILDKITE: &str = "https://agent.buildkite.com";
    const BITBUCKET: &str =
        "https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc";
    let environment = ("environment", "prod");
    let main = ("ref", "refs/heads/main");
    let request = ("pull_request", "true");
    let said = |text: &str| Err(Request(text.to_owned()));
    let reference = |text: &str| Err(Ref(text.to_owned()));
    let run = |name: &str, value: &str| Err(Run(name.to_owned(), value.to_owned()));
    let claim = |name| Err(Claim(name, ""));
    let gitlab = ("sub", "project_path:example/platform:ref_type:branch:ref:main");
    let merge = ("sub", "project_path:example/platform:ref_type:merge_request:ref:main");
    let protected = ("ref_protected", "true");
    let project = ("project_id", "7");

    let github: Vec<OfGithub> = vec![
        (Immutable, true, vec![REPOSITORY, environment], Ok(())),
        (Immutable, true, vec![REPOSITORY, main], Ok(())),
        (Immutable, true, vec![REPOSITORY, ("ref", "refs/tags/v1")], Ok(())),
        (Both, true, vec![REPOSITORY, environment], Ok(())),
        (Legacy, true, vec![REPOSITORY, environment], Ok(())),
        (Legacy, false, vec![REPOSITORY, environment, ("repository_id", "7")], Ok(())),
        (Legacy, false, vec![REPOSITORY, environment], Err(NamesOnly)),
        (Legacy, false, vec![REPOSITORY, main], Err(NamesOnly)),
        (Legacy, false, vec![REPOSITORY, request], said("pull_request")),
        (Immutable, true, vec![REPOSITORY, request], said("pull_request")),
        (Both, true, vec![REPOSITORY, request], said("pull_request")),
        (Immutable, true, vec![REPOSITORY, ("environment", "Pull-Request")], said("Pull-Request")),
        (
            Immutable,
            true,
            vec![REPOSITORY, ("ref", "refs/pull/7/merge")],
            reference("refs/pull/7/merge"),
        ),
        (
            Immutable,
            true,
            vec![REPOSITORY, environment, ("ref", "refs/pull/7/merge")],
            reference("refs/pull/7/merge"),
        ),
        (Immutable, true, vec![REPOSITORY, ("ref", "refs/heads/")], reference("refs/heads/")),
        (
            Immutable,
            true,
            vec![REPOSITORY, ("ref", "refs/remotes/pull/7/merge")],
            reference("refs/remotes/pull/7/merge"),
        ),
    ];
    let others: Vec<OfAnother> = vec![
        (TENANT, vec![("sub", "repo:acme@1/p@2:environment:prod")], Ok(())),
        (TENANT, vec![("sub", "repo:acme/p:environment:prod"), ("repository_id", "2")], Ok(())),
        (TENANT, vec![("sub", "repo:acme/p:environment:prod")], Err(NamesOnly)),
        (TENANT, vec![("sub", "repo:acme@1/p:environment:prod")], Err(NamesOnly)),
        (TENANT, vec![("sub", "repo:acme@1/p@2:pull_request")], said("pull_request")),
        (TENANT, vec![("sub", "repo:acme@1/p@2")], Err(NoContext)),
        (OWN, vec![("sub", "repo:acme/p:ref:refs/heads/main")], Ok(())),
        (OWN, vec![("sub", "repo:acme/p:pull_request")], said("pull_request")),
        (OWN, vec![("sub", "repo:acme/p:ref:main")], reference("main")),
        (OWN, vec![("sub", "repo:acme/p:actor:me")], Err(NoContext)),
        (GITLAB_URL, vec![gitlab, protected, project], Ok(())),
        (GITLAB_URL, vec![gitlab, project], claim("ref_protected")),
        (GITLAB_URL, vec![gitlab, ("ref_protected", "false"), project], claim("ref_protected")),
        (GITLAB_URL, vec![gitlab, protected], claim("project_id")),
        (
            GITLAB_URL,
            vec![gitlab, protected, project, ("pipeline_source", "merge_request_event")],
            said("merge_request_event"),
        ),
        (GITLAB_URL, vec![merge, protected, project], said("merge_request")),
        ("https://gitlab.example.com", vec![gitlab], Ok(())),
        ("https://gitlab.example.com", vec![merge], said("merge_request")),
        ("https://gitlab.example.com", vec![("sub", "project_path:a/b")], Err(NoContext)),
        (
            "https://gitlab.example.com",
            vec![("sub", "project_path:a/b:ref_type:branch:ref:refs/merge-requests/7/head")],
            reference("project_path:a/b:ref_type:branch:ref:refs/merge-requests/7/head"),
        ),
        (HCP, vec![("sub", "organization:o:project:p:workspace:w:run_phase:apply")], Ok(())),
        (
            HCP,
            vec![("sub", "organization:o:project:p:workspace:w:run_phase:plan")],
            run("run_phase", "plan"),
        ),
        (HCP, vec![("sub", "organization:o:project:p:workspace:w")], Err(NoContext)),
        (
            "https://tfe.example.com",
            vec![("sub", "organization:o:workspace:w:run_phase:plan")],
            run("run_phase", "plan"),
        ),
        (
            "https://acme.app.spacelift.io",
            vec![("sub", "space:s:stack:t:run_type:PROPOSED:scope:read")],
            run("run_type", "PROPOSED"),
        ),
        (
            "https://acme.semaphoreci.com",
            vec![("sub", "org:acme:project:p:repo:r:ref_type:pull-request:ref:x")],
            said("pull-request"),
        ),
        (
            CIRCLE,
            vec![("sub", "org/1f/project/2/user/3/vcs-origin/g/vcs-ref/refs/heads/main")],
            Ok(()),
        ),
        (CIRCLE, vec![("sub", "org/1f/project/2/user/3")], Err(NoContext)),
        (
            CIRCLE,
            vec![("sub", "org/1f/project/2/user/3/vcs-ref/refs/pull/7")],
            reference("org/1f/project/2/user/3/vcs-ref/refs/pull/7"),
        ),
        (
            BUILDKITE,
            vec![("sub", "pipeline:1"), ("pipeline_id", "1"), ("build_branch", "main")],
            Ok(()),
        ),
        (BUILDKITE, vec![("sub", "pipeline:1"), ("pipeline_id", "1")], claim("build_branch")),
        (BUILDKITE, vec![("sub", "p"), ("build_branch", "main")], claim("pipeline_id")),
        (BITBUCKET, vec![("sub", "{1}:{2}:{3}")], Err(NoLastingSubject)),
        (
            "https://oidc.vercel.com/acme",
            vec![("sub", "owner:acme:project:p:environment:preview")],
            Err(NoContext),
        ),
        (
            "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC",
            vec![("sub", "system:serviceaccount:ci:deployer")],
            Ok(()),
        ),
        ("https://accounts.google.com", vec![("sub", "112233")], Ok(())),
    ];
    let cases = github
        .into_iter()
        .map(|(format, ids, claims, expected)| (GITHUB_URL, format, ids, claims, expected))
        .chain(
            others
                .into_iter()
                .map(|(url, claims, expected)| (url, Immutable, false, claims, expected)),
        );
    for (url, format, ids, claims, expected) in cases {
        let role = role(format, ids, &claims);
        let made = |name| federated(name, &role, &provider(url), "aws", "111122223333");
        let found = match made("apply") {
            Ok(_) => Ok(()),
            // What a claim is needed for is prose.
            Err(Error::Unreviewed(Claim(name, _))) => claim(name),
            Err(Error::Unreviewed(reason)) => Err(reason),
            Err(other) => panic!("{url} {claims:?}: {other}"),
        };
        assert_eq!(found, expected, "{url} {format} {claims:?}");
        assert!(made("plan").is_ok(), "{url} {claims:?}");
    }
}

#[test]
fn values_are_what_they_look_like() {
    let value = |text: &str| {
        let role = role(SubjectFormat::Immutable, true, &[REPOSITORY, ("environment", text)]);
        subjects(&role, &provider(GITHUB_URL))
    };
    assert!(value("pr\u{fc}fung").is_ok());
    for (text, found) in [
        // A Cyrillic letter, a zero-width space, a soft hyphen, a line, a space at an end.
        ("pr\u{43e}d", '\u{43e}'),
        ("prod\u{200b}", '\u{200b}'),
        ("pr\u{ad}od", '\u{ad}'),
        ("prod\n", '\n'),
        ("prod ", ' '),
        (" prod", ' '),
    ] {
        let error = Error::Character { value: text.to_owned(), found };
        assert_eq!(value(text), Err(error), "{text:?}");
    }
    let short = role(SubjectFormat::Immutable, true, &[REPOSITORY, ("ref", "main")]);
    assert_eq!(subjects(&short, &provider(GITHUB_URL)), Err(Error::Ref("main".into())));
}

#[test]
fn a_trust_policy_has_room() {
    let long = "x".repeat(1900);
    let role = role(SubjectFormat::Legacy, false, &[REPOSITORY, ("environment", &long)]);
    let error = federated("plan", &role, &provider(GITHUB_URL), "aws", "111122223333");
    assert!(matches!(error, Err(Error::TooLong(length)) if length > MAX_LENGTH), "{error:?}");
}

fn pretty(document: &Document) -> String {
    let value: Value = serde_json::from_str(&document.to_json()).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn documents_are_what_was_reviewed() {
    let both = role(SubjectFormat::Both, true, &[REPOSITORY, ("environment", "payments-prod")]);
    let federated =
        federated("apply", &both, &provider(GITHUB_URL), "aws", "111122223333").unwrap();
    insta::assert_snapshot!("federated", pretty(&federated));
    insta::assert_snapshot!("management", pretty(&management("aws", "999988887777", "o-example")));
    insta::assert_snapshot!("locked", pretty(&locked("aws", "111122223333")));
}

/// Reads a trust policy without our own types, as AWS would: whoever is let in by a token is held
/// to an audience and a subject, and nobody is let in by a wildcard.
fn prove_narrow(json: &str) -> Result<(), TestCaseError> {
    let document: Value = serde_json::from_str(json).unwrap();
    for statement in document["Statement"].as_array().unwrap() {
        let principal = &statement["Principal"];
        prop_assert!(principal.is_object(), "{json}");
        prop_assert!(!principal.to_string().contains('*'), "{json}");
        if statement["Effect"] != "Allow" {
            continue;
        }
        let conditions = statement["Condition"].as_object().unwrap();
        prop_assert!(conditions.keys().all(|operator| operator == "StringEquals"), "{json}");
        let equals = conditions["StringEquals"].as_object().unwrap();
        if principal.get("Federated").is_some() {
            for claim in [":aud", ":sub"] {
                let values: Vec<&Value> =
                    equals.iter().filter(|(key, _)| key.ends_with(claim)).map(|(_, v)| v).collect();
                prop_assert!(!values.is_empty(), "{claim} in {json}");
                for value in values {
                    prop_assert!(!value.to_string().contains(['*', '?']), "{json}");
                    prop_assert!(value != "" && value != &Value::Array(vec![]), "{json}");
                }
            }
        } else {
            prop_assert!(equals.contains_key("aws:PrincipalOrgID"), "{json}");
        }
    }
    Ok(())
}

fn any_role() -> impl Strategy<Value = FederatedRole> {
    let claim = prop::sample::select(vec![
        "repository",
        "environment",
        "ref",
        "pull_request",
        "sub",
        "actor",
        "workflow",
        "run_id",
    ]);
    let value = prop_oneof![
        "[a-z]{1,8}/[a-z]{1,8}",
        "[a-zA-Z0-9:/_.*?$-]{0,20}",
        Just("true".to_owned()),
        Just("refs/heads/main".to_owned()),
        Just("refs/pull/1/merge".to_owned()),
    ];
    let format = prop::sample::select(vec![
        SubjectFormat::Immutable,
        SubjectFormat::Legacy,
        SubjectFormat::Both,
    ]);
    let id = prop::option::of("[0-9a-z]{1,6}");
    (prop::collection::btree_map(claim, value, 0..5), format, id.clone(), id).prop_map(
        |(claims, subject_format, owner_id, repository_id)| FederatedRole {
            provider: "p".into(),
            owner_id,
            repository_id,
            subject_format,
            claims: claims.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is asked for is refused or narrow; never trusted wide.
    #[test]
    fn what_is_accepted_is_narrow(role in any_role(), github in any::<bool>()) {
        let provider = provider(if github { GITHUB_URL } else { GITLAB_URL });
        if let Ok(document) = federated("apply", &role, &provider, "aws", "111122223333") {
            for subject in subjects(&role, &provider).unwrap() {
                let reviewed = [":environment:", ":ref:refs/heads/", ":ref:refs/tags/"];
                prop_assert!(!github || reviewed.iter().any(|of| subject.contains(of)), "{subject}");
                let by_id = subject.contains('@') || document.to_json().contains("repository_id");
                prop_assert!(!github || by_id, "{subject}");
            }
        }
        if let Ok(document) = federated("plan", &role, &provider, "aws", "111122223333") {
            prove_narrow(&document.to_json())?;
            for subject in subjects(&role, &provider).unwrap() {
                let contexts = [":environment:", ":pull_request", ":ref:"];
                let named = contexts.iter().filter(|of| subject.contains(**of)).count();
                prop_assert!(!github || named == 1, "{subject}");
            }
        }
    }

    /// The same for the trust policies that no identity asks for.
    #[test]
    fn the_other_trust_policies_are_narrow(id in "[0-9]{12}", organization in "o-[a-z0-9]{10}") {
        prove_narrow(&management("aws", &id, &organization).to_json())?;
        prove_narrow(&locked("aws", &id).to_json())?;
    }
}
