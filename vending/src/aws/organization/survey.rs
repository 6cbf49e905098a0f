//! The organization as it is, for those who only look: its tree, its accounts, and whose they are.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;

use super::shared::Shared;
use crate::aws::api::{Account, AccountId, Organization, OrganizationalUnit, Ports, Root};
use crate::aws::deadline::Patience;
use crate::error::Error;
use crate::unit_path;

/// Values by key.
type Tags = BTreeMap<String, String>;

/// What a survey is to tell beside the organization and its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Nothing more.
    Tree,
    /// The accounts, without tags.
    Accounts,
    /// The accounts with their tags, from the tag index. It may lag: accounts of these ids are asked
    /// themselves when it does not have them, and all are where it does not answer.
    Tags(BTreeSet<String>),
}

/// The organization.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Itself.
    pub organization: Organization,
    /// Its root.
    pub root: Root,
    /// Its OUs, by path.
    pub units: Vec<UnitSeen>,
    /// Its accounts, by id.
    pub accounts: Vec<AccountSeen>,
}

/// An OU.
#[derive(Debug, Clone)]
pub struct UnitSeen {
    /// Itself.
    pub unit: OrganizationalUnit,
    /// The OU or root that holds it.
    pub parent_id: String,
    /// The names from below the root to itself.
    pub path: String,
}

/// An account.
#[derive(Debug, Clone)]
pub struct AccountSeen {
    /// Itself.
    pub account: Account<String>,
    /// The path of the OU that holds it; empty in the root, `None` when that is not known.
    pub path: Option<String>,
    /// Its tags; `None` when nobody asked for them.
    pub tags: Option<Tags>,
}

impl AccountSeen {
    /// Its tag of this key.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.as_ref()?.get(key).map(String::as_str)
    }

    /// Who manages it.
    #[must_use]
    pub fn managed_by(&self) -> Option<&str> {
        self.tag(tags::MANAGED_BY)
    }

    /// Its key in the fleet.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.tag(tags::KEY)
    }
}

/// What a survey needs.
pub(crate) struct Surveyor<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) shared: &'a Shared,
    pub(crate) patience: Patience,
}

impl Surveyor<'_> {
    /// Everything that is wanted. Costs one call per OU and the root, ListAccounts once per process,
    /// and the pages of the tag index.
    ///
    /// # Errors
    /// A call failed.
    pub(crate) async fn survey(&self, want: &Want) -> Result<Survey, Error> {
        let organization =
            self.patience.within(self.shared.organization(self.ports)).await?.clone();
        let root = self.patience.within(self.shared.tree.root(self.ports)).await?;
        let units = self.units(&root).await?;
        let accounts = match want {
            Want::Tree => Vec::new(),
            Want::Accounts | Want::Tags(_) => self.accounts(want, &root, &units).await?,
        };
        Ok(Survey { organization, root, units, accounts })
    }

    /// The tags of one account, as they are now.
    ///
    /// # Errors
    /// The call failed.
    pub(crate) async fn tags(&self, account_id: &AccountId) -> Result<Tags, Error> {
        self.patience.within(self.ports.organizations.tags(account_id)).await
    }

    async fn units(&self, root: &Root) -> Result<Vec<UnitSeen>, Error> {
        let mut found: Vec<UnitSeen> = Vec::new();
        let mut open = vec![(root.id.clone(), None::<String>)];
        while let Some((parent_id, above)) = open.pop() {
            let children = self.shared.tree.children(self.ports, &parent_id);
            for unit in self.patience.within(children).await? {
                let path = unit_path::below(above.as_deref(), &unit.name);
                open.push((unit.id.clone(), Some(path.clone())));
                found.push(UnitSeen { unit, parent_id: parent_id.clone(), path });
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    async fn accounts(
        &self,
        want: &Want,
        root: &Root,
        units: &[UnitSeen],
    ) -> Result<Vec<AccountSeen>, Error> {
        let sweep = self.patience.within(self.shared.sweep(self.ports)).await?;
        let paths: BTreeMap<&str, &str> =
            units.iter().map(|of| (of.unit.id.as_str(), of.path.as_str())).collect();
        let path = |account: &Account| {
            let parent_id = account.parent_id.as_deref()?;
            let in_root = (parent_id == root.id).then_some("");
            paths.get(parent_id).copied().or(in_root).map(str::to_owned)
        };
        let mut seen: Vec<AccountSeen> = sweep
            .values()
            .map(|of| AccountSeen {
                account: of.clone().of_any_vendor(),
                path: path(of),
                tags: None,
            })
            .collect();
        if let Want::Tags(known) = want {
            let mut index = self.index().await;
            for of in &mut seen {
                let id = of.account.id.as_str();
                of.tags = Some(match index.as_mut().map(|index| index.remove(id)) {
                    Some(Some(tags)) => tags,
                    Some(None) if !known.contains(id) => Tags::new(),
                    _ => self.tags(&AccountId::given(id)?).await?,
                });
            }
        }
        Ok(seen)
    }

    /// The tag index; an endpoint or a role without it is no reason to stop.
    pub(super) async fn index(&self) -> Option<BTreeMap<AccountId, Tags>> {
        match self.patience.within(self.ports.tag_index.tags_of_accounts()).await {
            Ok(index) => Some(index),
            Err(error) => {
                tracing::info!(%error, "the tag index does not answer");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
