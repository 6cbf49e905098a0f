//! The client against a vendor that does what a script says.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use fleet_model::lifecycle::AccountLifecycleState;
use fleet_vending_proto::limits;
use fleet_vending_proto::v1beta1::account_vendor_server::{AccountVendor, AccountVendorServer};
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, async_trait};
use wire::event::Event;
use wire::observation::Result as Found;

use super::*;
use crate::aws::account::converge::look::Looked;
use crate::aws::preflight::{Finding, Intent};
use crate::aws::testing::scenarios::wish;
use crate::outcome::{Attempt, LetGo, Outcome, Unfinished};
use crate::phase::Phase;
use crate::proof::Proof;
use crate::vendor::Vendor;
use crate::wire::testing::{Hands, Lives, until};

const LIMIT: Duration = Duration::from_secs(600);
const ID: &str = "sub-1";

/// What the vendor does next in a stream.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "a test has few of them")]
enum Act {
    Say(Event),
    /// The process ends, and is another one next time.
    Die,
    /// Nothing is said, and so much time goes by once the host has heard all before.
    Hang(Duration),
    /// The CLI asks to stop, once the host has heard all before.
    Stop(CancellationToken),
    End,
    Fail(tonic::Code),
}

/// Longer than anybody may be silent.
const SILENCE: Duration = Duration::from_secs(limits::SILENCE_SECONDS + 1);

use Act::{Die, End as EndStream, Fail, Hang, Say, Stop};

#[derive(Default)]
struct Script {
    streams: Mutex<VecDeque<Vec<Act>>>,
    looks: Mutex<VecDeque<Found>>,
    preflight: Mutex<wire::PreflightResponse>,
    /// Every call, in order, with what matters of it.
    calls: Mutex<Vec<String>>,
    describe: Mutex<wire::DescribeResponse>,
    problems: Mutex<Vec<wire::Problem>>,
    lives: Mutex<Option<std::sync::Weak<Lives<Scripted>>>>,
    clock: Hands,
}

#[derive(Clone)]
struct Scripted(Arc<Script>);

impl Script {
    fn note(&self, call: String) {
        self.calls.lock().unwrap().push(call);
    }

    fn stream(self: &Arc<Self>) -> Result<Response<BoxStream<wire::Event>>, Status> {
        let acts = self.streams.lock().unwrap().pop_front().unwrap_or_default();
        if let Some(Fail(code)) = acts.first() {
            return Err(Status::new(*code, "no"));
        }
        let (sender, receiver) = mpsc::channel(8);
        let script = Arc::clone(self);
        let clock = Arc::clone(&self.clock.0);
        // The host looks at the clock before each thing that it waits for.
        let mut heard = clock.asked() + 1;
        tokio::spawn(async move {
            for act in acts {
                match act {
                    Say(event) => {
                        let event = wire::Event { event: Some(event) };
                        if sender.send(Ok(event)).await.is_err() {
                            return;
                        }
                        heard += 1;
                    }
                    Die => {
                        let lives = script.lives.lock().unwrap().clone().unwrap();
                        lives.upgrade().unwrap().replace();
                        let _heard = sender.send(Err(Status::unavailable("died"))).await;
                        return;
                    }
                    Hang(duration) => {
                        until(|| clock.asked() >= heard).await;
                        clock.run_on(duration);
                        return sender.closed().await;
                    }
                    Stop(cancel) => {
                        until(|| clock.asked() >= heard).await;
                        // It asks to stop, and waits anew for that and for the end.
                        heard += 3;
                        cancel.cancel();
                        let is_told = || script.calls.lock().unwrap().contains(&"stop".to_owned());
                        until(is_told).await;
                    }
                    EndStream => return,
                    Fail(code) => drop(sender.send(Err(Status::new(code, "no"))).await),
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver).map(|event| event))))
    }
}

