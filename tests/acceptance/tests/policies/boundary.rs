//! `fleet-boundary`: what a role under it can do, with every permission that an account can give.

use anyhow::Result;

use crate::evaluator::{Case, FULL, iam, ours, prove};
use crate::{ALLOWED, DENIED, MEMBER};

/// The key that AWS offers where a role's own boundary counts.
const BOUNDARY: &str = "iam:PermissionsBoundary";

fn apply(action: &str, resource: &str, expected: bool) -> Case {
    Case::of("fleet-apply", action, resource, expected).identity(&[FULL]).boundary("boundary")
}

fn bounded(action: &str, resource: &str, expected: bool) -> Case {
    apply(action, resource, expected).with(BOUNDARY, iam("policy/fleet-boundary"))
}

#[test]
fn a_role_under_the_boundary_builds_a_cluster_by_irsa_and_by_pod_identity() -> Result<()> {
    let cluster = format!("arn:aws:eks:eu-central-1:{MEMBER}:cluster/c1");
    let issuer = iam(
        "oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
    );
    prove(
        ours()?,
        &[
            apply("eks:CreateCluster", "*", ALLOWED),
            apply("eks:CreateNodegroup", &cluster, ALLOWED),
            apply("eks:CreatePodIdentityAssociation", &cluster, ALLOWED),
            apply("eks:CreateAccessEntry", &cluster, ALLOWED),
            bounded("iam:CreateRole", &iam("role/pods"), ALLOWED),
            bounded("iam:AttachRolePolicy", &iam("role/pods"), ALLOWED),
            bounded("iam:PutRolePolicy", &iam("role/pods"), ALLOWED),
            bounded("iam:UpdateAssumeRolePolicy", &iam("role/pods"), ALLOWED),
            bounded("iam:DeleteRole", &iam("role/pods"), ALLOWED),
            apply("iam:PassRole", &iam("role/pods"), ALLOWED)
                .with("iam:PassedToService", "pods.eks.amazonaws.com"),
            apply(
                "iam:CreateServiceLinkedRole",
                &iam("role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"),
                ALLOWED,
            ),
            apply("iam:CreatePolicy", &iam("policy/load-balancer-controller"), ALLOWED),
            apply("iam:CreateOpenIDConnectProvider", &issuer, ALLOWED),
            apply("iam:TagOpenIDConnectProvider", &issuer, ALLOWED),
            apply("iam:AddClientIDToOpenIDConnectProvider", &issuer, ALLOWED),
            apply("iam:DeleteOpenIDConnectProvider", &issuer, ALLOWED),
            // What it builds on, and looks at.
            apply("iam:GetRole", &iam("role/fleet-plan"), ALLOWED),
            apply("iam:GetPolicy", &iam("policy/fleet-boundary"), ALLOWED),
            apply("iam:ListRoles", "*", ALLOWED),
            apply("kms:CreateKey", "*", ALLOWED),
            apply(
                "s3:PutObject",
                "arn:aws:s3:::fleet-state-111122223333-eu-central-1-an/a.tfstate",
                ALLOWED,
            ),
        ],
    )
}

