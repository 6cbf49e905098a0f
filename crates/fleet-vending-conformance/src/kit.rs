//! What the tests work with: vendors that are started for them, accounts, and how a test ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fleet_vending_proto::v1beta1 as pb;
use pb::{Capability, LifecycleState};
use serde_json::Value;
use tokio::sync::Mutex;
use tonic::{Code, Status};

use crate::account::{Account, Template};
use crate::launch::Launcher;
use crate::session::{Call, End, Said, Session};
use crate::world::World;

/// The manager that the kit's accounts have.
pub(crate) const MANAGER: &str = "conformance";

/// Between two tries of something that is not done yet.
const PAUSE: Duration = Duration::from_millis(50);

/// Why a test did not pass.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The vendor broke the rule.
    Fail { expected: String, seen: String },
    /// There was no way to try it.
    Skip(String),
}

impl From<anyhow::Error> for Broken {
    fn from(error: anyhow::Error) -> Self {
        fail("the vendor starts and answers", format!("{error:#}"))
    }
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        fail("the kit's own files can be read and written", error.to_string())
    }
}

impl From<Status> for Broken {
    fn from(status: Status) -> Self {
        fail("an answer", format!("status {:?}: {}", status.code(), status.message()))
    }
}

/// How a test ends.
pub(crate) type Tested = Result<(), Broken>;

/// A test that failed.
pub(crate) fn fail(expected: impl Into<String>, seen: impl Into<String>) -> Broken {
    Broken::Fail { expected: expected.into(), seen: seen.into() }
}

/// Fails unless `held`; what was seen is only made then.
pub(crate) fn ensure(held: bool, expected: &str, seen: impl FnOnce() -> String) -> Tested {
    if held { Ok(()) } else { Err(fail(expected, seen())) }
}

/// Everything of one run.
pub(crate) struct Kit {
    pub(crate) launcher: Launcher,
    pub(crate) world: World,
    /// What the vendor is configured with: a JSON object, or nothing.
    pub(crate) settings: String,
    pub(crate) template: Template,
    pub(crate) about: pb::DescribeResponse,
    pub(crate) said: Said,
    pub(crate) secrets: Vec<String>,
    pub(crate) patience: Duration,
    pub(crate) silence: Duration,
    /// Tells the accounts of this run from those of others in the same world.
    run: String,
    accounts: AtomicU32,
    shared: Mutex<Option<Arc<Session>>>,
}

impl Kit {
    pub(crate) fn new(
        launcher: Launcher,
        world: World,
        settings: String,
        template: Template,
        limits: (Duration, Duration),
        secrets: Vec<String>,
    ) -> Self {
        let run = format!("{:x}", std::process::id());
        let (patience, silence) = limits;
        Self {
            launcher,
            world,
            settings,
            template,
            about: pb::DescribeResponse::default(),
            said: Said::default(),
            secrets,
            patience,
            silence,
            run,
            accounts: AtomicU32::new(0),
            shared: Mutex::default(),
        }
    }

    /// A process that is not configured.
    pub(crate) async fn raw(&self) -> Result<Session> {
        let (running, log) = self.launcher.start().await?;
        Ok(Session::new(running, log, self.said.clone()))
    }

    /// A process of its own.
    pub(crate) async fn own(&self, managed_by: &str, read_only: bool) -> Result<Session> {
        let session = self.raw().await?;
        let request = pb::ConfigureRequest {
            settings: self.settings.clone(),
            managed_by: managed_by.to_owned(),
            read_only,
        };
        let answer = session.configure(request).await.context("Configure")?;
        if let Some(problem) = answer.problems.first() {
            anyhow::bail!("the vendor takes none of the settings: {}", show(problem));
        }
        Ok(session)
    }

