//! Every reason for which there is no account has words of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use fleet_vending::error::{Error, Kind, Tries};
use fleet_vending::ports::NotCreated;
use fleet_vending::{NotUndone, Refusal};
use tfplugin::diagnostic::Diagnostic;

use super::report;

const CREATE: &str = "organizations:CreateAccount";

fn not_created(reason: &NotCreated) -> Diagnostic {
    let refusal = Refusal::CreateFailed {
        reason: reason.clone(),
        message: "AWS's own text.".into(),
        request_id: Some("car-0123".into()),
    };
    report(&refusal, "create account `a`").build()
}

fn code(diagnostic: &Diagnostic) -> &str {
    diagnostic.detail.lines().next_back().unwrap()
}

#[test]
fn every_reason_has_a_code_a_page_that_names_it_and_a_short_summary() {
    let mut pages = BTreeMap::new();
    for reason in NotCreated::KNOWN {
        let said = not_created(reason);
        let code = code(&said).to_owned();
        assert!(said.summary.chars().count() <= 60, "{reason}: {}", said.summary);
        assert!(said.detail.contains(reason.as_str()), "{reason}: {}", said.detail);
        assert!(said.detail.contains("AWS's own text (request `car-0123`)."), "{}", said.detail);
        assert_eq!(said.detail.split("\n\n").count(), 4, "{reason}: what, why, what to do, code");
        let page = pages.entry(code.clone()).or_insert_with(|| {
            let file = format!("{}/codes/{code}.md", env!("CARGO_MANIFEST_DIR"));
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
        });
        let unknown = code == "FLEET0505";
        assert!(unknown || page.contains(&format!("`{reason}`")), "{code}: {reason} is not there");
    }
    assert_eq!(pages.len(), 22, "{:?}", pages.keys().collect::<BTreeSet<_>>());
    let new = not_created(&NotCreated::parse("A_NEW_WORD"));
    assert_eq!(code(&new), "FLEET0505");
    assert!(new.detail.contains("A_NEW_WORD: AWS's own text"), "{}", new.detail);
}

#[test]
fn an_attribute_is_named_where_one_is_to_blame() {
    for (word, attribute) in [
        ("EMAIL_ALREADY_EXISTS", "email"),
        ("INVALID_EMAIL", "email"),
        ("INVALID_EMAIL_ADDRESS_TARGET", "email"),
        ("GOVCLOUD_ACCOUNT_ALREADY_EXISTS", "email"),
        ("INVALID_FULL_NAME_TARGET", "name"),
        ("INVALID_ROLE_NAME", "role_name"),
        ("TAG_POLICY_VIOLATION", "tags"),
        ("MAX_TAG_LIMIT_EXCEEDED", "tags"),
        ("DUPLICATE_TAG_KEY", "tags"),
        ("INVALID_SYSTEM_TAGS_PARAMETER", "tags"),
    ] {
        let said = not_created(&NotCreated::parse(word));
        assert_eq!(said.path.unwrap().to_string(), attribute, "{word}");
    }
    for word in ["ACCOUNT_LIMIT_EXCEEDED", "INVALID_ADDRESS", "INVALID_PATTERN", "NEW"] {
        assert!(not_created(&NotCreated::parse(word)).path.is_none(), "{word}");
    }
}

#[test]
fn what_is_not_taken_over_has_a_code() {
    let object = || "account 111122223333 (a)".to_owned();
    let gone = |found: Option<&str>| Refusal::NotAsPlanned {
        object: object(),
        found: found.map(str::to_owned),
    };
    for (refusal, expected, text, attribute) in [
        (gone(None), "FLEET0154", "nothing has its name or email any more", None),
        (gone(Some("444455556666")), "FLEET0154", "444455556666 has its name or email now", None),
        (
            Refusal::ManagementAccount { object: object() },
            "FLEET0155",
            "is the management account of the organization",
            Some("email"),
        ),
    ] {
        let said = report(&refusal, "create account `a`").build();
        assert_eq!(code(&said), expected);
        assert!(said.detail.contains(&object()) && said.detail.contains(text), "{}", said.detail);
        assert_eq!(said.path.map(|path| path.to_string()).as_deref(), attribute);
    }
}

#[test]
fn what_is_not_moved_or_undone_has_a_code_and_says_what_was_found() {
    let object = || "account 111122223333".to_owned();
    let not_undone = |reason| Refusal::NotUndone { object: object(), reason };
    let moved = Refusal::MovedMeanwhile {
        object: object(),
        from: "ou-ab12-prod0000".to_owned(),
        found: "ou-ab12-work0000".to_owned(),
    };
    for (refusal, expected, texts, attribute) in [
        (moved, "FLEET0199", ["was in ou-ab12-prod0000", "in ou-ab12-work0000 now"], "parent"),
        (
            not_undone(NotUndone::PolicyNotPlanned("p-quarantine".to_owned())),
            "FLEET0144",
            ["p-quarantine is attached", "did not show that it is detached"],
            "lifecycle_state",
        ),
        (
            not_undone(NotUndone::NotPlanned("ou-ab12-prod0000".to_owned())),
            "FLEET0144",
            ["it came from ou-ab12-prod0000", "did not show that"],
            "parent",
        ),
    ] {
        let said = report(&refusal, "bring back account `a`").build();
        assert_eq!(code(&said), expected);
        for text in texts {
            assert!(said.detail.contains(text), "{text}: {}", said.detail);
        }
        assert_eq!(said.path.map(|path| path.to_string()).as_deref(), Some(attribute));
    }
}

#[test]
fn the_time_over_says_what_was_tried() {
    let over = |tried: Option<(u32, Kind, &str, &str)>| {
        let tried = tried.map(|(times, kind, call, code)| {
            Box::new(Tries { times, last: Error::new(call, kind, code, "Slow down.") })
        });
        let refusal = Refusal::OutOfTime { waiting_for: "the tags".into(), tried };
        report(&refusal, "create account `a`").build()
    };
    let plain = over(None);
    assert_eq!(code(&plain), "FLEET0508");
    assert!(
        plain.detail.starts_with(
            "Cannot create account `a` within its timeout: it was waiting for the tags.\n"
        ),
        "{}",
        plain.detail
    );

    let throttled = "TooManyRequestsException";
    let said = over(Some((7, Kind::Throttled, "organizations:ListAccounts", throttled)));
    assert_eq!(code(&said), "FLEET0508");
    assert!(said.detail.contains(&format!("organizations:ListAccounts was tried 7 times, and last answered {throttled}: Slow down.\n")), "{}", said.detail);
    assert!(said.detail.contains("-parallelism"), "{}", said.detail);

    for (call, word, expected) in [
        (CREATE, "FinalizingOrganizationException", "FLEET0533"),
        (CREATE, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", "FLEET0534"),
        (CREATE, "CONCURRENT_ACCOUNT_MODIFICATION", "FLEET0518"),
        (CREATE, "ConcurrentModificationException", "FLEET0508"),
        ("organizations:MoveAccount", "FinalizingOrganizationException", "FLEET0508"),
    ] {
        let said = over(Some((2, Kind::Busy, call, word)));
        assert_eq!(code(&said), expected, "{call} {word}");
        assert!(said.detail.contains("was tried 2 times"), "{}", said.detail);
    }
}
