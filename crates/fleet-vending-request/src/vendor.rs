//! What a configured vendor knows and does with one account.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fleet_vending_proto::v1beta1 as pb;
use jiff::Timestamp;
use pb::event::Event;
use pb::{LifecycleState, ProblemClass};
use tokio::sync::watch;
use uuid::Uuid;

use crate::request::{self, Life, Request};
use crate::settings::Settings;
use crate::standing::{self, Known};
use crate::store::{self, Answer, Store};
use crate::teller::{Refusal, Teller};

/// Between two looks at whether somebody has answered.
const LOOK: Duration = Duration::from_millis(250);

/// Between two signs of life while it waits.
const SIGN: Duration = Duration::from_secs(5);

/// What a process knows after it was configured.
#[derive(Clone)]
pub(crate) struct Vendor {
    pub(crate) settings: Arc<Settings>,
    pub(crate) store: Store,
    pub(crate) managed_by: String,
    pub(crate) read_only: bool,
    /// The time of the system, or of a test.
    pub(crate) clock: fn() -> Timestamp,
    at_work: Arc<Mutex<BTreeSet<String>>>,
    stopping: watch::Receiver<bool>,
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Self::Problem(Box::new(unreadable(&error)))
    }
}

/// A file that could not be read or written, as a problem.
pub(crate) fn unreadable(error: &store::Error) -> pb::Problem {
    let message = format!("The files of the requests cannot be used: {error}.");
    let class = match error {
        store::Error::Io { error, .. } if error.kind() == std::io::ErrorKind::PermissionDenied => {
            ProblemClass::Denied
        }
        store::Error::Io { .. } | store::Error::Request { .. } | store::Error::Crowded(_) => {
            ProblemClass::Unexpected
        }
    };
    problem(
        class,
        "directory",
        message,
        "Mend the file, or the directory of the vendor's settings.",
    )
}

pub(crate) fn problem(
    class: ProblemClass,
    object: &str,
    message: String,
    remedy: &str,
) -> pb::Problem {
    let message =
        message.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    pb::Problem {
        class: class.into(),
        object: object.to_owned(),
        message,
        remedy: remedy.to_owned(),
        ..pb::Problem::default()
    }
}

impl Vendor {
    pub(crate) fn new(
        settings: Settings,
        managed_by: String,
        read_only: bool,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let store = Store::new(settings.directory.clone());
        Self {
            settings: Arc::new(settings),
            store,
            managed_by,
            read_only,
            clock: system_time,
            at_work: Arc::default(),
            stopping,
        }
    }

