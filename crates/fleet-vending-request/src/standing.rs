//! How a request stands: a pure decision on what was asked, what was answered, and the time.

use fleet_vending_proto::v1beta1 as pb;
use jiff::Timestamp;
use pb::{AccountState, LifecycleState, Phase, ProblemClass, Severity, Verdict};

use crate::fulfilment::{Decision, Fulfilment};
use crate::request::{Life, Request};
use crate::store::{Answer, Store};

/// Name of the check that the answer of a person is.
pub(crate) const CHECK: &str = "fulfilment";

/// What is known when it is decided.
pub(crate) struct Known<'a> {
    pub(crate) request: &'a Request,
    pub(crate) answer: &'a Answer,
    /// The id that the host has in its state. Empty: none.
    pub(crate) native_id: &'a str,
    /// Other keys whose answers name the same id.
    pub(crate) rivals: &'a [String],
    pub(crate) overdue_fails: bool,
    pub(crate) now: Timestamp,
}

/// Where the answer of people is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nobody has answered. `overdue`: somebody should have.
    Waiting { overdue: bool },
    /// What was answered was another request: these fields differ, none where that is not known.
    Stale { fields: Vec<String> },
    /// It will not be done.
    Denied { by: String, reason: String },
    /// Something has to be known first.
    NeedsInfo { by: String, reason: String },
    /// The file is no answer.
    Unreadable { why: String },
    /// Whoever asks has approved.
    OwnApproval { by: String },
    /// Other keys have the same id.
    Rivals { native_id: String, keys: Vec<String> },
    /// The host knows the account under another id.
    AnotherId { native_id: String },
    /// The approval was for a time.
    Expired { at: String },
    /// It is done.
    Approved,
}

/// Decides.
pub(crate) fn standing(known: &Known<'_>) -> Standing {
    let request = known.request;
    let answer = match known.answer {
        Answer::None => return Standing::Waiting { overdue: overdue(request, known.now) },
        Answer::Refused(refused) => return Standing::Unreadable { why: refused.to_string() },
        Answer::Is(answer) => answer,
    };
    if answer.request_sha256 != request.request_sha256 {
        let changed = request
            .changed
            .as_ref()
            .filter(|changed| changed.request_sha256 == answer.request_sha256);
        return Standing::Stale {
            fields: changed.map_or_else(Vec::new, |changed| changed.fields.clone()),
        };
    }
    let (by, reason) = (answer.approver.clone(), answer.reason.clone());
    match answer.decision {
        Decision::Denied => Standing::Denied { by, reason },
        Decision::NeedsInfo => Standing::NeedsInfo { by, reason },
        Decision::Approved if answer.approved_by(&request.requested_by) => {
            Standing::OwnApproval { by }
        }
        Decision::Approved
            if !known.native_id.is_empty() && known.native_id != answer.native_id =>
        {
            Standing::AnotherId { native_id: answer.native_id.clone() }
        }
        // What the host has under this id stays; a file of another key takes nothing away.
        Decision::Approved if known.native_id.is_empty() && !known.rivals.is_empty() => {
            Standing::Rivals { native_id: answer.native_id.clone(), keys: known.rivals.to_vec() }
        }
        Decision::Approved if answer.expired(known.now) => {
            Standing::Expired { at: answer.expires().to_owned() }
        }
        Decision::Approved => Standing::Approved,
    }
}

fn overdue(request: &Request, now: Timestamp) -> bool {
    request.due_by.parse::<Timestamp>().is_ok_and(|due| due < now)
}

