//! What Control Tower does with the account: whether it governs it, and the turn to be moved where it enrols one account
//! after the other.

use crate::aws::account::converge::Held;
use crate::aws::account::governance::of_call;
use crate::aws::api::Ports;
use crate::aws::organization::landing_zone::{self, Ground, Verdict, Zone};
use crate::aws::organization::shared::Shared;
use crate::aws::pause::Pause;
use crate::error::Error;
use crate::not_governed::NotGoverned;
use crate::outcome::{Attempt, Failure};
use crate::phase::{Gate, Reason};
use crate::refusal::Refusal;
use crate::trying;

/// Which account, and where it is.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    /// 12 digits.
    account_id: &'a str,
    /// Its ARN in the organization.
    account_arn: &'a str,
    /// The id of the unit or root that it is in.
    unit: &'a str,
}

impl Held<'_, '_> {
    /// Asks whether the landing zone governs the account. `fresh` asks about this account, for who waits for it.
    ///
    /// # Errors
    /// The run was stopped.
    pub(crate) async fn ask_landing_zone(&mut self, fresh: bool) -> Result<(), Error> {
        let (ports, shared) = (self.run.ports, self.run.shared);
        let place = Place {
            account_id: &self.id,
            account_arn: &self.facts.arn,
            unit: &self.facts.parent_id,
        };
        let asking = gate(ports, shared, place, fresh);
        let gate = self.run.patience.within(async { Ok(asking.await) }).await?;
        if !matches!(gate, Gate::Pending(_)) {
            // Control Tower is done with it, or will not begin: the next account may come.
            self.turn = None;
        }
        self.failures.retain(|of| of.attempt != Attempt::Enrolment);
        if let Gate::Blocked(Reason::NotGoverned(why)) = &gate {
            let object = format!("account {}", self.id);
            let refusal = Refusal::NotGoverned { object, why: why.clone() };
            self.failures.push(Failure { attempt: Attempt::Enrolment, refusal });
        }
        self.seen.governed = Some(gate);
        Ok(())
    }

    /// Waits until the account may be moved into a unit: where Control Tower enrols by itself, it takes one account after the
    /// other, and an account that comes while it is at work on another one drifts. The turn is kept until Control Tower is
    /// done with the account, or the run ends. False: whether it may be moved could not be asked, which is told as a failure
    /// of `attempt`, and it stays where it is: one that drifts is mended by hand.
    ///
    /// # Errors
    /// The run was stopped; where it was out of time, that is told as a failure of `attempt`.
    pub(super) async fn wait_for_turn(
        &mut self,
        unit: &str,
        attempt: Attempt,
    ) -> Result<bool, Error> {
        self.turn = None;
        if self.seen.at_rest() {
            // A freeze waits for nobody, and nothing of the landing zone is asked of an account at rest.
            return Ok(true);
        }
        let (ports, shared) = (self.run.ports, self.run.shared);
        let finding = async { Ok(shared.landing_zone(ports).await) };
        let ground = match self.run.patience.within(finding).await? {
            Ok(Zone::Found(ground)) => ground,
            // There is nothing to wait for, or nobody here can see it: that is told when it is asked whether it is governed.
            Ok(Zone::None | Zone::Unseen { .. }) => return Ok(true),
            Err(refusal) => {
                self.not_placed(attempt, refusal);
                return Ok(false);
            }
        };
        let unit_arn = landing_zone::unit_arn(&self.facts.arn, unit);
        let Some(unit_arn) = unit_arn.filter(|_| ground.zone.enrols) else { return Ok(true) };
        let home = ground.zone.region.as_str();
        let targets = [unit_arn];
        let asking = ports.control_tower.enabled_baselines(home, &targets);
        let enabled = match self.run.patience.within(asking).await {
            Ok(enabled) => enabled,
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => {
                self.not_placed(attempt, Refusal::Call(error));
                return Ok(false);
            }
        };
        let Some(of_unit) = ground.of_unit(unit, &enabled) else { return Ok(true) };
        let begin = self.run.patience.now();
        self.turn = Some(self.run.patience.unless_cancelled(shared.moves().turn(unit)).await?);
        self.run.patience.forgive(begin);
        for looks in 0.. {
            let asking = ports.control_tower.under_change(home, &of_unit.arn);
            let busy = match self.run.patience.within(asking).await {
                Ok(busy) => busy,
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => {
                    self.turn = None;
                    self.not_placed(attempt, Refusal::Call(error));
                    return Ok(false);
                }
            };
            let Some(other) = busy.iter().find(|of| self.id != of.target) else { break };
            let refusal = Refusal::UnitBusy { unit: unit.to_owned(), other: other.target.clone() };
            let pause = Pause::growing(looks, 30, refusal.to_string());
            if let Err(error) = self.run.patience.pause(&pause).await {
                self.not_placed(attempt, refusal);
                return Err(error);
            }
        }
        Ok(true)
    }
}

/// Whether Control Tower governs the account; open where the organization has no landing zone. `fresh` asks about this
/// account, for who waits for it; otherwise one listing serves all.
async fn gate(ports: &Ports, shared: &Shared, place: Place<'_>, fresh: bool) -> Gate {
    let ground = match shared.landing_zone(ports).await {
        Ok(Zone::None) => return Gate::Open,
        Ok(Zone::Unseen { reader, management }) => {
            let (reader, management) = (reader.clone(), management.clone());
            let why = NotGoverned::Unseen { reader, management };
            return Gate::Blocked(Reason::NotGoverned(why));
        }
        Ok(Zone::Found(ground)) => ground,
        Err(Refusal::Call(error)) => return of_call(error),
        Err(refusal) => return Gate::Blocked(refusal.to_string().into()),
    };
    match govern(ports, shared, ground, place, fresh).await {
        Ok(None) => Gate::Open,
        Ok(Some(why)) if why.may_pass() => Gate::Pending(Reason::NotGoverned(why)),
        Ok(Some(why)) => Gate::Blocked(Reason::NotGoverned(why)),
        Err(error) => of_call(error),
    }
}

async fn govern(
    ports: &Ports,
    shared: &Shared,
    ground: &Ground,
    place: Place<'_>,
    fresh: bool,
) -> Result<Option<NotGoverned>, Error> {
    let home = ground.zone.region.as_str();
    let asked;
    let enabled = if fresh {
        let unit = landing_zone::unit_arn(place.account_arn, place.unit);
        let targets: Vec<String> =
            [Some(place.account_arn.to_owned()), unit].into_iter().flatten().collect();
        asked = ports.control_tower.enabled_baselines(home, &targets).await?;
        asked.as_slice()
    } else {
        shared.baselines(ports, home).await?
    };
    let verdict = landing_zone::judge(ground, place.account_id, place.unit, enabled);
    let Verdict::Failed { operation } = verdict else { return Ok(verdict.why(ground, place.unit)) };
    let Some(operation) = operation else { return Ok(Some(NotGoverned::failed(None))) };
    match ports.control_tower.status_message(home, &operation).await {
        Ok(message) => Ok(Some(NotGoverned::failed(message.as_deref()))),
        // Control Tower keeps what it says for 90 days.
        Err(error) if error.is_not_found() => {
            trying::made_up_for(&error);
            Ok(Some(NotGoverned::failed(None)))
        }
        Err(error) => Err(error),
    }
}
