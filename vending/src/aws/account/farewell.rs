//! The end of an account in our hands: released, or closed.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;
use jiff::Timestamp;

use crate::aws::account::converge::Held;
use crate::aws::account::ownership::Holder;
use crate::aws::account::run::Run;
use crate::aws::api::AccountId;
use crate::aws::pause::Pause;
use crate::error::{self, Error, Kind, RetryClass};
use crate::memory;
use crate::outcome::LetGo;
use crate::refusal::{NotClosed, Refusal};
use crate::warning::Warning;

impl<'r> Run<'r> {
    /// Lets the account go: our federated trust is removed, and the tags say who had it. It stays in
    /// the organization. One whose tags somebody removed is let go all the same: the state says that it
    /// is ours, and what is removed carries our tags.
    ///
    /// # Errors
    /// It is another manager's, or a call failed; then nothing is forgotten and it can be tried again.
    pub(crate) async fn release(&mut self, account_id: &AccountId) -> Result<LetGo, Refusal> {
        let us = self.config.managed_by.clone();
        let job = self.job;
        let (mut held, holder) = match self.leaving(account_id).await? {
            Found::Held(held, holder) => (held, holder),
            Found::Closed => return Ok(LetGo::Closed),
            Found::Gone => return Ok(LetGo::Gone),
        };
        match holder {
            Mark::Nobody(Some(from)) if from == us => {
                return Ok(LetGo::Done { at: self.patience.now(), warnings: Vec::new() });
            }
            Mark::Us | Mark::Nobody(_) => {}
        }
        let mut warnings = Vec::new();
        let object = format!("account {} ({})", held.facts.id, held.facts.name);
        let found = held.facts.tags.keys().filter(|key| memory::is_of_contacts(key));
        let contacts: Vec<String> = found.cloned().collect();
        job.intent.proof.ask(&object)?;
        match held.shut().await {
            Ok(released) => {
                if let Some(problem) = released.problems.into_iter().next() {
                    return Err(Refusal::Call(problem.error));
                }
                let mut shut = released.locked_roles;
                shut.extend(released.removed_providers);
                let open_role = released.open_role;
                let object = object.clone();
                warnings.push(Warning::Released { object, shut, open_role });
                warnings.extend(released.stays.into_iter().map(Warning::Stays));
            }
            // Then nothing of ours was ever made in it, or a person locked us out: said, not hidden.
            Err(Refusal::NoAccess { reason }) if held.is_locked_out() => {
                let object = object.clone();
                warnings.push(Warning::ReleasedUnseen { object, reason });
            }
            Err(refusal) => return Err(refusal),
        }
        // The time that it took is time in which somebody may have begun to use the account.
        job.intent.proof.ask(&object)?;
        let organizations = &self.ports.organizations;
        let set = BTreeMap::from([(tags::RELEASED_FROM.to_owned(), us)]);
        self.patience.within(organizations.tag(account_id, &set)).await?;
        let marks = [tags::MANAGED_BY, tags::READINESS, tags::READINESS_DIGEST];
        let mut gone = BTreeSet::from(marks.map(str::to_owned));
        // They are about people, and nobody goes by them any more.
        gone.extend(contacts);
        self.patience.within(organizations.untag(account_id, &gone)).await?;
        self.log_step(account_id, "the account is released");
        Ok(LetGo::Done { at: self.patience.now(), warnings })
    }

