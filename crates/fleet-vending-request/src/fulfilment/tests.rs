use super::*;

const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn text(lines: &str) -> String {
    format!("version: 1\nrequest_sha256: {HASH}\n{lines}")
}

#[test]
fn an_answer_is_read() {
    let read = Fulfilment::from_text(&text(
        "decision: approved\napprover: Ann\nfulfiller: Bob\nat: 2026-11-30T17:00:00Z\nnative_id: a-1\naccess: {url: \"https://x\"}\nevidence: [ticket 1]\n",
    ))
    .unwrap();
    assert_eq!(
        (read.decision, read.native_id.as_str(), read.evidence.len()),
        (Decision::Approved, "a-1", 1)
    );
    assert!(read.approved_by(" ann ") && !read.approved_by("") && !read.approved_by("Bob"));
}

#[test]
fn what_is_no_answer_is_refused_by_the_name_of_the_field() {
    let approved = "decision: approved\nnative_id: a-1\napprover: Ann\n";
    let long = "x".repeat(TEXT + 1);
    for (lines, field) in [
        ("decision: approved\napprover: Ann\n".to_owned(), "native_id"),
        ("decision: approved\nnative_id: a-1\napprover: \" \"\n".to_owned(), "approver"),
        ("decision: denied\napprover: Ann\n".to_owned(), "reason"),
        ("decision: needs_info\napprover: Ann\nreason: \"\"\n".to_owned(), "reason"),
        (format!("{approved}reason: \"a\\e[31m\"\n"), "reason"),
        (format!("{approved}fulfiller: \"a\\u202eb\"\n"), "fulfiller"),
        (format!("{approved}ticket: {long}\n"), "ticket"),
        (format!("{approved}evidence: [\"\"]\n"), "evidence"),
        (format!("{approved}access: {{a: \"\\n\"}}\n"), "access"),
        (format!("{approved}at: yesterday\n"), "at"),
        (format!("{approved}expires: 2026-11-30\n"), "expires"),
        (format!("{approved}closed_at: soon\n"), "closed_at"),
        ("decision: approved\nnative_id: a b\napprover: Ann\n".to_owned(), "native_id"),
        (format!("{approved}resource_name: \"ä\"\n"), "resource_name"),
        (format!("{approved}evidence: [{}]\n", "e, ".repeat(ENTRIES + 1)), "evidence"),
    ] {
        match Fulfilment::from_text(&text(&lines)) {
            Err(Refused::Field(found, _)) => assert_eq!(found, field, "{lines}"),
            other => panic!("{lines}: {other:?}"),
        }
    }
    for lines in [
        format!("{approved}unknown: 1\n"),
        format!("{approved}approver: Bob\n"),
        "decision: maybe\n".into(),
        "{".into(),
    ] {
        assert!(matches!(Fulfilment::from_text(&text(&lines)), Err(Refused::Form(_))), "{lines}");
    }
    let versions = text(approved).replace("version: 1", "version: 2");
    assert_eq!(Fulfilment::from_text(&versions), Err(Refused::Version(2)));
    let hash = text(approved).replace(HASH, "E3");
    assert!(matches!(Fulfilment::from_text(&hash), Err(Refused::Field("request_sha256", _))));
}

#[test]
fn an_approval_can_be_for_a_time() {
    let lines =
        "decision: approved\nnative_id: a-1\napprover: Ann\nexpires: 2026-11-30T17:00:00Z\n";
    let read = Fulfilment::from_text(&text(lines)).unwrap();
    assert!(!read.expired("2026-11-30T16:59:59Z".parse().unwrap()));
    assert!(read.expired("2026-11-30T17:00:00Z".parse().unwrap()));
}
