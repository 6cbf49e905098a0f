//! A change of an account: sent, followed, and looked after where its end is not known.
//!
//! Nothing is sent a second time, to this process of the vendor or to another one, before the vendor has looked for the
//! account by its `fleet_id`.

use std::time::Duration;

use fleet_vending_proto::v1beta1 as wire;
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::instance::Client;
use super::stream::{Bounds, End, Known};
use super::{Inner, request_of};
use crate::error::Kind;
use crate::problem::{Class, Problem};
use crate::refusal::Refusal;
use crate::request::AccountJob;
use crate::wire::convert::problem::from_message;
use crate::wire::convert::request::existing_to;
use crate::wire::convert::text;

/// How often a change is sent, at most.
const ATTEMPTS: usize = 3;

/// How often it is waited for another call on the same key.
const TURNS: u32 = 10;

/// How long between two of these.
const TURN: Duration = Duration::from_secs(3);

/// What is changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    /// It is made, or goes on.
    Advance,
    /// It takes a step of its life.
    Transition(wire::LifecycleState),
}

/// A change of one account.
pub(super) struct Drive<'a> {
    pub(super) job: &'a AccountJob,
    pub(super) change: Change,
    pub(super) limit: Duration,
    pub(super) cancel: &'a CancellationToken,
}

/// What a change came to.
#[derive(Debug)]
pub(super) enum Came {
    /// The vendor told.
    To(Box<wire::Outcome>),
    /// The vendor says that there is no account of ours.
    Refused(Problem),
    /// The account is not there.
    Gone,
    /// The vendor did not tell, for this reason.
    Untold(Problem),
}

