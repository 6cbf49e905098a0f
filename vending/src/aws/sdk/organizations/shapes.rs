//! From AWS's shapes to ours.

use std::collections::BTreeMap;

use aws_sdk_organizations::operation::attach_policy::AttachPolicyError;
use aws_sdk_organizations::operation::close_account::CloseAccountError;
use aws_sdk_organizations::operation::create_account::CreateAccountError;
use aws_sdk_organizations::operation::create_organizational_unit::CreateOrganizationalUnitError;
use aws_sdk_organizations::operation::create_policy::CreatePolicyError;
use aws_sdk_organizations::types::error::ConstraintViolationException;
use aws_sdk_organizations::types::{self, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use jiff::Timestamp;

use crate::aws::api::{
    Account, AccountState, CreateState, CreateStatus, NotCreated, OrganizationalUnit,
};
use crate::aws::sdk::fault::Signer;
use crate::aws::sdk::{answers, fault};
use crate::error::{Cause, Error, Kind};
use crate::trying;

pub(super) fn missing(call: &str) -> Error {
    let said = "the answer lacks what was asked for";
    let error =
        Error::new(call, Kind::Unexpected, "EmptyAnswer", said).with_cause(Cause::IncompleteAnswer);
    trying::given_up(&error);
    error
}

pub(in super::super) fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}

pub(super) fn unit(of: types::OrganizationalUnit) -> OrganizationalUnit {
    OrganizationalUnit {
        id: of.id.unwrap_or_default(),
        arn: of.arn.unwrap_or_default(),
        name: of.name.unwrap_or_default(),
    }
}

fn timestamp(of: Option<aws_smithy_types::DateTime>) -> Option<Timestamp> {
    of.and_then(|at| Timestamp::from_second(at.secs()).ok())
}

pub(super) fn account(call: &str, of: types::Account) -> Result<Account, Error> {
    let id = of.id.clone().unwrap_or_default();
    Ok(Account {
        state: account_state(&of),
        parent_id: of.paths.as_deref().and_then(|paths| paths.first()).and_then(|p| last_of(p)),
        id: answers::account_id(call, id)?,
        arn: of.arn.unwrap_or_default(),
        name: of.name.unwrap_or_default(),
        email: of.email.unwrap_or_default(),
        created_here: of.joined_method == Some(types::AccountJoinedMethod::Created),
        joined_at: timestamp(of.joined_timestamp),
    })
}

/// The OU or root at the end of `o-…/r-…/ou-…/` (with or without the account itself after it).
fn last_of(path: &str) -> Option<String> {
    path.split('/')
        .rev()
        .find(|part| part.starts_with("ou-") || part.starts_with("r-"))
        .map(str::to_owned)
}

/// `State` is the one that AWS keeps; `Status` is on its way out, and only speaks where `State` is
/// silent. A word that we do not know is not taken for inactive.
fn account_state(of: &types::Account) -> AccountState {
    let word = match (&of.state, status(of)) {
        (Some(state), _) => state.as_str().to_owned(),
        (None, Some(status)) => status,
        (None, None) => return AccountState::Other,
    };
    match word.as_str() {
        "PENDING_ACTIVATION" => AccountState::PendingActivation,
        "ACTIVE" => AccountState::Active,
        "SUSPENDED" => AccountState::Suspended,
        "PENDING_CLOSURE" => AccountState::PendingClosure,
        "CLOSED" => AccountState::Closed,
        _ => AccountState::Other,
    }
}

fn status(of: &types::Account) -> Option<String> {
    of.status.as_ref().map(|status| status.as_str().to_owned())
}

pub(super) fn create_status(of: types::CreateAccountStatus) -> Option<CreateStatus> {
    use types::CreateAccountState as State;
    let state = match of.state? {
        State::Succeeded => CreateState::Succeeded {
            // An account without an id, or with one that cannot be read, is looked for.
            account_id: answers::account_id(
                "organizations:DescribeCreateAccountStatus",
                of.account_id?,
            )
            .ok()?,
        },
        State::Failed => CreateState::Failed {
            reason: of.failure_reason.map_or_else(
                || NotCreated::Other("no reason given".to_owned()),
                |reason| NotCreated::parse(reason.as_str()),
            ),
        },
        // A state that we do not know has not ended.
        _ => CreateState::InProgress,
    };
    Some(CreateStatus {
        request_id: of.id?,
        name: of.account_name.unwrap_or_default(),
        requested_at: timestamp(of.requested_timestamp),
        state,
    })
}

// === constraint violations: the reason decides ===

pub(super) fn create_fault(
    call: &str,
    error: &SdkError<CreateAccountError, HttpResponse>,
) -> Error {
    let fault = fault::read(Signer::Caller, call, error);
    match error.as_service_error() {
        Some(CreateAccountError::ConstraintViolationException(violation)) => {
            constraint(fault, violation)
        }
        // Which value it is; without that there is only AWS's message.
        Some(CreateAccountError::InvalidInputException(input)) => match input.reason() {
            Some(reason) => Error { code: reason.as_str().to_owned(), ..fault },
            None => fault,
        },
        _ => fault,
    }
}

pub(super) fn close_fault(call: &str, error: &SdkError<CloseAccountError, HttpResponse>) -> Error {
    let fault = fault::read(Signer::Caller, call, error);
    match error.as_service_error() {
        Some(CloseAccountError::ConstraintViolationException(violation)) => {
            constraint(fault, violation)
        }
        // Of this call it says that the account is being closed, or just changing.
        Some(CloseAccountError::ConflictException(_)) => {
            Error { kind: Kind::AlreadyExists, ..fault }
        }
        _ => fault,
    }
}

