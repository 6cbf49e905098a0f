//! The policies of `data.fleet_access_policies`: vending's own roles change what is theirs.

use anyhow::Result;

use crate::evaluator::{Case, iam, ours, prove, session};
use crate::{ALLOWED, DENIED, MANAGEMENT, MEMBER, ORGANIZATION, TOOLING};

const CARRIED: &str = "aws:ResourceTag/fleet:managed-by";
const ASKED: &str = "aws:RequestTag/fleet:managed-by";

fn arn(kind: &str, id: &str) -> String {
    format!("arn:aws:organizations::{MANAGEMENT}:{kind}/{ORGANIZATION}/{id}")
}

fn writer(action: &str, resource: &str, expected: bool) -> Case {
    Case::by(&session(MANAGEMENT, "fleet-writer"), action, resource, expected)
        .identity(&["access/vending_writer"])
}

fn reader(action: &str, resource: &str, expected: bool) -> Case {
    Case::by(&session(MANAGEMENT, "fleet-reader"), action, resource, expected)
        .identity(&["access/plan_reader"])
}

#[test]
fn the_writer_changes_what_its_manager_holds() -> Result<()> {
    let account = arn("account", MEMBER);
    let unit = arn("ou", "ou-abcd-12345678");
    let root = arn("root", "r-abcd");
    let policy = arn("policy", "service_control_policy/p-0123456789");
    let mut cases = Vec::new();
    for (action, resource) in [
        ("organizations:AttachPolicy", &account),
        ("organizations:DetachPolicy", &account),
        ("organizations:MoveAccount", &account),
        ("organizations:CloseAccount", &account),
        ("organizations:TagResource", &account),
        ("organizations:UntagResource", &account),
        ("organizations:TagResource", &unit),
        ("organizations:UpdateOrganizationalUnit", &unit),
        ("organizations:DeleteOrganizationalUnit", &unit),
        ("organizations:UpdatePolicy", &policy),
        ("organizations:TagResource", &policy),
    ] {
        cases.push(writer(action, resource, ALLOWED).with(CARRIED, "platform"));
        cases.push(writer(action, resource, DENIED).with(CARRIED, "other"));
        cases.push(writer(action, resource, DENIED));
        cases.push(reader(action, resource, DENIED).with(CARRIED, "platform"));
    }
    for resource in [&account, &unit] {
        let tag = |expected| writer("organizations:TagResource", resource, expected);
        // What nobody holds is taken up under our name, what another one holds never.
        cases.push(tag(ALLOWED).with(ASKED, "platform"));
        cases.push(tag(DENIED).with(ASKED, "other"));
        cases.push(tag(DENIED).with(ASKED, "platform").with(CARRIED, "other"));
    }
    cases.extend([
        writer("organizations:MoveAccount", &unit, ALLOWED),
        writer("organizations:MoveAccount", &root, ALLOWED),
        writer("organizations:AttachPolicy", &policy, ALLOWED),
        // Policies are for accounts: what is attached above binds those of others as well.
        writer("organizations:AttachPolicy", &unit, DENIED).with(CARRIED, "platform"),
        writer("organizations:AttachPolicy", &root, DENIED).with(CARRIED, "platform"),
        writer("organizations:CreateAccount", "*", ALLOWED).with(ASKED, "platform"),
        writer("organizations:CreateAccount", "*", DENIED),
        writer("organizations:CreateAccount", "*", DENIED).with(ASKED, "other"),
        writer("organizations:DeletePolicy", &policy, DENIED).with(CARRIED, "platform"),
        writer("organizations:RemoveAccountFromOrganization", &account, DENIED)
            .with(CARRIED, "platform"),
        writer("organizations:LeaveOrganization", "*", DENIED),
        writer("organizations:EnableAWSServiceAccess", "*", DENIED),
        reader("organizations:ListAccounts", "*", ALLOWED),
        // Which regions there are is asked of the caller's own account, whichever that is.
        reader("account:ListRegions", &format!("arn:aws:account::{MANAGEMENT}:account"), ALLOWED),
        reader(
            "account:ListRegions",
            &format!("arn:aws:account::{MANAGEMENT}:account/{ORGANIZATION}/{MEMBER}"),
            ALLOWED,
        ),
        reader("account:EnableRegion", &format!("arn:aws:account::{MANAGEMENT}:account"), DENIED),
        writer("account:EnableRegion", &format!("arn:aws:account::{MANAGEMENT}:account"), DENIED),
        reader("organizations:CreateAccount", "*", DENIED).with(ASKED, "platform"),
    ]);
    prove(ours()?, &cases)
}

