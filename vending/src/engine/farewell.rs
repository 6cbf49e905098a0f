//! The end of an account in our hands: released, or closed.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;
use jiff::Timestamp;

use super::create::Run;
use super::held::Held;
use super::step::{Holder, Pause};
use crate::error::{Error, Kind};
use crate::memory;
use crate::ports::AccountState;
use crate::wish::{Closed, NotClosed, Refusal, Warning};

impl<'r> Run<'r> {
    /// Lets the account go: our federated trust is removed, and the tags say who had it. It stays in
    /// the organization. An account that is closed or gone is let go already.
    ///
    /// # Errors
    /// It is not ours, or a call failed; then nothing is forgotten and it can be tried again.
    pub(crate) async fn release(&mut self, account_id: &str) -> Result<Vec<Warning>, Refusal> {
        let Some(mut held) = self.ours(account_id).await? else { return Ok(Vec::new()) };
        let mut warnings = Vec::new();
        let object = format!("account {} ({})", held.facts.id, held.facts.name);
        let found = held.facts.tags.keys().filter(|key| memory::is_of_contacts(key));
        let contacts: Vec<String> = found.cloned().collect();
        match held.shut().await {
            Ok(released) => {
                if let Some(problem) = released.problems.into_iter().next() {
                    return Err(Refusal::Call(problem.error));
                }
                let mut shut = released.locked_roles;
                shut.extend(released.removed_providers);
                let mut detail = if shut.is_empty() {
                    "Nothing in it trusted an identity provider through us.".to_owned()
                } else {
                    format!("Shut or removed in it: {}.", shut.join(", "))
                };
                if let Some(role) = released.open_role {
                    detail += &format!(
                        " The role `{role}` did that and cannot shut itself: delete it by hand."
                    );
                }
                warnings.push(Warning { summary: format!("{object} was released"), detail });
            }
            // Then nothing of ours was ever made in it, or a person locked us out: said, not hidden.
            Err(Refusal::NoAccess { reason }) if held.is_locked_out() => warnings.push(Warning {
                summary: format!("{object} was released without a look inside"),
                detail: format!(
                    "No role let us in ({reason}), so trust that we made in it may still stand."
                ),
            }),
            Err(refusal) => return Err(refusal),
        }
        let organizations = &self.ports.organizations;
        let set =
            BTreeMap::from([(tags::RELEASED_FROM.to_owned(), self.config.managed_by.clone())]);
        self.patience.within(organizations.tag(account_id, &set)).await?;
        let marks = [tags::MANAGED_BY, tags::READINESS, tags::READINESS_DIGEST];
        let mut gone = BTreeSet::from(marks.map(str::to_owned));
        // They are about people, and nobody goes by them any more.
        gone.extend(contacts);
        self.patience.within(organizations.untag(account_id, &gone)).await?;
        self.log_step(account_id, "the account is released");
        Ok(warnings)
    }

    /// Closes the account. AWS's acceptance is the success; the closing itself takes its time. An
    /// account that is gone, closed or closing is closed already.
    ///
    /// # Errors
    /// It is not ours, AWS does not close it, or a call failed.
    pub(crate) async fn close(&mut self, account_id: &str) -> Result<Closed, Refusal> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        if organization.management_account_id == account_id {
            let object = format!("account {account_id}");
            return Err(Refusal::NotClosed { object, reason: NotClosed::Management });
        }
        let Some(held) = self.ours(account_id).await? else { return Ok(Closed::default()) };
        let object = format!("account {} ({})", held.facts.id, held.facts.name);
        for looks in 0.. {
            let at = self.patience.now();
            let closing = self.ports.organizations.close_account(account_id);
            let waiting_for = match self.patience.within(closing).await {
                Ok(()) => return Ok(self.accepted(account_id, &object, at).await),
                Err(error) => match refused(&error) {
                    Answer::Busy => {
                        "three other accounts to be closed (AWS closes no more at a time)"
                    }
                    // Accepted before, or about to be: reads tell, once they have settled.
                    Answer::Conflict => {
                        if self.is_closing(account_id).await? {
                            return Ok(self.accepted(account_id, &object, at).await);
                        }
                        "AWS to say that the account is being closed"
                    }
                    Answer::Quota => {
                        let sweep = self.patience.within(self.shared.sweep(self.ports)).await;
                        let accounts = sweep.map(|sweep| sweep.len()).unwrap_or_default();
                        let reason = NotClosed::Quota { accounts, at };
                        return Err(Refusal::NotClosed { object, reason });
                    }
                    Answer::Never(reason) => return Err(Refusal::NotClosed { object, reason }),
                    Answer::Failed => return Err(Refusal::of(error, "AWS to answer")),
                },
            };
            let pause = Pause::growing(looks, 20, waiting_for);
            self.patience.pause(&pause).await.map_err(|error| Refusal::of(error, waiting_for))?;
        }
        Ok(Closed::default())
    }

    async fn accepted(&self, account_id: &str, object: &str, at: Timestamp) -> Closed {
        self.shared.forget_sweep().await;
        self.log_step(account_id, "AWS has taken the request to close the account");
        let said = Warning {
            summary: format!("{object} is being closed"),
            detail:
                "AWS keeps it for 90 days, in which its support can reopen it; its email stays \
                     taken."
                    .into(),
        };
        Closed { at: Some(at), warnings: vec![said] }
    }

    async fn is_closing(&self, account_id: &str) -> Result<bool, Refusal> {
        let looking = self.ports.organizations.account(account_id);
        let found = self.patience.within(looking).await?;
        Ok(found.is_none_or(|account| is_closed(account.state)))
    }

    /// The account, if it is there, open, and ours; `None` when there is nothing to let go.
    async fn ours(&mut self, account_id: &str) -> Result<Option<Held<'_, 'r>>, Refusal> {
        let looking = self.ports.organizations.account(account_id);
        let Some(account) = self.patience.within(looking).await? else { return Ok(None) };
        if is_closed(account.state) {
            return Ok(None);
        }
        let held = Held::take(self, account, None).await?;
        let object = format!("account {} ({})", held.facts.id, held.facts.name);
        match held.holder() {
            Holder::Us => Ok(Some(held)),
            // Let go before, by us or by hand.
            Holder::Nobody(_) => Ok(None),
            Holder::OtherKey(key) => Err(Refusal::OtherKey { object, key }),
            Holder::Other(manager) => Err(Refusal::OtherManager { object, manager }),
        }
    }
}

/// What `CloseAccount` means by an error.
enum Answer {
    /// Three are being closed; ends when one of them ends.
    Busy,
    /// The account is not in a state to be closed: it is closing already, or just changing.
    Conflict,
    /// The quota of 30 days is used up.
    Quota,
    /// Never, as long as nobody changes something else.
    Never(NotClosed),
    /// None of these.
    Failed,
}

fn refused(error: &Error) -> Answer {
    match error.kind {
        Kind::InFlightLimit => Answer::Busy,
        Kind::AlreadyExists => Answer::Conflict,
        Kind::Quota => Answer::Quota,
        // AWS names it for the removal from the organization; a close is refused alike.
        _ if error.code.contains("DELEGATED_ADMINISTRATOR") => {
            Answer::Never(NotClosed::DelegatedAdministrator)
        }
        _ if error.code.contains("MANAGEMENT_ACCOUNT") => Answer::Never(NotClosed::Management),
        _ => Answer::Failed,
    }
}

fn is_closed(state: AccountState) -> bool {
    matches!(state, AccountState::PendingClosure | AccountState::Closed)
}

#[cfg(test)]
mod tests;
