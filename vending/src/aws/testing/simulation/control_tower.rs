//! Control Tower: a landing zone that enrols what is moved into its units, each in its time and one after the other.

use super::*;

/// The regions that are opted in: a landing zone there is known in no other.
const OPTED_IN: [&str; 2] = ["ap-southeast-3", "me-south-1"];
const BASELINE: &str = "arn:aws:controltower:eu-west-1::baseline/17BSJV3IGJ2QSGA2";

pub(super) fn opted_in(region: &str) -> bool {
    OPTED_IN.contains(&region)
}

/// The landing zone, and what it has enrolled.
pub(crate) struct Tower {
    pub(crate) home: &'static str,
    pub(crate) version: &'static str,
    pub(crate) state: ZoneState,
    pub(crate) kind: ZoneKind,
    /// Whether it enrols by itself what is moved into a registered unit.
    pub(crate) enrols: bool,
    /// How long it takes to see a move.
    pub(crate) lag_seconds: i64,
    /// How long it takes to enrol an account.
    pub(crate) seconds: i64,
    pub(crate) registered: BTreeSet<String>,
    /// The accounts, by id.
    pub(crate) accounts: BTreeMap<String, Enrolled>,
    /// What the next enrolments fail with.
    pub(crate) failures: VecDeque<&'static str>,
    /// The most accounts that were enrolled in one unit at a time.
    pub(crate) most_at_once: usize,
}

/// What it did with an account.
#[derive(Clone)]
pub(crate) struct Enrolled {
    /// The unit that it was enrolled in.
    pub(crate) unit: String,
    pub(crate) begins: i64,
    pub(crate) ends: i64,
    pub(crate) failure: Option<&'static str>,
    pub(crate) is_drifted: bool,
}

impl Cloud {
    /// A landing zone in another region than the session's, with auto-enrolment, whose units are registered.
    pub(crate) fn with_landing_zone(&self, seconds: i64) {
        let mut world = self.world();
        world.trusted.insert("controltower.amazonaws.com".into());
        world.tower = Some(Tower {
            home: "eu-west-1",
            version: "3.3",
            state: ZoneState::Active,
            kind: ZoneKind::Baselines,
            enrols: true,
            lag_seconds: 5,
            seconds,
            registered: [PROD, NONPROD].map(str::to_owned).into(),
            accounts: BTreeMap::new(),
            failures: VecDeque::new(),
            most_at_once: 0,
        });
    }
}

impl Cloud {
    /// It begins to enrol an account in a unit, which sits there.
    pub(crate) fn enrol(&self, id: &str, unit: &str) {
        let mut world = self.world();
        world.parents.insert(id.into(), unit.into());
        let begins = world.now;
        let tower = world.tower();
        let ends = begins + tower.seconds * 1000;
        let failure = tower.failures.pop_front();
        let of = Enrolled { unit: unit.into(), begins, ends, failure, is_drifted: false };
        tower.accounts.insert(id.into(), of);
    }
}

impl World {
    /// The landing zone of a test that has one.
    pub(crate) fn tower(&mut self) -> &mut Tower {
        self.tower.as_mut().unwrap()
    }

    /// What a move of an account does. Where Control Tower enrols by itself it takes one account of a unit at a time.
    pub(super) fn enrol(&mut self, id: &str, to: &str) -> Result<(), Error> {
        let now = self.now;
        let Some(tower) = &mut self.tower else { return Ok(()) };
        let at_work = tower.accounts.values().filter(|of| of.unit == to && of.ends > now).count();
        if tower.enrols && tower.registered.contains(to) {
            if at_work > 0 {
                let code = "ConcurrentModificationException";
                return Err(Error::new("organizations:MoveAccount", Kind::Busy, code, ""));
            }
            tower.most_at_once = tower.most_at_once.max(at_work + 1);
            let begins = now + tower.lag_seconds * 1000;
            let failure = tower.failures.pop_front();
            let ends = begins + tower.seconds * 1000;
            let enrolled = Enrolled { unit: to.into(), begins, ends, failure, is_drifted: false };
            tower.accounts.insert(id.into(), enrolled);
        } else if tower.enrols {
            // Out of its units: it takes its baseline away.
            tower.accounts.remove(id);
        } else if let Some(of) = tower.accounts.get_mut(id) {
            of.is_drifted = true;
        }
        Ok(())
    }

