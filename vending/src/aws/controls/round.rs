//! A round over all controls of one account: observe, decide, act, check.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Readiness, Verdict};

use super::act::act;
use super::shed::{self, Acted, Shedding};
use super::{
    ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY, Ports, Problem, REGIONS,
    Report, SETTLE, Scope, Shed, access_roles, oidc_trust, organization_policies, password_policy,
    regions,
};
use crate::aws::api::member::{Change, Identities, Member, RegionStatus};
use crate::error::Error;
use crate::memory::{Made, Memory};

/// What one control, or a group that shares its reads, gives to the report.
#[derive(Default)]
struct Part {
    checks: Vec<Check>,
    problems: Vec<Problem>,
    unread: Vec<Problem>,
    regions: BTreeMap<String, Option<RegionStatus>>,
    before: Memory,
    /// What this part's controls hold, and nothing of the others.
    made: Made,
    /// The controls of which the next apply would change something, or wait for it.
    work: BTreeSet<&'static str>,
}

impl Part {
    /// Keeps that `control` could not be observed.
    fn unread<T>(&mut self, control: &'static str, seen: Option<&Result<T, Error>>) {
        if let Some(Err(error)) = seen {
            self.unread.push(Problem { control, error: error.clone() });
        }
    }
}

/// Observes and checks. Never writes.
pub async fn evaluate(ports: &Ports<'_>, scope: &Scope<'_>) -> Report {
    Box::pin(round(ports, scope, false)).await
}

/// Observes, repairs what is owned, and checks what is then there.
pub async fn repair(ports: &Ports<'_>, scope: &Scope<'_>) -> Report {
    Box::pin(round(ports, scope, true)).await
}

async fn round(ports: &Ports<'_>, scope: &Scope<'_>, write: bool) -> Report {
    let mut memory = scope.memory.clone();
    let mut shedding =
        if write { shed::inside(ports, scope, &mut memory).await } else { Shedding::default() };
    let mut report = Report::default();
    let ignored = scope.mode(PASSWORD_POLICY) == ControlMode::Ignore;
    if write
        && ignored
        && !leftovers(&memory, scope).iter().any(|of| of.control() == PASSWORD_POLICY)
    {
        (memory.password_policy, memory.made.password) = (None, None);
        report.password_is_back = true;
    }
    let looked = {
        let scope = Scope { memory: &memory, ..*scope };
        let (identity, password, region, policies) = futures::join!(
            identity_round(ports, &scope, write),
            password_round(ports, &scope, write),
            regions_round(ports, &scope, write),
            policies_round(ports, &scope, write),
        );
        report.made =
            Made { guardrails: policies.made.guardrails.clone(), ..identity.made.clone() };
        report.made.password = password.made.password;
        let attached = policies.problems.is_empty();
        (attached, [identity, password, region, policies])
    };
    let (attached, parts) = looked;
    memory.made.clone_from(&report.made);
    // What takes the place of a policy binds before the policy goes.
    if write && attached {
        let outside = shed::outside(ports, scope, &mut memory).await;
        shedding.problems.extend(outside.problems);
        shedding.warnings.extend(outside.warnings);
        report.made.clone_from(&memory.made);
    }
    let mut checks = Vec::new();
    for part in parts {
        checks.extend(part.checks);
        report.problems.extend(part.problems);
        report.unread.extend(part.unread);
        report.regions.extend(part.regions);
        report.work.extend(part.work);
        report.before.keep(part.before);
    }
    report.problems.extend(shedding.problems);
    report.warnings = shedding.warnings;
    memory.password_policy = memory.password_policy.or(report.before.password_policy);
    report.has_leftovers = !leftovers(&memory, scope).is_empty();
    let fails = |control: &str| {
        checks.iter().any(|check| check.check == control && check.verdict == Verdict::Fail)
    };
    report.work.retain(|control| fails(control));
    // Controls share their reads: one that needed none of what failed is not unread.
    report.unread.retain(|of| {
        checks.iter().any(|check| check.check == of.control && check.verdict == Verdict::Unknown)
    });
    report.readiness = Readiness::from_checks(checks);
    report
}

fn leftovers(memory: &Memory, scope: &Scope<'_>) -> Vec<Shed> {
    shed::shed(memory, scope.contract, Some(scope.vending))
}

