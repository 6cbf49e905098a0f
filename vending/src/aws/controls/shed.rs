//! What the controls made and the contract asks for no more: taken away where it is ours.
//!
//! Decided on what is remembered ([`crate::memory::Made`]) and on the contract alone, so that a plan can name each
//! thing and its apply does the same. A control that is `own` sheds what its contract dropped; one that is `ignore`
//! sheds all it made; one that is `verify` sheds nothing, since what it made is still asked for, of somebody else.
//! Nothing that others may depend on in ways that we cannot see is deleted: roles are shut, policies of the organization
//! and boundaries stay, regions stay enabled.

use std::collections::BTreeSet;

use fleet_model::account::{Contract, ControlMode};

use super::meta::Meta;
use super::{
    ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY, VendingRoles, access_roles,
    oidc_trust, organization_policies, password_policy,
};
use crate::aws::api::member::PasswordPolicy;
use crate::memory::{Before, Made, Memory};
use crate::profile::{self, ROLES, role_name};

mod act;
mod record;

pub(super) use act::{Done, Inside, Shedding, inside, outside};
pub(super) use record::{Acted, identity, password, policies, texts};

/// Something that is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shed {
    /// An access role's trust in an identity provider; it trusts the management account again, as without `identity`.
    Trust(String),
    /// A role is shut: nobody may assume it any more.
    Role(String),
    /// An audience of an OIDC provider that stays.
    Audience {
        /// The URL of the issuer.
        url: String,
        /// The audience.
        audience: String,
    },
    /// An OIDC provider, by the URL of its issuer.
    Provider(String),
    /// The password policy, back to this.
    Password(Before<PasswordPolicy>),
    /// A service control policy, by name, is taken off the account. The policy itself stays.
    Guardrail(String),
}

impl Shed {
    /// The control that made it.
    #[must_use]
    pub fn control(&self) -> &'static str {
        match self {
            Self::Trust(_) | Self::Audience { .. } | Self::Provider(_) => OIDC_TRUST,
            Self::Role(_) => ACCESS_ROLES,
            Self::Password(_) => PASSWORD_POLICY,
            Self::Guardrail(_) => ORGANIZATION_POLICIES,
        }
    }
}

/// What the next apply takes away, in the order in which it does. `vending`: the roles of vending's own as they are asked
/// for; `None` while that is not known, and then none of them is shut.
#[must_use]
pub fn shed(memory: &Memory, contract: &Contract, vending: Option<VendingRoles<'_>>) -> Vec<Shed> {
    let asked = Asked { made: &memory.made, contract, vending };
    let mut all = asked.trusts();
    all.extend(asked.roles());
    all.extend(asked.issuers());
    all.extend(asked.password(memory));
    all.extend(asked.guardrails());
    all
}

struct Asked<'a> {
    made: &'a Made,
    contract: &'a Contract,
    vending: Option<VendingRoles<'a>>,
}

