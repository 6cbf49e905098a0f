//! From the AWS SDK's errors to ours: what they mean, and what stands behind them. Here and nowhere else the texts of
//! AWS's answers are read, and only where AWS gives no code.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::dns::ResolveDnsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ErrorKind;

use super::answers::Incomplete;
use crate::error::{Cause, Error, Kind};

/// Whose credentials a call is signed with: a new member account refuses for a while what the
/// management account would refuse for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signer {
    /// The credentials of the provider block.
    Caller,
    /// The same, to assume a role of a member account: the role may not have spread yet.
    Entry,
    /// An assumed role in a member account.
    Member,
}

/// AWS takes signatures that are up to 15 minutes old
/// ([IAM user guide](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html)); its answers
/// say what time it is there.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// Reads an SDK error.
pub(crate) fn read<E>(signer: Signer, call: &str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let fault = |kind, code: &str, message: String| Error::new(call, kind, code, message);
    match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let code = service.err().code().unwrap_or_default();
            let message = service.err().message().unwrap_or_default();
            if code.is_empty() {
                let kind = by_status(status);
                let read = fault(kind, &format!("HTTP {status}"), tidy(message));
                return match kind {
                    _ if is_page(service.raw()) => read.with_cause(Cause::NotTheService),
                    // A refusal of a service always has its code.
                    Kind::Unexpected => read.with_cause(Cause::IncompleteAnswer),
                    _ => read,
                };
            }
            let (kind, cause) = by_code(signer, code, message, status);
            let skewed = matches!(cause, Cause::WrongSecret | Cause::ClockSkew)
                .then(|| skew(service.raw()))
                .flatten();
            match skewed {
                Some(skew) => fault(kind, code, skew).with_cause(Cause::ClockSkew),
                None => fault(kind, code, tidy(message)).with_cause(cause),
            }
        }
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            let (kind, cause) = match (status, is_page(response.raw())) {
                (_, true) => (by_status(status), Cause::NotTheService),
                // It took the call; whether with effect, a reader of half an answer cannot tell.
                (200..=299, false) => (Kind::Unanswered, Cause::IncompleteAnswer),
                (_, false) => (by_status(status), Cause::Unsaid),
            };
            let said = "the answer could not be read".to_owned();
            fault(kind, &format!("HTTP {status}"), said).with_cause(cause)
        }
        SdkError::TimeoutError(_) => fault(Kind::Unanswered, "Timeout", "no answer in time".into())
            .with_cause(Cause::NoAnswer),
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) => {
            if let Some(failed) = find::<CredentialsError>(error) {
                return of_credentials(call, failed);
            }
            if let Some(incomplete) = find::<Incomplete>(error) {
                return fault(Kind::Unanswered, "IncompleteAnswer", incomplete.to_string())
                    .with_cause(Cause::IncompleteAnswer);
            }
            match error {
                SdkError::DispatchFailure(failure) => {
                    let cut = failure.as_other() == Some(ErrorKind::TransientError);
                    let cause = match way(error) {
                        Cause::NoConnection if failure.is_timeout() => Cause::NoAnswer,
                        Cause::NoConnection if cut => Cause::ConnectionLost,
                        cause => cause,
                    };
                    fault(Kind::Unanswered, "NoConnection", innermost(error)).with_cause(cause)
                }
                _ => fault(Kind::Unexpected, "ConstructionFailure", innermost(error)),
            }
        }
        _ => fault(Kind::Unexpected, "Unknown", innermost(error)),
    }
}

