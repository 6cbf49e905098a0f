use super::*;

fn document() -> AccountDocument {
    let text = r#"{
        "managed_by": "us", "id": "111122223333", "phase": "ready", "lifecycle_phase": "active", "ready": true,
        "digest": "d", "verdicts": {"regions": "pass", "contacts": "not_applicable"},
        "contract": {"key": "pay", "name": "pay", "email": "pay@example.com", "account_class": "sandbox",
            "environment": "dev", "owner": "team", "data_classification": "internal", "region_set": ["eu-west-1"],
            "network_profile": "private", "baseline_policy": "sandbox", "budget_owner": "team",
            "gitops_enabled": false, "role_name": "r"}
    }"#;
    serde_json::from_str(text).unwrap()
}

fn open(check: &str) -> BTreeMap<String, String> {
    [(check.to_owned(), "none".to_owned())].into()
}

#[test]
fn a_document_that_contradicts_itself_is_not_ready() {
    let ready = document();
    assert!(ready.is_ready());
    let verdict = |verdict| [("regions".to_owned(), verdict)].into();
    let contradictions = [
        AccountDocument { verdicts: verdict(Verdict::Fail), ..ready.clone() },
        AccountDocument { verdicts: verdict(Verdict::Unknown), ..ready.clone() },
        AccountDocument { open_checks: open("contacts"), ..ready.clone() },
        AccountDocument { phase: "baselined".into(), ..ready.clone() },
        AccountDocument { phase: "suspended".into(), ..ready.clone() },
        AccountDocument { lifecycle_phase: LifecyclePhase::Frozen, ..ready.clone() },
        AccountDocument { lifecycle_phase: LifecyclePhase::Retired, ..ready.clone() },
        AccountDocument { closed_at: Some("2026-06-01T00:00:00Z".into()), ..ready.clone() },
        AccountDocument { verdicts: BTreeMap::new(), ..ready.clone() },
        AccountDocument { verdicts: verdict(Verdict::NotApplicable), ..ready.clone() },
        AccountDocument { id: "000000000000".into(), ..ready.clone() },
        AccountDocument { edited: true, ..ready.clone() },
    ];
    let said: Vec<String> = contradictions
        .iter()
        .map(|of| {
            assert!(!of.is_ready());
            of.not_ready().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        })
        .collect();
    assert_eq!(
        said,
        [
            "the file says `ready: true` and the verdict of regions is fail",
            "the file says `ready: true` and the verdict of regions is unknown",
            "the file says `ready: true` and the check contacts is open",
            "the file says `ready: true` and phase baselined",
            "the file says `ready: true` and phase suspended",
            "the file says `ready: true` and lifecycle_phase frozen",
            "the file says `ready: true` and lifecycle_phase retired",
            "the file says `ready: true` and when the account was closed",
            "the file says `ready: true` and no verdict that passes",
            "the file says `ready: true` and no verdict that passes",
            "the file says `ready: true` and the id of no account",
            "the file says `ready: true` and is not as an apply wrote it",
        ]
    );
    let closed = AccountDocument { lifecycle_phase: LifecyclePhase::Closed, ..ready.clone() };
    assert_eq!(closed.not_ready(), [NotReady::Closed]);
    let not = AccountDocument { ready: false, ..ready };
    assert_eq!(not.not_ready(), [NotReady::Phase("ready".into())]);
    let not = AccountDocument { open_checks: open("contacts"), ..not };
    assert_eq!(not.not_ready(), [NotReady::Open("contacts".into())]);
}

/// Where somebody looked at regions, each that the contract has was looked at.
#[test]
fn a_region_without_a_verdict_is_not_ready() {
    let regions = |contract: &[&str], verdicts: &[&str]| {
        let mut document = document();
        document.contract.region_set = contract.iter().map(|of| (*of).to_owned()).collect();
        let verdict = |of: &&str| (format!("regions/{of}"), Verdict::Pass);
        document.verdicts.extend(verdicts.iter().map(verdict));
        let open: Vec<String> = document.not_ready().iter().map(ToString::to_string).collect();
        open
    };
    let nothing: [String; 0] = [];
    assert_eq!(regions(&["eu-west-1"], &["eu-west-1"]), nothing);
    assert_eq!(regions(&["eu-west-1"], &["eu-west-1", "us-east-1"]), nothing, "a former one");
    assert_eq!(regions(&["eu-west-1"], &[]), nothing, "the control is ignored");
    let missing = ["the file says `ready: true` and no verdict of the region us-east-1"];
    assert_eq!(regions(&["us-east-1"], &["eu-west-1"]), missing);
    assert_eq!(regions(&["us-east-1", "eu-west-1"], &["eu-west-1"]), missing);
}

#[test]
fn texts_that_people_read_have_no_control_characters() {
    assert_eq!(check_text("Team Zahlungsverkehr, 2. Stock"), Ok(()));
    assert_eq!(check_text(""), Err(TextError::Empty));
    assert_eq!(check_text(&"é".repeat(256)), Ok(()));
    assert_eq!(check_text(&"é".repeat(257)), Err(TextError::Long));
    for bad in ["a\nb", "\u{1b}[31m", "a\u{85}b", "\0"] {
        assert_eq!(check_text(bad), Err(TextError::Control), "{bad:?}");
    }
}

#[test]
fn dates_have_one_spelling() {
    for good in ["2026-06-01", "2026-06-01T00:00:00Z", "2026-06-01T12:30:45+07:00"] {
        assert_eq!(check_date(good), Ok(()), "{good}");
    }
    for bad in ["", "2026-02-30", "20260601", "2026-6-1", "tomorrow", "2026-06-01T00:00:00"] {
        assert_eq!(check_date(bad), Err(DateError), "{bad}");
    }
}
