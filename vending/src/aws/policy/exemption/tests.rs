//! Who is left out, and what stays open.

use super::*;

const ROLE: &str = "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole";

fn deny(rest: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Resource":"*",{rest}}}]}}"#)
}

fn sparing(operator: &str, key: &str, value: &str) -> String {
    deny(&format!(r#""Action":"*","Condition":{{"{operator}":{{"{key}":{value}}}}}"#))
}

#[test]
fn a_role_is_spared_by_its_arn_alone() {
    let key = "aws:PrincipalArn";
    let ours = r#""arn:aws:iam::*:role/OrganizationAccountAccessRole""#;
    for (document, locked) in [
        (deny(r#""Action":"*""#), true),
        (sparing("ArnNotLike", key, ours), false),
        (sparing("ArnNotEquals", "AWS:principalarn", ours), false),
        (sparing("StringNotLikeIfExists", key, ours), false),
        (sparing("ArnNotLike", key, &format!("[\"arn:aws:iam::*:role/other\",{ours}]")), false),
        (sparing("ArnNotLike", key, r#""arn:*:iam::*:role/Organization*""#), false),
        (sparing("StringNotEquals", key, &format!("\"{ROLE}\"")), false),
        // Equality knows no patterns; an ARN has six parts; a name is a name.
        (sparing("StringNotEquals", key, ours), true),
        (sparing("ArnNotLike", key, r#""*""#), true),
        (sparing("StringNotLike", key, r#""*""#), false),
        (sparing("ArnNotLike", key, r#""arn:aws:iam::*:role/OrganizationAccount""#), true),
        (sparing("ArnNotLike", key, r#""arn:aws:iam::999999999999:role/*""#), true),
        (sparing("ArnLike", key, ours), true),
        (sparing("ArnNotLike", "aws:SourceArn", ours), true),
    ] {
        let found = locked_out(&document, &[ROLE.to_owned()]).unwrap();
        assert_eq!(!found.is_empty(), locked, "{document}");
    }
}

#[test]
fn a_quarantine_is_judged_by_what_it_denies() {
    let ours =
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}"#;
    let with = |rest: &str| {
        format!(r#"{{"Statement":{{"Effect":"Deny",{rest},"Condition":{{{ours}}}}}}}"#)
    };
    let all = r#""Action":"*","Resource":"*""#;
    for closed in [
        with(all),
        with(r#""Action":["s3:*","*"],"Resource":["*"]"#),
        with(r#""Action":"*:*","Resource":"*""#),
        with(
            r#""NotAction":["iam:Get*","ec2:Describe*","EC2:describeinstances","eks:List*","cloudtrail:LookupEvents","guardduty:GetFindings","s3:GetBucket*","support:*","support:Describe*","sts:GetCallerIdentity"],"Resource":"*""#,
        ),
        format!(r#"{{"Statement":{{"Effect":"Deny",{all}}}}}"#),
        format!(
            r#"{{"Statement":[{{"Effect":"Deny","Action":"worklink:*","Resource":"*"}},{{"Effect":"Deny",{all},"Condition":{{{ours}}}}}]}}"#
        ),
    ] {
        assert_eq!(left_open(&closed), Ok(None), "{closed}");
    }
    for (open, what) in [
        (with(r#""Action":"worklink:*","Resource":"*""#), Open::Everything),
        (with(r#""Action":["iam:*","ec2:*","s3:*"],"Resource":"*""#), Open::Everything),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.into(),
            Open::Everything,
        ),
        (r#"{"Statement":[]}"#.into(), Open::Everything),
        (with(r#""Action":"*","Resource":"arn:aws:s3:::*""#), Open::Resources),
        (with(r#""Action":"*","NotResource":"arn:aws:s3:::*""#), Open::Resources),
        (with(r#""NotAction":"iam:*","Resource":"*""#), Open::Action("iam:*".into())),
        (with(r#""NotAction":"*:Get*","Resource":"*""#), Open::Action("*:get*".into())),
        (
            with(r#""NotAction":"sts:AssumeRole","Resource":"*""#),
            Open::Action("sts:assumerole".into()),
        ),
        (
            with(r#""NotAction":"secretsmanager:Get*","Resource":"*""#),
            Open::Action("secretsmanager:get*".into()),
        ),
        (
            deny(
                r#""Action":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#,
            ),
            Open::Condition("aws:RequestedRegion".into()),
        ),
        (
            sparing("ArnLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/a""#),
            Open::Operator("ArnLike".into()),
        ),
        (
            sparing("ForAllValues:ArnNotLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/abc""#),
            Open::Operator("ForAllValues:ArnNotLike".into()),
        ),
        (
            sparing("ArnNotLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/*""#),
            Open::Principals("arn:aws:iam::*:role/*".into()),
        ),
        (sparing("StringNotLike", "aws:PrincipalArn", r#""*""#), Open::Principals("*".into())),
        (
            sparing(
                "ArnNotLike",
                "aws:PrincipalArn",
                r#"["arn:aws:iam::*:role/ours","arn:aws:iam::*:user/*"]"#,
            ),
            Open::Principals("arn:aws:iam::*:user/*".into()),
        ),
    ] {
        assert_eq!(left_open(&open), Ok(Some(what)), "{open}");
    }
    assert_eq!(left_open("[]"), Err(NotAPolicy));
}

#[test]
fn only_what_vending_does_counts() {
    for (rest, locked) in [
        (r#""Action":"ec2:*""#, false),
        (r#""Action":["ec2:*","IAM:Update*"]"#, true),
        (r#""Action":"iam:GetAccountAuthorizationDetail?""#, true),
        (r#""NotAction":["iam:*","sts:*"]"#, false),
        (r#""NotAction":"s3:*""#, true),
    ] {
        let found = locked_out(&deny(rest), &[ROLE.to_owned()]).unwrap();
        assert_eq!(!found.is_empty(), locked, "{rest}");
    }
    let allow = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(locked_out(allow, &[ROLE.to_owned()]), Ok(Vec::new()));
    // Two statements: each denies for itself.
    let two = r#"{"Statement":[{"Effect":"Deny","Action":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}},{"Effect":"Deny","Action":"iam:*"}]}"#;
    assert_eq!(locked_out(two, &[ROLE.to_owned()]), Ok(vec![ROLE.to_owned()]));
    for text in ["", "[]", "{}"] {
        assert_eq!(locked_out(text, &[]), Err(NotAPolicy), "{text}");
    }
}

/// Names of the Service Authorization Reference, and patterns that cover such: what each of them would leave to an
/// account that everybody takes for stopped.
#[test]
fn what_hands_out_credentials_or_data_does_not_stay_open() {
    for action in [
        // Credentials and sessions.
        "cognito-identity:GetCredentialsForIdentity",
        "cognito-identity:GetId",
        "cognito-identity:GetOpenIdToken",
        "codeartifact:GetAuthorizationToken",
        "connect:GetFederationToken",
        "dsql:DbConnect",
        "ec2:GetPasswordData",
        "ecr:GetAuthorizationToken",
        "ecr-public:GetAuthorizationToken",
        "eks:AccessKubernetesApi",
        "eks-auth:AssumeRoleForPodIdentity",
        "elasticmapreduce:GetClusterSessionCredentials",
        "gamelift:GetInstanceAccess",
        "lakeformation:GetTemporaryGlueTableCredentials",
        "lightsail:GetInstanceAccessDetails",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "redshift-serverless:GetCredentials",
        "s3:GetDataAccess",
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
        "signin:CreateTrustedIdentityPropagationApplicationForConsole",
        "ssm:GetAccessToken",
        "ssm:GetParameter",
        "ssm:StartSession",
        "sso:GetRoleCredentials",
        "sso-directory:ListBearerTokens",
        "sts:AssumeRoot",
        "sts:GetFederationToken",
        "sts:GetServiceBearerToken",
        "sts:GetSessionToken",
        "sts:GetWebIdentityToken",
        // Keys and passwords that are only described or listed.
        "appsync:ListApiKeys",
        "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:ListUserPoolClientSecrets",
        "storagegateway:DescribeChapCredentials",
        "wafv2:ListAPIKeys",
        // Data.
        "athena:GetQueryResults",
        "chime:ListChannelMessages",
        "cloudtrail:GetEventDataStoreData",
        "cloudtrail:GetQueryResults",
        "codecommit:GetFile",
        "codecommit:GitPull",
        "cognito-idp:ListUsers",
        "dynamodb:GetItem",
        "dynamodb:GetRecords",
        "ebs:GetSnapshotBlock",
        "ecr:GetDownloadUrlForLayer",
        "glacier:GetJobOutput",
        "kinesis:GetRecords",
        "kms:GetPublicKey",
        "lambda:GetFunction",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
        "qbusiness:ListMessages",
        "rds:DownloadDBLogFilePortion",
        "rds-data:ExecuteStatement",
        "redshift-data:GetStatementResult",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3tables:GetTableData",
        "sqs:ReceiveMessage",
        "ssm:GetCommandInvocation",
        "ssm:ListCommandInvocations",
        // Patterns that cover such.
        "*",
        "*:*",
        "*:Describe*",
        "*:List*",
        "?am:Get*",
        "cloudtrail:Get*",
        "cognito-idp:List*",
        "ec2:*",
        "ec2:Get*",
        "ecr:Get*",
        "iam:*",
        "kms:Get*",
        "lambda:Get*",
        "logs:*",
        "s3:Get*",
        "s3:G*",
        "s3:*Bucket*",
        "secretsmanager:Get*",
        "ssm:Get*",
        "sts:*",
        "sts:Get*",
        // What changes something.
        "backup:ListIndexedRecoveryPointsForSearch",
        "ec2:RunInstances",
        "iam:CreateRole",
        "organizations:LeaveOrganization",
        "sts:AssumeRole",
        "",
        "iam",
    ] {
        let statement =
            format!(r#""NotAction":["sts:GetCallerIdentity","{action}"],"Resource":"*""#);
        let left = left_open(&format!(r#"{{"Statement":{{"Effect":"Deny",{statement}}}}}"#));
        assert_eq!(left, Ok(Some(Open::Action(action.to_ascii_lowercase()))), "{action}");
    }
}

#[test]
fn a_condition_leaves_out_roles_that_it_names() {
    let left = |name: &str| {
        left_open(&sparing(
            "ArnNotLike",
            "aws:PrincipalArn",
            &format!(r#""arn:aws:iam::*:role/{name}""#),
        ))
    };
    for named in [
        "OrganizationAccountAccessRole",
        "fleet-*",
        "*/OrganizationAccountAccessRole",
        "path/stacksets-exec-*",
        "aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Security_*",
        "aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Security_*",
        "AWSControlTower*",
    ] {
        assert_eq!(left(named), Ok(None), "{named}");
    }
    for anybody in [
        "*",
        "a*",
        "*Admin*",
        "*-administrator",
        "???????????",
        "aws-reserved/*",
        "aws-reserved/sso.amazonaws.com/*",
        "aws-reserved/sso.amazonaws.com/*AWSReservedSSO_*",
        "AWSReservedSSO_*",
        "AWS*",
        "OrganizationAccountAccessRole/*",
        "${aws:PrincipalTag/role}",
        "fleet-${aws:PrincipalTag/role}",
    ] {
        let arn = format!("arn:aws:iam::*:role/{anybody}");
        assert_eq!(left(anybody), Ok(Some(Open::Principals(arn))), "{anybody}");
    }
}
