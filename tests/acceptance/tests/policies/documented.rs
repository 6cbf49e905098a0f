//! The simulator against what AWS's documentation says of evaluation. Each example stands under its page's name.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use crate::evaluator::{Case, FULL, prove, session};
use crate::{ALLOWED, DENIED, MEMBER};

fn policy(statement: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statement})
}

fn policies() -> BTreeMap<String, Value> {
    let allow = |action: Value, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let when = |condition: Value| {
        policy(
            &json!([{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": condition}]),
        )
    };
    [
        // Policy evaluation logic: an explicit deny in any policy overrides an allow.
        (
            "all-of-s3-but-one-bucket",
            policy(&json!([
                allow(json!("s3:*"), "*"),
                {"Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::secret", "arn:aws:s3:::secret/*"]},
            ])),
        ),
        // Permissions boundaries for IAM entities: "ShirleyBoundary".
        ("some-services", policy(&json!([allow(json!(["s3:*", "cloudwatch:*", "ec2:*"]), "*")]))),
        ("creates-users", policy(&json!([allow(json!("iam:CreateUser"), "*")]))),
        // Session policies: the intersection with the identity's policies.
        ("one-bucket", policy(&json!([allow(json!("s3:GetObject"), "arn:aws:s3:::productionapp/*")]))),
        // SCP evaluation: each node has to allow.
        ("only-ec2", policy(&json!([allow(json!("ec2:*"), "*")]))),
        // IAM JSON policy elements: NotAction, with Allow and with Deny.
        ("all-but-iam", policy(&json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]))),
        (
            "deny-without-mfa",
            policy(&json!([
                allow(json!("*"), "*"),
                {
                    "Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
                    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                },
            ])),
        ),
        // Condition operators: ...IfExists, and what a negated operator does with a missing key.
        ("types-if-there", when(json!({"StringLikeIfExists": {"ec2:InstanceType": ["t2.*", "m3.*"]}}))),
        ("types", when(json!({"StringLike": {"ec2:InstanceType": ["t2.*", "m3.*"]}}))),
        ("types-but", when(json!({"StringNotLike": {"ec2:InstanceType": "x1.*"}}))),
        ("no-token", when(json!({"Null": {"aws:TokenIssueTime": "true"}}))),
        // Multivalued context keys.
        ("all-of-tags", when(json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "webserver"]}}))),
        ("any-of-tags", when(json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "webserver"]}}))),
        // ARN condition operators: each part by itself.
        ("arn-like", when(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team-*"}}))),
        // Policy variables.
        ("own-folder", policy(&json!([allow(json!("s3:GetObject"), "arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/*")]))),
        // Several keys of a condition all have to hold, of several values one.
        (
            "and-or",
            when(json!({"StringEquals": {"aws:PrincipalTag/team": ["a", "b"], "aws:RequestedRegion": "eu-west-1"}})),
        ),
        // Role trust and identity policy across accounts: both have to allow.
        (
            "trusts-an-account",
            policy(&json!([{
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
            }])),
        ),
    ]
    .into_iter()
    .map(|(name, policy)| (name.to_owned(), policy))
    .collect()
}

