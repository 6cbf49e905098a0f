//! Chains of roles, tokens, profiles and headers, against an STS on loopback that keeps what it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::aws::sdk::loopback::sts;
use crate::aws::sdk::session::Session;
use crate::config::{
    AssumeRole, Config, OrganizationRoles, RoleSession, StaticKeys, Transport, WebIdentity,
    WebIdentityToken,
};
use crate::error::Kind;

fn config(url: &str) -> Config {
    Config {
        region: Some("us-east-1".into()),
        keys: Some(StaticKeys {
            access_key: "AKIAEXAMPLE".into(),
            secret_key: "example".into(),
            token: None,
        }),
        endpoints: BTreeMap::from([("sts".to_owned(), url.to_owned())]),
        ..Config::default()
    }
}

fn role(name: &str) -> AssumeRole {
    AssumeRole {
        role_arn: format!("arn:aws:iam::111122223333:role/{name}"),
        ..AssumeRole::default()
    }
}

async fn opened(config: Config) -> Result<(), crate::error::Error> {
    Session::new(Arc::new(config)).sdk().await.map(drop)
}

#[tokio::test]
async fn each_role_of_a_chain_is_assumed_with_the_one_before() {
    let (url, asked) = sts().await;
    let first = AssumeRole {
        session: RoleSession {
            name: Some("pipeline".into()),
            duration: Some(Duration::from_secs(1_800)),
            policy: Some("{}".into()),
            policy_arns: BTreeSet::from(["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()]),
        },
        external_id: Some("outside".into()),
        tags: BTreeMap::from([("team".to_owned(), "a".to_owned())]),
        transitive_tag_keys: BTreeSet::from(["team".to_owned()]),
        source_identity: Some("someone".into()),
        ..role("first")
    };
    opened(Config { assume_roles: vec![first, role("second")], ..config(&url) }).await.unwrap();
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    for (part, signer) in [
        ("RoleSessionName=pipeline", "AKIAEXAMPLE"),
        ("DurationSeconds=1800", "AKIAEXAMPLE"),
        ("Policy=%7B%7D", "AKIAEXAMPLE"),
        ("PolicyArns.member.1.arn=arn", "AKIAEXAMPLE"),
        ("ExternalId=outside", "AKIAEXAMPLE"),
        ("Tags.member.1.Key=team", "AKIAEXAMPLE"),
        ("TransitiveTagKeys.member.1=team", "AKIAEXAMPLE"),
        ("SourceIdentity=someone", "AKIAEXAMPLE"),
    ] {
        assert!(asked[0].contains(part) && asked[0].contains(signer), "{part}: {}", asked[0]);
    }
    assert!(asked[1].contains("role%2Fsecond") && asked[1].contains("Credential=ASIA1/"));
    assert!(asked[1].contains("RoleSessionName=terraform-provider-fleet"));
    assert!(!asked[1].contains("Tags.member"), "{}", asked[1]);
}

#[tokio::test]
async fn a_token_opens_a_role_without_a_signature() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, "the-token\n").unwrap();
    for token in [
        WebIdentityToken::Given("the-token".into()),
        WebIdentityToken::File(file.display().to_string()),
    ] {
        let (url, asked) = sts().await;
        let web_identity = Some(WebIdentity {
            role_arn: "arn:aws:iam::111122223333:role/pipeline".into(),
            session: RoleSession::default(),
            token,
        });
        let config = Config { web_identity, assume_roles: vec![role("next")], ..config(&url) };
        opened(config).await.unwrap();
        let asked = asked.lock().unwrap();
        assert!(
            asked[0].contains("WebIdentityToken=the-token&")
                || asked[0].ends_with("WebIdentityToken=the-token")
        );
        assert!(!asked[0].to_ascii_lowercase().contains("\nauthorization:"), "{}", asked[0]);
        assert_eq!(asked.len(), 2);
        assert!(asked[1].contains("Credential=ASIA1/"), "{}", asked[1]);
    }
}

#[tokio::test]
async fn a_token_file_that_is_missing_is_named() {
    let (url, asked) = sts().await;
    let web_identity = Some(WebIdentity {
        role_arn: "arn:aws:iam::111122223333:role/pipeline".into(),
        session: RoleSession::default(),
        token: WebIdentityToken::File("/nowhere/token".into()),
    });
    let error = opened(Config { web_identity, ..config(&url) }).await.unwrap_err();
    assert_eq!(error.kind, Kind::Credentials);
    assert!(error.message.contains("/nowhere/token"), "{}", error.message);
    assert!(error.message.contains("assume_role_with_web_identity"), "{}", error.message);
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_forbidden_account_is_refused() {
    let (url, _) = sts().await;
    let forbidden = |id: &str| Config {
        forbidden_account_ids: BTreeSet::from([id.to_owned()]),
        ..config(&url)
    };
    opened(forbidden("111122223333")).await.unwrap();
    let error = opened(forbidden("999999999999")).await.unwrap_err();
    assert!(
        error.message.contains("999999999999") && error.message.contains("forbidden_account_ids")
    );
}

#[tokio::test]
async fn a_profile_that_is_asked_for_is_the_only_source() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("credentials");
    std::fs::write(
        &file,
        "[vending]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n",
    )
    .unwrap();
    let with = |profile: &str, url: &str| Config {
        keys: None,
        profile: Some(profile.to_owned()),
        shared_credentials_files: vec![file.display().to_string()],
        assume_roles: vec![role("next")],
        ..config(url)
    };
    let (url, asked) = sts().await;
    opened(with("vending", &url)).await.unwrap();
    assert!(asked.lock().unwrap()[0].contains("Credential=AKIAPROFILE/"));

    let error = opened(with("missing", &url)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Credentials);
    assert!(error.message.contains("`missing`"), "{}", error.message);
}

