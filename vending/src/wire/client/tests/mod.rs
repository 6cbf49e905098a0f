//! The client against a vendor that does what a script says.

mod changes;
mod looks;
mod outcomes;
mod plans;

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
use crate::aws::testing::scenarios::job;
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
        request: Request<wire::PreflightRequest>,
    ) -> Result<Response<wire::PreflightResponse>, Status> {
        self.0.note(format!("preflight {}", request.into_inner().accounts.len()));
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
        self.remote.vend(&job("payments"), LIMIT, &CancellationToken::new()).await
    }

    async fn update(&self) -> Result<Outcome, Refusal> {
        self.remote.update(&job("payments"), ID, LIMIT, &CancellationToken::new()).await
    }

    async fn look(&self) -> Result<Looked, Refusal> {
        self.remote.look(&job("payments"), ID, None, LIMIT, &CancellationToken::new()).await
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