pub(super) fn unit_fault(
    call: &str,
    error: &SdkError<CreateOrganizationalUnitError, HttpResponse>,
) -> Error {
    let fault = fault::read(Signer::Caller, call, error);
    match error.as_service_error() {
        Some(CreateOrganizationalUnitError::ConstraintViolationException(violation)) => {
            constraint(fault, violation)
        }
        _ => fault,
    }
}

/// The same of `AttachPolicy`.
pub(in crate::aws::sdk) fn attach_fault(
    call: &str,
    error: &SdkError<AttachPolicyError, HttpResponse>,
) -> Error {
    let fault = fault::read(Signer::Caller, call, error);
    match error.as_service_error() {
        Some(AttachPolicyError::ConstraintViolationException(violation)) => {
            constraint(fault, violation)
        }
        _ => fault,
    }
}

/// The same of `CreatePolicy`.
pub(in crate::aws::sdk) fn policy_fault(
    call: &str,
    error: &SdkError<CreatePolicyError, HttpResponse>,
) -> Error {
    let fault = fault::read(Signer::Caller, call, error);
    match error.as_service_error() {
        Some(CreatePolicyError::ConstraintViolationException(violation)) => {
            constraint(fault, violation)
        }
        _ => fault,
    }
}

/// `ConstraintViolationException` says in its reason what it is; emulators and old endpoints leave
/// the reason out and begin the message with it.
fn constraint(fault: Error, violation: &ConstraintViolationException) -> Error {
    let reason = match violation.reason() {
        Some(reason) => reason.as_str().to_owned(),
        None => violation
            .message()
            .unwrap_or_default()
            .split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
            .find(|word| word.contains('_'))
            .unwrap_or("ConstraintViolationException")
            .to_owned(),
    };
    let kind = match reason.as_str() {
        "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED" | "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED" => {
            Kind::InFlightLimit
        }
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED"
        | "CLOSE_ACCOUNT_QUOTA_EXCEEDED"
        | "OU_DEPTH_LIMIT_EXCEEDED"
        | "OU_NUMBER_LIMIT_EXCEEDED"
        | "POLICY_NUMBER_LIMIT_EXCEEDED"
        | "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED" => Kind::Quota,
        _ => Kind::Invalid,
    };
    let cause = match reason.as_str() {
        "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED" => Cause::PoliciesPerTarget,
        _ => fault.cause,
    };
    Error { kind, cause, code: reason, ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_speaks_before_status() {
        let of = |state: Option<&str>, status: Option<&str>| {
            let mut builder = types::Account::builder();
            if let Some(state) = state {
                builder = builder.state(state.into());
            }
            if let Some(status) = status {
                builder = builder.status(status.into());
            }
            account_state(&builder.build())
        };
        assert_eq!(of(Some("PENDING_CLOSURE"), Some("SUSPENDED")), AccountState::PendingClosure);
        assert_eq!(of(Some("CLOSED"), Some("SUSPENDED")), AccountState::Closed);
        assert_eq!(of(None, Some("ACTIVE")), AccountState::Active);
        assert_eq!(of(Some("BRAND_NEW"), Some("SUSPENDED")), AccountState::Other);
        assert_eq!(of(None, None), AccountState::Other);
    }

    #[test]
    fn a_path_ends_in_the_parent() {
        for (path, parent) in [
            ("o-abc/r-ab12/ou-ab12-11111111/", Some("ou-ab12-11111111")),
            ("o-abc/r-ab12/ou-ab12-11111111/123456789012/", Some("ou-ab12-11111111")),
            ("o-abc/r-ab12/", Some("r-ab12")),
            ("", None),
        ] {
            assert_eq!(last_of(path).as_deref(), parent, "{path}");
        }
    }

    #[test]
    fn the_reason_of_a_constraint_decides() {
        let fault = || Error::new("organizations:CreateAccount", Kind::Invalid, "C", "m");
        let with = |reason: Option<&str>, message: &str| {
            let mut builder = ConstraintViolationException::builder().message(message);
            if let Some(reason) = reason {
                builder = builder.reason(reason.into());
            }
            constraint(fault(), &builder.build())
        };
        for (reason, message, kind) in [
            (Some("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"), "", Kind::InFlightLimit),
            (Some("ACCOUNT_NUMBER_LIMIT_EXCEEDED"), "", Kind::Quota),
            (Some("CLOSE_ACCOUNT_QUOTA_EXCEEDED"), "", Kind::Quota),
            (Some("POLICY_NUMBER_LIMIT_EXCEEDED"), "", Kind::Quota),
            (Some("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"), "", Kind::Quota),
            (None, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED: ten", Kind::Quota),
            (Some("TAG_POLICY_VIOLATION"), "", Kind::Invalid),
            (None, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED: later", Kind::InFlightLimit),
            (None, "no reason at all", Kind::Invalid),
        ] {
            let read = with(reason, message);
            assert_eq!(read.kind, kind, "{reason:?} {message}");
            let is_full = read.cause == Cause::PoliciesPerTarget;
            assert_eq!(is_full, read.code.starts_with("MAX_POLICY_TYPE"), "{reason:?} {message}");
        }
    }
}
