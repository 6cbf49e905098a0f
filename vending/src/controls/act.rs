//! Carries out what the controls decided.

use super::{Problem, SETTLE};
use crate::error::Kind;
use crate::ports::Clock;
use crate::ports::member::{Change, Member};

/// Carries changes out in order and stops at the first that fails: what follows depends on it.
pub(super) async fn act(
    member: &dyn Member,
    clock: &dyn Clock,
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
                Err(error) if matches!(error.kind, Kind::NotFound | Kind::NotYet) => {
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
