//! Every reason for which there is no account has words of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use fleet_vending::aws::api::NotCreated;
use fleet_vending::aws::policy::exemption::Open;
use fleet_vending::error::{Cause, Error, Kind, Tries};
use fleet_vending::partition::Partition;
use fleet_vending::{Claimant, Duplicate, Task};
use fleet_vending::{Flaw, NotClosed, NotUndone, Refusal, Unusable};
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

/// One of each refusal but those whose words have tables of their own (calls, creates, the time).
fn refusals() -> Vec<Refusal> {
    let text = str::to_owned;
    let object = || text("account 111122223333 (payments)");
    let unit = || text("organizational unit Workloads/Prod (ou-ab12-prod0000)");
    let claimant = |id: &str, email: &str, second: i64| Claimant {
        id: text(id),
        name: text("payments"),
        email: text(email),
        joined_at: jiff::Timestamp::from_second(1_795_000_000 + second).ok(),
        managed_by: text("platform"),
    };
    let taken = |problem| Refusal::KeyTaken {
        key: text("payments"),
        account_id: text("111122223333"),
        problem,
    };
    let quarantine = |flaw| Refusal::Quarantine { policy: text("p-freeze01"), flaw };
    let undone = |reason| Refusal::NotUndone { object: object(), reason };
    let closed = |reason| Refusal::NotClosed { object: object(), reason };
    let partition = |partition, region: &str| Refusal::NotInPartition {
        partition,
        region: text(region),
        task: Task::CreateAccount,
    };
    let holds = |enabled, nearest: Option<(&str, Open)>| Refusal::NothingHolds {
        unit: text("ou-ab12-quaranti"),
        enabled,
        nearest: nearest.map(|(name, open)| (text(name), open)),
    };
    vec![
        Refusal::CreateUnknown(
            Error::new("organizations:CreateAccount", Kind::Unexpected, "HTTP 400", "")
                .with_cause(Cause::NotTheService),
        ),
        holds(false, None),
        holds(true, None),
        holds(true, Some(("DenyRegions", Open::Condition(text("aws:RequestedRegion"))))),
        undone(NotUndone::Gone(text("ou-ab12-former00"))),
        Refusal::OtherManager { object: object(), manager: text("other/team") },
        Refusal::OtherKey { object: object(), key: text("pay") },
        Refusal::Unmanaged { object: object(), released_from: None },
        Refusal::Unmanaged { object: unit(), released_from: Some(text("other/team")) },
        Refusal::NotAsPlanned { object: object(), found: None },
        Refusal::NotAsPlanned { object: object(), found: Some(text("444455556666")) },
        taken(Unusable::NotHere { organization_id: text("o-other") }),
        taken(Unusable::Over(text("suspended"))),
        taken(Unusable::Another(text("444455556666"))),
        taken(Unusable::Unmarked),
        Refusal::Duplicate(Box::new(
            Duplicate::of(
                "payments",
                vec![
                    claimant("444455556666", "b@example.com", 9),
                    claimant("111122223333", "a@example.com", 0),
                ],
            )
            .unwrap(),
        )),
        Refusal::ManagementAccount { object: object() },
        Refusal::HeldTwice { object: unit() },
        Refusal::NameTaken {
            name: text("Prod"),
            by: text("ou-ab12-other000, which is not managed"),
        },
        Refusal::CannotMove { object: unit(), from: text("r-ab12"), to: text("Workloads") },
        Refusal::Inactive { object: object(), state: text("suspended") },
        Refusal::NoSuchParent {
            path: text("Workloads/Prd"),
            nearest: vec![text("Workloads/Prod")],
        },
        Refusal::NoSuchParent { path: text("Nowhere"), nearest: Vec::new() },
        Refusal::OnboardingParent(Box::new(Refusal::NoSuchObject {
            object: text("organizational unit ou-ab12-gone0000"),
        })),
        Refusal::WrongCaller { caller: text("222233334444"), management: text("123456789012") },
        Refusal::NotManagement {
            task: Task::MoveAccount,
            caller: text("222233334444"),
            management: text("123456789012"),
        },
        partition(Partition::GovCloud, "us-gov-west-1"),
        partition(Partition::Other, "us-iso-east-1"),
        undone(NotUndone::Lost),
        undone(NotUndone::NotPlanned(text("ou-ab12-prod0000"))),
        undone(NotUndone::Moved { planned: text("ou-ab12-quaranti"), found: text("r-ab12") }),
        Refusal::NoSuchObject { object: object() },
        quarantine(Flaw::TypeOff),
        quarantine(Flaw::Missing),
        quarantine(Flaw::Unreadable(text("it is no JSON"))),
        quarantine(Flaw::LocksOut(vec![text("OrganizationAccountAccessRole")])),
        quarantine(Flaw::Open(Open::Resources)),
        closed(NotClosed::Management),
        closed(NotClosed::DelegatedAdministrator),
        Refusal::NotProven { object: text("account 111122223333 (payments)") },
        closed(NotClosed::Quota {
            accounts: 40,
            at: jiff::Timestamp::from_second(1_795_000_000).unwrap(),
        }),
        Refusal::NoAccess { reason: text("OrganizationAccountAccessRole: AccessDenied") },
        Refusal::NoAccessRole {
            account_id: text("111122223333"),
            caller: text("123456789012"),
            tried: vec![text("OrganizationAccountAccessRole")],
            remedy: text("aws iam create-role …"),
        },
        Refusal::Stopped { waiting_for: text("the tags") },
    ]
}

#[test]
fn every_refusal_reads_as_it_should() {
    let told = refusals().into_iter().map(|refusal| {
        let told = report(&refusal, "create account `payments`").build();
        assert!(told.summary.chars().count() <= 60, "{}", told.summary);
        let path = told.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} [{path}]\n\n{}", told.summary, told.detail)
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n\n---\n\n"));
}
