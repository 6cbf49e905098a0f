//! Decisions on an account that has an id: as far along its phases as this run can take it. Pure: no clock, no call, no
//! random number.

use fleet_model::lifecycle::AccountLifecycleState;

use super::observed::{Isolation, Onboarding, Seen};
use crate::aws::account::ownership::TagDrift;
use crate::aws::api::AccountState;
use crate::aws::pause::Pause;
use crate::phase::Gate;

/// What this run has tried on an account that has an id. Each is tried once per run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tried {
    /// What the account says of itself was written again, from inside.
    pub settled_inside: bool,
    /// Opt-ins were requested.
    pub regions: bool,
    /// It was moved to its parent.
    pub moved: bool,
    /// It was moved to its onboarding parent.
    pub onboarded: bool,
    /// The quarantine's policy was attached, or taken off.
    pub isolated: bool,
    /// Our ways in were shut.
    pub shut: bool,
    /// Its tags were written.
    pub tagged: bool,
    /// Looks at what only waiting can change.
    pub looks: u32,
    /// Rounds of the controls that were made because something lagged.
    pub rounds: u32,
}

/// What to do next, and what has been tried then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// To do.
    pub action: Action,
    /// What has been tried once it is done.
    pub next: Tried,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Write what the account says of itself: its name, its contacts, its address.
    Settle,
    /// Request the opt-in of regions.
    RequestRegions,
    /// Move the account to its onboarding parent.
    Onboard,
    /// Move the account to its parent.
    Move,
    /// Attach the quarantine's policy to it, or take it off.
    Isolate(bool),
    /// Shut our ways in.
    Lock,
    /// Ask whether the landing zone has enrolled it, after a pause.
    AskLandingZone(Pause),
    /// Assume a role in it, after a pause.
    Enter(Pause),
    /// Repair and check the controls, after a pause.
    Repair(Pause),
    /// Look at the account's state again, after a pause.
    Watch(Pause),
    /// Write its tags.
    Tag,
    /// Nothing more to do in this run.
    Finish,
}

/// How many more rounds of the controls wait for what lags: half a minute or so.
const ROUNDS: u32 = 6;

/// What comes next.
pub(crate) fn next(tried: Tried, seen: &Seen, drift: TagDrift) -> Decision {
    let go = |action, next| Decision { action, next };
    let last = || match (seen.settled, &seen.access) {
        // What was refused from outside may be allowed from inside.
        (Some(false), Some(Gate::Open)) if !tried.settled_inside => {
            go(Action::Settle, Tried { settled_inside: true, ..tried })
        }
        _ => finish(tried, seen, drift),
    };

    if seen.is_not_ours() {
        return go(Action::Finish, tried);
    }
    match seen.state {
        // Its tags cannot be written any more either.
        AccountState::Suspended | AccountState::PendingClosure | AccountState::Closed => {
            return go(Action::Finish, tried);
        }
        AccountState::PendingActivation | AccountState::Active | AccountState::Other => {}
    }
    // Before anything else is tried in it: under the policy all of it would fail. But not before it is out of the
    // quarantine: an account that cannot go back stays held.
    if matches!(seen.isolation, Isolation::Lingering(_)) && !tried.isolated {
        if !seen.at_rest() && seen.onboarding.is_none() {
            match seen.placed {
                Ok(true) => {}
                Ok(false) if !tried.moved => {
                    return go(Action::Move, Tried { moved: true, ..tried });
                }
                Ok(false) | Err(_) => return last(),
            }
        }
        return go(Action::Isolate(false), Tried { isolated: true, ..tried });
    }
    // Early, so that it is not held up by what the account waits for.
    if seen.settled.is_none() {
        return go(Action::Settle, tried);
    }
    // Started as early as can be, since it takes hours; awaited at the end.
    if !seen.at_rest() && !tried.regions {
        return go(Action::RequestRegions, Tried { regions: true, ..tried });
    }
    match (&seen.placed, seen.onboarding.filter(|_| !seen.at_rest())) {
        (Ok(true), _) => {}
        (Err(_), _) => return last(),
        (Ok(false), _) if tried.moved => return last(),
        (Ok(false), None) => return go(Action::Move, Tried { moved: true, ..tried }),
        (Ok(false), Some(Onboarding::Due)) if tried.onboarded => return last(),
        (Ok(false), Some(Onboarding::Due)) => {
            return go(Action::Onboard, Tried { onboarded: true, ..tried });
        }
        (Ok(false), Some(Onboarding::There)) => {
            return match toward_baseline(tried, seen) {
                Some(decision) => decision,
                // Its new parent has other policies: everything is awaited and checked again there.
                None if seen.may_leave_onboarding() => {
                    go(Action::Move, Tried { moved: true, looks: 0, rounds: 0, ..tried })
                }
                None => last(),
            };
        }
    }
    if seen.at_rest() {
        if seen.isolation == Isolation::Missing && !tried.isolated {
            return go(Action::Isolate(true), Tried { isolated: true, ..tried });
        }
        let retires = seen.lifecycle == AccountLifecycleState::Retired;
        if retires && seen.shut == Ok(false) && !tried.shut {
            return go(Action::Lock, Tried { shut: true, ..tried });
        }
        return last();
    }
    if let Some(decision) = toward_baseline(tried, seen) {
        return decision;
    }
    if seen.baseline.is_some() && seen.state == AccountState::PendingActivation {
        let pause = Pause::growing(tried.looks, 30, "AWS to activate the account");
        return go(Action::Watch(pause), Tried { looks: tried.looks.saturating_add(1), ..tried });
    }
    last()
}

/// What comes next on the way to the baseline, wherever the account sits; `None` when there is nothing to do or to wait for any more.
fn toward_baseline(tried: Tried, seen: &Seen) -> Option<Decision> {
    let go = |action, next| Some(Decision { action, next });
    let again = Tried { looks: tried.looks.saturating_add(1), ..tried };
    match &seen.governed {
        None => return go(Action::AskLandingZone(Pause::none("the landing zone")), tried),
        Some(Gate::Open) => {}
        Some(Gate::Pending(reason)) => {
            return go(
                Action::AskLandingZone(Pause::growing(tried.looks, 30, reason.to_string())),
                again,
            );
        }
        Some(Gate::Blocked(_)) => return None,
    }
    match &seen.access {
        None => return go(Action::Enter(Pause::none("access to the account")), tried),
        Some(Gate::Open) => {}
        Some(Gate::Pending(reason)) => {
            return go(Action::Enter(Pause::growing(tried.looks, 10, reason.to_string())), again);
        }
        Some(Gate::Blocked(_)) => return None,
    }
    let Some(baseline) = &seen.baseline else {
        return go(Action::Repair(Pause::none("the controls")), tried);
    };
    if let Some(lagging) = &baseline.lagging
        && tried.rounds < ROUNDS
    {
        let more = Tried { rounds: tried.rounds + 1, ..again };
        return go(Action::Repair(Pause::growing(tried.rounds, 15, lagging)), more);
    }
    let coming = baseline.coming.as_ref()?;
    go(Action::Repair(Pause::growing(tried.looks, 30, coming)), again)
}

/// The end of the run: one write of tags, if they do not say what they should.
pub(crate) fn finish(tried: Tried, seen: &Seen, drift: TagDrift) -> Decision {
    if !seen.is_not_ours() && drift == TagDrift::Some && !tried.tagged {
        return Decision { action: Action::Tag, next: Tried { tagged: true, ..tried } };
    }
    Decision { action: Action::Finish, next: tried }
}

#[cfg(test)]
pub(super) mod tests;
