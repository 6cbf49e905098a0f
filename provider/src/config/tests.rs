//! Blocks that are wrong, and blocks that are not known yet.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::Attr;
use tfplugin::diagnostic::Diagnostics;

use super::*;

pub(crate) fn config() -> ProviderConfig {
    ProviderConfig {
        vendor: Attr::Null,
        managed_by: "platform/accounts".into(),
        email_pattern: Attr::Null,
        region: Attr::Null,
        profile: Attr::Null,
        access_key: Attr::Null,
        secret_key: Attr::Null,
        token: Attr::Null,
        sts_region: Attr::Null,
        shared_config_files: Attr::Null,
        shared_credentials_files: Attr::Null,
        allowed_account_ids: Attr::Null,
        forbidden_account_ids: Attr::Null,
        skip_credentials_validation: Attr::Null,
        max_retries: Attr::Null,
        retry_mode: Attr::Null,
        refresh_readiness: Attr::Null,
        custom_ca_bundle: Attr::Null,
        http_proxy: Attr::Null,
        https_proxy: Attr::Null,
        no_proxy: Attr::Null,
        use_fips_endpoint: Attr::Null,
        use_dualstack_endpoint: Attr::Null,
        assume_role: Attr::Null,
        assume_role_with_web_identity: Attr::Null,
        ignore_tags: Attr::Null,
        endpoints: Attr::Null,
        default_tags: Attr::Null,
        organization: Attr::Null,
        member_access: Attr::Null,
        quarantine: Attr::Null,
        inventory: Attr::Null,
        blast_radius: Attr::Null,
    }
}

fn said(config: &ProviderConfig) -> Vec<String> {
    said_in(config, &[])
}

/// With these variables in the environment.
fn said_in(config: &ProviderConfig, environment: &[(&str, &str)]) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    check::check_in(
        config,
        &|name| {
            environment.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned())
        },
        &mut diagnostics,
    );
    diagnostics
        .iter()
        .map(|diagnostic| {
            let path = diagnostic.path.as_ref().map(ToString::to_string).unwrap_or_default();
            let code = diagnostic.detail.rsplit("\n\n").next().unwrap();
            format!("{code} {path}")
        })
        .collect()
}

fn with_endpoint(url: &str) -> ProviderConfig {
    let endpoints = Endpoints {
        account: Attr::Null,
        controltower: Attr::Null,
        ec2: Attr::Null,
        iam: Attr::Null,
        organizations: url.into(),
        resourcegroupstaggingapi: Attr::Null,
        s3control: Attr::Null,
        servicequotas: Attr::Null,
        sts: Attr::Null,
    };
    ProviderConfig { endpoints: Attr::Known(vec![endpoints]), ..config() }
}

fn ignoring(keys: &[&str], key_prefixes: &[&str]) -> ProviderConfig {
    let set = |words: &[&str]| Attr::Known(words.iter().map(|word| (*word).to_owned()).collect());
    let block = IgnoreTags { keys: set(keys), key_prefixes: set(key_prefixes) };
    ProviderConfig { ignore_tags: Attr::Known(vec![block]), ..config() }
}

