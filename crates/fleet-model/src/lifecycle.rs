//! The life of an account or a cluster (guide §26): wish and truth are two different things.

use serde::{Deserialize, Serialize};

/// What HCL asks for. The truth is a [`LifecyclePhase`], because a plan can only show the wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LifecycleState {
    /// In use.
    #[default]
    Active,
    /// Out of use for good; the only state from which a destroy is allowed.
    Retired,
}

/// Where the object really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LifecyclePhase {
    /// In use.
    #[default]
    Active,
    /// Retired by an apply that finished.
    Retired,
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
words!(LifecyclePhase { Active => "active", Retired => "retired" });
