//! `regions`: every region of `region_set` can be used. Opt-in takes minutes to hours, so it is
//! asked for as soon as the account exists and awaited before it is ready.

use std::collections::BTreeSet;

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity};

use super::evidence::Evidence;
use super::meta::{Meta, Place};
use super::{Ports, Problem, REGIONS, Scope};
use crate::aws::api::member::{RegionStatus, RegionStatuses};
use crate::error::{Error, Kind};
use crate::operations::{On, read, write};
use crate::trying;

/// Changes of regions that may be in flight in one account: one fewer than AWS takes, so that a
/// person can still make one.
pub const MAX_IN_FLIGHT: usize = 5;

/// What it says of itself.
pub const META: Meta = Meta {
    name: REGIONS,
    asks: "every region of `region_set` is enabled",
    mode: Some(ControlMode::Own),
    severity: Severity::High,
    // One reading tells of all of them.
    place: Place::Account,
    operations: &[
        write("account:EnableRegion", &[On::OwnSettings]),
        read("account:ListRegions", &[On::OwnSettings]),
    ],
    parameters: "",
    after: &[],
    given_up: "stay enabled",
};

const API: &str = "account:ListRegions";

/// What became of the opt-in requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OptIns {
    /// Whether nothing is left to ask for: the condition of the phase `regions`.
    pub requested: bool,
    /// Regions that this run asked for. All of them were `DISABLED` before.
    pub sent: Vec<String>,
    /// Requests that failed.
    pub problems: Vec<Problem>,
}

/// Reads the state of every region: from the management account, or where that may not, as the
/// account itself.
///
/// # Errors
/// The error of the last way that was tried.
pub async fn observe(ports: &Ports<'_>, scope: &Scope<'_>) -> Result<RegionStatuses, Error> {
    match (ports.regions.statuses(scope.account()?).await, ports.member) {
        (Err(error), Some(member)) if from_outside_impossible(&error) => {
            trying::made_up_for(&error);
            member.own_regions().await
        }
        (result, _) => result,
    }
}

/// The regions to ask for now.
#[must_use]
pub fn decide(
    mode: ControlMode,
    region_set: &BTreeSet<String>,
    statuses: &RegionStatuses,
) -> Vec<String> {
    if mode != ControlMode::Own {
        return Vec::new();
    }
    let in_flight = statuses
        .values()
        .filter(|status| matches!(status, RegionStatus::Enabling | RegionStatus::Disabling))
        .count();
    region_set
        .iter()
        .filter(|region| statuses.get(*region) == Some(&RegionStatus::Disabled))
        .take(MAX_IN_FLIGHT.saturating_sub(in_flight))
        .cloned()
        .collect()
}

/// Whether every opt-in that is ours to request was requested. A region that does not exist is
/// not waited for: the check says so.
#[must_use]
pub fn regions_requested(
    mode: ControlMode,
    region_set: &BTreeSet<String>,
    statuses: &RegionStatuses,
) -> bool {
    mode != ControlMode::Own
        || region_set.iter().all(|region| {
            !matches!(statuses.get(region), Some(RegionStatus::Disabled | RegionStatus::Disabling))
        })
}

/// Asks for the regions, one after the other.
pub async fn act(ports: &Ports<'_>, scope: &Scope<'_>, regions: &[String]) -> OptIns {
    let mut opt_ins = OptIns::default();
    for region in regions {
        let outside = match scope.account() {
            Ok(account) => ports.regions.enable(account, region).await,
            Err(error) => Err(error),
        };
        let result = match (outside, ports.member) {
            (Err(error), Some(member)) if from_outside_impossible(&error) => {
                member.enable_own_region(region).await
            }
            (result, _) => result,
        };
        match result {
            Ok(()) => opt_ins.sent.push(region.clone()),
            // Somebody asked for it in between, or as many as AWS takes are in flight: the next
            // look at the states says which.
            Err(error) if matches!(error.kind, Kind::AlreadyExists | Kind::Busy) => {}
            Err(error) => opt_ins.problems.push(Problem { control: REGIONS, error }),
        }
    }
    opt_ins
}

/// The regions that are ours to ask for, now or later.
#[must_use]
pub fn closed(
    mode: ControlMode,
    region_set: &BTreeSet<String>,
    statuses: &RegionStatuses,
) -> Vec<String> {
    let is_closed = |of: &&String| statuses.get(*of) == Some(&RegionStatus::Disabled);
    region_set.iter().filter(|_| mode == ControlMode::Own).filter(is_closed).cloned().collect()
}

/// Decides and acts on the states that [`observe`] read: what the phase `regions` needs, before the account is accessible.
pub async fn request_opt_ins(
    ports: &Ports<'_>,
    scope: &Scope<'_>,
    mut statuses: RegionStatuses,
) -> OptIns {
    let mode = scope.mode(REGIONS);
    if mode != ControlMode::Own {
        return OptIns { requested: true, ..OptIns::default() };
    }
    let set = &scope.contract.region_set;
    let mut opt_ins = act(ports, scope, &decide(mode, set, &statuses)).await;
    for region in &opt_ins.sent {
        statuses.insert(region.clone(), RegionStatus::Enabling);
    }
    opt_ins.requested = regions_requested(mode, set, &statuses);
    opt_ins
}

