//! What a call to a cloud can answer instead of a result.

use std::time::Duration;

use crate::operations;

mod answer;

pub use answer::Answer;

/// What an error has as its call that is about the credentials themselves, before anything is called with them.
pub const CREDENTIALS: &str = "credentials";

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
    /// What stands behind it, as far as that can be told.
    pub cause: Cause,
    /// Where the call was sent to, once it was sent.
    pub place: Option<Box<Place>>,
    /// Where the call was given up after trying: what was tried until then.
    pub tried: Option<Box<Tries>>,
}

/// Where a call is sent to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Scheme, host and port.
    pub endpoint: String,
    /// The region that the call was signed for.
    pub region: Option<String>,
    /// The proxy of calls with this scheme, as it may be shown; hosts of `no_proxy` are called without it.
    pub proxy: Option<String>,
}

/// What stands behind a failure. A person does something else about each, so that reports choose their words by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Cause {
    /// No more is known than the [`Kind`].
    #[default]
    Unsaid,
    /// No source of credentials has any.
    NoCredentials,
    /// The profile is in none of the shared files.
    NoSuchProfile,
    /// The sign-in of an SSO profile has ended, or never was.
    SignInEnded,
    /// A source of credentials is there and gives none.
    SourceFailed,
    /// The session of the credentials has ended.
    SessionEnded,
    /// AWS does not know the access key, or it is switched off.
    UnknownKey,
    /// The signature does not fit: the secret key is another one's.
    WrongSecret,
    /// The token of the identity provider is not accepted.
    TokenRefused,
    /// A role of the configuration cannot be assumed.
    RoleRefused,
    /// The caller's account is not among those that are allowed.
    AccountNotAllowed,
    /// The caller's account is in no organization.
    NoOrganization,
    /// This machine's clock is wrong.
    ClockSkew,
    /// The name of the host cannot be resolved.
    NoSuchHost,
    /// Nobody listens at the address.
    ConnectionRefused,
    /// The connection was cut off.
    ConnectionLost,
    /// No answer in time.
    NoAnswer,
    /// The certificate of the other side is not trusted.
    UntrustedCertificate,
    /// The connection could not be made, for another reason.
    NoConnection,
    /// What answered is not the service: a page of HTML, for example.
    NotTheService,
    /// The answer lacks a member that it always has.
    IncompleteAnswer,
    /// The URL of a proxy cannot be used.
    InvalidProxy,
    /// The file of certificates cannot be used.
    InvalidCaBundle,
    /// Access is denied, and AWS does not say by which policy.
    AccessDenied,
    /// A policy denies it by name, or one that has to allow it does not: no waiting changes that.
    PolicyDenies,
    /// AWS has not verified the account yet.
    Verification,
    /// An account, an organizational unit or the root has as many policies of one type as AWS attaches.
    PoliciesPerTarget,
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

impl Kind {
    /// Whether the same call may be answered otherwise after a while, without anybody's doing.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::Busy | Self::InFlightLimit | Self::NotYet | Self::Unanswered
        )
    }
}

// === impl Place ===

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.endpoint)?;
        match &self.region {
            Some(region) => write!(f, " (region {region})"),
            None => Ok(()),
        }
    }
}

// === impl Cause ===

impl Cause {
    /// Whether nothing at the endpoint took the call.
    #[must_use]
    pub fn is_unreachable(self) -> bool {
        matches!(
            self,
            Self::NoSuchHost
                | Self::ConnectionRefused
                | Self::ConnectionLost
                | Self::NoAnswer
                | Self::UntrustedCertificate
                | Self::NoConnection
        )
    }
}

// === impl Tries ===

/// As a clause: `organizations:MoveAccount was tried 7 times, and last answered …`.
impl std::fmt::Display for Tries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { times, last } = self;
        f.write_str(&last.call)?;
        if let Some(place) = &last.place {
            write!(f, " at {place}")?;
        }
        f.write_str(" was tried ")?;
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
        Self {
            call: call.into(),
            kind,
            code: code.into(),
            message: message.into(),
            cause: Cause::Unsaid,
            place: None,
            tried: None,
        }
    }

    /// The same with what stands behind it.
    #[must_use]
    pub fn with_cause(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    /// See [`Kind::retry_class`].
    #[must_use]
    pub fn retry_class(&self) -> RetryClass {
        self.kind.retry_class()
    }

    /// Whether access was denied: by a policy, or by what a new role or account is not allowed yet.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        self.kind == Kind::Denied || self.cause == Cause::AccessDenied
    }

    /// Whether something answered, and what it said cannot be read: it is not known what the call did.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        matches!(self.cause, Cause::NotTheService | Cause::IncompleteAnswer)
    }

    /// Whether the call was one that changes something, and nothing tells whether it did.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        let is_lost = self.kind == Kind::Unanswered
            && matches!(self.cause, Cause::Unsaid | Cause::NoAnswer | Cause::ConnectionLost);
        (is_lost || self.is_unread()) && operations::writes(&self.call)
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
