//! Organizational units.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{LOOK, Vending};
use crate::aws::unit::Units;
use crate::aws::unit::{Claims, Origin, Unit, UnitAdoption, UnitJob, UnitRelease};
use crate::refusal::{Refusal, Task};
use crate::unit_path::Parent;

impl Vending {
    /// An OU of this name is planned: a path that names it is not wrong for its absence.
    pub fn plan_unit(&self, name: &str) {
        self.shared.preflight.plan_unit(name);
    }

    /// Finds an OU under its parent, takes it over, or makes it, and says which. `claims` are those that other blocks
    /// of the configuration hold.
    ///
    /// # Errors
    /// It belongs to somebody else or to another block, or a call failed.
    pub async fn create_unit(
        &self,
        job: &UnitJob,
        claims: &Claims,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<(Unit, Origin), Refusal> {
        let units = self.units(limit, cancel);
        self.admit(&units.patience, Some(Task::ChangeUnit)).await?;
        units.find_or_create(job, claims).await
    }

    /// The OU that [`Self::create_unit`] would take over, or find again, without changing anything; `None` when
    /// no OU has the name.
    ///
    /// # Errors
    /// It belongs to somebody else, its parent is not there and nobody plans it, or a call failed.
    pub async fn adoptable_unit(
        &self,
        job: &UnitJob,
        cancel: &CancellationToken,
    ) -> Result<Option<UnitAdoption>, Refusal> {
        let units = self.units_looking(LOOK, cancel);
        self.admit(&units.patience, None).await?;
        units.adoptable(job).await
    }

    /// The id of the OU or root of `parent`, or of the root where that says nothing.
    ///
    /// # Errors
    /// There is none, or a call failed.
    pub async fn parent_of_unit(
        &self,
        parent: Option<&Parent>,
        cancel: &CancellationToken,
    ) -> Result<String, Refusal> {
        let units = self.units_looking(LOOK, cancel);
        self.admit(&units.patience, None).await?;
        units.resolve(parent).await
    }

    /// Whether the OU `id`, under the OU or root `parent_id`, can get this name.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], or a call failed.
    pub async fn check_unit_name(
        &self,
        id: &str,
        parent_id: &str,
        name: &str,
        cancel: &CancellationToken,
    ) -> Result<(), Refusal> {
        let units = self.units_looking(LOOK, cancel);
        self.admit(&units.patience, None).await?;
        units.check_name(id, parent_id, name).await
    }

    /// An OU as it is, by its id or path; `None` when nothing has the id.
    ///
    /// # Errors
    /// The path names no OU, or a call failed.
    pub async fn look_at_unit(
        &self,
        which: &Parent,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Option<Unit>, Refusal> {
        let units = self.units_looking(limit, cancel);
        self.admit(&units.patience, None).await?;
        units.find(which).await
    }

    /// Changes an OU's name and tags.
    ///
    /// # Errors
    /// It is gone or another manager's, or a call failed.
    pub async fn update_unit(
        &self,
        id: &str,
        job: &UnitJob,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Unit, Refusal> {
        let units = self.units(limit, cancel);
        self.admit(&units.patience, None).await?;
        units.update(id, job).await
    }

    /// Deletes an OU when it is empty, else lets it go, and says what is in it.
    ///
    /// # Errors
    /// It is another manager's, or a call failed.
    pub async fn delete_unit(
        &self,
        id: &str,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Option<UnitRelease>, Refusal> {
        let units = self.units(limit, cancel);
        self.admit(&units.patience, None).await?;
        units.delete(id).await
    }

    /// What [`Self::delete_unit`] would leave of an OU as it is now; `None`, when it would be gone.
    ///
    /// # Errors
    /// It is another manager's, or a call failed.
    pub async fn farewell_of_unit(
        &self,
        id: &str,
        cancel: &CancellationToken,
    ) -> Result<Option<UnitRelease>, Refusal> {
        let units = self.units_looking(LOOK, cancel);
        self.admit(&units.patience, None).await?;
        units.would_leave(id).await
    }

    fn units_looking<'a>(&'a self, limit: Duration, cancel: &CancellationToken) -> Units<'a> {
        Units { patience: self.looking(limit, cancel), ..self.units(limit, cancel) }
    }

    fn units<'a>(&'a self, limit: Duration, cancel: &CancellationToken) -> Units<'a> {
        Units {
            ports: &self.ports,
            shared: &self.shared,
            config: &self.config,
            patience: self.patience(limit, cancel),
        }
    }
}
