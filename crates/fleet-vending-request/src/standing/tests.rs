use super::*;
use crate::request::asked;

const NOW: &str = "2026-11-30T17:00:00Z";

fn request() -> Request {
    let of =
        pb::AccountRef { key: "shop".into(), fleet_id: "id".into(), ..pb::AccountRef::default() };
    Request::new(
        &of,
        "fleet",
        "The Team",
        "2026-12-01T00:00:00Z".into(),
        asked(&pb::AccountRequest::default()),
    )
}

fn changed() -> Request {
    let other = pb::AccountRequest { parent: "/other".into(), ..pb::AccountRequest::default() };
    request().asking(asked(&other), String::new())
}

/// An answer to [`request`].
fn answer(lines: &str) -> Answer {
    let text = format!("version: 1\nrequest_sha256: {}\n{lines}", request().request_sha256);
    Answer::Is(Box::new(Fulfilment::from_text(&text).unwrap()))
}

fn approved() -> Answer {
    answer("decision: approved\napprover: Ann\nnative_id: a-1\nevidence: [ticket 1]\n")
}

struct Case<'a> {
    request: Request,
    answer: Answer,
    native_id: &'a str,
    rivals: Vec<String>,
    fails: bool,
    now: &'a str,
}

impl Case<'_> {
    fn known<T>(&self, of: impl FnOnce(&Known<'_>) -> T) -> T {
        of(&Known {
            request: &self.request,
            answer: &self.answer,
            native_id: self.native_id,
            rivals: &self.rivals,
            overdue_fails: self.fails,
            now: self.now.parse().unwrap(),
        })
    }
}

/// The class of what is told, and where.
type Heard = Option<(ProblemClass, &'static str)>;

fn case(answer: Answer) -> Case<'static> {
    Case { request: request(), answer, native_id: "", rivals: Vec::new(), fails: false, now: NOW }
}

