//! From the AWS SDK's errors to ours.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::error::{Error, Kind};

/// Whose credentials a call is signed with: a new member account refuses for a while what the
/// management account would refuse for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signer {
    /// The credentials of the provider block.
    Caller,
    /// An assumed role in a member account.
    Member,
}

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
            let kind = if code.is_empty() {
                by_status(status)
            } else {
                by_code(signer, code, message, status)
            };
            let code = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
            fault(kind, &code, tidy(message))
        }
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            fault(
                by_status(status),
                &format!("HTTP {status}"),
                "the answer could not be read".into(),
            )
        }
        SdkError::TimeoutError(_) => fault(Kind::Unanswered, "Timeout", "no answer in time".into()),
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) => {
            match credentials_error(error) {
                Some(reason) => fault(Kind::Credentials, "CredentialsError", reason),
                None if matches!(error, SdkError::DispatchFailure(_)) => {
                    fault(Kind::Unanswered, "NoConnection", innermost(error))
                }
                None => fault(Kind::Unexpected, "ConstructionFailure", innermost(error)),
            }
        }
        _ => fault(Kind::Unexpected, "Unknown", innermost(error)),
    }
}

/// What a code means. The message counts in one case only: AWS says in it whether a policy of the
/// organization denies, which no waiting mends.
fn by_code(signer: Signer, code: &str, message: &str, status: u16) -> Kind {
    let bare = code.strip_suffix("Exception").unwrap_or(code);
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
        | "DeleteConflictInProgress"
        | "EntityTemporarilyUnmodifiable" => Kind::Busy,
        "OptInRequired"
        | "SubscriptionRequired"
        | "PendingVerification"
        | "UnauthorizedOperation"
        | "RegionDisabled" => Kind::NotYet,
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "AuthFailure"
        | "ExpiredToken"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => match signer {
            Signer::Caller => Kind::Credentials,
            Signer::Member => Kind::NotYet,
        },
        "AccessDenied" => match signer {
            Signer::Member if !denied_for_good(message) => Kind::NotYet,
            Signer::Member | Signer::Caller => Kind::Denied,
        },
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
        // IAM could not reach the issuer of an OIDC provider.
        | "OpenIdIdpCommunicationError" => Kind::Unanswered,
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

/// Whether an AccessDenied comes from a policy that waiting does not change.
pub(crate) fn denied_for_good(message: &str) -> bool {
    message.contains("explicit deny")
}

fn by_status(status: u16) -> Kind {
    match status {
        404 | 405 | 501 => Kind::Unsupported,
        429 => Kind::Throttled,
        500.. => Kind::Unanswered,
        _ => Kind::Unexpected,
    }
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

fn credentials_error(error: &(dyn StdError + 'static)) -> Option<String> {
    chain(error).find(|cause| cause.is::<CredentialsError>()).map(innermost)
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
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_meaning() {
        for (signer, code, message, status, kind) in [
            (Signer::Caller, "TooManyRequestsException", "", 400, Kind::Throttled),
            (Signer::Caller, "ThrottlingException", "", 400, Kind::Throttled),
            (Signer::Caller, "ConcurrentModificationException", "", 400, Kind::Busy),
            (Signer::Caller, "FinalizingOrganizationException", "", 400, Kind::Busy),
            (Signer::Caller, "PolicyChangesInProgressException", "", 400, Kind::Busy),
            (Signer::Caller, "AccountNotFoundException", "", 400, Kind::NotFound),
            (Signer::Caller, "SourceParentNotFoundException", "", 400, Kind::NotFound),
            (Signer::Member, "NoSuchEntity", "", 404, Kind::NotFound),
            (Signer::Caller, "DuplicateAccountException", "", 400, Kind::AlreadyExists),
            (Signer::Member, "EntityAlreadyExists", "", 409, Kind::AlreadyExists),
            (Signer::Caller, "AccessDeniedException", "", 403, Kind::Denied),
            (Signer::Member, "AccessDenied", "is not authorized", 403, Kind::NotYet),
            (
                Signer::Member,
                "AccessDenied",
                "with an explicit deny in a service control policy",
                403,
                Kind::Denied,
            ),
            (Signer::Caller, "InvalidClientTokenId", "", 403, Kind::Credentials),
            (Signer::Member, "InvalidClientTokenId", "", 403, Kind::NotYet),
            (Signer::Caller, "ConstraintViolationException", "", 400, Kind::Invalid),
            (Signer::Caller, "OrganizationalUnitNotEmptyException", "", 400, Kind::Invalid),
            (Signer::Caller, "ServiceException", "", 500, Kind::Unanswered),
            (Signer::Caller, "SomethingNew", "", 503, Kind::Unanswered),
            (Signer::Caller, "SomethingNew", "", 400, Kind::Unexpected),
        ] {
            assert_eq!(by_code(signer, code, message, status), kind, "{signer:?} {code}");
        }
    }

    #[test]
    fn a_page_of_html_becomes_one_short_line() {
        let page = format!("<html>\n{}</html>", "x".repeat(1_000));
        assert!(tidy(&page).chars().count() <= 401 && !tidy(&page).contains('\n'));
    }
}
