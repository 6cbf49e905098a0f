//! The landing zone of Control Tower: where it is, whether it governs an account, and whose turn it is to move one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::standing::Standing;
use crate::aws::api::member::RegionStatus;
use crate::aws::api::{EnabledBaseline, Enablement, LandingZone, Ports, ZoneKind};
use crate::error::{Error, Kind};
use crate::not_governed::NotGoverned;
use crate::refusal::Refusal;
use crate::trying;

/// What the organization has of Control Tower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Nothing.
    None,
    /// It may have a landing zone, and the account that reads cannot see it.
    Unseen {
        /// The account whose credentials read.
        reader: String,
        /// The management account.
        management: String,
    },
    /// A landing zone.
    Found(Box<Ground>),
}

/// A landing zone, and by what it governs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ground {
    pub(crate) zone: LandingZone,
    /// The ARNs of the baselines that accounts inherit from their unit, the one first by which a unit is registered.
    pub(crate) baselines: Vec<String>,
}

/// Looks for the landing zone, in an organization that lets Control Tower work in it.
///
/// # Errors
/// A call failed.
pub(crate) async fn find(ports: &Ports, standing: &Standing) -> Result<Zone, Refusal> {
    let (reader, management) = (&standing.reads_from, &standing.management_account_id);
    let is_management = reader == management;
    let unseen = || Zone::Unseen { reader: reader.to_string(), management: management.to_string() };
    let arn = match arn(ports, standing).await {
        Ok(Some(arn)) => arn,
        // Control Tower keeps its access when a landing zone is taken down.
        Ok(None) if is_management => return Ok(Zone::None),
        Ok(None) => return Ok(unseen()),
        Err(error) if error.kind == Kind::Denied && !is_management => {
            trying::made_up_for(&error);
            return Ok(unseen());
        }
        Err(error) => return Err(error.into()),
    };
    let zone = ports.control_tower.landing_zone(&arn).await?;
    let baselines = ports.control_tower.unit_baselines(&zone.region).await?;
    Ok(Zone::Found(Box::new(Ground { zone, baselines })))
}

/// The ARN of the landing zone. Each region that is enabled by default knows it, wherever it is; a region that is opted in
/// knows only its own. So the session's region is asked, then the one where Organizations lives, then those that are opted in.
async fn arn(ports: &Ports, standing: &Standing) -> Result<Option<String>, Error> {
    let mut unreachable = None;
    let (session, main) = (standing.region.as_str(), standing.partition.organizations_region());
    let first = [Some(None), (main != session).then_some(Some(main))];
    for region in first.into_iter().flatten() {
        if let Some(arn) = ask(ports, region, &mut unreachable).await? {
            return Ok(Some(arn));
        }
    }
    let regions = ports.regions.of_caller().await?;
    for (region, _) in regions.iter().filter(|(_, status)| **status == RegionStatus::Enabled) {
        if region != session
            && let Some(arn) = ask(ports, Some(region), &mut unreachable).await?
        {
            return Ok(Some(arn));
        }
    }
    unreachable.map_or(Ok(None), Err)
}

/// Asks a region; one that cannot be reached may have no Control Tower, and another one is asked.
async fn ask(
    ports: &Ports,
    region: Option<&str>,
    unreachable: &mut Option<Error>,
) -> Result<Option<String>, Error> {
    match ports.control_tower.landing_zone_arn(region).await {
        Err(error) if error.cause.is_unreachable() => {
            trying::made_up_for(&error);
            unreachable.get_or_insert(error);
            Ok(None)
        }
        answer => answer,
    }
}

/// What the enabled baselines say of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Governed,
    NotRegistered,
    NotEnrolled,
    Enrolling,
    Failed { operation: Option<String> },
    FromElsewhere,
    Drifted,
    Unknown,
}