#[test]
fn each_answer_has_its_standing_and_the_host_hears_of_it() {
    let late = "2026-12-02T00:00:00Z";
    let name = |text: &str| text.to_owned();
    let denied = || answer("decision: denied\napprover: Ann\nreason: enough\n");
    let (ann, enough) = (name("Ann"), name("enough"));
    let by_requester =
        "decision: approved\napprover: \"the team \"\nnative_id: a-1\nevidence: [x]\n";
    let short = "decision: approved\napprover: Ann\nnative_id: a-1\nevidence: [x]\nexpires: 2026-11-30T16:00:00Z\n";
    let refused = crate::fulfilment::Refused::Version(9);
    let unreadable = Standing::Unreadable { why: refused.to_string() };
    // The case, how it stands, the phase, whether the id is pending, the class of what is told and where.
    let cases: Vec<(Case<'_>, Standing, Phase, bool, Heard)> = vec![
        (case(Answer::None), Standing::Waiting { overdue: false }, Phase::Requested, true, None),
        (
            Case { now: late, ..case(Answer::None) },
            Standing::Waiting { overdue: true },
            Phase::Requested,
            true,
            Some((ProblemClass::Human, "warning")),
        ),
        (
            Case { now: late, fails: true, ..case(Answer::None) },
            Standing::Waiting { overdue: true },
            Phase::Requested,
            true,
            Some((ProblemClass::Human, "failure")),
        ),
        (case(approved()), Standing::Approved, Phase::Ready, false, None),
        (
            Case { native_id: "a-1", rivals: vec![name("b")], ..case(approved()) },
            Standing::Approved,
            Phase::Ready,
            false,
            None,
        ),
        (
            Case { rivals: vec![name("b")], ..case(approved()) },
            Standing::Rivals { native_id: name("a-1"), keys: vec![name("b")] },
            Phase::Requested,
            true,
            Some((ProblemClass::ConflictKey, "failure")),
        ),
        (
            Case { native_id: "a-0", ..case(approved()) },
            Standing::AnotherId { native_id: name("a-1") },
            Phase::Created,
            false,
            Some((ProblemClass::ConflictInput, "failure")),
        ),
        (
            Case { request: changed(), ..case(approved()) },
            Standing::Stale { fields: vec![name("parent")] },
            Phase::Requested,
            true,
            Some((ProblemClass::Human, "warning")),
        ),
        (
            Case { request: changed(), native_id: "a-1", ..case(approved()) },
            Standing::Stale { fields: vec![name("parent")] },
            Phase::Created,
            false,
            Some((ProblemClass::Human, "warning")),
        ),
        (
            case(denied()),
            Standing::Denied { by: ann.clone(), reason: enough.clone() },
            Phase::Requested,
            true,
            Some((ProblemClass::Denied, "failure")),
        ),
        (
            Case { native_id: "a-1", ..case(denied()) },
            Standing::Denied { by: ann.clone(), reason: enough },
            Phase::Created,
            false,
            Some((ProblemClass::Denied, "failure")),
        ),
        (
            case(answer("decision: needs_info\napprover: Ann\nreason: why\n")),
            Standing::NeedsInfo { by: ann, reason: name("why") },
            Phase::NeedsHuman,
            true,
            Some((ProblemClass::Human, "unfinished")),
        ),
        (
            case(answer(by_requester)),
            Standing::OwnApproval { by: name("the team ") },
            Phase::NeedsHuman,
            true,
            Some((ProblemClass::Human, "unfinished")),
        ),
        (
            case(answer(short)),
            Standing::Expired { at: name("2026-11-30T16:00:00Z") },
            Phase::Created,
            false,
            Some((ProblemClass::Human, "warning")),
        ),
        (
            case(Answer::Refused(refused)),
            unreadable,
            Phase::NeedsHuman,
            true,
            Some((ProblemClass::Human, "unfinished")),
        ),
    ];
    for (case, expected, phase, pending, told) in cases {
        assert_eq!(case.known(standing), expected);
        let outcome = case.known(outcome);
        assert_eq!((outcome.phase(), outcome.identity_pending), (phase, pending), "{expected:?}");
        let seen = [
            ("warning", outcome.warnings.first()),
            ("failure", outcome.failures.first()),
            ("unfinished", outcome.unfinished.as_ref()),
        ];
        let seen = seen.into_iter().find_map(|(place, problem)| Some((problem?.class(), place)));
        assert_eq!(seen, told, "{expected:?}");
        assert_eq!(
            outcome.status_reason.is_empty(),
            phase == Phase::Ready,
            "{expected:?}: {}",
            outcome.status_reason
        );
        let passes = outcome.readiness.iter().all(|check| check.verdict() == Verdict::Pass);
        assert_eq!(passes, phase == Phase::Ready, "{expected:?}");
    }
}

#[test]
fn a_claim_without_evidence_is_not_known_to_be_so() {
    let claimed = case(answer("decision: approved\napprover: Ann\nnative_id: a-1\nticket: T-1\n"));
    let outcome = claimed.known(outcome);
    assert_eq!((outcome.phase(), outcome.identity_pending), (Phase::Created, false));
    assert_eq!(outcome.readiness[0].verdict(), Verdict::Unknown);
    assert!(outcome.status_reason.contains("`evidence`"), "{}", outcome.status_reason);
}

#[test]
fn what_is_to_be_closed_is_closing_until_somebody_says_that_it_is_closed() {
    let mut closing = case(approved());
    closing.request.lifecycle = Life::Closed;
    closing.request.let_go_at = NOW.into();
    let outcome_of = |case: &Case<'_>| case.known(outcome);
    let outcome = outcome_of(&closing);
    assert_eq!((outcome.phase(), outcome.closing_since.as_str()), (Phase::Closing, NOW));
    assert!(outcome.status_reason.contains("fulfilments/shop.yaml"), "{}", outcome.status_reason);
    closing.answer = answer(
        "decision: approved\napprover: Ann\nnative_id: a-1\nclosed_at: 2026-12-01T00:00:00Z\n",
    );
    let outcome = outcome_of(&closing);
    assert_eq!((outcome.phase(), outcome.closing_since.as_str()), (Phase::Closed, ""));
    assert_eq!(outcome.facts.unwrap().state(), AccountState::Closed);
}