#[test]
fn the_simulator_says_what_the_documentation_says() -> Result<()> {
    let user = format!("arn:aws:iam::{MEMBER}:user/shirley");
    let role = session(MEMBER, "any");
    let object = "arn:aws:s3:::productionapp/a";
    let instance = format!("arn:aws:ec2:eu-west-1:{MEMBER}:instance/i-0123456789abcdef0");
    let machine = |name: &str, expected| {
        Case::by(&role, "ec2:RunInstances", &instance, expected).identity(&[name])
    };
    let ec2 = |name: &str, expected| {
        Case::by(&role, "ec2:StopInstances", &instance, expected).identity(&[name])
    };
    let tags = |name: &str, expected| {
        Case::by(&role, "ec2:CreateTags", &instance, expected).identity(&[name])
    };
    let arn = |name: &str, of: &str, expected| {
        ec2(name, expected).with("aws:PrincipalArn", format!("arn:aws:iam::{MEMBER}:{of}"))
    };
    let assume = |identity: &str, from: &str, expected| {
        Case::by(
            &session(from, "any"),
            "sts:AssumeRole",
            &format!("arn:aws:iam::{MEMBER}:role/r"),
            expected,
        )
        .identity(&[identity])
        .resource_policy("trusts-an-account")
    };
    prove(
        policies(),
        &[
            Case::by(&role, "s3:GetObject", "arn:aws:s3:::open/a", ALLOWED)
                .identity(&["all-of-s3-but-one-bucket"]),
            Case::by(&role, "s3:GetObject", "arn:aws:s3:::secret/a", DENIED)
                .identity(&["all-of-s3-but-one-bucket"]),
            Case::by(&role, "s3:GetObject", object, DENIED).identity(&[]),
            // Shirley may create users by her policy, and not by her boundary; what only the boundary has she may not.
            Case::by(&user, "iam:CreateUser", &user, DENIED)
                .identity(&["creates-users"])
                .boundary("some-services"),
            Case::by(&user, "s3:GetObject", object, DENIED)
                .identity(&["creates-users"])
                .boundary("some-services"),
            Case::by(&user, "s3:GetObject", object, ALLOWED)
                .identity(&[FULL])
                .boundary("some-services"),
            Case::by(&role, "s3:GetObject", object, ALLOWED).session("one-bucket"),
            Case::by(&role, "s3:PutObject", object, DENIED).session("one-bucket"),
            Case::by(&role, "s3:GetObject", object, DENIED)
                .identity(&["only-ec2"])
                .session("one-bucket"),
            ec2(FULL, ALLOWED).scps(&[&[FULL], &["only-ec2"]]),
            Case::by(&role, "s3:GetObject", object, DENIED).scps(&[&[FULL], &["only-ec2"]]),
            Case::by(&role, "s3:GetObject", object, DENIED).scps(&[&["only-ec2"], &[FULL]]),
            Case::by(&role, "s3:GetObject", object, ALLOWED).scps(&[&[FULL], &[FULL]]),
            Case::by(&role, "s3:GetObject", object, ALLOWED).identity(&["all-but-iam"]),
            Case::by(&user, "iam:GetUser", &user, DENIED).identity(&["all-but-iam"]),
            ec2("deny-without-mfa", DENIED).with("aws:MultiFactorAuthPresent", "false"),
            ec2("deny-without-mfa", ALLOWED).with("aws:MultiFactorAuthPresent", "true"),
            // The key is absent for long-term keys: BoolIfExists then holds.
            ec2("deny-without-mfa", DENIED),
            Case::by(&user, "iam:GetUser", &user, ALLOWED).identity(&["deny-without-mfa"]),
            machine("types", ALLOWED).with("ec2:InstanceType", "t2.micro"),
            machine("types", DENIED).with("ec2:InstanceType", "x1.large"),
            machine("types", DENIED),
            machine("types-if-there", ALLOWED),
            machine("types-if-there", DENIED).with("ec2:InstanceType", "x1.large"),
            machine("types-but", ALLOWED),
            machine("types-but", DENIED).with("ec2:InstanceType", "x1.large"),
            ec2("no-token", ALLOWED),
            ec2("no-token", DENIED).with("aws:TokenIssueTime", "2026-01-01T00:00:00Z"),
            tags("all-of-tags", ALLOWED).with("aws:TagKeys", json!(["environment"])),
            tags("all-of-tags", DENIED).with("aws:TagKeys", json!(["environment", "other"])),
            // True where the request has no such key.
            tags("all-of-tags", ALLOWED),
            tags("any-of-tags", ALLOWED).with("aws:TagKeys", json!(["environment", "other"])),
            tags("any-of-tags", DENIED).with("aws:TagKeys", json!(["other"])),
            tags("any-of-tags", DENIED),
            arn("arn-like", "role/team-a", ALLOWED),
            arn("arn-like", "role/Team-a", DENIED),
            arn("arn-like", "user/team-a", DENIED),
            arn("arn-like", "role/path/team-a", DENIED),
            Case::by(&user, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/shirley/a", ALLOWED)
                .identity(&["own-folder"])
                .with("aws:username", "shirley"),
            Case::by(&user, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/john/a", DENIED)
                .identity(&["own-folder"])
                .with("aws:username", "shirley"),
            Case::by(&role, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/shirley/a", DENIED)
                .identity(&["own-folder"]),
            ec2("and-or", ALLOWED)
                .with("aws:PrincipalTag/team", "b")
                .with("aws:RequestedRegion", "eu-west-1"),
            ec2("and-or", DENIED)
                .with("aws:PrincipalTag/team", "b")
                .with("aws:RequestedRegion", "us-east-1"),
            ec2("and-or", DENIED)
                .with("aws:PrincipalTag/team", "c")
                .with("aws:RequestedRegion", "eu-west-1"),
            assume(FULL, "444455556666", ALLOWED),
            assume("only-ec2", "444455556666", DENIED),
            assume(FULL, "777788889999", DENIED),
        ],
    )
}
