//! How a control writes down what it found. Everything in a check is canonical: texts that do not
//! move while the world does not.

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity, Verdict};

use crate::error::{Cause, Error, Kind};

/// One check before its verdict.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub(super) control: &'static str,
    pub(super) scope: String,
    pub(super) severity: Severity,
    pub(super) api: &'static str,
    pub(super) expected: String,
}

/// Why something could not be observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unobserved {
    Denied,
    NotYet,
    Throttled,
    Credentials,
    Unanswered,
    Unsupported,
    NoTime,
    Failed,
}

// === impl Unobserved ===

impl Unobserved {
    fn of(error: &Error) -> Self {
        match error.kind {
            Kind::Denied => Self::Denied,
            Kind::NotYet if error.cause == Cause::AccessDenied => Self::Denied,
            Kind::NotYet => Self::NotYet,
            Kind::Throttled => Self::Throttled,
            Kind::Credentials => Self::Credentials,
            Kind::Unanswered => Self::Unanswered,
            Kind::Unsupported => Self::Unsupported,
            Kind::Cancelled | Kind::DeadlineExceeded => Self::NoTime,
            Kind::Busy
            | Kind::InFlightLimit
            | Kind::NotFound
            | Kind::AlreadyExists
            | Kind::Invalid
            | Kind::Quota
            | Kind::Unexpected => Self::Failed,
        }
    }

    fn what_to_do(self) -> &'static str {
        match self {
            Self::Denied => {
                "Allow it to the role by which vending enters the account, and look for a service \
                 control policy that denies it."
            }
            Self::NotYet => {
                "Apply again in a few minutes; new accounts take up to four hours in bad cases."
            }
            Self::Throttled | Self::Unanswered => "Apply again.",
            Self::Credentials => {
                "Check the credentials of the provider block; a session ends after an hour."
            }
            Self::Unsupported => {
                "Set the control to `ignore` if this partition or endpoint lacks the service."
            }
            Self::NoTime => "Apply again, or raise the timeout of the operation.",
            Self::Failed => "Run with TF_LOG=warn to see the service's answer.",
        }
    }
}

impl std::fmt::Display for Unobserved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Denied => "the call was denied",
            Self::NotYet => "the account does not answer this call yet",
            Self::Throttled => "too many calls",
            Self::Credentials => "no usable credentials",
            Self::Unanswered => "the service did not answer",
            Self::Unsupported => "the endpoint does not know the call",
            Self::NoTime => "there was no time left for the call",
            Self::Failed => "the call failed",
        })
    }
}

// === impl Evidence ===

impl Evidence {
    /// Pass when `observed` is what was expected, else fail with the advice.
    pub(super) fn compare(self, observed: String, what_to_do: impl FnOnce() -> String) -> Check {
        if observed == self.expected {
            self.with(Verdict::Pass, observed, String::new())
        } else {
            self.fail(observed, what_to_do())
        }
    }

    pub(super) fn pass(self, observed: String) -> Check {
        self.with(Verdict::Pass, observed, String::new())
    }

    pub(super) fn fail(self, observed: String, what_to_do: String) -> Check {
        self.with(Verdict::Fail, observed, what_to_do)
    }

    pub(super) fn not_applicable(self, reason: &str) -> Check {
        self.with(Verdict::NotApplicable, reason.to_owned(), String::new())
    }

    /// The observation failed. The class of the error is evidence; its message and request id move.
    pub(super) fn unknown(self, error: &Error) -> Check {
        tracing::warn!(
            control = self.control,
            call = error.call,
            code = error.code,
            message = error.message,
            "a check could not be made"
        );
        let why = Unobserved::of(error);
        self.with(
            Verdict::Unknown,
            format!("{}: {why}", error.call),
            format!("{} The call was {}.", why.what_to_do(), error.call),
        )
    }

    /// There is no session in the account.
    pub(super) fn inaccessible(self) -> Check {
        self.with(
            Verdict::Unknown,
            "the account is not accessible".to_owned(),
            "Wait until the account reaches the phase `accessible`; its `status_reason` says what \
             it waits for."
                .to_owned(),
        )
    }

    /// The mode is `ignore`.
    pub(super) fn ignored(self) -> Check {
        self.not_applicable("ignored by `controls`")
    }

    fn with(self, verdict: Verdict, observed: String, what_to_do: String) -> Check {
        Check {
            check: self.control.to_owned(),
            scope: self.scope,
            verdict,
            severity: self.severity,
            expected: self.expected,
            observed,
            api: self.api.to_owned(),
            what_to_do,
        }
    }
}

/// Advice on a difference, by who is to mend it.
pub(super) fn advice(mode: ControlMode, control: &str, differences: &[String]) -> String {
    let listed = differences.join("; ");
    match mode {
        ControlMode::Own => format!("The next apply repairs this: {listed}."),
        ControlMode::Verify | ControlMode::Ignore => format!(
            "Have it repaired by whoever manages it, or hand it over with `controls = {{ \
             \"{control}\" = \"own\" }}`: {listed}."
        ),
    }
}

/// Advice on what we may not change.
pub(super) fn refusal(control: &str, objects: &[String]) -> String {
    format!(
        "{}. Nothing of another manager is changed: release it there or remove it, or set \
         `controls = {{ \"{control}\" = \"verify\" }}` (or \"ignore\") to leave it where it is.",
        objects.join("; ")
    )
}