/// What the host is told.
pub(crate) fn outcome(known: &Known<'_>) -> pb::Outcome {
    let standing = standing(known);
    let request = known.request;
    let answer = match known.answer {
        Answer::Is(answer) => Some(answer.as_ref()),
        Answer::None | Answer::Refused(_) => None,
    };
    // An id is taken from an answer that holds, or from the host.
    let holds = matches!(standing, Standing::Approved | Standing::Expired { .. });
    let native_id = match answer {
        Some(answer) if holds => answer.native_id.as_str(),
        _ => known.native_id,
    };
    let told = Told::of(&standing, request, known.overdue_fails);
    let done = standing == Standing::Approved;
    let evidence = answer.is_some_and(|answer| !answer.evidence.is_empty());
    let check = check(&standing, answer, &told);
    let phase = match request.lifecycle {
        Life::Closed if answer.is_some_and(|answer| !answer.closed_at.is_empty()) => Phase::Closed,
        Life::Closed => Phase::Closing,
        _ if told.human => Phase::NeedsHuman,
        _ if native_id.is_empty() => Phase::Requested,
        _ if done && evidence => Phase::Ready,
        _ => Phase::Created,
    };
    let status_reason = match phase {
        Phase::Ready => String::new(),
        Phase::Closed => "It is closed.".into(),
        Phase::Closing => format!(
            "Somebody has to close it, and to write closed_at into {}.",
            Store::fulfilment_name(&request.key)
        ),
        _ if done => check.what_to_do.clone(),
        _ => told.text(),
    };
    let mut outcome = pb::Outcome {
        facts: Some(facts(request, native_id, answer.filter(|_| holds))),
        phase: phase.into(),
        status_reason,
        readiness: vec![check],
        lifecycle: life(request.lifecycle).into(),
        closing_since: if phase == Phase::Closing {
            request.let_go_at.clone()
        } else {
            String::new()
        },
        identity_pending: native_id.is_empty(),
        let_go_at: request.let_go_at.clone(),
        ..pb::Outcome::default()
    };
    if request.lifecycle == Life::Active || request.lifecycle == Life::Retired {
        told.put(&mut outcome);
    }
    outcome
}

/// What the host is told of a request that was taken back.
pub(crate) fn withdrawn(request: &Request) -> pb::Outcome {
    pb::Outcome {
        facts: Some(facts(request, "", None)),
        phase: Phase::Closed.into(),
        status_reason: "The request was taken back.".into(),
        lifecycle: life(request.lifecycle).into(),
        identity_pending: true,
        let_go_at: request.let_go_at.clone(),
        ..pb::Outcome::default()
    }
}

/// A standing in words.
struct Told {
    problem: Option<pb::Problem>,
    kind: Kind,
    /// Whether a person has to do something else than to answer.
    human: bool,
}

/// Where a problem is told.
#[derive(Clone, Copy)]
enum Kind {
    Warning,
    Failure,
    Unfinished,
}

impl Told {
    fn of(standing: &Standing, request: &Request, overdue_fails: bool) -> Self {
        let file = Store::fulfilment_name(&request.key);
        let problem = |class: ProblemClass, object: &str, message: String, remedy: String| {
            Some(pb::Problem {
                class: class.into(),
                object: object.to_owned(),
                message,
                remedy,
                ..pb::Problem::default()
            })
        };
        let answer = format!("Answer {} in {file}.", Store::request_name(&request.key));
        let (problem, kind, human) = match standing {
            Standing::Approved => (None, Kind::Warning, false),
            Standing::Waiting { overdue: false } => (None, Kind::Warning, false),
            Standing::Waiting { overdue: true } => {
                let message =
                    format!("The request was due by {} and has no answer.", request.due_by);
                let kind = if overdue_fails { Kind::Failure } else { Kind::Warning };
                (problem(ProblemClass::Human, "due_by", message, answer), kind, false)
            }
            Standing::Stale { fields } => {
                let fields =
                    if fields.is_empty() { "something".to_owned() } else { fields.join(", ") };
                let message =
                    format!("What was answered was an earlier request: {fields} changed since.");
                (
                    problem(ProblemClass::Human, "request_sha256", message, answer),
                    Kind::Warning,
                    false,
                )
            }
            Standing::Denied { by, reason } => {
                let message = format!("{by} has denied the request: {reason}");
                let remedy =
                    "Ask for something else, or take the account out of the configuration."
                        .to_owned();
                (problem(ProblemClass::Denied, "decision", message, remedy), Kind::Failure, false)
            }
            Standing::NeedsInfo { by, reason } => {
                let message = format!("{by} has to know more: {reason}");
                let remedy = format!("Tell {by}, who then changes {file}.");
                (problem(ProblemClass::Human, "decision", message, remedy), Kind::Unfinished, true)
            }
            Standing::Unreadable { why } => {
                let message = format!("{file} is no answer: {why}.");
                (
                    problem(ProblemClass::Human, "fulfilment", message, format!("Correct {file}.")),
                    Kind::Unfinished,
                    true,
                )
            }
            Standing::OwnApproval { by } => {
                let message = format!("{by} asks for the account and has approved it.");
                let remedy = format!("Somebody else has to approve it in {file}.");
                (problem(ProblemClass::Human, "approver", message, remedy), Kind::Unfinished, true)
            }
            Standing::Rivals { native_id, keys } => {
                let message =
                    format!("{native_id} is the account of another key too: {}.", keys.join(", "));
                let remedy =
                    format!("Put the right id into {file}, or into the files of the others.");
                (
                    problem(ProblemClass::ConflictKey, "native_id", message, remedy),
                    Kind::Failure,
                    false,
                )
            }
            Standing::AnotherId { native_id } => {
                let message =
                    format!("{file} has the id {native_id}, and the account had another one.");
                let remedy = format!("Put the account's own id back into {file}.");
                (
                    problem(ProblemClass::ConflictInput, "native_id", message, remedy),
                    Kind::Failure,
                    false,
                )
            }
            Standing::Expired { at } => {
                let message = format!("The approval ended at {at}.");
                (
                    problem(
                        ProblemClass::Human,
                        "expires",
                        message,
                        format!("Approve it again in {file}."),
                    ),
                    Kind::Warning,
                    false,
                )
            }
        };
        Self { problem, kind, human }
    }

