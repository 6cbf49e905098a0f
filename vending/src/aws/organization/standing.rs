//! Where the caller stands in the organization, asked once and before anything else: AWS's own refusals say
//! only that access is denied, and some of them look as if waiting helped.

use crate::aws::api::{AccountId, Caller, Organization, Ports};
use crate::partition::Partition;
use crate::refusal::{Refusal, Task};

/// What the caller may see and change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `o-…`
    pub organization_id: String,
    /// The organization's management account.
    pub management_account_id: AccountId,
    /// The account of the caller's own credentials, which work in member accounts.
    pub works_from: AccountId,
    /// The account whose credentials read the organization.
    pub reads_from: AccountId,
    /// The account whose credentials change the organization.
    pub writes_from: AccountId,
    /// The region of the caller's own calls.
    pub region: String,
    /// The partition of that region.
    pub partition: Partition,
}

// === impl Standing ===

impl Standing {
    /// Where a caller stands; asks, where the caller does not read with the management account's credentials, whether the
    /// organization lets it in.
    pub(super) async fn of(
        caller: Caller,
        organization: &Organization,
        ports: &Ports,
    ) -> Result<Self, Refusal> {
        let management = &organization.management_account_id;
        if caller.reads_from != *management && !ports.callers.is_let_in().await? {
            return Err(Refusal::WrongCaller {
                caller: caller.reads_from.into(),
                management: management.to_string(),
            });
        }
        Ok(Self {
            organization_id: organization.id.clone(),
            management_account_id: management.clone(),
            works_from: caller.own,
            reads_from: caller.reads_from,
            writes_from: caller.writes_from,
            partition: Partition::of(&caller.region),
            region: caller.region,
        })
    }

    /// Whether `task` can be done from here.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, task: Task) -> Result<(), Refusal> {
        if task == Task::CreateAccount && !self.partition.creates_accounts() {
            return Err(Refusal::NotInPartition {
                partition: self.partition,
                region: self.region.clone(),
                task,
            });
        }
        if self.writes_from != self.management_account_id {
            return Err(Refusal::NotManagement {
                task,
                caller: self.writes_from.to_string(),
                management: self.management_account_id.to_string(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
