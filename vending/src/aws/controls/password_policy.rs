//! `password-policy`: the account's password policy is at least as strict as the profile's.
//! A stricter one passes, and a repair never weakens what it finds.

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity};

use super::evidence::Evidence;
use super::meta::{Meta, Place};
use super::{PASSWORD_POLICY, Ports};
use crate::aws::api::member::{Change, PasswordPolicy};
use crate::error::Error;
use crate::memory::Before;
use crate::operations::{EVERYTHING, read, write};

/// What it says of itself.
pub const META: Meta = Meta {
    name: PASSWORD_POLICY,
    asks: "the account's password policy is at least as strict as the profile's",
    mode: Some(ControlMode::Own),
    severity: Severity::Medium,
    place: Place::Account,
    operations: &[
        write("iam:DeleteAccountPasswordPolicy", EVERYTHING),
        read("iam:GetAccountPasswordPolicy", EVERYTHING),
        write("iam:UpdateAccountPasswordPolicy", EVERYTHING),
    ],
    parameters: "length, classes, age and reuse",
    after: &[],
    given_up: "goes back to what it was before, if it is as we wrote it",
};

const API: &str = "iam:GetAccountPasswordPolicy";

/// Reads the policy; `None` where the account has none.
///
/// # Errors
/// The call's. Without a session in the account there is nothing to observe: `None` outside.
pub async fn observe(ports: &Ports<'_>) -> Option<Result<Option<PasswordPolicy>, Error>> {
    match ports.member {
        Some(member) => Some(member.password_policy().await),
        None => None,
    }
}

/// The change that makes the policy strict enough, if it is not.
#[must_use]
pub fn decide(
    mode: ControlMode,
    wanted: &PasswordPolicy,
    observed: Option<&PasswordPolicy>,
) -> Option<Change> {
    let strict_enough = observed.is_some_and(|observed| is_strict(wanted, observed));
    if mode != ControlMode::Own || strict_enough {
        return None;
    }
    Some(Change::PutPasswordPolicy(observed.map_or(*wanted, |o| stricter(wanted, o))))
}

/// What there was before, to be remembered.
#[must_use]
pub fn prior(observed: Option<&PasswordPolicy>) -> Before<PasswordPolicy> {
    observed.copied().map_or(Before::Nothing, Before::Was)
}

/// What a control makes of the policy that was there before.
#[must_use]
pub(super) fn target(wanted: &PasswordPolicy, before: Before<PasswordPolicy>) -> PasswordPolicy {
    match before {
        Before::Nothing => *wanted,
        Before::Was(before) => stricter(wanted, &before),
    }
}

/// Whether the policy is at least as strict as what is wanted.
pub(super) fn is_strict(wanted: &PasswordPolicy, policy: &PasswordPolicy) -> bool {
    stricter(wanted, policy) == *policy
}

/// What the check says.
#[must_use]
pub fn check(
    mode: ControlMode,
    wanted: &PasswordPolicy,
    observed: Option<&Result<Option<PasswordPolicy>, Error>>,
) -> Check {
    let evidence = Evidence {
        control: PASSWORD_POLICY,
        scope: String::new(),
        severity: Severity::Medium,
        api: API,
        expected: expected(wanted),
    };
    match (mode, observed) {
        (ControlMode::Ignore, _) => evidence.ignored(),
        (_, None) => evidence.inaccessible(),
        (_, Some(Err(error))) => evidence.unknown(error),
        (_, Some(Ok(None))) => evidence.fail("no password policy".to_owned(), todo(mode)),
        (_, Some(Ok(Some(policy)))) if is_strict(wanted, policy) => evidence.pass(text(policy)),
        (_, Some(Ok(Some(policy)))) => evidence.fail(text(policy), todo(mode)),
    }
}

/// The stricter of the two in every part. Whether users may change their own password, and what
/// happens when one expires, is not strictness: the observed value stays.
fn stricter(wanted: &PasswordPolicy, observed: &PasswordPolicy) -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: wanted.minimum_length.max(observed.minimum_length),
        lowercase: wanted.lowercase || observed.lowercase,
        uppercase: wanted.uppercase || observed.uppercase,
        numbers: wanted.numbers || observed.numbers,
        symbols: wanted.symbols || observed.symbols,
        max_age_days: match (wanted.max_age_days, observed.max_age_days) {
            (Some(wanted), Some(observed)) => Some(wanted.min(observed)),
            (wanted, observed) => wanted.or(observed),
        },
        reuse_prevention: wanted.reuse_prevention.max(observed.reuse_prevention),
        users_may_change: observed.users_may_change,
        hard_expiry: observed.hard_expiry,
    }
}

fn expected(policy: &PasswordPolicy) -> String {
    let mut parts = vec![format!("minimum_length at least {}", policy.minimum_length)];
    for (name, required) in classes(policy) {
        if required {
            parts.push(name.to_owned());
        }
    }
    if let Some(days) = policy.max_age_days {
        parts.push(format!("max_age_days at most {days}"));
    }
    if let Some(count) = policy.reuse_prevention {
        parts.push(format!("reuse_prevention at least {count}"));
    }
    parts.join(", ")
}

