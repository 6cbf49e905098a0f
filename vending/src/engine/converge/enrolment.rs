//! What Control Tower does with the account: whether it governs it, and the turn to be moved where it enrols one account
//! after the other.

use crate::engine::converge::Held;
use crate::engine::landing_zone::{self, Place, Zone};
use crate::engine::pause::Pause;
use crate::error::Error;
use crate::outcome::{Attempt, Failure};
use crate::phase::{Gate, Reason};
use crate::refusal::Refusal;

impl Held<'_, '_> {
    /// Asks whether the landing zone governs the account. `fresh` asks about this account, for who waits for it.
    ///
    /// # Errors
    /// The run was stopped.
    pub(crate) async fn ask_landing_zone(&mut self, fresh: bool) -> Result<(), Error> {
        let (ports, shared) = (self.run.ports, self.run.shared);
        let place = Place {
            account_id: &self.facts.id,
            account_arn: &self.facts.arn,
            unit: &self.facts.parent_id,
        };
        let asking = landing_zone::gate(ports, shared, place, fresh);
        let gate = self.run.patience.within(async { Ok(asking.await) }).await?;
        if !matches!(gate, Gate::Pending(_)) {
            // Control Tower is done with it, or will not begin: the next account may come.
            self.turn = None;
        }
        self.failures.retain(|of| of.attempt != Attempt::Enrolment);
        if let Gate::Blocked(Reason::NotGoverned(why)) = &gate {
            let object = format!("account {}", self.facts.id);
            let refusal = Refusal::NotGoverned { object, why: why.clone() };
            self.failures.push(Failure { attempt: Attempt::Enrolment, refusal });
        }
        self.seen.governed = Some(gate);
        Ok(())
    }

    /// Waits until the account may be moved into a unit: where Control Tower enrols by itself, it takes one account after the
    /// other, and an account that comes while it is at work on another one drifts. The turn is kept until Control Tower is
    /// done with the account, or the run ends.
    ///
    /// # Errors
    /// The run was stopped; where it was out of time, that is told as a failure of `attempt`.
    pub(super) async fn wait_for_turn(
        &mut self,
        unit: &str,
        attempt: Attempt,
    ) -> Result<(), Error> {
        self.turn = None;
        let (ports, shared) = (self.run.ports, self.run.shared);
        let finding = async { Ok(shared.landing_zone(ports).await) };
        let Ok(Zone::Found(ground)) = self.run.patience.within(finding).await? else {
            // Nothing to wait for; what could not be read is told when it is asked whether the account is governed.
            return Ok(());
        };
        let unit_arn = landing_zone::unit_arn(&self.facts.arn, unit);
        let Some(unit_arn) = unit_arn.filter(|_| ground.zone.enrols) else { return Ok(()) };
        let home = ground.zone.region.as_str();
        let begin = self.run.patience.now();
        self.turn = Some(self.run.patience.unless_cancelled(shared.moves().turn(unit)).await?);
        self.run.patience.forgive(begin);

        let targets = [unit_arn];
        let asking = ports.control_tower.enabled_baselines(home, &targets);
        let enabled = match self.run.patience.within(asking).await {
            Ok(enabled) => enabled,
            Err(error) if error.is_stop() => return Err(error),
            // The move itself says what is wrong.
            Err(_) => return Ok(()),
        };
        let Some(of_unit) = ground.of_unit(unit, &enabled) else { return Ok(()) };
        for looks in 0.. {
            let asking = ports.control_tower.under_change(home, &of_unit.arn);
            let busy = match self.run.patience.within(asking).await {
                Ok(busy) => busy,
                Err(error) if error.is_stop() => return Err(error),
                Err(_) => return Ok(()),
            };
            let Some(other) = busy.iter().find(|of| of.target != self.facts.id) else { break };
            let refusal = Refusal::UnitBusy { unit: unit.to_owned(), other: other.target.clone() };
            let pause = Pause::growing(looks, 30, refusal.to_string());
            if let Err(error) = self.run.patience.pause(&pause).await {
                self.not_placed(attempt, refusal);
                return Err(error);
            }
        }
        Ok(())
    }
}
