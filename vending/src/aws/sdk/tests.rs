//! What the settings of the provider block, the environment and the shared files do to a call: seen from outside, by
//! whom it reaches.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::process::Command;

use super::loopback::{Authority, sts, sts_over_tls, tunnels};
use super::ports;
use crate::aws::api::Ports;
use crate::config::{AssumeRole, Config, StaticKeys, Transport};
use crate::error::{Error, Kind};

/// Keys, and no second attempt.
fn config() -> Config {
    Config {
        keys: Some(StaticKeys {
            access_key: "AKIAEXAMPLE".into(),
            secret_key: "example".into(),
            token: None,
        }),
        max_retries: Some(0),
        ..Config::default()
    }
}

fn in_region(region: &str) -> Config {
    Config { region: Some(region.into()), ..config() }
}

fn asking(config: Config) -> Ports {
    ports(&Arc::new(config))
}

/// Asks STS whose credentials these are.
async fn ask_sts(config: Config) -> Result<(), Error> {
    asking(config).callers.caller().await.map(drop)
}

/// Whose key signs what STS is asked. An endpoint of one's own is of no kind.
async fn signer(config: Config) -> String {
    let (url, asked) = sts().await;
    let config = Config {
        endpoints: BTreeMap::from([("sts".to_owned(), url)]),
        use_fips_endpoint: Some(false),
        use_dualstack_endpoint: Some(false),
        ..config
    };
    ask_sts(config).await.unwrap();
    let asked = asked.lock().unwrap();
    let (_, credential) = asked[0].split_once("Credential=").unwrap();
    credential.split_once('/').unwrap().0.to_owned()
}

/// A file of the directory, with this text; gives its path.
fn file(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Sts,
    Organizations,
    Tags,
}

/// The host that is called. Nobody answers there.
async fn host(mut config: Config, service: Asked) -> String {
    let (proxy, tunnels) = tunnels(None).await;
    config.transport.https_proxy.get_or_insert(format!("http://{proxy}"));
    let ports = asking(config);
    let failed = match service {
        Asked::Sts => ports.callers.caller().await.is_err(),
        Asked::Organizations => ports.organizations.root().await.is_err(),
        Asked::Tags => ports.tag_index.accounts_tagged("fleet:id", "x").await.is_err(),
    };
    assert!(failed, "{service:?}");
    // The SDK asks for a profile's role three times.
    let mut asked = tunnels.lock().unwrap().clone();
    asked.dedup();
    let [request] = asked.as_slice() else { panic!("{service:?}: {asked:#?}") };
    let (_, host) = request.split_once("CONNECT ").unwrap();
    host.split_once(":443 ").unwrap().0.to_owned()
}

#[tokio::test]
async fn regions_and_kinds_of_endpoints_say_who_is_called() {
    let fips = |fips, dualstack| Config {
        use_fips_endpoint: fips,
        use_dualstack_endpoint: dualstack,
        ..in_region("us-east-1")
    };
    let sts_elsewhere =
        || Config { sts_region: Some("us-west-2".into()), ..in_region("eu-west-1") };
    for (config, service, expected) in [
        (config(), Asked::Sts, "sts.us-east-1.amazonaws.com"),
        (in_region("eu-west-1"), Asked::Sts, "sts.eu-west-1.amazonaws.com"),
        (in_region("eu-west-1"), Asked::Tags, "tagging.us-east-1.amazonaws.com"),
        (in_region("eu-west-1"), Asked::Organizations, "organizations.us-east-1.amazonaws.com"),
        (sts_elsewhere(), Asked::Sts, "sts.us-west-2.amazonaws.com"),
        (fips(Some(true), None), Asked::Sts, "sts-fips.us-east-1.amazonaws.com"),
        (
            fips(Some(true), None),
            Asked::Organizations,
            "organizations-fips.us-east-1.amazonaws.com",
        ),
        (fips(None, Some(true)), Asked::Sts, "sts.us-east-1.api.aws"),
        (fips(None, Some(true)), Asked::Organizations, "organizations.us-east-1.api.aws"),
        (fips(Some(true), Some(true)), Asked::Sts, "sts-fips.us-east-1.api.aws"),
    ] {
        assert_eq!(host(config, service).await, expected);
    }
}

