//! Refresh: what there is, without changing anything.

use crate::aws::account::converge::Held;
use crate::aws::account::converge::observed::Isolation;
use crate::aws::account::ownership::TagDrift;
use crate::aws::account::run::Run;
use crate::aws::api::{Account, AccountId, AccountState};
use crate::error::{Error, Kind};
use crate::outcome::{Attempt, Outcome};
use crate::phase::{Gate, Reason};
use crate::refusal::Refusal;
use crate::trying;

/// What a refresh found.
#[derive(Debug, Clone)]
pub enum Looked {
    /// What the state says, as far as it was looked at.
    AsBelieved,
    /// The account as it is.
    Found(Box<Outcome>),
    /// Something could not be read that the state speaks of. That is nothing about the account: its state stays.
    Unread(Unread),
    /// The organization has no such account.
    Gone,
}

/// What a refresh could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The calls that failed, each once. Never empty.
    pub calls: Vec<Error>,
    /// Where no role lets us in: what a person can do about it.
    pub no_access_role: Option<Refusal>,
}

#[cfg(test)]
impl Looked {
    /// The account as it is; `None` when there is none.
    pub(crate) fn found(self) -> Option<Outcome> {
        match self {
            Self::Found(outcome) => Some(*outcome),
            Self::AsBelieved | Self::Unread(_) | Self::Gone => None,
        }
    }
}

impl Run<'_> {
    /// Looks at the account of the job.
    ///
    /// # Errors
    /// It could not be looked at.
    pub(crate) async fn look(&mut self, account_id: &AccountId) -> Result<Looked, Refusal> {
        let Some(account) = self.find(account_id).await? else { return Ok(Looked::Gone) };
        let mut held = Held::take(self, account, None).await?;
        held.only_look();
        held.find_rivals().await?;
        if held.facts.state.is_over() || held.seen().is_not_ours() {
            return Ok(Looked::Found(Box::new(held.outcome())));
        }
        held.locate().await;
        if !held.seen().at_rest() {
            held.ask_landing_zone(false).await?;
            held.enter().await?;
            held.round(false).await?;
            if held.seen().access != Some(Gate::Open) {
                held.forget_baseline();
            }
        }
        held.observe_settings().await?;
        held.ensure_readiness().await?;
        // While AWS activates the account, its services refuse: that it is not usable yet is what AWS says of it.
        let is_usable = held.facts.state != AccountState::PendingActivation;
        if let Some(unread) = unread(&held)?.filter(|_| is_usable) {
            return Ok(Looked::Unread(unread));
        }
        Ok(Looked::Found(Box::new(held.outcome())))
    }

    /// From the sweep that the process shares; an account that is younger than it is asked for.
    async fn find(&self, account_id: &AccountId) -> Result<Option<Account>, Refusal> {
        let sweep = self.patience.within(self.shared.sweep(self.ports)).await?;
        if let Some(account) = sweep.get(account_id) {
            return Ok(Some(account.clone()));
        }
        Ok(self.patience.within(self.ports.organizations.account(account_id)).await?)
    }
}

/// What could not be read. Every call that a refresh made and gave up counts, unless something else answered for it, so
/// that a new read needs no word here.
///
/// # Errors
/// The credentials are no good any more: nothing can be read.
fn unread(held: &Held<'_, '_>) -> Result<Option<Unread>, Refusal> {
    let seen = held.seen();
    let mut failed = held.given_up();
    let mut no_access_role = None;
    for failure in held.failures() {
        match &failure.refusal {
            // Contacts have a warning of their own, but for what is wrong with every call.
            Refusal::Call(error)
                if failure.attempt != Attempt::Contacts || error.kind == Kind::Credentials =>
            {
                failed.push(error.clone());
            }
            // An account that was entered once. That its role refuses is told, and changes nothing by itself.
            Refusal::NoAccessRole { .. } => no_access_role = Some(failure.refusal.clone()),
            _ => {}
        }
    }
    failed.extend(held.unread().iter().map(|of| of.error.clone()));
    let mut refused: Vec<Error> = Vec::new();
    for gate in [&seen.regions, &seen.governed, &seen.access].into_iter().flatten() {
        match gate {
            Gate::Pending(Reason::Call(error)) | Gate::Blocked(Reason::Call(error)) => {
                failed.push(error.clone());
            }
            Gate::Pending(Reason::NoWayIn { refusals, .. })
            | Gate::Blocked(Reason::NoWayIn { refusals, .. }) => {
                refused.extend(refusals.iter().map(|(_, error)| error.clone()));
            }
            _ => {}
        }
    }
    let was_entered = held.was_entered();
    failed.retain(|error| is_no_observation(error, was_entered));
    refused.retain(|error| is_no_refusal(error) || was_entered);
    let mut calls: Vec<Error> = Vec::new();
    for error in failed.into_iter().chain(refused) {
        if !calls.iter().any(|of| trying::is_same(of, &error)) {
            calls.push(error);
        }
    }
    if let Some(error) = calls.iter().find(|error| error.kind == Kind::Credentials) {
        return Err(error.clone().into());
    }
    Ok((!calls.is_empty()).then_some(Unread { calls, no_access_role }))
}