    /// The keys that are at work.
    pub(crate) fn at_work(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request of a reference, whoever's it is: by its key, or of an import by its id.
    pub(crate) fn find(&self, of: &pb::AccountRef) -> Result<Option<Request>, Refusal> {
        if of.key.is_empty() && of.fleet_id.is_empty() && !of.native_id.is_empty() {
            let keys = self.store.keys_of(&of.native_id)?;
            return Ok(match keys.as_slice() {
                [key] => self.store.request(key)?,
                _ => None,
            });
        }
        if !store::is_key(&of.key) {
            return Err(invalid(
                "key",
                "The key is not made of lower-case letters, digits and hyphens.".into(),
            ));
        }
        if !Uuid::try_parse(&of.fleet_id).is_ok_and(|id| id.hyphenated().to_string() == of.fleet_id)
        {
            return Err(invalid("fleet_id", "The fleet_id is no UUID.".into()));
        }
        Ok(self.store.request(&of.key)?)
    }

    /// The same, where it is ours and nobody else has its place.
    pub(crate) fn find_ours(&self, of: &pb::AccountRef) -> Result<Option<Request>, Refusal> {
        let found = self.find(of)?;
        let refused = |class, object: &str, message: String, remedy: &str| {
            Err(Refusal::Problem(Box::new(problem(class, object, message, remedy))))
        };
        let Some(request) = found else {
            let other =
                self.store.requests()?.into_iter().find(|request| request.fleet_id == of.fleet_id);
            return match other {
                Some(other) if !of.fleet_id.is_empty() => {
                    let message = format!("The account was asked for with the key {}.", other.key);
                    refused(
                        ProblemClass::ConflictInput,
                        "key",
                        message,
                        "A key cannot change: put the old one back.",
                    )
                }
                _ => Ok(None),
            };
        };
        if !of.fleet_id.is_empty() && request.fleet_id != of.fleet_id {
            let message =
                format!("{} is the request of another account.", Store::request_name(&request.key));
            return refused(ProblemClass::ConflictKey, "key", message, "Choose another key.");
        }
        if request.managed_by != self.managed_by {
            let owner = if request.managed_by.is_empty() { "nobody" } else { &request.managed_by };
            let message = format!("{} is managed by {owner}.", Store::request_name(&request.key));
            return refused(
                ProblemClass::ConflictOwner,
                "managed_by",
                message,
                "Choose another key, or have that manager let it go.",
            );
        }
        Ok(Some(request))
    }

    /// How an account stands, with what `native_id` the host knows.
    pub(crate) fn outcome(
        &self,
        request: &Request,
        native_id: &str,
    ) -> Result<pb::Outcome, store::Error> {
        let answer = self.store.answer(&request.key)?;
        let mut rivals = match &answer {
            Answer::Is(answer) if !answer.native_id.is_empty() => {
                self.store.keys_of(&answer.native_id)?
            }
            _ => Vec::new(),
        };
        rivals.retain(|key| *key != request.key);
        Ok(standing::outcome(&Known {
            request,
            answer: &answer,
            native_id,
            rivals: &rivals,
            overdue_fails: self.settings.overdue_fails,
            now: (self.clock)(),
        }))
    }

    fn due_by(&self) -> String {
        let due = self.settings.due_in.and_then(|due| (self.clock)().checked_add(due).ok());
        due.map_or_else(String::new, seconds)
    }

    /// Puts what is asked for into the file; gives it.
    fn ask(&self, asked_for: &pb::AccountRequest) -> Result<Request, Refusal> {
        let of = asked_for.r#ref.clone().unwrap_or_default();
        let digest = asked_for.request_sha256.as_str();
        if !digest.is_empty() && digest != fleet_vending_proto::digest::of_request(asked_for) {
            let message = "The request is not the one that its digest was made of.".to_owned();
            return Err(invalid("request_sha256", message));
        }
        let asked = request::asked(asked_for);
        let request = match self.find_ours(&of)? {
            Some(request) if matches!(request.lifecycle, Life::Closed | Life::Released) => request,
            Some(request) => request.asking(asked, self.due_by()),
            None if !of.native_id.is_empty() => return Err(Refusal::Gone),
            None => Request::new(
                &of,
                &self.managed_by,
                &self.settings.requested_by,
                self.due_by(),
                asked,
            ),
        };
        self.store.write(&request)?;
        Ok(request)
    }

    /// One step of a life: the outcome, or the problem that keeps from it in one.
    fn step(&self, of: &pb::AccountRef, target: LifecycleState) -> Result<pb::Outcome, Refusal> {
        let released = self
            .find(of)?
            .filter(|request| request.managed_by.is_empty() && target == LifecycleState::Released);
        if let Some(request) = released {
            return Ok(self.outcome(&request, &of.native_id)?);
        }
        let mut request = self.find_ours(of)?.ok_or(Refusal::Gone)?;
        let now = self.outcome(&request, &of.native_id)?;
        let to = match target {
            LifecycleState::Active => Life::Active,
            LifecycleState::Retired => Life::Retired,
            LifecycleState::Released => Life::Released,
            LifecycleState::Closed => Life::Closed,
            LifecycleState::Frozen | LifecycleState::Unspecified => {
                let what = problem(
                    ProblemClass::Unsupported,
                    "lifecycle_state",
                    "People cannot be asked to freeze an account.".into(),
                    "Leave this step out.",
                );
                return Ok(pb::Outcome { failures: vec![what], ..now });
            }
        };
        let lets_go = matches!(to, Life::Released | Life::Closed);
        if lets_go && now.identity_pending {
            return self.withdraw(request, to, now);
        }
        let allowed = match (request.lifecycle, to) {
            (from, to) if from == to => return Ok(now),
            (Life::Closed | Life::Released, _) => false,
            (from, Life::Closed) => from == Life::Retired,
            _ => true,
        };
        if !allowed {
            let message =
                "An account is retired before it is closed, and nothing leads back from there."
                    .to_owned();
            let what = problem(
                ProblemClass::Invalid,
                "lifecycle_state",
                message,
                "Take the steps in their order.",
            );
            return Ok(pb::Outcome { failures: vec![what], ..now });
        }
        request.lifecycle = to;
        if lets_go {
            request.let_go_at = seconds((self.clock)());
        }
        if to == Life::Released {
            request.managed_by.clear();
        }
        self.store.write(&request)?;
        Ok(self.outcome(&request, &of.native_id)?)
    }

    /// Takes a request back of which there is no account yet, as far as its answer says.
    fn withdraw(
        &self,
        mut request: Request,
        to: Life,
        now: pb::Outcome,
    ) -> Result<pb::Outcome, Refusal> {
        if let Answer::Is(answer) = self.store.answer(&request.key)?
            && !answer.native_id.is_empty()
        {
            let file = Store::fulfilment_name(&request.key);
            let message =
                format!("{file} names the account {}, which may exist.", answer.native_id);
            let remedy = "Have it closed by whoever made it, and then the file removed.";
            let what = problem(ProblemClass::Human, "native_id", message, remedy);
            return Ok(pb::Outcome { failures: vec![what], ..now });
        }
        self.store.withdraw(&request.key)?;
        request.lifecycle = to;
        request.let_go_at = seconds((self.clock)());
        Ok(standing::withdrawn(&request))
    }

    /// Does the work of an `Advance` and tells it.
    pub(crate) async fn advance(self, call: pb::AdvanceRequest, teller: Teller) {
        let request = call.request.clone().unwrap_or_default();
        let of = request.r#ref.clone().unwrap_or_default();
        teller.tell(Event::Accepted(pb::Accepted {})).await;
        let end = match self.ask(&request) {
            Ok(asked) => self.wait(&asked, &of.native_id, &call, &teller).await,
            Err(refusal) => Err(refusal),
        };
        teller.end(end).await;
    }

    /// Waits for the answer as long as the settings say, the call allows, and somebody listens.
    async fn wait(
        &self,
        asked: &Request,
        native_id: &str,
        call: &pb::AdvanceRequest,
        teller: &Teller,
    ) -> Result<pb::Outcome, Refusal> {
        let began = Instant::now();
        let since = seconds((self.clock)());
        let deadline = match call.deadline_seconds {
            0 => Duration::MAX,
            seconds => Duration::from_secs(seconds.into()).saturating_sub(LOOK),
        };
        let mut sign = None;
        let mut stopping = self.stopping.clone();
        loop {
            let outcome = self.outcome(asked, native_id)?;
            let waits = outcome.identity_pending
                && outcome.unfinished.is_none()
                && outcome.failures.is_empty();
            let over = began.elapsed() >= self.settings.wait.min(deadline) || *stopping.borrow();
            if !waits || over || teller.nobody() {
                return Ok(outcome);
            }
            if sign.is_none_or(|sign: Instant| sign.elapsed() >= SIGN) {
                sign = Some(Instant::now());
                teller
                    .tell(Event::Progress(pb::Progress {
                        phase: pb::Phase::Requested.into(),
                        step: "asking".into(),
                        waiting_for: Store::fulfilment_name(&asked.key),
                        since: since.clone(),
                    }))
                    .await;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stopping.changed() => {}
            }
        }
    }

    /// Does the work of a `Transition` and tells it.
    pub(crate) async fn transition(self, call: pb::TransitionRequest, teller: Teller) {
        teller.tell(Event::Accepted(pb::Accepted {})).await;
        let of = call.request.clone().unwrap_or_default().r#ref.unwrap_or_default();
        let end =
            self.expected(&of, &call.expected_digest).and_then(|unexpected| match unexpected {
                Some(outcome) => Ok(outcome),
                None => self.step(&of, call.target()),
            });
        teller.end(end).await;
    }

    /// An outcome with a problem where the account is not as the plan saw it.
    fn expected(&self, of: &pb::AccountRef, digest: &str) -> Result<Option<pb::Outcome>, Refusal> {
        let found = if digest.is_empty() { None } else { self.find_ours(of)? };
        let Some(request) = found else { return Ok(None) };
        let now = self.outcome(&request, &of.native_id)?;
        if fleet_vending_proto::digest::of(&now.readiness) == digest {
            return Ok(None);
        }
        let what = problem(
            ProblemClass::ConflictInput,
            "readiness",
            "The account is not as the plan saw it.".into(),
            "Plan again.",
        );
        Ok(Some(pb::Outcome { failures: vec![what], ..now }))
    }
}

fn invalid(object: &str, message: String) -> Refusal {
    Refusal::Problem(Box::new(problem(ProblemClass::Invalid, object, message, "")))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the system; tests have a clock of their own"
)]
fn system_time() -> Timestamp {
    Timestamp::now()
}

/// A time as the protocol writes it.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests;
