//! The baseline profiles as data: what each control asks for under each `baseline_policy`.

use fleet_model::account::BaselinePolicy;

use crate::aws::api::member::PasswordPolicy;
use crate::aws::api::{InstanceMetadata, S3PublicAccess, Setting, SnapshotSharing};
use crate::aws::policy::organization::Guardrail;

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
    /// Account-wide switches, at least this strict, for the controls over them.
    pub settings: &'static [Setting],
}

const NO_PUBLIC_BUCKETS: Setting = Setting::S3PublicAccess(S3PublicAccess {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
});
const ENCRYPTED_VOLUMES: Setting = Setting::EbsEncryption(true);
const NO_NEW_PUBLIC_SNAPSHOTS: Setting = Setting::SnapshotSharing(SnapshotSharing::BlockNew);
const NO_PUBLIC_SNAPSHOTS: Setting = Setting::SnapshotSharing(SnapshotSharing::BlockAll);
const NO_PUBLIC_IMAGES: Setting = Setting::ImageSharing(true);
// A pod is a hop away from its node.
const TOKENS: Setting =
    Setting::InstanceMetadata(InstanceMetadata { tokens_required: Some(true), hop_limit: Some(2) });
const STRICT: &[Setting] =
    &[NO_PUBLIC_BUCKETS, ENCRYPTED_VOLUMES, NO_PUBLIC_SNAPSHOTS, NO_PUBLIC_IMAGES, TOKENS];

const SANDBOX: Profile = Profile {
    policy: BaselinePolicy::Sandbox,
    password: password(12, false, None, None),
    plan: &[READ_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[Guardrail::Foundation],
    settings: &[NO_PUBLIC_BUCKETS, NO_NEW_PUBLIC_SNAPSHOTS, NO_PUBLIC_IMAGES],
};

const NONPROD_STANDARD: Profile = Profile {
    policy: BaselinePolicy::NonprodStandard,
    password: password(14, true, None, Some(5)),
    plan: &[READ_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[Guardrail::Foundation, Guardrail::AuditTrail],
    settings: &[
        NO_PUBLIC_BUCKETS,
        ENCRYPTED_VOLUMES,
        NO_NEW_PUBLIC_SNAPSHOTS,
        NO_PUBLIC_IMAGES,
        TOKENS,
    ],
};

const PROD_RESTRICTED: Profile = Profile {
    policy: BaselinePolicy::ProdRestricted,
    password: password(14, true, Some(365), Some(24)),
    plan: &[READ_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[Guardrail::Foundation, Guardrail::AuditTrail, Guardrail::RootUser],
    settings: STRICT,
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
    settings: STRICT,
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
            for setting in weaker.settings {
                let found = stricter.settings.iter().find(|of| of.kind() == setting.kind());
                assert!(found.is_some_and(|found| setting.is_met_by(*found)), "{setting}");
            }
        }
    }
}
