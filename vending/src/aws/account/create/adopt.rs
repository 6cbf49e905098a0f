//! Taking over an account that nobody manages: our tags go on it, and from then on it is ours like
//! any other. The tags are the journal here too: a crash after them is an account of ours that the
//! next look-up finds.

use std::collections::BTreeSet;

use fleet_model::tags;

use crate::aws::account::create::state::{Action, Decision};
use crate::aws::account::ownership;
use crate::aws::account::ownership::{Holder, TagChange};
use crate::aws::account::run::Run;
use crate::aws::api::AccountId;
use crate::refusal::Refusal;

impl Run<'_> {
    /// Marks the account as ours, after a last look at its tags: another manager may have come first.
    ///
    /// # Errors
    /// It is somebody else's or the management account, or a call failed; nothing was written then.
    pub(crate) async fn take_over(
        &self,
        account_id: &AccountId,
        fleet_id: &str,
    ) -> Result<(), Refusal> {
        let object = format!("account {account_id} ({})", self.job.request.contract.name);
        let organizations = &self.ports.organizations;
        self.check_member(account_id).await?;
        let has = self.patience.within(organizations.tags(account_id)).await?;
        match ownership::holder(&has, &self.config.managed_by, fleet_id) {
            Holder::Us | Holder::Nobody(_) => {}
            Holder::Other(manager) => return Err(Refusal::OtherManager { object, manager }),
            Holder::OtherKey(key) => return Err(Refusal::OtherKey { object, key }),
        }
        let key = self.job.request.contract.key.as_str();
        let mut wanted =
            ownership::at_birth(&self.job.request.tags, key, &self.config.managed_by, fleet_id);
        // Who released it may have frozen it before: nothing has looked at yet what that left to be undone.
        wanted.extend(
            has.get_key_value(tags::JOURNAL).map(|(key, text)| (key.clone(), text.clone())),
        );
        let change = TagChange::between(&has, &wanted, &BTreeSet::new());
        if !change.set.is_empty() {
            self.patience.within(organizations.tag(account_id, &change.set)).await?;
        }
        if !change.remove.is_empty() {
            self.patience.within(organizations.untag(account_id, &change.remove)).await?;
        }
        Ok(())
    }

    /// Refuses the management account: it is never vended, moved or closed.
    pub(crate) async fn check_member(&self, account_id: &AccountId) -> Result<(), Refusal> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        if organization.management_account_id == *account_id {
            return Err(Refusal::ManagementAccount { object: format!("account {account_id}") });
        }
        Ok(())
    }

    /// Why a decision is not what the plan showed: it named an account, and this is another one, or
    /// none is there any more.
    pub(super) fn not_as_planned(&self, decision: &Decision) -> Option<Refusal> {
        let planned = self.job.intent.adopt.planned()?;
        let found = match decision {
            Decision::Bind(id, _) | Decision::Adopt(id) if id != planned => Some(id.to_string()),
            Decision::Go(Action::Count(_) | Action::Send, _) => None,
            _ => return None,
        };
        let object = format!("account {planned} ({})", self.job.request.contract.name);
        Some(Refusal::NotAsPlanned { object, found })
    }
}