/// Whether a call that failed says nothing about what it was to read. That nothing is there is an answer; that it is not
/// to be had yet is one of an account which nobody was in before.
fn is_no_observation(error: &Error, was_entered: bool) -> bool {
    match error.kind {
        Kind::NotFound => false,
        Kind::NotYet => was_entered,
        Kind::Throttled
        | Kind::Busy
        | Kind::InFlightLimit
        | Kind::Denied
        | Kind::AlreadyExists
        | Kind::Invalid
        | Kind::Quota
        | Kind::Unanswered
        | Kind::Unsupported
        | Kind::Credentials
        | Kind::Cancelled
        | Kind::DeadlineExceeded
        | Kind::Unexpected => true,
    }
}

/// Whether a role's refusal says nothing about the role, but about the way to it.
fn is_no_refusal(error: &Error) -> bool {
    !matches!(error.kind, Kind::NotYet | Kind::Denied | Kind::NotFound)
        && is_no_observation(error, false)
}

/// What an apply could do. An apply that could only wait for a person has no work.
/// Whether something of it bears on where the account is and how its checks stand: not tags, names and contacts alone.
pub(crate) fn bears(held: &Held<'_, '_>, work: &[String]) -> bool {
    let tags = held.tag_change().drift() == TagDrift::Some;
    let settings = !held.says_what_was_asked();
    let over = held.seen().state.is_over() || held.seen().is_not_ours();
    let describing = if over { 0 } else { usize::from(tags) + usize::from(settings) };
    work.len() > describing
}

pub(crate) fn work(held: &Held<'_, '_>) -> Vec<String> {
    let seen = held.seen();
    let mut work = Vec::new();
    if seen.state.is_over() || seen.is_not_ours() {
        return work;
    }
    if seen.state == AccountState::PendingActivation {
        work.push("AWS is activating the account".to_owned());
    }
    let pending = |gate: Option<&Gate>| match gate {
        Some(Gate::Pending(reason)) => Some(reason.to_string()),
        _ => None,
    };
    if held.tag_change().drift() == TagDrift::Some {
        work.push("tags do not say what they should".to_owned());
    }
    if !held.says_what_was_asked() {
        work.push("name or alternate contacts are not what was asked for".to_owned());
    }
    // What keeps it in its onboarding parent is told below.
    if seen.placed == Ok(false) && !seen.is_stuck_in_onboarding() {
        work.push("the account is not in its parent".to_owned());
    }
    if matches!(seen.isolation, Isolation::Missing | Isolation::Lingering(_)) {
        work.push("the quarantine's policy is not as it should be".to_owned());
    }
    if seen.at_rest() {
        return work;
    }
    work.extend(pending(seen.regions.as_ref()));
    work.extend(pending(seen.governed.as_ref()));
    work.extend(pending(seen.access.as_ref()));
    // Before the landing zone governs it, nothing is made in it.
    if seen.governed != Some(Gate::Open) || seen.access != Some(Gate::Open) {
        return work;
    }
    if held.has_leftovers() {
        work.push("what nothing asks for any more is still there".to_owned());
    }
    if !held.work().is_empty() {
        let open = seen.baseline.as_ref().map(|baseline| baseline.open.clone());
        work.extend(open);
    }
    work
}
