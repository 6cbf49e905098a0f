//! The service control policies: what an administrator of a member account, its root user included, cannot do, what stays
//! allowed, and that nobody there becomes one of the roles that are left out.

use anyhow::Result;

use crate::evaluator::{Case, iam, ours, prove};
use crate::{ALLOWED, DENIED, MEMBER};

const EVERY: [&str; 4] = [
    "guardrail/foundation",
    "guardrail/audit-trail",
    "guardrail/root-user",
    "guardrail/data-protection",
];
const FOUNDATION: [&str; 1] = ["guardrail/foundation"];
/// Roles that the guardrails leave out.
const EXEMPT: [&str; 4] = [
    "OrganizationAccountAccessRole",
    "AWSControlTowerExecution",
    "fleet-vending",
    "fleet-vending-plan",
];

/// An administrator, as Identity Center makes them.
fn administrator(action: &str, resource: &str, expected: bool) -> Case {
    Case::of("AWSReservedSSO_AdministratorAccess_0123456789abcdef", action, resource, expected)
        .guarded(&FOUNDATION)
}

fn root(action: &str, resource: &str, expected: bool) -> Case {
    let root = iam("root");
    Case::by(&root, action, resource, expected).with("aws:PrincipalArn", root)
}

/// Everything that changes a role, or hands it on.
const OF_A_ROLE: [&str; 13] = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
];
const OF_A_POLICY: [&str; 7] = [
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:TagPolicy",
    "iam:UntagPolicy",
];

/// Everybody in a member account who is left out of nothing, and whom somebody might take for one who is.
fn outsiders() -> Vec<(String, String)> {
    let role = |name: &str| {
        let plain = name.rsplit('/').next().unwrap_or_default();
        (
            format!("arn:aws:sts::{MEMBER}:assumed-role/{plain}/session"),
            iam(&format!("role/{name}")),
        )
    };
    let mut all: Vec<(String, String)> = [
        "Administrator",
        "fleet-apply",
        "fleet-read-only",
        "awscontroltowerexecution",
        "AWSControlTowerExecution2",
        "path/AWSControlTowerExecution",
        "stacksets-exec-1",
    ]
    .map(role)
    .into();
    for who in ["user/AWSControlTowerExecution", "root"] {
        all.push((iam(who), iam(who)));
    }
    all
}

#[test]
fn nobody_in_a_member_account_becomes_a_role_that_is_left_out() -> Result<()> {
    let mut cases = Vec::new();
    for (principal, arn) in outsiders() {
        for role in EXEMPT.iter().chain(&["fleet-apply", "fleet-plan"]) {
            for action in OF_A_ROLE {
                let case = Case::by(&principal, action, &iam(&format!("role/{role}")), DENIED);
                cases.push(case.with("aws:PrincipalArn", arn.clone()).guarded(&FOUNDATION));
            }
        }
        for policy in ["fleet-boundary", "fleet-state", "fleet-vending", "fleet-vending-plan"] {
            for action in OF_A_POLICY {
                let case = Case::by(&principal, action, &iam(&format!("policy/{policy}")), DENIED);
                cases.push(case.with("aws:PrincipalArn", arn.clone()).guarded(&FOUNDATION));
            }
        }
        // The trust of each is the management account's, or that of the pipeline's account.
        for (role, trust) in
            [("fleet-vending", "trust/vending"), ("fleet-plan", "trust/management")]
        {
            let case =
                Case::by(&principal, "sts:AssumeRole", &iam(&format!("role/{role}")), DENIED);
            let case = case.resource_policy(trust).with("aws:PrincipalOrgID", crate::ORGANIZATION);
            cases.push(case.with("aws:PrincipalArn", arn.clone()).guarded(&FOUNDATION));
        }
    }
    prove(ours()?, &cases)
}

