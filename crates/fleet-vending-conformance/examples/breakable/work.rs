//! What the vendor does with one account.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fleet_vending_proto::v1beta1 as pb;
use futures::{Stream, stream};
use pb::event::Event;
use pb::{AccountState, LifecycleState, Phase, ProblemClass};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tonic::Status;

use crate::cloud::{Account, Cloud, Failure, Life, native_id};
use crate::fire::Fire;
use crate::switch::Switch;

/// Between two looks at what is waited for.
const HEARTBEAT: Duration = Duration::from_millis(100);

/// What a vendor that remembers too late waits before it writes.
const TOO_LATE: Duration = Duration::from_millis(500);

/// What a process knows after it was configured.
#[derive(Clone)]
pub(crate) struct Configured {
    pub(crate) cloud: Cloud,
    pub(crate) managed_by: String,
    pub(crate) read_only: bool,
    /// How often each account was called for.
    calls: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Configured {
    pub(crate) fn new(cloud: Cloud, managed_by: String, read_only: bool) -> Self {
        Self { cloud, managed_by, read_only, calls: Arc::default() }
    }

    /// Whether this is the rule to break.
    pub(crate) fn breaks(&self, switch: Switch) -> bool {
        self.cloud.switch == Some(switch)
    }

    /// What keeps us from working on an account.
    pub(crate) fn why_not(
        &self,
        request: &pb::AccountRequest,
        account: &Account,
    ) -> Option<pb::Problem> {
        let key = request.r#ref.as_ref().map_or("", |of| of.key.as_str());
        if account.managed_by != self.managed_by && !self.breaks(Switch::OwnerIsIgnored) {
            return Some(self.problem_of(ProblemClass::ConflictOwner));
        }
        (account.key != key && !self.breaks(Switch::KeyMayChange))
            .then(|| self.problem_of(ProblemClass::ConflictInput))
    }

    pub(crate) fn problem(&self, failure: &Failure) -> pb::Problem {
        let class =
            if self.breaks(Switch::OneClassForAll) { ProblemClass::Unexpected } else { failure.0 };
        self.problem_of(class)
    }

    pub(crate) fn problem_of(&self, class: ProblemClass) -> pb::Problem {
        let (message, remedy) = match class {
            ProblemClass::Human => ("A person has to open the account.", "Open it."),
            _ => ("The directory did not do it.", ""),
        };
        pb::Problem {
            class: class.into(),
            message: message.into(),
            remedy: remedy.into(),
            ..pb::Problem::default()
        }
    }
}

/// The one check there is.
pub(crate) fn check() -> pb::ReadinessCheck {
    pb::ReadinessCheck {
        check: "file".into(),
        verdict: pb::Verdict::Pass.into(),
        severity: pb::Severity::High.into(),
        expected: "a file".into(),
        observed: "a file".into(),
        api: "directory:Read".into(),
        ..pb::ReadinessCheck::default()
    }
}

/// Its digest.
pub(crate) fn digest() -> String {
    let mut total = Sha256::new();
    for text in ["file", "", "pass", "a file", "a file"] {
        total.update((text.len() as u64).to_be_bytes());
        total.update(text);
    }
    total.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn facts(account: &Account) -> pb::Facts {
    let closed = account.lifecycle == Life::Closed;
    pb::Facts {
        r#ref: Some(pb::AccountRef {
            key: account.key.clone(),
            fleet_id: account.fleet_id.clone(),
            native_id: account.native_id.clone(),
            resource_name: String::new(),
        }),
        state: if closed { AccountState::Closed } else { AccountState::Open }.into(),
        name: account.name.clone(),
        ..pb::Facts::default()
    }
}

pub(crate) fn outcome(account: &Account) -> pb::Outcome {
    let closed = account.lifecycle == Life::Closed;
    let lifecycle = match account.lifecycle {
        Life::Active => LifecycleState::Active,
        Life::Frozen => LifecycleState::Frozen,
        Life::Retired => LifecycleState::Retired,
        Life::Released => LifecycleState::Released,
        Life::Closed => LifecycleState::Closed,
    };
    pb::Outcome {
        facts: Some(facts(account)),
        phase: if closed { Phase::Closed } else { Phase::Ready }.into(),
        status_reason: if closed { "It is closed.".into() } else { String::new() },
        readiness: vec![check()],
        lifecycle: lifecycle.into(),
        let_go_at: account.let_go_at.clone(),
        ..pb::Outcome::default()
    }
}

