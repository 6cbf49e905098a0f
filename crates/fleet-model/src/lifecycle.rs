//! The life of an account or a cluster (guide §26): what is asked for and what is true are two different things.

use serde::{Deserialize, Serialize};

/// What HCL asks for of a cluster. The truth is a [`LifecyclePhase`], because a plan can only show
/// what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LifecycleState {
    /// In use.
    #[default]
    Active,
    /// Out of use for good; the only state from which a destroy is allowed.
    Retired,
}

/// What HCL asks for of an account: decommissioning is a sequence, one step per apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountLifecycleState {
    /// In use.
    #[default]
    Active,
    /// Nothing runs in it any more, and everything can come back.
    Frozen,
    /// Out of use for good; the only state from which a destroy is allowed.
    Retired,
}

/// Where the object really is. A cluster is active or retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LifecyclePhase {
    /// In use.
    #[default]
    Active,
    /// Frozen by an apply that finished.
    Frozen,
    /// Retired by an apply that finished.
    Retired,
    /// AWS took the request to close it. There is no way back from here but AWS's support.
    Closed,
}

macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in order, as users write it.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word users write.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word, `None` for any other text.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(LifecycleState { Active => "active", Retired => "retired" });
words!(AccountLifecycleState { Active => "active", Frozen => "frozen", Retired => "retired" });
words!(LifecyclePhase {
    Active => "active",
    Frozen => "frozen",
    Retired => "retired",
    Closed => "closed",
});

impl AccountLifecycleState {
    /// The phase in which an apply of this state ends.
    #[must_use]
    pub fn phase(self) -> LifecyclePhase {
        match self {
            Self::Active => LifecyclePhase::Active,
            Self::Frozen => LifecyclePhase::Frozen,
            Self::Retired => LifecyclePhase::Retired,
        }
    }
}

impl LifecyclePhase {
    /// The state to ask for that keeps an account where it is. A closed one was retired.
    #[must_use]
    pub fn kept_by(self) -> AccountLifecycleState {
        match self {
            Self::Active => AccountLifecycleState::Active,
            Self::Frozen => AccountLifecycleState::Frozen,
            Self::Retired | Self::Closed => AccountLifecycleState::Retired,
        }
    }

    /// Whether one apply may take an account from here to `wished`. Forward it goes one step at a
    /// time; without a quarantine, freezing does nothing that retiring does not, and may be left
    /// out. Back it goes at once, until the account is closed.
    #[must_use]
    pub fn may_become(self, wished: AccountLifecycleState, quarantine: bool) -> bool {
        match (self, wished) {
            (Self::Active, AccountLifecycleState::Retired) => !quarantine,
            (Self::Closed, wished) => wished == AccountLifecycleState::Retired,
            (Self::Active | Self::Frozen | Self::Retired, _) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_goes_forward_step_by_step_and_back_at_once() {
        use AccountLifecycleState::{Active, Frozen, Retired};
        for (from, to, with_quarantine, without) in [
            (LifecyclePhase::Active, Active, true, true),
            (LifecyclePhase::Active, Frozen, true, true),
            (LifecyclePhase::Active, Retired, false, true),
            (LifecyclePhase::Frozen, Retired, true, true),
            (LifecyclePhase::Frozen, Active, true, true),
            (LifecyclePhase::Retired, Frozen, true, true),
            (LifecyclePhase::Retired, Active, true, true),
            (LifecyclePhase::Closed, Active, false, false),
            (LifecyclePhase::Closed, Frozen, false, false),
            (LifecyclePhase::Closed, Retired, true, true),
        ] {
            assert_eq!(from.may_become(to, true), with_quarantine, "{from} to {to}");
            assert_eq!(from.may_become(to, false), without, "{from} to {to}");
        }
        for state in [Active, Frozen, Retired] {
            assert_eq!(state.phase().kept_by(), state);
            assert_eq!(state.phase().as_str(), state.as_str());
        }
    }
}
