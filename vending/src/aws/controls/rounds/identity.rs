//! `access-roles` and `oidc-trust`: they read the same roles, and depend on each other.

use fleet_model::account::ControlMode;
use futures::future::BoxFuture;

use super::super::act::act;
use super::super::control::{Control, Part, Round};
use super::super::meta::Meta;
use super::super::shed::{self, Acted};
use super::super::{ACCESS_ROLES, OIDC_TRUST, SETTLE, access_roles, oidc_trust};
use crate::aws::api::member::{Change, Identities, Member};
use crate::error::Error;

/// The two controls.
pub(in super::super) struct Identity;

impl Control for Identity {
    fn metas(&self) -> &[&'static Meta] {
        &[&access_roles::META, &oidc_trust::META]
    }

    fn round<'a>(&'a self, round: &'a Round<'a>) -> BoxFuture<'a, Part> {
        Box::pin(identity(round))
    }
}

async fn identity(round: &Round<'_>) -> Part {
    let Round { ports, scope, write, .. } = *round;
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

    let mut part = Part::default();
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
        let held = shed::identity(scope, &roles, trust.as_ref(), identities, providers, &acted);
        part.holds = Some(Box::new(|made| {
            (made.roles, made.trusts, made.issuers) = (held.roles, held.trusts, held.issuers);
        }));
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
