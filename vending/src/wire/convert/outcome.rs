//! What became of an account.

use std::collections::BTreeMap;

use fleet_model::contact::{Contact, ContactType};
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::readiness::Readiness;
use fleet_vending_proto::{limits, v1beta1 as wire};

use super::problem::{class_to, from_message as problem_from, of_error, to_message as problem_to};
use super::refusal::to_message_of;
use super::request::ALTERNATE_CONTACTS;
use super::text::{Nonsense, few, lines, said, time};
use super::{facts, readiness, stage};
use crate::aws::api::AccountState;
use crate::aws::controls;
use crate::error::{self, Kind};
use crate::memory::Memory;
use crate::outcome::{Attempt, Facts, Failure, Outcome, Unfinished, VendorOutcome};
use crate::phase::Phase;
use crate::problem::{Class, Problem};
use crate::refusal::Refusal;
use crate::warning::Warning;

// === From the AWS vendor ===

pub(in crate::wire) fn to_message(outcome: &Outcome, key: &str) -> wire::Outcome {
    let (mut failures, mut warnings): (Vec<_>, Vec<_>) = (
        outcome.failures.iter().map(failure_to).collect(),
        outcome.warnings.iter().map(warning_to).collect(),
    );
    if let Some(duplicate) = &outcome.duplicate {
        let problem = to_message_of(&Refusal::Duplicate(duplicate.clone()));
        if !duplicate.loses(&outcome.facts.id) {
            let winner = wire::Problem {
                message: format!(
                    "another account carries the key `{}`, too; this one came first and has it",
                    duplicate.key()
                ),
                ..problem
            };
            warnings.push(winner);
        } else if !failures.iter().any(|of| of.object.is_empty()) {
            failures.push(problem);
        }
    }
    wire::Outcome {
        facts: Some(facts::to_message(&outcome.facts, key)),
        phase: stage::phase_to(outcome.phase).into(),
        status_reason: outcome.status_reason.clone().unwrap_or_default(),
        readiness: outcome.readiness.checks.values().map(readiness::to_message).collect(),
        lifecycle: stage::life_to(outcome.lifecycle_phase).into(),
        closing_since: outcome.closing_since.map(|at| at.to_string()).unwrap_or_default(),
        work: outcome.work.clone(),
        memory: outcome.memory.to_text().into_bytes(),
        moved_away: outcome.moved_away,
        warnings,
        failures,
        unfinished: outcome.unfinished.as_ref().map(unfinished_to),
        identity_pending: outcome.vendor.identity_pending,
        let_go_at: String::new(),
        arguments: contacts_to(&outcome.contacts),
    }
}

/// The contacts that were read. That there is none of a type is told by `null`.
fn contacts_to(contacts: &BTreeMap<ContactType, Option<Contact>>) -> BTreeMap<String, String> {
    // Of types and texts: there is nothing that JSON could not say.
    let text = |of| serde_json::to_string(of).unwrap_or_default();
    let found = (!contacts.is_empty()).then(|| (ALTERNATE_CONTACTS.to_owned(), text(contacts)));
    found.into_iter().collect()
}

fn failure_to(failure: &Failure) -> wire::Problem {
    let object = match failure.attempt {
        Attempt::Everything => "",
        Attempt::Read => "account",
        Attempt::Rivals => "key",
        Attempt::Journal => "memory",
        Attempt::Name => "name",
        Attempt::Contacts => ALTERNATE_CONTACTS,
        Attempt::Email => "email",
        Attempt::Parent => "parent",
        Attempt::Onboarding => "onboarding_parent",
        Attempt::Quarantine | Attempt::Shut => "lifecycle_state",
        Attempt::Tags => "tags",
        Attempt::Regions => "region_set",
        Attempt::Enrolment => "enrolment",
        Attempt::Enter => "access",
        Attempt::Vendor => "vendor",
        Attempt::Control(name) => {
            return wire::Problem {
                object: format!("control/{name}"),
                ..to_message_of(&failure.refusal)
            };
        }
    };
    wire::Problem { object: object.to_owned(), ..to_message_of(&failure.refusal) }
}

