use std::collections::BTreeSet;

use fleet_model::readiness::Verdict;

use super::super::tests::document;
use super::*;

fn remembered() -> Memory {
    Memory {
        parent_before: Some("ou-ab12-prod0000".to_owned()),
        quarantine_policies: BTreeSet::from(["p-freeze01".to_owned()]),
        ..Memory::default()
    }
}

#[test]
fn the_file_fills_a_memory_that_is_not_there_and_no_other() {
    let file =
        AccountDocument { prior_settings: remembered().to_file(), ..document(Verdict::Pass) };
    let mut private = Private::default();
    assert_eq!(read(&private, Some(&file)), Ok(remembered()));
    assert_eq!(read(&private, None), Ok(Memory::default()));
    keep(&mut private, &Memory::default());
    assert_eq!(read(&private, Some(&file)), Ok(Memory::default()));
    private.set(MEMORY, r#"{"version":9,"memory":{}}"#);
    let unreadable = read(&private, Some(&file)).unwrap_err();
    assert!(unreadable.detail.contains("version 9"), "{}", unreadable.detail);
}

#[test]
fn a_memory_of_a_later_version_or_a_damaged_one_is_an_error() {
    for kept in ["not a memory", "{\"version\": 99}"] {
        let mut private = Private::default();
        private.set(MEMORY, kept);
        let told = read(&private, None).unwrap_err();
        assert!(told.detail.ends_with("FLEET0146"), "{told:?}");
        assert!(told.detail.contains("`state rm`"), "{told:?}");
    }
}