impl Asked<'_> {
    fn mode(&self, control: &Meta) -> ControlMode {
        control.mode(self.contract)
    }

    /// The access roles that `identity` federates and this configuration may.
    fn federated(&self) -> BTreeSet<String> {
        let identity = self.contract.identity.as_ref();
        let roles = identity.filter(|_| self.mode(&oidc_trust::META) == ControlMode::Own);
        roles.iter().flat_map(|of| of.roles.keys()).map(|role| role_name(role)).collect()
    }

    fn trusts(&self) -> Vec<Shed> {
        if self.mode(&oidc_trust::META) == ControlMode::Verify {
            return Vec::new();
        }
        let federated = self.federated();
        // One that nobody asks for at all is shut instead.
        let shut = self.mode(&access_roles::META) == ControlMode::Ignore;
        let gone = self.made.trusts.iter().filter(|role| !federated.contains(*role));
        gone.map(|role| if shut { Shed::Role(role.clone()) } else { Shed::Trust(role.clone()) })
            .collect()
    }

    fn roles(&self) -> Vec<Shed> {
        let mode = self.mode(&access_roles::META);
        if mode == ControlMode::Verify {
            return Vec::new();
        }
        let federated = self.federated();
        let is_access = |name: &str| ROLES.iter().any(|role| role_name(role) == name);
        let is_asked = |name: &str| match (is_access(name), self.vending) {
            (true, _) => mode == ControlMode::Own || federated.contains(name),
            // Vending works by its own roles whatever the mode is.
            (false, Some(vending)) => [vending.manage, vending.read].contains(&Some(name)),
            (false, None) => true,
        };
        // Told as a trust already.
        let told =
            |name: &String| is_access(name) && self.trusts().contains(&Shed::Role(name.clone()));
        let gone = self.made.roles.iter().filter(|name| !is_asked(name) && !told(name));
        gone.cloned().map(Shed::Role).collect()
    }

    fn issuers(&self) -> Vec<Shed> {
        let mode = self.mode(&oidc_trust::META);
        if mode == ControlMode::Verify {
            return Vec::new();
        }
        let asked = self.contract.identity.as_ref().filter(|_| mode == ControlMode::Own);
        let mut all = Vec::new();
        for (url, issuer) in &self.made.issuers {
            let providers = asked.iter().flat_map(|of| of.providers.values());
            let wanted: Vec<&BTreeSet<String>> =
                providers.filter(|of| &of.url == url).map(|of| &of.audiences).collect();
            if wanted.is_empty() && issuer.ours {
                all.push(Shed::Provider(url.clone()));
                continue;
            }
            let gone =
                issuer.audiences.iter().filter(|of| !wanted.iter().any(|set| set.contains(*of)));
            all.extend(gone.map(|of| Shed::Audience { url: url.clone(), audience: of.clone() }));
        }
        all
    }

    fn password(&self, memory: &Memory) -> Option<Shed> {
        let (before, written) = (memory.password_policy?, self.made.password?);
        let back = match self.mode(&password_policy::META) {
            ControlMode::Verify => return None,
            ControlMode::Ignore => before,
            ControlMode::Own => {
                let wanted = &profile::asked(self.contract).password;
                let target = password_policy::target(wanted, before);
                // Where anything is to become stricter, that comes first.
                if !password_policy::is_strict(&target, &written) {
                    return None;
                }
                Before::Was(target)
            }
        };
        (back != Before::Was(written)).then_some(Shed::Password(back))
    }

    fn guardrails(&self) -> Vec<Shed> {
        let profile = profile::asked(self.contract);
        let wanted: BTreeSet<String> = match self.mode(&organization_policies::META) {
            ControlMode::Verify => return Vec::new(),
            ControlMode::Ignore => BTreeSet::new(),
            ControlMode::Own => {
                profile.guardrails.iter().map(|of| of.policy_name(profile.policy)).collect()
            }
        };
        self.made.guardrails.difference(&wanted).cloned().map(Shed::Guardrail).collect()
    }
}

// === impl Made ===

impl Made {
    /// It is gone, or not ours any more.
    fn forget(&mut self, shed: &Shed) {
        match shed {
            Shed::Trust(role) => drop(self.trusts.remove(role)),
            Shed::Role(role) => {
                self.roles.remove(role);
                self.trusts.remove(role);
            }
            Shed::Audience { url, audience } => {
                if let Some(issuer) = self.issuers.get_mut(url) {
                    issuer.audiences.remove(audience);
                    if !issuer.ours && issuer.audiences.is_empty() {
                        self.issuers.remove(url);
                    }
                }
            }
            Shed::Provider(url) => drop(self.issuers.remove(url)),
            Shed::Password(Before::Was(policy)) => self.password = Some(*policy),
            Shed::Password(Before::Nothing) => self.password = None,
            Shed::Guardrail(name) => {
                self.guardrails.remove(name);
                self.texts.remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests;
