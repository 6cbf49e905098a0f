//! The profiles' service control policies. They are few, because a node of the tree takes few,
//! and the same for every account, because one policy is attached to many.

use std::collections::BTreeSet;

use fleet_model::account::BaselinePolicy;

use sha2::{Digest, Sha256};

use super::{Document, Effect, Statement};

/// The name of a policy that a manager makes beside another manager's of the plain name: it says whose it is, so that two
/// configurations whose guardrails leave out different roles do not write over each other. It does not change with the
/// text, since a policy that is rewritten in place binds each of its accounts all the time and needs no more room there.
#[must_use]
pub fn own_name(plain: &str, managed_by: &str) -> String {
    let digest = Sha256::digest(managed_by.as_bytes());
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{plain}-{digest}")
}

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

    /// The document. The roles by which vending enters accounts are left out of what it denies. Who could make such a role,
    /// or change whom it trusts, would be left out as well, so `foundation` keeps both from everybody else; every profile
    /// has it.
    #[must_use]
    pub fn document<'a>(
        self,
        partition: &str,
        access_role_names: impl IntoIterator<Item = &'a str>,
    ) -> Document {
        let names: BTreeSet<&str> = access_role_names.into_iter().collect();
        let guard = Guard { partition, names };
        match self {
            Self::Foundation => guard.foundation(),
            Self::AuditTrail => Document::new([guard.deny("KeepTheAuditTrail", AUDIT_TRAIL)]),
            Self::RootUser => Document::new([but_root_tasks(
                Statement::new("NobodyIsRoot", Effect::Deny, ["*"]).on(["*"]).when(
                    "ArnLike",
                    "aws:PrincipalArn",
                    [format!("arn:{partition}:iam::*:root")],
                ),
            )]),
            Self::DataProtection => {
                Document::new([
                    guard.deny("KeepDataProtection", DATA_PROTECTION),
                    // A task of the central root user takes a policy away that has locked everybody out.
                    but_root_tasks(
                        guard
                            .but_vending(Statement::new(
                                "KeepOurBuckets",
                                Effect::Deny,
                                BUCKETS.iter().copied(),
                            ))
                            .on([format!("arn:{partition}:s3:::fleet-*")]),
                    ),
                    guard.but_vending(
                        Statement::new("KeepOurAliases", Effect::Deny, ALIASES.iter().copied())
                            .on(["alias/fleet", "alias/fleet-*"]
                                .map(|alias| format!("arn:{partition}:kms:*:*:{alias}"))),
                    ),
                    guard.but_vending(
                        Statement::new("KeepOurKeys", Effect::Deny, ["kms:PutKeyPolicy"])
                            .on(["*"])
                            .when(
                                "ForAnyValue:StringLike",
                                "kms:ResourceAliases",
                                ["alias/fleet", "alias/fleet-*"],
                            ),
                    ),
                ])
            }
        }
    }
}

/// What foundation keeps of the account itself.
const ACCOUNT: &[&str] = &[
    "account:AcceptPrimaryEmailUpdate",
    "account:CloseAccount",
    "account:DeleteAlternateContact",
    "account:DisableRegion",
    "account:EnableRegion",
    "account:PutAccountName",
    "account:PutAlternateContact",
    "account:PutContactInformation",
    "account:StartPrimaryEmailUpdate",
    "iam:DeleteAccountPasswordPolicy",
    "iam:PutAccountProperties",
    "iam:UpdateAccountEmailAddress",
    "iam:UpdateAccountName",
    "iam:UpdateAccountPasswordPolicy",
];

