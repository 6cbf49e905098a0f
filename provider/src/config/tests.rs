//! Blocks that are wrong, and blocks that are not known yet.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::Attr;
use tfplugin::diagnostic::Diagnostics;

use super::*;

pub(super) fn config() -> ProviderConfig {
    ProviderConfig {
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
    let mut diagnostics = Diagnostics::default();
    check(config, &mut diagnostics);
    diagnostics
        .iter()
        .map(|diagnostic| {
            let path = diagnostic.path.as_ref().map(ToString::to_string).unwrap_or_default();
            let code = diagnostic.detail.rsplit("\n\n").next().unwrap();
            format!("{code} {path}")
        })
        .collect()
}

#[test]
fn a_block_without_faults_and_one_that_is_unknown_pass() {
    assert!(said(&config()).is_empty());
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
    for (roles, expected) in [
        (vec![role(ARN), role(ARN)], vec![]),
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
    ] {
        assert_eq!(said(&with(names.0, names.1)), found, "{names:?}");
    }
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
