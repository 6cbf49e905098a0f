use std::path::Path;

use super::*;

mod blocks;

const C1: &str = "/fleet/clusters/c1.yaml";

fn process(place: &tempfile::TempDir, run: &str) -> Siblings {
    Siblings::at(place.path(), run)
}

fn by(managed_by: &str) -> Option<Sibling> {
    Some(Sibling { managed_by: managed_by.to_owned() })
}

#[test]
fn two_blocks_of_one_run_see_what_the_other_notes() {
    let place = tempfile::tempdir().unwrap();
    let (one, two) = (process(&place, "7-1"), process(&place, "7-1"));
    assert_eq!(one.note(Kind::ClusterFile, C1, "a"), None);
    assert_eq!(one.note(Kind::ClusterFile, C1, "a"), None, "its own");
    assert_eq!(two.note(Kind::ClusterFile, C1, "b"), by("a"));
    assert_eq!(one.note(Kind::ClusterFile, C1, "a"), by("b"));
    // Another name, and another kind of the same name.
    assert_eq!(two.note(Kind::ClusterFile, "/fleet/clusters/c2.yaml", "b"), None);
    assert_eq!(two.note(Kind::AccountFile, C1, "b"), None);
    // Whatever stands in a name or a manager.
    let odd = "a\nb\"\u{1b}\t";
    assert_eq!(one.note(Kind::Placement, odd, odd), None);
    assert_eq!(two.note(Kind::Placement, odd, "b"), by(odd));
}

#[test]
fn other_runs_and_processes_that_are_on_their_own_are_not_seen() {
    let place = tempfile::tempdir().unwrap();
    let (one, two) = (process(&place, "7-1"), process(&place, "7-12"));
    let alone = Siblings::default();
    alone.join();
    let nowhere = Siblings::at(&place.path().join("gone"), "7-1");
    for siblings in [&one, &two, &alone, &nowhere] {
        assert_eq!(siblings.note(Kind::ClusterFile, C1, "a"), None);
    }
}

/// The process of a block ends when everything of it is planned, which may be before another block is looked at.
#[test]
fn what_was_noted_counts_after_the_end_of_who_noted_it() {
    let place = tempfile::tempdir().unwrap();
    let (one, two) = (process(&place, "7-1"), process(&place, "7-1"));
    assert_eq!(one.note(Kind::ClusterFile, C1, "a"), None);
    drop(one);
    assert_eq!(two.note(Kind::ClusterFile, C1, "b"), by("a"));
}

/// The processes of a plan end before those of its apply begin, whether in peace or not.
#[test]
fn an_earlier_part_of_the_run_does_not_count() {
    let place = tempfile::tempdir().unwrap();
    let plan = process(&place, "7-1");
    assert_eq!(plan.note(Kind::ClusterFile, C1, "a"), None);
    let apply = process(&place, "7-1");
    assert_eq!(apply.note(Kind::ClusterFile, C1, "a"), None);
}

/// One that has planned all it has would be gone when another begins.
#[test]
fn a_process_waits_for_the_blocks_that_were_looked_at() {
    let place = tempfile::tempdir().unwrap();
    let looked = [process(&place, "7-1"), process(&place, "7-1")];
    looked.iter().for_each(Siblings::looks);
    let one = process(&place, "7-1");
    one.looks();
    one.works();
    let (told, late) = std::thread::scope(|scope| {
        let told = scope.spawn(|| {
            let told = one.note(Kind::ClusterFile, C1, "a");
            drop(one);
            told
        });
        let two = process(&place, "7-1");
        two.looks();
        two.works();
        let told = told.join().unwrap();
        (told, two.note(Kind::ClusterFile, C1, "a"))
    });
    assert_eq!((told, late), (None, by("a")));
    // In the apply that comes after the plan nobody is waited for.
    let mut apply = process(&place, "7-1").joined.into_inner().unwrap().unwrap();
    apply.write(&Line::Looks);
    apply.write(&Line::Works);
    apply.read();
    assert!(apply.looked.difference(&apply.works).count() <= apply.works.len());
}

/// Of two that note the same at once, the second in the log is told.
#[test]
fn of_two_at_once_one_is_told() {
    let place = tempfile::tempdir().unwrap();
    let blocks = [process(&place, "7-1"), process(&place, "7-1")];
    for round in 0..200 {
        let name = format!("c{round}");
        let told = std::thread::scope(|scope| {
            let note = |of: &Siblings| of.note(Kind::ClusterFile, &name, "a").is_some();
            let both = [&blocks[0], &blocks[1]].map(|of| scope.spawn(move || note(of)));
            both.map(|of| of.join().unwrap())
        });
        assert_ne!(told, [false, false], "{name}");
    }
}

#[test]
fn what_is_no_line_of_the_log_is_passed_over() {
    for line in
        ["", "[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"a\",\"notes\",\"k\"]", "{}", "[1,2]", "x"]
    {
        assert_eq!(Line::parse(line.as_bytes()), None, "{line}");
    }
    let line =
        Line::Notes(("k".to_owned(), "n".to_owned()), Sibling { managed_by: "m".to_owned() });
    let written = line.written("7");
    assert_eq!(Line::parse(written.trim_end().as_bytes()), Some(("7".to_owned(), line)));
}
