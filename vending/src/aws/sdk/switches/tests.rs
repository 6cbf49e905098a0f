//! What is sent is what botocore sends, to where it sends it; what is answered is read as EC2 and S3 Control answer.

use std::sync::Arc;

use serde_json::Value;

use super::super::canned::{Answer as Canned, serve};
use super::*;

/// What botocore sends: see `tests/data/botocore`.
const BOTOCORE: &str = include_str!("../../../../../tests/data/botocore/requests.json");

const ACCOUNT: &str = "111122223333";

#[test]
fn requests_are_those_of_botocore() {
    let botocore: Value = serde_json::from_str(BOTOCORE).unwrap();
    let metadata = InstanceMetadata { tokens_required: Some(true), hop_limit: Some(2) };
    let block = S3PublicAccess {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: false,
    };
    let mut sent: Vec<(&str, Request)> = [
        Setting::EbsEncryption(true),
        Setting::SnapshotSharing(SnapshotSharing::BlockAll),
        Setting::ImageSharing(true),
        Setting::InstanceMetadata(metadata),
        Setting::S3PublicAccess(block),
    ]
    .map(|setting| written(setting, ACCOUNT).unwrap())
    .into();
    sent.extend(
        [GET_EBS, GET_SNAPSHOTS, GET_IMAGES, GET_METADATA].map(|call| (call, ec2(call, &[]))),
    );
    sent.push((GET_BLOCK, Request::of_account(ACCOUNT, "GET", S3_BLOCK, String::new())));
    assert_eq!(sent.len(), botocore["requests"].as_object().unwrap().len());
    for (call, request) in sent {
        let theirs = &botocore["requests"][call];
        assert_eq!(request.said(), *theirs_without_host(theirs).as_object().unwrap(), "{call}");
    }
}

fn theirs_without_host(theirs: &Value) -> Value {
    let mut theirs = theirs.clone();
    let url = theirs["url"].as_str().unwrap().to_owned();
    let (_, rest) = url.split_once("://").unwrap();
    theirs["url"] = rest[rest.find('/').unwrap()..].into();
    theirs
}

#[test]
fn what_weakens_is_never_written() {
    for weak in [
        Setting::EbsEncryption(false),
        Setting::SnapshotSharing(SnapshotSharing::Unblocked),
        Setting::ImageSharing(false),
    ] {
        assert_eq!(written(weak, ACCOUNT).unwrap_err().kind, Kind::Invalid, "{weak}");
    }
}

/// Reads `of` from a service that answers this.
async fn read(of: SettingKind, service: &str, answer: Canned) -> Result<Found, Error> {
    let (session, _) = serve(service, vec![answer]).await;
    let sdk = session.sdk().await.unwrap().clone();
    let of_session = Arc::clone(&session);
    let endpoints = Arc::new(move |name: &str| of_session.endpoint(name));
    let thin = Thin::new(sdk, session.sender().member(), endpoints);
    let switches = AwsSwitches::new(thin, ACCOUNT.to_owned(), "us-east-1");
    switches.setting(of, Site::Region("eu-west-1")).await
}