fn of(request: &Option<wire::AccountRequest>) -> String {
    let of = request.clone().and_then(|of| of.r#ref).unwrap_or_default();
    match of.native_id.as_str() {
        "" => of.key,
        id => format!("{} {id}", of.key),
    }
}

#[async_trait]
impl AccountVendor for Scripted {
    async fn describe(
        &self,
        _: Request<wire::DescribeRequest>,
    ) -> Result<Response<wire::DescribeResponse>, Status> {
        Ok(Response::new(self.0.describe.lock().unwrap().clone()))
    }

    async fn configure(
        &self,
        request: Request<wire::ConfigureRequest>,
    ) -> Result<Response<wire::ConfigureResponse>, Status> {
        let request = request.into_inner();
        let mode = if request.read_only { "read only" } else { "to write" };
        self.0.note(format!("configure {mode}"));
        let problems = self.0.problems.lock().unwrap().clone();
        Ok(Response::new(wire::ConfigureResponse { problems }))
    }

    async fn preflight(
        &self,
        _: Request<wire::PreflightRequest>,
    ) -> Result<Response<wire::PreflightResponse>, Status> {
        self.0.note("preflight".to_owned());
        Ok(Response::new(self.0.preflight.lock().unwrap().clone()))
    }

    async fn observe(
        &self,
        request: Request<wire::ObserveRequest>,
    ) -> Result<Response<wire::ObserveResponse>, Status> {
        let request = request.into_inner();
        let keys: Vec<String> = request.accounts.iter().map(|it| of(&it.request)).collect();
        self.0.note(format!("observe {}", keys.join(", ")));
        let mut looks = self.0.looks.lock().unwrap();
        let observations = request.accounts.into_iter().map(|account| {
            let fleet_id = account.request.and_then(|of| of.r#ref).unwrap_or_default().fleet_id;
            wire::Observation { fleet_id, result: looks.pop_front() }
        });
        Ok(Response::new(wire::ObserveResponse { observations: observations.collect() }))
    }

    async fn advance(
        &self,
        request: Request<wire::AdvanceRequest>,
    ) -> Result<Response<BoxStream<wire::Event>>, Status> {
        let request = request.into_inner();
        let token = String::from_utf8(request.resume_token).unwrap();
        let seconds = request.deadline_seconds;
        self.0.note(format!("advance {}|{token}|{seconds}", of(&request.request)));
        self.0.stream()
    }

    async fn transition(
        &self,
        request: Request<wire::TransitionRequest>,
    ) -> Result<Response<BoxStream<wire::Event>>, Status> {
        let request = request.into_inner();
        let target = wire::LifecycleState::try_from(request.target).unwrap();
        self.0.note(format!("transition {} to {}", of(&request.request), target.as_str_name()));
        self.0.stream()
    }

    async fn stop(
        &self,
        _: Request<wire::StopRequest>,
    ) -> Result<Response<wire::StopResponse>, Status> {
        self.0.note("stop".to_owned());
        Ok(Response::new(wire::StopResponse::default()))
    }
}

struct Stage {
    script: Arc<Script>,
    writes: Arc<Lives<Scripted>>,
    looks: Arc<Lives<Scripted>>,
    remote: Remote,
}

fn stage(
    streams: impl IntoIterator<Item = Vec<Act>>,
    looks: impl IntoIterator<Item = Found>,
) -> Stage {
    stage_with(streams, looks, wire::DescribeResponse::default())
}

fn stage_with(
    streams: impl IntoIterator<Item = Vec<Act>>,
    looks: impl IntoIterator<Item = Found>,
    describe: wire::DescribeResponse,
) -> Stage {
    let script = Arc::new(Script {
        streams: Mutex::new(streams.into_iter().collect()),
        looks: Mutex::new(looks.into_iter().collect()),
        describe: Mutex::new(describe),
        ..Script::default()
    });
    let lives = || {
        let script = Arc::clone(&script);
        Lives::new(move || AccountVendorServer::new(Scripted(Arc::clone(&script))))
    };
    let (writes, looks) = (lives(), lives());
    *script.lives.lock().unwrap() = Some(Arc::downgrade(&writes));
    let settings = Settings {
        host_version: "0.1.0".to_owned(),
        json: String::new(),
        managed_by: "us".to_owned(),
        max_in_flight: 0,
        refresh: RefreshReadiness::Full,
    };
    let clock = Arc::new(script.clock.clone());
    let remote = Remote::with_clock("cloud", settings, looks.clone(), writes.clone(), clock);
    Stage { script, writes, looks, remote }
}

impl Stage {
    async fn vend(&self) -> Result<Outcome, Refusal> {
        self.remote.vend(&wish("payments"), LIMIT, &CancellationToken::new()).await
    }

    async fn update(&self) -> Result<Outcome, Refusal> {
        self.remote.update(&wish("payments"), ID, LIMIT, &CancellationToken::new()).await
    }

    async fn look(&self) -> Result<Looked, Refusal> {
        self.remote.look(&wish("payments"), ID, None, LIMIT, &CancellationToken::new()).await
    }

    /// What was asked beside how processes were configured.
    fn calls(&self) -> Vec<String> {
        let calls = self.script.calls.lock().unwrap();
        calls.iter().filter(|call| !call.starts_with("configure")).cloned().collect()
    }
}

fn told(id: &str) -> wire::Outcome {
    wire::Outcome {
        facts: Some(wire::Facts {
            r#ref: Some(wire::AccountRef {
                key: "payments".to_owned(),
                fleet_id: facts::fleet_id("payments"),
                native_id: id.to_owned(),
                resource_name: String::new(),
            }),
            state: wire::AccountState::Open.into(),
            ..wire::Facts::default()
        }),
        phase: wire::Phase::Ready.into(),
        readiness: vec![check("mfa", wire::Verdict::Pass)],
        lifecycle: wire::LifecycleState::Active.into(),
        ..wire::Outcome::default()
    }
}

