//! Users' tags on accounts and organizational units. The `fleet:` tags never show here: they are
//! the provider's journal, and no drift.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;
use tfplugin::diagnostic::{Diagnostics, Path};

use crate::diagnostic::error;

/// How many tags AWS keeps on one object.
const MOST: usize = 50;
/// How many of them the provider writes itself.
const OURS: usize = 6;

type Tags = BTreeMap<String, String>;

/// Checks the tags of a resource against AWS's rules: one bad tag means no account.
pub fn check(tags: &Tags, diagnostics: &mut Diagnostics) {
    for (key, value) in tags {
        if let Err(problem) = tags::check_user_tag(key, value) {
            diagnostics.push(
                error("FLEET0008", "A tag is not valid")
                    .at(Path::attribute("tags").key(key))
                    .what(format!("The tag {key:?} = {value:?}: {problem}."))
                    .why("AWS checks all tags of an object together: one bad tag and nothing is created.")
                    .todo("Rename or shorten the tag. Keys that start with `fleet:` are the provider's own.")
                    .build(),
            );
        }
    }
}

/// Checks how many tags there are once `default_tags` are merged in.
pub fn check_number(tags_all: &Tags, diagnostics: &mut Diagnostics) {
    if tags_all.len() > MOST - OURS {
        diagnostics.push(
            error("FLEET0009", "Too many tags")
                .at("tags")
                .what(format!(
                    "With `default_tags` there are {} tags; {} fit beside the {OURS} that the provider writes.",
                    tags_all.len(),
                    MOST - OURS
                ))
                .why(format!("AWS keeps at most {MOST} tags on an account or organizational unit."))
                .todo("Remove tags here or in `default_tags`.")
                .build(),
        );
    }
}

/// `default_tags` with the resource's own on top.
#[must_use]
pub fn merged(default_tags: &Tags, own: Option<&Tags>) -> Tags {
    let mut all = default_tags.clone();
    all.extend(own.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    all
}

/// What the object carries of the tags that we set: neither the provider's own nor those of others,
/// which are never touched and so are no drift.
#[must_use]
pub fn seen(carried: &Tags, keys: &BTreeSet<String>) -> Tags {
    carried
        .iter()
        .filter(|(key, _)| keys.contains(*key) && !key.starts_with(tags::PREFIX))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(rows: &[(&str, &str)]) -> Tags {
        rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_resources_own_tag_wins() {
        let merged =
            merged(&map(&[("a", "default"), ("b", "default")]), Some(&map(&[("b", "own")])));
        assert_eq!(merged, map(&[("a", "default"), ("b", "own")]));
    }

    #[test]
    fn neither_ours_nor_foreign_tags_are_seen() {
        let carried = map(&[("a", "1"), ("foreign", "2"), ("fleet:id", "3")]);
        let keys = ["a", "gone", "fleet:id"].map(str::to_owned).into();
        assert_eq!(seen(&carried, &keys), map(&[("a", "1")]));
    }

    #[test]
    fn the_providers_own_tags_need_room() {
        let mut diagnostics = Diagnostics::default();
        let tags = |n: usize| (0..n).map(|i| (format!("k{i}"), String::new())).collect::<Tags>();
        check_number(&tags(44), &mut diagnostics);
        assert!(!diagnostics.has_errors());
        check_number(&tags(45), &mut diagnostics);
        assert!(diagnostics.has_errors());
    }

    #[test]
    fn a_bad_tag_is_found_by_its_key() {
        let mut diagnostics = Diagnostics::default();
        check(&map(&[("good", "1"), ("fleet:id", "x")]), &mut diagnostics);
        let paths: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.path.clone()).collect();
        assert_eq!(paths, [Some(Path::attribute("tags").key("fleet:id"))]);
    }
}