    /// Closes the account. AWS's acceptance is the success; the closing itself takes its time.
    ///
    /// # Errors
    /// It is another manager's, or nobody's by its tags; AWS does not close it; or a call failed.
    pub(crate) async fn close(&mut self, account_id: &AccountId) -> Result<LetGo, Refusal> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        if organization.management_account_id == *account_id {
            let object = format!("account {account_id}");
            return Err(Refusal::NotClosed { object, reason: NotClosed::Management });
        }
        let (held, holder) = match self.leaving(account_id).await? {
            Found::Held(held, holder) => (held, holder),
            Found::Closed => return Ok(LetGo::Closed),
            Found::Gone => return Ok(LetGo::Gone),
        };
        let object = format!("account {} ({})", held.facts.id, held.facts.name);
        if let Mark::Nobody(_) = holder {
            return Err(Refusal::NotClosed { object, reason: NotClosed::Unmarked });
        }
        for looks in 0.. {
            // Each time: it may have stood in line for half an hour.
            self.job.intent.proof.ask(&object)?;
            let at = self.patience.now();
            let closing = self.ports.organizations.close_account(account_id);
            let waiting_for = match self.patience.within(closing).await {
                Ok(()) => return Ok(self.accepted(account_id, &object, at).await),
                Err(error) => match refused(&error) {
                    Answer::Busy => {
                        "three other accounts to be closed (AWS closes no more at a time)"
                    }
                    Answer::Again(most) if looks < self.config.max_retries.unwrap_or(most) => {
                        // One that AWS did not answer may have been taken.
                        if error.kind == Kind::Unanswered && self.is_closing(account_id).await? {
                            return Ok(self.accepted(account_id, &object, at).await);
                        }
                        "AWS to take the request to close the account"
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
                    Answer::Again(_) | Answer::Failed => {
                        return Err(Refusal::of(error, "AWS to answer"));
                    }
                },
            };
            let pause = Pause::growing(looks, 20, waiting_for);
            self.patience.pause(&pause).await.map_err(|error| Refusal::of(error, waiting_for))?;
        }
        Ok(LetGo::Closed)
    }

    async fn accepted(&self, account_id: &AccountId, object: &str, at: Timestamp) -> LetGo {
        self.shared.forget_sweep().await;
        self.log_step(account_id, "AWS has taken the request to close the account");
        let said = Warning::Closing { object: object.to_owned() };
        LetGo::Done { at, warnings: vec![said] }
    }

    async fn is_closing(&self, account_id: &AccountId) -> Result<bool, Refusal> {
        let looking = self.ports.organizations.account(account_id);
        let found = self.patience.within(looking).await?;
        Ok(found.is_none_or(|account| account.state.is_closed()))
    }

    /// The account that is to be let go.
    ///
    /// # Errors
    /// It is another manager's, or ours under another key; or it could not be read.
    async fn leaving(&mut self, account_id: &AccountId) -> Result<Found<'_, 'r>, Refusal> {
        let looking = self.ports.organizations.account(account_id);
        let Some(account) = self.patience.within(looking).await? else { return Ok(Found::Gone) };
        if account.state.is_closed() {
            return Ok(Found::Closed);
        }
        let held = Held::take(self, account, None).await?;
        let object = format!("account {} ({})", held.facts.id, held.facts.name);
        match held.holder() {
            Holder::Us => Ok(Found::Held(Box::new(held), Mark::Us)),
            Holder::Nobody(released_from) => {
                Ok(Found::Held(Box::new(held), Mark::Nobody(released_from)))
            }
            Holder::OtherKey(key) => Err(Refusal::OtherKey { object, key }),
            Holder::Other(manager) => Err(Refusal::OtherManager { object, manager }),
        }
    }
}

/// What there is of an account that is to be let go.
enum Found<'a, 'r> {
    /// It is open, and no other manager's.
    Held(Box<Held<'a, 'r>>, Mark),
    /// It is closed or closing.
    Closed,
    /// The organization has no such account.
    Gone,
}

/// Whose the tags of such an account say that it is.
enum Mark {
    /// Ours.
    Us,
    /// Nobody's; who released it, if somebody did.
    Nobody(Option<String>),
}

/// What `CloseAccount` means by an error.
enum Answer {
    /// Three are being closed; ends when one of them ends.
    Busy,
    /// The account is not in a state to be closed: it is closing already, or just changing.
    Conflict,
    /// The quota of 30 days is used up.
    Quota,
    /// Nothing came of it, and the same request may be taken later: it is sent again at most so often.
    Again(u32),
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
        _ if let Some(most) = retries(error) => Answer::Again(most),
        _ => match error.answer() {
            // AWS names it for the removal from the organization; a close is refused alike.
            Some(error::Answer::DelegatedAdministrator) => {
                Answer::Never(NotClosed::DelegatedAdministrator)
            }
            Some(error::Answer::ManagementAccount) => Answer::Never(NotClosed::Management),
            _ => Answer::Failed,
        },
    }
}

/// How often a request that ended like this is sent again. The adapter sends it once, since each one is to be proven.
fn retries(error: &Error) -> Option<u32> {
    match error.retry_class() {
        RetryClass::Never => None,
        RetryClass::FewTimes { attempts, .. } => Some(attempts.saturating_sub(1)),
        RetryClass::UntilDeadline { .. } => Some(u32::MAX),
    }
}

#[cfg(test)]
mod tests;
