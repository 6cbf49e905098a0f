//! Organizational units: found or made, changed, and let go.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;

use super::marks::{self, TagChange};
use super::parent;
use super::patience::Patience;
use super::shared::Shared;
use super::step::Holder;
use crate::config::Config;
use crate::error::{Error, Kind};
use crate::ports::{OrganizationalUnit, Ports};
use crate::wish::{Parent, Refusal, Warning};

/// An OU as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitWish {
    /// Its name.
    pub name: String,
    /// Where it belongs; the root, when nothing is said.
    pub parent: Option<Parent>,
    /// The user's tags, default tags merged in.
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that the state says we set before.
    pub tags_set_before: BTreeSet<String>,
}

/// An OU as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// `ou-…`
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The OU or root that holds it.
    pub parent_id: String,
    /// The names from below the root to itself.
    pub path: String,
    /// All of its tags, ours too.
    pub tags: BTreeMap<String, String>,
}

/// What every part needs.
pub(crate) struct Units<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) shared: &'a Shared,
    pub(crate) config: &'a Config,
    pub(crate) patience: Patience,
}

impl Units<'_> {
    /// Finds the OU of that name under its parent, or makes it. One that is there is ours only by
    /// its tags: another state's OU of the same name is refused by its manager's name.
    ///
    /// # Errors
    /// It belongs to somebody else, or a call failed.
    pub(crate) async fn find_or_create(&self, wish: &UnitWish) -> Result<Unit, Refusal> {
        let organizations = &self.ports.organizations;
        let parent_id = self.resolve(wish.parent.as_ref()).await?;
        let born = self.born_tags(wish, &parent_id).await?;
        let fleet_id = born.get(tags::ID).cloned().unwrap_or_default();
        // Twice: another run may make it between the look and the call.
        let mut duplicate = None;
        for _ in 0..2 {
            let siblings = organizations.organizational_units(&parent_id);
            let siblings = self.patience.within(siblings).await?;
            if let Some(found) = siblings.into_iter().find(|unit| unit.name == wish.name) {
                return self.bind(wish, found, &parent_id, &fleet_id, &born).await;
            }
            let making = organizations.create_organizational_unit(&parent_id, &wish.name, &born);
            let made = self.patience.within(making).await;
            self.shared.tree.forget().await;
            match made {
                Ok(made) => return Ok(self.describe(made, parent_id, born).await?),
                Err(error) if error.kind == Kind::AlreadyExists => duplicate = Some(error),
                Err(error) => return Err(Refusal::Call(error)),
            }
        }
        Err(Refusal::Call(duplicate.unwrap_or_else(|| {
            Error::new("organizations:CreateOrganizationalUnit", Kind::Unexpected, "Gone", "")
        })))
    }

    async fn bind(
        &self,
        wish: &UnitWish,
        found: OrganizationalUnit,
        parent_id: &str,
        fleet_id: &str,
        born: &BTreeMap<String, String>,
    ) -> Result<Unit, Refusal> {
        let object = format!("organizational unit {} ({})", found.id, wish.name);
        let mut has = self.patience.within(self.ports.organizations.tags(&found.id)).await?;
        match marks::holder(&has, &self.config.managed_by, fleet_id) {
            Holder::Us => {
                let change = TagChange::between(&has, born, &wish.tags_set_before);
                self.write(&found.id, &change).await?;
                change.apply(&mut has);
                Ok(self.describe(found, parent_id.to_owned(), has).await?)
            }
            Holder::Other(manager) => Err(Refusal::OtherManager { object, manager }),
            Holder::OtherKey(key) => Err(Refusal::OtherKey { object, key }),
            Holder::Nobody(released_from) => Err(Refusal::Unmanaged { object, released_from }),
        }
    }

    /// The OU as it is; `None` when it is not there.
    ///
    /// # Errors
    /// A call failed.
    pub(crate) async fn look(&self, id: &str) -> Result<Option<Unit>, Refusal> {
        let organizations = &self.ports.organizations;
        let Some(found) = self.patience.within(organizations.organizational_unit(id)).await? else {
            return Ok(None);
        };
        let parent_id = self.patience.within(organizations.parent(id)).await?;
        let has = self.patience.within(organizations.tags(id)).await?;
        Ok(Some(self.describe(found, parent_id, has).await?))
    }

    /// Changes name and tags. AWS cannot move an OU.
    ///
    /// # Errors
    /// It is gone or another manager's, or a call failed.
    pub(crate) async fn update(&self, id: &str, wish: &UnitWish) -> Result<Unit, Refusal> {
        let object = format!("organizational unit {id} ({})", wish.name);
        let Some(mut unit) = self.look(id).await? else {
            return Err(Refusal::NoSuchObject { object });
        };
        if let Some(manager) = self.other_manager(&unit) {
            return Err(Refusal::OtherManager { object, manager });
        }
        if unit.name != wish.name {
            let naming = self.ports.organizations.rename_organizational_unit(id, &wish.name);
            let named = self.patience.within(naming).await;
            self.shared.tree.forget().await;
            named?;
            unit.path = replace_last(&unit.path, &wish.name);
            unit.name.clone_from(&wish.name);
        }
        // `fleet:id` and `fleet:key` stay what they were at birth, whatever the name becomes.
        let mut wanted = wish.tags.clone();
        let born = self.born_tags(wish, &unit.parent_id).await?;
        for key in [tags::ID, tags::KEY, tags::MANAGED_BY] {
            let value = unit.tags.get(key).or_else(|| born.get(key));
            wanted.extend(value.map(|value| (key.to_owned(), value.clone())));
        }
        let change = TagChange::between(&unit.tags, &wanted, &wish.tags_set_before);
        self.write(id, &change).await?;
        change.apply(&mut unit.tags);
        Ok(unit)
    }

    /// Deletes the OU when it is empty; otherwise lets it go and says what is in it.
    ///
    /// # Errors
    /// It is another manager's, or a call failed.
    pub(crate) async fn delete(&self, id: &str) -> Result<Option<Warning>, Refusal> {
        let organizations = &self.ports.organizations;
        let Some(unit) = self.look(id).await? else { return Ok(None) };
        let object = format!("organizational unit {id} ({})", unit.path);
        if let Some(manager) = self.other_manager(&unit) {
            return Err(Refusal::OtherManager { object, manager });
        }
        let accounts = self.patience.within(organizations.accounts_in(id)).await?;
        let units = self.patience.within(organizations.organizational_units(id)).await?;
        let mut inside: Vec<String> =
            accounts.into_iter().map(|(id, name)| format!("account {id} ({name})")).collect();
        inside.extend(
            units.into_iter().map(|of| format!("organizational unit {} ({})", of.id, of.name)),
        );
        if inside.is_empty() {
            let deleted = self.patience.within(organizations.delete_organizational_unit(id)).await;
            self.shared.tree.forget().await;
            match deleted {
                Ok(()) => return Ok(None),
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) if error.code.starts_with("OrganizationalUnitNotEmpty") => {
                    inside.push("something that came in just now".to_owned());
                }
                Err(error) => return Err(Refusal::Call(error)),
            }
        }
        let set =
            BTreeMap::from([(tags::RELEASED_FROM.to_owned(), self.config.managed_by.clone())]);
        self.patience.within(organizations.tag(id, &set)).await?;
        let gone = BTreeSet::from([tags::MANAGED_BY.to_owned()]);
        self.patience.within(organizations.untag(id, &gone)).await?;
        Ok(Some(Warning {
            summary: format!("{object} is not empty and was released"),
            detail: format!("It stays in the organization. In it: {}.", inside.join(", ")),
        }))
    }

    fn other_manager(&self, unit: &Unit) -> Option<String> {
        unit.tags.get(tags::MANAGED_BY).filter(|of| **of != self.config.managed_by).cloned()
    }

    async fn resolve(&self, parent: Option<&Parent>) -> Result<String, Refusal> {
        let Some(parent) = parent else {
            return Ok(self.patience.within(self.ports.organizations.root()).await?.id);
        };
        let resolving = parent::find(self.ports, self.shared, parent);
        self.patience.within(async { Ok(resolving.await) }).await?
    }

    async fn born_tags(
        &self,
        wish: &UnitWish,
        parent_id: &str,
    ) -> Result<BTreeMap<String, String>, Error> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        let id = tags::fleet_id(&organization.id, &format!("ou/{parent_id}/{}", wish.name));
        Ok(marks::at_birth(&wish.tags, &as_tag_value(&wish.name), &self.config.managed_by, &id))
    }

    async fn write(&self, id: &str, change: &TagChange) -> Result<(), Error> {
        let organizations = &self.ports.organizations;
        if !change.set.is_empty() {
            self.patience.within(organizations.tag(id, &change.set)).await?;
        }
        if !change.remove.is_empty() {
            self.patience.within(organizations.untag(id, &change.remove)).await?;
        }
        Ok(())
    }

    async fn describe(
        &self,
        unit: OrganizationalUnit,
        parent_id: String,
        tags: BTreeMap<String, String>,
    ) -> Result<Unit, Error> {
        let ids = self.patience.within(self.shared.path(self.ports, &parent_id)).await?;
        let mut names = vec![unit.name.clone()];
        for id in ids.iter().filter(|id| id.starts_with("ou-")) {
            let above = self.patience.within(self.ports.organizations.organizational_unit(id));
            names.push(above.await?.map_or_else(|| id.clone(), |above| above.name));
        }
        names.reverse();
        Ok(Unit {
            id: unit.id,
            arn: unit.arn,
            name: unit.name,
            parent_id,
            path: names.join("/"),
            tags,
        })
    }
}

fn replace_last(path: &str, name: &str) -> String {
    match path.rsplit_once('/') {
        Some((above, _)) => format!("{above}/{name}"),
        None => name.to_owned(),
    }
}

/// The name of an OU may hold what a tag may not.
fn as_tag_value(name: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    name.chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_tag_values() {
        assert_eq!(as_tag_value("R&D (lab)"), "R_D _lab_");
        assert_eq!(replace_last("Workloads/Prod", "Live"), "Workloads/Live");
        assert_eq!(replace_last("Prod", "Live"), "Live");
    }
}