/// What vending writes in an account is written by nobody else there, whichever way he came in: held by the guardrail alone,
/// or by the boundary alone.
#[test]
fn what_vending_writes_in_an_account_nobody_else_writes() -> Result<()> {
    let account = format!("arn:aws:account::{MEMBER}:account");
    let issuer = iam("oidc-provider/token.actions.githubusercontent.com");
    let mut writes: Vec<(String, String)> = [
        ("account:DeleteAlternateContact", account.as_str()),
        ("account:EnableRegion", &account),
        ("account:PutAccountName", &account),
        ("account:PutAlternateContact", &account),
        ("iam:AddClientIDToOpenIDConnectProvider", &issuer),
        ("iam:DeleteOpenIDConnectProvider", &issuer),
        ("iam:RemoveClientIDFromOpenIDConnectProvider", &issuer),
        ("iam:DeleteAccountPasswordPolicy", "*"),
        ("iam:UpdateAccountPasswordPolicy", "*"),
    ]
    .map(|(action, resource)| (action.to_owned(), resource.to_owned()))
    .into();
    for role in ["fleet-apply", "fleet-plan", "fleet-read-only", "fleet-vending"] {
        let arn = iam(&format!("role/{role}"));
        writes.extend(OF_A_ROLE.map(|action| (action.to_owned(), arn.clone())));
    }
    for policy in ["fleet-boundary", "fleet-state", "fleet-vending"] {
        let arn = iam(&format!("policy/{policy}"));
        writes.extend(OF_A_POLICY.map(|action| (action.to_owned(), arn.clone())));
    }
    let mut cases = Vec::new();
    for (action, resource) in &writes {
        let of_ours = |case: Case| match action.contains("OpenIDConnectProvider") {
            true => case.with("aws:ResourceTag/fleet:managed-by", "platform"),
            false => case,
        };
        cases.push(of_ours(administrator(action, resource, DENIED)));
        cases.push(of_ours(root(action, resource, DENIED).guarded(&FOUNDATION)));
        for role in ["fleet-apply", "fleet-plan", "pods"] {
            cases.push(of_ours(Case::of(role, action, resource, DENIED).guarded(&FOUNDATION)));
            // Under the boundary, with every permission.
            cases.push(of_ours(Case::of(role, action, resource, DENIED).boundary("boundary")));
        }
    }
    prove(ours()?, &cases)
}

