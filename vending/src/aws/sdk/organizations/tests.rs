//! What AWS answers, byte for byte, and what it means to the engine.

use std::collections::BTreeMap;

use aws_sdk_organizations::types::{
    ConstraintViolationExceptionReason, CreateAccountFailureReason,
};

use super::*;
use crate::aws::api::{CreateState, NotCreated};
use crate::aws::sdk::canned;
use crate::aws::sdk::canned::Answer;
use crate::error::{Cause, Kind};

fn wanted() -> CreateAccount {
    CreateAccount {
        email: "aws+payments@example.com".into(),
        name: "payments".into(),
        role_name: "OrganizationAccountAccessRole".into(),
        tags: BTreeMap::from([("fleet:key".into(), "payments".into())]),
        billing_access: BillingAccess::Allow,
    }
}

/// What becomes of one `CreateAccount`, and how many were sent.
async fn create(answer: Answer) -> (Result<CreateStatus, Error>, usize) {
    let (session, asked) = canned::serve("organizations", vec![answer.clone(), answer]).await;
    let answered = AwsOrganizations::new(session).create_account(&wanted()).await;
    let sent = asked.lock().unwrap().len();
    (answered, sent)
}

fn refusal(code: &str, reason: Option<&str>) -> Answer {
    let reason = reason.map(|reason| format!(", \"Reason\": \"{reason}\"")).unwrap_or_default();
    Answer::json(400, format!("{{\"__type\": \"{code}\", \"Message\": \"AWS's text\"{reason}}}"))
}