fn check(name: &str, verdict: wire::Verdict) -> wire::ReadinessCheck {
    wire::ReadinessCheck {
        check: name.to_owned(),
        verdict: verdict.into(),
        ..wire::ReadinessCheck::default()
    }
}

fn accepted() -> Act {
    Say(Event::Accepted(wire::Accepted {}))
}

fn checkpoint(id: &str, token: &str) -> Act {
    Say(Event::Checkpoint(wire::Checkpoint {
        native_id: id.to_owned(),
        resume_token: token.as_bytes().to_vec(),
    }))
}

fn outcome_of(told: wire::Outcome) -> Act {
    outcome(told)
}

fn outcome(told: wire::Outcome) -> Act {
    Say(Event::Outcome(told))
}

fn problem(class: wire::ProblemClass) -> wire::Problem {
    wire::Problem {
        class: class.into(),
        message: "said the vendor".to_owned(),
        ..wire::Problem::default()
    }
}

fn gone() -> Found {
    Found::Gone(wire::Gone::default())
}

fn class_of<T: std::fmt::Debug>(answer: &Result<T, Refusal>) -> (Class, String) {
    match answer {
        Err(Refusal::Problem(problem)) => (problem.class, problem.message.clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_create_is_one_call_that_ends_with_its_outcome() {
    let stage = stage([vec![accepted(), checkpoint(ID, "t"), outcome(told(ID))]], []);
    let outcome = stage.vend().await.unwrap();
    assert!(outcome.ready());
    assert_eq!(outcome.facts.id, ID);
    assert_eq!(
        *stage.script.calls.lock().unwrap(),
        ["configure to write", "advance payments||600"]
    );
    assert_eq!((stage.writes.starts(), stage.looks.starts()), (1, 0));
}

#[tokio::test]
async fn nothing_is_sent_again_before_the_vendor_has_looked() {
    for (name, first) in [
        ("it dies", vec![accepted(), Die]),
        ("the stream ends", vec![accepted(), EndStream]),
        ("it fails", vec![accepted(), Fail(tonic::Code::Internal)]),
        ("it is silent", vec![accepted(), Hang(SILENCE)]),
        ("it is not reached", vec![Fail(tonic::Code::Unavailable)]),
    ] {
        let then = vec![accepted(), outcome(told(ID))];
        let stage = stage([first, then], [gone()]);
        assert!(stage.vend().await.unwrap().ready(), "{name}");
        let calls = stage.calls();
        assert_eq!(calls.len(), 3, "{name}: {calls:?}");
        assert!(calls[0].starts_with("advance payments||"), "{name}: {calls:?}");
        assert_eq!(calls[1], "observe payments", "{name}");
        assert!(calls[2].starts_with("advance payments||"), "{name}: {calls:?}");
    }
}

#[tokio::test]
async fn what_is_known_by_then_goes_along() {
    let first = vec![accepted(), checkpoint(ID, "token"), Die];
    let stage_1 = stage([first, vec![accepted(), outcome(told(ID))]], [Found::Found(told(ID))]);
    assert!(stage_1.vend().await.unwrap().ready());
    assert_eq!(
        stage_1.calls(),
        ["advance payments||600", "observe payments sub-1", "advance payments sub-1|token|600"]
    );
    assert_eq!(stage_1.writes.starts(), 2);
    // The vendor was not even heard; the look finds the account.
    let stage_2 = stage([vec![Die], vec![accepted(), outcome(told(ID))]], [Found::Found(told(ID))]);
    assert!(stage_2.vend().await.unwrap().ready());
    assert!(stage_2.calls()[2].starts_with("advance payments sub-1|"), "{:?}", stage_2.calls());
}

#[tokio::test]
async fn a_vendor_that_dies_each_time_is_not_asked_for_ever_and_the_account_is_kept() {
    let dies = || vec![accepted(), Die];
    let stage_1 = stage([dies(), dies(), dies()], [gone(), gone()]);
    let (class, _) = class_of(&stage_1.vend().await);
    assert_eq!(class, Class::Call(Kind::Unanswered));
    assert_eq!(stage_1.calls().len(), 5);
    let first = vec![accepted(), checkpoint(ID, ""), Die];
    let found = || Found::Found(told(ID));
    let stage_2 = stage([first, dies(), dies()], [found(), found()]);
    let outcome = stage_2.vend().await.unwrap();
    assert_eq!(
        (outcome.facts.id.as_str(), outcome.phase, outcome.ready()),
        (ID, Phase::Created, false)
    );
    assert!(matches!(outcome.unfinished, Some(Unfinished::Failed(_))), "{:?}", outcome.unfinished);
}

#[tokio::test]
async fn an_update_whose_end_is_not_known_is_an_error_and_never_gone() {
    let stage_1 =
        stage([vec![accepted(), Die]], [Found::Problem(problem(wire::ProblemClass::Throttled))]);
    assert_eq!(class_of(&stage_1.update().await).0, Class::Call(Kind::Throttled));
    let stage_2 = stage([vec![accepted(), Die]], [gone()]);
    assert!(matches!(stage_2.update().await, Err(Refusal::NoSuchObject { .. })));
    let stage_3 = stage([vec![Say(Event::Gone(wire::Gone::default()))]], []);
    assert!(matches!(stage_3.update().await, Err(Refusal::NoSuchObject { .. })));
}

#[tokio::test]
async fn a_key_in_flight_is_waited_for() {
    let busy = || vec![Fail(tonic::Code::Aborted)];
    let stage_1 = stage([busy(), busy(), vec![accepted(), outcome(told(ID))]], []);
    assert!(stage_1.vend().await.unwrap().ready());
    assert_eq!(stage_1.calls().len(), 3);
    let stage_2 = stage(std::iter::repeat_with(busy).take(20), []);
    assert_eq!(class_of(&stage_2.vend().await).0, Class::Call(Kind::Busy));
    assert_eq!(stage_2.calls().len(), 11);
}

#[tokio::test]
async fn what_cannot_be_is_a_problem_that_says_so() {
    let mut other = told(ID);
    other.facts.as_mut().unwrap().r#ref.as_mut().unwrap().fleet_id = facts::fleet_id("other");
    let mut fat = told(ID);
    fat.memory = vec![0; limits::MEMORY + 1];
    let mut twice = told(ID);
    twice.readiness.push(check("mfa", wire::Verdict::Pass));
    let mut wild = told(ID);
    wild.readiness.push(check("MFA\u{1b}[2J", wire::Verdict::Pass));
    let mut idless = told("");
    idless.identity_pending = false;
    let mut both = told(ID);
    both.identity_pending = true;
    let mut untimely = told(ID);
    untimely.closing_since = "yesterday".to_owned();
    let mut crowded = told(ID);
    crowded.work = vec![String::new(); limits::ENTRIES + 1];
    for (events, said) in [
        (vec![outcome(told(ID)), outcome(told(ID))], "it goes on after"),
        (vec![outcome(other)], "for the account with the fleet_id"),
        (vec![checkpoint("sub-2", ""), outcome(told(ID))], "has the id sub-2"),
        (vec![checkpoint("sub-1", ""), checkpoint("sub-2", "")], "had the id sub-1"),
        (vec![checkpoint("", &"t".repeat(limits::RESUME_TOKEN + 1))], "resume token"),
        (vec![checkpoint("a\nb", "")], "printable ASCII"),
        (vec![outcome(fat)], "to be remembered"),
        (vec![outcome(twice)], "there twice"),
        (vec![outcome(wild)], "lower-case"),
        (vec![outcome(idless)], "gives no id"),
        (vec![outcome(both)], "has no id yet"),
        (vec![outcome(untimely)], "no time"),
        (vec![outcome(crowded)], "1001 lines of work"),
    ] {
        let stage = stage([events], []);
        let said_it = match stage.vend().await {
            Err(Refusal::Problem(problem)) => {
                assert_eq!(problem.class, Class::Call(Kind::Unexpected), "{said}");
                problem.message
            }
            // It has an id: the state keeps it.
            Ok(kept) => {
                assert!(!kept.ready(), "{said}");
                kept.status_reason.unwrap()
            }
            other => panic!("{said}: {other:?}"),
        };
        assert!(said_it.contains("broke the protocol") && said_it.contains(said), "{said_it}");
        assert_eq!(stage.calls().len(), 1, "{said}: it is not asked again");
    }
}

#[tokio::test]
async fn ready_is_believed_only_with_checks_that_pass() {
    let with = |checks: Vec<wire::ReadinessCheck>| wire::Outcome { readiness: checks, ..told(ID) };
    for (checks, phase) in [
        (vec![check("mfa", wire::Verdict::Pass)], Phase::Ready),
        (vec![check("mfa", wire::Verdict::Fail)], Phase::Baselined),
        (vec![check("mfa", wire::Verdict::Unspecified)], Phase::Baselined),
        (vec![], Phase::Baselined),
    ] {
        let stage = stage([vec![outcome(with(checks))]], []);
        let outcome = stage.vend().await.unwrap();
        assert_eq!(outcome.phase, phase);
        assert_eq!(outcome.status_reason.is_none(), phase == Phase::Ready);
    }
}

#[tokio::test]
async fn a_refusal_is_the_vendor_s_own_and_what_is_there_is_kept() {
    let refused = || Say(Event::Refused(problem(wire::ProblemClass::ConflictOwner)));
    let stage_1 = stage([vec![accepted(), refused()]], []);
    assert_eq!(class_of(&stage_1.vend().await).0, Class::ConflictOwner);
    let stage_2 = stage([vec![accepted(), checkpoint(ID, ""), refused()]], []);
    assert_eq!(stage_2.vend().await.unwrap().facts.id, ID);
}

#[tokio::test]
async fn an_account_without_an_id_is_kept_as_a_request() {
    let pending = wire::Outcome {
        identity_pending: true,
        phase: wire::Phase::NeedsHuman.into(),
        status_reason: "waits for A. Person".to_owned(),
        ..told("")
    };
    let stage = stage([vec![accepted(), outcome(pending)]], []);
    let outcome = stage.vend().await.unwrap();
    assert!(outcome.vendor.identity_pending);
    assert_eq!((outcome.facts.id.as_str(), outcome.phase), ("", Phase::Requested));
    assert_eq!(outcome.status_reason.as_deref(), Some("waits for A. Person"));
}

#[tokio::test]
async fn a_stop_is_passed_on_and_a_vendor_that_does_not_end_is_cut_off() {
    let (cancel, wished) = (CancellationToken::new(), wish("payments"));
    let stops = || Stop(cancel.clone());
    let grace = Hang(Duration::from_secs(9));
    let stage_1 = stage([vec![accepted(), checkpoint(ID, ""), stops(), grace.clone()]], []);
    let outcome = stage_1.remote.vend(&wished, LIMIT, &cancel).await.unwrap();
    assert_eq!(outcome.unfinished, Some(Unfinished::Stopped));
    assert_eq!(stage_1.calls().len(), 2, "nothing is sent again");
    // Before there is an id there is nothing to keep.
    let cancel = CancellationToken::new();
    let stage_2 = stage([vec![accepted(), Stop(cancel.clone()), grace]], []);
    let answer = stage_2.remote.vend(&wished, LIMIT, &cancel).await;
    assert!(matches!(answer, Err(Refusal::Stopped { .. })), "{answer:?}");
    // One that ends by itself says how far it came.
    let cancel = CancellationToken::new();
    let unfinished = Some(problem(wire::ProblemClass::Cancelled));
    let ends = wire::Outcome { unfinished, phase: wire::Phase::Placed.into(), ..told(ID) };
    let stage_3 = stage([vec![accepted(), Stop(cancel.clone()), outcome_of(ends)]], []);
    let outcome = stage_3.remote.vend(&wished, LIMIT, &cancel).await.unwrap();
    assert_eq!((outcome.phase, outcome.unfinished), (Phase::Placed, Some(Unfinished::Stopped)));
}

#[tokio::test]
async fn a_vendor_that_goes_on_beyond_its_time_is_cut_off() {
    let stream = vec![accepted(), checkpoint(ID, ""), Hang(Duration::from_secs(71))];
    let stage = stage([stream], []);
    let wished = wish("payments");
    let limit = Duration::from_secs(40);
    let outcome = stage.remote.vend(&wished, limit, &CancellationToken::new()).await.unwrap();
    assert_eq!(outcome.unfinished, Some(Unfinished::OutOfTime(None)));
    assert_eq!(stage.calls(), ["advance payments||40"]);
}

#[tokio::test]
async fn a_process_is_configured_once_per_start_and_a_plan_starts_none_that_writes() {
    let found = || Found::Found(told(ID));
    let stage = stage([], [found(), found(), found()]);
    for _ in 0..2 {
        assert!(matches!(stage.look().await.unwrap(), Looked::Found(_)));
    }
    stage.looks.cut();
    assert!(matches!(stage.look().await.unwrap(), Looked::Found(_)));
    let calls = stage.script.calls.lock().unwrap().clone();
    let observe = "observe payments sub-1";
    assert_eq!(calls, ["configure read only", observe, observe, "configure read only", observe]);
    assert_eq!((stage.writes.starts(), stage.looks.starts()), (0, 2));
}

#[tokio::test]
async fn settings_that_the_vendor_does_not_take_are_told_all_at_once() {
    let stage = stage([], []);
    let mut wrong = problem(wire::ProblemClass::Invalid);
    wrong.object = "/region".to_owned();
    *stage.script.problems.lock().unwrap() =
        vec![wrong, wire::Problem { message: "and this".to_owned(), ..wire::Problem::default() }];
    let (class, message) = class_of(&stage.look().await);
    assert_eq!(class, Class::Call(Kind::Invalid));
    assert_eq!(message, "said the vendor; and this");
}

#[tokio::test]
async fn looks_of_one_moment_go_together() {
    let stage = stage([], std::iter::repeat_with(gone).take(150));
    let wishes: Vec<Wish> = (0..150).map(|n| wish(&format!("a{n}"))).collect();
    let cancel = CancellationToken::new();
    // The process runs by then: who asks next is in time for the batch.
    drop(stage.remote.described().await.unwrap());
    let looks = wishes.iter().map(|wish| stage.remote.look(wish, ID, None, LIMIT, &cancel));
    let answers = futures::future::join_all(looks).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Looked::Gone))));
    assert_eq!(stage.calls().len(), 3);
}

