//! The two gates that others open: the landing zone and the way in.

use std::sync::Arc;
use std::time::Duration;

use fleet_model::account::Contract;
use jiff::Timestamp;

use super::phase::Gate;
use super::shared::Shared;
use crate::error::{Error, Kind};
use crate::ports::member::Member;
use crate::ports::{Enrolment, Ports};

/// How long a new account's role may refuse before that counts as for good.
const ROLE_WINDOW: Duration = Duration::from_secs(15 * 60);
/// How long AWS may take to verify a new account.
const VERIFICATION_WINDOW: Duration = Duration::from_secs(4 * 60 * 60);

/// Whether the landing zone has enrolled the account; open at once where there is none. `fresh` asks
/// about this account, for who waits for it; otherwise one listing serves all.
pub(crate) async fn landing_zone(
    ports: &Ports,
    shared: &Shared,
    account_arn: &str,
    fresh: bool,
) -> Gate {
    match shared.has_landing_zone(ports).await {
        Ok(false) => return Gate::Open,
        Ok(true) => {}
        Err(error) => return unreachable(&error),
    }
    let enrolment = if fresh {
        ports.control_tower.enrolment(account_arn).await
    } else {
        shared.enrolment(ports, account_arn).await
    };
    match enrolment {
        Ok(Enrolment::Enrolled) => Gate::Open,
        Ok(Enrolment::InProgress(what)) => Gate::Pending(what),
        Ok(Enrolment::Failed(what)) => Gate::Blocked(what),
        Ok(Enrolment::Absent) => Gate::Pending(
            "Control Tower has not enrolled the account; it does so where its organizational unit \
             is registered"
                .into(),
        ),
        Err(error) => unreachable(&error),
    }
}

/// A call that says nothing about the account itself. Only code and call: a message may hold what
/// changes from call to call.
fn unreachable(error: &Error) -> Gate {
    let reason = format!("{}: {}", error.call, error.code);
    match error.kind {
        Kind::Throttled | Kind::Busy | Kind::Unanswered | Kind::NotYet => Gate::Pending(reason),
        _ => Gate::Blocked(reason),
    }
}

/// The roles to try, in order, each once.
pub(crate) fn role_names(contract: &Contract, bootstrap: &[String]) -> Vec<String> {
    let mut names = vec![contract.role_name.clone()];
    for name in bootstrap {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// Tries to get into the account.
pub(crate) async fn enter(
    ports: &Ports,
    account_id: &str,
    roles: &[String],
    joined_at: Option<Timestamp>,
) -> (Gate, Option<Arc<dyn Member>>) {
    let mut refusals = Vec::new();
    for role in roles {
        match ports.access.assume(account_id, role).await {
            Ok(member) => return (Gate::Open, Some(member)),
            Err(error) => refusals.push((role.as_str(), error)),
        }
    }
    (refused(&refusals, joined_at, ports.clock.now()), None)
}

/// What it means that no role let us in. A refusal that a new account gives is waited out within a
/// window from its birth; after it, it is for good.
fn refused(refusals: &[(&str, Error)], joined_at: Option<Timestamp>, now: Timestamp) -> Gate {
    let age = joined_at.map(|joined| now.duration_since(joined).unsigned_abs());
    let may_come = |error: &Error| match error.kind {
        Kind::NotYet => age.is_some_and(|age| age <= window(&error.code)),
        Kind::Throttled | Kind::Busy | Kind::Unanswered => true,
        _ => false,
    };
    let reason = refusals
        .iter()
        .map(|(role, error)| format!("{} of {role}: {}", error.call, error.code))
        .collect::<Vec<_>>()
        .join("; ");
    if refusals.iter().any(|(_, error)| may_come(error)) {
        Gate::Pending(reason)
    } else {
        Gate::Blocked(format!("no role lets us in ({reason})"))
    }
}

fn window(code: &str) -> Duration {
    if code.starts_with("PendingVerification")
        || code.starts_with("SubscriptionRequired")
        || code.starts_with("OptInRequired")
    {
        VERIFICATION_WINDOW
    } else {
        ROLE_WINDOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_waited_out_while_the_account_is_new() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let ago = |seconds: i64| Timestamp::from_second(1_000_000 - seconds).ok();
        let refusal =
            |kind, code: &str| vec![("Role", Error::new("sts:AssumeRole", kind, code, ""))];
        for (kind, code, joined, pending) in [
            (Kind::NotYet, "AccessDenied", ago(60), true),
            (Kind::NotYet, "AccessDenied", ago(16 * 60), false),
            (Kind::NotYet, "AccessDenied", None, false),
            (Kind::NotYet, "PendingVerification", ago(16 * 60), true),
            (Kind::NotYet, "PendingVerification", ago(5 * 60 * 60), false),
            (Kind::Denied, "AccessDenied", ago(60), false),
            (Kind::Unanswered, "NoConnection", None, true),
            (Kind::Unexpected, "Odd", ago(60), false),
        ] {
            let gate = refused(&refusal(kind, code), joined, now);
            assert_eq!(matches!(gate, Gate::Pending(_)), pending, "{kind:?} {code} {joined:?}");
            assert_ne!(gate, Gate::Open);
        }
    }
}