#[test]
fn nobody_in_a_member_account_undoes_the_baseline() -> Result<()> {
    let account = format!("arn:aws:account::{MEMBER}:account");
    let issuer = iam("oidc-provider/token.actions.githubusercontent.com");
    let mut cases = vec![
        administrator("organizations:LeaveOrganization", "*", DENIED),
        administrator(
            "organizations:AcceptHandshake",
            "arn:aws:organizations::555566667777:handshake/o-otherorgid/invite/h-0123456789abcdef",
            DENIED,
        ),
        administrator("iam:UpdateAccountName", "*", DENIED),
        administrator("iam:UpdateAccountEmailAddress", "*", DENIED),
        administrator("iam:PutAccountProperties", "*", DENIED),
        administrator("account:CloseAccount", &account, DENIED),
        administrator("account:DisableRegion", &account, DENIED),
        administrator("account:EnableRegion", &account, DENIED),
        administrator("account:PutAccountName", &account, DENIED),
        administrator("account:PutAlternateContact", &account, DENIED),
        administrator("account:DeleteAlternateContact", &account, DENIED),
        administrator("iam:UpdateAccountPasswordPolicy", "*", DENIED),
        administrator("iam:DeleteAccountPasswordPolicy", "*", DENIED),
        administrator("iam:TagRole", &iam("role/a"), DENIED)
            .with("aws:TagKeys", serde_json::json!(["fleet:managed-by"])),
        administrator("iam:UntagPolicy", &iam("policy/a"), DENIED)
            .with("aws:TagKeys", serde_json::json!(["fleet:id"])),
    ];
    for action in [
        "AddClientIDToOpenIDConnectProvider",
        "DeleteOpenIDConnectProvider",
        "RemoveClientIDFromOpenIDConnectProvider",
        // Whatever the keys of the tags are: IAM takes `Fleet:managed-by` for ours.
        "TagOpenIDConnectProvider",
        "UntagOpenIDConnectProvider",
        "UpdateOpenIDConnectProviderThumbprint",
    ] {
        let action = format!("iam:{action}");
        cases.push(
            administrator(&action, &issuer, DENIED)
                .with("aws:ResourceTag/fleet:managed-by", "platform"),
        );
        cases.push(administrator(&action, &issuer, ALLOWED));
    }
    let of_region = |resource: &str| resource.replace("REGION", &format!("eu-west-1:{MEMBER}"));
    for (action, resource) in [
        ("access-analyzer:DeleteAnalyzer", "arn:aws:access-analyzer:REGION:analyzer/a"),
        ("cloudtrail:DeleteTrail", "arn:aws:cloudtrail:REGION:trail/t"),
        ("cloudtrail:PutEventSelectors", "arn:aws:cloudtrail:REGION:trail/t"),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:REGION:trail/t"),
        ("cloudtrail:UpdateTrail", "arn:aws:cloudtrail:REGION:trail/t"),
        (
            "config:DeleteConfigurationRecorder",
            "arn:aws:config:REGION:configuration-recorder/default/a",
        ),
        ("config:DeleteDeliveryChannel", "*"),
        (
            "config:PutConfigurationRecorder",
            "arn:aws:config:REGION:configuration-recorder/default/a",
        ),
        ("config:PutDeliveryChannel", "*"),
        (
            "config:StopConfigurationRecorder",
            "arn:aws:config:REGION:configuration-recorder/default/a",
        ),
        ("ec2:DeleteFlowLogs", "arn:aws:ec2:REGION:vpc-flow-log/fl-0123456789abcdef0"),
        ("guardduty:DeleteDetector", "arn:aws:guardduty:REGION:detector/d"),
        ("guardduty:DisassociateFromAdministratorAccount", "*"),
        ("guardduty:DisassociateFromMasterAccount", "*"),
        ("guardduty:UpdateDetector", "arn:aws:guardduty:REGION:detector/d"),
        ("securityhub:BatchDisableStandards", "arn:aws:securityhub:REGION:hub/default"),
        ("securityhub:DisableSecurityHub", "arn:aws:securityhub:REGION:hub/default"),
        (
            "securityhub:DisassociateFromAdministratorAccount",
            "arn:aws:securityhub:REGION:hub/default",
        ),
        ("securityhub:DisassociateFromMasterAccount", "arn:aws:securityhub:REGION:hub/default"),
        ("ec2:DisableEbsEncryptionByDefault", "*"),
        ("ec2:DisableImageBlockPublicAccess", "*"),
        ("ec2:DisableSnapshotBlockPublicAccess", "*"),
        ("ec2:EnableSnapshotBlockPublicAccess", "*"),
        ("ec2:ModifyEbsDefaultKmsKeyId", "*"),
        ("ec2:ModifyInstanceMetadataDefaults", "*"),
        ("ec2:ResetEbsDefaultKmsKeyId", "*"),
        ("kms:DisableKey", "arn:aws:kms:REGION:key/0123"),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:REGION:key/0123"),
        ("s3:PutAccountPublicAccessBlock", "*"),
        ("s3:DeleteBucketPolicy", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an"),
        ("s3:PutBucketVersioning", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an"),
        ("s3:DeleteBucket", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an/a.tfstate"),
        ("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an"),
        ("s3:PutEncryptionConfiguration", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an"),
        ("s3:PutLifecycleConfiguration", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an"),
        ("s3:PutReplicationConfiguration", "arn:aws:s3:::fleet-state-111122223333-eu-west-1-an"),
        ("kms:DeleteImportedKeyMaterial", "arn:aws:kms:REGION:key/0123"),
        ("kms:DisableKeyRotation", "arn:aws:kms:REGION:key/0123"),
        ("kms:UpdateAlias", "arn:aws:kms:REGION:alias/fleet"),
        ("kms:DeleteAlias", "arn:aws:kms:REGION:alias/fleet"),
        ("ec2:ModifyVpcBlockPublicAccessOptions", "*"),
        ("ec2:DisableAllowedImagesSettings", "*"),
        ("access-analyzer:UpdateAnalyzer", "arn:aws:access-analyzer:REGION:analyzer/a"),
        (
            "access-analyzer:CreateArchiveRule",
            "arn:aws:access-analyzer:REGION:analyzer/a/archive-rule/r",
        ),
        ("cloudtrail:PutInsightSelectors", "arn:aws:cloudtrail:REGION:trail/t"),
        ("cloudtrail:UpdateEventDataStore", "arn:aws:cloudtrail:REGION:eventdatastore/e"),
        ("config:PutRetentionConfiguration", "*"),
        ("guardduty:UpdateMemberDetectors", "*"),
        ("guardduty:StopMonitoringMembers", "*"),
        ("securityhub:CreateAutomationRule", "*"),
        ("securityhub:DisableSecurityHubV2", "*"),
        ("securityhub:BatchUpdateStandardsControlAssociations", "*"),
        ("securityhub:UpdateSecurityControl", "*"),
        ("securityhub:DisableImportFindingsForProduct", "*"),
        ("securityhub:DeleteAutomationRuleV2", "arn:aws:securityhub:REGION:automation-rulev2/r"),
        ("cloudtrail:DeleteChannel", "arn:aws:cloudtrail:REGION:channel/c"),
        ("config:DeleteAggregationAuthorization", AUTHORIZATION),
        ("guardduty:UpdateThreatIntelSet", "arn:aws:guardduty:REGION:detector/d/threatintelset/t"),
        ("guardduty:DeleteThreatIntelSet", "arn:aws:guardduty:REGION:detector/d/threatintelset/t"),
    ] {
        let resource = of_region(resource);
        cases.push(administrator(action, &resource, DENIED).guarded(&EVERY));
        cases.push(administrator(action, &resource, ALLOWED));
        cases.push(Case::of("fleet-vending", action, &resource, ALLOWED).guarded(&EVERY));
    }
    prove(ours()?, &cases)
}

const AUTHORIZATION: &str =
    "arn:aws:config:REGION:aggregation-authorization/444455556666/eu-west-1";

/// What the page on security says that the guardrails leave to who works in the account: single findings, and rules of his own.
#[test]
fn what_a_team_says_of_a_finding_is_left_to_it() -> Result<()> {
    let of = |action, resource: &str| administrator(action, resource, ALLOWED).guarded(&EVERY);
    let region = format!("eu-west-1:{MEMBER}");
    prove(
        ours()?,
        &[
            of(
                "access-analyzer:UpdateFindings",
                &format!("arn:aws:access-analyzer:{region}:analyzer/a"),
            ),
            of(
                "config:DeleteConfigRule",
                &format!("arn:aws:config:{region}:config-rule/config-rule-a"),
            ),
            of("config:PutRemediationExceptions", "*"),
            of("guardduty:ArchiveFindings", "*"),
            of(
                "guardduty:DeleteMalwareProtectionPlan",
                &format!("arn:aws:guardduty:{region}:malware-protection-plan/p"),
            ),
            of(
                "securityhub:BatchUpdateFindings",
                &format!("arn:aws:securityhub:{region}:hub/default"),
            ),
        ],
    )
}

/// The policies that know the key of the state by its alias, and who may say what that key gives.
#[test]
fn the_key_of_the_state_is_vending_s_to_give() -> Result<()> {
    let key = format!("arn:aws:kms:eu-west-1:{MEMBER}:key/0123");
    let policy = |case: Case, alias: &str| {
        case.with("kms:ResourceAliases", serde_json::json!([alias])).guarded(&EVERY)
    };
    prove(
        ours()?,
        &[
            policy(administrator("kms:PutKeyPolicy", &key, DENIED), "alias/fleet"),
            policy(administrator("kms:PutKeyPolicy", &key, ALLOWED), "alias/app"),
            policy(Case::of("fleet-vending", "kms:PutKeyPolicy", &key, ALLOWED), "alias/fleet"),
            administrator(
                "kms:CreateAlias",
                &format!("arn:aws:kms:eu-west-1:{MEMBER}:alias/app"),
                ALLOWED,
            )
            .guarded(&EVERY),
        ],
    )
}

#[test]
fn the_root_user_works_only_by_the_central_root_access() -> Result<()> {
    let bucket = "arn:aws:s3:::locked";
    prove(
        ours()?,
        &[
            root("iam:CreateAccessKey", &iam("user/u"), DENIED).guarded(&EVERY),
            root("s3:DeleteBucketPolicy", bucket, DENIED).guarded(&EVERY),
            root("iam:GetAccountSummary", "*", DENIED).guarded(&EVERY),
            // The tasks of sts:AssumeRoot: to take the root user's credentials away, and a policy that locks all out.
            root("iam:DeleteLoginProfile", &iam("user/u"), ALLOWED)
                .with("aws:AssumedRoot", "true")
                .guarded(&EVERY),
            root("iam:DeleteAccessKey", &iam("user/u"), ALLOWED)
                .with("aws:AssumedRoot", "true")
                .guarded(&EVERY),
            root("iam:GetAccountSummary", "*", ALLOWED)
                .with("aws:AssumedRoot", "true")
                .guarded(&EVERY),
            root("s3:DeleteBucketPolicy", bucket, ALLOWED)
                .with("aws:AssumedRoot", "true")
                .guarded(&EVERY),
            // Where the profile has no such guardrail, the root user is an administrator like others.
            root("iam:UpdateAssumeRolePolicy", &iam("role/AWSControlTowerExecution"), DENIED)
                .guarded(&FOUNDATION),
            root("iam:GetAccountSummary", "*", ALLOWED).guarded(&FOUNDATION),
        ],
    )
}

#[test]
fn what_a_team_does_every_day_stays_allowed() -> Result<()> {
    let mut cases = vec![
        administrator("iam:CreateRole", &iam("role/app"), ALLOWED),
        administrator("iam:PassRole", &iam("role/app"), ALLOWED),
        administrator("iam:CreatePolicy", &iam("policy/app"), ALLOWED),
        administrator("iam:GetRole", &iam("role/fleet-apply"), ALLOWED),
        administrator(
            "iam:CreateOpenIDConnectProvider",
            &iam("oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"),
            ALLOWED,
        ),
        administrator("iam:TagRole", &iam("role/app"), ALLOWED)
            .with("aws:TagKeys", serde_json::json!(["team"])),
        administrator("kms:CreateKey", "*", ALLOWED),
        administrator("s3:PutBucketVersioning", "arn:aws:s3:::app", ALLOWED).guarded(&EVERY),
        administrator("eks:CreateCluster", "*", ALLOWED).guarded(&EVERY),
    ];
    // Vending does its work under its own guardrails.
    for action in OF_A_ROLE {
        cases.push(
            Case::of("OrganizationAccountAccessRole", action, &iam("role/fleet-vending"), ALLOWED)
                .guarded(&EVERY),
        );
    }
    for action in OF_A_POLICY {
        cases.push(
            Case::of("fleet-vending", action, &iam("policy/fleet-boundary"), ALLOWED)
                .guarded(&EVERY),
        );
    }
    prove(ours()?, &cases)
}