    fn enabled(&self) -> Vec<EnabledBaseline> {
        let Some(tower) = &self.tower else { return Vec::new() };
        let arn = |of: &str| format!("arn:aws:controltower:{}:1:enabledbaseline/{of}", tower.home);
        let units = tower.registered.iter().map(|unit| EnabledBaseline {
            arn: arn(unit),
            baseline: BASELINE.into(),
            target: unit.clone(),
            parent: None,
            status: Enablement::Succeeded,
            is_drifted: tower.accounts.values().any(|of| of.unit == *unit && of.is_drifted),
            operation: None,
        });
        let begun = tower.accounts.iter().filter(|(_, of)| of.begins <= self.now);
        let accounts = begun.map(|(id, of)| EnabledBaseline {
            arn: arn(id),
            baseline: BASELINE.into(),
            target: id.clone(),
            parent: Some(arn(&of.unit)),
            status: match of.failure {
                _ if self.now < of.ends => Enablement::UnderChange,
                Some(_) => Enablement::Failed,
                None => Enablement::Succeeded,
            },
            is_drifted: of.is_drifted,
            operation: Some(format!("op-{id}")),
        });
        units.chain(accounts).collect()
    }

    /// Control Tower answers only at home.
    fn at_home(&self, home: &str) -> Result<&Tower, Error> {
        let tower = self.tower.as_ref().filter(|of| of.home == home);
        tower.ok_or_else(|| not_found("controltower:Get", "ResourceNotFoundException"))
    }
}

impl ControlTower for Cloud {
    fn landing_zone_arn<'a>(&'a self, region: Option<&'a str>) -> Call<'a, Option<String>> {
        self.call("ListLandingZones", |world| {
            let region = region.unwrap_or(world.region);
            let known = |of: &&Tower| of.home == region || !(opted_in(of.home) || opted_in(region));
            let arn = |of: &Tower| format!("arn:aws:controltower:{}:1:landingzone/L", of.home);
            Ok(world.tower.as_ref().filter(known).map(arn))
        })
    }

    fn landing_zone<'a>(&'a self, arn: &'a str) -> Call<'a, LandingZone> {
        self.call("GetLandingZone", |world| {
            let region = arn.split(':').nth(3).unwrap_or_default();
            let tower = world.at_home(region)?;
            Ok(LandingZone {
                arn: arn.into(),
                region: region.into(),
                version: tower.version.into(),
                state: tower.state,
                is_drifted: false,
                kind: tower.kind,
                enrols: tower.enrols,
            })
        })
    }

    fn unit_baselines<'a>(&'a self, home: &'a str) -> Call<'a, Vec<String>> {
        self.call("ListBaselines", |world| {
            world.at_home(home)?;
            Ok(vec![BASELINE.to_owned()])
        })
    }

    fn enabled_baselines<'a>(
        &'a self,
        home: &'a str,
        targets: &'a [String],
    ) -> Call<'a, Vec<EnabledBaseline>> {
        self.call("ListEnabledBaselines", |world| {
            world.at_home(home)?;
            let mut found = world.enabled();
            let asked = |of: &EnabledBaseline| {
                targets.is_empty() || targets.iter().any(|arn| arn.ends_with(&of.target))
            };
            found.retain(asked);
            Ok(found)
        })
    }

    fn under_change<'a>(
        &'a self,
        home: &'a str,
        parent: &'a str,
    ) -> Call<'a, Vec<EnabledBaseline>> {
        self.call("ListEnabledBaselines", |world| {
            world.at_home(home)?;
            let mut found = world.enabled();
            let is_one = |of: &EnabledBaseline| of.parent.as_deref() == Some(parent);
            found.retain(|of| is_one(of) && of.status == Enablement::UnderChange);
            Ok(found)
        })
    }

    fn status_message<'a>(&'a self, home: &'a str, operation: &'a str) -> Call<'a, Option<String>> {
        self.call("GetBaselineOperation", |world| {
            let account = operation.trim_start_matches("op-");
            let of = world.at_home(home)?.accounts.get(account);
            Ok(of.and_then(|of| of.failure).map(str::to_owned))
        })
    }
}
