//! What Control Tower would do with a planned account, or not do.

use super::{Finding, Intent, Preflight};
use crate::aws::api::{Enablement, LandingZone, ZoneKind, ZoneState};
use crate::aws::organization::landing_zone::{Ground, Zone};
use crate::aws::organization::parent;
use crate::error::{Error, Kind};
use crate::not_governed::NotGoverned;
use crate::refusal::Refusal;
use crate::unit_path::Parent;

/// Why a planned account would not be governed where it is to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ungoverned {
    /// The argument that names the unit.
    pub asked_by: &'static str,
    /// The id of the unit.
    pub unit: String,
    /// The landing zone.
    pub zone: LandingZone,
    /// Why.
    pub why: Hindrance,
}

/// What of Control Tower stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// The unit is registered, and nobody enrols what is moved there. `too_old`: this version cannot.
    NobodyEnrols {
        /// Whether the landing zone has to be updated first.
        too_old: bool,
    },
    /// The unit is not registered.
    NotRegistered,
    /// Control Tower is at work on the landing zone, or could not finish.
    ZoneNotActive,
    /// Control Tower is at work on the unit's baseline, or could not finish.
    UnitNotReady,
}

impl Hindrance {
    /// Whether the apply would make an account that nobody enrols.
    #[must_use]
    pub const fn blocks(self) -> bool {
        matches!(self, Self::NobodyEnrols { .. })
    }
}

/// The first version that enrols by itself
/// ([user guide](https://docs.aws.amazon.com/controltower/latest/userguide/account-auto-enrollment.html)).
const ENROLS_SINCE: (u32, u32) = (3, 1);

impl Preflight<'_> {
    /// What stands in the way in the units that the account is to be moved into. Costs the calls that a process makes once.
    pub(super) async fn ungoverned(&self, intent: &Intent) -> Result<Vec<Finding>, Error> {
        if intent.enters.is_empty() {
            return Ok(Vec::new());
        }
        let ground = match self.shared.landing_zone(self.ports).await {
            Ok(Zone::Found(ground)) => ground,
            Ok(Zone::None) => return Ok(Vec::new()),
            Ok(Zone::Unseen { reader, management }) => {
                let why =
                    NotGoverned::Unseen { reader: reader.clone(), management: management.clone() };
                let call = "controltower:ListLandingZones";
                return Err(Error::new(
                    call,
                    Kind::Denied,
                    "AccessDeniedException",
                    why.to_string(),
                ));
            }
            Err(Refusal::Call(error)) => return Err(error),
            // That of the account itself is told.
            Err(_) => return Ok(Vec::new()),
        };
        let mut findings = Vec::new();
        for (asked_by, parent) in &intent.enters {
            let Some(unit) = self.entered(intent, parent).await? else { continue };
            let enabled = self.shared.baselines(self.ports, &ground.zone.region).await?;
            let of_unit = ground.of_unit(&unit, enabled).map(|of| of.status);
            if let Some(why) = hindrance(ground, of_unit) {
                let zone = ground.zone.clone();
                findings.push(Finding::Ungoverned(Ungoverned { asked_by, unit, zone, why }));
            }
        }
        Ok(findings)
    }

    /// The id of the unit, if it is there and the account is not in it already.
    async fn entered(&self, intent: &Intent, parent: &Parent) -> Result<Option<String>, Error> {
        let unit = match parent::resolve(self.ports, self.shared, parent).await {
            Ok(unit) => unit,
            Err(Refusal::Call(error)) => return Err(error),
            // That it is not there is another finding, or this plan makes it.
            Err(_) => return Ok(None),
        };
        let sweep = self.shared.sweep(self.ports).await?;
        let mut there = sweep.values().filter(|of| of.parent_id.as_deref() == Some(&*unit));
        let is_it = there.any(|of| match (&intent.account_id, &intent.email) {
            (Some(id), _) => of.id == *id,
            (None, Some(email)) => of.email.eq_ignore_ascii_case(email),
            (None, None) => false,
        });
        Ok((!is_it).then_some(unit))
    }
}

/// What stands in the way in a unit with this baseline.
fn hindrance(ground: &Ground, of_unit: Option<Enablement>) -> Option<Hindrance> {
    let zone = &ground.zone;
    match (of_unit, zone.state) {
        (None, _) if zone.kind == ZoneKind::ControlsOnly => None,
        (None, _) => Some(Hindrance::NotRegistered),
        // Who registers the unit, or resets it, enrols what is in it; but only what is there by now.
        (Some(_), _) if !zone.enrols => {
            Some(Hindrance::NobodyEnrols { too_old: version(&zone.version) < ENROLS_SINCE })
        }
        (Some(_), ZoneState::Processing | ZoneState::Failed) => Some(Hindrance::ZoneNotActive),
        (Some(Enablement::UnderChange | Enablement::Failed), _) => Some(Hindrance::UnitNotReady),
        (Some(Enablement::Succeeded | Enablement::Other), _) => None,
    }
}

/// A version as numbers; one that is no version is new.
fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    let (major, minor) = (parts.next().flatten(), parts.next().flatten());
    (major.unwrap_or(u32::MAX), minor.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way_is_told_by_its_cause() {
        use Enablement::{Failed, Succeeded, UnderChange};
        let zone = LandingZone {
            arn: String::new(),
            region: "eu-west-1".into(),
            version: "3.3".into(),
            state: ZoneState::Active,
            is_drifted: false,
            kind: ZoneKind::Baselines,
            enrols: true,
        };
        let ground = |zone| Ground { zone, baselines: Vec::new() };
        let off =
            |version: &str| LandingZone { enrols: false, version: version.into(), ..zone.clone() };
        let state = |state| LandingZone { state, ..zone.clone() };
        let controls = LandingZone { kind: ZoneKind::ControlsOnly, ..zone.clone() };
        for (zone, of_unit, expected) in [
            (zone.clone(), Some(Succeeded), None),
            (zone.clone(), None, Some(Hindrance::NotRegistered)),
            (zone.clone(), Some(UnderChange), Some(Hindrance::UnitNotReady)),
            (zone.clone(), Some(Failed), Some(Hindrance::UnitNotReady)),
            (controls.clone(), None, None),
            (controls, Some(Failed), Some(Hindrance::UnitNotReady)),
            (off("3.3"), Some(Succeeded), Some(Hindrance::NobodyEnrols { too_old: false })),
            (off("3.0"), Some(Succeeded), Some(Hindrance::NobodyEnrols { too_old: true })),
            (off("2.10"), Some(Succeeded), Some(Hindrance::NobodyEnrols { too_old: true })),
            (off("10.0"), Some(Succeeded), Some(Hindrance::NobodyEnrols { too_old: false })),
            (off("3.3"), None, Some(Hindrance::NotRegistered)),
            (state(ZoneState::Processing), Some(Succeeded), Some(Hindrance::ZoneNotActive)),
            (state(ZoneState::Failed), Some(Succeeded), Some(Hindrance::ZoneNotActive)),
        ] {
            assert_eq!(hindrance(&ground(zone.clone()), of_unit), expected, "{zone:?} {of_unit:?}");
        }
    }
}
