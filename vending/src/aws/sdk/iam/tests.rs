//! The adapter against canned answers of the documented shapes, over loopback.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::*;
use crate::aws::sdk::canned;
use crate::aws::sdk::canned::Answer;

/// The adapter, with these answers; and what it asks.
async fn serve(answers: Vec<Answer>) -> (AwsMember, Arc<Mutex<Vec<String>>>) {
    let (session, asked) = canned::serve("iam", answers).await;
    let of_session = Arc::clone(&session);
    let endpoint = Arc::new(move |service: &str| of_session.endpoint(service));
    let sdk = session.sdk().await.unwrap();
    let member = AwsMember::new(sdk, session.sender().member(), "111122223333", endpoint);
    (member, asked)
}

fn answer(call: &str, result: &str) -> Answer {
    let xmlns = "https://iam.amazonaws.com/doc/2010-05-08/";
    let body = format!(
        "<{call}Response xmlns=\"{xmlns}\"><{call}Result>{result}</{call}Result>\
         <ResponseMetadata><RequestId>4711</RequestId></ResponseMetadata></{call}Response>"
    );
    Answer::xml(200, body)
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error>\
         <RequestId>4711</RequestId></ErrorResponse>"
    );
    Answer::xml(status, body)
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn what_control_tower_owns_is_not_asked_to_change() {
    let (member, asked) = serve(Vec::new()).await;
    let (role, trust) = ("aws-controltower-x".to_owned(), "{}".to_owned());
    let error = member.change(&Change::UpdateTrust { role, trust }).await.unwrap_err();
    assert_eq!(error.code, "OwnedByControlTower");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn identities_come_from_every_page_and_decoded() {
    let role = |name: &str| {
        format!(
            "<member><RoleName>{name}</RoleName><Path>/</Path><RoleId>AROA</RoleId>\
             <Arn>arn:aws:iam::111122223333:role/{name}</Arn>\
             <AssumeRolePolicyDocument>%7B%22Action%22%3A%22a%2Bb%22%7D</AssumeRolePolicyDocument>\
             <PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
             <PermissionsBoundaryArn>arn:b</PermissionsBoundaryArn></PermissionsBoundary>\
             <AttachedManagedPolicies><member><PolicyName>p</PolicyName><PolicyArn>arn:p</PolicyArn>\
             </member></AttachedManagedPolicies>\
             <RolePolicyList><member><PolicyName>inline</PolicyName></member></RolePolicyList>\
             <Tags><member><Key>fleet:id</Key><Value>1</Value></member></Tags></member>"
        )
    };
    let version = |id: &str, default: bool| {
        format!(
            "<member><VersionId>{id}</VersionId><IsDefaultVersion>{default}</IsDefaultVersion>\
             <Document>%22{id}%22</Document></member>"
        )
    };
    let policies = format!(
        "<member><PolicyName>fleet-boundary</PolicyName>\
         <Arn>arn:aws:iam::111122223333:policy/fleet-boundary</Arn>\
         <PolicyVersionList>{}{}{}</PolicyVersionList></member>",
        version("v10", true),
        version("v9", false),
        version("v2", false)
    );
    let call = "GetAccountAuthorizationDetails";
    let (member, asked) = serve(vec![
        answer(
            call,
            &format!(
                "<IsTruncated>true</IsTruncated><Marker>next</Marker><RoleDetailList>{}{}</RoleDetailList>",
                role("fleet-plan"),
                role("somebody-elses")
            ),
        ),
        answer(call, &format!("<IsTruncated>false</IsTruncated><Policies>{policies}</Policies>")),
        answer(
            "ListPolicyTags",
            "<IsTruncated>false</IsTruncated>\
             <Tags><member><Key>fleet:managed-by</Key><Value>platform</Value></member></Tags>",
        ),
    ])
    .await;

    let found =
        member.identities(&names(&["fleet-plan"]), &names(&["fleet-boundary"])).await.unwrap();
    let role = Role {
        trust: r#"{"Action":"a+b"}"#.into(),
        boundary: Some("arn:b".into()),
        attached: names(&["arn:p"]),
        inline: names(&["inline"]),
        tags: Tags::from([("fleet:id".into(), "1".into())]),
    };
    assert_eq!(found.roles, BTreeMap::from([("fleet-plan".to_owned(), role)]));
    let policy = ManagedPolicy {
        arn: "arn:aws:iam::111122223333:policy/fleet-boundary".into(),
        document: "\"v10\"".into(),
        other_versions: vec!["v2".into(), "v9".into()],
        tags: Tags::from([("fleet:managed-by".into(), "platform".into())]),
    };
    assert_eq!(found.policies, BTreeMap::from([("fleet-boundary".to_owned(), policy)]));
    assert!(asked.lock().unwrap()[1].contains("Marker=next"));
}

#[tokio::test]
async fn absence_is_an_answer() {
    let absent = error(404, "NoSuchEntity");
    let (member, _) = serve(vec![absent.clone(), absent]).await;
    assert_eq!(member.password_policy().await, Ok(None));
    assert_eq!(member.oidc_provider("arn").await, Ok(None));
}

#[tokio::test]
async fn rules_that_are_off_are_absent() {
    let (member, _) = serve(vec![answer(
        "GetAccountPasswordPolicy",
        "<PasswordPolicy><MinimumPasswordLength>8</MinimumPasswordLength>\
         <RequireSymbols>true</RequireSymbols><RequireNumbers>false</RequireNumbers>\
         <RequireUppercaseCharacters>false</RequireUppercaseCharacters>\
         <RequireLowercaseCharacters>false</RequireLowercaseCharacters>\
         <AllowUsersToChangePassword>true</AllowUsersToChangePassword>\
         <ExpirePasswords>false</ExpirePasswords><MaxPasswordAge>0</MaxPasswordAge></PasswordPolicy>",
    )])
    .await;
    let policy = member.password_policy().await.unwrap().unwrap();
    assert_eq!((policy.minimum_length, policy.symbols, policy.numbers), (8, true, false));
    assert_eq!((policy.max_age_days, policy.reuse_prevention), (None, None));
}

/// AWS counts each thing, if only as 0. An answer that leaves one out is no answer.
#[tokio::test]
async fn what_the_root_user_has_is_counted() {
    let counted = |rows: &[(&str, i32)]| {
        let row = |(name, count): &(&str, i32)| {
            format!("<entry><key>{name}</key><value>{count}</value></entry>")
        };
        let rows: String = rows.iter().map(row).collect();
        answer("GetAccountSummary", &format!("<SummaryMap>{rows}</SummaryMap>"))
    };
    let all = [
        ("AccountMFAEnabled", 1),
        ("AccountPasswordPresent", 1),
        ("AccountAccessKeysPresent", 2),
        ("AccountSigningCertificatesPresent", 0),
        ("Users", 27),
    ];
    for left_out in 0..4 {
        let rows: Vec<_> = all.iter().copied().enumerate().collect();
        let rows: Vec<_> =
            rows.iter().filter(|(at, _)| *at != left_out).map(|(_, row)| *row).collect();
        let (member, _) = serve(vec![counted(&rows)]).await;
        let error = member.root_user().await.unwrap_err();
        assert_eq!(error.code, "IncompleteAnswer", "{left_out}");
    }
    let (member, _) = serve(vec![counted(&all)]).await;
    let found = member.root_user().await.unwrap();
    let expected =
        RootUser { password: true, access_keys: true, signing_certificates: false, mfa: true };
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_is_there_already_is_told_apart() {
    let (member, asked) = serve(vec![error(409, "EntityAlreadyExists")]).await;
    let change = Change::CreateProvider {
        url: "https://token.actions.githubusercontent.com".into(),
        audiences: names(&["sts.amazonaws.com"]),
        tags: Tags::from([("fleet:id".into(), "1".into())]),
    };
    assert_eq!(member.change(&change).await.unwrap_err().kind, Kind::AlreadyExists);
    let body = asked.lock().unwrap()[0].clone();
    assert!(body.contains("ClientIDList.member.1=sts.amazonaws.com"), "{body}");
    assert!(body.contains("Tags.member.1.Key=fleet%3Aid"), "{body}");
}

/// IAM encodes documents by RFC 3986. One that comes as it was written is not decoded once more.
#[test]
fn a_document_is_decoded_once() {
    let written = r#"{"sub":"repo:a/b:environment:prod%3Ax"}"#;
    let encoded = written.replace('%', "%25").replace('{', "%7B").replace('"', "%22");
    for document in [written, &format!("\n {written}"), &encoded] {
        assert_eq!(decoded(document).trim(), written);
    }
}
