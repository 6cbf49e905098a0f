//! The profiles' service control policies. They are few, because a node of the tree takes few,
//! and the same for every account, because one policy is attached to many.

use fleet_model::account::BaselinePolicy;

use super::{Document, Effect, Statement};

/// The limit that every organization has, in characters.
pub const MAX_LENGTH: usize = 5120;

/// A service control policy that a profile may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guardrail {
    /// Stay in the organization, keep the regions, leave the `fleet:` marks alone.
    Foundation,
    /// Keep the trail, the recorder and the detectors.
    AuditTrail,
    /// Nobody works as the root user.
    RootUser,
    /// Keep the account-wide switches that protect data.
    DataProtection,
}

impl Guardrail {
    /// Every one.
    pub const ALL: [Self; 4] =
        [Self::Foundation, Self::AuditTrail, Self::RootUser, Self::DataProtection];

    /// The last part of its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foundation => "foundation",
            Self::AuditTrail => "audit-trail",
            Self::RootUser => "root-user",
            Self::DataProtection => "data-protection",
        }
    }

    /// Its description at AWS.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Foundation => {
                "Stay in the organization, keep regions, leave the fleet: marks alone."
            }
            Self::AuditTrail => "Keep the trail, the recorder and the detectors.",
            Self::RootUser => "Nobody works as the root user of a member account.",
            Self::DataProtection => "Keep the account-wide switches that protect data.",
        }
    }

    /// `fleet-<profile>-<name>`: one policy per organization and profile.
    #[must_use]
    pub fn policy_name(self, profile: BaselinePolicy) -> String {
        format!("fleet-{profile}-{}", self.as_str())
    }

    /// The document. The roles by which vending enters accounts are left out of what it denies.
    #[must_use]
    pub fn document<'a>(
        self,
        partition: &str,
        access_role_names: impl IntoIterator<Item = &'a str>,
    ) -> Document {
        let exempt: Vec<String> = access_role_names
            .into_iter()
            .map(|name| format!("arn:{partition}:iam::*:role/{name}"))
            .collect();
        let deny = |sid, actions: &[&str]| {
            Statement::new(sid, Effect::Deny, actions.iter().copied()).on(["*"])
        };
        let but_vending = |statement: Statement| {
            if exempt.is_empty() {
                statement
            } else {
                statement.when("ArnNotLike", "aws:PrincipalArn", exempt.iter().cloned())
            }
        };
        match self {
            Self::Foundation => Document::new([
                deny("StayInTheOrganization", &["organizations:LeaveOrganization"]),
                but_vending(deny(
                    "KeepTheAccount",
                    &["account:CloseAccount", "account:DisableRegion", "account:EnableRegion"],
                )),
                // Calls without tag keys are not touched: ForAnyValue is false on none.
                but_vending(deny("LeaveTheMarksAlone", &["*"]).when(
                    "ForAnyValue:StringLike",
                    "aws:TagKeys",
                    ["fleet:*"],
                )),
                but_vending(
                    Statement::new(
                        "LeaveTheAccessRolesAlone",
                        Effect::Deny,
                        [
                            "iam:AttachRolePolicy",
                            "iam:DeleteRole",
                            "iam:DeleteRolePermissionsBoundary",
                            "iam:DeleteRolePolicy",
                            "iam:DetachRolePolicy",
                            "iam:PutRolePermissionsBoundary",
                            "iam:PutRolePolicy",
                            "iam:UpdateAssumeRolePolicy",
                        ],
                    )
                    .on([format!("arn:{partition}:iam::*:role/fleet-*")]),
                ),
            ]),
            Self::AuditTrail => Document::new([but_vending(deny(
                "KeepTheAuditTrail",
                &[
                    "cloudtrail:DeleteTrail",
                    "cloudtrail:PutEventSelectors",
                    "cloudtrail:StopLogging",
                    "cloudtrail:UpdateTrail",
                    "config:DeleteConfigurationRecorder",
                    "config:DeleteDeliveryChannel",
                    "config:StopConfigurationRecorder",
                    "guardduty:DeleteDetector",
                    "guardduty:DisassociateFromAdministratorAccount",
                    "securityhub:DisableSecurityHub",
                    "securityhub:DisassociateFromAdministratorAccount",
                ],
            ))]),
            Self::RootUser => Document::new([deny("NobodyIsRoot", &["*"]).when(
                "ArnLike",
                "aws:PrincipalArn",
                [format!("arn:{partition}:iam::*:root")],
            )]),
            Self::DataProtection => Document::new([but_vending(deny(
                "KeepDataProtection",
                &[
                    "ec2:DisableEbsEncryptionByDefault",
                    "ec2:DisableImageBlockPublicAccess",
                    "ec2:DisableSnapshotBlockPublicAccess",
                    "s3:PutAccountPublicAccessBlock",
                ],
            ))]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCESS: [&str; 2] = ["OrganizationAccountAccessRole", "AWSControlTowerExecution"];

    #[test]
    fn are_what_was_reviewed() {
        for guardrail in Guardrail::ALL {
            let json = guardrail.document("aws", ACCESS).to_json();
            assert!(json.len() <= MAX_LENGTH, "{}: {}", guardrail.as_str(), json.len());
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            insta::assert_snapshot!(
                guardrail.as_str(),
                serde_json::to_string_pretty(&value).unwrap()
            );
        }
    }

    #[test]
    fn names_fit_and_differ_between_profiles() {
        for policy in ["sandbox", "nonprod-standard", "prod-restricted", "regulated"] {
            let policy = BaselinePolicy::parse(policy).unwrap();
            for guardrail in Guardrail::ALL {
                let name = guardrail.policy_name(policy);
                assert!(name.len() <= 128 && name.contains(policy.as_str()));
            }
        }
    }

    /// A service control policy that allows something is a list of what is allowed: everything
    /// else would be cut off.
    #[test]
    fn only_deny() {
        for guardrail in Guardrail::ALL {
            let json = guardrail.document("aws", ACCESS).to_json();
            assert!(!json.contains("\"Allow\"") && !json.contains("Principal\""), "{json}");
        }
    }
}