#[tokio::test]
async fn answers_are_read_as_aws_writes_them() {
    let ec2 = |operation: &str, inner: &str| {
        Canned::xml(
            200,
            format!(
                "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
                 <requestId>1</requestId>{inner}</{operation}Response>"
            ),
        )
    };
    let metadata = |tokens_required, hop_limit| {
        Setting::InstanceMetadata(InstanceMetadata { tokens_required, hop_limit })
    };
    let (own, theirs) = (ManagedBy::Account, ManagedBy::DeclarativePolicy);
    for (of, answer, setting, managed_by) in [
        (
            SettingKind::EbsEncryption,
            ec2(
                "GetEbsEncryptionByDefault",
                "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>",
            ),
            Setting::EbsEncryption(true),
            own,
        ),
        (
            SettingKind::SnapshotSharing,
            ec2(
                "GetSnapshotBlockPublicAccessState",
                "<state>block-new-sharing</state><managedBy>declarative-policy</managedBy>",
            ),
            Setting::SnapshotSharing(SnapshotSharing::BlockNew),
            theirs,
        ),
        (
            SettingKind::ImageSharing,
            ec2(
                "GetImageBlockPublicAccessState",
                "<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState><managedBy>account</managedBy>",
            ),
            Setting::ImageSharing(false),
            own,
        ),
        // What was never set.
        (
            SettingKind::InstanceMetadata,
            ec2(
                "GetInstanceMetadataDefaults",
                "<accountLevel><managedBy>account</managedBy></accountLevel>",
            ),
            metadata(None, None),
            own,
        ),
        (
            SettingKind::InstanceMetadata,
            ec2(
                "GetInstanceMetadataDefaults",
                "<accountLevel><httpTokens>required</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit>\
                 </accountLevel>",
            ),
            metadata(Some(true), Some(1)),
            own,
        ),
    ] {
        let found = read(of, "ec2", answer).await;
        assert_eq!(found, Ok(Found { setting, managed_by }), "{of:?}");
    }
    let block = Canned::xml(
        200,
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
         <BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>",
    );
    let found = read(SettingKind::S3PublicAccess, "s3control", block).await.unwrap();
    assert_eq!(found.setting.to_string(), "BlockPublicAcls, IgnorePublicAcls");
    let none = Canned::xml(
        404,
        "<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>none</Message></Error></ErrorResponse>",
    );
    let found = read(SettingKind::S3PublicAccess, "s3control", none).await.unwrap();
    assert_eq!(found.setting, Setting::S3PublicAccess(S3PublicAccess::default()));
}

#[tokio::test]
async fn what_is_no_answer_passes_for_nothing() {
    let ec2 = |operation: &str, inner: &str| {
        Canned::xml(200, format!("<{operation}Response>{inner}</{operation}Response>"))
    };
    let ebs = "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>";
    let metadata = "<accountLevel><httpTokens>required</httpTokens></accountLevel>";
    let incomplete = (Kind::Unanswered, "IncompleteAnswer");
    for (of, answer, (kind, code)) in [
        (SettingKind::EbsEncryption, ec2("GetEbsEncryptionByDefault", ""), incomplete),
        // An answer to something else, or nobody's.
        (SettingKind::EbsEncryption, ec2("EnableEbsEncryptionByDefault", ebs), incomplete),
        (SettingKind::InstanceMetadata, ec2("GetInstanceMetadataDefaults", ""), incomplete),
        (SettingKind::InstanceMetadata, Canned::xml(200, "<html/>"), incomplete),
        (SettingKind::InstanceMetadata, ec2("DescribeRegions", metadata), incomplete),
        (
            SettingKind::SnapshotSharing,
            ec2("GetSnapshotBlockPublicAccessState", "<state>open</state>"),
            (Kind::Unexpected, "UnknownWord"),
        ),
        (
            SettingKind::ImageSharing,
            ec2(
                "GetImageBlockPublicAccessState",
                "<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState><managedBy>x</managedBy>",
            ),
            (Kind::Unexpected, "UnknownWord"),
        ),
        (
            SettingKind::EbsEncryption,
            Canned::xml(
                403,
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform \
                 this operation. User: x is not authorized to perform: ec2:X with an explicit deny in a service control \
                 policy</Message></Error></Errors><RequestID>1</RequestID></Response>",
            ),
            (Kind::Denied, "UnauthorizedOperation"),
        ),
    ] {
        let error = read(of, "ec2", answer).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (kind, code), "{of:?}");
    }
}

/// What is the account's is asked for where the account is sure to be, whatever region the session has.
#[tokio::test]
async fn an_account_is_asked_in_the_main_region_of_its_partition() {
    let (session, _) = serve("s3control", Vec::new()).await;
    let sdk = session.sdk().await.unwrap().clone();
    for (region, asked) in [
        ("eu-south-1", "us-east-1"),
        ("us-east-1", "us-east-1"),
        ("us-gov-east-1", "us-gov-west-1"),
        ("cn-north-1", "cn-northwest-1"),
        ("eusc-de-east-1", "eusc-de-east-1"),
    ] {
        let thin = Thin::new(sdk.clone(), session.sender().member(), Arc::new(|_: &str| None));
        let switches = AwsSwitches::new(thin, ACCOUNT.to_owned(), region);
        assert_eq!(switches.region(Site::Account), asked);
        assert_eq!(switches.region(Site::Region("eu-west-1")), "eu-west-1");
    }
}
