//! A refresh that believes what the state says of a ready account, as long as the organization says
//! nothing else. Whatever differs is looked at in full, so that the state is the same in every mode.

use fleet_model::readiness::Verdict;
use fleet_model::tags;

use super::ownership::{self, TagChange};
use crate::aws::account::ownership::{Holder, TagDrift};
use crate::aws::account::run::Run;
use crate::aws::api::AccountState;
use crate::aws::organization::parent;
use crate::config::RefreshReadiness;
use crate::refusal::Refusal;

/// What the state says of a ready account.
#[derive(Debug, Clone, Copy)]
pub struct Believed<'a> {
    /// 12 digits.
    pub account_id: &'a str,
    /// The OU or root that holds it.
    pub parent_id: &'a str,
    /// The digest of its readiness.
    pub digest: &'a str,
}

impl Run<'_> {
    /// Whether the account is as `believed` and as wished. Costs the sweep that the process shares,
    /// and with [`RefreshReadiness::Cached`] one reading of tags.
    ///
    /// # Errors
    /// It could not be looked at.
    pub(crate) async fn is_as_believed(
        &self,
        believed: &Believed<'_>,
        mode: RefreshReadiness,
    ) -> Result<bool, Refusal> {
        if mode == RefreshReadiness::Full {
            return Ok(false);
        }
        let sweep = self.patience.within(self.shared.sweep(self.ports)).await?;
        let Some(account) = sweep.get(believed.account_id) else { return Ok(false) };
        let wished = &self.job.request.contract;
        if account.state != AccountState::Active
            || !crate::name::same(&account.name, &wished.name)
            || !account.email.eq_ignore_ascii_case(&wished.email)
            || account.parent_id.as_deref() != Some(believed.parent_id)
        {
            return Ok(false);
        }
        let claims = self.patience.within(self.shared.claims(self.ports)).await?;
        if claims.get(&self.fleet_id().await?).is_some_and(|of| of.len() > 1) {
            return Ok(false);
        }
        if let Some(parent) = &self.job.request.parent {
            let resolving = parent::resolve(self.ports, self.shared, parent);
            match self.patience.within(async { Ok(resolving.await) }).await? {
                Ok(parent_id) if parent_id == believed.parent_id => {}
                _ => return Ok(false),
            }
        }
        match mode {
            RefreshReadiness::Full | RefreshReadiness::Off => Ok(true),
            RefreshReadiness::Cached => self.carries_what_it_should(believed).await,
        }
    }

    async fn carries_what_it_should(&self, believed: &Believed<'_>) -> Result<bool, Refusal> {
        let reading = self.ports.organizations.tags(believed.account_id);
        let found = self.patience.within(reading).await?;
        let fleet_id = self.fleet_id().await?;
        let key = self.job.request.contract.key.as_str();
        let manager = &self.config.managed_by;
        let mut wanted = ownership::at_birth(&self.job.request.tags, key, manager, &fleet_id);
        wanted.insert(tags::READINESS.to_owned(), Verdict::Pass.as_str().to_owned());
        wanted.insert(tags::READINESS_DIGEST.to_owned(), believed.digest.to_owned());
        wanted.extend(self.job.past.memory.journal());
        let change = TagChange::between(&found, &wanted, &self.job.past.tags_set_before);
        let ours = ownership::holder(&found, manager, &fleet_id) == Holder::Us;
        Ok(ours && change.drift() == TagDrift::None)
    }
}

#[cfg(test)]
mod tests;