    /// Why the account is not ready.
    fn text(&self) -> String {
        match &self.problem {
            Some(problem) => format!("{} {}", problem.message, problem.remedy),
            None => "Nobody has answered the request yet.".into(),
        }
    }

    fn put(self, outcome: &mut pb::Outcome) {
        match self.kind {
            Kind::Warning => outcome.warnings.extend(self.problem),
            Kind::Failure => outcome.failures.extend(self.problem),
            Kind::Unfinished => outcome.unfinished = self.problem,
        }
    }
}

/// The answer as a check. What somebody claims without a place to see it is not known.
fn check(standing: &Standing, answer: Option<&Fulfilment>, told: &Told) -> pb::ReadinessCheck {
    let (verdict, observed, what_to_do) = match (standing, answer) {
        (Standing::Approved, Some(answer)) => {
            let fulfiller =
                if answer.fulfiller.is_empty() { &answer.approver } else { &answer.fulfiller };
            let places: Vec<&str> = answer
                .evidence
                .iter()
                .chain(Some(&answer.ticket).filter(|text| !text.is_empty()))
                .map(String::as_str)
                .collect();
            let observed = format!(
                "made by {fulfiller}, approved by {}; {}",
                answer.approver,
                places.join(", ")
            );
            if answer.evidence.is_empty() {
                let what = "Name in `evidence` of the answer where it can be seen that the account is as it was asked for.";
                (
                    Verdict::Unknown,
                    format!("{} without evidence", observed.trim_end_matches([';', ' '])),
                    what.to_owned(),
                )
            } else {
                (Verdict::Pass, observed, String::new())
            }
        }
        (Standing::Waiting { .. }, _) => (Verdict::Unknown, "no answer".into(), told.text()),
        _ => (
            Verdict::Fail,
            told.problem.as_ref().map_or_else(String::new, |problem| problem.message.clone()),
            told.text(),
        ),
    };
    pb::ReadinessCheck {
        check: CHECK.into(),
        scope: String::new(),
        verdict: verdict.into(),
        severity: Severity::Critical.into(),
        expected: "approved, with evidence".into(),
        observed,
        api: "file:Read".into(),
        what_to_do,
    }
}

/// The account as the files have it.
pub(crate) fn facts(request: &Request, native_id: &str, answer: Option<&Fulfilment>) -> pb::Facts {
    let state = match request.lifecycle {
        Life::Closed if answer.is_some_and(|answer| !answer.closed_at.is_empty()) => {
            AccountState::Closed
        }
        Life::Closed => AccountState::Closing,
        _ if native_id.is_empty() => AccountState::Activating,
        _ => AccountState::Open,
    };
    let mut tags = request.asked.tags.clone();
    for (name, text) in [
        ("fleet:id", &request.fleet_id),
        ("fleet:key", &request.key),
        ("fleet:managed-by", &request.managed_by),
    ] {
        tags.insert(name.to_owned(), text.clone());
    }
    pb::Facts {
        r#ref: Some(pb::AccountRef {
            key: request.key.clone(),
            fleet_id: request.fleet_id.clone(),
            native_id: native_id.to_owned(),
            resource_name: answer.map_or_else(String::new, |answer| answer.resource_name.clone()),
        }),
        state: state.into(),
        name: request.asked.contract.name.clone(),
        email: request.asked.contract.email.clone(),
        create_request_id: request.request_sha256.clone(),
        tags,
        access: answer.map(|answer| answer.access.clone()).unwrap_or_default(),
        ..pb::Facts::default()
    }
}

fn life(life: Life) -> LifecycleState {
    match life {
        Life::Active => LifecycleState::Active,
        Life::Retired => LifecycleState::Retired,
        Life::Released => LifecycleState::Released,
        Life::Closed => LifecycleState::Closed,
    }
}

#[cfg(test)]
mod tests;