impl Inner {
    /// Makes the change. What is learnt of the account stays in `known`, however it ends.
    ///
    /// # Errors
    /// The vendor could not be started, before anything was sent; or the CLI asked to stop before.
    pub(super) async fn drive(
        &self,
        drive: &Drive<'_>,
        known: &mut Known,
    ) -> Result<Came, Refusal> {
        let client = self.writes.client(&self.settings).await?;
        let _turn = self.turn(&client, drive.cancel).await?;
        let deadline = self.after(drive.limit);
        let mut client = client;
        let mut untold = None;
        let mut turns = 0;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                client = match self.writes.client(&self.settings).await {
                    Ok(client) => client,
                    Err(refusal) => return Ok(Came::Untold(self.problem_of(refusal))),
                };
                match self.look_after(&client, drive, known).await {
                    Ok(None) => {}
                    Ok(Some(came)) => return Ok(came),
                    Err(problem) => return Ok(Came::Untold(problem)),
                }
            }
            loop {
                match self.send(&client, drive, deadline, known).await {
                    End::Outcome(outcome) => return Ok(Came::To(outcome)),
                    End::Refused(problem) => return Ok(Came::Refused(problem)),
                    End::Gone if known.native_id.is_some() => return Ok(Came::Gone),
                    End::Gone => {
                        let what = "it says that an account is gone which never was".to_owned();
                        let problem = self.problem(Class::Call(Kind::Unexpected), what);
                        return Ok(Came::Refused(problem));
                    }
                    End::Broken(problem) => return Ok(Came::Untold(problem)),
                    End::Stopped => return Ok(Came::Untold(self.stopped())),
                    End::OutOfTime => {
                        let what = "it did not end when its time was over".to_owned();
                        let problem = self.problem(Class::Call(Kind::DeadlineExceeded), what);
                        return Ok(Came::Untold(problem));
                    }
                    End::Lost(problem) => {
                        tracing::warn!(vendor = self.name, "{}", problem.message);
                        untold = Some(problem);
                        break;
                    }
                    // Nothing was begun: the call that works on the key goes on.
                    End::Busy(problem) => {
                        turns += 1;
                        let out_of_time = self.after(TURN) > deadline;
                        if turns > TURNS || out_of_time {
                            return Ok(Came::Untold(problem));
                        }
                        if drive.cancel.run_until_cancelled(self.clock.sleep(TURN)).await.is_none()
                        {
                            return Ok(Came::Untold(self.stopped()));
                        }
                    }
                }
            }
            if drive.cancel.is_cancelled() {
                return Ok(Came::Untold(self.stopped()));
            }
        }
        Ok(Came::Untold(untold.unwrap_or_else(|| {
            self.problem(Class::Call(Kind::Unanswered), "it did not answer".to_owned())
        })))
    }

    /// A place among the changes that the vendor takes at the same time.
    async fn turn(
        &self,
        client: &Client,
        cancel: &CancellationToken,
    ) -> Result<SemaphorePermit<'_>, Refusal> {
        let of_block = Some(self.settings.max_in_flight).filter(|most| *most > 0);
        let most = of_block.into_iter().chain(client.described.max_in_flight).min();
        let most = most.unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        let turns = self.turns.get_or_init(|| async { Semaphore::new(most) }).await;
        match cancel.run_until_cancelled(turns.acquire()).await {
            Some(Ok(turn)) => Ok(turn),
            _ => Err(Refusal::Stopped { waiting_for: "waiting for its turn".to_owned() }),
        }
    }

    async fn send(
        &self,
        client: &Client,
        drive: &Drive<'_>,
        deadline: Timestamp,
        known: &mut Known,
    ) -> End {
        let left = deadline.duration_since(self.clock.now()).as_secs().max(1);
        let deadline_seconds = u32::try_from(left).unwrap_or(u32::MAX);
        let native_id = known.native_id.as_deref();
        let request = Some(request_of(drive.job, native_id, &client.described));
        let resume_token = known.resume_token.clone();
        let operation_id = String::new();
        let mut rpc = client.rpc.clone();
        let answer = match drive.change {
            Change::Advance => {
                let existing = match native_id {
                    None => existing_to(&drive.job.intent.adopt),
                    Some(_) => None,
                };
                rpc.advance(wire::AdvanceRequest {
                    request,
                    resume_token,
                    existing,
                    deadline_seconds,
                    operation_id,
                })
                .await
            }
            Change::Transition(target) => {
                rpc.transition(wire::TransitionRequest {
                    request,
                    target: target.into(),
                    expected_digest: String::new(),
                    resume_token,
                    deadline_seconds,
                    operation_id,
                })
                .await
            }
        };
        let mut stream = match answer {
            Ok(answer) => answer.into_inner(),
            Err(status) => return self.end_of(&status),
        };
        let key = drive.job.request.contract.key.as_str();
        let bounds = Bounds { key, deadline, cancel: drive.cancel };
        self.read(client, &mut stream, &bounds, known).await
    }

    /// What became of a change whose end is not known: the vendor looks for the account. `None`: the change may be sent again.
    async fn look_after(
        &self,
        client: &Client,
        drive: &Drive<'_>,
        known: &mut Known,
    ) -> Result<Option<Came>, Problem> {
        use wire::observation::Result as Found;
        let request = request_of(drive.job, known.native_id.as_deref(), &client.described);
        let account =
            wire::ObserveAccount { request: Some(request), believed_digest: String::new() };
        let looking = self.observe(client.clone(), vec![account], wire::Depth::Exists);
        let mut found = looking.await.map_err(super::status::Ended::into_problem)?;
        match found.pop().and_then(|of| of.result) {
            Some(Found::Found(outcome)) => {
                let of = outcome.facts.and_then(|facts| facts.r#ref).unwrap_or_default();
                let id = text::id("native_id", &of.native_id).map_err(|of| self.broken(&of))?;
                match &known.native_id {
                    Some(before) if *before != id => Err(self.broken(&text::Nonsense(format!(
                        "the account had the id {before}, and has {id:?}"
                    )))),
                    _ => {
                        known.native_id = Some(id).filter(|id| !id.is_empty());
                        Ok(None)
                    }
                }
            }
            Some(Found::Gone(_)) if known.native_id.is_some() => Ok(Some(Came::Gone)),
            Some(Found::Gone(_)) => Ok(None),
            Some(Found::Problem(problem)) => Err(from_message(&self.name, &problem)),
            Some(Found::AsBelieved(_)) | None => Err(self.broken(&text::Nonsense(
                "it answers that nothing has changed, and nothing was believed".to_owned(),
            ))),
        }
    }

    pub(super) fn stopped(&self) -> Problem {
        let what = "it was asked to stop, and did not say how far it came".to_owned();
        self.problem(Class::Call(Kind::Cancelled), what)
    }
}