/// `access-roles` and `oidc-trust` read the same roles, and depend on each other.
async fn identity_round(ports: &Ports<'_>, scope: &Scope<'_>, write: bool) -> Part {
    let (roles_mode, trust_mode) = (scope.mode(ACCESS_ROLES), scope.mode(OIDC_TRUST));
    let roles = access_roles::desired(scope);
    let trust = oidc_trust::desired(scope);
    let wants_trust = trust.is_some() && trust_mode != ControlMode::Ignore;

    let look = async |member: &dyn Member| {
        if roles_mode == ControlMode::Ignore && !wants_trust {
            return (Ok(Identities::default()), Ok(oidc_trust::Providers::new()));
        }
        let providers = async {
            match trust.as_ref().filter(|_| wants_trust) {
                Some(desired) => oidc_trust::observe(member, desired).await,
                None => Ok(oidc_trust::Providers::new()),
            }
        };
        futures::join!(access_roles::observe(member, &roles), providers)
    };
    type Seen = (Result<Identities, Error>, Result<oidc_trust::Providers, Error>);
    let decide = |seen: &Seen| -> [(&'static str, Vec<Change>); 3] {
        let (Ok(identities), Ok(providers)) = seen else {
            return [(OIDC_TRUST, vec![]), (ACCESS_ROLES, vec![]), (OIDC_TRUST, vec![])];
        };
        let mut trusts = trust.as_ref().map_or_else(oidc_trust::Decision::default, |desired| {
            oidc_trust::decide(trust_mode, desired, providers, identities)
        });
        trusts.trusts.retain(|change| match change {
            Change::UpdateTrust { role, .. } => {
                access_roles::may_open(roles_mode, &roles, identities, role)
            }
            _ => true,
        });
        [
            (OIDC_TRUST, trusts.providers),
            (ACCESS_ROLES, access_roles::decide(roles_mode, &roles, identities)),
            (OIDC_TRUST, trusts.trusts),
        ]
    };

    let mut part = Part { made: scope.memory.made.clone(), ..Part::default() };
    let mut acted = Acted::default();
    let mut seen = match ports.member {
        Some(member) => Some(look(member).await),
        None => None,
    };
    if let (true, Some(member), Some(first)) = (write, ports.member, &seen) {
        let steps = decide(first);
        let mut changed = false;
        for (control, changes) in &steps {
            changed |= !changes.is_empty();
            acted.note(changes);
            part.problems
                .extend(act(member, ports.clock, scope.denied_until, control, changes).await);
        }
        if changed {
            let mut next = look(member).await;
            if part.problems.is_empty() {
                for pause in SETTLE {
                    if decide(&next).iter().all(|(_, changes)| changes.is_empty()) {
                        break;
                    }
                    ports.clock.sleep(*pause).await;
                    next = look(member).await;
                }
            }
            seen = Some(next);
        }
    }

    if let Some(seen) = &seen {
        let left = decide(seen).into_iter().filter(|(_, changes)| !changes.is_empty());
        part.work = left.map(|(control, _)| control).collect();
    }
    if let Some((Ok(identities), Ok(providers))) = &seen {
        part.made = shed::identity(scope, &roles, trust.as_ref(), identities, providers, &acted);
    }
    let both = seen.as_ref().map(|seen| match seen {
        (Ok(identities), Ok(providers)) => Ok((providers.clone(), identities.clone())),
        (Err(error), _) | (_, Err(error)) => Err(error.clone()),
    });
    part.unread(ACCESS_ROLES, seen.as_ref().map(|seen| &seen.0));
    part.unread(OIDC_TRUST, both.as_ref());
    part.checks.push(access_roles::check(roles_mode, &roles, seen.as_ref().map(|seen| &seen.0)));
    part.checks.push(oidc_trust::check(
        trust_mode,
        trust.as_ref(),
        both.as_ref(),
        part.work.is_empty(),
    ));
    part
}

async fn password_round(ports: &Ports<'_>, scope: &Scope<'_>, write: bool) -> Part {
    let mode = scope.mode(PASSWORD_POLICY);
    let wanted = &scope.profile().password;
    let mut part = Part { made: scope.memory.made.clone(), ..Part::default() };
    let mut put = None;
    let mut seen = match mode {
        ControlMode::Ignore => None,
        _ => password_policy::observe(ports).await,
    };
    if let (true, Some(member), Some(Ok(first))) = (write, ports.member, &seen) {
        let first = *first;
        if let Some(change) = password_policy::decide(mode, wanted, first.as_ref()) {
            if let Change::PutPasswordPolicy(policy) = &change {
                put = Some(*policy);
            }
            part.problems.extend(
                act(member, ports.clock, scope.denied_until, PASSWORD_POLICY, &[change]).await,
            );
            if part.problems.is_empty() {
                part.before.password_policy = Some(password_policy::prior(first.as_ref()));
                for pause in [Duration::ZERO].iter().chain(SETTLE) {
                    ports.clock.sleep(*pause).await;
                    seen = password_policy::observe(ports).await;
                    let settled = match &seen {
                        Some(Ok(now)) => {
                            password_policy::decide(mode, wanted, now.as_ref()).is_none()
                        }
                        _ => true,
                    };
                    if settled {
                        break;
                    }
                }
            }
        }
    }
    if let (ControlMode::Own, Some(Ok(now))) = (mode, &seen) {
        let before = scope.memory.password_policy.or(part.before.password_policy);
        part.made.password = shed::password(scope.memory, before, wanted, *now, put);
    }
    if let Some(Ok(now)) = &seen
        && password_policy::decide(mode, wanted, now.as_ref()).is_some()
    {
        part.work.insert(PASSWORD_POLICY);
    }
    part.unread(PASSWORD_POLICY, seen.as_ref());
    part.checks.push(password_policy::check(mode, wanted, seen.as_ref()));
    part
}

async fn regions_round(ports: &Ports<'_>, scope: &Scope<'_>, write: bool) -> Part {
    let mode = scope.mode(REGIONS);
    let set = &scope.contract.region_set;
    let mut part = Part::default();
    if mode == ControlMode::Ignore || set.is_empty() {
        part.checks = regions::check(mode, set, &Ok(BTreeMap::new()));
        return part;
    }
    let mut seen = regions::observe(ports, scope).await;
    if let (true, Ok(statuses)) = (write, &seen) {
        let opt_ins = regions::act(ports, scope, &regions::decide(mode, set, statuses)).await;
        part.problems.extend(opt_ins.problems);
        for region in &opt_ins.sent {
            part.before.regions.insert(region.clone());
        }
        if !opt_ins.sent.is_empty() {
            seen = regions::observe(ports, scope).await;
        }
    }
    part.unread(REGIONS, Some(&seen));
    if let Ok(statuses) = &seen {
        part.regions = set.iter().map(|of| (of.clone(), statuses.get(of).copied())).collect();
        // One that AWS does not have is not there to be asked or waited for.
        let comes = |of: &Option<RegionStatus>| of.is_some_and(|status| !status.is_usable());
        if mode == ControlMode::Own && part.regions.values().any(comes) {
            part.work.insert(REGIONS);
        }
    }
    part.checks = regions::check(mode, set, &seen);
    part
}

async fn policies_round(ports: &Ports<'_>, scope: &Scope<'_>, write: bool) -> Part {
    let mode = scope.mode(ORGANIZATION_POLICIES);
    let desired = organization_policies::desired(scope);
    let mut part = Part { made: scope.memory.made.clone(), ..Part::default() };
    let mut acted = Acted::default();
    let mut seen = match (mode, scope.path) {
        (ControlMode::Ignore, _) => Ok(organization_policies::Observation::default()),
        (_, Err(error)) => Err(error.clone()),
        _ => organization_policies::observe(mode, ports.policies, &desired).await,
    };
    if let (true, Ok(first)) = (write, &seen) {
        let changes = organization_policies::decide(mode, &desired, first);
        acted.attached.extend(organization_policies::attached(&desired, &changes, first));
        part.problems = organization_policies::act(ports.policies, &changes).await;
        if !changes.is_empty() {
            ports.policies.refresh();
            seen = organization_policies::observe(mode, ports.policies, &desired).await;
        }
    }
    if let Ok(observed) = &seen {
        if !organization_policies::decide(mode, &desired, observed).is_empty() {
            part.work.insert(ORGANIZATION_POLICIES);
        }
        part.made.guardrails = shed::policies(scope, &desired, observed, &acted);
    }
    part.unread(ORGANIZATION_POLICIES, Some(&seen));
    part.checks.push(organization_policies::check(mode, &desired, &seen));
    part
}

#[cfg(test)]
mod tests;
