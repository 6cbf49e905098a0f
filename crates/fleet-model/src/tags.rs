//! The `fleet:` tags: the journal of vending and the mark of the one mutation owner (guide §3).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use uuid::Uuid;

/// Every tag of ours starts with it; users' tags may not.
pub const PREFIX: &str = "fleet:";
/// UUIDv5 of organization and key: the token that `CreateAccount` lacks.
pub const ID: &str = "fleet:id";
/// The account's key.
pub const KEY: &str = "fleet:key";
/// Who may change the object.
pub const MANAGED_BY: &str = "fleet:managed-by";
/// Who last managed an object that was released.
pub const RELEASED_FROM: &str = "fleet:released-from";
/// The verdict of all checks (`pass`, `fail` …): a hint for people, never a gate.
pub const READINESS: &str = "fleet:readiness";
/// The digest behind [`READINESS`].
pub const READINESS_DIGEST: &str = "fleet:readiness-digest";

/// On a service control policy: the fingerprint of its text as a configuration last wrote it, so that a text which another
/// configuration of the same manager wrote can be told from one that somebody edited.
pub const TEXT: &str = "fleet:text";

/// What a run that dies must not take with it, written before the act that it is about; see
/// `fleet_vending::memory`. Others can write it: it is believed only as far as it can be verified.
pub const JOURNAL: &str = "fleet:journal";
/// As [`JOURNAL`], of the alternate contacts that are written over.
pub const JOURNAL_OF_CONTACTS: &str = "fleet:journal-contacts";

/// Our UUIDv5 namespace. It never changes: accounts are found again by what is derived from it.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d2e_0f64_8c0b_5f0e_9a53_7d0c_41b7_a6e1);

/// `fleet:id` = UUIDv5(UUIDv5([our namespace], organization id), key), as hyphenated lower-case text.
#[must_use]
pub fn fleet_id(organization_id: &str, key: &str) -> String {
    let organization = Uuid::new_v5(&NAMESPACE, organization_id.as_bytes());
    Uuid::new_v5(&organization, key.as_bytes()).hyphenated().to_string()
}

/// The token of a key towards a vendor over a wire: UUIDv5([our namespace] → "vendor", key). Known before there is an account,
/// and the same in each run.
#[must_use]
pub fn vendor_fleet_id(key: &str) -> String {
    fleet_id("vendor", key)
}

/// What AWS refuses in a tag (Organizations API, `Tag`): one bad tag means no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than 128 characters, or empty.
    #[error("a tag key has 1 to 128 characters")]
    KeyLength,
    /// Longer than 256 characters.
    #[error("a tag value has at most 256 characters")]
    ValueLength,
    /// Outside of AWS's character set.
    #[error("`{0}` is not allowed in a tag: letters, digits, spaces and _ . : / = + - @ are")]
    Character(char),
    /// A prefix that is not the user's.
    #[error("the prefix `{0}` is reserved")]
    ReservedPrefix(&'static str),
}

/// Checks one tag of a user's.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_user_tag(key: &str, value: &str) -> Result<(), Error> {
    if key.is_empty() || key.chars().count() > 128 {
        return Err(Error::KeyLength);
    }
    if value.chars().count() > 256 {
        return Err(Error::ValueLength);
    }
    for reserved in [PREFIX, "aws:"] {
        if key.get(..reserved.len()).is_some_and(|start| start.eq_ignore_ascii_case(reserved)) {
            return Err(Error::ReservedPrefix(reserved));
        }
    }
    // AWS takes separators (`\p{Z}`); tabs and line breaks are control characters.
    let separator = |c: char| c.is_whitespace() && !c.is_control();
    let allowed = |c: char| c.is_alphanumeric() || separator(c) || "_.:/=+-@".contains(c);
    match key.chars().chain(value.chars()).find(|c| !allowed(*c)) {
        Some(c) => Err(Error::Character(c)),
        None => Ok(()),
    }
}

/// The pairs of neighbouring keys that are one key to AWS, which tells those of accounts and organizational units apart
/// by more than their case. `keys` are sorted, so that the pairs come in one order.
pub fn same_but_for_case<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    let mut pairs = Vec::new();
    for key in keys {
        match first.entry(key.to_lowercase()) {
            Entry::Occupied(there) => pairs.push((*there.get(), key)),
            Entry::Vacant(free) => drop(free.insert(key)),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fleet_id_depends_on_both_parts_and_never_changes() {
        let id = fleet_id("o-exampleorgid", "payments-prod");
        assert_eq!(id, fleet_id("o-exampleorgid", "payments-prod"));
        assert_ne!(id, fleet_id("o-exampleorgid", "payments-dev"));
        assert_ne!(id, fleet_id("o-otherorgid00", "payments-prod"));
    }

    #[test]
    fn keys_are_told_apart_by_more_than_their_case() {
        assert!(same_but_for_case(["a", "b", "ab"]).is_empty());
        let pairs = same_but_for_case(["CoSt", "Cost", "cost", "Ä", "ä"]);
        assert_eq!(pairs, [("CoSt", "Cost"), ("CoSt", "cost"), ("Ä", "ä")]);
    }

    #[test]
    fn user_tags_follow_aws() {
        assert_eq!(check_user_tag("cost-center", "4711"), Ok(()));
        assert_eq!(check_user_tag("", "x"), Err(Error::KeyLength));
        assert_eq!(check_user_tag("a", &"x".repeat(257)), Err(Error::ValueLength));
        assert_eq!(check_user_tag("a", "b,c"), Err(Error::Character(',')));
        assert_eq!(check_user_tag("a", "b\u{a0}c d"), Ok(()));
        assert_eq!(check_user_tag("a", "b\tc"), Err(Error::Character('\t')));
        assert_eq!(check_user_tag("fleet:id", "x"), Err(Error::ReservedPrefix(PREFIX)));
        assert_eq!(check_user_tag("AWS:x", "x"), Err(Error::ReservedPrefix("aws:")));
    }
}
