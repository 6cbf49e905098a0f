//! Each argument reaches the setting of its name, and each variable stands in for the argument it is documented for.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use fleet_vending::Parent;
use fleet_vending::config::{
    AssumeRole, Config, OrganizationRoles, RefreshReadiness, RetryMode, RoleSession, StaticKeys,
    Transport, WebIdentity, WebIdentityToken,
};
use tfplugin::Attr;

use crate::config as blocks;
use crate::config::tests::config;
use crate::config::{
    AssumeRoleWithWebIdentity, BlastRadius, DefaultTags, Endpoints, IgnoreTags, Inventory,
    MemberAccess, Organization, ProviderConfig, Quarantine, RunLimits, Settings, VendorBlock,
};
use crate::tags;

const FIRST: &str = "arn:aws:iam::111122223333:role/first";
const TOKEN: &str = "arn:aws:iam::111122223333:role/token";

fn set(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

fn map(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

fn list(of: &[&str]) -> Attr<Vec<String>> {
    Attr::Known(of.iter().map(|text| (*text).to_owned()).collect())
}

fn one<T>(block: T) -> Attr<Vec<T>> {
    Attr::Known(vec![block])
}

/// A block in which every argument has a value that no other has.
fn full() -> ProviderConfig {
    ProviderConfig {
        vendor: Attr::Known(BTreeMap::from([(
            "azure".to_owned(),
            VendorBlock {
                command: "fleet-vending-azure".into(),
                args: list(&["serve"]),
                sha256: Attr::Known(map("fleet-vending-azure", "00")),
                env: Attr::Known(map("TENANT", "t")),
                inherit_env: Attr::Known(set(&["HOME"])),
                settings: "{\"scope\":1}".into(),
                max_in_flight: Attr::Known(3),
                start_timeout: "5s".into(),
            },
        )])),
        managed_by: "owner".into(),
        email_pattern: "aws+{key}@example.com".into(),
        region: "eu-west-1".into(),
        sts_region: "us-west-2".into(),
        profile: "vending".into(),
        shared_config_files: list(&["config-1", "config-2"]),
        shared_credentials_files: list(&["credentials-1", "credentials-2"]),
        access_key: "AKIA".into(),
        secret_key: "secret".into(),
        token: "session-token".into(),
        allowed_account_ids: Attr::Known(set(&["111111111111"])),
        forbidden_account_ids: Attr::Known(set(&["222222222222"])),
        skip_credentials_validation: Attr::Known(true),
        retry_mode: "adaptive".into(),
        max_retries: Attr::Known(7),
        refresh_readiness: "off".into(),
        custom_ca_bundle: "ca.pem".into(),
        http_proxy: "http://http-proxy".into(),
        https_proxy: "http://https-proxy".into(),
        no_proxy: "direct.example.com".into(),
        use_fips_endpoint: Attr::Known(true),
        use_dualstack_endpoint: Attr::Known(false),
        assume_role: one(blocks::AssumeRole {
            role_arn: FIRST.into(),
            session_name: "first-name".into(),
            external_id: "outside".into(),
            duration: "30m".into(),
            policy: "{\"first\":1}".into(),
            policy_arns: Attr::Known(set(&["arn:first"])),
            tags: Attr::Known(tags::written(map("team", "a"))),
            transitive_tag_keys: Attr::Known(set(&["team"])),
            source_identity: "someone".into(),
        }),
        assume_role_with_web_identity: one(AssumeRoleWithWebIdentity {
            role_arn: TOKEN.into(),
            session_name: "token-name".into(),
            duration: "45m".into(),
            policy: "{\"token\":1}".into(),
            policy_arns: Attr::Known(set(&["arn:token"])),
            web_identity_token: Attr::Null,
            web_identity_token_file: "token-file".into(),
        }),
        endpoints: one(Endpoints {
            account: "https://account".into(),
            controltower: "https://controltower".into(),
            ec2: "https://ec2".into(),
            iam: "https://iam".into(),
            organizations: "https://organizations".into(),
            resourcegroupstaggingapi: "https://resourcegroupstaggingapi".into(),
            s3control: "https://s3control".into(),
            servicequotas: "https://servicequotas".into(),
            sts: "https://sts".into(),
        }),
        default_tags: one(DefaultTags { tags: Attr::Known(tags::written(map("default", "tag"))) }),
        ignore_tags: one(IgnoreTags {
            keys: Attr::Known(set(&["ignored"])),
            key_prefixes: Attr::Known(set(&["ignored:"])),
        }),
        organization: one(Organization {
            read_role_arn: "arn:reader".into(),
            write_role_arn: "arn:writer".into(),
        }),
        member_access: one(MemberAccess {
            bootstrap_role_names: list(&["bootstrap"]),
            manage_role_name: "manage".into(),
            read_role_name: "read".into(),
        }),
        quarantine: one(Quarantine {
            parent: "Quarantine".into(),
            policy_id: "p-quarantine".into(),
        }),
        inventory: one(Inventory {
            path: "inventory".into(),
            freshness: "asserted".into(),
            remote: "upstream".into(),
            branch: "fleet".into(),
            acknowledge: Attr::Known(set(&["0123456789abcdef"])),
            git: Attr::Null,
        }),
        blast_radius: one(BlastRadius {
            max_placements_changed: 5.into(),
            max_targets_removed: Attr::Null,
            acknowledge: Attr::Known(BTreeSet::from(["f".to_owned()])),
        }),
        baseline_change_limit: 3.into(),
    }
}

fn settings(config: ProviderConfig) -> Settings {
    Settings::new(config.managed_by.clone(), config)
}

fn aws(config: ProviderConfig) -> Config {
    settings(config).aws.unwrap()
}

/// One limit that is not known yet takes the others not along.
#[test]
fn each_limit_of_a_run_is_unknown_for_itself() {
    let limits = |block: Attr<Vec<BlastRadius>>| {
        settings(ProviderConfig { blast_radius: block, ..full() }).blast_radius
    };
    let partly = limits(Attr::Known(vec![BlastRadius {
        max_placements_changed: 5.into(),
        max_targets_removed: Attr::Unknown,
        acknowledge: Attr::Null,
    }]));
    let expected = RunLimits {
        max_placements_changed: Attr::Known(5),
        max_targets_removed: Attr::Unknown,
        acknowledge: Attr::Null,
    };
    assert_eq!(partly, expected);
    assert_eq!(limits(Attr::Null), RunLimits::default());
    let unknown = RunLimits {
        max_placements_changed: Attr::Unknown,
        max_targets_removed: Attr::Unknown,
        acknowledge: Attr::Unknown,
    };
    assert_eq!(limits(Attr::Unknown), unknown);
}

/// Nothing is left out of the patterns: a new setting needs a line here.
#[test]
fn each_argument_reaches_the_setting_of_its_name() {
    let Settings {
        managed_by,
        default_tags,
        ignored_tags,
        inventory_path,
        inventory_author,
        inventory_freshness,
        inventory_remote,
        inventory_branch,
        inventory_acknowledged,
        email_pattern,
        blast_radius,
        baseline_change_limit,
        vendors,
        aws,
    } = settings(full());
    assert_eq!(vendors, full().vendor);
    assert_eq!(inventory_author, [None, None]);
    assert_eq!(inventory_freshness, crate::inventory::Freshness::Asserted);
    assert_eq!(inventory_remote.as_str(), Some("upstream"));
    assert_eq!(inventory_branch.as_str(), Some("fleet"));
    assert_eq!(inventory_acknowledged.known(), Some(&set(&["0123456789abcdef"])));
    assert_eq!(managed_by.as_str(), Some("owner"));
    assert_eq!(default_tags.known(), Some(&map("default", "tag")));
    let ignored = ignored_tags.known().unwrap();
    assert_eq!((&ignored.keys, &ignored.key_prefixes), (&set(&["ignored"]), &set(&["ignored:"])));
    assert_eq!(inventory_path.as_str(), Some("inventory"));
    let limits = RunLimits {
        max_placements_changed: Attr::Known(5),
        max_targets_removed: Attr::Null,
        acknowledge: Attr::Known(set(&["f"])),
    };
    assert_eq!(blast_radius, limits);
    assert_eq!(baseline_change_limit, Attr::Known(3));
    assert_eq!(email_pattern.as_str(), Some("aws+{key}@example.com"));

    let Config {
        region,
        sts_region,
        profile,
        shared_config_files,
        shared_credentials_files,
        keys,
        web_identity,
        assume_roles,
        organization,
        endpoints,
        use_fips_endpoint,
        use_dualstack_endpoint,
        transport,
        retry_mode,
        max_retries,
        allowed_account_ids,
        forbidden_account_ids,
        skip_credentials_validation,
        bootstrap_role_names,
        manage_role_name,
        read_role_name,
        quarantine,
        managed_by,
        refresh_readiness,
    } = aws.unwrap();
    assert_eq!(region.as_deref(), Some("eu-west-1"));
    assert_eq!(sts_region.as_deref(), Some("us-west-2"));
    assert_eq!(profile.as_deref(), Some("vending"));
    assert_eq!(shared_config_files, ["config-1", "config-2"]);
    assert_eq!(shared_credentials_files, ["credentials-1", "credentials-2"]);
    let StaticKeys { access_key, secret_key, token } = keys.unwrap();
    assert_eq!(
        (&*access_key, &*secret_key, token.as_deref()),
        ("AKIA", "secret", Some("session-token"))
    );

    let WebIdentity { role_arn, session, token } = web_identity.unwrap();
    assert_eq!(role_arn, TOKEN);
    check_session(session, "token-name", 45, "{\"token\":1}", "arn:token");
    assert!(matches!(token, WebIdentityToken::File(file) if file == "token-file"));

    let [role] = <[AssumeRole; 1]>::try_from(assume_roles).unwrap();
    let AssumeRole { role_arn, session, external_id, tags, transitive_tag_keys, source_identity } =
        role;
    assert_eq!(role_arn, FIRST);
    check_session(session, "first-name", 30, "{\"first\":1}", "arn:first");
    assert_eq!(external_id.as_deref(), Some("outside"));
    assert_eq!((tags, transitive_tag_keys), (map("team", "a"), set(&["team"])));
    assert_eq!(source_identity.as_deref(), Some("someone"));

    let OrganizationRoles { read_role_arn, write_role_arn } = organization;
    assert_eq!(read_role_arn.as_deref(), Some("arn:reader"));
    assert_eq!(write_role_arn.as_deref(), Some("arn:writer"));
    assert_eq!(endpoints.len(), 9);
    for (service, url) in &endpoints {
        assert_eq!(*url, format!("https://{service}"));
    }
    assert_eq!((use_fips_endpoint, use_dualstack_endpoint), (Some(true), Some(false)));

    let Transport { custom_ca_bundle, http_proxy, https_proxy, no_proxy, user_agent: _ } =
        transport;
    assert_eq!(custom_ca_bundle.as_deref(), Some("ca.pem"));
    assert_eq!(http_proxy.as_deref(), Some("http://http-proxy"));
    assert_eq!(https_proxy.as_deref(), Some("http://https-proxy"));
    assert_eq!(no_proxy.as_deref(), Some("direct.example.com"));

    assert_eq!((retry_mode, max_retries), (RetryMode::Adaptive, Some(7)));
    assert_eq!(allowed_account_ids, set(&["111111111111"]));
    assert_eq!(forbidden_account_ids, set(&["222222222222"]));
    assert!(skip_credentials_validation);
    assert_eq!(bootstrap_role_names, ["bootstrap"]);
    assert_eq!(manage_role_name.as_deref(), Some("manage"));
    assert_eq!(read_role_name.as_deref(), Some("read"));
    let quarantine = quarantine.unwrap();
    assert_eq!(quarantine.parent, Parent::Path(vec!["Quarantine".to_owned()]));
    assert_eq!(quarantine.policy_id.as_deref(), Some("p-quarantine"));
    assert_eq!(managed_by, "owner");
    assert_eq!(refresh_readiness, RefreshReadiness::Off);
}

fn check_session(session: RoleSession, name: &str, minutes: u64, policy: &str, policy_arn: &str) {
    let RoleSession { name: named, duration, policy: limited, policy_arns } = session;
    assert_eq!(named.as_deref(), Some(name));
    assert_eq!(duration, Some(Duration::from_secs(minutes * 60)));
    assert_eq!(limited.as_deref(), Some(policy));
    assert_eq!(policy_arns, set(&[policy_arn]));
}

/// Two switches that are both on could be each other.
#[test]
fn a_switch_is_no_other_one() {
    let of = aws(ProviderConfig { use_dualstack_endpoint: Attr::Known(true), ..config() });
    assert_eq!((of.use_fips_endpoint, of.use_dualstack_endpoint), (None, Some(true)));
    assert!(!of.skip_credentials_validation);
}

fn empty_token_block() -> AssumeRoleWithWebIdentity {
    AssumeRoleWithWebIdentity {
        role_arn: Attr::Null,
        session_name: Attr::Null,
        duration: Attr::Null,
        policy: Attr::Null,
        policy_arns: Attr::Null,
        web_identity_token: Attr::Null,
        web_identity_token_file: Attr::Null,
    }
}

/// A variable for each argument that has one; the test runs itself again in a process that has them.
const VARIABLES: [(&str, &str); 8] = [
    ("AWS_ROLE_ARN", "arn:of-the-environment"),
    ("AWS_ROLE_SESSION_NAME", "name-of-the-environment"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "file-of-the-environment"),
    ("AWS_MAX_ATTEMPTS", "4"),
    ("AWS_RETRY_MODE", "adaptive"),
    ("TF_AWS_IGNORE_TAGS_KEYS", "a, b"),
    ("TF_AWS_IGNORE_TAGS_KEY_PREFIXES", "c:,,d:"),
    ("TF_APPEND_USER_AGENT", "pipeline/7"),
];

#[test]
fn variables_stand_in_for_what_the_block_leaves_out() {
    const ALONE: &str = "FLEET_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let test = format!("{}::variables_stand_in_for_what_the_block_leaves_out", module_path!());
        let run = Command::new(std::env::current_exe().unwrap())
            .args([test.split_once("::").unwrap().1, "--exact", "--nocapture"])
            .envs(VARIABLES)
            .env(ALONE, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let by_token = one(empty_token_block());
    let left_out = ProviderConfig { assume_role_with_web_identity: by_token, ..config() };
    let ignored = settings(left_out.clone()).ignored_tags.known().unwrap().clone();
    assert_eq!((ignored.keys, ignored.key_prefixes), (set(&["a", "b"]), set(&["c:", "d:"])));
    let of = aws(left_out);
    assert_eq!((of.retry_mode, of.max_retries), (RetryMode::Adaptive, Some(3)));
    assert_eq!(of.transport.user_agent.as_deref(), Some("pipeline/7"));
    let WebIdentity { role_arn, session, token } = of.web_identity.unwrap();
    assert_eq!(role_arn, "arn:of-the-environment");
    assert_eq!(session.name.as_deref(), Some("name-of-the-environment"));
    assert!(matches!(token, WebIdentityToken::File(file) if file == "file-of-the-environment"));
    // Without a block it is one of many sources, for later.
    assert!(aws(config()).web_identity.is_none());

    let given = ProviderConfig { retry_mode: "standard".into(), ..full() };
    let ignored = settings(given.clone()).ignored_tags.known().unwrap().clone();
    assert_eq!((ignored.keys, ignored.key_prefixes), (set(&["ignored"]), set(&["ignored:"])));
    let of = aws(given);
    assert_eq!((of.retry_mode, of.max_retries), (RetryMode::Standard, Some(7)));
    let WebIdentity { role_arn, session, token } = of.web_identity.unwrap();
    assert_eq!((&*role_arn, session.name.as_deref()), (TOKEN, Some("token-name")));
    assert!(matches!(token, WebIdentityToken::File(file) if file == "token-file"));

    let token =
        AssumeRoleWithWebIdentity { web_identity_token: "given".into(), ..empty_token_block() };
    let of = aws(ProviderConfig { assume_role_with_web_identity: one(token), ..config() });
    assert!(
        matches!(of.web_identity.unwrap().token, WebIdentityToken::Given(token) if token == "given")
    );
}
