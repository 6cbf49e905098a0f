//! The baseline profiles as data: what each control asks for under each `baseline_policy`.

use fleet_model::account::{BaselinePolicy, BaselineVersion, Contract, ControlMode};

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
    /// Its version.
    pub version: BaselineVersion,
    /// Controls that it asks for beside those that have a mode of their own, and who keeps each.
    pub modes: &'static [(&'static str, ControlMode)],
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
    version: BaselineVersion::V1,
    modes: &[],
    password: password(12, false, None, None),
    plan: &[READ_ONLY],
    apply: &[ADMINISTRATOR],
    read_only: &[SECURITY_AUDIT, VIEW_ONLY],
    guardrails: &[Guardrail::Foundation],
    settings: &[NO_PUBLIC_BUCKETS, NO_NEW_PUBLIC_SNAPSHOTS, NO_PUBLIC_IMAGES],
};

const NONPROD_STANDARD: Profile = Profile {
    policy: BaselinePolicy::NonprodStandard,
    version: BaselineVersion::V1,
    modes: &[],
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
    version: BaselineVersion::V1,
    modes: &[],
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
    version: BaselineVersion::V1,
    modes: &[],
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

// What is safe wherever nobody shares anything with everybody.
const SWITCHES: &[(&str, ControlMode)] = &[
    ("s3-public-access-block", ControlMode::Own),
    ("snapshot-public-access", ControlMode::Own),
    ("ami-public-access", ControlMode::Own),
];
const ALL_SWITCHES: &[(&str, ControlMode)] = &[
    ("s3-public-access-block", ControlMode::Own),
    ("snapshot-public-access", ControlMode::Own),
    ("ami-public-access", ControlMode::Own),
    ("ebs-encryption", ControlMode::Own),
    ("imds-defaults", ControlMode::Own),
    ("root-user", ControlMode::Verify),
];

const fn second(profile: Profile, modes: &'static [(&'static str, ControlMode)]) -> Profile {
    Profile { version: BaselineVersion::V2, modes, ..profile }
}

// What a version asks for never changes once it was published: what is new is a version of its own.
const SANDBOX_2: Profile = second(SANDBOX, SWITCHES);
const NONPROD_STANDARD_2: Profile = second(NONPROD_STANDARD, ALL_SWITCHES);
const PROD_RESTRICTED_2: Profile = second(PROD_RESTRICTED, ALL_SWITCHES);
const REGULATED_2: Profile = second(REGULATED, ALL_SWITCHES);

/// The profile behind a `baseline_policy`, in one of its versions.
#[must_use]
pub fn of(policy: BaselinePolicy, version: BaselineVersion) -> &'static Profile {
    use BaselinePolicy::{NonprodStandard, ProdRestricted, Regulated, Sandbox};
    match (policy, version) {
        (Sandbox, BaselineVersion::V1) => &SANDBOX,
        (NonprodStandard, BaselineVersion::V1) => &NONPROD_STANDARD,
        (ProdRestricted, BaselineVersion::V1) => &PROD_RESTRICTED,
        (Regulated, BaselineVersion::V1) => &REGULATED,
        (Sandbox, BaselineVersion::V2) => &SANDBOX_2,
        (NonprodStandard, BaselineVersion::V2) => &NONPROD_STANDARD_2,
        (ProdRestricted, BaselineVersion::V2) => &PROD_RESTRICTED_2,
        (Regulated, BaselineVersion::V2) => &REGULATED_2,
    }
}

/// The profile that an account asks for.
#[must_use]
pub fn asked(contract: &Contract) -> &'static Profile {
    of(contract.baseline_policy, contract.baseline_version)
}

impl Profile {
    /// Who keeps a control that has no mode of its own; `None`: the profile does not ask for it.
    #[must_use]
    pub fn mode(&self, control: &str) -> Option<ControlMode> {
        self.modes.iter().find(|(name, _)| *name == control).map(|(_, mode)| *mode)
    }

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
        for (policy, version) in all() {
            let profile = of(policy, version);
            assert_eq!((profile.policy, profile.version), (policy, version));
        }
    }

    fn all() -> impl Iterator<Item = (BaselinePolicy, BaselineVersion)> {
        ALL.into_iter().flat_map(|policy| BaselineVersion::ALL.map(|version| (policy, version)))
    }

    /// What was published is not changed: a difference here is an account that an upgrade changes, or lets in or out.
    #[test]
    fn what_a_version_asks_for_never_changes() {
        let profiles: Vec<&Profile> = all().map(|(policy, version)| of(policy, version)).collect();
        insta::assert_debug_snapshot!(profiles);
    }

    /// A newer version asks for all that the one before asks for.
    #[test]
    fn a_newer_version_is_at_least_as_strict() {
        for policy in ALL {
            let [older, newer] = BaselineVersion::ALL.map(|version| of(policy, version));
            assert_eq!(newer.password, older.password);
            assert!(newer.guardrails.starts_with(older.guardrails));
            for setting in older.settings {
                assert!(newer.settings.iter().any(|of| setting.is_met_by(*of)), "{setting}");
            }
            for (control, mode) in older.modes {
                assert_eq!(newer.mode(control), Some(*mode), "{control}");
            }
        }
    }

    /// A profile names controls that there are, and none that has a mode of its own; what it owns of switches has a row.
    #[test]
    fn the_modes_of_a_profile_are_those_of_controls_without_one() {
        use crate::aws::controls;
        for (policy, version) in all() {
            for (control, mode) in of(policy, version).modes {
                let meta = controls::metas().find(|meta| meta.name == *control);
                assert!(meta.is_some_and(|meta| meta.mode.is_none()), "{control}");
                assert!(
                    *mode != ControlMode::Own || !controls::is_only_checked(control),
                    "{control}"
                );
            }
        }
    }

    #[test]
    fn each_profile_is_at_least_as_strict_as_the_one_before() {
        let pairs = BaselineVersion::ALL.into_iter().flat_map(|version| {
            ALL.windows(2).map(move |pair| (of(pair[0], version), of(pair[1], version)))
        });
        for (weaker, stricter) in pairs {
            for (control, mode) in weaker.modes {
                assert_eq!(stricter.mode(control), Some(*mode), "{control}");
            }
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
