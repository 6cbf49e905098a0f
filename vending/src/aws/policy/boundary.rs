//! `fleet-boundary`, the permissions boundary of the access roles: whatever their policies allow,
//! they cannot widen themselves, open another way in, or leave the organization.

use std::collections::BTreeSet;

use super::{Document, Effect, Statement};

/// Its name in every account.
pub const NAME: &str = "fleet-boundary";

/// IAM's limit for a managed policy, in characters without white space.
pub const MAX_LENGTH: usize = 6144;

/// Roles by which other tools enter accounts, as the end of a role's ARN.
const FOREIGN_ROLES: &[&str] =
    &["AWSControlTowerExecution", "aws-controltower-*", "stacksets-exec-*"];

/// What may be done to a role or policy that is protected: look at it. Everything else is denied by not being here, what
/// AWS adds later as well.
const LOOKING: &[&str] = &["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"];

/// The boundary of an account. `access_role_names` are the roles by which vending enters it, `regions` those whose
/// clusters may have OIDC providers (IRSA).
#[must_use]
pub fn document<'a>(
    partition: &str,
    account_id: &str,
    access_role_names: impl IntoIterator<Item = &'a str>,
    regions: impl IntoIterator<Item = &'a str>,
) -> Document {
    let arn = |resource: &str| format!("arn:{partition}:iam::{account_id}:{resource}");
    let boundary = arn(&format!("policy/{NAME}"));
    let names: BTreeSet<&str> = access_role_names
        .into_iter()
        .filter(|name| !name.starts_with("fleet-"))
        .chain(["fleet-*"])
        .collect();
    let policies: BTreeSet<String> =
        names.iter().map(|name| arn(&format!("policy/{name}"))).collect();
    let roles: BTreeSet<String> =
        names.iter().chain(FOREIGN_ROLES).map(|name| arn(&format!("role/{name}"))).collect();
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let clusters: BTreeSet<String> = regions
        .into_iter()
        .map(|region| arn(&format!("oidc-provider/oidc.eks.{region}.{suffix}/id/*")))
        .collect();
    let deny = |sid, actions: &[&str]| Statement::new(sid, Effect::Deny, actions.iter().copied());

    Document::new([
        Statement::new("WhatTheRoleAllows", Effect::Allow, ["*"]).on(["*"]),
        deny(
            "KeepBoundaries",
            &[
                "iam:DeleteRolePermissionsBoundary",
                "iam:DeleteUserPermissionsBoundary",
                "iam:PutRolePermissionsBoundary",
                "iam:PutUserPermissionsBoundary",
            ],
        )
        .on(["*"]),
        // A key that is absent does not equal: what has no boundary at all is denied as well.
        deny(
            "OnlyBoundedIdentities",
            &[
                "iam:AttachRolePolicy",
                "iam:AttachUserPolicy",
                "iam:CreateRole",
                "iam:CreateUser",
                "iam:DeleteRole",
                // What is taken off may have denied something.
                "iam:DeleteRolePolicy",
                "iam:DeleteUserPolicy",
                "iam:DetachRolePolicy",
                "iam:DetachUserPolicy",
                "iam:PutRolePolicy",
                "iam:PutUserPolicy",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
        )
        .on(["*"])
        .when("StringNotEquals", "iam:PermissionsBoundary", [boundary]),
        Statement::deny_all_but("KeepOurPolicies", LOOKING.iter().copied()).on(policies),
        // To assume one of them, or to hand it to a service, is denied as well.
        Statement::deny_all_but("KeepAccessRoles", LOOKING.iter().copied()).on(roles),
        // Empty where the account has no regions: then it speaks of all.
        no_other_issuer(clusters),
        deny(
            "NoOtherWayIn",
            &[
                // Whatever is done with one: it gives a third party what its policy allows.
                "iam:*DelegationRequest",
                // Of a delegated administrator: the root users of other accounts.
                "iam:*OrganizationsRoot*",
                // Tokens of the account's roles for services outside of AWS.
                "iam:*OutboundWebIdentityFederation",
                "iam:AddUserToGroup",
                // A group has no boundary, and gives what it has to all who are in it, denials as well.
                "iam:AttachGroupPolicy",
                "iam:CreateAccessKey",
                "iam:CreateLoginProfile",
                "iam:CreateSAMLProvider",
                "iam:CreateServiceSpecificCredential",
                "iam:DeactivateMFADevice",
                "iam:DeleteAccountPasswordPolicy",
                "iam:DeleteGroupPolicy",
                "iam:DeleteSAMLProvider",
                "iam:DeleteVirtualMFADevice",
                "iam:DetachGroupPolicy",
                "iam:EnableMFADevice",
                "iam:PutGroupPolicy",
                "iam:RemoveUserFromGroup",
                "iam:ResetServiceSpecificCredential",
                "iam:SendDelegationToken",
                // Which regions take the tokens of sessions.
                "iam:SetSTSRegionalEndpointStatus",
                "iam:SetSecurityTokenServicePreferences",
                "iam:UpdateAccessKey",
                "iam:UpdateAccountPasswordPolicy",
                "iam:UpdateLoginProfile",
                "iam:UpdateSAMLProvider",
                "iam:UpdateSSHPublicKey",
                "iam:UpdateServiceSpecificCredential",
                "iam:UpdateSigningCertificate",
                "iam:UploadSSHPublicKey",
                "iam:UploadSigningCertificate",
                "rolesanywhere:Create*",
                // Certificates that were revoked would count again, and more of those that were not.
                "rolesanywhere:DeleteAttributeMapping",
                "rolesanywhere:DeleteCrl",
                "rolesanywhere:DisableCrl",
                "rolesanywhere:Enable*",
                "rolesanywhere:Import*",
                "rolesanywhere:Put*",
                "rolesanywhere:Update*",
                "sso:CreateInstance",
                // Of a delegated administrator: it leads into every account.
                "sts:AssumeRoot",
            ],
        )
        .on(["*"]),
        deny(
            "KeepTheAccount",
            &[
                "account:*",
                "iam:PutAccountProperties",
                "iam:UpdateAccountEmailAddress",
                "iam:UpdateAccountName",
                // An invitation of another organization takes the account there.
                "organizations:AcceptHandshake",
                "organizations:LeaveOrganization",
            ],
        )
        .on(["*"]),
    ])
}

/// OIDC providers but those of the account's own clusters stay as they are.
fn no_other_issuer(clusters: BTreeSet<String>) -> Statement {
    let statement = Statement::new(
        "NoOtherIssuer",
        Effect::Deny,
        [
            "iam:AddClientIDToOpenIDConnectProvider",
            "iam:CreateOpenIDConnectProvider",
            "iam:DeleteOpenIDConnectProvider",
            "iam:RemoveClientIDFromOpenIDConnectProvider",
            "iam:TagOpenIDConnectProvider",
            "iam:UntagOpenIDConnectProvider",
            "iam:UpdateOpenIDConnectProviderThumbprint",
        ],
    );
    if clusters.is_empty() { statement.on(["*"]) } else { statement.on_all_but(clusters) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> String {
        let regions = ["eu-central-1", "eu-west-1"];
        document("aws", "111122223333", ["OrganizationAccountAccessRole"], regions).to_json()
    }

    #[test]
    fn fits_into_a_managed_policy() {
        let many: Vec<String> = (0..5).map(|n| format!("{n}{}", "x".repeat(63))).collect();
        let regions = ["ap-northeast-1"; 20].map(str::to_owned);
        let regions: Vec<String> =
            regions.iter().enumerate().map(|(n, region)| format!("{region}{n:02}")).collect();
        let longest = document(
            "aws-us-gov",
            "111122223333",
            many.iter().map(String::as_str),
            regions.iter().map(String::as_str),
        );
        assert!(longest.to_json().len() <= MAX_LENGTH, "{}", longest.to_json().len());
    }

    #[test]
    fn is_what_was_reviewed() {
        let value: serde_json::Value = serde_json::from_str(&example()).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn the_order_of_access_roles_does_not_matter() {
        let roles = ["b", "a"];
        assert_eq!(
            document("aws", "111122223333", roles, ["eu-west-1"]).to_json(),
            document("aws", "111122223333", roles.into_iter().rev(), ["eu-west-1"]).to_json()
        );
    }
}
