//! Carries out what the controls decided.

use jiff::Timestamp;

use super::{Problem, SETTLE};
use crate::aws::api::Clock;
use crate::aws::api::member::{Change, Member};
use crate::error::{Error, Kind};

/// Carries changes out in order and stops at the first that fails: what follows depends on it. Until `denied_until` a
/// denial may be one of an account that is new; without it, and later, it is a denial.
pub(super) async fn act(
    member: &dyn Member,
    clock: &dyn Clock,
    denied_until: Option<Timestamp>,
    control: &'static str,
    changes: &[Change],
) -> Option<Problem> {
    for change in changes {
        let mut pauses = SETTLE.iter();
        loop {
            match member.change(change).await {
                Ok(()) => break,
                // Somebody made it in between. The next look compares what it says.
                Err(error) if error.kind == Kind::AlreadyExists => break,
                // What was made a moment ago (a boundary, a role) does not show everywhere yet.
                Err(error)
                    if may_pass(&error, denied_until.is_some_and(|end| clock.now() < end)) =>
                {
                    match pauses.next() {
                        Some(pause) => clock.sleep(*pause).await,
                        None => return Some(Problem { control, error }),
                    }
                }
                Err(error) => return Some(Problem { control, error }),
            }
        }
    }
    None
}

/// Whether a change that failed may be made after a pause.
fn may_pass(error: &Error, is_new: bool) -> bool {
    match error.kind {
        Kind::NotFound => true,
        Kind::NotYet => is_new || !error.is_denial(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cause;

    #[test]
    fn a_denial_is_waited_for_in_an_account_that_this_run_made_alone() {
        for (kind, cause, born, passes) in [
            (Kind::NotYet, Cause::AccessDenied, false, false),
            (Kind::NotYet, Cause::AccessDenied, true, true),
            (Kind::Denied, Cause::PolicyDenies, true, false),
            (Kind::NotYet, Cause::UnknownKey, false, true),
            (Kind::NotYet, Cause::Verification, false, true),
            (Kind::NotFound, Cause::Unsaid, false, true),
            (Kind::Quota, Cause::PoliciesPerTarget, true, false),
        ] {
            let error = Error::new("iam:CreateRole", kind, "Code", "").with_cause(cause);
            assert_eq!(may_pass(&error, born), passes, "{kind:?} {cause:?} {born}");
        }
    }
}