/// What a source of credentials failed for: a call to AWS of its own says more than the source does.
pub(super) fn of_credentials(call: &str, failed: &CredentialsError) -> Error {
    if let Some(inner) = find::<Error>(failed) {
        let refused = matches!(inner.kind, Kind::Denied | Kind::Invalid | Kind::NotFound);
        let cause = if refused { Cause::RoleRefused } else { inner.cause };
        let kind = match inner.kind {
            Kind::Throttled | Kind::Busy | Kind::Unanswered => inner.kind,
            _ => Kind::Credentials,
        };
        return Error { kind, cause, ..inner.clone() };
    }
    let cause = match failed {
        CredentialsError::CredentialsNotLoaded(_) => Cause::NoCredentials,
        _ => match way(failed) {
            Cause::NoConnection => Cause::SourceFailed,
            cause => cause,
        },
    };
    Error::new(call, Kind::Credentials, "CredentialsError", innermost(failed)).with_cause(cause)
}

/// What a code means, and what stands behind it.
fn by_code(signer: Signer, code: &str, message: &str, status: u16) -> (Kind, Cause) {
    let bare = code.strip_suffix("Exception").unwrap_or(code);
    // Which account's credentials it says nothing good about.
    let unknown_key = match signer {
        Signer::Caller | Signer::Entry => Kind::Credentials,
        Signer::Member => Kind::NotYet,
    };
    match bare {
        "ExpiredToken" | "TokenRefreshRequired" => (Kind::Credentials, Cause::SessionEnded),
        "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => {
            (Kind::Credentials, Cause::ClockSkew)
        }
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "InvalidAccessKeyId"
        | "AuthFailure"
        | "MissingAuthenticationToken" => (unknown_key, Cause::UnknownKey),
        "SignatureDoesNotMatch" | "InvalidSignature" | "IncompleteSignature" => {
            (Kind::Credentials, Cause::WrongSecret)
        }
        "InvalidIdentityToken" | "IDPRejectedClaim" => (Kind::Credentials, Cause::TokenRefused),
        "OptInRequired" | "SubscriptionRequired" | "PendingVerification" => {
            (Kind::NotYet, Cause::Verification)
        }
        "AWSOrganizationsNotInUse" => (Kind::Invalid, Cause::NoOrganization),
        // The second is how EC2 calls it.
        "AccessDenied" | "UnauthorizedOperation" => match (signer, Denial::read(message)) {
            (_, Denial::Explicit | Denial::Unallowed) => (Kind::Denied, Cause::PolicyDenies),
            (Signer::Caller, Denial::Unsaid) => (Kind::Denied, Cause::AccessDenied),
            (Signer::Entry | Signer::Member, Denial::Unsaid) => (Kind::NotYet, Cause::AccessDenied),
        },
        _ => (kind_of(bare, status), Cause::Unsaid),
    }
}

/// What a code without anything more behind it means. Codes of one kind begin or end alike in all services.
fn kind_of(bare: &str, status: u16) -> Kind {
    match bare {
        "Throttling"
        | "ThrottlingError"
        | "Throttled"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "LimitExceededRate" => Kind::Throttled,
        "ConcurrentModification"
        | "FinalizingOrganization"
        | "PolicyChangesInProgress"
        | "Conflict"
        // S3, while it is at work on the same thing.
        | "OperationAborted"
        | "DeleteConflictInProgress"
        | "EntityTemporarilyUnmodifiable" => Kind::Busy,
        "RegionDisabled" => Kind::NotYet,
        "AccessDeniedForDependency" | "UnauthorizedAccess" => Kind::Denied,
        "LimitExceeded" | "ServiceQuotaExceeded" => Kind::Quota,
        "NotImplemented"
        | "UnknownOperation"
        | "UnsupportedOperation"
        | "InvalidAction"
        | "UnsupportedAPIEndpoint" => Kind::Unsupported,
        "Service"
        | "ServiceFailure"
        | "ServiceUnavailable"
        | "InternalFailure"
        | "InternalError"
        | "InternalServer"
        | "InternalServerError"
        | "RequestTimeout"
        // The issuer of an OIDC provider could not be reached.
        | "OpenIdIdpCommunicationError"
        | "IDPCommunicationError" => Kind::Unanswered,
        _ if bare.ends_with("NotFound") || bare.starts_with("NoSuch") => Kind::NotFound,
        _ if bare.starts_with("Duplicate") || bare.ends_with("AlreadyExists") => {
            Kind::AlreadyExists
        }
        _ if status >= 500 => Kind::Unanswered,
        _ if bare.starts_with("Invalid")
            || bare.starts_with("Validation")
            || bare.starts_with("Malformed")
            || bare.starts_with("ConstraintViolation")
            || bare.ends_with("NotInUse")
            || bare.ends_with("NotEmpty") =>
        {
            Kind::Invalid
        }
        _ => Kind::Unexpected,
    }
}