#[tokio::test]
async fn every_error_of_create_account_is_read_and_none_is_sent_again() {
    const CONSTRAINT: &str = "ConstraintViolationException";
    const INPUT: &str = "InvalidInputException";
    for (code, reason, kind, word) in [
        ("TooManyRequestsException", None, Kind::Throttled, "TooManyRequestsException"),
        ("ConcurrentModificationException", None, Kind::Busy, "ConcurrentModificationException"),
        ("FinalizingOrganizationException", None, Kind::Busy, "FinalizingOrganizationException"),
        (
            CONSTRAINT,
            Some("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"),
            Kind::InFlightLimit,
            "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
        ),
        (
            CONSTRAINT,
            Some("ACCOUNT_NUMBER_LIMIT_EXCEEDED"),
            Kind::Quota,
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        ),
        (CONSTRAINT, Some("TAG_POLICY_VIOLATION"), Kind::Invalid, "TAG_POLICY_VIOLATION"),
        (CONSTRAINT, Some("OF_TOMORROW"), Kind::Invalid, "OF_TOMORROW"),
        (CONSTRAINT, None, Kind::Invalid, CONSTRAINT),
        (INPUT, Some("INVALID_ROLE_NAME"), Kind::Invalid, "INVALID_ROLE_NAME"),
        (INPUT, None, Kind::Invalid, INPUT),
        ("AccessDeniedException", None, Kind::Denied, "AccessDeniedException"),
        (
            "AccessDeniedForDependencyException",
            None,
            Kind::Denied,
            "AccessDeniedForDependencyException",
        ),
        (
            "AWSOrganizationsNotInUseException",
            None,
            Kind::Invalid,
            "AWSOrganizationsNotInUseException",
        ),
        (
            "UnsupportedAPIEndpointException",
            None,
            Kind::Unsupported,
            "UnsupportedAPIEndpointException",
        ),
    ] {
        let (answered, sent) = create(refusal(code, reason)).await;
        let error = answered.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (kind, word), "{code} {reason:?}");
        assert_eq!(error.message, "AWS's text", "{code}");
        assert_eq!(sent, 1, "{code}");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_the_service_says_nothing_of_the_effect() {
    let service = Answer::json(500, "{\"__type\": \"ServiceException\", \"Message\": \"m\"}");
    for (answer, code) in [
        (service, "ServiceException"),
        (Answer::html(500), "HTTP 500"),
        (Answer::html(502), "HTTP 502"),
        (Answer::html(503), "HTTP 503"),
        (Answer::json(200, "{\"CreateAccountSta"), "HTTP 200"),
        (Answer::html(200), "HTTP 200"),
    ] {
        let (answered, sent) = create(answer).await;
        let error = answered.unwrap_err();
        assert_eq!((error.code.as_str(), sent), (code, 1));
        assert!(matches!(error.kind, Kind::Unanswered | Kind::Unexpected), "{code}: {error:?}");
    }
}

#[tokio::test]
async fn every_end_of_a_request_is_read() {
    for reason in CreateAccountFailureReason::values() {
        let known = NotCreated::parse(reason);
        assert!(!matches!(known, NotCreated::Other(_)), "{reason}");
        let body = format!(
            "{{\"CreateAccountStatus\": {{\"Id\": \"car-1\", \"AccountName\": \"payments\", \
             \"State\": \"FAILED\", \"FailureReason\": \"{reason}\"}}}}"
        );
        let (answered, _) = create(Answer::json(200, body)).await;
        assert_eq!(answered.unwrap().state, CreateState::Failed { reason: known });
    }
    assert_eq!(CreateAccountFailureReason::values().len(), 15);
}

/// A new SDK may know of new constraints: each is one of a create, or of something else.
#[test]
fn every_constraint_is_a_create_s_or_another_call_s() {
    const OTHERS: [&str; 4] = ["CREATE_ORGANIZATION", "GOVCLOUD", "MEMBER_ACCOUNT", "WAIT_PERIOD"];
    let mut left: Vec<&str> = ConstraintViolationExceptionReason::values()
        .iter()
        .copied()
        .filter(|reason| matches!(NotCreated::parse(reason), NotCreated::Other(_)))
        .filter(|reason| !OTHERS.iter().any(|of| reason.contains(of)))
        .collect();
    left.retain(|reason| {
        !["LEAVE", "TRANSFER", "CLOSE_ACCOUNT", "CANNOT_", "DELEGATED", "HANDSHAKE", "POLICY"]
            .iter()
            .chain(&["OU_", "VERIFICATION_CODE", "SERVICE_ACCESS", "MIGRATION", "PRICING"])
            .any(|of| reason.contains(of))
    });
    assert_eq!(left, Vec::<&str>::new());
}

#[tokio::test]
async fn throttles_and_busy_services_are_outlasted_by_calls_that_may_be_repeated() {
    for answer in [
        refusal("TooManyRequestsException", None),
        refusal("ConcurrentModificationException", None),
        refusal("FinalizingOrganizationException", None),
        refusal("PolicyChangesInProgressException", None),
        Answer::html(500),
    ] {
        let root = Answer::json(200, "{\"Roots\": [{\"Id\": \"r-ab12\"}]}");
        let answers = vec![answer.clone(), answer, root];
        let (session, asked) = canned::serve("organizations", answers).await;
        let root = AwsOrganizations::new(session).root().await;
        assert_eq!(root.map(|root| root.id), Ok("r-ab12".to_owned()));
        assert_eq!(asked.lock().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_page_of_html_is_no_throttle_and_ends() {
    let (session, asked) = canned::serve("organizations", vec![Answer::html(500); 20]).await;
    let error = AwsOrganizations::new(session).root().await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::Unanswered, "HTTP 500"));
    assert_eq!(asked.lock().unwrap().len(), 5, "tried a few times, not for ever");
}

#[tokio::test]
async fn an_answer_without_its_members_is_a_fault_and_a_list_of_nothing_is_none() {
    let asked = async |body: &str, lists: bool| {
        let answers = vec![Answer::json(200, body); 5];
        let (session, _) = canned::serve("organizations", answers).await;
        let organizations = AwsOrganizations::new(session);
        if lists {
            organizations.tags("123456789012").await.map(|tags| tags.len())
        } else {
            organizations.accounts().await.map(|accounts| accounts.len())
        }
    };
    for (body, lists, missing) in [
        ("{}", true, "Tags[].Key"),
        ("{\"Tags\": null}", true, "Tags[].Key"),
        ("{}", false, "Accounts[].Id"),
        ("{\"Accounts\": [{\"Name\": \"a\"}]}", false, "Accounts[].Id"),
    ] {
        let error = asked(body, lists).await.unwrap_err();
        assert_eq!(
            (error.kind, error.cause),
            (Kind::Unanswered, Cause::IncompleteAnswer),
            "{body}"
        );
        assert_eq!(error.message, format!("the answer has no `{missing}`"));
        let place = error.place.unwrap();
        assert!(place.endpoint.starts_with("http://127.0.0.1:"), "{place}");
        assert_eq!(place.region.as_deref(), Some("us-east-1"));
    }
    assert_eq!(asked("{\"Tags\": []}", true).await, Ok(0));
    assert_eq!(asked("{\"Accounts\": []}", false).await, Ok(0));
}
