//! Organizational units: found or made (`birth`), looked at and changed here, and let go
//! (`farewell`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use fleet_model::tags;

use crate::aws::account::ownership;
use crate::aws::account::ownership::TagChange;
use crate::aws::api::{OrganizationalUnit, Ports};
use crate::aws::deadline::Patience;
use crate::aws::organization::parent;
use crate::aws::organization::shared::Shared;
use crate::config::Config;
use crate::error::{Error, Kind};
use crate::name;
use crate::refusal::Refusal;
use crate::request::Adopt;
use crate::unit_path::{self, Parent};

mod birth;
mod farewell;
#[cfg(test)]
mod tests;

pub use birth::{Origin, UnitAdoption};
pub use farewell::UnitRelease;

/// One OU in one run: what is asked, what earlier runs set, and what this run may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitJob {
    /// Its name.
    pub name: String,
    /// Where it belongs; the root, when nothing is said.
    pub parent: Option<Parent>,
    /// The user's tags, default tags merged in.
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that the state says we set before.
    pub tags_set_before: BTreeSet<String>,
    /// Whether one that nobody manages is taken over.
    pub adopt: Adopt,
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
    /// The names from below the root to itself, as [`unit_path`] writes them.
    pub path: String,
    /// All of its tags, ours too.
    pub tags: BTreeMap<String, String>,
}

/// The OUs that the blocks of one configuration hold. An OU that one block holds is bound to no
/// other: each would undo what the other does, and the first to be destroyed would delete it.
#[derive(Debug, Default)]
pub struct Claims(Mutex<BTreeSet<String>>);

impl Claims {
    /// Claims the OU; `false` when another block holds it.
    pub fn claim(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned())
    }

    /// Nobody holds it any more.
    pub fn free(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// What every part needs.
pub(crate) struct Units<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) shared: &'a Shared,
    pub(crate) config: &'a Config,
    pub(crate) patience: Patience,
}

