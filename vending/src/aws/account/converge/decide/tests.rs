//! `next` over everything that is seen of an account.

use super::*;
use crate::aws::account::converge::observed::{Baseline, Seen};

/// One word for a decision, for tables.
fn word(decision: &Decision) -> &'static str {
    match &decision.action {
        Action::Settle => "settle",
        Action::RequestRegions => "regions",
        Action::Isolate(true) => "isolate",
        Action::Isolate(false) => "lift",
        Action::Lock => "lock",
        Action::Onboard => "onboard",
        Action::Move => "move",
        Action::AskLandingZone(_) => "landing zone",
        Action::Enter(_) => "enter",
        Action::Repair(_) => "repair",
        Action::Watch(_) => "watch",
        Action::Tag => "tag",
        Action::Finish => "finish",
    }
}

pub(in crate::aws::account::converge) fn baseline(
    owned_pass: bool,
    ready: bool,
    coming: bool,
    lagging: bool,
) -> Option<Baseline> {
    Some(Baseline {
        owned_pass,
        ready,
        coming: coming.then(|| "regions/x".into()),
        lagging: lagging.then(|| "access-roles".into()),
        open: "open checks: some".into(),
    })
}

#[test]
fn an_account_goes_on_from_where_it_stands() {
    let fresh = Seen::new(AccountState::Active);
    let seen = Seen { settled: Some(true), ..fresh.clone() };
    let asked = Tried { regions: true, ..Tried::default() };
    let moved = Tried { moved: true, ..asked };
    let onboarded = Tried { onboarded: true, ..asked };
    let open = || Some(Gate::Open);
    let pending = || Some(Gate::Pending("p".into()));
    let blocked = || Some(Gate::Blocked("b".into()));
    let regions = Seen { regions: open(), ..seen.clone() };
    let placed = Seen { placed: Ok(true), ..regions.clone() };
    let governed = Seen { governed: open(), ..placed.clone() };
    let entered = Seen { access: open(), ..governed.clone() };
    let due = Some(Onboarding::Due);
    let away = Seen { onboarding: Some(Onboarding::There), ..regions.clone() };
    let inside_away = Seen { governed: open(), access: open(), ..away.clone() };
    let with = |baseline| Seen { baseline, ..entered.clone() };
    let many = Tried { rounds: 99, ..moved };

    let inside = Tried { settled_inside: true, ..moved };
    let refused = |seen| Seen { settled: Some(false), ..seen };

    for (case, tried, seen, expected) in [
        ("new", Tried::default(), fresh.clone(), "settle"),
        ("settled", Tried::default(), seen.clone(), "regions"),
        (
            "settings refused from outside",
            moved,
            refused(with(baseline(true, true, false, false))),
            "settle",
        ),
        (
            "settings refused from inside too",
            inside,
            refused(with(baseline(true, true, false, false))),
            "finish",
        ),
        (
            "settings refused, no way in",
            moved,
            refused(Seen { access: blocked(), ..governed.clone() }),
            "finish",
        ),
        ("regions asked", asked, regions.clone(), "move"),
        ("regions refused", asked, Seen { regions: blocked(), ..seen.clone() }, "move"),
        ("move refused", moved, regions.clone(), "finish"),
        ("no parent", asked, Seen { placed: Err("gone".into()), ..regions }, "finish"),
        ("placed", asked, placed.clone(), "landing zone"),
        ("enrolling", moved, Seen { governed: pending(), ..placed.clone() }, "landing zone"),
        ("enrolment failed", moved, Seen { governed: blocked(), ..placed.clone() }, "finish"),
        ("governed", moved, governed.clone(), "enter"),
        ("role not there", moved, Seen { access: pending(), ..governed.clone() }, "enter"),
        ("role refused", moved, Seen { access: blocked(), ..governed }, "finish"),
        ("entered", moved, entered.clone(), "repair"),
        ("regions coming", moved, with(baseline(true, false, true, false)), "repair"),
        ("lagging", moved, with(baseline(false, false, false, true)), "repair"),
        ("lagged for long", many, with(baseline(false, false, false, true)), "finish"),
        ("owned broken", moved, with(baseline(false, false, false, false)), "finish"),
        ("verified broken", moved, with(baseline(true, false, false, false)), "finish"),
        ("ready", moved, with(baseline(true, true, false, false)), "finish"),
        (
            "activating",
            moved,
            Seen {
                state: AccountState::PendingActivation,
                ..with(baseline(true, true, false, false))
            },
            "watch",
        ),
        (
            "retired",
            Tried::default(),
            Seen { lifecycle: AccountLifecycleState::Retired, ..placed.clone() },
            "lock",
        ),
        (
            "retired, shut",
            Tried::default(),
            Seen { lifecycle: AccountLifecycleState::Retired, shut: Ok(true), ..placed.clone() },
            "finish",
        ),
        (
            "retired, could not be shut",
            Tried { shut: true, ..Tried::default() },
            Seen { lifecycle: AccountLifecycleState::Retired, ..placed.clone() },
            "finish",
        ),
        (
            "frozen",
            Tried::default(),
            Seen { lifecycle: AccountLifecycleState::Frozen, ..placed.clone() },
            "finish",
        ),
        (
            "frozen, not bound",
            Tried::default(),
            Seen {
                lifecycle: AccountLifecycleState::Frozen,
                isolation: Isolation::Missing,
                ..placed.clone()
            },
            "isolate",
        ),
        (
            "retired, not bound",
            Tried { isolated: true, ..Tried::default() },
            Seen {
                lifecycle: AccountLifecycleState::Retired,
                isolation: Isolation::Unknown("denied".into()),
                ..placed.clone()
            },
            "lock",
        ),
        (
            "back in use, still away and bound",
            Tried::default(),
            Seen { isolation: Isolation::Lingering(vec!["p".into()]), ..seen.clone() },
            "move",
        ),
        (
            "back in use, cannot go back",
            Tried::default(),
            Seen {
                isolation: Isolation::Lingering(vec!["p".into()]),
                placed: Err("gone".into()),
                ..seen.clone()
            },
            "finish",
        ),
        (
            "back in its place, still bound",
            Tried::default(),
            Seen {
                isolation: Isolation::Lingering(vec!["p".into()]),
                placed: Ok(true),
                ..seen.clone()
            },
            "lift",
        ),
        ("onboarding", asked, Seen { onboarding: due, ..away.clone() }, "onboard"),
        ("onboarding refused", onboarded, Seen { onboarding: due, ..away.clone() }, "finish"),
        ("onboarded", onboarded, away.clone(), "landing zone"),
        ("onboarded, governed", onboarded, Seen { governed: open(), ..away.clone() }, "enter"),
        (
            "onboarded, no way in",
            onboarded,
            Seen { access: blocked(), ..inside_away.clone() },
            "finish",
        ),
        ("onboarded, entered", onboarded, inside_away.clone(), "repair"),
        (
            "onboarded, owned broken",
            onboarded,
            Seen { baseline: baseline(false, false, false, false), ..inside_away.clone() },
            "finish",
        ),
        (
            "onboarded, baselined",
            onboarded,
            Seen { baseline: baseline(true, false, false, false), ..inside_away.clone() },
            "move",
        ),
        (
            "onboarded, baselined, move refused",
            moved,
            Seen { baseline: baseline(true, false, false, false), ..inside_away },
            "finish",
        ),
        (
            "frozen on the way",
            onboarded,
            Seen { lifecycle: AccountLifecycleState::Frozen, ..away },
            "move",
        ),
        (
            "retired, moved away",
            Tried::default(),
            Seen { lifecycle: AccountLifecycleState::Retired, ..seen.clone() },
            "move",
        ),
    ] {
        for (drift, tagged) in [(TagDrift::None, expected), (TagDrift::Some, "tag")] {
            let decision = next(tried, &seen, drift);
            // Tags are written once, at the end.
            let expected = if expected == "finish" { tagged } else { expected };
            assert_eq!(word(&decision), expected, "{case}, {drift:?}");
        }
        let written = Tried { tagged: true, ..tried };
        assert_eq!(word(&next(written, &seen, TagDrift::Some)), expected, "{case}, written");
    }
}

#[test]
fn nothing_is_done_to_what_is_over_or_another_s() {
    let over = [AccountState::Suspended, AccountState::PendingClosure, AccountState::Closed];
    let mut cases: Vec<Seen> = over.into_iter().map(Seen::new).collect();
    cases.push(Seen { other_manager: Some("them".into()), ..Seen::new(AccountState::Active) });
    for seen in cases {
        for drift in [TagDrift::None, TagDrift::Some] {
            let decision = next(Tried::default(), &seen, drift);
            assert_eq!(word(&decision), "finish", "{seen:?}");
        }
    }
}
