//! Users' tags on accounts and organizational units. The `fleet:` tags never show here: they are
//! the provider's journal, and no drift.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostics, Path};

use crate::diagnostic::{Report, error};

/// How many tags AWS keeps on one object.
const MOST: usize = 50;
/// How many of them the provider writes itself.
const OURS: usize = 6;

/// Values by key.
pub type Tags = BTreeMap<String, String>;

/// Tags as a configuration has them. One whose value is null is no tag: `cost = var.cost` with a variable that is null.
pub type Written = BTreeMap<String, Option<String>>;

/// The tags that are there.
#[must_use]
pub fn given(written: &Attr<Written>) -> Attr<Tags> {
    written.as_ref().map(|written| {
        let there = |(key, value): (&String, &Option<String>)| Some((key.clone(), value.clone()?));
        written.iter().filter_map(there).collect()
    })
}

/// As a configuration would have them.
#[must_use]
pub fn written(tags: Tags) -> Written {
    tags.into_iter().map(|(key, value)| (key, Some(value))).collect()
}

/// What the provider block says about the tags of every object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Tags that every object gets.
    pub default_tags: Tags,
    /// Tags that others manage.
    pub ignored: Ignored,
}

/// Tags that others manage: not read, not written, not removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Their keys.
    pub keys: BTreeSet<String>,
    /// What their keys begin with.
    pub key_prefixes: BTreeSet<String>,
}

impl Ignored {
    /// Is the tag of this key somebody else's?
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        self.keys.contains(key) || self.key_prefixes.iter().any(|prefix| key.starts_with(prefix))
    }
}

impl Rules {
    /// `default_tags` with the resource's own on top, without what is ignored.
    #[must_use]
    pub fn merged(&self, own: &Attr<Written>) -> Tags {
        let mut all = self.default_tags.clone();
        all.extend(given(own).into_known().unwrap_or_default());
        all.retain(|key, _| !self.ignored.matches(key));
        all
    }

    /// The keys of `tags_all`, tags that an object got from us: what is asked for no more is removed. What is ignored by
    /// now is somebody else's, and stays.
    #[must_use]
    pub fn set_before(&self, tags_all: &Attr<Tags>) -> BTreeSet<String> {
        let keys = tags_all.known().into_iter().flatten().map(|(key, _)| key);
        keys.filter(|key| !self.ignored.matches(key)).cloned().collect()
    }

    /// Says of each of the resource's own tags that `ignore_tags` takes away that it has no effect.
    pub fn check_ignored(&self, own: &Attr<Written>, diagnostics: &mut Diagnostics) {
        for key in given(own).into_known().unwrap_or_default().keys() {
            if self.ignored.matches(key) {
                diagnostics.push(
                    error("FLEET0010", "A tag is set and ignored")
                        .at(Path::attribute("tags").key(key))
                        .what(format!("The tag {key:?} is set here, and `ignore_tags` of the provider block matches its key."))
                        .why("An ignored tag is neither read nor written, so what is set here would have no effect.")
                        .todo("Remove the tag here, or narrow `ignore_tags`.")
                        .build(),
                );
            }
        }
    }
}

