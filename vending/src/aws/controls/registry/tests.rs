use std::collections::BTreeSet;

use fleet_model::account::{BaselinePolicy, BaselineVersion};

use super::*;
use crate::aws::controls::Place;
use crate::profile;

#[test]
fn an_unknown_control_is_named_with_those_that_exist() {
    assert_eq!(check_names(["regions", "oidc-trust"]), Ok(()));
    let error = check_names(["regions", "passwords"]).unwrap_err();
    let listed: Vec<&str> = names().collect();
    assert_eq!(
        error.to_string(),
        format!("there is no control `passwords`; the controls are {}", listed.join(", "))
    );
}

/// What is looked up by name is there once, is spelled as configurations write it, and comes after what there is.
#[test]
fn each_control_stands_for_itself() {
    let all: Vec<&Meta> = CONTROLS.iter().flat_map(|control| control.metas()).copied().collect();
    assert_eq!(all.len(), names().count(), "one name twice");
    for (at, meta) in all.iter().enumerate() {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(meta.name.chars().all(is_plain), "{}", meta.name);
        assert!(!meta.asks.is_empty() && !meta.asks.ends_with('.'), "{}", meta.name);
        assert!(!meta.given_up.is_empty(), "{}", meta.name);
        assert!(meta.operations.is_sorted_by(|a, b| a.call < b.call), "{}", meta.name);
        assert_eq!(meta.operations.is_empty(), meta.place == Place::Organization, "{}", meta.name);
        for earlier in meta.after {
            let before = all.iter().position(|of| of.name == *earlier);
            assert!(before.is_some_and(|before| before < at), "{} after {earlier}", meta.name);
        }
    }
}

/// Two controls may make one call, and say the same of it.
#[test]
fn a_call_is_one_thing_wherever_it_is_named() {
    let calls: BTreeSet<&str> = member_calls().iter().map(|of| of.call).collect();
    assert_eq!(calls.len(), member_calls().len());
}

/// What a role in an account may do grows with what is asked for there, and with nothing else.
#[test]
fn a_control_that_is_not_asked_for_gives_no_rights() {
    let mut contract = crate::aws::controls::testing::contract();
    let has = |contract: &Contract, call: &str| {
        member_calls_of(contract).iter().any(|of| of.call == call)
    };
    assert!(has(&contract, "iam:CreateRole"));
    assert!(!has(&contract, "ec2:GetEbsEncryptionByDefault"));
    contract.controls.insert("ebs-encryption".to_owned(), ControlMode::Verify);
    assert!(has(&contract, "ec2:GetEbsEncryptionByDefault"));
    assert!(!has(&contract, "ec2:GetInstanceMetadataDefaults"));
}

/// What people read of a control is what it says of itself: its name, default mode, what it asks for, and its first call.
#[test]
fn the_page_of_the_account_has_each_control() {
    const PAGE: &str = include_str!("../../../../../templates/resources/account.md");
    for meta in metas() {
        let mode = meta.mode.map_or_else(|| "none".to_owned(), |mode| format!("`{mode}`"));
        let row = format!("| `{}` | {mode} | {} |", meta.name, meta.asks);
        assert!(PAGE.contains(&row), "no row {row}");
    }
}

/// What is only checked is told by what it calls.
#[test]
fn only_the_root_user_is_only_checked() {
    let only: Vec<&str> = names().filter(|name| is_only_checked(name)).collect();
    assert_eq!(only, ["root-user"]);
    assert!(!is_only_checked("firewalls"));
}

/// What people read of the newest version is what the profiles say.
#[test]
fn the_page_of_the_account_has_the_modes_of_the_newest_version() {
    const PAGE: &str = include_str!("../../../../../templates/resources/account.md");
    let policies = BaselinePolicy::WORDS.iter().filter_map(|word| BaselinePolicy::parse(word));
    let policies: Vec<BaselinePolicy> = policies.collect();
    let asked: BTreeSet<&str> = metas().filter(|of| of.mode.is_none()).map(|of| of.name).collect();
    for name in asked {
        let modes = policies.iter().map(|policy| {
            let mode = profile::of(*policy, BaselineVersion::V2).mode(name);
            mode.map_or_else(String::new, |mode| format!("`{mode}` "))
        });
        let row = format!("| `{name}` | {}", modes.collect::<Vec<_>>().join("| "));
        let row = format!("{}|", row.replace("|  |", "| |"));
        assert!(PAGE.contains(&row), "no row {row}");
    }
}

/// An upgrade changes no account: what one without a version asks for is what it was. Version 2 asks for more, by default and
/// where nothing is named.
#[test]
fn a_version_brings_its_controls_with_it() {
    let mut contract = crate::aws::controls::testing::contract();
    let asked = |contract: &Contract| -> Vec<&str> {
        metas().filter(|meta| meta.is_asked_for(contract)).map(|meta| meta.name).collect()
    };
    assert!(!asked(&contract).contains(&"ebs-encryption"));
    contract.baseline_version = BaselineVersion::V2;
    assert_eq!(asked(&contract).len(), names().count(), "production asks for all there is");
    assert_eq!(mode(&contract, "ebs-encryption"), ControlMode::Own);
    assert_eq!(mode(&contract, "root-user"), ControlMode::Verify);
    assert!(member_calls_of(&contract).iter().any(|of| of.call == "iam:GetAccountSummary"));
    // What is named counts first.
    contract.controls.insert("ebs-encryption".to_owned(), ControlMode::Ignore);
    assert_eq!(mode(&contract, "ebs-encryption"), ControlMode::Ignore);
    contract.baseline_policy = BaselinePolicy::Sandbox;
    assert_eq!(mode(&contract, "imds-defaults"), ControlMode::Ignore);
    assert_eq!(mode(&contract, "ami-public-access"), ControlMode::Own);
}