impl Verdict {
    /// Why an account in this unit is not governed; `None` when it is.
    pub(crate) fn why(self, ground: &Ground, unit: &str) -> Option<NotGoverned> {
        let (unit, enrols) = (unit.to_owned(), ground.zone.enrols);
        Some(match self {
            Self::Governed => return None,
            Self::NotRegistered => NotGoverned::NotRegistered { unit },
            Self::NotEnrolled if enrols => NotGoverned::NotEnrolled,
            Self::NotEnrolled => NotGoverned::NobodyEnrols,
            Self::Enrolling => NotGoverned::Enrolling,
            Self::Failed { .. } => NotGoverned::failed(None),
            Self::FromElsewhere => NotGoverned::FromElsewhere { unit, enrols },
            Self::Drifted => NotGoverned::Drifted { unit, enrols },
            Self::Unknown => NotGoverned::Unknown,
        })
    }
}

/// Whether an account is governed where it is: its own baseline is in place, inherited from the unit that it is in, and as
/// there. One that it has from where it was before, or that somebody changed, counts for nothing.
pub(crate) fn judge(
    ground: &Ground,
    account_id: &str,
    unit: &str,
    enabled: &[EnabledBaseline],
) -> Verdict {
    let Some(of_unit) = ground.of_unit(unit, enabled) else {
        return match ground.zone.kind {
            // There is nothing that an account could inherit.
            ZoneKind::ControlsOnly => Verdict::Governed,
            ZoneKind::Baselines => Verdict::NotRegistered,
        };
    };
    let own = |of: &&EnabledBaseline| of.target == account_id && of.baseline == of_unit.baseline;
    let Some(own) = enabled.iter().find(own) else {
        // Whoever registers a unit, or resets it, enrols what is in it.
        return match of_unit.status {
            Enablement::UnderChange => Verdict::Enrolling,
            _ => Verdict::NotEnrolled,
        };
    };
    let is_inherited = own.parent.as_ref() == Some(&of_unit.arn);
    match own.status {
        Enablement::UnderChange => Verdict::Enrolling,
        Enablement::Other => Verdict::Unknown,
        // A failure in another unit is none in this one.
        Enablement::Failed if is_inherited || own.parent.is_none() => {
            Verdict::Failed { operation: own.operation.clone() }
        }
        Enablement::Succeeded if is_inherited && own.is_drifted => Verdict::Drifted,
        Enablement::Succeeded if is_inherited => Verdict::Governed,
        Enablement::Failed | Enablement::Succeeded => Verdict::FromElsewhere,
    }
}

// === impl Ground ===

impl Ground {
    /// The baseline by which a unit is registered.
    pub(crate) fn of_unit<'e>(
        &self,
        unit: &str,
        enabled: &'e [EnabledBaseline],
    ) -> Option<&'e EnabledBaseline> {
        let on = |baseline: &String| {
            enabled.iter().find(|of| of.target == unit && of.baseline == *baseline)
        };
        self.baselines.iter().find_map(on)
    }
}

/// The ARN of a unit of the organization of this account; `None` for the root, on which no baseline is enabled.
pub(crate) fn unit_arn(account_arn: &str, unit: &str) -> Option<String> {
    let (before, rest) = account_arn.split_once(":account/")?;
    let (organization_id, _) = rest.split_once('/')?;
    unit.starts_with("ou-").then(|| format!("{before}:ou/{organization_id}/{unit}"))
}

/// Where Control Tower enrols by itself, it takes one account at a time for each unit: whose turn it is in this process.
#[derive(Default)]
pub(crate) struct Moves(Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>);

/// The turn of an account to be moved into a unit, until Control Tower is done with it.
pub(crate) type Turn = tokio::sync::OwnedMutexGuard<()>;

impl Moves {
    /// Waits for the turn.
    pub(crate) async fn turn(&self, unit: &str) -> Turn {
        let lock = {
            let mut units = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(units.entry(unit.to_owned()).or_default())
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests;