/// Profiles of the files that the block names: region, endpoints and roles.
#[tokio::test]
async fn shared_files_that_are_named_are_read_and_the_block_wins() {
    let dir = tempfile::tempdir().unwrap();
    let shared = file(
        dir.path(),
        "config",
        "[profile vending]\nregion = eu-west-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n",
    );
    let more = file(
        dir.path(),
        "more",
        "[profile vending]\naws_access_key_id = AKIAMORE\naws_secret_access_key = s\n",
    );
    let named = || Config {
        keys: None,
        profile: Some("vending".into()),
        shared_config_files: vec![shared.clone(), more.clone()],
        ..config()
    };
    assert_eq!(host(named(), Asked::Sts).await, "sts-fips.eu-west-1.api.aws");
    let block = Config {
        region: Some("us-west-2".into()),
        use_fips_endpoint: Some(false),
        use_dualstack_endpoint: Some(false),
        ..named()
    };
    assert_eq!(host(block, Asked::Sts).await, "sts.us-west-2.amazonaws.com");

    assert_eq!(signer(named()).await, "AKIAMORE");
}

#[tokio::test]
async fn a_call_by_https_goes_through_its_proxy_to_whom_the_bundle_trusts() {
    const HOST: &str = "sts.example.com";
    let dir = tempfile::tempdir().unwrap();
    let (right, wrong) = (Authority::new("right"), Authority::new("wrong"));
    let (server, asked) = sts_over_tls(&right, HOST).await;
    let (proxy, tunnels) = tunnels(Some(server)).await;
    let (other_proxy, misled) = sts().await;
    let trusting = |custom_ca_bundle: Option<String>| Config {
        transport: Transport {
            custom_ca_bundle,
            http_proxy: Some(other_proxy.clone()),
            https_proxy: Some(format!("http://user:word@{proxy}")),
            ..Transport::default()
        },
        endpoints: BTreeMap::from([("sts".to_owned(), format!("https://{HOST}"))]),
        ..in_region("us-east-1")
    };
    let bundle = |name: &str, pem: &str| Some(file(dir.path(), name, pem));

    ask_sts(trusting(bundle("right.pem", &right.pem))).await.unwrap();
    let both = format!("{}{}", wrong.pem, right.pem);
    ask_sts(trusting(bundle("both.pem", &both))).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 2);
    {
        let tunnels = tunnels.lock().unwrap();
        assert!(tunnels[0].starts_with("CONNECT sts.example.com:443 "), "{tunnels:#?}");
        // `user:word`
        assert!(tunnels[0].contains("Basic dXNlcjp3b3Jk\r\n"), "{tunnels:#?}");
    }

    for bundle in [None, bundle("wrong.pem", &wrong.pem)] {
        let error = ask_sts(trusting(bundle)).await.unwrap_err();
        assert_eq!(error.kind, Kind::Unanswered, "{error}");
        assert!(error.message.contains("UnknownIssuer"), "{error}");
    }
    assert_eq!((asked.lock().unwrap().len(), misled.lock().unwrap().len()), (2, 0));
}

/// 0.0.0.0 is this machine, and none of the addresses that never have a proxy.
#[tokio::test]
async fn hosts_of_no_proxy_are_reached_without_one() {
    for (no_proxy, through) in [(None, true), (Some("a.example.com, 0.0.0.0"), false)] {
        let (url, asked) = sts().await;
        let (proxy, proxied) = sts().await;
        let transport = Transport {
            http_proxy: Some(proxy),
            no_proxy: no_proxy.map(str::to_owned),
            ..Transport::default()
        };
        let endpoints = BTreeMap::from([("sts".to_owned(), url.replace("127.0.0.1", "0.0.0.0"))]);
        ask_sts(Config { transport, endpoints, ..in_region("us-east-1") }).await.unwrap();
        let seen = (asked.lock().unwrap().is_empty(), proxied.lock().unwrap().is_empty());
        assert_eq!(seen, (through, !through), "{no_proxy:?}");
    }
}

#[tokio::test]
async fn a_call_is_made_once_more_than_it_may_be_tried_again() {
    for retries in [0, 2] {
        let (proxy, tunnels) = tunnels(None).await;
        let config = Config {
            max_retries: Some(retries),
            transport: Transport {
                https_proxy: Some(format!("http://{proxy}")),
                ..Transport::default()
            },
            ..in_region("us-east-1")
        };
        ask_sts(config).await.unwrap_err();
        assert_eq!(tunnels.lock().unwrap().len(), retries as usize + 1);
    }
}

