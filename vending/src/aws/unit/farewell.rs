//! The end of an OU in our hands: deleted when it is empty, else released.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;

use super::{Manager, Unit, Units};
use crate::error::Answer;
use crate::refusal::Refusal;
use crate::unit_path;

/// How often an OU that filled up between the look and the call is looked into again.
const LOOKS: u32 = 3;

/// An OU that was let go and is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRelease {
    /// The OU as it was.
    pub unit: Unit,
    /// What is in it, OUs first: `account 123456789012 (payments)`. Empty: nobody managed it, and it
    /// was left as it is.
    pub inside: Vec<String>,
}

impl Units<'_> {
    /// Deletes the OU when it is empty; otherwise lets it go and says what is in it. One that nobody
    /// manages any more is left as it is.
    ///
    /// # Errors
    /// It is another manager's, or a call failed.
    pub(crate) async fn delete(&self, id: &str) -> Result<Option<UnitRelease>, Refusal> {
        let organizations = &self.ports.organizations;
        let Some(unit) = self.look(id).await? else { return Ok(None) };
        match self.manager(&unit) {
            Manager::Us => {}
            Manager::Other(manager) => {
                return Err(Refusal::OtherManager { object: unit.to_string(), manager });
            }
            Manager::Nobody(_) => return Ok(Some(UnitRelease { unit, inside: Vec::new() })),
        }
        let mut inside = self.inside(id).await?;
        let mut looks = 1;
        while inside.is_empty() {
            let deleted = self.patience.within(organizations.delete_organizational_unit(id)).await;
            self.shared.tree.forget().await;
            match deleted {
                Ok(()) => return Ok(None),
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) if error.answer() == Some(Answer::UnitNotEmpty) && looks < LOOKS => {
                    inside = self.inside(id).await?;
                    looks += 1;
                }
                Err(error) => return Err(Refusal::Call(error)),
            }
        }
        let set =
            BTreeMap::from([(tags::RELEASED_FROM.to_owned(), self.config.managed_by.clone())]);
        self.patience.within(organizations.tag(id, &set)).await?;
        let gone = BTreeSet::from([tags::MANAGED_BY, tags::ID, tags::KEY].map(str::to_owned));
        self.patience.within(organizations.untag(id, &gone)).await?;
        Ok(Some(UnitRelease { unit, inside }))
    }

    /// What [`Self::delete`] would leave of the OU as it is now, without changing anything: `None`, when it would be gone.
    ///
    /// # Errors
    /// It is another manager's, or a call failed.
    pub(crate) async fn would_leave(&self, id: &str) -> Result<Option<UnitRelease>, Refusal> {
        let Some(unit) = self.look(id).await? else { return Ok(None) };
        match self.manager(&unit) {
            Manager::Us => {}
            Manager::Other(manager) => {
                return Err(Refusal::OtherManager { object: unit.to_string(), manager });
            }
            Manager::Nobody(_) => return Ok(Some(UnitRelease { unit, inside: Vec::new() })),
        }
        let inside = self.inside(id).await?;
        Ok((!inside.is_empty()).then_some(UnitRelease { unit, inside }))
    }

    async fn inside(&self, id: &str) -> Result<Vec<String>, Refusal> {
        let organizations = &self.ports.organizations;
        let units = self.patience.within(organizations.organizational_units(id)).await?;
        let accounts = self.patience.within(organizations.accounts_in(id)).await?;
        let units = units
            .into_iter()
            .map(|of| format!("organizational unit {} ({})", of.id, unit_path::escaped(&of.name)));
        let accounts = accounts.into_iter().map(|(id, name)| format!("account {id} ({name})"));
        Ok(units.chain(accounts).collect())
    }
}
