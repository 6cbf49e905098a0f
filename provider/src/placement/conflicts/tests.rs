//! What is said, as a reader gets it.

use super::*;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

#[test]
fn what_happened_behind_a_placements_back_reads_as_it_should() {
    let on = |name: &str, fate| (BTreeSet::from([key(name)]), fate);
    let told = [
        twins(
            &key("web-prod"),
            &Twins { this: on("c2", Fate::Goes), other: on("c4", Fate::Stays) },
        ),
        twins(
            &key("web-prod"),
            &Twins { this: (BTreeSet::new(), Fate::Open), other: on("c4", Fate::Open) },
        ),
        second(&key("web-prod"), &key("other")),
        not_shown("web-prod"),
        not_known(&key("web-prod"), &["max_targets_removed", "acknowledge"]),
    ];
    let text = told.iter().map(|of| {
        let path = of.path.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        format!("{:?} at {path}: {}\n\n{}\n", of.severity, of.summary, of.detail)
    });
    insta::assert_snapshot!(text.collect::<Vec<_>>().join("\n----\n\n"));
}
