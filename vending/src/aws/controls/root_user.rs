//! `root-user`: nobody can use the root user of the account with less than a password and a second factor.
//!
//! It is only checked. What the root user has, the root user alone takes away, or a session of the organization's central root
//! access; to delete credentials of a person is no repair.

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity};
use futures::future::BoxFuture;

use super::control::{Control, Part, Round};
use super::evidence::Evidence;
use super::meta::{Meta, Place};
use crate::aws::api::RootUser as Found;
use crate::error::Error;
use crate::operations::{EVERYTHING, read};

const API: &str = "iam:GetAccountSummary";

/// What it says of itself.
pub(super) const META: Meta = Meta {
    name: "root-user",
    asks: "the root user has no access keys and no signing certificates, and a second factor if it has a password",
    mode: None,
    severity: Severity::Critical,
    place: Place::Account,
    operations: &[read(API, EVERYTHING)],
    parameters: "",
    after: &[],
    given_up: "nothing of it was changed",
};

/// The control.
pub(super) struct RootUser;

impl Control for RootUser {
    fn metas(&self) -> &[&'static Meta] {
        &[&META]
    }

    fn round<'a>(&'a self, round: &'a Round<'a>) -> BoxFuture<'a, Part> {
        Box::pin(look(round))
    }
}

async fn look(round: &Round<'_>) -> Part {
    let mut part = Part::default();
    if !round.scope.asks_for(&META) {
        return part;
    }
    let mode = round.scope.mode(META.name);
    let seen = match round.ports.member.filter(|_| mode != ControlMode::Ignore) {
        Some(member) => Some(member.root_user().await),
        None => None,
    };
    part.unread(META.name, seen.as_ref());
    part.checks.push(check(mode, seen.as_ref()));
    part
}

/// What the check says.
fn check(mode: ControlMode, seen: Option<&Result<Found, Error>>) -> Check {
    let evidence = Evidence {
        control: META.name,
        scope: String::new(),
        severity: META.severity,
        api: API,
        expected:
            "no access keys, no signing certificates, and a second factor if there is a password"
                .to_owned(),
    };
    match (mode, seen) {
        (ControlMode::Ignore, _) => evidence.ignored(),
        (_, None) => evidence.inaccessible(),
        (_, Some(Err(error))) => evidence.unknown(error),
        (_, Some(Ok(found))) => match faults(found) {
            faults if faults.is_empty() => evidence.pass(text(found)),
            faults => evidence.fail(text(found), faults.join(" ")),
        },
    }
}

/// What to do about each thing that is wrong.
fn faults(found: &Found) -> Vec<&'static str> {
    let mut todo = Vec::new();
    if found.access_keys {
        todo.push("Sign in as the root user and delete its access keys.");
    }
    if found.signing_certificates {
        todo.push("Sign in as the root user and delete its signing certificates.");
    }
    // Without a password nobody signs in, and there is nothing that a second factor would guard.
    if found.password && !found.mfa {
        todo.push(
            "Sign in as the root user and give it a second factor; of a password that nobody knows (AWS gives each new account one) \
             the root user can order another one by mail.",
        );
    }
    if !todo.is_empty() {
        todo.push(
            "Or turn on central root access in IAM of the management account, and delete these credentials from there: then new \
             accounts get none, too.",
        );
    }
    todo
}

fn text(found: &Found) -> String {
    let parts: Vec<&str> = [
        (found.password, "password"),
        (found.access_keys, "access keys"),
        (found.signing_certificates, "signing certificates"),
        (found.mfa, "second factor"),
    ]
    .into_iter()
    .filter_map(|(is_there, what)| is_there.then_some(what))
    .collect();
    if parts.is_empty() { "no credentials".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests;
