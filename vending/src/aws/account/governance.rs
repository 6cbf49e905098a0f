//! The way into an account. What the landing zone says of it is asked by [`super::landing_zone`].

use std::sync::Arc;
use std::time::Duration;

use fleet_model::account::Contract;
use jiff::Timestamp;

use crate::aws::api::member::Member;
use crate::aws::api::{AccountId, Entry, Ports};
use crate::aws::organization::standing::Standing;
use crate::config::{BOOTSTRAP_ROLE_NAMES, Config};
use crate::error::{Cause, Error, Kind};
use crate::phase::{Gate, NoWayIn, Reason};
use crate::trying;

/// How long a new account's role may refuse before that counts as for good.
const ROLE_WINDOW: Duration = Duration::from_secs(15 * 60);
/// How long a new account that lets us in may still deny what its role allows.
pub(crate) const SPREADING: Duration = Duration::from_secs(30);
/// How long AWS may take to verify a new account.
const VERIFICATION_WINDOW: Duration = Duration::from_secs(4 * 60 * 60);

/// The gate that a call leaves which says nothing about the account itself.
pub(crate) fn of_call(error: Error) -> Gate {
    if error.kind.may_pass() {
        Gate::Pending(Reason::Call(error))
    } else {
        Gate::Blocked(Reason::Call(error))
    }
}

/// A role of a member account, and how it is assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) role: String,
    pub(crate) entry: Entry,
    /// It was made to trust the management account and no other.
    of_management: bool,
}

/// The roles to try, in order, each once. A run that looks has the reading role first and limits every session; one
/// that works has the managing role, and behind it those that make it.
pub(crate) fn ways(config: &Config, contract: &Contract, writes: bool) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    let mut add = |role: &str, entry: Entry, of_management: bool| {
        if !ways.iter().any(|way| way.role == role) {
            ways.push(Way { role: role.to_owned(), entry, of_management });
        }
    };
    if !writes && let Some(role) = &config.read_role_name {
        add(role, Entry::Look, false);
    }
    if let Some(role) = &config.manage_role_name {
        add(role, if writes { Entry::Work } else { Entry::Look }, false);
    }
    let bootstrap = if writes { Entry::Bootstrap } else { Entry::Look };
    add(&contract.role_name, bootstrap, true);
    for role in &config.bootstrap_role_names {
        add(role, bootstrap, BOOTSTRAP_ROLE_NAMES.contains(&role.as_str()));
    }
    ways
}

/// A session in the account, and the way it was opened by.
pub(crate) type Session = (Arc<dyn Member>, Entry);

/// Tries to get into the account.
pub(crate) async fn enter(
    ports: &Ports,
    standing: &Standing,
    account_id: &AccountId,
    ways: &[Way],
    joined_at: Option<Timestamp>,
) -> (Gate, Option<Session>) {
    let mut refusals = Vec::new();
    for way in ways {
        match ports.access.assume(account_id, &way.role, way.entry).await {
            Ok(member) => return (Gate::Open, Some((member, way.entry))),
            // Nothing of the role's: with these credentials no other one opens either.
            Err(error) if error.kind == Kind::Credentials => {
                return (Gate::Blocked(Reason::Call(error)), None);
            }
            Err(error) => {
                // The gate says what it means that a role refused.
                trying::made_up_for(&error);
                refusals.push((way, error));
            }
        }
    }
    (refused(standing, &refusals, joined_at, ports.clock.now()), None)
}

/// Whether a role was made to trust the management account and no other, and we come from elsewhere.
fn foreign(standing: &Standing, way: &Way) -> bool {
    let from = match way.entry {
        Entry::Bootstrap => &standing.writes_from,
        Entry::Look | Entry::Work => &standing.works_from,
    };
    way.of_management && *from != standing.management_account_id
}

/// Whether a role that refused may let us in later. A refusal that a new account gives is waited out within a
/// window from its birth; after it, it is for good. A role that trusts the management account alone refuses everybody
/// else for good at once.
pub(crate) fn may_come(
    standing: &Standing,
    way: &Way,
    error: &Error,
    joined_at: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    match error.kind {
        Kind::NotYet => !foreign(standing, way) && may_spread(error, joined_at, now),
        kind => kind.may_pass(),
    }
}

/// Whether a call that failed may be answered otherwise after a while: one that nobody took, and one that a new account
/// refuses until what AWS made in it has spread.
pub(crate) fn may_spread(error: &Error, joined_at: Option<Timestamp>, now: Timestamp) -> bool {
    let age = joined_at.map(|joined| now.duration_since(joined).unsigned_abs());
    match error.kind {
        Kind::NotYet => age.is_some_and(|age| age <= window(error.cause)),
        kind => kind.may_pass(),
    }
}

