//! What a round saw and did, for the memory: only of controls that are ours to act on.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;

use super::super::{
    ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, Scope, access_roles, oidc_trust,
    organization_policies, password_policy,
};
use crate::aws::api::member::{Change, Holder, Identities, PasswordPolicy};
use crate::memory::{Before, Issuer, Made, Memory};

/// Changes that a round tried, as far as they make something ours that carries no mark of ours.
#[derive(Debug, Default)]
pub(in super::super) struct Acted {
    /// The ARN of a provider, and an audience that was added.
    pub(in super::super) audiences: BTreeSet<(String, String)>,
    /// Names of policies that were attached.
    pub(in super::super) attached: BTreeSet<String>,
}

impl Acted {
    /// Keeps what of `changes` matters here.
    pub(in super::super) fn note(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::AddAudience { arn, audience } = change {
                self.audiences.insert((arn.clone(), audience.clone()));
            }
        }
    }
}

/// Roles, their trust, and providers.
pub(in super::super) fn identity(
    scope: &Scope<'_>,
    roles: &access_roles::Desired,
    trust: Option<&oidc_trust::Desired>,
    identities: &Identities,
    providers: &oidc_trust::Providers,
    acted: &Acted,
) -> Made {
    let mut made = scope.memory.made.clone();
    let marks = scope.marks();
    if scope.mode(ACCESS_ROLES) == ControlMode::Own {
        for name in roles.role_names() {
            match identities.roles.get(name) {
                Some(role) if Holder::of(&marks, &role.tags) == Holder::Us => {
                    made.roles.insert(name.clone());
                }
                _ => drop(made.roles.remove(name)),
            }
        }
    }
    let Some(trust) = trust.filter(|_| scope.mode(OIDC_TRUST) == ControlMode::Own) else {
        return made;
    };
    made.trusts.extend(trust.written(identities));
    for (arn, url, wanted) in trust.issuers() {
        let Some(found) = providers.get(arn).and_then(Option::as_ref) else {
            made.issuers.remove(url);
            continue;
        };
        let ours = Holder::of(&marks, &found.tags) == Holder::Us;
        let mut audiences = made.issuers.remove(url).unwrap_or_default().audiences;
        let added = |of: &&String| ours || acted.audiences.contains(&(arn.clone(), (*of).clone()));
        audiences.extend(wanted.iter().filter(added).cloned());
        audiences.retain(|of| found.audiences.contains(of));
        if ours || !audiences.is_empty() {
            made.issuers.insert(url.to_owned(), Issuer { ours, audiences });
        }
    }
    made
}

/// Policies of the organization that are attached to the account itself: with our tags, or by us.
pub(in super::super) fn policies(
    scope: &Scope<'_>,
    desired: &organization_policies::Desired,
    observed: &organization_policies::Observation,
    acted: &Acted,
) -> BTreeSet<String> {
    let mut made = scope.memory.made.guardrails.clone();
    if scope.mode(ORGANIZATION_POLICIES) != ControlMode::Own || !observed.enabled {
        return made;
    }
    for name in desired.names() {
        let found = observed.found.get(name);
        let is_attached = found.is_some_and(|(of, _)| of.targets.contains(scope.account_id()));
        let content = found.and_then(|(_, content)| content.as_ref());
        let holder = content.map_or(Holder::Nobody, |of| desired.holder(name, &of.tags));
        match holder {
            // Another manager's counts only where none of ours is.
            Holder::Other(_) => drop(made.remove(name)),
            _ if !is_attached => drop(made.remove(name)),
            Holder::Us => drop(made.insert(name.clone())),
            Holder::Nobody if acted.attached.contains(name) => drop(made.insert(name.clone())),
            Holder::Nobody => {}
        }
    }
    made
}

/// The texts of policies of ours, as far as they are as this configuration wants them. Where one is not, what was known of it
/// stays: that is what tells a change of our own from one of another configuration with our name. `held`: the policies that are
/// attached to the account.
pub(in super::super) fn texts(
    scope: &Scope<'_>,
    desired: &organization_policies::Desired,
    observed: &organization_policies::Observation,
    held: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut texts = scope.memory.made.texts.clone();
    let is_own = scope.mode(ORGANIZATION_POLICIES) == ControlMode::Own;
    for name in desired.names().filter(|_| is_own && observed.enabled) {
        match observed.found.get(name) {
            None => drop(texts.remove(name)),
            Some((_, content)) => {
                let agreed = content.as_ref().and_then(|of| desired.agreed(name, of));
                texts.extend(agreed.map(|text| (name.clone(), text)));
            }
        }
    }
    // Of what is asked for no more it is of use until it is taken off.
    let asked: BTreeSet<&String> = desired.names().filter(|_| is_own).collect();
    texts.retain(|name, _| asked.contains(name) || held.contains(name));
    texts
}

/// The password policy that is ours: what was just put, or what is exactly what we would have made of the one before.
pub(in super::super) fn password(
    memory: &Memory,
    before: Option<Before<PasswordPolicy>>,
    wanted: &PasswordPolicy,
    observed: Option<PasswordPolicy>,
    put: Option<PasswordPolicy>,
) -> Option<PasswordPolicy> {
    let known = put.or(memory.made.password).filter(|policy| observed == Some(*policy));
    let would = before.map(|before| password_policy::target(wanted, before));
    known.or_else(|| would.filter(|policy| observed == Some(*policy)))
}
