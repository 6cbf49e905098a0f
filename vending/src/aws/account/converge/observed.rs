//! What is seen of an account that has an id, and the phase that it is in by that.

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};

use crate::aws::api::AccountState;
use crate::error::Error;
use crate::phase::{Gate, Phase};

/// Whether the policy of the quarantine binds the account as it should.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Isolation {
    /// As it should, or there is no such policy.
    #[default]
    Settled,
    /// It is at rest, and the policy is attached neither to it nor above it.
    Missing,
    /// Policies with these ids are still attached to it: it is in use, or the quarantine has another policy by now.
    Lingering(Vec<String>),
    /// That cannot be told or made, and why.
    Unknown(String),
    /// It could not be read.
    Unread(Error),
}

/// Where an account is on its way through the OU in which it gets its baseline before it goes to its
/// parent, whose policies may deny us what the baseline needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onboarding {
    /// It is to go there first.
    Due,
    /// It sits there.
    There,
}

/// What the controls say, as far as phases depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Baseline {
    /// Every control that we own passes, the opt-in of regions left aside: that is awaited, not
    /// made.
    pub owned_pass: bool,
    /// No check is fail or unknown.
    pub ready: bool,
    /// Regions that are on their way: awaited, however long it takes.
    pub coming: Option<String>,
    /// Controls of ours that could not be read or mended at the first try: looked at a few times
    /// more, since a new account's answers lag.
    pub lagging: Option<String>,
    /// The checks that do not pass, in one line.
    pub open: String,
}

/// Everything seen of an account that has an id. `None`: not looked at yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its state at AWS.
    pub state: AccountState,
    /// Who holds it, when not us.
    pub other_manager: Option<String>,
    /// The account that has its key by right, when it is another one.
    pub loses_to: Option<String>,
    /// Whether name, contacts and address were written as far as they can be; `Some(false)`: from
    /// inside of the account there may be more to do.
    pub settled: Option<bool>,
    /// Whether every opt-in was requested.
    pub regions: Option<Gate>,
    /// Whether it sits where it belongs; `Err` says why that cannot be told or made.
    pub placed: Result<bool, String>,
    /// Whether it goes to its parent by another OU.
    pub onboarding: Option<Onboarding>,
    /// The landing zone.
    pub governed: Option<Gate>,
    /// The way in.
    pub access: Option<Gate>,
    /// The controls.
    pub baseline: Option<Baseline>,
    /// What is wished for its life: of an account at rest nothing more is asked.
    pub lifecycle: AccountLifecycleState,
    /// Where it was in its life before.
    pub was: LifecyclePhase,
    /// Whether the quarantine's policy binds it as it should.
    pub isolation: Isolation,
    /// Whether our ways in are shut, which retiring asks for; `Err` says why that could not be done.
    pub shut: Result<bool, String>,
}

// === impl Seen ===

impl Seen {
    /// What is known as soon as an id is.
    #[must_use]
    pub(crate) fn new(state: AccountState) -> Self {
        Self {
            state,
            other_manager: None,
            loses_to: None,
            settled: None,
            regions: None,
            placed: Ok(false),
            onboarding: None,
            governed: None,
            access: None,
            baseline: None,
            lifecycle: AccountLifecycleState::Active,
            was: LifecyclePhase::Active,
            isolation: Isolation::Settled,
            shut: Ok(false),
        }
    }

    /// Whether nothing of it is ours to change.
    #[must_use]
    pub(crate) fn is_not_ours(&self) -> bool {
        self.other_manager.is_some() || self.loses_to.is_some()
    }

    /// Whether it is wished frozen or retired.
    #[must_use]
    pub(crate) fn at_rest(&self) -> bool {
        self.lifecycle != AccountLifecycleState::Active
    }

    /// Where it is in its life: what is asked for once its step is done, else where it was.
    #[must_use]
    pub(crate) fn lifecycle_phase(&self) -> LifecyclePhase {
        let wished = self.lifecycle.phase();
        match self.state {
            AccountState::PendingClosure | AccountState::Closed => LifecyclePhase::Closed,
            // Nothing runs in it, and nothing can be done to it.
            AccountState::Suspended => wished,
            _ if wished == self.was => wished,
            _ => {
                let placed = self.placed == Ok(true) && self.isolation == Isolation::Settled;
                let shut = wished != LifecyclePhase::Retired || self.shut == Ok(true);
                if placed && shut { wished } else { self.was }
            }
        }
    }