#[test]
fn a_variable_without_a_valid_value_is_said_where_it_counts() {
    let wrong = "FLEET0552 ";
    for (name, value) in [
        ("AWS_ENDPOINT_URL", "127.0.0.1:5000"),
        ("AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API", "aws.example"),
        ("AWS_REGION", "europe"),
        ("AWS_DEFAULT_REGION", "::"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_RETRY_MODE", "fast"),
        ("AWS_USE_FIPS_ENDPOINT", "maybe"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "1"),
    ] {
        assert_eq!(said_in(&config(), &[(name, value)]), [wrong], "{name}={value}");
    }
    for (name, value) in [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000"),
        ("AWS_ENDPOINT_URL_S3", "none of ours"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-north-9"),
        ("AWS_MAX_ATTEMPTS", "3"),
        ("AWS_RETRY_MODE", "Adaptive"),
        ("AWS_RETRY_MODE", "legacy"),
        ("AWS_USE_FIPS_ENDPOINT", "TRUE"),
        ("FLEET_INVENTORY_FRESHNESS", "no inventory"),
        ("TF_AWS_IGNORE_TAGS_KEYS", "team, cost"),
    ] {
        assert!(said_in(&config(), &[(name, value)]).is_empty(), "{name}={value}");
    }
    // What an argument overrides.
    let block = ProviderConfig {
        max_retries: 3.into(),
        use_fips_endpoint: true.into(),
        ..with_endpoint("http://a")
    };
    let overridden = [
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_USE_FIPS_ENDPOINT", "maybe"),
        ("AWS_ENDPOINT_URL_ORGANIZATIONS", "a"),
    ];
    assert!(said_in(&block, &overridden).is_empty());
    assert_eq!(said_in(&block, &[("AWS_ENDPOINT_URL", "a")]), [wrong]);
    let ignored = [("AWS_ENDPOINT_URL", "a"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
    assert!(said_in(&block, &ignored).is_empty());
    let inventory = |freshness: Attr<String>| ProviderConfig {
        inventory: Attr::Known(vec![Inventory {
            path: "inventory".into(),
            freshness,
            remote: Attr::Null,
            branch: Attr::Null,
            acknowledge: Attr::Null,
            git: Attr::Null,
        }]),
        ..config()
    };
    let freshness = [("FLEET_INVENTORY_FRESHNESS", "yes")];
    assert_eq!(said_in(&inventory(Attr::Null), &freshness), [wrong]);
    assert!(said_in(&inventory("git".into()), &freshness).is_empty());
    for name in ["TF_AWS_IGNORE_TAGS_KEYS", "TF_AWS_IGNORE_TAGS_KEY_PREFIXES"] {
        assert_eq!(said_in(&config(), &[(name, "cost,fleet:id")]), ["FLEET0007 "]);
    }
}

#[test]
fn half_a_pair_of_keys_in_the_environment_is_said() {
    let half = "FLEET0006 ";
    let id = ("AWS_ACCESS_KEY_ID", "AKIA");
    assert_eq!(said_in(&config(), &[id]), [half]);
    for secret in ["AWS_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY"] {
        assert_eq!(said_in(&config(), &[(secret, "s")]), [half]);
        assert!(said_in(&config(), &[id, (secret, "s")]).is_empty());
    }
    // A profile is the only source where it is asked for.
    let profile = ProviderConfig { profile: "p".into(), ..config() };
    assert!(said_in(&profile, &[id]).is_empty());
}

#[test]
fn a_block_without_faults_and_one_that_is_unknown_pass() {
    assert!(said(&config()).is_empty());
    assert!(said(&with_endpoint("https://[::1]:8080/path")).is_empty());
    assert!(said(&ignoring(&["team"], &["cost:"])).is_empty());
    let unknown = ProviderConfig {
        managed_by: Attr::Unknown,
        access_key: Attr::Unknown,
        secret_key: Attr::Unknown,
        allowed_account_ids: Attr::Unknown,
        default_tags: Attr::Unknown,
        inventory: Attr::Unknown,
        blast_radius: Attr::Unknown,
        ..config()
    };
    assert!(said(&unknown).is_empty());
}

#[test]
fn each_fault_is_said_at_its_attribute() {
    let tags =
        DefaultTags { tags: Attr::Known(BTreeMap::from([("fleet:id".into(), Some("x".into()))])) };
    let twice = DefaultTags {
        tags: Attr::Known(["Cost", "cost"].map(|key| (key.into(), Some("x".into()))).into()),
    };
    for (config, expected) in [
        (ProviderConfig { managed_by: " ".into(), ..config() }, "FLEET0002 managed_by"),
        (ProviderConfig { managed_by: "a,b".into(), ..config() }, "FLEET0002 managed_by"),
        (ProviderConfig { access_key: "AKIA".into(), ..config() }, "FLEET0006 secret_key"),
        (ProviderConfig { secret_key: "s".into(), ..config() }, "FLEET0006 access_key"),
        (ProviderConfig { token: "t".into(), ..config() }, "FLEET0006 token"),
        (
            ProviderConfig {
                allowed_account_ids: Attr::Known(BTreeSet::from(["123".to_owned()])),
                ..config()
            },
            "FLEET0007 allowed_account_ids",
        ),
        (
            ProviderConfig {
                forbidden_account_ids: Attr::Known(BTreeSet::from(["123".to_owned()])),
                ..config()
            },
            "FLEET0007 forbidden_account_ids",
        ),
        (ProviderConfig { http_proxy: "proxy:3128".into(), ..config() }, "FLEET0007 http_proxy"),
        (ProviderConfig { https_proxy: "http://".into(), ..config() }, "FLEET0007 https_proxy"),
        (with_endpoint("aws.example"), "FLEET0007 endpoints[0].organizations"),
        (with_endpoint("127.0.0.1:5000"), "FLEET0007 endpoints[0].organizations"),
        (with_endpoint("ftp://aws.example"), "FLEET0007 endpoints[0].organizations"),
        (with_endpoint("http://u:p@:5000"), "FLEET0007 endpoints[0].organizations"),
        (with_endpoint("http://host:port"), "FLEET0007 endpoints[0].organizations"),
        (with_endpoint("http://a host"), "FLEET0007 endpoints[0].organizations"),
        (ignoring(&["fleet:key"], &[]), "FLEET0007 ignore_tags[0].keys"),
        (ignoring(&[""], &[]), "FLEET0007 ignore_tags[0].keys"),
        (ignoring(&[], &[""]), "FLEET0007 ignore_tags[0].key_prefixes"),
        (ignoring(&[], &["fleet"]), "FLEET0007 ignore_tags[0].key_prefixes"),
        (ignoring(&[], &["fleet:journal"]), "FLEET0007 ignore_tags[0].key_prefixes"),
        (
            ProviderConfig { default_tags: Attr::Known(vec![twice]), ..config() },
            "FLEET0008 default_tags[0].tags[\"cost\"]",
        ),
        (
            ProviderConfig { default_tags: Attr::Known(vec![tags]), ..config() },
            "FLEET0005 default_tags[0].tags[\"fleet:id\"]",
        ),
        (
            ProviderConfig {
                inventory: Attr::Known(vec![Inventory {
                    path: "".into(),
                    freshness: Attr::Null,
                    remote: Attr::Null,
                    branch: Attr::Null,
                    acknowledge: Attr::Null,
                    git: Attr::Null,
                }]),
                ..config()
            },
            "FLEET0007 inventory[0].path",
        ),
    ] {
        assert_eq!(said(&config), [expected]);
    }
}

fn role(arn: &str) -> AssumeRole {
    AssumeRole {
        role_arn: arn.into(),
        session_name: Attr::Null,
        external_id: Attr::Null,
        duration: Attr::Null,
        policy: Attr::Null,
        policy_arns: Attr::Null,
        tags: Attr::Null,
        transitive_tag_keys: Attr::Null,
        source_identity: Attr::Null,
    }
}

#[test]
fn each_fault_of_a_role_is_said_at_its_attribute() {
    const ARN: &str = "arn:aws-us-gov:iam::111122223333:role/vend";
    let chain = |roles: &[AssumeRole]| ProviderConfig {
        assume_role: Attr::Known(roles.to_vec()),
        ..config()
    };
    let lasting = |duration: &str| AssumeRole { duration: duration.into(), ..role(ARN) };
    let transitive = AssumeRole {
        transitive_tag_keys: Attr::Known(BTreeSet::from(["team".to_owned()])),
        ..role(ARN)
    };
    let named = |name: &str| AssumeRole { session_name: name.into(), ..role(ARN) };
    let limited = |policy: &str| AssumeRole { policy: policy.into(), ..role(ARN) };
    let by = |arn: &str| AssumeRole {
        policy_arns: Attr::Known(BTreeSet::from([arn.to_owned()])),
        ..role(ARN)
    };
    let external = |id: &str| AssumeRole { external_id: id.into(), ..role(ARN) };
    let from = |source: &str| AssumeRole { source_identity: source.into(), ..role(ARN) };
    for (roles, expected) in [
        (vec![role(ARN), role(ARN)], vec![]),
        (vec![named("a_b+c=d,e.f@g-h"), limited("{}"), external("a:b/c"), from("me")], vec![]),
        (vec![by("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")], vec![]),
        (vec![named("a b")], vec!["FLEET0007 assume_role[0].session_name"]),
        (vec![from("a/b")], vec!["FLEET0007 assume_role[0].source_identity"]),
        (vec![external("a b")], vec!["FLEET0007 assume_role[0].external_id"]),
        (vec![limited("{nope")], vec!["FLEET0007 assume_role[0].policy"]),
        (vec![limited("[]")], vec!["FLEET0007 assume_role[0].policy"]),
        (vec![by("ReadOnlyAccess")], vec!["FLEET0007 assume_role[0].policy_arns"]),
        (vec![lasting("12h")], vec![]),
        (vec![role("vend")], vec!["FLEET0007 assume_role[0].role_arn"]),
        (vec![role("arn:aws:iam::1:role/vend")], vec!["FLEET0007 assume_role[0].role_arn"]),
        (vec![lasting("14m")], vec!["FLEET0007 assume_role[0].duration"]),
        (vec![role(ARN), lasting("2h")], vec!["FLEET0007 assume_role[1].duration"]),
        (vec![transitive], vec!["FLEET0007 assume_role[0].transitive_tag_keys"]),
    ] {
        assert_eq!(said(&chain(&roles)), expected);
    }
}

#[test]
fn roles_reach_the_engine_in_their_order() {
    let arn = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
    let first = AssumeRole {
        duration: "30m".into(),
        tags: Attr::Known(BTreeMap::from([("team".into(), Some("a".into()))])),
        ..role(&arn("first"))
    };
    let config =
        ProviderConfig { assume_role: Attr::Known(vec![first, role(&arn("second"))]), ..config() };
    let aws = Settings::new("m".into(), config).aws.unwrap();
    let names: Vec<_> = aws.assume_roles.iter().map(|role| role.role_arn.as_str()).collect();
    assert_eq!(names, [arn("first"), arn("second")]);
    assert_eq!(aws.assume_roles[0].session.duration.unwrap().as_secs(), 1800);
    assert_eq!(aws.assume_roles[0].tags["team"], "a");
}

#[test]
fn roles_of_the_organization_are_arns_and_reach_the_engine() {
    let with = |read: Attr<String>, write: Attr<String>| {
        let block = Organization { read_role_arn: read, write_role_arn: write };
        ProviderConfig { organization: Attr::Known(vec![block]), ..config() }
    };
    let arn = "arn:aws-us-gov:iam::111122223333:role/vending/write";
    assert!(said(&with(Attr::Null, arn.into())).is_empty());
    assert_eq!(
        said(&with("reader".into(), "arn:aws:iam::1:user/x".into())),
        ["FLEET0007 organization[0].read_role_arn", "FLEET0007 organization[0].write_role_arn"]
    );
    let roles = |config: ProviderConfig| {
        Settings::new(config.managed_by.clone(), config).aws.map(|aws| aws.organization)
    };
    let given = roles(with(Attr::Null, arn.into())).unwrap();
    assert_eq!((given.read_role_arn, given.write_role_arn.as_deref()), (None, Some(arn)));
    assert_eq!(
        roles(with(Attr::Unknown, arn.into())).err(),
        Some(Unknown("organization.read_role_arn"))
    );
}

#[test]
fn roles_of_vending_s_own_have_names_of_their_own() {
    let with = |manage: &str, read: &str| ProviderConfig {
        member_access: Attr::Known(vec![MemberAccess {
            bootstrap_role_names: Attr::Known(vec!["first".to_owned()]),
            manage_role_name: manage.into(),
            read_role_name: read.into(),
        }]),
        ..config()
    };
    assert!(said(&with("fleet-vending", "fleet-vending-plan")).is_empty());
    let manage = "FLEET0007 member_access[0].manage_role_name";
    let read = "FLEET0007 member_access[0].read_role_name";
    for (names, found) in [
        (("a/b", "x"), vec![manage]),
        (("fleet-apply", "Fleet-Read-Only"), vec![manage, read]),
        (("fleet-boundary", "Fleet-State"), vec![manage, read]),
        (("x", "X"), vec![read]),
        (("x", "x"), vec![read]),
        (("first", "x"), vec![manage]),
        (("AWSControlTowerExecution", "aws-controltower-x"), vec![manage, read]),
    ] {
        assert_eq!(said(&with(names.0, names.1)), found, "{names:?}");
    }
    let bootstrap = |names: Attr<Vec<String>>, manage: Attr<String>| ProviderConfig {
        member_access: Attr::Known(vec![MemberAccess {
            bootstrap_role_names: names,
            manage_role_name: manage,
            read_role_name: Attr::Null,
        }]),
        ..config()
    };
    let names = |names: &[&str]| Attr::Known(names.iter().map(|of| (*of).to_owned()).collect());
    let list = "FLEET0007 member_access[0].bootstrap_role_names";
    assert_eq!(said(&bootstrap(Attr::Null, "OrganizationAccountAccessRole".into())), [manage]);
    assert_eq!(said(&bootstrap(names(&[]), Attr::Null)), [list]);
    let said_of_two = said(&bootstrap(names(&["path/to/Role", "a b", ""]), Attr::Null));
    assert_eq!(said_of_two, [format!("{list}[1]"), format!("{list}[2]")]);
    let mut with_defaults = with("organizationaccountaccessrole", "AWSControlTowerExecution");
    if let Attr::Known(blocks) = &mut with_defaults.member_access {
        blocks[0].bootstrap_role_names = Attr::Null;
    }
    assert_eq!(said(&with_defaults), [manage, read], "the default bootstrap roles");
    let aws = Settings::new("m".into(), with("w", "r")).aws.unwrap();
    assert_eq!((&*aws.manage_role_name.unwrap(), &*aws.read_role_name.unwrap()), ("w", "r"));
}

#[test]
fn what_is_unknown_is_named_and_only_stops_who_needs_it() {
    let unknown = ProviderConfig { region: Attr::Unknown, ..config() };
    let settings = Settings::new(unknown.managed_by.clone(), unknown);
    assert_eq!(settings.aws.err(), Some(Unknown("region")));
    assert!(settings.managed_by.is_known());

    let unknown = ProviderConfig { endpoints: Attr::Unknown, ..config() };
    let settings = Settings::new(unknown.managed_by.clone(), unknown);
    assert_eq!(settings.aws.err(), Some(Unknown("endpoints")));
}

#[test]
fn roles_are_tried_in_the_order_of_the_block_or_of_the_default() {
    let of = |config: ProviderConfig| {
        Settings::new(config.managed_by.clone(), config).aws.unwrap().bootstrap_role_names
    };
    assert_eq!(of(config()), ["OrganizationAccountAccessRole", "AWSControlTowerExecution"]);
    let names = vec!["b".to_owned(), "a".to_owned()];
    let block = MemberAccess {
        bootstrap_role_names: Attr::Known(names.clone()),
        manage_role_name: Attr::Null,
        read_role_name: Attr::Null,
    };
    assert_eq!(of(ProviderConfig { member_access: Attr::Known(vec![block]), ..config() }), names);
}
