//! The baseline profiles as data: what each control asks for under each `baseline_policy`.

use std::collections::BTreeMap;

use fleet_model::account::{BaselinePolicy, Contract, ControlMode};

use crate::aws::api::member::PasswordPolicy;
use crate::aws::policy::organization::Guardrail;

/// The controls, in the order in which they are shown.
pub const CONTROLS: &[&str] = &[
    crate::aws::controls::names::ACCESS_ROLES,
    crate::aws::controls::names::OIDC_TRUST,
    crate::aws::controls::names::ORGANIZATION_POLICIES,
    crate::aws::controls::names::PASSWORD_POLICY,
    crate::aws::controls::names::REGIONS,
];

/// The three access roles, without the prefix `fleet-`. `identity.roles` names them so.
pub const ROLES: &[&str] = &["apply", "plan", "read-only"];

/// The name in IAM of one of them, or of another word of `identity.roles`.
#[must_use]
pub fn role_name(role: &str) -> String {
    format!("fleet-{role}")
}

const ADMINISTRATOR: &str = "AdministratorAccess";
const READ_ONLY: &str = "ReadOnlyAccess";
const SECURITY_AUDIT: &str = "SecurityAudit";
const VIEW_ONLY: &str = "job-function/ViewOnlyAccess";

/// What a profile asks for.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub policy: BaselinePolicy,
    /// At least this strict.
    pub password: PasswordPolicy,
    /// AWS managed policies of `fleet-plan`, as the end of their ARNs.
    pub plan: &'static [&'static str],
    /// AWS managed policies of `fleet-apply`: what the boundary leaves of them.
    pub apply: &'static [&'static str],
    /// AWS managed policies of `fleet-read-only`.
    pub read_only: &'static [&'static str],
    /// Service control policies. With `FullAWSAccess` there are never more than five, the limit
    /// per node of organizations that were not given a higher one.
    pub guardrails: &'static [Guardrail],
}

/// A control that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no control `{name}`; the controls are {}", CONTROLS.join(", "))]
pub struct UnknownControl {
    /// The name as it was given.
    pub name: String,
}

const SANDBOX: Profile = Profile {
    policy: BaselinePolicy::Sandbox,
    password: password(12, false, None, None),
    plan: &[READ_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[Guardrail::Foundation],
};

const NONPROD_STANDARD: Profile = Profile {
    policy: BaselinePolicy::NonprodStandard,
    password: password(14, true, None, Some(5)),
    plan: &[READ_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[Guardrail::Foundation, Guardrail::AuditTrail],
};

const PROD_RESTRICTED: Profile = Profile {
    policy: BaselinePolicy::ProdRestricted,
    password: password(14, true, Some(365), Some(24)),
    plan: &[READ_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[Guardrail::Foundation, Guardrail::AuditTrail, Guardrail::RootUser],
};

// A plan in a regulated account reads configuration, never data: ReadOnlyAccess would read objects.
const REGULATED: Profile = Profile {
    policy: BaselinePolicy::Regulated,
    password: password(16, true, Some(90), Some(24)),
    plan: &[SECURITY_AUDIT, VIEW_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[
        Guardrail::Foundation,
        Guardrail::AuditTrail,
        Guardrail::RootUser,
        Guardrail::DataProtection,
    ],
};

/// The profile behind a `baseline_policy`.
#[must_use]
pub fn of(policy: BaselinePolicy) -> &'static Profile {
    match policy {
        BaselinePolicy::Sandbox => &SANDBOX,
        BaselinePolicy::NonprodStandard => &NONPROD_STANDARD,
        BaselinePolicy::ProdRestricted => &PROD_RESTRICTED,
        BaselinePolicy::Regulated => &REGULATED,
    }
}

/// The mode of every control: what the contract says, else `own`, and `verify` for
/// `organization-policies`, since those bind more than this account.
///
/// # Errors
/// The first name in `contract.controls` that is no control.
pub fn modes(contract: &Contract) -> Result<BTreeMap<&'static str, ControlMode>, UnknownControl> {
    check_names(contract.controls.keys().map(String::as_str))?;
    Ok(CONTROLS.iter().map(|control| (*control, mode(contract, control))).collect())
}

/// The mode of one control.
#[must_use]
pub fn mode(contract: &Contract, control: &str) -> ControlMode {
    contract.controls.get(control).copied().unwrap_or(match control {
        crate::aws::controls::names::ORGANIZATION_POLICIES => ControlMode::Verify,
        _ => ControlMode::Own,
    })
}

/// Checks the keys of `controls`.
///
/// # Errors
/// The first name that is no control.
pub fn check_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<(), UnknownControl> {
    match names.into_iter().find(|name| !CONTROLS.contains(name)) {
        Some(name) => Err(UnknownControl { name: name.to_owned() }),
        None => Ok(()),
    }
}

impl Profile {
    /// AWS managed policies of one of [`ROLES`], as ARNs.
    #[must_use]
    pub fn managed_policies(&self, role: &str, partition: &str) -> Vec<String> {
        let names = match role {
            "plan" => self.plan,
            "apply" => self.apply,
            _ => self.read_only,
        };
        names.iter().map(|name| format!("arn:{partition}:iam::aws:policy/{name}")).collect()
    }
}

const fn password(
    minimum_length: i32,
    symbols: bool,
    max_age_days: Option<i32>,
    reuse_prevention: Option<i32>,
) -> PasswordPolicy {
    PasswordPolicy {
        minimum_length,
        lowercase: true,
        uppercase: true,
        numbers: true,
        symbols,
        users_may_change: true,
        max_age_days,
        reuse_prevention,
        hard_expiry: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [BaselinePolicy; 4] = [
        BaselinePolicy::Sandbox,
        BaselinePolicy::NonprodStandard,
        BaselinePolicy::ProdRestricted,
        BaselinePolicy::Regulated,
    ];

    #[test]
    fn a_profile_answers_to_its_own_name() {
        for policy in ALL {
            assert_eq!(of(policy).policy, policy);
        }
    }

    #[test]
    fn each_profile_is_at_least_as_strict_as_the_one_before() {
        for pair in ALL.windows(2) {
            let (weaker, stricter) = (of(pair[0]), of(pair[1]));
            assert!(stricter.password.minimum_length >= weaker.password.minimum_length);
            assert!(stricter.password.symbols >= weaker.password.symbols);
            assert!(stricter.password.reuse_prevention >= weaker.password.reuse_prevention);
            assert!(stricter.guardrails.starts_with(weaker.guardrails));
            assert!(stricter.guardrails.len() <= 4, "FullAWSAccess takes the fifth place");
        }
    }

    #[test]
    fn an_unknown_control_is_named_with_those_that_exist() {
        assert_eq!(check_names(["regions", "oidc-trust"]), Ok(()));
        let error = check_names(["regions", "passwords"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no control `passwords`; the controls are access-roles, oidc-trust, \
             organization-policies, password-policy, regions"
        );
    }
}