/// Checks the tags of a resource against AWS's rules: one bad tag means no account.
pub fn check(written: &Attr<Written>, diagnostics: &mut Diagnostics) {
    for (key, value) in given(written).into_known().unwrap_or_default() {
        if let Err(problem) = tags::check_user_tag(&key, &value) {
            diagnostics.push(
                error("FLEET0008", "A tag is not valid")
                    .at(Path::attribute("tags").key(&key))
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

/// Refuses keys of the resource that differ in case only, from each other or from one of `default_tags`: to AWS those of
/// an account or unit are one key.
pub fn check_case(own: &Attr<Written>, tags_all: &Tags, diagnostics: &mut Diagnostics) {
    let own = given(own).into_known().unwrap_or_default();
    for (one, other) in tags::same_but_for_case(tags_all.keys().map(String::as_str)) {
        // Of the provider block alone it is told there.
        let Some(key) = [other, one].into_iter().find(|key| own.contains_key(*key)) else {
            continue;
        };
        let place = |key: &str| if own.contains_key(key) { "`tags`" } else { "`default_tags`" };
        diagnostics.push(
            case_only(one, place(one), other, place(other))
                .at(Path::attribute("tags").key(key))
                .build(),
        );
    }
}

/// That two keys differ in case only; each with where it is set.
pub fn case_only(one: &str, place: &str, other: &str, other_place: &str) -> Report {
    error("FLEET0008", "A tag is not valid")
        .what(format!("The tags {one:?} (in {place}) and {other:?} (in {other_place}) differ in case only."))
        .why("AWS takes no two tags of an account or organizational unit whose keys differ in case only, and checks all tags together: nothing would be created or changed.")
        .todo("Keep one of them, or write both keys alike: then the one of `tags` counts.")
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

/// As [`seen`], of tags as they were written: where there was none there still is none.
#[must_use]
pub fn still(written: &Written, carried: &Tags) -> Written {
    let set = written.iter().filter(|(_, value)| value.is_some());
    let mut now = self::written(seen(carried, &set.map(|(key, _)| key.clone()).collect()));
    now.extend(
        written.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| (key.clone(), None)),
    );
    now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_by_now_is_not_ours_to_remove() {
        let ignored = Ignored {
            keys: BTreeSet::from(["team".to_owned()]),
            key_prefixes: BTreeSet::from(["aws-".to_owned()]),
        };
        let rules = Rules { ignored, ..Rules::default() };
        let tags_all = Attr::Known(map(&[("team", "a"), ("aws-x", "b"), ("cost", "c")]));
        assert_eq!(rules.set_before(&tags_all), BTreeSet::from(["cost".to_owned()]));
        assert_eq!(rules.set_before(&Attr::Unknown), BTreeSet::new());
    }

    #[test]
    fn a_tag_without_a_value_is_none_and_stays_so() {
        let cost = |value: Option<&str>| {
            Written::from([
                ("cost".to_owned(), value.map(str::to_owned)),
                ("team".to_owned(), Some("a".to_owned())),
            ])
        };
        assert_eq!(given(&Attr::Known(cost(None))), Attr::Known(map(&[("team", "a")])));
        let carried = map(&[("cost", "foreign"), ("team", "b")]);
        assert_eq!(still(&cost(None), &carried)["cost"], None);
        assert_eq!(still(&cost(Some("1")), &carried)["cost"].as_deref(), Some("foreign"));
        assert_eq!(still(&cost(None), &carried)["team"].as_deref(), Some("b"));
        assert_eq!(still(&cost(None), &Tags::new()), Written::from([("cost".to_owned(), None)]));
    }

    fn map(rows: &[(&str, &str)]) -> Tags {
        rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_resources_own_tag_wins() {
        let default_tags = map(&[("a", "default"), ("b", "default")]);
        let rules = Rules { default_tags, ..Rules::default() };
        assert_eq!(
            rules.merged(&Attr::Known(written(map(&[("b", "own")])))),
            map(&[("a", "default"), ("b", "own")])
        );
    }

    #[test]
    fn ignored_tags_are_left_out_and_own_ones_are_refused() {
        let rules = Rules {
            default_tags: map(&[("team", "a"), ("backup", "daily")]),
            ignored: Ignored {
                keys: ["backup".to_owned()].into(),
                key_prefixes: ["cost:".to_owned()].into(),
            },
        };
        let own = Attr::Known(written(map(&[("cost:center", "1"), ("app", "x")])));
        assert_eq!(rules.merged(&own), map(&[("app", "x"), ("team", "a")]));
        let mut diagnostics = Diagnostics::default();
        rules.check_ignored(&own, &mut diagnostics);
        let paths: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.path.clone()).collect();
        assert_eq!(paths, [Some(Path::attribute("tags").key("cost:center"))]);
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
        let said: Vec<_> = diagnostics.iter().collect();
        let [one] = said.as_slice() else { panic!("{said:#?}") };
        assert!(one.detail.contains("45 tags"), "{one:?}");
        insta::assert_snapshot!(crate::diagnostic::plain(&diagnostics));
    }

    #[test]
    fn keys_that_differ_in_case_only_are_one_key() {
        let told = |own: &[(&str, &str)], default: &[(&str, &str)]| {
            let rules = Rules { default_tags: map(default), ..Rules::default() };
            let own = Attr::Known(written(map(own)));
            let mut diagnostics = Diagnostics::default();
            check_case(&own, &rules.merged(&own), &mut diagnostics);
            diagnostics.iter().map(|of| (of.path.clone(), of.detail.clone())).collect::<Vec<_>>()
        };
        assert_eq!(told(&[("cost", "1"), ("team", "a")], &[("cost", "2"), ("Team2", "b")]), []);
        let own = told(&[("cost", "1"), ("Cost", "2")], &[]);
        let [(path, detail)] = own.as_slice() else { panic!("{own:?}") };
        assert_eq!(*path, Some(Path::attribute("tags").key("cost")));
        assert!(detail.contains(r#""Cost" (in `tags`) and "cost" (in `tags`)"#), "{detail}");
        let mixed = told(&[("Straße", "1")], &[("STRASSE", "2"), ("straße", "3")]);
        let [(path, detail)] = mixed.as_slice() else { panic!("{mixed:?}") };
        assert_eq!(*path, Some(Path::attribute("tags").key("Straße")));
        assert!(detail.contains("(in `default_tags`)"), "{detail}");
        assert_eq!(told(&[], &[("a", "1"), ("A", "2")]), [], "told of the provider block");
    }

    #[test]
    fn a_bad_tag_is_found_by_its_key() {
        let mut diagnostics = Diagnostics::default();
        check(&Attr::Known(written(map(&[("good", "1"), ("fleet:id", "x")]))), &mut diagnostics);
        let paths: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.path.clone()).collect();
        assert_eq!(paths, [Some(Path::attribute("tags").key("fleet:id"))]);
    }
}
