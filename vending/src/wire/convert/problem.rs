//! What went wrong.

use fleet_vending_proto::v1beta1 as wire;

use super::text::{paragraphs, shown};
use crate::error::{Error, Kind};
use crate::problem::{Class, Problem};

pub(in crate::wire) fn class_to(class: Class) -> wire::ProblemClass {
    use wire::ProblemClass as To;
    match class {
        Class::Call(kind) => match kind {
            Kind::Throttled => To::Throttled,
            Kind::Busy => To::Busy,
            Kind::InFlightLimit => To::InFlightLimit,
            Kind::NotYet => To::NotYet,
            Kind::Denied => To::Denied,
            Kind::NotFound => To::NotFound,
            Kind::AlreadyExists => To::AlreadyExists,
            Kind::Invalid => To::Invalid,
            Kind::Quota => To::Quota,
            Kind::Unanswered => To::Unanswered,
            Kind::Unsupported => To::Unsupported,
            Kind::Credentials => To::Credentials,
            Kind::Cancelled => To::Cancelled,
            Kind::DeadlineExceeded => To::DeadlineExceeded,
            Kind::Unexpected => To::Unexpected,
        },
        Class::ConflictOwner => To::ConflictOwner,
        Class::ConflictKey => To::ConflictKey,
        Class::ConflictInput => To::ConflictInput,
        Class::Human => To::Human,
    }
}

/// What this version does not know is unexpected.
pub(in crate::wire) fn class_from(class: i32) -> Class {
    use wire::ProblemClass as From;
    Class::Call(match From::try_from(class).unwrap_or_default() {
        From::Throttled => Kind::Throttled,
        From::Busy => Kind::Busy,
        From::InFlightLimit => Kind::InFlightLimit,
        From::NotYet => Kind::NotYet,
        From::Denied => Kind::Denied,
        From::NotFound => Kind::NotFound,
        From::AlreadyExists => Kind::AlreadyExists,
        From::Invalid => Kind::Invalid,
        From::Quota => Kind::Quota,
        From::Unanswered => Kind::Unanswered,
        From::Unsupported => Kind::Unsupported,
        From::Credentials => Kind::Credentials,
        From::Cancelled => Kind::Cancelled,
        From::DeadlineExceeded => Kind::DeadlineExceeded,
        From::Unexpected | From::Unspecified => Kind::Unexpected,
        From::ConflictOwner => return Class::ConflictOwner,
        From::ConflictKey => return Class::ConflictKey,
        From::ConflictInput => return Class::ConflictInput,
        From::Human => return Class::Human,
    })
}

pub(in crate::wire) fn to_message(problem: &Problem) -> wire::Problem {
    let Problem { vendor: _, class, code, message, why, remedy, object, call, native_code } =
        problem.clone();
    wire::Problem {
        class: class_to(class).into(),
        code,
        message,
        object,
        remedy,
        retry_after_seconds: 0,
        call,
        request_id: String::new(),
        native_code,
        why,
    }
}

/// As the vendor of this name said it. The id of the call goes to the log alone.
pub(in crate::wire) fn from_message(vendor: &str, problem: &wire::Problem) -> Problem {
    if !problem.request_id.is_empty() {
        let request_id = shown(&problem.request_id);
        tracing::debug!(vendor, call = shown(&problem.call), request_id, "a problem of a vendor");
    }
    let message = match paragraphs(&problem.message) {
        empty if empty.is_empty() => "it does not say what".to_owned(),
        message => message,
    };
    Problem {
        vendor: vendor.to_owned(),
        class: class_from(problem.class),
        code: shown(&problem.code),
        message,
        why: paragraphs(&problem.why),
        remedy: paragraphs(&problem.remedy),
        object: shown(&problem.object),
        call: shown(&problem.call),
        native_code: shown(&problem.native_code),
    }
}

/// A call of the vendor's to its cloud that failed: what stays the same from call to call.
pub(in crate::wire) fn of_error(error: &Error) -> wire::Problem {
    wire::Problem {
        class: class_to(Class::Call(error.kind)).into(),
        code: "call-failed".to_owned(),
        message: match error.message.as_str() {
            "" => format!("{}: {}", error.call, error.code),
            message => message.to_owned(),
        },
        call: error.call.clone(),
        native_code: error.code.clone(),
        ..wire::Problem::default()
    }
}

/// The same for the host: what a look could not read. `None`: it is no failure of a call.
pub(in crate::wire) fn to_error(problem: &Problem) -> Option<Error> {
    let Class::Call(kind) = problem.class else { return None };
    let or =
        |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let call = or(&problem.call, &format!("vendor {}", problem.vendor));
    let code = or(&problem.native_code, &or(&problem.code, "Problem"));
    Some(Error::new(call, kind, code, problem.message.clone()))
}
