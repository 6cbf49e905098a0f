//! Controls over one account-wide switch each: a control is its description here, a row of the profiles, and a value with its
//! strictness in [`crate::aws::api::Setting`].
//!
//! A switch that is stricter than asked for passes, a repair never weakens one, and what a declarative policy of the
//! organization sets is checked and never written.

pub(super) mod ami_public_access;
pub(super) mod ebs_encryption;
pub(super) mod imds_defaults;
pub(super) mod s3_public_access_block;
pub(super) mod snapshot_public_access;

use std::time::Duration;

use fleet_model::account::ControlMode;
use fleet_model::readiness::Check;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};

use super::act::repeated;
use super::control::{Control, Part, Round};
use super::evidence::{Evidence, advice};
use super::meta::{Meta, Place};
use super::{Problem, SETTLE};
use crate::aws::api::{Found, ManagedBy, Setting, SettingKind, Settings, Site};
use crate::error::{Error, Kind};
use crate::trying;

/// How many regions are asked at a time.
const FAN_OUT: usize = 4;

/// A control over a switch.
pub(super) struct Switch {
    /// One description.
    metas: [&'static Meta; 1],
    kind: SettingKind,
    /// The call that its check rests on.
    api: &'static str,
    /// How long AWS may take to show what was set.
    shows: &'static str,
}

/// What AWS takes where it says nothing of longer.
const SOON: &str = "some seconds";

impl Control for Switch {
    fn metas(&self) -> &[&'static Meta] {
        &self.metas
    }

    fn round<'a>(&'a self, round: &'a Round<'a>) -> BoxFuture<'a, Part> {
        Box::pin(self.everywhere(round))
    }
}

