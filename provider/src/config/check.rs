//! What can be wrong with a provider block, seen before anything is called.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::address::{self, is_whole};
use fleet_model::name::AccountId;
use fleet_model::tags;
use fleet_vending::Parent;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostics, Path};

use super::address::check_endpoints;
use super::environment::{self, Read};
use super::ignored_tag::check_ignored_tag;
use super::{IgnoreTags, ProviderConfig, Quarantine, place, roles};
use crate::diagnostic::error;
use crate::tags::{case_only, given};
use crate::{email, env, region, vendors};

/// Checks every value that is known. Unknown ones pass: they are checked when they are known.
pub fn check(config: &ProviderConfig, diagnostics: &mut Diagnostics) {
    check_in(config, &env::read, diagnostics);
}

/// As [`check`], with these variables in the environment.
pub(super) fn check_in(config: &ProviderConfig, read: Read<'_>, diagnostics: &mut Diagnostics) {
    environment::check(config, read, diagnostics);
    if config.managed_by.known().is_some() {
        check_managed_by(&config.managed_by, diagnostics);
    }
    check_email_pattern(&config.email_pattern, diagnostics);
    for (attribute, name) in [("region", &config.region), ("sts_region", &config.sts_region)] {
        if let Some(name) = name.as_str() {
            region::check_or_warn(attribute, name, diagnostics);
        }
    }
    check_keys(config, diagnostics);
    check_account_ids("allowed_account_ids", &config.allowed_account_ids, diagnostics);
    check_account_ids("forbidden_account_ids", &config.forbidden_account_ids, diagnostics);
    for (attribute, proxy) in
        [("http_proxy", &config.http_proxy), ("https_proxy", &config.https_proxy)]
    {
        check_proxy(attribute, proxy, diagnostics);
    }
    roles::check(config, diagnostics);
    for (index, block) in (0_i64..).zip(config.endpoints.known().into_iter().flatten()) {
        check_endpoints(&Path::attribute("endpoints").index(index), block, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.ignore_tags.known().into_iter().flatten()) {
        check_ignore_tags(&Path::attribute("ignore_tags").index(index), block, diagnostics);
    }
    for block in config.default_tags.known().into_iter().flatten() {
        if let Attr::Known(default_tags) = given(&block.tags) {
            check_default_tags(&default_tags, diagnostics);
        }
    }
    for (name, block) in config.vendor.known().into_iter().flatten() {
        vendors::check(&Path::attribute("vendor").key(name), name, block, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.quarantine.known().into_iter().flatten()) {
        check_quarantine(&Path::attribute("quarantine").index(index), block, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.inventory.known().into_iter().flatten()) {
        place::check(&Path::attribute("inventory").index(index), block, diagnostics);
    }
}

fn check_quarantine(path: &Path, block: &Quarantine, diagnostics: &mut Diagnostics) {
    if let Some(parent) = block.parent.as_str()
        && let Err(problem) = Parent::parse(parent)
    {
        diagnostics.push(
            error("FLEET0007", "The quarantine has no place")
                .at(path.clone().nested("parent"))
                .what(format!("`parent` is {parent:?}: {problem}."))
                .why("Accounts that are frozen are moved there.")
                .todo(
                    "Give the id of an organizational unit, or its path, for example `Quarantine`.",
                )
                .build(),
        );
    }
    let is_id = |text: &str| {
        let rest = text.strip_prefix("p-").unwrap_or_default();
        (8..=128).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if let Some(policy) = block.policy_id.as_str()
        && !is_id(policy)
    {
        diagnostics.push(
            error("FLEET0007", "Not the id of a policy")
                .at(path.clone().nested("policy_id"))
                .what(format!("`policy_id` is {policy:?}."))
                .why("AWS would find no such policy, and no account could be frozen.")
                .todo("Give the id of a service control policy, for example `p-abcd1234`; `aws organizations list-policies --filter SERVICE_CONTROL_POLICY` lists them.")
                .build(),
        );
    }
}

/// Checks the mutation owner, which must be there.
pub fn check_managed_by(managed_by: &Attr<String>, diagnostics: &mut Diagnostics) {
    let name = match managed_by {
        Attr::Unknown => return,
        Attr::Known(name) => name,
        Attr::Null => {
            diagnostics.push(
                error("FLEET0001", "No mutation owner is named")
                    .at("managed_by")
                    .what("The provider block has no `managed_by`, and `FLEET_MANAGED_BY` is not set.")
                    .why("Every object carries the name of the one configuration that may change it; without it, two configurations could change one account against each other.")
                    .todo("Set `managed_by` to a name that no other state uses, for example `platform/accounts-prod`.")
                    .build(),
            );
            return;
        }
    };
    if let Some(problem) = manager_problem(name) {
        diagnostics.push(
            error("FLEET0002", "The mutation owner's name is not valid")
                .at("managed_by")
                .what(format!("`managed_by` is {name:?}: {problem}."))
                .why("It is written as a tag with the very call that creates an account, and AWS refuses the whole account when one tag is bad.")
                .todo("Use 1 to 256 letters, digits, spaces and _ . : / = + - @.")
                .build(),
        );
    }
}

/// Why a text cannot be the name of a configuration, as the end of a sentence.
pub fn manager_problem(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("it is empty".to_owned());
    }
    tags::check_user_tag("managed-by", name).err().map(|problem| problem.to_string())
}

fn check_email_pattern(pattern: &Attr<String>, diagnostics: &mut Diagnostics) {
    if let Some(pattern) = pattern.as_str()
        && let Err(problem) = email::check_pattern(pattern)
    {
        diagnostics.push(
            error("FLEET0121", "The email pattern is not valid")
                .at("email_pattern")
                .what(format!("`email_pattern` is {pattern:?}: {problem}."))
                .why("Each account needs an address that no other AWS account has.")
                .todo("Write a pattern such as `aws+{key}@example.com`.")
                .build(),
        );
    }
}

/// Both halves of a pair of keys, or neither: a missing half would be filled from another source.
fn check_keys(config: &ProviderConfig, diagnostics: &mut Diagnostics) {
    let missing = match (config.access_key.is_null(), config.secret_key.is_null()) {
        (false, true) => Some(("secret_key", "`access_key` is set and `secret_key` is not")),
        (true, false) => Some(("access_key", "`secret_key` is set and `access_key` is not")),
        (true, true) if !config.token.is_null() => {
            Some(("token", "`token` is set and `access_key` and `secret_key` are not"))
        }
        _ => None,
    };
    if let Some((attribute, what)) = missing {
        diagnostics.push(
            error("FLEET0006", "Half of a pair of keys is missing")
                .at(attribute)
                .what(format!("{what}."))
                .why("AWS needs both halves. A missing half would be filled from another source, and the calls would run as somebody else.")
                .todo("Set both, or neither and use a profile, a role or the environment.")
                .build(),
        );
    }
}

fn check_account_ids(attribute: &str, ids: &Attr<BTreeSet<String>>, diagnostics: &mut Diagnostics) {
    for id in ids.known().into_iter().flatten() {
        if let Err(problem) = AccountId::new(id.as_str()) {
            let why = if attribute == "allowed_account_ids" {
                "No caller could ever match it, so every call would be refused."
            } else {
                "No caller could ever match it, so it would forbid nothing."
            };
            diagnostics.push(
                error("FLEET0007", "Not an AWS account id")
                    .at(attribute)
                    .what(format!("`{attribute}` holds {id:?}: {problem}."))
                    .why(why)
                    .todo("Give the 12 digits, in quotes: leading zeros count.")
                    .build(),
            );
        }
    }
}

fn check_proxy(attribute: &str, proxy: &Attr<String>, diagnostics: &mut Diagnostics) {
    let Some(url) = proxy.as_str() else { return };
    if !is_whole(url) {
        diagnostics.push(
            error("FLEET0007", "Not the URL of a proxy")
                .at(attribute)
                .what(format!("`{attribute}` is `{}`.", address::shown(url)))
                .why("Calls to AWS would not find the proxy.")
                .todo("Give scheme, host and port, for example `http://proxy.example.com:3128`.")
                .build(),
        );
    }
}

fn check_ignore_tags(path: &Path, block: &IgnoreTags, diagnostics: &mut Diagnostics) {
    for (attribute, words) in [("keys", &block.keys), ("key_prefixes", &block.key_prefixes)] {
        for word in words.known().into_iter().flatten() {
            let at = path.clone().nested(attribute);
            let is_prefix = attribute == "key_prefixes";
            check_ignored_tag(
                &format!("`{attribute}` of `ignore_tags`"),
                Some(at),
                word,
                is_prefix,
                diagnostics,
            );
        }
    }
}

fn check_default_tags(default_tags: &BTreeMap<String, String>, diagnostics: &mut Diagnostics) {
    let place = "`default_tags`";
    for (one, other) in tags::same_but_for_case(default_tags.keys().map(String::as_str)) {
        let path = Path::attribute("default_tags").index(0).nested("tags").key(other);
        diagnostics.push(case_only(one, place, other, place).at(path).build());
    }
    for (key, value) in default_tags {
        if let Err(problem) = tags::check_user_tag(key, value) {
            diagnostics.push(
                error("FLEET0005", "A default tag is not valid")
                    .at(Path::attribute("default_tags").index(0).nested("tags").key(key))
                    .what(format!("The tag {key:?} = {value:?} of `default_tags`: {problem}."))
                    .why("Tags go in with the call that creates an account, and AWS refuses the whole account when one tag is bad.")
                    .todo("Rename or shorten the tag.")
                    .build(),
            );
        }
    }
}
