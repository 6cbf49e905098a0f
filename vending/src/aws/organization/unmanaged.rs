//! The accounts that nobody manages, for a person who chooses which of them to take over.

use fleet_model::tags;

use super::parent;
use super::survey::Surveyor;
use crate::aws::api::Account;
use crate::error::{Error, Kind};
use crate::outcome::Facts;
use crate::refusal::Refusal;
use crate::unit_path::Parent;

impl Surveyor<'_> {
    /// The open member accounts without a manager as far as the tag index tells, by name and id; of all,
    /// or of those below an OU or the root. Costs ListAccounts, the pages of the tag index, and with a
    /// `place` one call per OU on the way to the root.
    ///
    /// # Errors
    /// There is no such place, or a call failed.
    pub(crate) async fn unmanaged(&self, place: Option<&Parent>) -> Result<Vec<Account>, Refusal> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        let place_id = match place {
            Some(place) => Some(self.place(place).await?),
            None => None,
        };
        let sweep = self.patience.within(self.shared.sweep(self.ports)).await?;
        let index = self.index().await.unwrap_or_default();
        let is_managed = |account: &Account| {
            index.get(&account.id).is_some_and(|has| has.contains_key(tags::MANAGED_BY))
        };
        let mut found = Vec::new();
        for account in sweep.values() {
            let is_member = account.id != organization.management_account_id;
            if is_member && account.is_open() && !is_managed(account) {
                let is_there = match &place_id {
                    Some(place_id) => self.is_below(account, place_id).await?,
                    None => true,
                };
                if is_there {
                    found.push(account.clone());
                }
            }
        }
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(found)
    }

    /// The facts of an account of [`Self::unmanaged`], by its own tags, which the index lags behind;
    /// `None` when somebody manages it after all, or it has left the organization.
    ///
    /// # Errors
    /// A call failed.
    pub(crate) async fn if_unmanaged(&self, account: &Account) -> Result<Option<Facts>, Error> {
        let facts = self.facts(account.clone()).await;
        match facts {
            Ok(facts) => Ok(Some(facts).filter(|of| !of.tags.contains_key(tags::MANAGED_BY))),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The facts of an account that was described or listed.
    ///
    /// # Errors
    /// A call failed.
    pub(crate) async fn facts(&self, account: Account) -> Result<Facts, Error> {
        let tags = self.tags(&account.id).await?;
        let parent_id = self.parent_of(&account).await?;
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        Ok(Facts {
            id: account.id.into(),
            arn: account.arn,
            organization_id: organization.id.clone(),
            parent_id,
            state: account.state,
            name: account.name,
            email: account.email,
            joined_at: account.joined_at.map(|at| at.to_string()),
            create_request_id: None,
            tags,
        })
    }

    async fn place(&self, place: &Parent) -> Result<String, Refusal> {
        let resolving = parent::resolve(self.ports, self.shared, place);
        self.patience.within(async { Ok(resolving.await) }).await?
    }

    /// Whether the account is in the OU or root, or anywhere below it. One that is gone is nowhere.
    async fn is_below(&self, account: &Account, place_id: &str) -> Result<bool, Error> {
        let path = async {
            let parent_id = self.parent_of(account).await?;
            self.patience.within(self.shared.path(self.ports, &parent_id)).await
        };
        match path.await {
            Ok(path) => Ok(path.iter().any(|id| id == place_id)),
            Err(error) if error.kind == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn parent_of(&self, account: &Account) -> Result<String, Error> {
        match &account.parent_id {
            Some(parent_id) => Ok(parent_id.clone()),
            None => self.patience.within(self.ports.organizations.parent(&account.id)).await,
        }
    }
}

#[cfg(test)]
mod tests;