/// The policy in one line.
#[must_use]
pub fn text(policy: &PasswordPolicy) -> String {
    let number = |n: Option<i32>| n.map_or_else(|| "none".to_owned(), |n| n.to_string());
    let mut parts = vec![format!("minimum_length {}", policy.minimum_length)];
    for (name, required) in classes(policy) {
        if required {
            parts.push(name.to_owned());
        }
    }
    parts.push(format!("max_age_days {}", number(policy.max_age_days)));
    parts.push(format!("reuse_prevention {}", number(policy.reuse_prevention)));
    parts.join(", ")
}

fn classes(policy: &PasswordPolicy) -> [(&'static str, bool); 4] {
    [
        ("lowercase", policy.lowercase),
        ("uppercase", policy.uppercase),
        ("numbers", policy.numbers),
        ("symbols", policy.symbols),
    ]
}

fn todo(mode: ControlMode) -> String {
    if mode == ControlMode::Own {
        "The next apply sets it.".to_owned()
    } else {
        format!(
            "Set it where it is managed, or hand it over with `controls = {{ \
             \"{PASSWORD_POLICY}\" = \"own\" }}`."
        )
    }
}

#[cfg(test)]
mod tests {
    use fleet_model::account::{BaselinePolicy, BaselineVersion};
    use fleet_model::readiness::Verdict;
    use proptest::prelude::*;

    use super::*;
    use crate::error::Kind;
    use crate::profile;

    fn regulated() -> PasswordPolicy {
        profile::of(BaselinePolicy::Regulated, BaselineVersion::default()).password
    }

    #[test]
    fn decisions_and_verdicts() {
        let wanted = regulated();
        let shorter = PasswordPolicy { minimum_length: 8, ..wanted };
        let longer = PasswordPolicy { minimum_length: 20, ..wanted };
        let no_age = PasswordPolicy { max_age_days: None, ..wanted };
        let sooner = PasswordPolicy { max_age_days: Some(30), ..wanted };
        let later = PasswordPolicy { max_age_days: Some(365), ..wanted };
        for (observed, verdict, repaired) in [
            (None, Verdict::Fail, Some(wanted)),
            (Some(wanted), Verdict::Pass, None),
            (Some(longer), Verdict::Pass, None),
            (Some(sooner), Verdict::Pass, None),
            (Some(shorter), Verdict::Fail, Some(wanted)),
            (Some(no_age), Verdict::Fail, Some(wanted)),
            (Some(later), Verdict::Fail, Some(wanted)),
        ] {
            let change = decide(ControlMode::Own, &wanted, observed.as_ref());
            assert_eq!(change, repaired.map(Change::PutPasswordPolicy), "{observed:?}");
            assert_eq!(decide(ControlMode::Verify, &wanted, observed.as_ref()), None);
            let check = check(ControlMode::Own, &wanted, Some(&Ok(observed)));
            assert_eq!(check.verdict, verdict, "{observed:?}");
        }
    }

    #[test]
    fn without_session_or_answer_it_is_unknown() {
        let error = Error::new(API, Kind::Unanswered, "timeout", "");
        assert_eq!(
            check(ControlMode::Own, &regulated(), Some(&Err(error))).verdict,
            Verdict::Unknown
        );
        assert_eq!(check(ControlMode::Own, &regulated(), None).verdict, Verdict::Unknown);
        assert_eq!(check(ControlMode::Ignore, &regulated(), None).verdict, Verdict::NotApplicable);
    }

    fn any_policy() -> impl Strategy<Value = PasswordPolicy> {
        (6..32i32, any::<[bool; 6]>(), prop::option::of(1..400i32), prop::option::of(1..25i32))
            .prop_map(|(minimum_length, flags, max_age_days, reuse_prevention)| PasswordPolicy {
                minimum_length,
                lowercase: flags[0],
                uppercase: flags[1],
                numbers: flags[2],
                symbols: flags[3],
                users_may_change: flags[4],
                hard_expiry: flags[5],
                max_age_days,
                reuse_prevention,
            })
    }

    proptest! {
        /// A repair passes its own check, repairs nothing more, and never weakens what it found.
        #[test]
        fn a_repair_is_final_and_never_weaker(observed in any_policy()) {
            let wanted = regulated();
            let after = match decide(ControlMode::Own, &wanted, Some(&observed)) {
                Some(Change::PutPasswordPolicy(policy)) => policy,
                Some(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
                None => observed,
            };
            prop_assert_eq!(decide(ControlMode::Own, &wanted, Some(&after)), None);
            prop_assert_eq!(check(ControlMode::Own, &wanted, Some(&Ok(Some(after)))).verdict, Verdict::Pass);
            for policy in [wanted, observed] {
                prop_assert!(after.minimum_length >= policy.minimum_length);
                prop_assert!(after.symbols >= policy.symbols && after.numbers >= policy.numbers);
                prop_assert!(after.reuse_prevention >= policy.reuse_prevention);
                prop_assert!(policy.max_age_days.is_none_or(|limit| after.max_age_days.is_some_and(|days| days <= limit)));
            }
        }
    }
}
