use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{
    BaselineVersion, BillingAccess, FederatedRole, Identity, OidcProvider, SubjectFormat,
};
use fleet_model::contact::{Contact, ContactType};
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::readiness::{Check, Readiness, Severity, Verdict};
use fleet_vending_proto::{limits, v1beta1 as wire};
use proptest::prelude::*;
use prost::Message as _;

use super::text::{paragraphs, shown, time};
use super::*;
use crate::aws::api::{AccountState, NotCreated, Otp};
use crate::aws::testing::scenarios::job;
use crate::error::{Error, Kind};
use crate::memory::{self, Memory};
use crate::outcome::{Attempt, Facts, Failure, LetGo, Outcome, Unfinished, VendorOutcome};
use crate::phase::Phase;
use crate::problem::{Class, Problem};
use crate::refusal::{NotClosed, Refusal, Unusable};
use crate::request::{AccountJob, Adopt, EmailStep, Past};
use crate::unit_path::Parent;
use crate::warning::Warning;

fn contact(name: &str) -> Contact {
    Contact {
        name: name.to_owned(),
        title: "On call".to_owned(),
        email: "a@example.com".to_owned(),
        phone_number: "+65 1".to_owned(),
    }
}

fn of<T: Clone + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

prop_compose! {
    fn jobs()(
        life in of(&[AccountLifecycleState::Active, AccountLifecycleState::Frozen, AccountLifecycleState::Retired]),
        before in of(&[LifecyclePhase::Active, LifecyclePhase::Frozen, LifecyclePhase::Retired, LifecyclePhase::Closed]),
        phase in of(&[Phase::Created, Phase::Placed, Phase::Ready, Phase::Suspended, Phase::Closing, Phase::Removed]),
        parent in of(&[0_u8, 1, 2]),
        tags in prop::collection::btree_map("[a-z]{1,8}", "\\PC{0,12}", 0..4),
        set_before in prop::collection::btree_set("[a-z]{1,8}", 0..4),
        regions in prop::collection::btree_set("[a-z]{2}-[a-z]{4}-[1-3]", 1..3),
        email in 0_u8..3,
        version in of(&BaselineVersion::ALL),
        flags in any::<[bool; 6]>(),
        seconds in 0_i64..2_000_000_000,
    ) -> AccountJob {
        let mut made = job("payments");
        made.request.lifecycle_state = life;
        made.past.lifecycle_phase = before;
        made.past.phase = phase;
        made.request.parent = match parent {
            0 => None,
            1 => Some(Parent::Id("ou-ab12-prod0000".to_owned())),
            _ => Some(Parent::Path(vec!["Work loads".to_owned(), "a/b%".to_owned()])),
        };
        made.request.onboarding_parent = flags[0].then(|| Parent::Id("ou-ab12-onboard0".to_owned()));
        made.request.tags = tags;
        made.past.tags_set_before = set_before;
        made.request.contract.region_set = regions;
        made.request.contract.gitops_enabled = flags[1];
        made.request.contract.baseline_version = version;
        made.intent.email_step = match email {
            0 => None,
            1 => Some(EmailStep::Start("b@example.com".to_owned())),
            _ => Some(EmailStep::Accept("b@example.com".to_owned(), Otp::new("123456"))),
        };
        made.request.billing_access = if flags[2] { BillingAccess::Deny } else { BillingAccess::Allow };
        if flags[3] {
            made.request.contacts = BTreeMap::from([(ContactType::Security, contact("A"))]);
            made.past.contacts_set_before = BTreeMap::from([(ContactType::Billing, contact("B"))]);
        }
        if flags[4] {
            made.past.closing_since = Some(jiff::Timestamp::from_second(seconds).unwrap());
            made.intent.seen_in = Some("r-ab12".to_owned());
        }
        if flags[5] {
            made.request.contract.identity = Some(Identity {
                providers: BTreeMap::from([("github".to_owned(), OidcProvider {
                    url: "https://token.example.com".to_owned(),
                    audiences: BTreeSet::from(["sts.amazonaws.com".to_owned()]),
                })]),
                roles: BTreeMap::from([("plan".to_owned(), FederatedRole {
                    provider: "github".to_owned(),
                    owner_id: Some("1".to_owned()),
                    repository_id: None,
                    subject_format: SubjectFormat::Both,
                    claims: BTreeMap::new(),
                })]),
            });
        }
        made
    }
}