/// Calls that stop, blind or mute what records and detects. Some have an older name beside the one of today. What a team says
/// of a single finding, and rules of its own, are left to it: the page on security says so.
const AUDIT_TRAIL: &[&str] = &[
    "access-analyzer:ApplyArchiveRule",
    "access-analyzer:CreateArchiveRule",
    "access-analyzer:DeleteAnalyzer",
    "access-analyzer:DeleteServiceLinkedAnalyzer",
    "access-analyzer:UpdateAnalyzer",
    "access-analyzer:UpdateArchiveRule",
    "cloudtrail:DeleteChannel",
    "cloudtrail:DeleteEventDataStore",
    "cloudtrail:DeleteTrail",
    "cloudtrail:DeregisterOrganizationDelegatedAdmin",
    "cloudtrail:PutEventConfiguration",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:StopEventDataStoreIngestion",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateChannel",
    "cloudtrail:UpdateEventDataStore",
    "cloudtrail:UpdateTrail",
    "config:DeleteAggregationAuthorization",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:DeleteRetentionConfiguration",
    "config:DeleteServiceLinkedConfigurationRecorder",
    "config:DisassociateResourceTypes",
    "config:PutConfigurationRecorder",
    "config:PutDeliveryChannel",
    "config:PutRetentionConfiguration",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
    "guardduty:CreateFilter",
    "guardduty:CreateIPSet",
    "guardduty:CreateTrustedEntitySet",
    "guardduty:DeleteCustomDetectionRuleAssociation",
    "guardduty:DeleteDetector",
    "guardduty:DeleteMembers",
    "guardduty:DeletePublishingDestination",
    "guardduty:DeleteThreatEntitySet",
    "guardduty:DeleteThreatIntelSet",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:DisassociateMembers",
    "guardduty:StopMonitoringMembers",
    "guardduty:UpdateCustomDetectionRuleAssociation",
    "guardduty:UpdateDetector",
    "guardduty:UpdateFilter",
    "guardduty:UpdateIPSet",
    "guardduty:UpdateMalwareScanSettings",
    "guardduty:UpdateMemberDetectors",
    "guardduty:UpdateOrganizationConfiguration",
    "guardduty:UpdatePublishingDestination",
    "guardduty:UpdateThreatEntitySet",
    "guardduty:UpdateThreatIntelSet",
    "guardduty:UpdateTrustedEntitySet",
    "securityhub:BatchDeleteAutomationRules",
    "securityhub:BatchDisableStandards",
    "securityhub:BatchUpdateAutomationRules",
    "securityhub:BatchUpdateStandardsControlAssociations",
    "securityhub:CreateAutomationRule",
    "securityhub:CreateAutomationRuleV2",
    "securityhub:DeleteAggregatorV2",
    "securityhub:DeleteAutomationRuleV2",
    "securityhub:DeleteFindingAggregator",
    "securityhub:DeleteMembers",
    "securityhub:DisableImportFindingsForProduct",
    "securityhub:DisableSecurityHub",
    "securityhub:DisableSecurityHubFeatureV2",
    "securityhub:DisableSecurityHubV2",
    "securityhub:DisassociateFromAdministratorAccount",
    "securityhub:DisassociateFromMasterAccount",
    "securityhub:DisassociateMembers",
    "securityhub:UpdateAggregatorV2",
    "securityhub:UpdateAutomationRuleV2",
    "securityhub:UpdateFindingAggregator",
    "securityhub:UpdateOrganizationConfiguration",
    "securityhub:UpdateSecurityControl",
    "securityhub:UpdateSecurityHubConfiguration",
    "securityhub:UpdateStandardsControl",
];

/// Account-wide switches that protect data, and keys, without which data is gone.
const DATA_PROTECTION: &[&str] = &[
    "ec2:CreateVpcBlockPublicAccessExclusion",
    "ec2:DisableAllowedImagesSettings",
    "ec2:DisableEbsEncryptionByDefault",
    "ec2:DisableImageBlockPublicAccess",
    "ec2:DisableSnapshotBlockPublicAccess",
    // It also sets a weaker state.
    "ec2:EnableSnapshotBlockPublicAccess",
    "ec2:ModifyEbsDefaultKmsKeyId",
    "ec2:ModifyInstanceMetadataDefaults",
    "ec2:ModifyVpcBlockPublicAccessExclusion",
    "ec2:ModifyVpcBlockPublicAccessOptions",
    "ec2:ReplaceImageCriteriaInAllowedImagesSettings",
    "ec2:ResetEbsDefaultKmsKeyId",
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:ScheduleKeyDeletion",
    "s3:PutAccountPublicAccessBlock",
];

