//! The end: an account that is retired keeps no way in that was ours (guide §26).

use std::collections::{BTreeMap, BTreeSet};

use super::act::act;
use super::shed::{Done, Inside};
use super::{ACCESS_ROLES, Problem, Scope};
use crate::aws::api::Clock;
use crate::aws::api::member::{Change, Holder, Member, Role};
use crate::aws::policy::{same, trust};
use crate::error::Error;
use crate::profile::{ROLES, role_name};
use crate::warning::Stays;

/// What a release did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Released {
    /// Roles that nobody may assume any more.
    pub locked_roles: Vec<String>,
    /// OIDC providers that were removed, by ARN.
    pub removed_providers: Vec<String>,
    /// The role by which this was done and that cannot shut itself: it stays open.
    pub open_role: Option<String>,
    /// Whether the password policy is as it was before vending changed it.
    pub password_is_back: bool,
    /// What of ours stays, since somebody else uses or has changed it.
    pub stays: Vec<Stays>,
    /// Changes that failed.
    pub problems: Vec<Problem>,
}

/// Shuts the access roles and the roles of vending's own that carry our marks, those of former names as well, removes
/// the OIDC providers that do, but for those that a role of somebody else's trusts, takes what was added to others' providers out
/// of them, and puts the password policy back; `by_itself`: the session is one of the role that works in accounts, which can
/// change every role but itself. What others hold stays as it is. Doing it again changes nothing.
///
/// # Errors
/// The account could not be read.
pub async fn release(
    member: &dyn Member,
    clock: &dyn Clock,
    scope: &Scope<'_>,
    by_itself: bool,
) -> Result<Released, Error> {
    // First, since what follows may shut the way.
    let mut released = Released::default();
    let inside = Inside { member, clock, scope };
    match inside.password_before().await {
        Ok(None) => {}
        Ok(Some(done)) => {
            released.password_is_back = matches!(done, Done::Gone);
            released.note(Ok(done));
        }
        Err(problem) => released.problems.push(problem),
    }
    let marks = scope.marks();
    let own = [scope.vending.manage, scope.vending.read].into_iter().flatten();
    let roles: BTreeSet<String> =
        ROLES.iter().map(|role| role_name(role)).chain(own.map(str::to_owned)).collect();
    let roles = &roles | &scope.memory.made.roles;
    let none = BTreeSet::new();
    let (identities, providers) =
        futures::try_join!(member.identities(&roles, &none), member.oidc_providers())?;
    let locked = trust::locked(scope.partition, scope.account_id()).to_json();

    let is_ours = |(_, role): &(&String, &Role)| Holder::of(&marks, &role.tags) == Holder::Us;
    let ours = identities.roles.iter().filter(is_ours).map(|(name, _)| name.clone());
    let ours: BTreeSet<String> = ours.chain(scope.memory.made.roles.iter().cloned()).collect();
    for (name, role) in identities.roles {
        if Holder::of(&marks, &role.tags) != Holder::Us || same(&locked, &role.trust) {
            continue;
        }
        if by_itself && scope.vending.manage == Some(name.as_str()) {
            released.open_role = Some(name);
            continue;
        }
        let change = Change::UpdateTrust { role: name.clone(), trust: locked.clone() };
        match act(member, clock, None, ACCESS_ROLES, &[change]).await {
            None => released.locked_roles.push(name),
            Some(problem) => released.problems.push(problem),
        }
    }
    let arn = |url: &str| trust::provider_arn(url, scope.partition, scope.account_id());
    let listed = providers.iter().filter(|of| Holder::of(&marks, &of.tags) == Holder::Us);
    let mut removed: BTreeMap<String, String> =
        listed.filter_map(|of| Some((of.arn.clone(), trust::provider_url(&of.arn)?))).collect();
    for (url, issuer) in &scope.memory.made.issuers {
        if issuer.ours {
            removed.entry(arn(url)).or_insert_with(|| url.clone());
        } else if !removed.contains_key(&arn(url)) {
            for audience in &issuer.audiences {
                let done = inside.audience(url, audience).await;
                released.note(done);
            }
        }
    }
    for (arn, url) in removed {
        let done = inside.provider(&url, &ours).await;
        if matches!(done, Ok(Done::Gone)) && providers.iter().any(|of| of.arn == arn) {
            released.removed_providers.push(arn);
        }
        released.note(done);
    }
    Ok(released)
}

impl Released {
    fn note(&mut self, done: Result<Done, Problem>) {
        match done {
            Ok(Done::Gone) => {}
            Ok(Done::Stays(what)) => self.stays.push(what),
            Err(problem) => self.problems.push(problem),
        }
    }
}

#[cfg(test)]
mod tests;