/// One check per region.
#[must_use]
pub fn check(
    mode: ControlMode,
    region_set: &BTreeSet<String>,
    statuses: &Result<RegionStatuses, Error>,
) -> Vec<Check> {
    let evidence = |region: &str| Evidence {
        control: REGIONS,
        scope: region.to_owned(),
        severity: Severity::High,
        api: API,
        expected: "ENABLED or ENABLED_BY_DEFAULT".to_owned(),
    };
    if mode == ControlMode::Ignore {
        return vec![evidence("").ignored()];
    }
    if region_set.is_empty() {
        return vec![evidence("").not_applicable("`region_set` is empty")];
    }
    region_set
        .iter()
        .map(|region| {
            let evidence = evidence(region);
            match statuses {
                Err(error) => evidence.unknown(error),
                Ok(statuses) => judge(evidence, mode, region, statuses.get(region).copied()),
            }
        })
        .collect()
}

fn judge(
    evidence: Evidence,
    mode: ControlMode,
    region: &str,
    status: Option<RegionStatus>,
) -> Check {
    let own = mode == ControlMode::Own;
    match status {
        Some(status) if status.is_usable() => evidence.pass(status.as_str().to_owned()),
        Some(RegionStatus::Enabling) => evidence.fail(
            "ENABLING, in progress".to_owned(),
            "Apply again later: opting in takes minutes, sometimes hours.".to_owned(),
        ),
        Some(status) => evidence.fail(
            status.as_str().to_owned(),
            if own {
                format!("The next apply opts in to {region}.")
            } else {
                format!(
                    "Opt in to {region} in the account's settings, or hand it over with \
                     `controls = {{ \"{REGIONS}\" = \"own\" }}`."
                )
            },
        ),
        None => evidence.fail(
            "no such region".to_owned(),
            format!("Correct `region_set`: AWS has no region {region} for this account."),
        ),
    }
}

/// Trusted access of Account Management is off, or the caller is not the management account.
pub(crate) fn from_outside_impossible(error: &Error) -> bool {
    matches!(error.kind, Kind::Denied | Kind::Unsupported | Kind::NotYet)
}

#[cfg(test)]
mod tests {
    use RegionStatus::{Disabled, Disabling, Enabled, EnabledByDefault, Enabling};
    use fleet_model::readiness::Verdict;

    use super::*;

    fn set(regions: &[&str]) -> BTreeSet<String> {
        regions.iter().map(|region| (*region).to_owned()).collect()
    }

    fn statuses(rows: &[(&str, RegionStatus)]) -> RegionStatuses {
        rows.iter().map(|(region, status)| ((*region).to_owned(), *status)).collect()
    }

    #[test]
    fn every_status_has_its_decision_and_verdict() {
        let region_set = set(&["ap-southeast-3"]);
        for (mode, status, asked, requested, verdict, observed) in [
            (ControlMode::Own, Some(Enabled), false, true, Verdict::Pass, "ENABLED"),
            (
                ControlMode::Own,
                Some(EnabledByDefault),
                false,
                true,
                Verdict::Pass,
                "ENABLED_BY_DEFAULT",
            ),
            (ControlMode::Own, Some(Enabling), false, true, Verdict::Fail, "ENABLING, in progress"),
            (ControlMode::Own, Some(Disabling), false, false, Verdict::Fail, "DISABLING"),
            (ControlMode::Own, Some(Disabled), true, false, Verdict::Fail, "DISABLED"),
            (ControlMode::Own, None, false, true, Verdict::Fail, "no such region"),
            (ControlMode::Verify, Some(Disabled), false, true, Verdict::Fail, "DISABLED"),
            (ControlMode::Verify, Some(Enabled), false, true, Verdict::Pass, "ENABLED"),
        ] {
            let rows: RegionStatuses =
                status.into_iter().map(|status| ("ap-southeast-3".to_owned(), status)).collect();
            let case = format!("{mode} {status:?}");
            assert_eq!(!decide(mode, &region_set, &rows).is_empty(), asked, "{case}");
            assert_eq!(regions_requested(mode, &region_set, &rows), requested, "{case}");
            let checks = check(mode, &region_set, &Ok(rows));
            assert_eq!(checks[0].verdict, verdict, "{case}");
            assert_eq!(checks[0].observed, observed, "{case}");
            assert_eq!(checks[0].key(), "regions/ap-southeast-3");
        }
    }

    #[test]
    fn never_more_than_the_limit_is_in_flight() {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let all_disabled: Vec<(&str, RegionStatus)> =
            names.iter().map(|name| (*name, Disabled)).collect();
        assert_eq!(decide(ControlMode::Own, &set(&names), &statuses(&all_disabled)).len(), 5);

        // Another region's change counts, wanted or not.
        let mut three_busy = all_disabled.clone();
        three_busy.extend([("x", Enabling), ("y", Disabling), ("z", Enabling)]);
        assert_eq!(
            decide(ControlMode::Own, &set(&names), &statuses(&three_busy)),
            ["a".to_owned(), "b".to_owned()]
        );
    }

    #[test]
    fn an_error_is_unknown_and_ignore_is_not_applicable() {
        let error = Error::new(API, Kind::Denied, "AccessDeniedException", "request 4711");
        let checks = check(ControlMode::Own, &set(&["eu-west-1"]), &Err(error));
        assert_eq!(checks[0].verdict, Verdict::Unknown);
        assert!(!checks[0].observed.contains("4711"), "{}", checks[0].observed);

        let checks = check(ControlMode::Ignore, &set(&["eu-west-1"]), &Ok(RegionStatuses::new()));
        assert_eq!(checks[0].verdict, Verdict::NotApplicable);
        assert_eq!(checks[0].key(), "regions");
    }
}