#[test]
fn who_enters_which_role() -> Result<()> {
    let enter = |of: &str, role: &str, expected| {
        let resource = iam(&format!("role/{role}"));
        Case::by(&session(TOOLING, "pipeline"), "sts:AssumeRole", &resource, expected)
            .identity(&[of])
            .resource_policy("trust/vending")
            .with("aws:PrincipalOrgID", ORGANIZATION)
    };
    let inside = |case: Case| case.with("aws:ResourceOrgID", ORGANIZATION);
    prove(
        ours()?,
        &[
            inside(enter("access/plan_reader", "fleet-vending-plan", ALLOWED)),
            inside(enter("access/plan_reader", "fleet-vending", DENIED)),
            inside(enter("access/plan_reader", "OrganizationAccountAccessRole", DENIED)),
            inside(enter("access/vending_writer", "fleet-vending", ALLOWED)),
            inside(enter("access/vending_writer", "fleet-apply", DENIED)),
            enter("access/vending_writer", "fleet-vending", DENIED)
                .with("aws:ResourceOrgID", "o-other"),
        ],
    )
}

#[test]
fn the_role_in_an_account_keeps_within_itself() -> Result<()> {
    const BOUNDARY: &str = "iam:PermissionsBoundary";
    let manager = |action: &str, resource: &str, expected| {
        Case::of("fleet-vending", action, resource, expected).identity(&["access/member_manager"])
    };
    let looks = |action: &str, resource: &str, expected| {
        Case::of("fleet-vending-plan", action, resource, expected)
            .identity(&["access/member_reader"])
    };
    let ours_of = iam("policy/fleet-boundary");
    let issuer = iam("oidc-provider/gitlab.com");
    prove(
        ours()?,
        &[
            manager("iam:CreateRole", &iam("role/fleet-apply"), ALLOWED)
                .with(BOUNDARY, ours_of.clone()),
            manager("iam:CreateRole", &iam("role/fleet-apply"), DENIED),
            manager("iam:CreateRole", &iam("role/other"), DENIED).with(BOUNDARY, ours_of.clone()),
            manager("iam:UpdateAssumeRolePolicy", &iam("role/fleet-apply"), ALLOWED),
            manager("iam:UpdateAssumeRolePolicy", &iam("role/other"), DENIED),
            manager("iam:UpdateAssumeRolePolicy", &iam("role/fleet-vending"), DENIED),
            manager("iam:CreatePolicyVersion", &ours_of, DENIED),
            manager("iam:PutRolePolicy", &iam("role/fleet-apply"), DENIED).with(BOUNDARY, ours_of),
            manager("iam:GetAccountAuthorizationDetails", "*", ALLOWED),
            // What nothing asks for any more is taken away again.
            manager("iam:DeleteAccountPasswordPolicy", "*", ALLOWED),
            manager("iam:RemoveClientIDFromOpenIDConnectProvider", &issuer, ALLOWED),
            manager("iam:DeleteOpenIDConnectProvider", &issuer, ALLOWED),
            manager("iam:TagOpenIDConnectProvider", &issuer, ALLOWED),
            manager("iam:TagPolicy", &iam("policy/fleet-boundary"), ALLOWED),
            manager("iam:TagPolicy", &iam("policy/other"), DENIED),
            manager("iam:DeleteRole", &iam("role/fleet-apply"), DENIED),
            manager("iam:CreateUser", &iam("user/u"), DENIED),
            looks("iam:GetAccountAuthorizationDetails", "*", ALLOWED),
            looks("iam:UpdateAssumeRolePolicy", &iam("role/fleet-apply"), DENIED),
            looks("iam:RemoveClientIDFromOpenIDConnectProvider", &issuer, DENIED),
            looks("iam:DeleteAccountPasswordPolicy", "*", DENIED),
            looks("s3:GetObject", "arn:aws:s3:::data/a", DENIED),
        ],
    )
}