#[test]
fn a_role_under_the_boundary_gets_no_further() -> Result<()> {
    let mut cases = vec![
        // An identity without the boundary, or with another one.
        apply("iam:CreateRole", &iam("role/wide"), DENIED),
        apply("iam:CreateRole", &iam("role/wide"), DENIED)
            .with(BOUNDARY, "arn:aws:iam::aws:policy/AdministratorAccess"),
        apply("iam:CreateUser", &iam("user/wide"), DENIED),
        apply("iam:AttachRolePolicy", &iam("role/older"), DENIED),
        apply("iam:PutRolePolicy", &iam("role/older"), DENIED),
        apply("iam:PutUserPolicy", &iam("user/older"), DENIED),
        // Of a role that has no boundary: whom it trusts.
        apply("iam:UpdateAssumeRolePolicy", &iam("role/older"), DENIED),
        // What is taken off may have denied something.
        apply("iam:DeleteRolePolicy", &iam("role/older"), DENIED),
        apply("iam:DeleteUserPolicy", &iam("user/older"), DENIED),
        apply("iam:DetachRolePolicy", &iam("role/older"), DENIED),
        apply("iam:DetachUserPolicy", &iam("user/older"), DENIED),
        apply("iam:DeleteRole", &iam("role/older"), DENIED),
        apply("iam:UpdateRole", &iam("role/older"), DENIED),
        apply("iam:UpdateRoleDescription", &iam("role/older"), DENIED),
        bounded("iam:UpdateRole", &iam("role/pods"), ALLOWED),
        bounded("iam:DeleteRolePolicy", &iam("role/pods"), ALLOWED),
        bounded("iam:DetachRolePolicy", &iam("role/pods"), ALLOWED),
        bounded("iam:DeleteRolePermissionsBoundary", &iam("role/pods"), DENIED),
        bounded("iam:PutRolePermissionsBoundary", &iam("role/pods"), DENIED),
        bounded("iam:PutUserPermissionsBoundary", &iam("user/u"), DENIED),
        // The account and its baseline.
        apply("organizations:LeaveOrganization", "*", DENIED),
        apply(
            "organizations:AcceptHandshake",
            "arn:aws:organizations::555566667777:handshake/o-otherorgid/invite/h-0123456789abcdef",
            DENIED,
        ),
        apply("iam:UpdateAccountName", "*", DENIED),
        apply("iam:UpdateAccountEmailAddress", "*", DENIED),
        apply("iam:PutAccountProperties", "*", DENIED),
        // A way into other accounts, where this one is a delegated administrator, and ways in for strangers.
        apply("sts:AssumeRoot", "arn:aws:iam::444455556666:root", DENIED),
        apply("sso:CreateInstance", "*", DENIED),
        apply("iam:AttachGroupPolicy", &iam("group/administrators"), DENIED),
        apply("iam:PutGroupPolicy", &iam("group/administrators"), DENIED),
        apply("iam:DetachGroupPolicy", &iam("group/administrators"), DENIED),
        apply("iam:DeleteGroupPolicy", &iam("group/administrators"), DENIED),
        apply("iam:RemoveUserFromGroup", &iam("group/administrators"), DENIED),
        apply("iam:EnableOutboundWebIdentityFederation", "*", DENIED),
        apply("iam:EnableOrganizationsRootSessions", "*", DENIED),
        apply("iam:EnableOrganizationsRootCredentialsManagement", "*", DENIED),
        apply("iam:SetSecurityTokenServicePreferences", "*", DENIED),
        apply("iam:SetSTSRegionalEndpointStatus", "*", DENIED),
        apply("iam:DeactivateMFADevice", &iam("user/older"), DENIED),
        apply("iam:EnableMFADevice", &iam("user/older"), DENIED),
        apply("account:EnableRegion", &format!("arn:aws:account::{MEMBER}:account"), DENIED),
        apply("account:PutAlternateContact", &format!("arn:aws:account::{MEMBER}:account"), DENIED),
        apply("iam:UpdateAccountPasswordPolicy", "*", DENIED),
        apply("iam:DeleteAccountPasswordPolicy", "*", DENIED),
    ];
    for name in [
        "fleet-boundary",
        "fleet-state",
        "fleet-vending",
        "fleet-vending-plan",
        "OrganizationAccountAccessRole",
    ] {
        for action in [
            "CreatePolicy",
            "CreatePolicyVersion",
            "DeletePolicy",
            "DeletePolicyVersion",
            "SetDefaultPolicyVersion",
            "TagPolicy",
            "UntagPolicy",
        ] {
            cases.push(apply(&format!("iam:{action}"), &iam(&format!("policy/{name}")), DENIED));
        }
    }
    for name in [
        "fleet-apply",
        "fleet-plan",
        "fleet-vending",
        "OrganizationAccountAccessRole",
        "AWSControlTowerExecution",
        "stacksets-exec-1",
    ] {
        for action in [
            "AttachRolePolicy",
            "CreateRole",
            "DeleteRole",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "PutRolePolicy",
            "TagRole",
            "UntagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
            "UpdateRoleDescription",
        ] {
            let case = apply(&format!("iam:{action}"), &iam(&format!("role/{name}")), DENIED);
            cases.push(match action {
                "TagRole" | "UntagRole" | "UpdateRoleDescription" => case,
                _ => case.with(BOUNDARY, iam("policy/fleet-boundary")),
            });
        }
        cases.push(apply("iam:PassRole", &iam(&format!("role/{name}")), DENIED));
        cases.push(apply("sts:AssumeRole", &iam(&format!("role/{name}")), DENIED));
    }
    for issuer in [
        "token.actions.githubusercontent.com",
        "attacker.example",
        "oidc.eks.us-east-1.amazonaws.com/id/OTHERREGION",
        "oidc.eks.attacker.example/x.amazonaws.com/id/A",
        "oidc.eks.eu-central-1.amazonaws.com.attacker.example/id/A",
    ] {
        for action in [
            "AddClientIDToOpenIDConnectProvider",
            "CreateOpenIDConnectProvider",
            "DeleteOpenIDConnectProvider",
            "UpdateOpenIDConnectProviderThumbprint",
        ] {
            cases.push(apply(
                &format!("iam:{action}"),
                &iam(&format!("oidc-provider/{issuer}")),
                DENIED,
            ));
        }
    }
    for action in [
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreateServiceSpecificCredential",
        "ResetServiceSpecificCredential",
        "UpdateAccessKey",
        "UpdateLoginProfile",
        "UpdateSSHPublicKey",
        "UpdateServiceSpecificCredential",
        "UpdateSigningCertificate",
        "UploadSSHPublicKey",
        "UploadSigningCertificate",
    ] {
        cases.push(apply(&format!("iam:{action}"), &iam("user/older"), DENIED));
    }
    cases.push(apply("iam:AddUserToGroup", &iam("group/administrators"), DENIED));
    cases.push(apply("iam:CreateSAMLProvider", &iam("saml-provider/s"), DENIED));
    cases.push(apply("iam:UpdateSAMLProvider", &iam("saml-provider/s"), DENIED));
    for action in ["CreateProfile", "CreateTrustAnchor"] {
        cases.push(apply(&format!("rolesanywhere:{action}"), "*", DENIED));
    }
    let anchor = format!("arn:aws:rolesanywhere:eu-central-1:{MEMBER}:trust-anchor/a");
    for action in ["DeleteCrl", "DisableCrl", "ImportCrl", "UpdateCrl"] {
        let crl = format!("arn:aws:rolesanywhere:eu-central-1:{MEMBER}:crl/c");
        let crl = if action == "ImportCrl" { "*" } else { &crl };
        cases.push(apply(&format!("rolesanywhere:{action}"), crl, DENIED));
    }
    let delegation = iam("delegation-request/d");
    for action in ["AcceptDelegationRequest", "AssociateDelegationRequest", "SendDelegationToken"] {
        cases.push(apply(&format!("iam:{action}"), &delegation, DENIED));
    }
    cases.push(apply("iam:CreateDelegationRequest", &delegation, DENIED));
    for action in ["EnableTrustAnchor", "UpdateTrustAnchor"] {
        cases.push(apply(&format!("rolesanywhere:{action}"), &anchor, DENIED));
    }
    prove(ours()?, &cases)
}