impl Units<'_> {
    /// The OU of an id or path, as it is; `None` when nothing has the id.
    ///
    /// # Errors
    /// The path names no OU, or a call failed.
    pub(crate) async fn find(&self, which: &Parent) -> Result<Option<Unit>, Refusal> {
        match which {
            Parent::Id(id) => self.look(id).await,
            Parent::Path(_) => self.look(&self.resolve(Some(which)).await?).await,
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
    /// It is gone, another manager's, nobody's and not to be taken over, or asked for under another
    /// parent; its new name is taken; or a call failed. Nothing was changed then, or only the name.
    pub(crate) async fn update(&self, id: &str, job: &UnitJob) -> Result<Unit, Refusal> {
        let Some(mut unit) = self.look(id).await? else {
            let object = format!("organizational unit {id} ({})", job.name);
            return Err(Refusal::NoSuchObject { object });
        };
        let object = unit.to_string();
        match self.manager(&unit) {
            Manager::Us => {}
            Manager::Other(manager) => return Err(Refusal::OtherManager { object, manager }),
            Manager::Nobody(_) if job.adopt.takes(id) => {}
            Manager::Nobody(released_from) => {
                return Err(Refusal::Unmanaged { object, released_from });
            }
        }
        self.check_parent(&unit, job.parent.as_ref()).await?;
        if !name::same(&unit.name, &job.name) {
            self.rename(&mut unit, &job.name).await?;
        }
        // `fleet:id` and `fleet:key` stay what they were at birth, whatever the name becomes.
        let mut wanted = job.tags.clone();
        let born = self.born_tags(job, &unit.parent_id).await?;
        for key in [tags::ID, tags::KEY] {
            let value = unit.tags.get(key).or_else(|| born.get(key));
            wanted.extend(value.map(|value| (key.to_owned(), value.clone())));
        }
        wanted.insert(tags::MANAGED_BY.to_owned(), self.config.managed_by.clone());
        let change = TagChange::between(&unit.tags, &wanted, &job.tags_set_before);
        self.write(id, &change).await?;
        change.apply(&mut unit.tags);
        Ok(unit)
    }

    /// Refuses a request for another parent, however it is spelled.
    async fn check_parent(&self, unit: &Unit, parent: Option<&Parent>) -> Result<(), Refusal> {
        let stays = match parent {
            None => unit.parent_id.starts_with("r-"),
            Some(Parent::Id(id)) => unit.parent_id == *id,
            Some(Parent::Path(names)) => {
                unit.above() == Some(unit_path::join(names).as_str())
                    || self.resolve(parent).await? == unit.parent_id
            }
        };
        if stays {
            return Ok(());
        }
        let to = match parent {
            None => "the root".to_owned(),
            Some(Parent::Id(id)) => id.clone(),
            Some(Parent::Path(names)) => unit_path::join(names),
        };
        Err(Refusal::CannotMove { object: unit.to_string(), from: unit.parent_id.clone(), to })
    }

    async fn rename(&self, unit: &mut Unit, name: &str) -> Result<(), Refusal> {
        let naming = self.ports.organizations.rename_organizational_unit(&unit.id, name);
        let named = self.patience.within(naming).await;
        self.shared.tree.forget().await;
        match named {
            Ok(()) => {}
            Err(error) if error.kind == Kind::AlreadyExists => {
                return Err(self.name_taken(&unit.parent_id, name).await?);
            }
            Err(error) => return Err(Refusal::Call(error)),
        }
        unit.path = unit_path::below(unit.above(), name);
        name.clone_into(&mut unit.name);
        Ok(())
    }

    /// Refuses a name that another OU under the parent has.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], or a call failed.
    pub(crate) async fn check_name(
        &self,
        id: &str,
        parent_id: &str,
        name: &str,
    ) -> Result<(), Refusal> {
        match self.named(parent_id, name).await? {
            Some(other) if other.id != id => {
                let by = format!("organizational unit {} ({})", other.id, other.name);
                Err(Refusal::NameTaken { name: name.to_owned(), by })
            }
            _ => Ok(()),
        }
    }

    /// Who has the name that AWS says is taken.
    async fn name_taken(&self, parent_id: &str, name: &str) -> Result<Refusal, Error> {
        let siblings = self.ports.organizations.organizational_units(parent_id);
        let siblings = self.patience.within(siblings).await?;
        let named = |same: fn(&str, &str) -> bool| siblings.iter().find(|of| same(&of.name, name));
        let holder = named(|a, b| a == b).or_else(|| named(|a, b| a.eq_ignore_ascii_case(b)));
        let by = match holder {
            Some(unit) => {
                format!("organizational unit {} ({})", unit.id, unit_path::escaped(&unit.name))
            }
            None => "a unit that AWS does not list yet".to_owned(),
        };
        Ok(Refusal::NameTaken { name: name.to_owned(), by })
    }

    /// Whose an OU that the state knows is. Its `fleet:id` does not follow its name, so the manager
    /// decides alone.
    fn manager(&self, unit: &Unit) -> Manager {
        match unit.tags.get(tags::MANAGED_BY) {
            None => Manager::Nobody(unit.tags.get(tags::RELEASED_FROM).cloned()),
            Some(manager) if *manager == self.config.managed_by => Manager::Us,
            Some(manager) => Manager::Other(manager.clone()),
        }
    }

    pub(crate) async fn resolve(&self, parent: Option<&Parent>) -> Result<String, Refusal> {
        let Some(parent) = parent else {
            return Ok(self.patience.within(self.ports.organizations.root()).await?.id);
        };
        let resolving = parent::find(self.ports, self.shared, parent);
        self.patience.within(async { Ok(resolving.await) }).await?
    }

    async fn born_tags(
        &self,
        job: &UnitJob,
        parent_id: &str,
    ) -> Result<BTreeMap<String, String>, Error> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        let id = tags::fleet_id(&organization.id, &format!("ou/{parent_id}/{}", job.name));
        Ok(ownership::at_birth(&job.tags, &as_tag_value(&job.name), &self.config.managed_by, &id))
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
            let above = self.patience.within(self.shared.tree.unit(self.ports, id));
            names.push(above.await?.map_or_else(|| id.clone(), |above| above.name));
        }
        names.reverse();
        Ok(Unit {
            id: unit.id,
            arn: unit.arn,
            name: unit.name,
            parent_id,
            path: unit_path::join(&names),
            tags,
        })
    }
}

/// Whose an OU is that is known by its id.
enum Manager {
    Us,
    Other(String),
    Nobody(Option<String>),
}

// === impl Unit ===

impl Unit {
    /// The path of the OU that holds it; `None` below the root.
    #[must_use]
    pub fn above(&self) -> Option<&str> {
        unit_path::above(&self.path)
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "organizational unit {} ({})", self.id, self.path)
    }
}

/// The name of an OU may hold what a tag may not.
fn as_tag_value(name: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    name.chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}