/// What an AccessDenied says of the policy behind it. AWS says that in the message alone, in these words
/// ([access denied error messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denial {
    /// A policy denies the action.
    Explicit,
    /// A policy of the organization, of the session or a boundary does not allow it. A policy of the role itself is
    /// another matter: one that was attached a moment ago may not have spread.
    Unallowed,
    /// Nothing.
    Unsaid,
}

impl Denial {
    fn read(message: &str) -> Self {
        const UNALLOWED: [&str; 4] = [
            "because no service control policy allows",
            "because no resource control policy allows",
            "because no permissions boundary allows",
            "because no session policy allows",
        ];
        if message.contains("with an explicit deny") {
            Self::Explicit
        } else if UNALLOWED.iter().any(|words| message.contains(words)) {
            Self::Unallowed
        } else {
            Self::Unsaid
        }
    }
}

fn by_status(status: u16) -> Kind {
    match status {
        404 | 405 | 501 => Kind::Unsupported,
        429 => Kind::Throttled,
        500.. => Kind::Unanswered,
        _ => Kind::Unexpected,
    }
}

/// Whether it is a page for a browser: no service of AWS's answers that.
fn is_page(response: &HttpResponse) -> bool {
    let kind = response.headers().get("content-type").unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("text/html")
}

/// How far this machine's clock is from that of who answered, if it is too far.
#[expect(
    clippy::disallowed_methods,
    reason = "what is judged is the machine's own clock, by which requests were signed"
)]
fn skew(response: &HttpResponse) -> Option<String> {
    let there = DateTime::from_str(response.headers().get("date")?, Format::HttpDate).ok()?;
    let there = SystemTime::try_from(there).ok()?;
    let here = SystemTime::now();
    let (by, direction) = match here.duration_since(there) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let minutes = by.as_secs() / 60;
    (by > SKEW).then(|| format!("this machine's clock is {minutes} minutes {direction} AWS's"))
}

/// What was wrong with the way to the service.
fn way(error: &(dyn StdError + 'static)) -> Cause {
    if find::<ResolveDnsError>(error).is_some() {
        return Cause::NoSuchHost;
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return match error {
            rustls::Error::InvalidCertificate(_) => Cause::UntrustedCertificate,
            _ => Cause::NoConnection,
        };
    }
    match find::<std::io::Error>(error).map(std::io::Error::kind) {
        Some(std::io::ErrorKind::ConnectionRefused) => Cause::ConnectionRefused,
        Some(
            std::io::ErrorKind::ConnectionReset
            | std::io::ErrorKind::ConnectionAborted
            | std::io::ErrorKind::BrokenPipe
            | std::io::ErrorKind::UnexpectedEof,
        ) => Cause::ConnectionLost,
        Some(std::io::ErrorKind::TimedOut) => Cause::NoAnswer,
        _ => Cause::NoConnection,
    }
}

/// An error and what is behind it. What an I/O error was made of is not among its sources, and belongs here.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => (*error).source(),
        }
    })
}

/// The innermost error of a type: an I/O error wraps others of its own.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    chain(error).filter_map(|cause| cause.downcast_ref()).last()
}

/// The last cause: the SDK's outer layers only say that something failed.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map(|cause| tidy(&cause.to_string())).unwrap_or_default()
}

/// One line, of bounded length: emulators answer whole pages of HTML.
fn tidy(message: &str) -> String {
    let mut line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(400) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests;