#[tokio::test]
async fn what_a_look_could_not_read_is_no_change() {
    use wire::ProblemClass as Said;
    for (class, is_unread) in [
        (Said::Throttled, true),
        (Said::Denied, true),
        (Said::Unspecified, true),
        (Said::Credentials, false),
        (Said::ConflictOwner, false),
    ] {
        let stage = stage([], [Found::Problem(problem(class))]);
        match stage.look().await {
            Ok(Looked::Unread(unread)) => {
                assert!(is_unread && unread.calls[0].message == "said the vendor", "{class:?}");
            }
            Err(Refusal::Problem(_)) => assert!(!is_unread, "{class:?}"),
            other => panic!("{class:?}: {other:?}"),
        }
    }
    let stage = stage([], [Found::AsBelieved(wire::AsBelieved {})]);
    assert!(class_of(&stage.look().await).1.contains("nothing was believed"));
}

#[tokio::test]
async fn a_step_of_a_life_is_a_transition_and_an_advance_follows_where_something_is_left() {
    let frozen = || wire::Outcome {
        lifecycle: wire::LifecycleState::Frozen.into(),
        phase: wire::Phase::Baselined.into(),
        ..told(ID)
    };
    let with_work = wire::Outcome { work: vec!["tags".to_owned()], ..frozen() };
    let stage = stage([vec![outcome(with_work)], vec![outcome(frozen())]], []);
    let wished = {
        let mut wish = wish("payments");
        wish.request.lifecycle_state = AccountLifecycleState::Frozen;
        wish
    };
    let done = stage.remote.update(&wished, ID, LIMIT, &CancellationToken::new()).await.unwrap();
    assert!(done.work.is_empty());
    let calls = stage.calls();
    assert_eq!(calls[0], "transition payments sub-1 to LIFECYCLE_STATE_FROZEN");
    assert!(calls[1].starts_with("advance payments sub-1|"), "{calls:?}");
}