proptest! {
    #[test]
    fn a_request_arrives_as_it_was_sent(mut sent in jobs(), remembers in any::<bool>()) {
        if remembers {
            let remembered = Some(memory::example().to_text().into_bytes());
            sent.past.vendor = remembered;
        }
        let message = request::to_message(&sent, Some("111122223333"), |_| true);
        let bytes = message.encode_to_vec();
        let message = wire::AccountRequest::decode(bytes.as_slice()).unwrap();
        let arrived = request::from_message(message).unwrap();
        // What the host keeps of the vendor's is the vendor's own memory there.
        let memory = if remembers { memory::example() } else { Memory::default() };
        sent.past.memory = memory;
        sent.past.vendor = None;
        prop_assert_eq!(format!("{arrived:?}"), format!("{sent:?}"));
    }

    #[test]
    fn an_outcome_arrives_as_it_was_told(sent in outcomes()) {
        let message = outcome::to_message(&sent, "payments");
        let bytes = message.encode_to_vec();
        let message = wire::Outcome::decode(bytes.as_slice()).unwrap();
        prop_assert_eq!(&bytes, &outcome::to_message(&sent, "payments").encode_to_vec());
        let arrived = outcome::from_message(message, asked()).unwrap();
        let mut expected = sent;
        expected.vendor.remembered = Some(expected.memory.to_text().into_bytes());
        expected.vendor.access =
            BTreeMap::from([("account_id".to_owned(), expected.facts.id.clone())]);
        expected.memory = Memory::default();
        prop_assert_eq!(format!("{arrived:?}"), format!("{expected:?}"));
    }

    #[test]
    fn no_text_is_too_long_or_moves_a_terminal(text in "\\PC*|.*") {
        let (shown, paragraphs) = (shown(&text), paragraphs(&text));
        for of in [&shown, &paragraphs] {
            prop_assert!(of.len() <= limits::TEXT + 8, "{}", of.len());
        }
        prop_assert!(!shown.chars().any(char::is_control));
        prop_assert!(!paragraphs.chars().any(|of| of.is_control() && of != '\n'));
    }
}

