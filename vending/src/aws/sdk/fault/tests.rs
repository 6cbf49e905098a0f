//! What AWS answers, and what stands behind it.

use super::*;

#[test]
fn codes_have_their_meaning() {
    for (signer, code, message, status, kind) in [
        (Signer::Caller, "TooManyRequestsException", "", 400, Kind::Throttled),
        (Signer::Caller, "ThrottlingException", "", 400, Kind::Throttled),
        (Signer::Caller, "ConcurrentModificationException", "", 400, Kind::Busy),
        (Signer::Member, "OperationAborted", "", 409, Kind::Busy),
        (Signer::Caller, "FinalizingOrganizationException", "", 400, Kind::Busy),
        (Signer::Caller, "PolicyChangesInProgressException", "", 400, Kind::Busy),
        (Signer::Caller, "AccountNotFoundException", "", 400, Kind::NotFound),
        (Signer::Caller, "SourceParentNotFoundException", "", 400, Kind::NotFound),
        (Signer::Member, "NoSuchEntity", "", 404, Kind::NotFound),
        (Signer::Caller, "DuplicateAccountException", "", 400, Kind::AlreadyExists),
        (Signer::Member, "EntityAlreadyExists", "", 409, Kind::AlreadyExists),
        (Signer::Caller, "AccessDeniedException", "", 403, Kind::Denied),
        (Signer::Member, "AccessDenied", "is not authorized", 403, Kind::NotYet),
        (Signer::Entry, "AccessDenied", "is not authorized", 403, Kind::NotYet),
        (Signer::Member, "InvalidClientTokenId", "", 403, Kind::NotYet),
        (Signer::Caller, "ConstraintViolationException", "", 400, Kind::Invalid),
        (Signer::Caller, "OrganizationalUnitNotEmptyException", "", 400, Kind::Invalid),
        (Signer::Caller, "ServiceException", "", 500, Kind::Unanswered),
        (Signer::Caller, "SomethingNew", "", 503, Kind::Unanswered),
        (Signer::Caller, "SomethingNew", "", 400, Kind::Unexpected),
    ] {
        assert_eq!(by_code(signer, code, message, status).0, kind, "{signer:?} {code}");
    }
}

#[test]
fn bad_credentials_are_told_at_once_whatever_they_were_to_open() {
    for (code, cause) in [
        ("ExpiredToken", Cause::SessionEnded),
        ("ExpiredTokenException", Cause::SessionEnded),
        ("InvalidClientTokenId", Cause::UnknownKey),
        ("UnrecognizedClientException", Cause::UnknownKey),
        ("SignatureDoesNotMatch", Cause::WrongSecret),
        ("InvalidSignatureException", Cause::WrongSecret),
        ("RequestExpired", Cause::ClockSkew),
        ("InvalidIdentityToken", Cause::TokenRefused),
    ] {
        for signer in [Signer::Caller, Signer::Entry] {
            let read = by_code(signer, code, "", 403);
            assert_eq!(read, (Kind::Credentials, cause), "{signer:?} {code}");
        }
    }
}

#[test]
fn a_policy_that_denies_is_told_from_a_role_that_has_not_spread() {
    let who = "User: arn:aws:sts::1:assumed-role/R/s is not authorized to perform: iam:ListRoles";
    for (rest, denies) in [
        ("on resource: * with an explicit deny in a service control policy", true),
        ("on resource: * with an explicit deny in a permissions boundary", true),
        ("on resource: * because no service control policy allows the iam:ListRoles action", true),
        ("on resource: * because no session policy allows the iam:ListRoles action", true),
        ("on resource: * because no identity-based policy allows the iam:ListRoles action", false),
        ("on resource: *", false),
    ] {
        for signer in [Signer::Entry, Signer::Member] {
            let (kind, cause) = by_code(signer, "AccessDenied", &format!("{who} {rest}"), 403);
            assert_eq!(
                (kind == Kind::Denied, cause == Cause::PolicyDenies),
                (denies, denies),
                "{rest}"
            );
        }
    }
}

#[test]
fn the_way_to_a_service_can_fail_in_many_places() {
    use std::io::ErrorKind as Io;
    let io = |kind| std::io::Error::from(kind);
    assert_eq!(way(&io(Io::ConnectionRefused)), Cause::ConnectionRefused);
    assert_eq!(way(&io(Io::ConnectionReset)), Cause::ConnectionLost);
    assert_eq!(way(&std::io::Error::other(io(Io::UnexpectedEof))), Cause::ConnectionLost);
    assert_eq!(way(&io(Io::TimedOut)), Cause::NoAnswer);
    let stranger = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    assert_eq!(way(&std::io::Error::new(Io::InvalidData, stranger)), Cause::UntrustedCertificate);
    assert_eq!(way(&std::io::Error::other(ResolveDnsError::new("no"))), Cause::NoSuchHost);
    assert_eq!(way(&io(Io::Other)), Cause::NoConnection);
}

#[test]
fn a_page_of_html_becomes_one_short_line() {
    let page = format!("<html>\n{}</html>", "x".repeat(1_000));
    assert!(tidy(&page).chars().count() <= 401 && !tidy(&page).contains('\n'));
}
