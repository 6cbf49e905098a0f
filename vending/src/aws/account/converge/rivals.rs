//! Whether an account that the state knows has its key.

use crate::aws::account::converge::Held;
use crate::aws::account::ownership::Holder;
use crate::duplicate::{Claimant, Duplicate};
use crate::error::Error;
use crate::outcome::Facts;

impl Held<'_, '_> {
    /// Whether another account has its key, as far as this process knows. One that has not is not touched any more.
    ///
    /// # Errors
    /// The accounts could not be listed.
    pub(crate) async fn find_rivals(&mut self) -> Result<(), Error> {
        let Facts { id, name, email, .. } = self.facts.clone();
        let managed_by = self.run.config.managed_by.clone();
        let own = Claimant { id, name, email, managed_by, joined_at: self.joined_at };
        let marked = self.holder() == Holder::Us;
        let found = self.run.known_rivals(own, &self.fleet_id, marked).await?;
        self.contest(found);
        Ok(())
    }

    fn contest(&mut self, found: Option<Duplicate>) {
        let Some(duplicate) = found else { return };
        if duplicate.loses(&self.id) {
            self.seen.loses_to = Some(duplicate.winner().id.clone());
            self.readiness = Some(duplicate.readiness());
        }
        self.duplicate = Some(Box::new(duplicate));
    }
}