/// What the page on security says that the boundary cannot promise. If one of these is denied one day, the page is to be
/// corrected.
#[test]
fn what_the_boundary_does_not_promise() -> Result<()> {
    prove(
        ours()?,
        &[
            // AWS has no key for the boundary of a role that is handed on or assumed.
            apply("iam:PassRole", &iam("role/older"), ALLOWED)
                .with("iam:PassedToService", "ec2.amazonaws.com"),
            apply("sts:AssumeRole", &iam("role/older"), ALLOWED),
            // Nor for whose tags or name are changed, and for users that are deleted.
            apply("iam:TagRole", &iam("role/older"), ALLOWED),
            apply("iam:UntagRole", &iam("role/older"), ALLOWED),
            apply("iam:TagUser", &iam("user/older"), ALLOWED),
            apply("iam:UpdateUser", &iam("user/older"), ALLOWED),
            apply("iam:DeleteUser", &iam("user/older"), ALLOWED),
            // Nor for the roles that have a policy, or by which code and stacks that are there run.
            apply("iam:CreatePolicyVersion", &iam("policy/of-an-older-role"), ALLOWED),
            apply("iam:SetDefaultPolicyVersion", &iam("policy/of-an-older-role"), ALLOWED),
            apply(
                "cloudformation:UpdateStack",
                &format!("arn:aws:cloudformation:eu-central-1:{MEMBER}:stack/s/0123"),
                ALLOWED,
            ),
            apply(
                "lambda:UpdateFunctionCode",
                &format!("arn:aws:lambda:eu-central-1:{MEMBER}:function:f"),
                ALLOWED,
            ),
            apply(
                "ssm:SendCommand",
                &format!("arn:aws:ec2:eu-central-1:{MEMBER}:instance/i-0123"),
                ALLOWED,
            ),
            // What a delegated administrator may do in the organization.
            apply(
                "sso:CreateAccountAssignment",
                "arn:aws:sso:::instance/ssoins-0123456789abcdef",
                ALLOWED,
            ),
            // And none for whom a role trusts.
            bounded("iam:CreateRole", &iam("role/trusts-a-stranger"), ALLOWED),
            apply(
                "kms:ScheduleKeyDeletion",
                &format!("arn:aws:kms:eu-central-1:{MEMBER}:key/k"),
                ALLOWED,
            ),
        ],
    )
}
