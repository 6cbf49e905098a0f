//! Why Control Tower does not govern an account, or not yet.

/// See the module. `Display` completes "the account is not governed: …"; it holds nothing that changes while the world does
/// not, and what Control Tower wrote only with its control characters escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotGoverned {
    /// Control Tower answers the management account alone.
    #[error(
        "Control Tower answers only the management account {management}, and calls that read come from account {reader}"
    )]
    Unseen {
        /// The account whose credentials read.
        reader: String,
        /// The management account.
        management: String,
    },
    /// The unit is not registered, so nothing in it is enrolled.
    #[error("{unit} is not registered with Control Tower, so no account in it is enrolled")]
    NotRegistered {
        /// The id of the unit, or of the root.
        unit: String,
    },
    /// It is in a registered unit, and nobody enrols it by itself.
    #[error("Control Tower has not enrolled the account, and its auto-enrolment is switched off")]
    NobodyEnrols,
    /// It is in a registered unit, and Control Tower has not begun.
    #[error("Control Tower has not enrolled the account yet")]
    NotEnrolled,
    /// Control Tower is at work on it.
    #[error("Control Tower is enrolling the account")]
    Enrolling,
    /// Control Tower has tried.
    #[error("Control Tower could not enrol the account: {}", .message.as_deref().unwrap_or("it does not say why"))]
    Failed {
        /// What Control Tower says of it, escaped.
        message: Option<String>,
    },
    /// Its baseline is that of another unit: it was moved, and not enrolled where it is.
    #[error("the account has the baseline of another unit than {unit}, which it is in{}", switched(.enrols))]
    FromElsewhere {
        /// The id of the unit that it is in.
        unit: String,
        /// Whether Control Tower mends that by itself.
        enrols: bool,
    },
    /// Its baseline is not as that of its unit.
    #[error("the account's baseline has drifted from that of {unit}{}", switched(.enrols))]
    Drifted {
        /// The id of its unit.
        unit: String,
        /// Whether Control Tower mends that by itself.
        enrols: bool,
    },
    /// Control Tower has a word for it that this version does not know.
    #[error("Control Tower says of the account's baseline what this version does not know")]
    Unknown,
}

fn switched(enrols: &bool) -> &'static str {
    if *enrols { "" } else { ", and auto-enrolment is switched off" }
}

// === impl NotGoverned ===

impl NotGoverned {
    /// Whether waiting helps: Control Tower is at work, or is going to be.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NotEnrolled | Self::Enrolling | Self::Unknown => true,
            Self::FromElsewhere { enrols, .. } | Self::Drifted { enrols, .. } => *enrols,
            Self::Unseen { .. }
            | Self::NotRegistered { .. }
            | Self::NobodyEnrols
            | Self::Failed { .. } => false,
        }
    }

    /// That Control Tower failed, with what it says of that: whatever it wrote, on one line and without control characters,
    /// and no longer than a person reads.
    #[must_use]
    pub(crate) fn failed(message: Option<&str>) -> Self {
        const MOST: usize = 500;
        let shown = |text: &str| {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // Sentences go on after it.
            let words = words.trim_end_matches('.');
            let mut shown: String = words.chars().take(MOST).flat_map(escaped).collect();
            if words.chars().nth(MOST).is_some() {
                shown.push('…');
            }
            shown
        };
        let message = message.map(shown).filter(|text| !text.is_empty());
        Self::Failed { message }
    }
}

/// What a terminal obeys is spelled out.
fn escaped(c: char) -> Vec<char> {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { c.escape_default().collect() } else { vec![c] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_control_tower_says_is_told_on_one_line_and_without_control_characters() {
        let told = |message| NotGoverned::failed(message).to_string();
        assert_eq!(
            told(Some("A recorder\n  is there.\u{1b}[31m")),
            "Control Tower could not enrol the account: A recorder is there.\\u{1b}[31m"
        );
        assert_eq!(
            told(Some("It denies. ")),
            "Control Tower could not enrol the account: It denies"
        );
        for none in [None, Some(""), Some(" \n"), Some(".")] {
            assert_eq!(
                told(none),
                "Control Tower could not enrol the account: it does not say why"
            );
        }
        let long = "x".repeat(600);
        assert!(told(Some(&long)).ends_with("x…") && told(Some(&long)).len() < 560);
    }
}
