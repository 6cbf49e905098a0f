use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path as FilePath;

use super::*;

#[test]
fn a_report_reads_in_order_and_ends_with_its_code() {
    let diagnostic =
        error("FLEET0001", "Title").at("managed_by").what("A.").why("B.").todo("C.").build();
    assert_eq!(diagnostic.summary, "Title");
    assert_eq!(diagnostic.detail, "A.\n\nB.\n\nC.\n\nFLEET0001");
}

#[test]
fn what_others_wrote_cannot_steer_a_terminal() {
    let diagnostic = error("FLEET0001", "A\u{1b}[31m\nB")
        .what("first\nsecond \u{1b}]0;title\u{7}\r")
        .todo("\u{202e}txt.exe \u{85} é 日本")
        .build();
    assert_eq!(diagnostic.summary, r"A\u{1b}[31m\nB");
    assert_eq!(
        diagnostic.detail,
        "first\nsecond \\u{1b}]0;title\\u{7}\\r\n\n\\u{202e}txt.exe \\u{85} é 日本\n\nFLEET0001"
    );
}

/// The codes in a text, each after `before`.
fn codes(text: &str, before: &str) -> BTreeSet<String> {
    let start = format!("{before}FLEET");
    text.match_indices(&start)
        .map(|(at, _)| at + before.len())
        .map(|at| text[at..].chars().take_while(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|code| code.len() == 9)
        .collect()
}

fn sources(directory: &FilePath, into: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    sources(&root.join("src"), &mut texts);
    let used: BTreeSet<String> = texts.iter().flat_map(|text| codes(text, "\"")).collect();
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(root.join("codes")).unwrap() {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        pages.insert(code, fs::read_to_string(path).unwrap());
    }
    assert_eq!(used, pages.keys().cloned().collect::<BTreeSet<_>>());
    for (code, page) in &pages {
        assert!(page.starts_with(&format!("# {code}: ")), "{code}: title");
        for section in ["## What happened", "## Why", "## What to do"] {
            assert!(page.contains(section), "{code}: {section}");
        }
    }
}

/// Codes that no test can raise, each with the reason.
const UNTRIGGERED: [(&str, &str); 0] = [];

/// What tests say of codes: golden files, and the tests' own text.
fn tested(directory: &FilePath, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tested(&path, into);
            continue;
        }
        let is = |extensions: &[&str]| {
            path.extension().is_some_and(|of| extensions.iter().any(|one| of == *one))
        };
        if !is(&["rs", "snap", "txt"]) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_test =
            path.components().any(|of| of.as_os_str() == "tests") || path.ends_with("tests.rs");
        // A golden file is what was said; a source counts from where its tests begin.
        let said = match text.find("#[cfg(test)]\nmod tests {") {
            _ if is_test || !is(&["rs"]) => text.as_str(),
            Some(at) => &text[at..],
            None => continue,
        };
        into.extend(codes(said, ""));
    }
}

#[test]
fn every_code_is_raised_by_a_test() {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR"));
    let mut raised = BTreeSet::new();
    tested(&root.join("src"), &mut raised);
    tested(&root.join("../tests/acceptance/tests/it"), &mut raised);
    // This file speaks of codes without raising them.
    let own = fs::read_to_string(root.join("src/diagnostic/tests.rs")).unwrap();
    let excused: BTreeSet<&str> = UNTRIGGERED.iter().map(|(code, _)| *code).collect();
    assert!(codes(&own, "").len() <= 1 + excused.len(), "no list of codes in here but the excused");
    let pages = fs::read_dir(root.join("codes")).unwrap();
    let pages =
        pages.map(|of| of.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    let missing: Vec<String> =
        pages.filter(|code| !raised.contains(code) && !excused.contains(code.as_str())).collect();
    assert_eq!(missing, [""; 0], "no test and no golden file has these codes");
}
