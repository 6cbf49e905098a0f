//! Our tags on an account: whose it is, and what has to be written.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;

use crate::memory;

/// Whether tags have to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagDrift {
    /// They say what they should.
    None,
    /// They do not.
    Some,
}

/// Whose an account is, by its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// `fleet:managed-by` and `fleet:id` are ours.
    Us,
    /// Ours, under another key.
    OtherKey(String),
    /// Another manager's.
    Other(String),
    /// Nobody's, and who released it.
    Nobody(Option<String>),
}

/// Whose an account is. `fleet_id` is ours.
pub(crate) fn holder(found: &BTreeMap<String, String>, managed_by: &str, fleet_id: &str) -> Holder {
    match found.get(tags::MANAGED_BY) {
        None => Holder::Nobody(found.get(tags::RELEASED_FROM).cloned()),
        Some(manager) if manager != managed_by => Holder::Other(manager.clone()),
        Some(_) => match found.get(tags::ID) {
            Some(id) if id == fleet_id => Holder::Us,
            _ => Holder::OtherKey(
                found.get(tags::KEY).cloned().unwrap_or_else(|| "unknown".to_owned()),
            ),
        },
    }
}

/// The tags that an account carries from its first moment.
pub(crate) fn at_birth(
    user: &BTreeMap<String, String>,
    key: &str,
    managed_by: &str,
    fleet_id: &str,
) -> BTreeMap<String, String> {
    let mut all = user.clone();
    all.insert(tags::ID.to_owned(), fleet_id.to_owned());
    all.insert(tags::KEY.to_owned(), key.to_owned());
    all.insert(tags::MANAGED_BY.to_owned(), managed_by.to_owned());
    all
}

/// What has to be written: tags to set, and keys to remove. Foreign tags are in neither; of the
/// user's, only those go that were set before and are not asked for any more. What is managed is not
/// released: that mark goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TagChange {
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) remove: BTreeSet<String>,
}

impl TagChange {
    pub(crate) fn between(
        found: &BTreeMap<String, String>,
        wanted: &BTreeMap<String, String>,
        set_before: &BTreeSet<String>,
    ) -> Self {
        let set = wanted
            .iter()
            .filter(|(key, value)| found.get(*key) != Some(*value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let released =
            wanted.contains_key(tags::MANAGED_BY) && found.contains_key(tags::RELEASED_FROM);
        // What they were written for is done.
        let told = found.keys().filter(|key| memory::is_journal(key) && !wanted.contains_key(*key));
        let remove = set_before
            .iter()
            .filter(|key| {
                !wanted.contains_key(*key)
                    && found.contains_key(*key)
                    && !key.starts_with(tags::PREFIX)
            })
            .cloned()
            .chain(released.then(|| tags::RELEASED_FROM.to_owned()))
            .chain(told.cloned())
            .collect();
        Self { set, remove }
    }

    pub(crate) fn drift(&self) -> TagDrift {
        if self.set.is_empty() && self.remove.is_empty() { TagDrift::None } else { TagDrift::Some }
    }

    /// The tags after the change.
    pub(crate) fn apply(&self, found: &mut BTreeMap<String, String>) {
        found.retain(|key, _| !self.remove.contains(key));
        found.extend(self.set.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
        rows.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_holder_is_read_from_manager_and_id() {
        for (found, whose) in [
            (map(&[]), Holder::Nobody(None)),
            (map(&[("fleet:released-from", "old")]), Holder::Nobody(Some("old".into()))),
            (map(&[("fleet:managed-by", "us"), ("fleet:id", "id-1")]), Holder::Us),
            (
                map(&[("fleet:managed-by", "us"), ("fleet:id", "id-2"), ("fleet:key", "b")]),
                Holder::OtherKey("b".into()),
            ),
            (map(&[("fleet:managed-by", "us")]), Holder::OtherKey("unknown".into())),
            (
                map(&[("fleet:managed-by", "them"), ("fleet:id", "id-1")]),
                Holder::Other("them".into()),
            ),
        ] {
            assert_eq!(holder(&found, "us", "id-1"), whose, "{found:?}");
        }
    }

    #[test]
    fn foreign_tags_stay_and_ours_that_are_not_asked_for_go() {
        let mut found = map(&[("foreign", "1"), ("old", "2"), ("kept", "3"), ("changed", "4")]);
        let wanted = map(&[("kept", "3"), ("changed", "5"), ("new", "6")]);
        let before = ["old", "kept", "changed", "gone-already", "fleet:key"];
        let before = before.iter().map(|key| (*key).to_owned()).collect();
        let change = TagChange::between(&found, &wanted, &before);
        assert_eq!(change.set, map(&[("changed", "5"), ("new", "6")]));
        assert_eq!(change.remove, BTreeSet::from(["old".to_owned()]));
        change.apply(&mut found);
        assert_eq!(found, map(&[("foreign", "1"), ("kept", "3"), ("changed", "5"), ("new", "6")]));
        assert_eq!(TagChange::between(&found, &wanted, &before_none()).drift(), TagDrift::None);
    }

    #[test]
    fn what_is_taken_over_is_not_released_any_more() {
        let found = map(&[("fleet:released-from", "old"), ("foreign", "1")]);
        let wanted = at_birth(&BTreeMap::new(), "key", "us", "id-1");
        let change = TagChange::between(&found, &wanted, &before_none());
        assert_eq!(change.set, wanted);
        assert_eq!(change.remove, BTreeSet::from(["fleet:released-from".to_owned()]));
        assert_eq!(TagChange::between(&found, &map(&[]), &before_none()), TagChange::default());
    }

    fn before_none() -> BTreeSet<String> {
        BTreeSet::new()
    }
}