prop_compose! {
    fn outcomes()(
        phase in of(&[Phase::Created, Phase::Placed, Phase::Baselined, Phase::Suspended, Phase::Closed]),
        life in of(&[LifecyclePhase::Active, LifecyclePhase::Frozen, LifecyclePhase::Retired, LifecyclePhase::Closed]),
        state in of(&[AccountState::PendingActivation, AccountState::Active, AccountState::Suspended, AccountState::PendingClosure, AccountState::Closed]),
        verdicts in prop::collection::vec(of(&[Verdict::Pass, Verdict::Fail, Verdict::Unknown, Verdict::NotApplicable]), 0..5),
        tags in prop::collection::btree_map("[a-z]{1,8}", "[ -~]{0,12}", 0..4),
        work in prop::collection::vec("[ -~]{1,20}", 0..3),
        flags in any::<[bool; 4]>(),
    ) -> Outcome {
        Outcome {
            work_bears: true,
            facts: Facts {
                id: "111122223333".to_owned(),
                arn: "arn:aws:organizations::999999999999:account/o-x/111122223333".to_owned(),
                organization_id: "o-x".to_owned(),
                parent_id: "r-ab12".to_owned(),
                state,
                name: "A name".to_owned(),
                email: "a@example.com".to_owned(),
                joined_at: flags[0].then(|| "2026-11-30T17:00:00Z".to_owned()),
                create_request_id: flags[1].then(|| "car-1".to_owned()),
                tags,
            },
            phase,
            status_reason: Some("a reason".to_owned()),
            readiness: Readiness::from_checks(verdicts.into_iter().enumerate().map(|(n, verdict)| Check {
                check: format!("check-{n}"),
                scope: if n % 2 == 0 { String::new() } else { "eu-west-1".to_owned() },
                verdict,
                severity: [Severity::Low, Severity::Medium, Severity::High, Severity::Critical][n % 4],
                expected: "a".to_owned(),
                observed: "b".to_owned(),
                api: "iam:Get".to_owned(),
                what_to_do: "mend".to_owned(),
            })),
            lifecycle_phase: life,
            closing_since: flags[2].then(|| "2026-11-30T17:00:00Z".parse().unwrap()),
            work,
            memory: memory::example(),
            vendor: VendorOutcome::default(),
            moved_away: flags[3],
            contacts: match flags[0] {
                true => BTreeMap::from([(ContactType::Billing, None), (ContactType::Security, Some(contact("A")))]),
                false => BTreeMap::new(),
            },
            duplicate: None,
            warnings: Vec::new(),
            unfinished: match (flags[1], flags[2]) {
                (true, true) => Some(Unfinished::Stopped),
                (true, false) => Some(Unfinished::OutOfTime(None)),
                (false, true) => Some(Unfinished::Failed(Error::new("iam:Get", Kind::Throttled, "Throttling", "slow"))),
                (false, false) => None,
            },
            failures: Vec::new(),
        }
    }
}

fn asked() -> outcome::Asked<'static> {
    outcome::Asked {
        vendor: "cloud",
        key: "payments",
        native_id: Some("111122223333"),
        life: LifecyclePhase::Frozen,
    }
}

