//! Why the AWS vendor does not do something, as a problem on the wire.

use fleet_vending_proto::v1beta1 as wire;

use super::problem::{class_to, of_error, to_message};
use crate::error::Kind;
use crate::problem::Class;
use crate::refusal::{NotClosed, Refusal, Unusable};

/// Its class follows from the kind of refusal; the words are the refusal's own.
pub(in crate::wire) fn to_message_of(refusal: &Refusal) -> wire::Problem {
    match refusal {
        Refusal::Problem(problem) => return to_message(problem),
        Refusal::Call(error) => return of_error(error),
        Refusal::OnboardingParent(inner) => {
            let inner = to_message_of(inner);
            return wire::Problem { message: format!("{refusal}: {}", inner.message), ..inner };
        }
        _ => {}
    }
    wire::Problem {
        class: class_to(class(refusal)).into(),
        message: refusal.to_string(),
        remedy: match refusal {
            Refusal::NoAccessRole { remedy, .. } => remedy.clone(),
            _ => String::new(),
        },
        native_code: match refusal {
            Refusal::CreateFailed { reason, .. } => reason.as_str().to_owned(),
            _ => String::new(),
        },
        ..wire::Problem::default()
    }
}

fn class(refusal: &Refusal) -> Class {
    let kind = match refusal {
        Refusal::OtherManager { .. } => return Class::ConflictOwner,
        Refusal::OtherKey { .. }
        | Refusal::Duplicate(_)
        | Refusal::HeldTwice { .. }
        | Refusal::NameTaken { .. } => return Class::ConflictKey,
        Refusal::KeyTaken { problem, .. } => match problem {
            Unusable::Unmarked | Unusable::Another(_) | Unusable::Over(_) => {
                return Class::ConflictKey;
            }
            Unusable::NotHere { .. } => Kind::NotFound,
        },
        Refusal::NoAccessRole { .. } | Refusal::NotGoverned { .. } => return Class::Human,
        Refusal::UnitBusy { .. } => Kind::Busy,
        Refusal::Unmanaged { .. } => Kind::AlreadyExists,
        Refusal::NotAsPlanned { .. }
        | Refusal::NoSuchParent { .. }
        | Refusal::NoSuchObject { .. } => Kind::NotFound,
        Refusal::CreateFailed { reason, .. } => return of_not_created(reason.as_str()),
        Refusal::NotClosed { reason: NotClosed::Quota { .. }, .. } => Kind::Quota,
        Refusal::WrongCaller { .. } | Refusal::NotManagement { .. } => Kind::Credentials,
        Refusal::NotInPartition { .. } => Kind::Unsupported,
        Refusal::ManagementAccount { .. }
        | Refusal::CannotMove { .. }
        | Refusal::Inactive { .. }
        | Refusal::MovedMeanwhile { .. }
        | Refusal::NotUndone { .. }
        | Refusal::Quarantine { .. }
        | Refusal::NothingHolds { .. }
        | Refusal::NotClosed { .. }
        | Refusal::NotProven { .. } => Kind::Invalid,
        Refusal::NoAccess { .. } => Kind::Denied,
        Refusal::OutOfTime { .. } => Kind::DeadlineExceeded,
        Refusal::Stopped { .. } => Kind::Cancelled,
        Refusal::CreateUnknown(_) | Refusal::NotStarted(_) => Kind::Unanswered,
        Refusal::Call(error) => error.kind,
        Refusal::Problem(problem) => return problem.class,
        Refusal::OnboardingParent(inner) => return class(inner),
    };
    Class::Call(kind)
}

/// Why AWS made no account.
fn of_not_created(word: &str) -> Class {
    match word {
        "EMAIL_ALREADY_EXISTS" | "GOVCLOUD_ACCOUNT_ALREADY_EXISTS" => Class::ConflictKey,
        "ACCOUNT_LIMIT_EXCEEDED" => Class::Call(Kind::Quota),
        "CONCURRENT_ACCOUNT_MODIFICATION" => Class::Call(Kind::Busy),
        "INTERNAL_FAILURE" | "UNKNOWN_BUSINESS_VALIDATION" => Class::Call(Kind::Unexpected),
        "MISSING_BUSINESS_VALIDATION"
        | "PENDING_BUSINESS_VALIDATION"
        | "MISSING_PAYMENT_INSTRUMENT"
        | "FAILED_BUSINESS_VALIDATION"
        | "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION" => Class::Human,
        _ => Class::Call(Kind::Invalid),
    }
}
