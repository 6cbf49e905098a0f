//! One stream of events, read to its end.

use std::time::Duration;

use fleet_vending_proto::{limits, v1beta1 as wire};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tonic::Streaming;

use super::Inner;
use super::instance::Client;
use super::status::Ended;
use crate::error::Kind;
use crate::problem::{Class, Problem};
use crate::wire::convert::Nonsense;
use crate::wire::convert::problem::from_message;
use crate::wire::convert::stage::phase_from;
use crate::wire::convert::text::{self, shown};

/// How long a vendor that was asked to stop may take to say how far it came.
const STOP_GRACE: Duration = Duration::from_secs(8);

/// How much longer than its time a call may take before it is cut off.
const LIMIT_GRACE: Duration = Duration::from_secs(30);

/// How long a stream may stay open after its last event.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What is known of an account while it is at work.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Its id, from the request or from a checkpoint.
    pub(super) native_id: Option<String>,
    /// What the last checkpoint gave.
    pub(super) resume_token: Vec<u8>,
}

/// How a stream ended.
#[derive(Debug)]
pub(super) enum End {
    /// It told what became of the account.
    Outcome(Box<wire::Outcome>),
    /// There is no account of ours.
    Refused(Problem),
    /// The account is not there.
    Gone,
    /// It told nothing: what happened is not known.
    Lost(Problem),
    /// Another call works on the key.
    Busy(Problem),
    /// It said what cannot be, or the vendor refused the call.
    Broken(Problem),
    /// The CLI asked to stop, and the vendor did not end.
    Stopped,
    /// The time was over, and the vendor did not end.
    OutOfTime,
}

/// Within what a stream is read.
pub(super) struct Bounds<'a> {
    /// The account's key, for the log.
    pub(super) key: &'a str,
    /// When the vendor should have ended by itself.
    pub(super) deadline: Timestamp,
    /// Whether the CLI asks to stop.
    pub(super) cancel: &'a CancellationToken,
}

impl Inner {
    /// Reads the events of a call until its end. What is learnt of the account stays in `known`, however it ends.
    pub(super) async fn read(
        &self,
        client: &Client,
        stream: &mut Streaming<wire::Event>,
        bounds: &Bounds<'_>,
        known: &mut Known,
    ) -> End {
        let grace = bounds.deadline.saturating_add(LIMIT_GRACE);
        let mut end = grace.unwrap_or(Timestamp::MAX);
        let mut stopping = false;
        loop {
            let silent = self.after(Duration::from_secs(limits::SILENCE_SECONDS));
            let message = tokio::select! {
                biased;
                message = stream.message() => message,
                () = bounds.cancel.cancelled(), if !stopping => {
                    stopping = true;
                    end = end.min(self.after(STOP_GRACE));
                    self.stop(client);
                    continue;
                }
                () = self.clock.reaches(end.min(silent)) => return if stopping {
                    End::Stopped
                } else if end <= silent {
                    End::OutOfTime
                } else {
                    End::Lost(self.problem(
                        Class::Call(Kind::Unanswered),
                        format!("it said nothing for {} seconds", limits::SILENCE_SECONDS),
                    ))
                },
            };
            let event = match message {
                Ok(Some(event)) => event,
                Ok(None) => {
                    return End::Lost(self.problem(
                        Class::Call(Kind::Unanswered),
                        "it ended without saying what became of the account".to_owned(),
                    ));
                }
                Err(status) => return self.end_of(&status),
            };
            match self.heard(event, bounds.key, known) {
                Ok(None) => {}
                Ok(Some(end)) => return self.unless_it_goes_on(stream, end).await,
                Err(nonsense) => return End::Broken(self.broken(&nonsense)),
            }
        }
    }

    /// How a call ended that gave a status.
    pub(super) fn end_of(&self, status: &tonic::Status) -> End {
        match self.ended("Advance", status) {
            Ended::Lost(problem) => End::Lost(problem),
            Ended::Busy(problem) => End::Busy(problem),
            Ended::Refused(problem) => End::Broken(problem),
        }
    }

    /// The last event is the last.
    async fn unless_it_goes_on(&self, stream: &mut Streaming<wire::Event>, end: End) -> End {
        tokio::select! {
            biased;
            more = stream.message() => match more {
                Ok(Some(_)) => {
                    let said = "it goes on after it said what became of it".to_owned();
                    End::Broken(self.broken(&Nonsense(said)))
                }
                Ok(None) | Err(_) => end,
            },
            () = self.clock.reaches(self.after(LAST_WORDS)) => end,
        }
    }

    /// Takes in one event. `Some`: it was the last.
    fn heard(
        &self,
        event: wire::Event,
        key: &str,
        known: &mut Known,
    ) -> Result<Option<End>, Nonsense> {
        use wire::event::Event;
        match event.event {
            // What this version does not know says nothing to it.
            None | Some(Event::Accepted(_)) => {}
            Some(Event::Checkpoint(checkpoint)) => self.remember(checkpoint, known)?,
            Some(Event::Progress(progress)) => {
                let phase = phase_from(progress.phase, known.native_id.is_some()).as_str();
                let waiting_for = text::said(&progress.waiting_for);
                let step = shown(&progress.step);
                tracing::info!(vendor = self.name, account = key, phase, step, waiting_for);
            }
            Some(Event::Evidence(check)) => {
                let (check, observed) = (shown(&check.check), shown(&check.observed));
                tracing::debug!(vendor = self.name, account = key, check, observed);
            }
            Some(Event::Warning(problem)) => {
                let problem = from_message(&self.name, &problem);
                tracing::warn!(vendor = self.name, account = key, "{}", problem.message);
            }
            Some(Event::Outcome(outcome)) => return Ok(Some(End::Outcome(Box::new(outcome)))),
            Some(Event::Refused(problem)) => {
                let problem = from_message(&self.name, &problem);
                return match &known.native_id {
                    // It is there all the same, and must not be forgotten.
                    Some(_) => Ok(Some(End::Broken(problem))),
                    None => Ok(Some(End::Refused(problem))),
                };
            }
            Some(Event::Gone(_)) => return Ok(Some(End::Gone)),
        }
        Ok(None)
    }

    fn remember(&self, checkpoint: wire::Checkpoint, known: &mut Known) -> Result<(), Nonsense> {
        let id = text::id("the id of a checkpoint", &checkpoint.native_id)?;
        match &known.native_id {
            Some(before) if !id.is_empty() && *before != id => {
                return Err(Nonsense(format!("the account had the id {before}, and has {id}")));
            }
            _ => {}
        }
        if checkpoint.resume_token.len() > limits::RESUME_TOKEN {
            return Err(Nonsense(format!(
                "its resume token has {} bytes, and {} are the most",
                checkpoint.resume_token.len(),
                limits::RESUME_TOKEN
            )));
        }
        known.native_id = known.native_id.take().or(Some(id).filter(|id| !id.is_empty()));
        known.resume_token = checkpoint.resume_token;
        Ok(())
    }

    /// Asks the process to begin nothing any more; its calls end by themselves then.
    fn stop(&self, client: &Client) {
        let mut rpc = client.rpc.clone();
        let grace = self.clock.reaches(self.after(STOP_GRACE));
        tokio::spawn(async move {
            // One that does not answer is cut off after its grace.
            tokio::select! {
                _ = rpc.stop(wire::StopRequest {}) => {}
                () = grace => {}
            }
        });
    }
}