/// Whether this process is one that [`again`] started.
fn is_alone() -> bool {
    std::env::var_os(ALONE).is_some()
}

const ALONE: &str = "FLEET_TEST_ALONE";

/// Runs a test of this module once more, alone in a process that has these variables, and no other of AWS's or a proxy's.
async fn again(test: &str, variables: &[(&str, &str)]) {
    let test = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
    let mut command = Command::new(std::env::current_exe().unwrap());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_uppercase();
        if text.starts_with("AWS_") || text.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    let run = command
        .args([test.as_str(), "--exact", "--nocapture"])
        .env(ALONE, "1")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn variables_win_over_files_and_the_block_over_variables() {
    let without_keys = || Config { keys: None, ..config() };
    if is_alone() {
        assert_eq!(host(without_keys(), Asked::Sts).await, "sts-fips.eu-west-1.api.aws");
        // The SDK opens the role of a profile, and knows of neither setting: the page of the provider says so.
        let by_role = Config {
            profile: Some("role".into()),
            sts_region: Some("us-west-2".into()),
            endpoints: BTreeMap::from([("sts".to_owned(), "https://sts.example.com".to_owned())]),
            ..without_keys()
        };
        assert_eq!(host(by_role, Asked::Organizations).await, "sts-fips.eu-west-1.api.aws");
        let block = Config {
            use_fips_endpoint: Some(false),
            use_dualstack_endpoint: Some(false),
            ..in_region("us-west-2")
        };
        assert_eq!(host(block, Asked::Sts).await, "sts.us-west-2.amazonaws.com");

        assert_eq!(signer(without_keys()).await, "AKIAVENDING");
        assert_eq!(signer(config()).await, "AKIAEXAMPLE");
        let profile = Some("other".to_owned());
        assert_eq!(
            signer(Config { profile: profile.clone(), ..without_keys() }).await,
            "AKIAOTHER"
        );
        let dir = tempfile::tempdir().unwrap();
        let text = "[other]\naws_access_key_id = AKIANAMED\naws_secret_access_key = s\n";
        let shared_credentials_files = vec![file(dir.path(), "credentials", text)];
        let named = Config { profile, shared_credentials_files, ..without_keys() };
        assert_eq!(signer(named).await, "AKIANAMED");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let shared = file(
        dir.path(),
        "config",
        "[profile vending]\nregion = us-west-1\nuse_fips_endpoint = false\n\
         [profile role]\nrole_arn = arn:aws:iam::111122223333:role/next\nsource_profile = vending\n",
    );
    let keys = ["vending", "other"].map(|name| {
        format!(
            "[{name}]\naws_access_key_id = AKIA{}\naws_secret_access_key = s\n",
            name.to_uppercase()
        )
    });
    let credentials = file(dir.path(), "credentials", &keys.concat());
    let variables = [
        ("AWS_CONFIG_FILE", shared.as_str()),
        ("AWS_SHARED_CREDENTIALS_FILE", &credentials),
        ("AWS_PROFILE", "vending"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "us-east-2"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    ];
    again("variables_win_over_files_and_the_block_over_variables", &variables).await;
}

#[tokio::test]
async fn variables_say_how_a_call_gets_there() {
    const HOST: &str = "sts.example.com";
    if is_alone() {
        ask_sts(config()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let text = "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/next\nsource_profile = keys\n\
                    [profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n";
        let shared_config_files = vec![file(dir.path(), "config", text)];
        let by_role =
            Config { keys: None, profile: Some("role".into()), shared_config_files, ..config() };
        ask_sts(by_role).await.unwrap();
        let elsewhere = sts().await;
        let endpoints = BTreeMap::from([("sts".to_owned(), elsewhere.0.clone())]);
        ask_sts(Config { endpoints, ..config() }).await.unwrap();
        assert_eq!(elsewhere.1.lock().unwrap().len(), 1, "the block's endpoint");

        let block = Config { use_fips_endpoint: Some(true), ..config() };
        assert!(host(block, Asked::Organizations).await.starts_with("organizations-fips."));
        let transport =
            Transport { custom_ca_bundle: Some("/none".into()), ..Transport::default() };
        let error = ask_sts(Config { transport, ..config() }).await.unwrap_err();
        assert!(error.message.contains("`/none`"), "{error}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours");
    let (server, asked) = sts_over_tls(&authority, HOST).await;
    let (proxy, tunnels) = tunnels(Some(server)).await;
    let bundle = file(dir.path(), "ca.pem", &authority.pem);
    let variables = [
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL_STS", &format!("https://{HOST}")),
        ("AWS_CA_BUNDLE", &bundle),
        ("HTTPS_PROXY", &format!("http://{proxy}")),
    ];
    again("variables_say_how_a_call_gets_there", &variables).await;
    let asked = asked.lock().unwrap();
    let signed = ["AKIAEXAMPLE", "AKIAKEYS", "ASIA2"];
    assert_eq!((asked.len(), tunnels.lock().unwrap().len()), (3, 3), "{asked:#?}");
    for (request, key) in asked.iter().zip(signed) {
        let scope = format!("Credential={key}/");
        assert!(
            request.contains(&scope) && request.contains("/eu-west-1/sts/"),
            "{key}: {request}"
        );
    }
}

/// A token in the environment opens its role as one in the block does: at the endpoint and in the region of the block.
#[tokio::test]
async fn a_token_of_the_environment_opens_its_role() {
    let without_keys = || Config { keys: None, ..in_region("eu-west-1") };
    if is_alone() {
        let (url, asked) = sts().await;
        let endpoints = BTreeMap::from([("sts".to_owned(), url)]);
        let role = AssumeRole {
            role_arn: "arn:aws:iam::111122223333:role/next".into(),
            ..AssumeRole::default()
        };
        let chain = Config { endpoints, assume_roles: vec![role], ..without_keys() };
        ask_sts(chain).await.unwrap();
        let asked = asked.lock().unwrap().clone();
        for part in ["the-token", "role%2Fpipeline", "RoleSessionName=build-7"] {
            assert!(asked[0].contains(part), "{part}: {asked:#?}");
        }
        assert!(
            asked[1].contains("role%2Fnext") && asked[1].contains("Credential=ASIA1/"),
            "{asked:#?}"
        );

        let elsewhere = Config { sts_region: Some("us-west-2".into()), ..without_keys() };
        assert_eq!(host(elsewhere, Asked::Organizations).await, "sts.us-west-2.amazonaws.com");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let token = file(dir.path(), "token", "the-token\n");
    let variables = [
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pipeline"),
        ("AWS_ROLE_SESSION_NAME", "build-7"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
    ];
    again("a_token_of_the_environment_opens_its_role", &variables).await;
}

/// The SDK would take an empty endpoint for an address and panic, an empty region for a region, an empty profile for its name.
#[tokio::test]
async fn an_empty_variable_is_not_set() {
    let without_keys = || Config { keys: None, ..config() };
    if is_alone() {
        assert_eq!(host(config(), Asked::Sts).await, "sts.eu-west-1.amazonaws.com");
        assert_eq!(host(config(), Asked::Tags).await, "tagging.us-east-1.amazonaws.com");
        let elsewhere = host(without_keys(), Asked::Organizations).await;
        assert_eq!(elsewhere, "organizations.example.com");
        assert_eq!(signer(without_keys()).await, "AKIADEFAULT");
        let services = [("sts", Asked::Sts), ("resourcegroupstaggingapi", Asked::Tags)];
        for (service, asked) in services {
            let endpoints = BTreeMap::from([(service.to_owned(), "https://of.block".to_owned())]);
            assert_eq!(host(Config { endpoints, ..config() }, asked).await, "of.block");
        }
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let shared = "[default]\nregion = eu-west-1\nservices = here\nendpoint_url =\n\
        aws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n\
        [services here]\norganizations =\n  endpoint_url = https://organizations.example.com\n\
        sts =\n  endpoint_url =\n";
    std::fs::create_dir(dir.path().join(".aws")).unwrap();
    file(dir.path(), ".aws/config", shared);
    let home = dir.path().display().to_string();
    let mut variables = vec![("HOME", home.as_str())];
    variables.extend(EMPTY.map(|name| (name, "")));
    again("an_empty_variable_is_not_set", &variables).await;
}

/// What the SDK and the provider read.
const EMPTY: [&str; 22] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HTTPS_PROXY",
    "NO_PROXY",
];
