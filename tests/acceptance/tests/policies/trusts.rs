//! Trust policies: which tokens and which accounts get in.

use anyhow::Result;

use crate::evaluator::{Case, iam, ours, prove, session};
use crate::{ALLOWED, DENIED, MANAGEMENT, ORGANIZATION, TOOLING};

const GITHUB: &str = "token.actions.githubusercontent.com";

fn token(issuer: &str, trust: &str, subject: &str, expected: bool) -> Case {
    let provider = iam(&format!("oidc-provider/{issuer}"));
    Case::by(&provider, "sts:AssumeRoleWithWebIdentity", &iam("role/fleet-apply"), expected)
        .identity(&[])
        .resource_policy(trust)
        .with(&format!("{issuer}:aud"), "sts.amazonaws.com")
        .with(&format!("{issuer}:sub"), subject)
}

#[test]
fn a_token_gets_in_by_its_exact_subject() -> Result<()> {
    let prod = "repo:example@123456/platform@456789:environment:prod";
    let github = |subject: &str, expected| token(GITHUB, "trust/apply-github", subject, expected);
    let gitlab = |project: &str, protected: &str, expected| {
        let subject = "project_path:example/platform:ref_type:branch:ref:main";
        token("gitlab.com", "trust/apply-gitlab", subject, expected)
            .with("gitlab.com:project_id", project)
            .with("gitlab.com:ref_protected", protected)
    };
    prove(
        ours()?,
        &[
            github(prod, ALLOWED),
            github("repo:example@123456/platform@456789:pull_request", DENIED),
            github("repo:example@123456/platform@456789:environment:prod2", DENIED),
            github("repo:example@123456/platform@456789:environment:Prod", DENIED),
            github("repo:example@123456/platform@456789:ref:refs/heads/main", DENIED),
            github("repo:example/platform:environment:prod", DENIED),
            github("repo:example@999999/platform@456789:environment:prod", DENIED),
            github(prod, DENIED).with(&format!("{GITHUB}:aud"), "other"),
            // The same subject out of another issuer's mouth.
            token("gitlab.com", "trust/apply-github", prod, DENIED),
            token(GITHUB, "trust/locked", prod, DENIED),
            token(GITHUB, "trust/management", prod, DENIED),
            token(
                GITHUB,
                "trust/plan-github",
                "repo:example@123456/platform@456789:pull_request",
                ALLOWED,
            ),
            gitlab("7", "true", ALLOWED),
            gitlab("8", "true", DENIED),
            gitlab("7", "false", DENIED),
        ],
    )
}

#[test]
fn an_account_gets_in_by_its_id_and_the_organization() -> Result<()> {
    let enter = |from: &str, trust: &str, organization: &str, expected| {
        Case::by(&session(from, "any"), "sts:AssumeRole", &iam("role/fleet-plan"), expected)
            .resource_policy(trust)
            .with("aws:PrincipalOrgID", organization)
    };
    prove(
        ours()?,
        &[
            enter(MANAGEMENT, "trust/management", ORGANIZATION, ALLOWED),
            enter(TOOLING, "trust/management", ORGANIZATION, DENIED),
            enter(MANAGEMENT, "trust/management", "o-other", DENIED),
            enter(TOOLING, "trust/vending", ORGANIZATION, ALLOWED),
            enter(MANAGEMENT, "trust/vending", ORGANIZATION, DENIED),
            enter(MANAGEMENT, "trust/locked", ORGANIZATION, DENIED),
            enter(crate::MEMBER, "trust/locked", ORGANIZATION, DENIED),
        ],
    )
}