pub(in crate::wire) fn warning_to(warning: &Warning) -> wire::Problem {
    match warning {
        Warning::Problem(problem) => problem_to(problem),
        other => wire::Problem {
            class: class_to(Class::Call(Kind::Unexpected)).into(),
            message: other.to_string(),
            ..wire::Problem::default()
        },
    }
}

fn unfinished_to(unfinished: &Unfinished) -> wire::Problem {
    let of = |kind, code: &str, message: String| wire::Problem {
        class: class_to(Class::Call(kind)).into(),
        code: code.to_owned(),
        message,
        ..wire::Problem::default()
    };
    match unfinished {
        Unfinished::Stopped => of(Kind::Cancelled, "stopped", "it was asked to stop".to_owned()),
        Unfinished::OutOfTime(None) => {
            of(Kind::DeadlineExceeded, "out-of-time", "the time was over".to_owned())
        }
        Unfinished::OutOfTime(Some(tried)) => {
            of(Kind::DeadlineExceeded, "out-of-time", format!("the time was over; {tried}"))
        }
        Unfinished::Failed(error) => of_error(error),
    }
}

// === From a vendor ===

/// What an outcome is read against.
#[derive(Debug, Clone, Copy)]
pub(in crate::wire) struct Asked<'a> {
    /// The vendor's name.
    pub(in crate::wire) vendor: &'a str,
    /// The account's key.
    pub(in crate::wire) key: &'a str,
    /// Its id, once it is known: it never changes.
    pub(in crate::wire) native_id: Option<&'a str>,
    /// Where it was in its life.
    pub(in crate::wire) life: LifecyclePhase,
}

/// Reads what a vendor says became of the account.
pub(in crate::wire) fn from_message(
    outcome: wire::Outcome,
    asked: Asked<'_>,
) -> Result<Outcome, Nonsense> {
    let (found, access) = facts::from_message(outcome.facts.unwrap_or_default(), asked.key)?;
    let has_id = !found.id.is_empty();
    if let Some(known) = asked.native_id
        && known != found.id
    {
        return Err(Nonsense(format!(
            "the account has the id {known}, and it answers with {:?}",
            found.id
        )));
    }
    if has_id == outcome.identity_pending {
        return Err(Nonsense(match has_id {
            true => "it says that the account has no id yet, and gives one".to_owned(),
            false => "it gives no id, and does not say that there is none yet".to_owned(),
        }));
    }
    if outcome.memory.len() > limits::MEMORY {
        return Err(Nonsense(format!(
            "it wants {} bytes to be remembered, and {} are the most",
            outcome.memory.len(),
            limits::MEMORY
        )));
    }
    let readiness = readiness::from_messages(outcome.readiness)?;
    let mut status_reason = said(&outcome.status_reason);
    let mut phase = stage::phase_from(outcome.phase, has_id);
    if phase == Phase::Ready && !readiness.ready() {
        let open = readiness.findings().next().map_or_else(
            || "there is no check".to_owned(),
            |check| format!("the check {} is {}", check.key(), check.verdict),
        );
        phase = Phase::Baselined;
        status_reason = Some(format!("the vendor calls it ready, and {open}"));
    }
    let life = stage::life_from(outcome.lifecycle, asked.life);
    if phase == Phase::Ready && life != LifecyclePhase::Active {
        phase = Phase::Baselined;
        status_reason = Some(format!("it is {life}"));
    }
    if !has_id && phase != Phase::Requested {
        phase = Phase::Requested;
    }
    let problem = |of: &wire::Problem| problem_from(asked.vendor, of);
    let warnings = few("warnings", outcome.warnings)?;
    let failures = few("failures", outcome.failures)?;
    Ok(Outcome {
        work_bears: true,
        phase,
        status_reason: match phase {
            Phase::Ready => None,
            _ => status_reason.or_else(|| Some("the vendor does not say why".to_owned())),
        },
        readiness,
        lifecycle_phase: life,
        closing_since: time("closing_since", &outcome.closing_since)?,
        work: lines("lines of work", outcome.work)?,
        memory: Memory::default(),
        vendor: VendorOutcome {
            remembered: Some(outcome.memory).filter(|memory| !memory.is_empty()),
            access,
            identity_pending: outcome.identity_pending,
        },
        moved_away: outcome.moved_away,
        contacts: contacts_from(&outcome.arguments)?,
        duplicate: None,
        warnings: warnings.iter().map(|of| Warning::Problem(Box::new(problem(of)))).collect(),
        unfinished: outcome.unfinished.as_ref().map(|of| unfinished_from(&problem(of))),
        failures: failures.iter().map(|of| failure_from(problem(of))).collect(),
        facts: found,
    })
}

