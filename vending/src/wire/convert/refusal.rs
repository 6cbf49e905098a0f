//! Why the AWS vendor does not do something, as a problem on the wire.

use fleet_vending_proto::v1beta1 as wire;

use super::problem::{class_to, of_error, to_message};
use crate::aws::api::NotCreated;
use crate::error::Kind;
use crate::problem::Class;
use crate::refusal::{NotClosed, Refusal, Unusable};

/// What was tried in vain until the time was over, with a class of its own: that of its last failure.
pub(in crate::wire) fn tried_to(refusal: &Refusal) -> Option<wire::Problem> {
    match refusal {
        Refusal::OutOfTime { tried: Some(tried), .. } => Some(of_error(&tried.last)),
        Refusal::OnboardingParent(inner) => tried_to(inner),
        _ => None,
    }
}

/// Its class follows from the kind of refusal; the words are the refusal's own.
pub(in crate::wire) fn to_message_of(refusal: &Refusal) -> wire::Problem {
    match refusal {
        Refusal::Problem(problem) => return to_message(problem),
        Refusal::Call(error) => return of_error(error),
        Refusal::OnboardingParent(inner) => {
            let inner = to_message_of(inner);
            return wire::Problem {
                object: argument(refusal).to_owned(),
                message: format!("{refusal}: {}", inner.message),
                ..inner
            };
        }
        _ => {}
    }
    wire::Problem {
        class: class_to(class(refusal)).into(),
        code: code(refusal).to_owned(),
        object: argument(refusal).to_owned(),
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
        Refusal::CreateFailed { reason, .. } => return of_not_created(reason),
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
fn of_not_created(reason: &NotCreated) -> Class {
    use NotCreated as Of;
    Class::Call(match reason {
        Of::EmailAlreadyExists | Of::GovcloudAccountAlreadyExists => return Class::ConflictKey,
        Of::FailedBusinessValidation
        | Of::InvalidIdentityForBusinessValidation
        | Of::InvalidPaymentInstrument
        | Of::MissingBusinessValidation
        | Of::MissingPaymentInstrument
        | Of::PendingBusinessValidation
        | Of::AccountCreationNotComplete
        | Of::MasterAccountAddressDoesNotMatchMarketplace
        | Of::MasterAccountMissingBusinessLicense
        | Of::MasterAccountMissingContactInfo
        | Of::MasterAccountPaymentInstrumentRequired
        | Of::UnmetBillingPrerequisite => return Class::Human,
        Of::AccountLimitExceeded | Of::AccountNumberLimitExceeded => Kind::Quota,
        Of::AccountCreationRateLimitExceeded => Kind::InFlightLimit,
        Of::ConcurrentAccountModification | Of::ConcurrentModification => Kind::Busy,
        Of::FinalizingOrganization => Kind::NotYet,
        Of::TooManyRequests => Kind::Throttled,
        Of::AccessDenied | Of::AccessDeniedForDependency => Kind::Denied,
        Of::NotInUse | Of::OrganizationNotInAllFeaturesMode | Of::UnsupportedEndpoint => {
            Kind::Unsupported
        }
        Of::InternalFailure | Of::Service | Of::UnknownBusinessValidation | Of::Other(_) => {
            Kind::Unexpected
        }
        Of::InvalidAddress
        | Of::InvalidEmail
        | Of::UpdateExistingResourcePolicyWithTagsNotSupported
        | Of::MaxTagLimitExceeded
        | Of::TagPolicyViolation
        | Of::DuplicateTagKey
        | Of::InvalidEmailAddressTarget
        | Of::InvalidFullNameTarget
        | Of::InvalidPattern
        | Of::InvalidRoleName
        | Of::InvalidSystemTagsParameter
        | Of::MaxLengthExceeded
        | Of::MinLengthExceeded
        | Of::InvalidInput => Kind::Invalid,
    })
}

/// The argument that a refusal is about; empty: the whole account.
fn argument(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::OtherKey { .. }
        | Refusal::KeyTaken { .. }
        | Refusal::Duplicate(_)
        | Refusal::OtherManager { .. } => "key",
        Refusal::Unmanaged { .. } | Refusal::Inactive { .. } => "email",
        Refusal::NoSuchParent { .. } | Refusal::MovedMeanwhile { .. } => "parent",
        Refusal::OnboardingParent(_) => "onboarding_parent",
        Refusal::NotUndone { .. }
        | Refusal::Quarantine { .. }
        | Refusal::NothingHolds { .. }
        | Refusal::NotProven { .. } => "lifecycle_state",
        Refusal::CreateFailed { reason, .. } => match reason {
            NotCreated::EmailAlreadyExists
            | NotCreated::GovcloudAccountAlreadyExists
            | NotCreated::InvalidEmail
            | NotCreated::InvalidEmailAddressTarget => "email",
            NotCreated::InvalidFullNameTarget => "name",
            NotCreated::InvalidRoleName => "role_name",
            NotCreated::MaxTagLimitExceeded
            | NotCreated::TagPolicyViolation
            | NotCreated::DuplicateTagKey
            | NotCreated::InvalidSystemTagsParameter => "tags",
            _ => "",
        },
        _ => "",
    }
}

/// The vendor's own code of a refusal, for search. It never changes.
fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::OtherManager { .. } => "other-manager",
        Refusal::OtherKey { .. } => "other-key",
        Refusal::Unmanaged { .. } => "unmanaged",
        Refusal::NotAsPlanned { .. } => "not-as-planned",
        Refusal::KeyTaken { .. } => "key-taken",
        Refusal::Duplicate(_) => "duplicate",
        Refusal::ManagementAccount { .. } => "management-account",
        Refusal::HeldTwice { .. } => "held-twice",
        Refusal::NameTaken { .. } => "name-taken",
        Refusal::CannotMove { .. } => "cannot-move",
        Refusal::Inactive { .. } => "inactive",
        Refusal::CreateFailed { .. } => "create-failed",
        Refusal::CreateUnknown(_) => "create-unknown",
        Refusal::NoSuchParent { .. } => "no-such-parent",
        Refusal::OnboardingParent(_) => "onboarding-parent",
        Refusal::WrongCaller { .. } => "wrong-caller",
        Refusal::NotManagement { .. } => "not-management",
        Refusal::NotInPartition { .. } => "not-in-partition",
        Refusal::MovedMeanwhile { .. } => "moved-meanwhile",
        Refusal::NotUndone { .. } => "not-undone",
        Refusal::NoSuchObject { .. } => "no-such-object",
        Refusal::Quarantine { .. } => "quarantine",
        Refusal::NothingHolds { .. } => "nothing-holds",
        Refusal::NotClosed { .. } => "not-closed",
        Refusal::NotProven { .. } => "not-proven",
        Refusal::NoAccess { .. } => "no-access",
        Refusal::NoAccessRole { .. } => "no-access-role",
        Refusal::OutOfTime { .. } => "out-of-time",
        Refusal::Stopped { .. } => "stopped",
        Refusal::NotGoverned { .. } => "not-governed",
        Refusal::UnitBusy { .. } => "unit-busy",
        Refusal::NotStarted(_) => "not-started",
        Refusal::Call(_) => "call-failed",
        Refusal::Problem(_) => "",
    }
}
