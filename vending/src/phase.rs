//! The phases of an account, and why it does not come to the next one.

use crate::error::Error;
use crate::not_governed::NotGoverned;

/// Where an account stands: the end of the unbroken run of phases whose conditions hold, or one of
/// a state of AWS's that overrides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Asked for; no account yet.
    Requested,
    /// AWS made it.
    Created,
    /// AWS made it and is activating it.
    Activating,
    /// Every region of its set is enabled or asked for.
    Regions,
    /// It sits where it belongs.
    Placed,
    /// The landing zone has enrolled it, or there is none.
    Governed,
    /// We can get into it.
    Accessible,
    /// Every control that we own passes.
    Baselined,
    /// No check is fail or unknown.
    Ready,
    /// AWS suspended it.
    Suspended,
    /// It is being closed.
    Closing,
    /// It is closed.
    Closed,
    /// The organization has it no more: it left, or was removed.
    Removed,
}

/// The condition of a phase that somebody else fulfils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// It holds.
    Open,
    /// It does not hold yet; waiting may help.
    Pending(Reason),
    /// It does not hold, and waiting does not help: a person has to do something.
    Blocked(Reason),
}

/// Why a gate is not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// In words, on which nothing is decided.
    Said(String),
    /// A call failed that says nothing about the account itself.
    Call(Error),
    /// Control Tower does not govern the account.
    NotGoverned(NotGoverned),
    /// No role lets us in.
    NoWayIn {
        /// What each role answered, in the order in which they were tried.
        refusals: Vec<(String, Error)>,
        /// Which of the reasons it is.
        why: NoWayIn,
    },
}

/// Why no role lets us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWayIn {
    /// A role may let us in later.
    NotYet,
    /// The plan has no role that may; the apply has.
    NotAPlan,
    /// No role trusts us: a person has to make one.
    NoRole,
    /// Something else: a policy that denies it, a call that failed.
    Other,
}

// === impl Reason ===

impl From<String> for Reason {
    fn from(said: String) -> Self {
        Self::Said(said)
    }
}

impl From<&str> for Reason {
    fn from(said: &str) -> Self {
        Self::Said(said.to_owned())
    }
}

/// Only calls and codes of what failed: a message may hold what changes from call to call.
impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (refusals, why) = match self {
            Self::Said(said) => return f.write_str(said),
            Self::Call(error) => return write!(f, "{}: {}", error.call, error.code),
            Self::NotGoverned(why) => return write!(f, "{why}"),
            Self::NoWayIn { refusals, why } => (refusals, why),
        };
        let all = refusals
            .iter()
            .map(|(role, error)| format!("{} of {role}: {}", error.call, error.code))
            .collect::<Vec<_>>()
            .join("; ");
        match why {
            NoWayIn::NotYet => f.write_str(&all),
            NoWayIn::NotAPlan => write!(f, "no role lets a plan in yet ({all})"),
            NoWayIn::NoRole => write!(f, "no_access_role: no role lets us in ({all})"),
            NoWayIn::Other => write!(f, "no role lets us in ({all})"),
        }
    }
}

// === impl Phase ===

impl Phase {
    /// Reads a word of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        const ALL: [Phase; 13] = [
            Phase::Requested,
            Phase::Created,
            Phase::Activating,
            Phase::Regions,
            Phase::Placed,
            Phase::Governed,
            Phase::Accessible,
            Phase::Baselined,
            Phase::Ready,
            Phase::Suspended,
            Phase::Closing,
            Phase::Closed,
            Phase::Removed,
        ];
        ALL.into_iter().find(|phase| phase.as_str() == word)
    }

    /// The word in state, inventory and tags.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Activating => "activating",
            Self::Created => "created",
            Self::Regions => "regions",
            Self::Placed => "placed",
            Self::Governed => "governed",
            Self::Accessible => "accessible",
            Self::Baselined => "baselined",
            Self::Ready => "ready",
            Self::Suspended => "suspended",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Removed => "removed",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