/// What a call tells.
pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<pb::Event, Status>> + Send>>;

/// Where events go. It fails when nobody listens any more.
struct Teller(mpsc::Sender<Result<pb::Event, Status>>, Fire);

impl Teller {
    async fn tell(&self, event: Event) {
        let _ = self.0.send(Ok(pb::Event { event: Some(event) })).await;
        self.1.point("told");
    }
}

fn stream_of(mut events: mpsc::Receiver<Result<pb::Event, Status>>) -> Events {
    Box::pin(stream::poll_fn(move |context| events.poll_recv(context)))
}

/// What an `Advance` tells.
pub(crate) fn advance(configured: Configured, call: pb::AdvanceRequest) -> Result<Events, Status> {
    let (sender, receiver) = mpsc::channel(8);
    let fleet_id = call
        .request
        .as_ref()
        .and_then(|request| request.r#ref.as_ref())
        .map_or("", |of| of.fleet_id.as_str());
    let lock = match configured.cloud.lock(fleet_id) {
        Ok(Some(lock)) => Some(lock),
        Ok(None) => return Err(Status::aborted("another call is at work")),
        Err(_) => None,
    };
    tokio::spawn(async move {
        let teller = Teller(sender, configured.cloud.fire.clone());
        teller.tell(Event::Accepted(pb::Accepted {})).await;
        if let Err(failure) = go(&configured, &call, &teller).await {
            let of = call.request.unwrap_or_default().r#ref.unwrap_or_default();
            let problem = configured.problem(&failure);
            match configured.cloud.read(&of.fleet_id) {
                Ok(Some(account)) => {
                    let outcome = pb::Outcome { unfinished: Some(problem), ..outcome(&account) };
                    teller.tell(Event::Outcome(outcome)).await;
                }
                _ => teller.tell(Event::Refused(problem)).await,
            }
        }
        drop(lock);
    });
    Ok(stream_of(receiver))
}

async fn go(
    configured: &Configured,
    call: &pb::AdvanceRequest,
    teller: &Teller,
) -> Result<(), Failure> {
    let began = Instant::now();
    let request = call.request.clone().unwrap_or_default();
    let of = request.r#ref.clone().unwrap_or_default();
    let contract = request.contract.clone().unwrap_or_default();
    let cloud = &configured.cloud;
    let strange = contract.name.chars().any(char::is_control);
    if strange && configured.breaks(Switch::FallsOverStrangeTexts) {
        // As if it had fallen: the stream ends, and nothing is told.
        return Ok(());
    }
    let mut found = cloud.read(&of.fleet_id)?;
    if let Some(pb::advance_request::Existing::AdoptNativeId(id)) = &call.existing
        && found.is_none()
    {
        let nobodys =
            cloud.all()?.into_iter().find(|one| one.native_id == *id && one.managed_by.is_empty());
        let old = nobodys.ok_or(Failure(ProblemClass::NotFound))?;
        cloud.create(&Account {
            key: of.key.clone(),
            fleet_id: of.fleet_id.clone(),
            managed_by: configured.managed_by.clone(),
            lifecycle: Life::Active,
            let_go_at: String::new(),
            ..old.clone()
        })?;
        cloud.delete(&old.fleet_id)?;
        found = cloud.read(&of.fleet_id)?;
    }
    let mut account = match found {
        Some(account) => {
            if let Some(problem) = configured.why_not(&request, &account) {
                teller.tell(Event::Refused(problem)).await;
                return Ok(());
            }
            account
        }
        None if !of.native_id.is_empty() => {
            teller.tell(Event::Gone(pb::Gone { looked_in: "the directory".into() })).await;
            return Ok(());
        }
        None => create(configured, &of, &contract.name, teller).await?,
    };
    let calls = {
        let mut calls = configured.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = calls.entry(of.fleet_id.clone()).or_default();
        *calls += 1;
        *calls
    };
    if calls == 8 && configured.breaks(Switch::EighthCallMakesAnother) {
        account.native_id = native_id();
        cloud.write(&account)?;
    }
    if !configured.breaks(Switch::NoCheckpoint) {
        let checkpoint =
            pb::Checkpoint { native_id: account.native_id.clone(), resume_token: b"made".to_vec() };
        teller.tell(Event::Checkpoint(checkpoint)).await;
    }
    if account.name != contract.name && account.lifecycle != Life::Closed {
        account.name.clone_from(&contract.name);
        cloud.write(&account)?;
    }
    let phases = if configured.breaks(Switch::PhaseGoesBack) {
        [Phase::Placed, Phase::Created]
    } else {
        [Phase::Created, Phase::Placed]
    };
    for phase in phases {
        teller.tell(progress(phase)).await;
    }
    wait(configured, call, &account, began, teller).await;
    Ok(())
}

async fn create(
    configured: &Configured,
    of: &pb::AccountRef,
    name: &str,
    teller: &Teller,
) -> Result<Account, Failure> {
    let cloud = &configured.cloud;
    let account = Account {
        key: of.key.clone(),
        fleet_id: of.fleet_id.clone(),
        native_id: native_id(),
        managed_by: configured.managed_by.clone(),
        name: name.to_owned(),
        lifecycle: Life::Active,
        let_go_at: String::new(),
    };
    let checkpoint = pb::Checkpoint { native_id: String::new(), resume_token: b"making".to_vec() };
    teller.tell(Event::Checkpoint(checkpoint)).await;
    match configured.cloud.switch {
        Some(Switch::RemembersTooLate) => {
            let checkpoint = pb::Checkpoint {
                native_id: account.native_id.clone(),
                resume_token: b"making".to_vec(),
            };
            teller.tell(Event::Checkpoint(checkpoint)).await;
            tokio::time::sleep(TOO_LATE).await;
        }
        Some(Switch::ProcessesRace) => tokio::time::sleep(TOO_LATE).await,
        _ => {}
    }
    match cloud.create(&account) {
        Ok(true) => Ok(account),
        // Perhaps it is there and we did not hear of it, or another process made it: look.
        Ok(false) | Err(Failure(ProblemClass::Unanswered)) => {
            let found = cloud.read(&of.fleet_id)?.ok_or(Failure(ProblemClass::Unanswered))?;
            if cloud.fault() == "lost_answer"
                && configured.breaks(Switch::MakesAgainAfterLostAnswer)
            {
                cloud.double(&found)?;
            }
            Ok(found)
        }
        Err(failure) => Err(failure),
    }
}

/// Waits until the account is open, and tells what became of it.
async fn wait(
    configured: &Configured,
    call: &pb::AdvanceRequest,
    account: &Account,
    began: Instant,
    teller: &Teller,
) {
    let unfinished = |phase: Phase, class: ProblemClass| pb::Outcome {
        phase: phase.into(),
        status_reason: "The account is not open.".into(),
        unfinished: Some(configured.problem_of(class)),
        ..outcome(account)
    };
    loop {
        match configured.cloud.fault().as_str() {
            "human" => {
                let outcome = if configured.breaks(Switch::PeopleAreNotTold) {
                    unfinished(Phase::Placed, ProblemClass::NotYet)
                } else {
                    unfinished(Phase::NeedsHuman, ProblemClass::Human)
                };
                return teller.tell(Event::Outcome(outcome)).await;
            }
            "slow" => {}
            _ => return teller.tell(Event::Outcome(outcome(account))).await,
        }
        if call.deadline_seconds > 0
            && began.elapsed() >= Duration::from_secs(call.deadline_seconds.into())
        {
            if configured.breaks(Switch::DeadlineIsAnError) {
                let _ = teller.0.send(Err(Status::deadline_exceeded("too late"))).await;
                return;
            }
            return teller
                .tell(Event::Outcome(unfinished(Phase::Placed, ProblemClass::DeadlineExceeded)))
                .await;
        }
        if teller.0.is_closed() && !configured.breaks(Switch::CancelIsIgnored) {
            return;
        }
        if !configured.breaks(Switch::SilentWhileItWaits) {
            teller.tell(progress(Phase::Placed)).await;
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}

fn progress(phase: Phase) -> Event {
    Event::Progress(pb::Progress {
        phase: phase.into(),
        step: "waiting".into(),
        ..pb::Progress::default()
    })
}
