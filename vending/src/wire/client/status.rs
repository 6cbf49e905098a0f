//! What a call over the wire ended with instead of an answer.

use tonic::{Code, Status};

use super::Inner;
use crate::error::Kind;
use crate::problem::{Class, Problem};
use crate::wire::convert::text::shown;

/// What it means for what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// Whether it was done is not known: the process died, or the connection to it.
    Lost(Problem),
    /// Another call works on the key.
    Busy(Problem),
    /// It was not done.
    Refused(Problem),
}

impl Ended {
    pub(super) fn into_problem(self) -> Problem {
        match self {
            Self::Lost(problem) | Self::Busy(problem) | Self::Refused(problem) => problem,
        }
    }
}

impl Inner {
    /// Reads a status. Its text is for people; its code decides.
    pub(super) fn ended(&self, rpc: &str, status: &Status) -> Ended {
        let text = shown(status.message());
        let of = |kind, what: &str| Problem {
            call: rpc.to_owned(),
            native_code: format!("{:?}", status.code()),
            ..self.problem(
                Class::Call(kind),
                match text.as_str() {
                    "" => what.to_owned(),
                    text => format!("{what}: {text}"),
                },
            )
        };
        match status.code() {
            Code::Aborted => Ended::Busy(of(Kind::Busy, "another call works on the account")),
            Code::Unimplemented => Ended::Refused(of(Kind::Unsupported, "it does not do this")),
            Code::FailedPrecondition => Ended::Refused(of(
                Kind::Unexpected,
                "it refuses the call, since it is not configured for it",
            )),
            Code::InvalidArgument => {
                Ended::Refused(of(Kind::Unexpected, "it takes the call for a fault of the host"))
            }
            Code::ResourceExhausted | Code::OutOfRange => {
                Ended::Refused(of(Kind::Unexpected, "a message is too big"))
            }
            Code::DeadlineExceeded => {
                Ended::Lost(of(Kind::DeadlineExceeded, "it did not answer in time"))
            }
            Code::Ok
            | Code::Cancelled
            | Code::Unknown
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
            | Code::Unauthenticated => {
                Ended::Lost(of(Kind::Unanswered, "it ended without an answer"))
            }
        }
    }
}