/// What it means that no role let us in.
pub(crate) fn refused(
    standing: &Standing,
    refusals: &[(&Way, Error)],
    joined_at: Option<Timestamp>,
    now: Timestamp,
) -> Gate {
    let reason = |why| Reason::NoWayIn {
        refusals: refusals.iter().map(|(way, error)| (way.role.clone(), error.clone())).collect(),
        why,
    };
    if refusals.iter().any(|(way, error)| may_come(standing, way, error, joined_at, now)) {
        return Gate::Pending(reason(NoWayIn::NotYet));
    }
    // A plan of somebody else may not open the roles of the management account; the apply may.
    let looks = refusals.iter().any(|(way, _)| way.entry == Entry::Look);
    if looks
        && refusals.iter().any(|(way, _)| foreign(standing, way))
        && standing.writes_from == standing.management_account_id
    {
        return Gate::Pending(reason(NoWayIn::NotAPlan));
    }
    let denied = |error: &Error| {
        matches!(error.kind, Kind::NotYet | Kind::Denied) && error.cause != Cause::PolicyDenies
    };
    if !refusals.is_empty() && refusals.iter().all(|(_, error)| denied(error)) {
        Gate::Blocked(reason(NoWayIn::NoRole))
    } else {
        Gate::Blocked(reason(NoWayIn::Other))
    }
}

fn window(cause: Cause) -> Duration {
    if cause == Cause::Verification { VERIFICATION_WINDOW } else { ROLE_WINDOW }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partition::Partition;

    #[test]
    fn refusals_are_waited_out_while_the_account_is_new() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let ago = |seconds: i64| Timestamp::from_second(1_000_000 - seconds).ok();
        let way = Way { role: "Role".into(), entry: Entry::Bootstrap, of_management: true };
        let refusal = |kind, code: &str| {
            let cause =
                if code == "PendingVerification" { Cause::Verification } else { Cause::Unsaid };
            vec![(&way, Error::new("sts:AssumeRole", kind, code, "").with_cause(cause))]
        };
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
            let gate = refused(&standing(HOME, HOME), &refusal(kind, code), joined, now);
            assert_eq!(matches!(gate, Gate::Pending(_)), pending, "{kind:?} {code} {joined:?}");
            assert_ne!(gate, Gate::Open);
        }
    }

    const HOME: &str = "999999999999";
    const TOOLING: &str = "111111111111";

    fn standing(works_from: &str, writes_from: &str) -> Standing {
        Standing {
            organization_id: "o-exampleorgid".into(),
            management_account_id: HOME.into(),
            works_from: works_from.into(),
            reads_from: works_from.into(),
            writes_from: writes_from.into(),
            region: "eu-west-1".into(),
            partition: Partition::Commercial,
        }
    }

    #[test]
    fn a_role_of_the_management_account_refuses_others_for_good_at_once() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let born = Timestamp::from_second(999_990).ok();
        let error = || Error::new("sts:AssumeRole", Kind::NotYet, "AccessDenied", "no");
        let way = |entry| Way { role: "R".into(), entry, of_management: true };
        for (works, writes, entry, pending) in [
            (HOME, HOME, Entry::Bootstrap, true),
            (TOOLING, TOOLING, Entry::Bootstrap, false),
            (TOOLING, HOME, Entry::Bootstrap, true),
            (HOME, HOME, Entry::Look, true),
            (TOOLING, TOOLING, Entry::Look, false),
            // The apply has a way that the plan has not.
            (TOOLING, HOME, Entry::Look, true),
        ] {
            let way = way(entry);
            let gate = refused(&standing(works, writes), &[(&way, error())], born, now);
            assert_eq!(matches!(gate, Gate::Pending(_)), pending, "{works} {writes} {entry:?}");
            if let Gate::Blocked(reason) = gate {
                assert!(matches!(reason, Reason::NoWayIn { why: NoWayIn::NoRole, .. }), "{reason}");
            }
        }
    }

    #[test]
    fn an_explicit_deny_is_no_missing_role() {
        let way = Way { role: "R".into(), entry: Entry::Work, of_management: false };
        let error = Error::new("sts:AssumeRole", Kind::Denied, "AccessDenied", "no");
        let error = error.with_cause(Cause::PolicyDenies);
        let gate = refused(&standing(HOME, HOME), &[(&way, error)], None, Timestamp::UNIX_EPOCH);
        let Gate::Blocked(reason) = gate else { panic!("{gate:?}") };
        assert!(matches!(reason, Reason::NoWayIn { why: NoWayIn::Other, .. }));
        assert_eq!(reason.to_string(), "no role lets us in (sts:AssumeRole of R: AccessDenied)");
    }

    #[test]
    fn a_run_that_looks_opens_no_session_that_can_write() {
        let scoped = Config {
            manage_role_name: Some("manage".into()),
            read_role_name: Some("read".into()),
            bootstrap_role_names: vec!["OrganizationAccountAccessRole".into(), "Other".into()],
            ..Config::default()
        };
        let contract = crate::aws::testing::scenarios::job("a").request.contract;
        let of = |writes| -> Vec<(String, Entry)> {
            ways(&scoped, &contract, writes).into_iter().map(|way| (way.role, way.entry)).collect()
        };
        let way = |role: &str, entry| (role.to_owned(), entry);
        assert_eq!(
            of(false),
            [
                way("read", Entry::Look),
                way("manage", Entry::Look),
                way("OrganizationAccountAccessRole", Entry::Look),
                way("Other", Entry::Look)
            ]
        );
        assert_eq!(
            of(true),
            [
                way("manage", Entry::Work),
                way("OrganizationAccountAccessRole", Entry::Bootstrap),
                way("Other", Entry::Bootstrap)
            ]
        );
    }
}
