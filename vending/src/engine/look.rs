//! Refresh: what there is, without changing anything.

use super::create::Run;
use super::held::{Held, is_over};
use super::phase::Gate;
use super::quarantine::Isolation;
use super::step::TagDrift;
use crate::ports::{Account, AccountState};
use crate::wish::{Outcome, Refusal};

/// What a refresh found.
#[derive(Debug, Clone)]
pub enum Looked {
    /// What the state says, as far as it was looked at.
    AsBelieved,
    /// The account as it is.
    Found(Box<Outcome>),
    /// The organization has no such account.
    Gone,
}

#[cfg(test)]
impl Looked {
    /// The account as it is; `None` when there is none.
    pub(crate) fn found(self) -> Option<Outcome> {
        match self {
            Self::Found(outcome) => Some(*outcome),
            Self::AsBelieved | Self::Gone => None,
        }
    }
}

impl Run<'_> {
    /// Looks at the account of the wish. `None`: the organization has no such account.
    ///
    /// # Errors
    /// It could not be looked at.
    pub(crate) async fn look(&mut self, account_id: &str) -> Result<Option<Outcome>, Refusal> {
        let Some(account) = self.find(account_id).await? else { return Ok(None) };
        let mut held = Held::take(self, account, None).await?;
        held.only_look();
        held.find_rivals().await?;
        if is_over(held.facts.state) || held.seen().is_not_ours() {
            return Ok(Some(held.outcome()));
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
        Ok(Some(held.outcome()))
    }

    /// From the sweep that the process shares; an account that is younger than it is asked for.
    async fn find(&self, account_id: &str) -> Result<Option<Account>, Refusal> {
        let sweep = self.patience.within(self.shared.sweep(self.ports)).await?;
        if let Some(account) = sweep.get(account_id) {
            return Ok(Some(account.clone()));
        }
        Ok(self.patience.within(self.ports.organizations.account(account_id)).await?)
    }
}

/// What an apply could do. An apply that could only wait for a person has no work.
pub(crate) fn work(held: &Held<'_, '_>) -> Vec<String> {
    let seen = held.seen();
    let mut work = Vec::new();
    if is_over(seen.state) || seen.is_not_ours() {
        return work;
    }
    if seen.state == AccountState::PendingActivation {
        work.push("AWS is activating the account".to_owned());
    }
    let pending = |gate: Option<&Gate>| match gate {
        Some(Gate::Pending(reason)) => Some(reason.clone()),
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
    if seen.access == Some(Gate::Open) && held.has_work() {
        let open = seen.baseline.as_ref().map(|baseline| baseline.open.clone());
        work.extend(open);
    }
    work
}