/// Of buckets of ours, and of what is in them.
const BUCKETS: &[&str] = &[
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:PutBucketAbac",
    "s3:PutBucketAcl",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
];

/// Of the aliases by which policies of ours know a key.
const ALIASES: &[&str] = &["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"];

/// Does not hold for sessions of `sts:AssumeRoot`, by which the management account does a task of the root user's in a
/// member account: they can do nothing but their task.
fn but_root_tasks(statement: Statement) -> Statement {
    statement.when("Null", "aws:AssumedRoot", ["true"])
}

/// What the guardrails of an organization have in common.
struct Guard<'a> {
    partition: &'a str,
    /// The roles that are left out.
    names: BTreeSet<&'a str>,
}

impl Guard<'_> {
    fn foundation(&self) -> Document {
        let iam = |resource: String| format!("arn:{}:iam::*:{resource}", self.partition);
        // Roles of vending's own have a policy of their name.
        let others = self.names.iter().filter(|name| !name.starts_with("fleet-"));
        let ours = ["fleet-*"]
            .iter()
            .chain(others)
            .flat_map(|name| [iam(format!("policy/{name}")), iam(format!("role/{name}"))]);
        let looking = ["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*", "sts:*"];
        let issuers = Statement::new(
            "LeaveOurIssuersAlone",
            Effect::Deny,
            [
                "iam:AddClientIDToOpenIDConnectProvider",
                "iam:DeleteOpenIDConnectProvider",
                "iam:RemoveClientIDFromOpenIDConnectProvider",
                // IAM's tag keys are one whatever their case, and the statement on tags goes by the case.
                "iam:TagOpenIDConnectProvider",
                "iam:UntagOpenIDConnectProvider",
                "iam:UpdateOpenIDConnectProviderThumbprint",
            ],
        )
        .on([iam("oidc-provider/*".to_owned())])
        .when("Null", "aws:ResourceTag/fleet:managed-by", ["false"]);
        let marks = Statement::new("LeaveTheMarksAlone", Effect::Deny, ["*"]).on(["*"]);
        Document::new([
            Statement::new(
                "StayInTheOrganization",
                Effect::Deny,
                // An account also leaves by an invitation of another organization that it accepts.
                ["organizations:AcceptHandshake", "organizations:LeaveOrganization"],
            )
            .on(["*"]),
            self.deny("KeepTheAccount", ACCOUNT),
            // Calls without tag keys are not touched: ForAnyValue is false on none.
            self.but_vending(marks).when("ForAnyValue:StringLike", "aws:TagKeys", ["fleet:*"]),
            self.but_vending(Statement::deny_all_but("LeaveTheAccessRolesAlone", looking).on(ours)),
            self.but_vending(issuers),
        ])
    }

    fn deny(&self, sid: &'static str, actions: &[&str]) -> Statement {
        self.but_vending(Statement::new(sid, Effect::Deny, actions.iter().copied()).on(["*"]))
    }

    fn but_vending(&self, statement: Statement) -> Statement {
        if self.names.is_empty() {
            return statement;
        }
        let exempt =
            self.names.iter().map(|name| format!("arn:{}:iam::*:role/{name}", self.partition));
        statement.when("ArnNotLike", "aws:PrincipalArn", exempt)
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
    fn fit_with_long_names_too() {
        let many: Vec<String> = (0..5).map(|n| format!("{n}{}", "x".repeat(63))).collect();
        for guardrail in Guardrail::ALL {
            let json = guardrail.document("aws-us-gov", many.iter().map(String::as_str)).to_json();
            assert!(json.len() <= MAX_LENGTH, "{}: {}", guardrail.as_str(), json.len());
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
