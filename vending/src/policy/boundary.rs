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

/// The boundary of an account. `access_role_names` are the roles by which vending enters it.
#[must_use]
pub fn document<'a>(
    partition: &str,
    account_id: &str,
    access_role_names: impl IntoIterator<Item = &'a str>,
) -> Document {
    let arn = |resource: &str| format!("arn:{partition}:iam::{account_id}:{resource}");
    let boundary = arn(&format!("policy/{NAME}"));
    let protected: BTreeSet<String> = access_role_names
        .into_iter()
        .chain(FOREIGN_ROLES.iter().copied())
        .chain(["fleet-*"])
        .map(|name| arn(&format!("role/{name}")))
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
                "iam:PutRolePolicy",
                "iam:PutUserPolicy",
            ],
        )
        .on(["*"])
        .when("StringNotEquals", "iam:PermissionsBoundary", [boundary.clone()]),
        deny(
            "KeepThisPolicy",
            &[
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:SetDefaultPolicyVersion",
                "iam:TagPolicy",
                "iam:UntagPolicy",
            ],
        )
        .on([boundary]),
        deny(
            "KeepAccessRoles",
            &[
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
        )
        .on(protected),
        deny(
            "NoOtherWayIn",
            &[
                "iam:AddClientIDToOpenIDConnectProvider",
                "iam:AddUserToGroup",
                "iam:CreateAccessKey",
                "iam:CreateLoginProfile",
                "iam:CreateOpenIDConnectProvider",
                "iam:CreateSAMLProvider",
                "iam:DeleteAccountPasswordPolicy",
                "iam:DeleteOpenIDConnectProvider",
                "iam:DeleteSAMLProvider",
                "iam:RemoveClientIDFromOpenIDConnectProvider",
                "iam:TagOpenIDConnectProvider",
                "iam:UntagOpenIDConnectProvider",
                "iam:UpdateAccountPasswordPolicy",
                "iam:UpdateLoginProfile",
                "iam:UpdateOpenIDConnectProviderThumbprint",
                "iam:UpdateSAMLProvider",
            ],
        )
        .on(["*"]),
        deny("KeepTheAccount", &["account:*", "organizations:LeaveOrganization"]).on(["*"]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> String {
        document("aws", "111122223333", ["OrganizationAccountAccessRole"]).to_json()
    }

    #[test]
    fn fits_into_a_managed_policy() {
        let many: Vec<String> = (0..5).map(|n| format!("{n}{}", "x".repeat(63))).collect();
        let longest = document("aws-us-gov", "111122223333", many.iter().map(String::as_str));
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
            document("aws", "111122223333", roles).to_json(),
            document("aws", "111122223333", roles.into_iter().rev()).to_json()
        );
    }
}
