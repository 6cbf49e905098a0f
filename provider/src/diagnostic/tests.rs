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

/// Warnings and reports of what has been done: they refuse nothing.
const REFUSE_NOTHING: [&str; 24] = [
    "0110", "0111", "0112", "0114", "0116", "0118", "0126", "0152", "0164", "0170", "0173", "0180",
    "0181", "0182", "0183", "0225", "0310", "0312", "0411", "0412", "0419", "0421", "0428", "0561",
];

/// The codes that a text names by their digits, `0136 to 0140` included.
fn numbers(text: &str) -> BTreeSet<u32> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let number = |word: &str| {
        let digits = word.strip_prefix("FLEET").unwrap_or(word);
        (digits.len() == 4).then(|| digits.parse::<u32>().ok()).flatten()
    };
    let one = words.iter().filter_map(|word| number(word));
    let ranges = words
        .windows(3)
        .filter(|of| of[1] == "to")
        .filter_map(|of| Some(number(of[0])?..=number(of[2])?));
    one.chain(ranges.flatten()).collect()
}

/// What an apply can refuse stands in DESIGN.md, with where the plan tells it: a new code cannot be left out of the list.
#[test]
fn what_an_apply_can_refuse_is_on_the_list_of_the_design() {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR"));
    let design = fs::read_to_string(root.join("../DESIGN.md")).unwrap();
    let (_, list) = design.split_once("## What an apply can refuse").unwrap();
    let (list, _) = list.split_once("\n## ").unwrap();
    let mut named = numbers(list);
    named.extend(REFUSE_NOTHING.iter().flat_map(|of| numbers(of)));
    let pages = fs::read_dir(root.join("codes")).unwrap();
    let pages: BTreeSet<u32> = pages
        .map(|of| of.unwrap().path().file_stem().unwrap().to_string_lossy()[5..].parse().unwrap())
        .collect();
    let missing: Vec<&u32> = pages.difference(&named).collect();
    assert_eq!(missing, [&0; 0], "DESIGN.md does not say whether the plan tells these");
}

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
