//! An OU that no state knows: found under its parent by its name, taken over, or made.

use std::collections::BTreeMap;

use fleet_model::tags;

use super::{Claims, Unit, UnitJob, Units};
use crate::aws::account::ownership;
use crate::aws::account::ownership::{Holder, TagChange};
use crate::aws::api::OrganizationalUnit;
use crate::aws::pause::Pause;
use crate::error::Kind;
use crate::refusal::Refusal;
use crate::unit_path::{self, Parent};

/// How often a name that AWS says is taken is looked for: a listing lags behind a create.
const LOOKS: u32 = 6;

/// What taking over an OU means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitAdoption {
    /// The OU as it is.
    pub unit: Unit,
    /// Whether it is ours already: it is taken up, and not over.
    pub is_ours: bool,
    /// Who released it, if somebody did.
    pub released_from: Option<String>,
    /// The user's tags that would be written, by key.
    pub tags: BTreeMap<String, String>,
}

/// Where an OU comes from that a create has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The create made it.
    Made,
    /// It was there when the create looked.
    Found,
}

impl Units<'_> {
    /// Finds the OU of that name under its parent, or makes it, and says which. One that is there is ours only by
    /// its tags: another state's OU of the same name is refused by its manager's name, and one of
    /// nobody is taken over only if the job says so.
    ///
    /// # Errors
    /// It belongs to somebody else or to another block, it is not the one that the plan named, or a
    /// call failed.
    pub(crate) async fn find_or_create(
        &self,
        job: &UnitJob,
        claims: &Claims,
    ) -> Result<(Unit, Origin), Refusal> {
        let parent_id = self.resolve(job.parent.as_ref()).await?;
        let born = self.born_tags(job, &parent_id).await?;
        for looks in 0..LOOKS {
            if let Some(found) = self.named(&parent_id, &job.name).await? {
                let unit = self.bind(job, found, &parent_id, &born, claims).await?;
                return Ok((unit, Origin::Found));
            }
            if let Some(planned) = job.adopt.planned() {
                let object = format!("organizational unit {planned} ({})", job.name);
                return Err(Refusal::NotAsPlanned { object, found: None });
            }
            let organizations = &self.ports.organizations;
            let making = organizations.create_organizational_unit(&parent_id, &job.name, &born);
            let made = self.patience.within(making).await;
            self.shared.tree.forget().await;
            match made {
                Ok(made) => {
                    claim(claims, &made)?;
                    let unit = self.describe(made, parent_id, born).await?;
                    return Ok((unit, Origin::Made));
                }
                // Another run made it between the look and the call, or an answer of ours was lost.
                Err(error) if error.kind == Kind::AlreadyExists => {}
                Err(error) => return Err(Refusal::Call(error)),
            }
            let pause = Pause::growing(looks, 10, "the organizational unit of that name to show");
            self.patience.pause(&pause).await?;
        }
        Err(self.name_taken(&parent_id, &job.name).await?)
    }

    /// What [`Self::find_or_create`] would take over, or find again; `None` when no OU has the name.
    ///
    /// # Errors
    /// It belongs to somebody else, its parent is not there and nobody plans it, or a call failed.
    pub(crate) async fn adoptable(&self, job: &UnitJob) -> Result<Option<UnitAdoption>, Refusal> {
        let parent_id = match self.resolve(job.parent.as_ref()).await {
            Ok(parent_id) => parent_id,
            // Another block makes it first.
            Err(Refusal::NoSuchParent { .. }) if matches!(&job.parent, Some(Parent::Path(names)) if self.shared.preflight.plans_one_of(names)) =>
            {
                return Ok(None);
            }
            Err(refusal) => return Err(refusal),
        };
        let Some(found) = self.named(&parent_id, &job.name).await? else { return Ok(None) };
        let born = self.born_tags(job, &parent_id).await?;
        let has = self.patience.within(self.ports.organizations.tags(&found.id)).await?;
        let (is_ours, released_from) = match self.holder(&found, &has, &born)? {
            Holder::Nobody(released_from) => (false, released_from),
            _ => (true, None),
        };
        let mut set = TagChange::between(&has, &born, &job.tags_set_before).set;
        set.retain(|key, _| !key.starts_with(tags::PREFIX));
        let unit = self.describe(found, parent_id, has).await?;
        Ok(Some(UnitAdoption { unit, is_ours, released_from, tags: set }))
    }

    pub(super) async fn named(
        &self,
        parent_id: &str,
        name: &str,
    ) -> Result<Option<OrganizationalUnit>, Refusal> {
        let siblings = self.ports.organizations.organizational_units(parent_id);
        let siblings = self.patience.within(siblings).await?;
        Ok(siblings.into_iter().find(|unit| crate::name::same(&unit.name, name)))
    }

    async fn bind(
        &self,
        job: &UnitJob,
        found: OrganizationalUnit,
        parent_id: &str,
        born: &BTreeMap<String, String>,
        claims: &Claims,
    ) -> Result<Unit, Refusal> {
        if let Some(planned) = job.adopt.planned().filter(|planned| **planned != found.id) {
            let object = format!("organizational unit {planned} ({})", job.name);
            return Err(Refusal::NotAsPlanned { object, found: Some(found.id) });
        }
        let mut has = self.patience.within(self.ports.organizations.tags(&found.id)).await?;
        if let Holder::Nobody(released_from) = self.holder(&found, &has, born)?
            && !job.adopt.takes(&found.id)
        {
            return Err(Refusal::Unmanaged { object: object(&found), released_from });
        }
        claim(claims, &found)?;
        let change = TagChange::between(&has, born, &job.tags_set_before);
        self.write(&found.id, &change).await?;
        change.apply(&mut has);
        Ok(self.describe(found, parent_id.to_owned(), has).await?)
    }

    /// Ours or nobody's; whose it is otherwise, is the refusal.
    fn holder(
        &self,
        found: &OrganizationalUnit,
        has: &BTreeMap<String, String>,
        born: &BTreeMap<String, String>,
    ) -> Result<Holder, Refusal> {
        let fleet_id = born.get(tags::ID).map(String::as_str).unwrap_or_default();
        let object = object(found);
        match ownership::holder(has, &self.config.managed_by, fleet_id) {
            Holder::Other(manager) => Err(Refusal::OtherManager { object, manager }),
            Holder::OtherKey(key) => Err(Refusal::OtherKey { object, key }),
            holder @ (Holder::Us | Holder::Nobody(_)) => Ok(holder),
        }
    }
}

fn claim(claims: &Claims, unit: &OrganizationalUnit) -> Result<(), Refusal> {
    if claims.claim(&unit.id) { Ok(()) } else { Err(Refusal::HeldTwice { object: object(unit) }) }
}

fn object(unit: &OrganizationalUnit) -> String {
    format!("organizational unit {} ({})", unit.id, unit_path::escaped(&unit.name))
}
