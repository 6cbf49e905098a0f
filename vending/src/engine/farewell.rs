//! The end of an account in our hands: released, or closed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_model::tags;

use super::create::Run;
use super::held::{Held, is_over};
use super::step::{Holder, Pause};
use crate::error::Kind;
use crate::wish::{Refusal, Warning};

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
        match held.shut().await {
            Ok(released) => {
                if let Some(problem) = released.problems.into_iter().next() {
                    return Err(Refusal::Call(problem.error));
                }
                let mut shut = released.locked_roles;
                shut.extend(released.removed_providers);
                let detail = if shut.is_empty() {
                    "Nothing in it trusted an identity provider through us.".to_owned()
                } else {
                    format!("Shut or removed in it: {}.", shut.join(", "))
                };
                warnings.push(Warning { summary: format!("{object} was released"), detail });
            }
            // Then nothing of ours was ever made in it, or a person locked us out: said, not hidden.
            Err(Refusal::NoAccess { reason }) => warnings.push(Warning {
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
        let gone = BTreeSet::from([
            tags::MANAGED_BY.to_owned(),
            tags::READINESS.to_owned(),
            tags::READINESS_DIGEST.to_owned(),
        ]);
        self.patience.within(organizations.untag(account_id, &gone)).await?;
        Ok(warnings)
    }

    /// Closes the account. AWS's acceptance is the success; the closing itself takes its time.
    ///
    /// # Errors
    /// It is not ours, AWS's quota of closes is used up, or a call failed.
    pub(crate) async fn close(&mut self, account_id: &str) -> Result<Vec<Warning>, Refusal> {
        let Some(held) = self.ours(account_id).await? else { return Ok(Vec::new()) };
        let object = format!("account {} ({})", held.facts.id, held.facts.name);
        loop {
            let closing = self.ports.organizations.close_account(account_id);
            match self.patience.within(closing).await {
                Ok(()) => break,
                Err(error) if error.kind == Kind::InFlightLimit => {
                    let pause = Pause {
                        length: Duration::from_secs(20),
                        waiting_for: "other accounts to be closed".into(),
                    };
                    self.patience.pause(&pause).await?;
                }
                Err(error) => return Err(Refusal::Call(error)),
            }
        }
        self.shared.forget_sweep().await;
        Ok(vec![Warning {
            summary: format!("{object} is being closed"),
            detail:
                "AWS keeps it for 90 days, in which its support can reopen it; its email stays \
                     taken."
                    .into(),
        }])
    }

    /// The account, if it is there, open, and ours; `None` when there is nothing to let go.
    async fn ours(&mut self, account_id: &str) -> Result<Option<Held<'_, 'r>>, Refusal> {
        let looking = self.ports.organizations.account(account_id);
        let Some(account) = self.patience.within(looking).await? else { return Ok(None) };
        if is_over(account.state) {
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