#[tokio::test]
async fn what_nothing_undoes_is_proven_first() {
    let unproven = {
        let mut wish = wish("payments");
        wish.intent.proof = Proof::by(|| false);
        wish.request.lifecycle_state = AccountLifecycleState::Retired;
        wish
    };
    let stage_1 = stage([], []);
    let cancel = CancellationToken::new();
    let update = stage_1.remote.update(&unproven, ID, LIMIT, &cancel).await;
    assert!(matches!(update, Err(Refusal::NotProven { .. })), "{update:?}");
    let close = stage_1.remote.close(&unproven, ID, LIMIT, &cancel).await;
    assert!(matches!(close, Err(Refusal::NotProven { .. })), "{close:?}");
    assert_eq!(stage_1.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_close_is_done_closed_or_gone() {
    let at = "2026-11-30T17:00:00Z";
    let done = wire::Outcome { let_go_at: at.to_owned(), ..told(ID) };
    let closed = wire::Outcome { phase: wire::Phase::Closed.into(), ..told(ID) };
    let failed = wire::Outcome { failures: vec![problem(wire::ProblemClass::Quota)], ..told(ID) };
    let wished = wish("payments");
    for (event, expected) in [
        (Event::Outcome(done), Some("Done")),
        (Event::Outcome(closed), Some("Closed")),
        (Event::Gone(wire::Gone::default()), Some("Gone")),
        (Event::Outcome(failed), None),
        (Event::Outcome(told(ID)), None),
    ] {
        let stage = stage([vec![Say(event)]], []);
        let close = stage.remote.close(&wished, ID, LIMIT, &CancellationToken::new()).await;
        let found = close.as_ref().ok().map(|of| match of {
            LetGo::Done { at: when, .. } => {
                assert_eq!(when.to_string(), at);
                "Done"
            }
            LetGo::Closed => "Closed",
            LetGo::Gone => "Gone",
        });
        assert_eq!(found, expected, "{close:?}");
    }
}

#[tokio::test]
async fn only_so_many_changes_are_made_at_once_as_the_vendor_takes() {
    let describe = wire::DescribeResponse { max_in_flight: 2, ..wire::DescribeResponse::default() };
    let slow = || vec![accepted(), Hang(Duration::ZERO)];
    let stage = stage_with(std::iter::repeat_with(slow).take(5), [], describe);
    let cancel = CancellationToken::new();
    let wishes: Vec<Wish> = (0..5).map(|n| wish(&format!("a{n}"))).collect();
    let runs = wishes.iter().map(|wish| stage.remote.vend(wish, LIMIT, &cancel));
    let counting = async {
        until(|| stage.calls().len() >= 2).await;
        // A third would have come by then.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        let begun = stage.calls().len();
        cancel.cancel();
        begun
    };
    let ended = async {
        let (_, begun) = tokio::join!(futures::future::join_all(runs), counting);
        begun
    };
    let time = async {
        loop {
            cancel.cancelled().await;
            stage.script.clock.0.run_on(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    let begun = tokio::select! {
        begun = ended => begun,
        () = time => 0,
    };
    assert_eq!(begun, 2);
}

#[tokio::test]
async fn findings_are_the_account_s_own_and_a_vendor_that_does_not_answer_blocks() {
    let intent = Intent { create: true, key: Some("payments".to_owned()), ..Intent::default() };
    let stage = stage([], []);
    let finding = |key: &str, blocks| wire::Finding {
        fleet_id: facts::fleet_id(key),
        blocks,
        problem: Some(problem(wire::ProblemClass::Quota)),
    };
    *stage.script.preflight.lock().unwrap() = wire::PreflightResponse {
        findings: vec![finding("payments", true), finding("", false), finding("other", true)],
        ..wire::PreflightResponse::default()
    };
    let cancel = CancellationToken::new();
    let blocks = |findings: Vec<Finding>| -> Vec<bool> {
        let of = |finding| match finding {
            Finding::Problem { blocks, .. } => blocks,
            other => panic!("{other:?}"),
        };
        findings.into_iter().map(of).collect()
    };
    assert_eq!(blocks(stage.remote.preflight(None, &intent, &cancel).await), [true, false]);
    *stage.script.problems.lock().unwrap() = vec![problem(wire::ProblemClass::Invalid)];
    stage.looks.cut();
    assert_eq!(blocks(stage.remote.preflight(None, &intent, &cancel).await), [true]);
}

#[tokio::test]
async fn what_a_vendor_names_decides_what_was_attempted() {
    let failed = |object: &str, class: wire::ProblemClass| wire::Problem {
        object: object.to_owned(),
        ..problem(class)
    };
    let denied = wire::ProblemClass::Denied;
    for (object, class, attempt, is_not_ours) in [
        ("tags", denied, Attempt::Tags, false),
        ("parent", denied, Attempt::Parent, false),
        ("control/regions", denied, Attempt::Control("regions"), false),
        ("control/mfa", denied, Attempt::Vendor, false),
        ("", denied, Attempt::Vendor, false),
        ("", wire::ProblemClass::ConflictOwner, Attempt::Everything, true),
        ("", wire::ProblemClass::ConflictKey, Attempt::Everything, true),
    ] {
        let told = wire::Outcome { failures: vec![failed(object, class)], ..told(ID) };
        let stage = stage([vec![outcome(told)]], []);
        let outcome = stage.update().await.unwrap();
        assert_eq!(outcome.failures[0].attempt, attempt, "{object:?}");
        assert_eq!(outcome.is_not_ours(), is_not_ours, "{object:?}");
    }
}
