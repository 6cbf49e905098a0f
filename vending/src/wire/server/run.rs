//! What changes things: a run of the engine, told as events.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_vending_proto::v1beta1 as wire;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::codegen::BoxStream;
use wire::event::Event;

use super::Service;
use crate::aws::account::converge::look::Looked;
use crate::aws::vending::Vending;
use crate::error::Kind;
use crate::outcome::{LetGo, Outcome};
use crate::problem::Class;
use crate::progress::{self, Step};
use crate::refusal::Refusal;
use crate::request::AccountJob;
use crate::wire::convert::problem::class_to;
use crate::wire::convert::refusal::{to_message_of, tried_to};
use crate::wire::convert::{let_go, outcome, request, stage};

/// How long a run may take that the host sets no limit.
const UNLIMITED: Duration = Duration::from_secs(7 * 24 * 3600);

/// How often something is said at least.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// What a run is to do.
enum Task {
    Advance,
    Transition { target: wire::LifecycleState, expected_digest: String },
}

/// A key that is at work. Dropped, it is free.
struct Turn {
    key: String,
    keys: Arc<Mutex<BTreeSet<String>>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Service {
    pub(super) fn run_advance(
        &self,
        request: wire::AdvanceRequest,
    ) -> Result<BoxStream<wire::Event>, Status> {
        let existing = request::existing_from(request.existing);
        let asked = request.request.unwrap_or_default();
        self.run(asked, Task::Advance, request.deadline_seconds, |job| {
            job.intent.adopt = existing;
        })
    }

    pub(super) fn run_transition(
        &self,
        request: wire::TransitionRequest,
    ) -> Result<BoxStream<wire::Event>, Status> {
        let target = wire::LifecycleState::try_from(request.target).unwrap_or_default();
        if target == wire::LifecycleState::Unspecified {
            return Err(Status::invalid_argument("no target that this vendor knows"));
        }
        let task = Task::Transition { target, expected_digest: request.expected_digest };
        self.run(request.request.unwrap_or_default(), task, request.deadline_seconds, |job| {
            if let Some(state) = stage::wished_from(target.into()) {
                job.request.lifecycle_state = state;
            } else {
                job.request.lifecycle_state = AccountLifecycleState::Retired;
            }
        })
    }

    /// Begins a run. It goes on until it ends, is stopped, or nobody listens any more.
    fn run(
        &self,
        asked: wire::AccountRequest,
        task: Task,
        deadline_seconds: u32,
        change: impl FnOnce(&mut AccountJob),
    ) -> Result<BoxStream<wire::Event>, Status> {
        let of = asked.r#ref.clone().unwrap_or_default();
        if of.key.is_empty() || of.fleet_id.is_empty() {
            return Err(Status::invalid_argument("the reference has no key or no fleet_id"));
        }
        let turn = self.turn(&of.key)?;
        let limit = match deadline_seconds {
            0 => UNLIMITED,
            seconds => Duration::from_secs(seconds.into()),
        };
        let (sender, receiver) = mpsc::channel(16);
        let service = self.clone();
        let cancel = self.0.stopped.child_token();
        let job = request::is_of_its_key(&of).and_then(|()| request::from_message(asked));
        let job = job.map(|mut job| {
            change(&mut job);
            job
        });
        tokio::spawn(async move {
            let _turn = turn;
            let told = Told { sender, cancel: cancel.clone() };
            told.tell(Event::Accepted(wire::Accepted {})).await;
            let end = match job {
                Err(problem) => Event::Refused(*problem),
                Ok(job) => service.work(&of, job, task, limit, &told).await,
            };
            told.tell(end).await;
        });
        Ok(Box::pin(ReceiverStream::new(receiver).map(Ok)))
    }

    fn turn(&self, key: &str) -> Result<Turn, Status> {
        let keys = Arc::clone(&self.0.in_flight);
        let is_free = keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
        if is_free {
            Ok(Turn { key: key.to_owned(), keys })
        } else {
            Err(Status::aborted("another call works on this key"))
        }
    }

    /// Runs the engine and tells of its steps; gives the last event.
    async fn work(
        &self,
        of: &wire::AccountRef,
        job: AccountJob,
        task: Task,
        limit: Duration,
        told: &Told,
    ) -> Event {
        let Some(configured) = self.0.configured.get() else {
            return Event::Refused(wire::Problem::default());
        };
        let (listener, mut steps) = mpsc::unbounded_channel();
        let vending = configured.vending.clone();
        let (of_run, cancel) = (of.clone(), told.cancel.clone());
        let run = tokio::spawn(progress::told_to(listener, async move {
            done(&vending, &of_run, &job, task, limit, &cancel).await
        }));
        let mut known = of.native_id.clone();
        let mut last =
            wire::Progress { phase: wire::Phase::Requested.into(), ..Default::default() };
        let clock = configured.vending.clock();
        loop {
            let beat = clock.now().saturating_add(HEARTBEAT).unwrap_or(Timestamp::MAX);
            tokio::select! {
                biased;
                step = steps.recv() => match step {
                    Some(step) => {
                        checkpoint(told, &step, &mut known).await;
                        told.progress(step, &mut last).await;
                    }
                    None => break,
                },
                () = clock.reaches(beat) => told.tell(Event::Progress(last.clone())).await,
            }
        }
        configured.forget_looks();
        match run.await {
            Ok(Done { tried, event }) => {
                if let Some(tried) = tried {
                    told.tell(Event::Warning(tried)).await;
                }
                if let Event::Outcome(outcome) = &event {
                    let id =
                        outcome.facts.clone().and_then(|facts| facts.r#ref).unwrap_or_default();
                    checkpoint_of(told, id.native_id, &mut known).await;
                }
                event
            }
            // It panicked, which is on stderr: what happened is not known, and the host looks.
            Err(_) => Event::Refused(wire::Problem {
                class: class_to(Class::Call(Kind::Unanswered)).into(),
                message: "the vendor failed in the middle of the run".to_owned(),
                ..wire::Problem::default()
            }),
        }
    }
}

/// Whoever listens to a run.
struct Told {
    sender: mpsc::Sender<wire::Event>,
    cancel: CancellationToken,
}

impl Told {
    /// One who has hung up ends the run.
    async fn tell(&self, event: Event) {
        if self.sender.send(wire::Event { event: Some(event) }).await.is_err() {
            self.cancel.cancel();
        }
    }

    async fn progress(&self, step: Step, last: &mut wire::Progress) {
        if let Some(phase) = step.phase {
            last.phase = stage::phase_to(phase).into();
        }
        last.step = step.done;
        last.waiting_for = step.waiting_for.unwrap_or_default();
        self.tell(Event::Progress(last.clone())).await;
    }
}

/// As soon as there is an id, and once.
async fn checkpoint(told: &Told, step: &Step, known: &mut String) {
    checkpoint_of(told, step.account_id.clone().unwrap_or_default(), known).await;
}

async fn checkpoint_of(told: &Told, id: String, known: &mut String) {
    if id.is_empty() || *known == id {
        return;
    }
    known.clone_from(&id);
    // The tags of the account are the journal: nothing else has to be handed on.
    told.tell(Event::Checkpoint(wire::Checkpoint { native_id: id, resume_token: Vec::new() }))
        .await;
}

/// What a run came to.
struct Done {
    /// What was tried in vain until the time was over: it has a class of its own.
    tried: Option<wire::Problem>,
    /// The last event.
    event: Event,
}

impl From<Event> for Done {
    fn from(event: Event) -> Self {
        Self { tried: None, event }
    }
}

/// What the engine makes of it.
async fn done(
    vending: &Vending,
    of: &wire::AccountRef,
    job: &AccountJob,
    task: Task,
    limit: Duration,
    cancel: &CancellationToken,
) -> Done {
    let id = of.native_id.as_str();
    match task {
        Task::Advance if id.is_empty() => told(vending.vend(job, limit, cancel).await, &of.key),
        Task::Advance => told(vending.update(job, id, limit, cancel).await, &of.key),
        Task::Transition { .. } if id.is_empty() => {
            refused(*request::invalid("native_id", "a step of a life needs an account"))
        }
        Task::Transition { target, expected_digest } => {
            if let Some(refused) = differs(vending, job, id, &expected_digest, cancel).await {
                return refused.into();
            }
            match target {
                wire::LifecycleState::Released => {
                    let released = vending.release(job, id, limit, cancel).await;
                    let_go_to(released, of, LifecyclePhase::Retired)
                }
                wire::LifecycleState::Closed => match job.past.lifecycle_phase {
                    LifecyclePhase::Retired | LifecyclePhase::Closed => {
                        let closed = vending.close(job, id, limit, cancel).await;
                        let_go_to(closed, of, LifecyclePhase::Closed)
                    }
                    phase => refused(*request::invalid(
                        "lifecycle_state",
                        &format!("only a retired account is closed, and this one is {phase}"),
                    )),
                },
                _ => {
                    let changed = told(vending.update(job, id, limit, cancel).await, &of.key);
                    opens_nothing(changed, target)
                }
            }
        }
    }
}

/// Why a step is not taken: the plan saw another account than there is now.
async fn differs(
    vending: &Vending,
    job: &AccountJob,
    id: &str,
    expected: &str,
    cancel: &CancellationToken,
) -> Option<Event> {
    if expected.is_empty() {
        return None;
    }
    match vending.afresh().look(job, id, None, UNLIMITED, cancel).await {
        Ok(Looked::Found(found)) if found.readiness.digest() == expected => None,
        Ok(Looked::Gone) => Some(gone()),
        Ok(_) => Some(Event::Refused(*request::invalid(
            "readiness",
            "the account is not as the plan saw it",
        ))),
        Err(refusal) => Some(Event::Refused(to_message_of(&refusal))),
    }
}

/// What is closed does not come back, and whoever asked for that is told.
fn opens_nothing(mut done: Done, target: wire::LifecycleState) -> Done {
    let is_way_back = matches!(target, wire::LifecycleState::Active | wire::LifecycleState::Frozen);
    if let Event::Outcome(outcome) = &mut done.event
        && is_way_back
        && matches!(outcome.phase(), wire::Phase::Closing | wire::Phase::Closed)
    {
        let message = "the account is closed, and nothing leads back from there";
        outcome.failures.push(*request::invalid("lifecycle_state", message));
    }
    done
}

fn told(answer: Result<Outcome, Refusal>, key: &str) -> Done {
    match answer {
        Ok(found) => Event::Outcome(outcome::to_message(&found, key)).into(),
        Err(Refusal::NoSuchObject { .. }) => gone().into(),
        Err(refusal) => refused_by(&refusal),
    }
}

fn refused(problem: wire::Problem) -> Done {
    Event::Refused(problem).into()
}

fn refused_by(refusal: &Refusal) -> Done {
    Done { tried: tried_to(refusal), event: Event::Refused(to_message_of(refusal)) }
}

fn let_go_to(
    answer: Result<LetGo, Refusal>,
    of: &wire::AccountRef,
    target: LifecyclePhase,
) -> Done {
    match answer {
        Ok(done) => {
            let told = let_go::to_message(&done, of.clone(), target);
            told.map_or_else(gone, Event::Outcome).into()
        }
        Err(refusal) => refused_by(&refusal),
    }
}

fn gone() -> Event {
    Event::Gone(wire::Gone { looked_in: "the organization".to_owned() })
}
