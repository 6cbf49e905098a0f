//! The end: an account that is retired keeps no way in that was ours (guide §26).

use std::collections::BTreeSet;

use super::act::act;
use super::shed;
use super::{ACCESS_ROLES, OIDC_TRUST, Problem, Scope};
use crate::aws::api::Clock;
use crate::aws::api::member::{Change, Holder, Member};
use crate::aws::policy::{same, trust};
use crate::error::Error;
use crate::profile::{ROLES, role_name};

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
    /// Changes that failed.
    pub problems: Vec<Problem>,
}

/// Shuts the access roles and the roles of vending's own that carry our marks, those of former names as well, removes
/// the OIDC providers that do, and puts the password policy back; `by_itself`: the session is one of the role that works in accounts, which can
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
    match shed::password_before(member, clock, scope).await {
        Ok(is_back) => released.password_is_back = is_back,
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
    for provider in providers {
        if Holder::of(&marks, &provider.tags) != Holder::Us {
            continue;
        }
        let change = Change::DeleteProvider { arn: provider.arn.clone() };
        match act(member, clock, None, OIDC_TRUST, &[change]).await {
            None => released.removed_providers.push(provider.arn),
            Some(problem) => released.problems.push(problem),
        }
    }
    Ok(released)
}