impl Switch {
    fn meta(&self) -> &'static Meta {
        self.metas[0]
    }

    async fn everywhere(&self, round: &Round<'_>) -> Part {
        let mut whole = Part::default();
        let scope = round.scope;
        if !scope.asks_for(self.meta()) {
            return whole;
        }
        let profile = scope.profile();
        let wanted = profile.settings.iter().find(|of| of.kind() == self.kind).copied();
        let none = self.evidence(Site::Account, String::new());
        let regions = &scope.contract.region_set;
        let (wanted, member) = match (scope.mode(self.meta().name), wanted) {
            (ControlMode::Ignore, _) => {
                whole.checks.push(none.ignored());
                return whole;
            }
            (_, None) => {
                let reason = format!("the profile {} does not ask for it", profile.policy);
                whole.checks.push(none.not_applicable(&reason));
                return whole;
            }
            _ if self.meta().place == Place::EachRegion && regions.is_empty() => {
                whole.checks.push(none.not_applicable("`region_set` is empty"));
                return whole;
            }
            (_, Some(wanted)) => (wanted, round.ports.member),
        };
        let sites: Vec<Site<'_>> = match self.meta().place {
            Place::EachRegion => regions.iter().map(|region| Site::Region(region)).collect(),
            Place::Account | Place::Organization => vec![Site::Account],
        };
        let Some(member) = member else {
            let blind = |site| self.evidence(site, asked(wanted)).inaccessible();
            whole.checks.extend(sites.into_iter().map(blind));
            return whole;
        };
        let switches = member.switches();
        let mut each: Vec<BoxFuture<'_, Part>> = Vec::new();
        for site in sites {
            each.push(Box::pin(self.at(round, switches, wanted, site)));
        }
        for part in stream::iter(each).buffered(FAN_OUT).collect::<Vec<_>>().await {
            whole.checks.extend(part.checks);
            whole.problems.extend(part.problems);
            whole.unread.extend(part.unread);
            whole.before.keep(part.before);
            whole.work.extend(part.work);
        }
        whole
    }

    /// The round of one region, or of the account: its failure is its own.
    async fn at(
        &self,
        round: &Round<'_>,
        switches: &dyn Settings,
        wanted: Setting,
        site: Site<'_>,
    ) -> Part {
        let (name, mode) = (self.meta().name, round.scope.mode(self.meta().name));
        let evidence = self.evidence(site, asked(wanted));
        let mut part = Part::default();
        if let Site::Region(region) = site
            && let Some(status) = round.regions.get(region)
            && !status.is_some_and(|of| of.is_usable())
        {
            part.checks.push(evidence.no_region(status.map(|of| of.as_str())));
            return part;
        }
        let mut seen = switches.setting(self.kind, site).await;
        let mut is_set = false;
        if let (true, Ok(first)) = (round.write, &seen)
            && let Some(target) = decide(mode, wanted, first)
        {
            let before = first.setting.to_string();
            let (clock, denied_until) = (round.ports.clock, round.scope.denied_until);
            let setting = repeated(clock, denied_until, || switches.set(target, site));
            let answer = setting.await;
            // Without an answer it may be set: what was there is remembered all the same, and the look says how it is.
            let is_lost = matches!(&answer, Err(error) if error.kind == Kind::Unanswered);
            if answer.is_ok() || is_lost {
                part.before.settings.insert(key(name, site), before);
            }
            match answer {
                Err(error) => {
                    if is_lost {
                        seen = switches.setting(self.kind, site).await;
                    }
                    if is_lost && matches!(&seen, Ok(now) if decide(mode, wanted, now).is_none()) {
                        trying::made_up_for(&error);
                    } else {
                        part.problems.push(Problem { control: name, error });
                    }
                }
                Ok(()) => {
                    is_set = true;
                    for pause in [Duration::ZERO].iter().chain(SETTLE) {
                        clock.sleep(*pause).await;
                        seen = switches.setting(self.kind, site).await;
                        if !matches!(&seen, Ok(now) if decide(mode, wanted, now).is_some()) {
                            break;
                        }
                    }
                }
            }
        }
        if matches!(&seen, Ok(now) if decide(mode, wanted, now).is_some()) {
            part.work.insert(name);
        }
        part.unread(name, Some(&seen));
        part.checks.push(self.check(evidence, mode, wanted, &seen, is_set));
        part
    }

    fn evidence(&self, site: Site<'_>, expected: String) -> Evidence {
        Evidence {
            control: self.meta().name,
            scope: match site {
                Site::Account => String::new(),
                Site::Region(region) => region.to_owned(),
            },
            severity: self.meta().severity,
            api: self.api,
            expected,
        }
    }

    /// What the check says. `is_set`: this round has set it.
    fn check(
        &self,
        evidence: Evidence,
        mode: ControlMode,
        wanted: Setting,
        seen: &Result<Found, Error>,
        is_set: bool,
    ) -> Check {
        let found = match seen {
            Err(error) => return evidence.unknown(error),
            Ok(found) => found,
        };
        let text = match found.managed_by {
            ManagedBy::Account => found.setting.to_string(),
            ManagedBy::DeclarativePolicy => {
                format!("{}, by a declarative policy of the organization", found.setting)
            }
        };
        if wanted.is_met_by(found.setting) {
            return evidence.pass(text);
        }
        let name = self.meta().name;
        let todo = match found.managed_by {
            ManagedBy::DeclarativePolicy => format!(
                "Have the declarative policy changed that sets it: nothing in the account can. Or leave it to that policy \
                 with `controls = {{ \"{name}\" = \"ignore\" }}`."
            ),
            ManagedBy::Account if is_set => {
                format!("It was set. AWS takes {} to show it: apply again then.", self.shows)
            }
            ManagedBy::Account => advice(mode, name, &[wanted.to_string()]),
        };
        evidence.fail(text, todo)
    }
}

/// What to set, if it is ours to set.
fn decide(mode: ControlMode, wanted: Setting, found: &Found) -> Option<Setting> {
    let is_ours = mode == ControlMode::Own && found.managed_by == ManagedBy::Account;
    (is_ours && !wanted.is_met_by(found.setting)).then(|| wanted.stricter(found.setting))
}

fn asked(wanted: Setting) -> String {
    format!("{wanted}, or stricter")
}

/// As a check's key.
fn key(name: &str, site: Site<'_>) -> String {
    match site {
        Site::Account => name.to_owned(),
        Site::Region(region) => format!("{name}/{region}"),
    }
}

#[cfg(test)]
mod tests;
