//! Where an account stands: phase, life, state of its cloud.

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_vending_proto::v1beta1 as wire;

use crate::aws::api::AccountState;
use crate::phase::Phase;

pub(in crate::wire) fn phase_to(phase: Phase) -> wire::Phase {
    match phase {
        Phase::Requested => wire::Phase::Requested,
        Phase::Created => wire::Phase::Created,
        Phase::Activating => wire::Phase::Activating,
        Phase::Regions => wire::Phase::Regions,
        Phase::Placed => wire::Phase::Placed,
        Phase::Governed => wire::Phase::Governed,
        Phase::Accessible => wire::Phase::Accessible,
        Phase::Baselined => wire::Phase::Baselined,
        Phase::Ready => wire::Phase::Ready,
        Phase::Suspended => wire::Phase::Suspended,
        Phase::Closing => wire::Phase::Closing,
        Phase::Closed => wire::Phase::Closed,
        Phase::Removed => wire::Phase::Removed,
    }
}

/// What this version does not know is an account that was made, and no more. One that waits for a person stands where it has
/// an id or has none: the reason beside it says the rest.
pub(in crate::wire) fn phase_from(phase: i32, has_id: bool) -> Phase {
    match wire::Phase::try_from(phase).unwrap_or_default() {
        wire::Phase::Requested => Phase::Requested,
        wire::Phase::Created | wire::Phase::Unspecified => Phase::Created,
        wire::Phase::Activating => Phase::Activating,
        wire::Phase::Regions => Phase::Regions,
        wire::Phase::Placed => Phase::Placed,
        wire::Phase::Governed => Phase::Governed,
        wire::Phase::Accessible => Phase::Accessible,
        wire::Phase::Baselined => Phase::Baselined,
        wire::Phase::Ready => Phase::Ready,
        wire::Phase::NeedsHuman if has_id => Phase::Created,
        wire::Phase::NeedsHuman => Phase::Requested,
        wire::Phase::Suspended => Phase::Suspended,
        wire::Phase::Closing => Phase::Closing,
        wire::Phase::Closed => Phase::Closed,
        wire::Phase::Removed => Phase::Removed,
    }
}

pub(in crate::wire) fn wished_to(state: AccountLifecycleState) -> wire::LifecycleState {
    life_to(state.phase())
}

/// Where a life leads that a request may ask for; `None`: it may not.
pub(in crate::wire) fn wished_from(state: i32) -> Option<AccountLifecycleState> {
    Some(match wire::LifecycleState::try_from(state).ok()? {
        wire::LifecycleState::Unspecified | wire::LifecycleState::Active => {
            AccountLifecycleState::Active
        }
        wire::LifecycleState::Frozen => AccountLifecycleState::Frozen,
        wire::LifecycleState::Retired => AccountLifecycleState::Retired,
        wire::LifecycleState::Released | wire::LifecycleState::Closed => return None,
    })
}

pub(in crate::wire) fn life_to(phase: LifecyclePhase) -> wire::LifecycleState {
    match phase {
        LifecyclePhase::Active => wire::LifecycleState::Active,
        LifecyclePhase::Frozen => wire::LifecycleState::Frozen,
        LifecyclePhase::Retired => wire::LifecycleState::Retired,
        LifecyclePhase::Closed => wire::LifecycleState::Closed,
    }
}

/// What is not said, and what this version does not know, is as it was `before`. A released account was retired.
pub(in crate::wire) fn life_from(state: i32, before: LifecyclePhase) -> LifecyclePhase {
    match wire::LifecycleState::try_from(state).unwrap_or_default() {
        wire::LifecycleState::Unspecified => before,
        wire::LifecycleState::Active => LifecyclePhase::Active,
        wire::LifecycleState::Frozen => LifecyclePhase::Frozen,
        wire::LifecycleState::Retired | wire::LifecycleState::Released => LifecyclePhase::Retired,
        wire::LifecycleState::Closed => LifecyclePhase::Closed,
    }
}

pub(in crate::wire) fn state_to(state: AccountState) -> wire::AccountState {
    match state {
        AccountState::PendingActivation => wire::AccountState::Activating,
        AccountState::Active => wire::AccountState::Open,
        AccountState::Suspended => wire::AccountState::Suspended,
        AccountState::PendingClosure => wire::AccountState::Closing,
        AccountState::Closed => wire::AccountState::Closed,
        AccountState::Other => wire::AccountState::Unspecified,
    }
}

pub(in crate::wire) fn state_from(state: i32) -> AccountState {
    match wire::AccountState::try_from(state).unwrap_or_default() {
        wire::AccountState::Unspecified | wire::AccountState::Activating => {
            AccountState::PendingActivation
        }
        wire::AccountState::Open => AccountState::Active,
        wire::AccountState::Suspended => AccountState::Suspended,
        wire::AccountState::Closing => AccountState::PendingClosure,
        wire::AccountState::Closed => AccountState::Closed,
    }
}

/// The state in AWS's words.
pub(in crate::wire) fn native_state(state: AccountState) -> &'static str {
    match state {
        AccountState::PendingActivation => "PENDING_ACTIVATION",
        AccountState::Active => "ACTIVE",
        AccountState::Suspended => "SUSPENDED",
        AccountState::PendingClosure => "PENDING_CLOSURE",
        AccountState::Closed => "CLOSED",
        AccountState::Other => "",
    }
}