#[tokio::test]
async fn without_validation_nothing_is_asked_at_first() {
    let (url, asked) = sts().await;
    let config = Config {
        assume_roles: vec![role("next")],
        skip_credentials_validation: true,
        ..config(&url)
    };
    opened(config).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_proxy_and_a_longer_name_are_used() {
    let (proxy, asked) = sts().await;
    let config = Config {
        transport: Transport {
            http_proxy: Some(proxy),
            no_proxy: Some("elsewhere.example.com".into()),
            user_agent: Some("pipeline/7".into()),
            ..Transport::default()
        },
        assume_roles: vec![role("next")],
        ..config("http://sts.example.com")
    };
    opened(config).await.unwrap();
    let asked = asked.lock().unwrap();
    assert!(asked[0].starts_with("POST http://sts.example.com/ "), "{}", asked[0]);
    assert!(asked[0].contains(" pipeline/7\r\n"), "{}", asked[0]);
}

#[tokio::test]
async fn this_machine_is_reached_without_a_proxy() {
    let (url, asked) = sts().await;
    let (proxy, through_proxy) = sts().await;
    let config = Config {
        transport: Transport { http_proxy: Some(proxy), ..Transport::default() },
        assume_roles: vec![role("next")],
        ..config(&url)
    };
    opened(config).await.unwrap();
    assert_eq!((asked.lock().unwrap().len(), through_proxy.lock().unwrap().len()), (1, 0));
}

/// Reads and writes of the organization, each with its role, opened by the first call that needs it.
#[tokio::test]
async fn the_role_that_writes_is_opened_by_a_write_only() {
    let (url, asked) = sts().await;
    let mut config = config(&url);
    config.endpoints.insert("organizations".into(), url.clone());
    config.organization = OrganizationRoles {
        read_role_arn: Some("arn:aws:iam::111122223333:role/reader".into()),
        write_role_arn: Some("arn:aws:iam::444455556666:role/writer".into()),
    };
    config.max_retries = Some(0);
    let ports = crate::aws::sdk::ports(&Arc::new(config));

    // The roles' accounts are known by their ARNs, without a session.
    let caller = ports.callers.caller().await.unwrap();
    assert_eq!((&*caller.reads_from, &*caller.writes_from), ("111122223333", "444455556666"));
    assert_eq!(caller.own, "999999999999");
    assert_eq!(asked.lock().unwrap().len(), 1);
    asked.lock().unwrap().clear();

    let _ = ports.organizations.accounts().await;
    let _ = ports.organizations.root().await;
    {
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), 3, "one session, two calls: {asked:#?}");
        assert!(asked[0].contains("role%2Freader") && asked[0].contains("AKIAEXAMPLE"));
        assert!(asked[1].contains("Credential=ASIA1/") && asked[2].contains("Credential=ASIA1/"));
        assert!(!asked.iter().any(|request| request.contains("writer")), "{asked:#?}");
    }

    let _ = ports.organizations.close_account(&"999900001111".into()).await;
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 5, "{asked:#?}");
    assert!(asked[3].contains("role%2Fwriter") && asked[3].contains("AKIAEXAMPLE"));
    assert!(asked[4].contains("CloseAccount") && asked[4].contains("Credential=ASIA4/"));
}

/// What AWS is sent for a session that only looks, and for one that works.
#[tokio::test]
async fn a_session_that_looks_is_limited_by_policies() {
    use crate::aws::api::Entry;

    for (entry, limited) in [(Entry::Look, true), (Entry::Work, false), (Entry::Bootstrap, false)] {
        let (url, asked) = sts().await;
        let config = Config { region: Some("us-gov-west-1".into()), ..config(&url) };
        let ports = crate::aws::sdk::ports(&Arc::new(config));
        ports.access.assume(&"111122223333".into(), "R", entry).await.map(drop).unwrap();
        let asked = asked.lock().unwrap();
        let [request] = asked.as_slice() else { panic!("{asked:#?}") };
        assert!(
            request.contains("arn%3Aaws-us-gov%3Aiam%3A%3A111122223333%3Arole%2FR"),
            "{request}"
        );
        let audit = "arn%3Aaws-us-gov%3Aiam%3A%3Aaws%3Apolicy%2FSecurityAudit";
        for part in
            ["PolicyArns.member.1.arn=", audit, "&Policy=", "GetAccountAuthorizationDetails"]
        {
            assert_eq!(request.contains(part), limited, "{entry:?} {part}: {request}");
        }
        assert!(!request.contains("CreateRole"), "{request}");
    }
}
