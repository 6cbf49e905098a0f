//! Looks for the accounts that carry a key.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet_model::tags;
use jiff::Timestamp;

use super::run::Run;
use crate::aws::api::{Account, AccountId};
use crate::duplicate::{Claimant, Duplicate, Rivals};
use crate::error::Error;

/// How long after it came an account's tags may be missing from the index.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// What a fresh look found.
pub(crate) struct Claims {
    /// The open accounts that carry the `fleet:id`, with their tags.
    pub(crate) found: Vec<(Account, BTreeMap<String, String>)>,
    settled: bool,
}

// === impl Claims ===

impl Claims {
    /// Whether more than one is managed under the key.
    pub(crate) fn duplicate(&self, key: &str) -> Option<Duplicate> {
        let claimants = self.found.iter().filter_map(|(of, has)| Claimant::new(of, has));
        Duplicate::of(key, claimants.collect())
    }

    /// The one that has the key.
    pub(crate) fn first(&self) -> Option<&(Account, BTreeMap<String, String>)> {
        let managed = self.found.iter().filter(|(_, has)| has.contains_key(tags::MANAGED_BY));
        managed.min_by_key(|(of, _)| (of.joined_at.unwrap_or(Timestamp::MAX), of.id.clone()))
    }
}

impl Run<'_> {
    /// Looks, fresh, for every open account that carries our `fleet:id`. The tag index may lag or not answer, so of the
    /// accounts that came within ten minutes of `around` each one is asked itself, unless this process knows that it has
    /// another key.
    pub(crate) async fn claims(
        &self,
        accounts: &[Account],
        fleet_id: &str,
        around: Timestamp,
    ) -> Result<Claims, Error> {
        let indexed = self.ports.tag_index.accounts_tagged(tags::ID, fleet_id).await;
        let indexed = indexed.unwrap_or_else(|error| {
            tracing::info!(%error, "the tag index does not answer");
            Vec::new()
        });
        let came_now = |of: &Account| {
            of.created_here
                && of.joined_at.is_some_and(|at| around.duration_since(at).unsigned_abs() <= RECENT)
        };
        let (mut found, mut settled) = (Vec::new(), true);
        for account in accounts.iter().filter(|of| of.is_open()) {
            let recent = came_now(account) && !self.shared.has_other_key(&account.id, fleet_id);
            if !recent && !indexed.contains(&account.id) {
                continue;
            }
            let has = match self.ports.organizations.tags(&account.id).await {
                Ok(has) => has,
                // It left in between.
                Err(error) if error.is_not_found() => continue,
                Err(error) => return Err(error),
            };
            // What somebody makes by hand just now has no tags either; it is not waited for in the end.
            settled &= !(recent && has.is_empty());
            match has.get(tags::ID) {
                Some(id) if id == fleet_id => found.push((account.clone(), has)),
                Some(id) => self.shared.note_key(&account.id, id),
                None => {}
            }
        }
        Ok(Claims { found, settled })
    }

    /// After a create: whether another account came under our key at the same time.
    pub(crate) async fn rivals(
        &self,
        account_id: &AccountId,
        fleet_id: &str,
    ) -> Result<Rivals, Error> {
        let accounts = self.ports.organizations.accounts().await?;
        let claims = self.claims(&accounts, fleet_id, self.patience.now()).await?;
        let shows = claims.found.iter().any(|(of, _)| of.id == *account_id);
        let duplicate = claims.duplicate(self.job.request.contract.key.as_str());
        Ok(Rivals { duplicate, settled: claims.settled && shows })
    }

    /// For an account that the state knows: whether another one has its key, as far as the lists tell that this process
    /// has read. `marked`: it carries our `fleet:id`.
    pub(crate) async fn known_rivals(
        &self,
        own: Claimant,
        fleet_id: &str,
        marked: bool,
    ) -> Result<Option<Duplicate>, Error> {
        let claims = self.patience.within(self.shared.claims(self.ports)).await?;
        let key = self.job.request.contract.key.as_str();
        let mut claimants = claims.get(fleet_id).cloned().unwrap_or_default();
        Ok(if marked {
            claimants.push(own);
            Duplicate::of(key, claimants)
        } else {
            Duplicate::with(key, claimants, own)
        })
    }
}