#[test]
fn arguments_that_a_vendor_does_not_take_are_not_sent() {
    let mut sent = job("payments");
    sent.intent.email_step =
        Some(EmailStep::Accept("b@example.com".to_owned(), Otp::new("secret-otp")));
    sent.request.contacts = BTreeMap::from([(ContactType::Security, contact("A"))]);
    sent.past.contacts_set_before = sent.request.contacts.clone();
    let message = request::to_message(&sent, None, |_| false);
    let contract = message.contract.clone().unwrap();
    assert_eq!((contract.email.as_str(), contract.region_set.len()), ("", 0));
    assert!(message.arguments.is_empty() && message.arguments_before.is_empty());
    assert!(!format!("{message:?}").contains("secret-otp"));
    assert_eq!(message.r#ref.unwrap().fleet_id, "c973bbb4-7de8-5111-bf95-b99dc2e3eec0");
}

#[test]
fn what_a_person_approves_has_one_hash() {
    let hash = |job: &AccountJob| request::to_message(job, None, |_| true).request_sha256;
    let base = job("payments");
    assert_eq!(hash(&base).len(), 64);
    let moved = AccountJob {
        past: Past {
            phase: Phase::Ready,
            lifecycle_phase: LifecyclePhase::Frozen,
            ..base.past.clone()
        },
        ..base.clone()
    };
    assert_eq!(hash(&base), hash(&moved));
    let mut others = vec![base.clone(), base.clone(), base.clone(), base.clone()];
    others[0].request.contract.owner = fleet_model::name::Name::new("others").unwrap();
    others[1].request.parent = None;
    others[2].request.tags.insert("a".to_owned(), "b".to_owned());
    others[3].request.settings = Some("{}".to_owned());
    for other in others {
        assert_ne!(hash(&base), hash(&other), "{other:?}");
    }
}

#[test]
fn what_the_host_cannot_have_meant_is_named() {
    let sent = || request::to_message(&job("payments"), None, |_| true);
    type Change = fn(&mut wire::AccountRequest);
    let change: [(Change, &str); 9] = [
        (|of| of.contract = None, "key"),
        (|of| of.r#ref.as_mut().unwrap().key = "A key".to_owned(), "key"),
        (|of| of.parent = "ou//".to_owned(), "parent"),
        (|of| of.memory = b"{}".to_vec(), "memory"),
        (|of| of.contract.as_mut().unwrap().baseline_policy = "lax".to_owned(), "baseline_policy"),
        (|of| of.lifecycle = wire::LifecycleState::Closed.into(), "lifecycle_state"),
        (
            |of| drop(of.arguments.insert("alternate_contacts".to_owned(), "[".to_owned())),
            "alternate_contacts",
        ),
        (
            |of| drop(of.arguments.insert("baseline_version".to_owned(), "3".to_owned())),
            "baseline_version",
        ),
        (
            |of| drop(of.arguments.insert("baseline_version".to_owned(), "two".to_owned())),
            "baseline_version",
        ),
    ];
    for (change, object) in change {
        let mut message = sent();
        message.request_sha256.clear();
        change(&mut message);
        assert_eq!(request::from_message(message).unwrap_err().object, object);
    }
}

#[test]
fn existing_accounts_travel() {
    for adopt in [Adopt::No, Adopt::Any, Adopt::This("1".to_owned()), Adopt::Again("2".to_owned())]
    {
        assert_eq!(request::existing_from(request::existing_to(&adopt)), adopt);
    }
}

#[test]
fn values_of_tomorrow_are_read_as_the_careful_ones() {
    assert_eq!(problem::class_from(99), Class::Call(Kind::Unexpected));
    assert_eq!(stage::phase_from(99, true), Phase::Created);
    assert_eq!(stage::state_from(99), AccountState::PendingActivation);
    assert_eq!(stage::life_from(99, LifecyclePhase::Frozen), LifecyclePhase::Frozen);
    let check = wire::ReadinessCheck {
        check: "a".to_owned(),
        verdict: 99,
        severity: 99,
        ..wire::ReadinessCheck::default()
    };
    let read = readiness::check_from(&check).unwrap();
    assert_eq!((read.verdict, read.severity), (Verdict::Unknown, Severity::Critical));
}

#[test]
fn every_class_and_phase_comes_back() {
    for number in 1..=19 {
        let class = problem::class_from(number);
        assert_eq!(i32::from(problem::class_to(class)), number);
    }
    for phase in wire::Phase::Requested as i32..=wire::Phase::Removed as i32 {
        let Ok(of) = wire::Phase::try_from(phase) else { continue };
        let read = stage::phase_from(phase, true);
        let expected = if of == wire::Phase::NeedsHuman { wire::Phase::Created } else { of };
        assert_eq!(stage::phase_to(read), expected);
    }
    assert_eq!(stage::phase_from(wire::Phase::NeedsHuman.into(), false), Phase::Requested);
}

#[test]
fn a_refusal_s_class_follows_from_its_kind() {
    let object = || "account 1".to_owned();
    let failed = |word: &str| Refusal::CreateFailed {
        reason: NotCreated::parse(word),
        message: String::new(),
        request_id: None,
    };
    let taken = |problem| Refusal::KeyTaken { key: "k".into(), account_id: "1".into(), problem };
    let call = Class::Call;
    for (refusal, class) in [
        (Refusal::OtherManager { object: object(), manager: "them".into() }, Class::ConflictOwner),
        (Refusal::OtherKey { object: object(), key: "k".into() }, Class::ConflictKey),
        (taken(Unusable::Unmarked), Class::ConflictKey),
        (taken(Unusable::NotHere { organization_id: "o".into() }), call(Kind::NotFound)),
        (failed("EMAIL_ALREADY_EXISTS"), Class::ConflictKey),
        (failed("ACCOUNT_LIMIT_EXCEEDED"), call(Kind::Quota)),
        (failed("MISSING_PAYMENT_INSTRUMENT"), Class::Human),
        (failed("INVALID_EMAIL"), call(Kind::Invalid)),
        (Refusal::NoSuchObject { object: object() }, call(Kind::NotFound)),
        (Refusal::Stopped { waiting_for: String::new() }, call(Kind::Cancelled)),
        (
            Refusal::NotClosed { object: object(), reason: NotClosed::Management },
            call(Kind::Invalid),
        ),
        (Refusal::Call(Error::new("a:B", Kind::Denied, "AccessDenied", "no")), call(Kind::Denied)),
        (
            Refusal::OnboardingParent(Box::new(Refusal::NoSuchObject { object: object() })),
            call(Kind::NotFound),
        ),
    ] {
        let message = refusal::to_message_of(&refusal);
        assert_eq!(problem::class_from(message.class), class, "{refusal}");
        assert!(!message.message.is_empty());
    }
}

#[test]
fn failures_and_warnings_arrive_as_the_vendor_s() {
    let mut sent = outcome_with_failures();
    sent.readiness = Readiness::default();
    let message = outcome::to_message(&sent, "payments");
    let arrived = outcome::from_message(message, asked()).unwrap();
    let attempts: Vec<Attempt> = arrived.failures.iter().map(|of| of.attempt).collect();
    assert_eq!(attempts, [Attempt::Parent, Attempt::Control("regions"), Attempt::Everything]);
    assert!(arrived.is_not_ours());
    match &arrived.warnings[0] {
        Warning::Problem(problem) => assert!(problem.message.contains("still be assumed")),
        other => panic!("{other:?}"),
    }
}

fn outcome_with_failures() -> Outcome {
    let denied = || Refusal::Call(Error::new("a:B", Kind::Denied, "AccessDenied", "no"));
    let manager = Refusal::OtherManager { object: "account 1".into(), manager: "them".into() };
    let only = outcome::only_id(asked(), "111122223333", &of_vendor(Kind::Unanswered));
    Outcome {
        failures: vec![
            Failure { attempt: Attempt::Parent, refusal: denied() },
            Failure { attempt: Attempt::Control("regions"), refusal: denied() },
            Failure { attempt: Attempt::Everything, refusal: manager },
        ],
        warnings: vec![Warning::RoleStays { role: "r".to_owned() }],
        ..only
    }
}

fn of_vendor(kind: Kind) -> Problem {
    Problem {
        vendor: "cloud".into(),
        class: Class::Call(kind),
        code: "X-1".into(),
        message: "m".into(),
        why: "w".into(),
        remedy: "r".into(),
        object: "o".into(),
        call: "c:D".into(),
        native_code: "N".into(),
    }
}

#[test]
fn a_problem_comes_back_and_what_it_says_is_escaped() {
    let problem = of_vendor(Kind::Quota);
    let message = problem::to_message(&problem);
    assert_eq!(problem::from_message("cloud", &message), problem);
    let wild = wire::Problem { message: "a\u{1b}[2Jb\u{202e}".to_owned(), ..message };
    assert_eq!(problem::from_message("cloud", &wild).message, "a\\u{1b}[2Jb\\u{202e}");
}

#[test]
fn what_is_let_go_comes_back() {
    let at = "2026-11-30T17:00:00Z".parse().unwrap();
    let reference = wire::AccountRef { native_id: "111122223333".to_owned(), ..Default::default() };
    for target in [LifecyclePhase::Retired, LifecyclePhase::Closed] {
        for sent in [LetGo::Done { at, warnings: Vec::new() }, LetGo::Closed] {
            let message = let_go::to_message(&sent, reference.clone(), target).unwrap();
            assert_eq!(let_go::from_message(message, asked()), Ok(Ok(sent)));
        }
        assert_eq!(let_go::to_message(&LetGo::Gone, reference.clone(), target), None);
    }
}

#[test]
fn times_are_read_or_refused() {
    assert_eq!(time("t", ""), Ok(None));
    assert!(time("t", "2026-11-30T17:00:00Z").unwrap().is_some());
    assert_eq!(time("t", "soon"), Err(Nonsense("t is \"soon\", no time".to_owned())));
}