    /// The process that the tests share which do not need one of their own.
    pub(crate) async fn shared(&self) -> Result<Arc<Session>> {
        let mut shared = self.shared.lock().await;
        if let Some(session) = shared.as_ref()
            && session.runs()
        {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(self.own(MANAGER, false).await?);
        *shared = Some(Arc::clone(&session));
        Ok(session)
    }

    /// An account that nobody has asked for yet.
    pub(crate) fn account(&self) -> Account {
        Account::new(&self.template, self.key())
    }

    /// The same for the mailbox of an account that was let go.
    pub(crate) fn heir(&self, of: &Account) -> Account {
        of.heir(self.key())
    }

    fn key(&self) -> String {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        format!("kit-{}-{number}", self.run)
    }

    /// Skips the test unless the vendor claims the capability.
    pub(crate) fn needs(&self, capability: Capability) -> Tested {
        if self.can(capability) {
            return Ok(());
        }
        Err(Broken::Skip(format!("the vendor does not claim {}", capability.as_str_name())))
    }

    pub(crate) fn can(&self, capability: Capability) -> bool {
        self.about.capabilities.contains(&capability.into())
    }

    /// Skips the test unless the vendor's cloud can be made to do this wrong.
    pub(crate) fn needs_fault(&self, name: &str) -> Tested {
        self.world.knows(name).map_err(Broken::Skip)
    }

    /// Takes an account as far as it goes, as many calls as that takes.
    pub(crate) async fn settle(
        &self,
        session: &Session,
        account: &mut Account,
    ) -> Result<pb::Outcome, Broken> {
        let began = Instant::now();
        loop {
            let end = session.advance(advance(account)).await.end().await;
            let seen = match end {
                End::Outcome(outcome) => {
                    account.remember(&outcome);
                    if !outcome.identity_pending && outcome.unfinished.is_none() {
                        return Ok(*outcome);
                    }
                    format!("still {}: {}", outcome.phase().as_str_name(), outcome.status_reason)
                }
                End::Status(Code::Aborted, text) => format!("ABORTED: {text}"),
                other => return Err(fail("an account that can be used", show_end(&other))),
            };
            if began.elapsed() > self.patience {
                return Err(fail(
                    format!("an account that can be used within {:?}", self.patience),
                    seen,
                ));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One step of an account's life.
    pub(crate) async fn transition(
        &self,
        session: &Session,
        account: &mut Account,
        target: LifecycleState,
    ) -> Result<End, Broken> {
        let began = Instant::now();
        loop {
            let end = session.transition(transition(account, target)).await.end().await;
            if let End::Outcome(outcome) = &end {
                account.remember(outcome);
            }
            let waits = match &end {
                End::Outcome(outcome) => {
                    outcome.unfinished.is_some() && outcome.failures.is_empty()
                }
                End::Status(code, _) => *code == Code::Aborted,
                _ => false,
            };
            if !waits || began.elapsed() > self.patience {
                return Ok(end);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// All accounts that the vendor lists.
    pub(crate) async fn listed(
        &self,
        session: &Session,
        unmanaged: bool,
        page_size: u32,
    ) -> Result<Vec<pb::Facts>, Broken> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        for _ in 0..10_000 {
            let request = pb::ListRequest {
                unmanaged,
                page_size,
                page_token: page_token.clone(),
                ..pb::ListRequest::default()
            };
            let page = session.list(request).await?;
            all.extend(page.accounts);
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
        Err(fail("a last page", "10,000 pages"))
    }

    /// Fails unless the vendor lists exactly one account of this key; without List there is nothing to look at.
    pub(crate) async fn one_account(&self, session: &Session, account: &Account) -> Tested {
        if !self.can(Capability::List) {
            return Ok(());
        }
        let all = self.listed(session, false, 0).await?;
        let of_key = all.iter().filter(|facts| {
            facts
                .r#ref
                .as_ref()
                .is_some_and(|of| of.key == account.key || of.fleet_id == account.fleet_id)
        });
        let ids: Vec<&str> =
            of_key.filter_map(|facts| Some(facts.r#ref.as_ref()?.native_id.as_str())).collect();
        ensure(ids.len() == 1, "List has one account of the key", || {
            format!("{} of them: {}", ids.len(), ids.join(", "))
        })
    }

    /// The settings as an object; `None` where there are none.
    pub(crate) fn settings_object(&self) -> Option<serde_json::Map<String, Value>> {
        match serde_json::from_str(&self.settings) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        }
    }
}

/// An `Advance` of an account.
pub(crate) fn advance(account: &Account) -> pb::AdvanceRequest {
    advance_within(account, 0)
}

/// The same with a deadline in seconds.
pub(crate) fn advance_within(account: &Account, deadline_seconds: u32) -> pb::AdvanceRequest {
    pb::AdvanceRequest {
        request: Some(account.request()),
        deadline_seconds,
        ..pb::AdvanceRequest::default()
    }
}

/// A `Transition` of an account.
pub(crate) fn transition(account: &Account, target: LifecycleState) -> pb::TransitionRequest {
    let wish = match target {
        LifecycleState::Released | LifecycleState::Closed => LifecycleState::Retired,
        other => other,
    };
    pb::TransitionRequest {
        request: Some(account.request_for(wish)),
        target: target.into(),
        ..pb::TransitionRequest::default()
    }
}

/// The classes of all problems that a call told, wherever it did.
pub(crate) fn classes(call: &Call) -> Vec<pb::ProblemClass> {
    let mut classes = Vec::new();
    for event in &call.events {
        match event {
            pb::event::Event::Warning(problem) | pb::event::Event::Refused(problem) => {
                classes.push(problem.class());
            }
            pb::event::Event::Outcome(outcome) => {
                let all =
                    outcome.unfinished.iter().chain(&outcome.failures).chain(&outcome.warnings);
                classes.extend(all.map(pb::Problem::class));
            }
            _ => {}
        }
    }
    classes
}

/// A problem for people.
pub(crate) fn show(problem: &pb::Problem) -> String {
    let about =
        if problem.object.is_empty() { String::new() } else { format!(" ({})", problem.object) };
    format!("{}{about}: {}", problem.class().as_str_name(), problem.message)
}

/// An end for people.
pub(crate) fn show_end(end: &End) -> String {
    match end {
        End::Outcome(outcome) => {
            let problems: Vec<String> =
                outcome.unfinished.iter().chain(&outcome.failures).map(show).collect();
            format!(
                "an outcome in {}; {}{}",
                outcome.phase().as_str_name(),
                outcome.status_reason,
                problems.join("; ")
            )
        }
        End::Refused(problem) => format!("refused: {}", show(problem)),
        End::Gone => "gone".into(),
        End::Status(code, text) => format!("status {code:?}: {text}"),
        End::Silent => "a stream that ended without an outcome".into(),
    }
}