    /// The phase, and why it is not the next one. An account at rest ends at `placed`: what comes
    /// after is not asked of it.
    #[must_use]
    pub(crate) fn phase(&self) -> (Phase, Option<String>) {
        let because = |phase, reason: &str| (phase, Some(reason.to_owned()));
        match self.state {
            AccountState::Suspended => {
                return because(Phase::Suspended, "AWS suspended the account");
            }
            AccountState::PendingClosure => {
                return because(Phase::Closing, "the account is being closed");
            }
            AccountState::Closed => return because(Phase::Closed, "the account is closed"),
            AccountState::PendingActivation => {
                return because(Phase::Activating, "AWS is activating the account");
            }
            AccountState::Active | AccountState::Other => {}
        }
        if let Some(winner) = &self.loses_to {
            let reason = format!("the key belongs to account {winner}, which came first");
            return (Phase::Created, Some(reason));
        }
        if !self.at_rest()
            && let Some(reason) = shut(self.regions.as_ref(), "regions")
        {
            return (Phase::Created, Some(reason));
        }
        match &self.placed {
            Ok(true) => {}
            Ok(false) => {
                let reason = match self.onboarding {
                    Some(Onboarding::There) => self.kept_in_onboarding(),
                    Some(Onboarding::Due) | None => None,
                };
                let reason = reason.unwrap_or("the account is not in its parent yet".to_owned());
                return (Phase::Regions, Some(reason));
            }
            Err(reason) => return because(Phase::Regions, reason),
        }
        match &self.isolation {
            Isolation::Missing => {
                return because(Phase::Placed, "the quarantine's policy is not attached");
            }
            Isolation::Lingering(_) => {
                return because(Phase::Placed, "the quarantine's policy is still attached");
            }
            Isolation::Unknown(reason) => {
                let reason = format!("the quarantine's policy is not in force: {reason}");
                return (Phase::Placed, Some(reason));
            }
            Isolation::Unread(error) => {
                let (call, code) = (&error.call, &error.code);
                let reason = format!("the quarantine's policy is not in force: {call}: {code}");
                return (Phase::Placed, Some(reason));
            }
            Isolation::Settled => {}
        }
        match (self.lifecycle, &self.shut) {
            (AccountLifecycleState::Retired, Err(reason)) => {
                let reason = format!("our ways into the account are not shut: {reason}");
                return (Phase::Placed, Some(reason));
            }
            (AccountLifecycleState::Retired, Ok(false)) => {
                return because(Phase::Placed, "our ways into the account are not shut yet");
            }
            _ => {}
        }
        if self.at_rest() {
            return (Phase::Placed, Some(format!("the account is {}", self.lifecycle)));
        }
        match (self.unbaselined(), &self.baseline) {
            (Some(unbaselined), _) => unbaselined,
            (None, Some(baseline)) if !baseline.ready => because(Phase::Baselined, &baseline.open),
            (None, _) => (Phase::Ready, None),
        }
    }

    /// The phase before `baselined` at which the account stands, wherever it sits, and why; `None` when every control that
    /// we own passes.
    fn unbaselined(&self) -> Option<(Phase, Option<String>)> {
        let gates = [
            (Phase::Placed, &self.governed, "the landing zone"),
            (Phase::Governed, &self.access, "access to the account"),
        ];
        for (phase, gate, what) in gates {
            if let Some(reason) = shut(gate.as_ref(), what) {
                return Some((phase, Some(reason)));
            }
        }
        let reason = match &self.baseline {
            None => "the controls were not looked at yet",
            Some(baseline) if !baseline.owned_pass => &baseline.open,
            Some(_) => return None,
        };
        Some((Phase::Accessible, Some(reason.to_owned())))
    }

    /// Whether the account may go on from its onboarding parent: there, every control that we own passes.
    #[must_use]
    pub(crate) fn may_leave_onboarding(&self) -> bool {
        self.unbaselined().is_none()
    }

    /// Whether a person has to do something before the account can go on from its onboarding parent.
    #[must_use]
    pub(crate) fn is_stuck_in_onboarding(&self) -> bool {
        let blocked = |gate: &Option<Gate>| matches!(gate, Some(Gate::Blocked(_)));
        self.onboarding == Some(Onboarding::There)
            && (blocked(&self.governed) || blocked(&self.access))
    }

    fn kept_in_onboarding(&self) -> Option<String> {
        let (_, reason) = self.unbaselined()?;
        Some(format!("the account is in its onboarding parent: {}", reason?))
    }
}

/// Why a gate is not open.
fn shut(gate: Option<&Gate>, what: &str) -> Option<String> {
    match gate {
        Some(Gate::Open) => None,
        Some(Gate::Pending(reason)) => Some(reason.to_string()),
        Some(Gate::Blocked(reason)) => Some(format!("blocked: {reason}")),
        None => Some(format!("{what}: not looked at yet")),
    }
}

#[cfg(test)]
mod tests;