fn contacts_from(
    arguments: &BTreeMap<String, String>,
) -> Result<BTreeMap<ContactType, Option<Contact>>, Nonsense> {
    match arguments.get(ALTERNATE_CONTACTS).map(String::as_str) {
        None | Some("") => Ok(BTreeMap::new()),
        Some(text) => serde_json::from_str(text)
            .map_err(|error| Nonsense(format!("its alternate contacts cannot be read: {error}"))),
    }
}

/// What the vendor names is what was attempted, where it is one of ours.
fn failure_from(problem: Problem) -> Failure {
    let attempt = match problem.object.as_str() {
        "" if matches!(problem.class, Class::ConflictOwner | Class::ConflictKey) => {
            Attempt::Everything
        }
        "name" => Attempt::Name,
        ALTERNATE_CONTACTS => Attempt::Contacts,
        "email" => Attempt::Email,
        "parent" => Attempt::Parent,
        "onboarding_parent" => Attempt::Onboarding,
        "tags" => Attempt::Tags,
        "region_set" => Attempt::Regions,
        "access" => Attempt::Enter,
        "key" => Attempt::Rivals,
        object => match object.strip_prefix("control/").and_then(known_control) {
            Some(control) => Attempt::Control(control),
            None => Attempt::Vendor,
        },
    };
    Failure { attempt, refusal: Refusal::Problem(Box::new(problem)) }
}

/// A control of ours by its name.
fn known_control(name: &str) -> Option<&'static str> {
    use controls::{ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY, REGIONS};
    [ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY, REGIONS]
        .into_iter()
        .find(|of| *of == name)
}

pub(in crate::wire) fn unfinished_from(problem: &Problem) -> Unfinished {
    match problem.class {
        Class::Call(Kind::Cancelled) => Unfinished::Stopped,
        Class::Call(Kind::DeadlineExceeded) => Unfinished::OutOfTime(None),
        _ => Unfinished::Failed(failed(problem)),
    }
}

/// As the failure of a call: what is no class of one is unexpected.
pub(in crate::wire) fn failed(problem: &Problem) -> error::Error {
    super::problem::to_error(problem).unwrap_or_else(|| {
        let call = format!("vendor {}", problem.vendor);
        error::Error::new(call, Kind::Unexpected, problem.code.clone(), problem.message.clone())
    })
}

/// An account of which nothing is known but its id: `problem` is why.
pub(in crate::wire) fn only_id(asked: Asked<'_>, native_id: &str, problem: &Problem) -> Outcome {
    Outcome {
        work_bears: true,
        facts: Facts {
            id: native_id.to_owned(),
            arn: String::new(),
            organization_id: String::new(),
            parent_id: String::new(),
            state: AccountState::PendingActivation,
            name: String::new(),
            email: String::new(),
            joined_at: None,
            create_request_id: None,
            tags: BTreeMap::new(),
        },
        phase: Phase::Created,
        status_reason: Some(problem.message.clone()),
        readiness: Readiness::default(),
        lifecycle_phase: asked.life,
        closing_since: None,
        work: vec!["the vendor has not told what it came to".to_owned()],
        memory: Memory::default(),
        vendor: VendorOutcome::default(),
        moved_away: false,
        contacts: BTreeMap::new(),
        duplicate: None,
        warnings: Vec::new(),
        unfinished: Some(unfinished_from(problem)),
        failures: Vec::new(),
    }
}
