//! `fleet-state` and the roles: a plan reads the account's Terraform state and takes its lock, an apply writes it.

use anyhow::Result;
use serde_json::json;

use crate::evaluator::{Case, FULL, ours, prove};
use crate::{ALLOWED, DENIED, MEMBER, TOOLING};

const BUCKET: &str = "arn:aws:s3:::fleet-state-111122223333-eu-central-1-an";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/0123";
const EVERY: [&str; 4] = [
    "guardrail/foundation",
    "guardrail/audit-trail",
    "guardrail/root-user",
    "guardrail/data-protection",
];

fn at(name: &str) -> String {
    format!("{BUCKET}/{name}")
}

/// By what `fleet-state` gives alone: what AWS's own policies add to it only reads.
fn plan(action: &str, resource: &str, expected: bool) -> Case {
    Case::of("fleet-plan", action, resource, expected)
        .identity(&["state"])
        .boundary("boundary")
        .guarded(&EVERY)
}

fn apply(action: &str, resource: &str, expected: bool) -> Case {
    Case::of("fleet-apply", action, resource, expected)
        .identity(&[FULL])
        .boundary("boundary")
        .guarded(&EVERY)
}

fn of(account: &str, case: Case) -> Case {
    case.with("aws:ResourceAccount", account)
}

/// As S3 asks for the key when it reads or writes an object.
fn by_s3(case: Case, object: &str) -> Case {
    case.with("kms:ViaService", "s3.eu-central-1.amazonaws.com")
        .with("kms:ResourceAliases", json!(["alias/fleet"]))
        .with("kms:EncryptionContext:aws:s3:arn", object)
}

#[test]
fn a_plan_reads_the_state_and_takes_the_lock_and_an_apply_writes_it() -> Result<()> {
    let (state, lock) = (at("a/network.tfstate"), at("a/network.tfstate.tflock"));
    let mut cases = vec![
        of(MEMBER, plan("s3:ListBucket", BUCKET, ALLOWED)),
        of(MEMBER, plan("s3:GetObject", &state, ALLOWED)),
        of(MEMBER, plan("s3:GetObject", &lock, ALLOWED)),
        of(MEMBER, plan("s3:PutObject", &lock, ALLOWED)),
        of(MEMBER, plan("s3:DeleteObject", &lock, ALLOWED)),
    ];
    for (action, resource) in [
        ("s3:ListBucket", BUCKET),
        ("s3:GetObject", &state),
        ("s3:PutObject", &state),
        ("s3:PutObject", &lock),
        ("s3:DeleteObject", &lock),
    ] {
        cases.push(of(MEMBER, apply(action, resource, ALLOWED)));
    }
    // With a bucket key the context is the bucket's ARN, else the object's.
    for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
        for context in [BUCKET, &state] {
            cases.push(by_s3(plan(action, KEY, ALLOWED), context));
            cases.push(by_s3(apply(action, KEY, ALLOWED), context));
        }
    }
    cases.push(by_s3(apply("kms:Encrypt", KEY, ALLOWED), &state));
    prove(ours()?, &cases)
}

#[test]
fn a_plan_writes_no_state_and_reads_nothing_else_by_it() -> Result<()> {
    let state = at("network.tfstate");
    let foreign = BUCKET.replace(MEMBER, TOOLING);
    let mut cases = Vec::new();
    for action in [
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectAcl",
        "s3:PutObjectTagging",
        "s3:RestoreObject",
    ] {
        cases.push(of(MEMBER, plan(action, &state, DENIED)));
    }
    // What only looks like a lock.
    for name in ["network.tflock.tfstate", "network.tflock/x", "tflock"] {
        cases.push(of(MEMBER, plan("s3:PutObject", &at(name), DENIED)));
    }
    cases.push(of(MEMBER, plan("s3:DeleteObjectVersion", &at("a.tflock"), DENIED)));
    for action in [
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:PutBucketVersioning",
        "s3:PutLifecycleConfiguration",
        "s3:PutEncryptionConfiguration",
    ] {
        cases.push(of(MEMBER, plan(action, BUCKET, DENIED)));
    }
    // Other buckets, and one of this name that is another account's.
    for bucket in [
        "arn:aws:s3:::data",
        "arn:aws:s3:::fleet-logs-111122223333-eu-central-1-an",
        "arn:aws:s3:::fleet-state-111122223333-eu-central-1",
        &foreign,
    ] {
        cases.push(of(MEMBER, plan("s3:ListBucket", bucket, DENIED)));
        cases.push(of(MEMBER, plan("s3:GetObject", &format!("{bucket}/a"), DENIED)));
        cases.push(of(MEMBER, plan("s3:PutObject", &format!("{bucket}/a.tflock"), DENIED)));
    }
    for action in ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] {
        cases.push(of(TOOLING, plan(action, &at("a.tflock"), DENIED)));
    }
    // The key, but not by S3, not for this bucket, or another key.
    for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
        cases.push(plan(action, KEY, DENIED));
        cases.push(by_s3(plan(action, KEY, DENIED), "arn:aws:s3:::data/a"));
        cases.push(by_s3(plan(action, KEY, DENIED), &format!("{foreign}/a")));
        cases.push(
            by_s3(plan(action, KEY, DENIED), &state)
                .with("kms:ViaService", "ec2.eu-central-1.amazonaws.com"),
        );
        cases.push(
            by_s3(plan(action, KEY, DENIED), &state)
                .with("kms:ResourceAliases", json!(["alias/other"])),
        );
        let other = KEY.replace(MEMBER, TOOLING);
        cases.push(by_s3(plan(action, &other, DENIED), &state));
    }
    cases.push(by_s3(plan("kms:CreateGrant", KEY, DENIED), &state));
    for action in ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"] {
        cases.push(plan(action, KEY, DENIED));
    }
    prove(ours()?, &cases)
}
