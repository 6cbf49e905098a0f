//! What a call to a cloud can answer instead of a result.

use std::time::Duration;

/// A call that did not give its result. `Display` is one sentence for a person, without its source
/// and without anything secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {code}: {message}")]
pub struct Error {
    /// The call, `service:Operation` (for example `organizations:MoveAccount`).
    pub call: String,
    /// What it means for us.
    pub kind: Kind,
    /// The service's own error code, or a word of ours where the call never got an answer.
    pub code: String,
    /// The service's message.
    pub message: String,
    /// Where the time was over: what was tried until then.
    pub tried: Option<Box<Tries>>,
}

/// A call that was made again and again, and failed each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tries {
    /// How often it was made.
    pub times: u32,
    /// Its last failure.
    pub last: Error,
}

/// What an error means, independent of the service that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Too many calls: `ThrottlingException`, `TooManyRequestsException` (which Organizations sends
    /// as HTTP 400), `Throttling` …
    Throttled,
    /// Somebody else's change is in progress: `ConcurrentModificationException`,
    /// `FinalizingOrganizationException`, `PolicyChangesInProgressException`, `ConflictException`
    /// of the Account API while a region changes.
    Busy,
    /// Too many creates or closes in flight; ends when one of them ends.
    InFlightLimit,
    /// An answer that a new account, role or region gives until it has spread: AccessDenied of
    /// AssumeRole, `InvalidClientTokenId`, `OptInRequired`, `SubscriptionRequiredException`,
    /// `PendingVerification`, `UnauthorizedOperation`, `RegionDisabledException`.
    NotYet,
    /// Refused for good, as far as can be told: AccessDenied of the management account's calls,
    /// or an explicit deny in a service control policy.
    Denied,
    /// The object is not there.
    NotFound,
    /// The object is there already, or the change is already made.
    AlreadyExists,
    /// The input is refused: validation, constraint, quota. Trying again gives the same.
    Invalid,
    /// A quota is used up (number of accounts, closes in 30 days).
    Quota,
    /// The service failed (HTTP 5xx) or could not be reached. Whether the call had its effect is
    /// not known.
    Unanswered,
    /// The service, or this operation of it, does not exist at the endpoint.
    Unsupported,
    /// No credentials, expired credentials, or credentials of another account than allowed.
    Credentials,
    /// The caller asked to stop (StopProvider).
    Cancelled,
    /// The time given to the operation is over.
    DeadlineExceeded,
    /// An answer that nothing here expects.
    Unexpected,
}

/// How a call is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Not at all.
    Never,
    /// Until the operation's deadline, with these bounds of the pause.
    UntilDeadline {
        /// The first pause is drawn from zero to this.
        base: Duration,
        /// No pause is longer.
        cap: Duration,
    },
    /// A few times, for calls that may be made twice without harm.
    FewTimes {
        /// How many calls in all.
        attempts: u32,
        /// The first pause is drawn from zero to this.
        base: Duration,
        /// No pause is longer.
        cap: Duration,
    },
}

// === impl Kind ===

impl Kind {
    /// How a call that ended like this is tried again.
    #[must_use]
    pub fn retry_class(self) -> RetryClass {
        const MS: fn(u64) -> Duration = Duration::from_millis;
        match self {
            Self::Throttled => RetryClass::UntilDeadline { base: MS(500), cap: MS(15_000) },
            Self::Busy => RetryClass::UntilDeadline { base: MS(1_000), cap: MS(20_000) },
            Self::Unanswered => RetryClass::FewTimes { attempts: 5, base: MS(200), cap: MS(5_000) },
            // The engine waits for these itself, since it can say for what it waits.
            Self::InFlightLimit | Self::NotYet => RetryClass::Never,
            Self::Denied
            | Self::NotFound
            | Self::AlreadyExists
            | Self::Invalid
            | Self::Quota
            | Self::Unsupported
            | Self::Credentials
            | Self::Cancelled
            | Self::DeadlineExceeded
            | Self::Unexpected => RetryClass::Never,
        }
    }
}

// === impl Tries ===

/// As a clause: `organizations:MoveAccount was tried 7 times, and last answered …`.
impl std::fmt::Display for Tries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { times, last } = self;
        write!(f, "{} was tried ", last.call)?;
        match times {
            1 => f.write_str("once")?,
            times => write!(f, "{times} times")?,
        }
        write!(f, ", and last answered {}", last.code)?;
        if last.message.is_empty() { Ok(()) } else { write!(f, ": {}", last.message) }
    }
}

// === impl Error ===

impl Error {
    /// An error of `call` (`service:Operation`).
    pub fn new(
        call: impl Into<String>,
        kind: Kind,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { call: call.into(), kind, code: code.into(), message: message.into(), tried: None }
    }

    /// See [`Kind::retry_class`].
    #[must_use]
    pub fn retry_class(&self) -> RetryClass {
        self.kind.retry_class()
    }

    /// Whether the object is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// Whether the operation ended from outside: cancelled, or out of time.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        matches!(self.kind, Kind::Cancelled | Kind::DeadlineExceeded)
    }
}
