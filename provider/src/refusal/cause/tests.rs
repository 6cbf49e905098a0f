//! Each cause in the words that a person reads.

use fleet_vending::error::{CREDENTIALS, Cause, Error, Kind, Place, Tries};
use tfplugin::diagnostic::Diagnostic;

use super::{meaning, report};

/// One of each, as the adapters make it.
fn failures() -> Vec<Error> {
    let sent = |kind, cause, call: &str, code: &str, message: &str| Error {
        cause,
        place: Some(Box::new(Place {
            endpoint: "https://organizations.us-east-1.amazonaws.com".into(),
            region: Some("us-east-1".into()),
            proxy: None,
        })),
        ..Error::new(call, kind, code, message)
    };
    let move_account = "organizations:MoveAccount";
    let list = "organizations:ListAccounts";
    let caller = "sts:GetCallerIdentity";
    let source = |cause, message: &str| {
        Error::new(CREDENTIALS, Kind::Credentials, "NoCredentials", message).with_cause(cause)
    };
    let lost = |cause, why: &str| sent(Kind::Unanswered, cause, caller, "NoConnection", why);
    let throttled =
        sent(Kind::Throttled, Cause::Unsaid, list, "TooManyRequestsException", "Slow down.");
    let tried = |error: Error, times| Error {
        tried: Some(Box::new(Tries { times, last: error.clone() })),
        ..error
    };
    vec![
        source(
            Cause::NoCredentials,
            "the default chain gave none: no providers in chain provided credentials",
        ),
        source(
            Cause::NoSuchProfile,
            "the profile `prodd` of the provider block: no such profile; there are: dev, prod",
        ),
        source(
            Cause::SignInEnded,
            "the profile `prod` of the provider block gave none: the token is too old",
        ),
        source(
            Cause::RoleRefused,
            "`assume_role` of the provider block (arn:aws:iam::1:role/vend) gave none: sts:AssumeRole: AccessDenied: no",
        ),
        source(
            Cause::AccountNotAllowed,
            "the credentials of the profile `prod` of the provider block are those of account 2, and `allowed_account_ids` has only 1",
        ),
        sent(
            Kind::Credentials,
            Cause::SessionEnded,
            move_account,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        sent(
            Kind::Credentials,
            Cause::UnknownKey,
            caller,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        sent(Kind::Credentials, Cause::WrongSecret, caller, "SignatureDoesNotMatch", ""),
        sent(
            Kind::Credentials,
            Cause::TokenRefused,
            "sts:AssumeRoleWithWebIdentity",
            "InvalidIdentityToken",
            "No OpenIDConnect provider found",
        ),
        sent(
            Kind::Credentials,
            Cause::ClockSkew,
            caller,
            "SignatureDoesNotMatch",
            "this machine's clock is 17 minutes behind AWS's",
        ),
        lost(Cause::NoSuchHost, "failed to lookup address information"),
        lost(Cause::ConnectionRefused, "Connection refused (os error 111)"),
        Error {
            place: Some(Box::new(Place {
                endpoint: "http://aws.example.com".into(),
                region: None,
                proxy: Some("http://proxy.example.com:3128".into()),
            })),
            ..lost(Cause::ConnectionRefused, "Connection refused (os error 111)")
        },
        sent(Kind::Denied, Cause::AccessDenied, list, "AccessDeniedException", "No."),
        tried(lost(Cause::ConnectionLost, "Connection reset by peer (os error 104)"), 5),
        lost(Cause::NoAnswer, "no answer in time"),
        lost(Cause::NoConnection, "unexpected"),
        lost(Cause::UntrustedCertificate, "invalid peer certificate: UnknownIssuer"),
        sent(
            Kind::Unsupported,
            Cause::NotTheService,
            list,
            "HTTP 404",
            "the answer could not be read",
        ),
        sent(
            Kind::Unanswered,
            Cause::IncompleteAnswer,
            list,
            "IncompleteAnswer",
            "the answer has no `Accounts[].Id`",
        ),
        sent(
            Kind::Invalid,
            Cause::NoOrganization,
            "organizations:DescribeOrganization",
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        ),
        Error::new(
            "connection to AWS",
            Kind::Invalid,
            "InvalidProxy",
            "the proxy `proxy:3128`: no scheme",
        )
        .with_cause(Cause::InvalidProxy),
        Error::new(
            "connection to AWS",
            Kind::Invalid,
            "InvalidCaBundle",
            "the certificates of `ca.pem` cannot be used: it holds none",
        )
        .with_cause(Cause::InvalidCaBundle),
        sent(
            Kind::Denied,
            Cause::AccessDenied,
            move_account,
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ),
        sent(
            Kind::Denied,
            Cause::PolicyDenies,
            move_account,
            "AccessDeniedException",
            "with an explicit deny in a service control policy",
        ),
        sent(
            Kind::NotYet,
            Cause::AccessDenied,
            "iam:AttachRolePolicy",
            "AccessDenied",
            "User: arn:aws:sts::111122223333:assumed-role/fleet-vending/s is not authorized",
        ),
        sent(
            Kind::Quota,
            Cause::PoliciesPerTarget,
            "organizations:AttachPolicy",
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "",
        ),
        sent(
            Kind::NotYet,
            Cause::Verification,
            "account:EnableRegion",
            "SubscriptionRequiredException",
            "",
        ),
        tried(throttled, 23),
    ]
}

#[test]
fn every_cause_reads_as_it_should() {
    let said: Vec<String> = failures()
        .iter()
        .map(|failed| {
            let Diagnostic { summary, detail, .. } =
                report(failed, "move account `payments`").build();
            assert!(summary.chars().count() <= 60, "{summary}");
            assert_eq!(detail.split("\n\n").count(), 4, "what, why, what to do, code: {detail}");
            format!("{summary}\n\n{detail}")
        })
        .collect();
    insta::assert_snapshot!(said.join("\n\n---\n\n"));
}

#[test]
fn only_what_is_one_trouble_has_one_code() {
    let ended = [Cause::SessionEnded, Cause::SignInEnded];
    for failed in failures() {
        let code = meaning(&failed).code;
        assert_eq!(code == "FLEET0536", ended.contains(&failed.cause), "{failed}");
        let lost = failed.cause.is_unreachable() && failed.cause != Cause::UntrustedCertificate;
        assert_eq!(code == "FLEET0539", lost, "{failed}");
    }
}
