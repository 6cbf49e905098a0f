//! The journal: what must not be lost when a run dies between an act and the saving of its state.
//!
//! One tag of the account, of words `name=value` with spaces between them, within what AWS takes: 256 characters out
//! of letters, digits, spaces and `_ . : / = + - @`.

use std::collections::BTreeSet;

use super::{Before, Memory, is_parent_id, is_policy_id};
use crate::ports::member::PasswordPolicy;

/// The most characters of a tag's value.
const MOST: usize = 256;

/// What a journal says. Whoever may tag the account may have written it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journal {
    /// Where the account was before it was frozen.
    pub parent_before: Option<String>,
    /// The policies of a quarantine that were attached.
    pub quarantine_policies: BTreeSet<String>,
    /// The password policy before it was first changed.
    pub password_policy: Option<Before<PasswordPolicy>>,
}

impl Memory {
    /// The text of the journal; `None`: there is nothing that a crash could lose. `newest` is a policy that is about to
    /// be attached: should all not fit, it is among those that do.
    #[must_use]
    pub fn journal(&self, newest: Option<&str>) -> Option<String> {
        let mut words = Vec::new();
        if let Some(parent) = &self.parent_before {
            words.push(format!("parent={parent}"));
        }
        if let Some(before) = &self.password_policy {
            words.push(format!("password={}", password(before)));
        }
        let known = |policy: &&str| self.quarantine_policies.contains(*policy);
        let newest = newest.filter(known);
        let others = self.quarantine_policies.iter().map(String::as_str);
        let policies = newest.into_iter().chain(others.filter(|of| Some(*of) != newest));
        words.extend(policies.map(|policy| format!("policy={policy}")));
        let mut length = 0;
        words.retain(|word| {
            let fits = length + word.len() < MOST;
            length += if fits { word.len() + 1 } else { 0 };
            fits
        });
        // Whatever is the newest, the same is said in the same words.
        words.sort_unstable();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

impl Journal {
    /// Reads the tag. What makes no sense is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut journal = Self::default();
        for word in text.split(' ') {
            match word.split_once('=') {
                Some(("parent", id)) if is_parent_id(id) => {
                    journal.parent_before = Some(id.to_owned());
                }
                Some(("policy", id)) if is_policy_id(id) => {
                    journal.quarantine_policies.insert(id.to_owned());
                }
                Some(("password", text)) => journal.password_policy = read_password(text),
                _ => {}
            }
        }
        journal
    }
}

/// `none`, or length, age, reuse (0: none), and the letters of what else holds.
fn password(before: &Before<PasswordPolicy>) -> String {
    let Before::Was(policy) = before else { return "none".to_owned() };
    let flags: String =
        FLAGS.iter().filter(|(_, of)| of(policy)).map(|(letter, _)| *letter).collect();
    format!(
        "{}.{}.{}.{flags}",
        policy.minimum_length,
        policy.max_age_days.unwrap_or_default(),
        policy.reuse_prevention.unwrap_or_default()
    )
}

/// A letter, and what it stands for.
type Flag = (char, fn(&PasswordPolicy) -> bool);

const FLAGS: [Flag; 6] = [
    ('l', |of| of.lowercase),
    ('u', |of| of.uppercase),
    ('n', |of| of.numbers),
    ('s', |of| of.symbols),
    ('c', |of| of.users_may_change),
    ('h', |of| of.hard_expiry),
];

fn read_password(text: &str) -> Option<Before<PasswordPolicy>> {
    if text == "none" {
        return Some(Before::Nothing);
    }
    let mut parts = text.splitn(4, '.');
    let mut number = || parts.next()?.parse::<i32>().ok();
    let (length, age, reuse) = (number()?, number()?, number()?);
    let flags = parts.next()?;
    let has = |letter: char| flags.contains(letter);
    Some(Before::Was(PasswordPolicy {
        minimum_length: length,
        lowercase: has('l'),
        uppercase: has('u'),
        numbers: has('n'),
        symbols: has('s'),
        users_may_change: has('c'),
        max_age_days: (age > 0).then_some(age),
        reuse_prevention: (reuse > 0).then_some(reuse),
        hard_expiry: has('h'),
    }))
}

#[cfg(test)]
mod tests {
    use fleet_model::tags;
    use proptest::prelude::*;

    use super::super::example;
    use super::*;

    #[test]
    fn a_journal_is_one_tag_that_aws_takes() {
        let text = example().journal(None).unwrap();
        assert_eq!(text, "parent=ou-ab12-prod0000 password=8.90.0.lnc policy=p-quarantine");
        // The key aside, which is ours, it is a tag as any other.
        assert_eq!(tags::check_user_tag("journal", &text), Ok(()));
        assert_eq!(Memory::default().journal(None), None);
        let read = Journal::parse(&text);
        assert_eq!(read.parent_before, example().parent_before);
        assert_eq!(read.quarantine_policies, example().quarantine_policies);
        assert_eq!(read.password_policy, example().password_policy);
    }

    #[test]
    fn what_others_wrote_into_it_is_left_out_unless_it_makes_sense() {
        for text in [
            "",
            "parent=",
            "parent=Prod",
            "policy=all",
            "password=8",
            "x=y",
            "parent",
            "policy=p-\u{1b}",
        ] {
            assert_eq!(Journal::parse(text), Journal::default(), "{text}");
        }
    }

    #[test]
    fn the_newest_policy_is_kept_where_not_all_fit() {
        let policy = |letter: char| format!("p-{}", letter.to_string().repeat(128));
        let memory = Memory { quarantine_policies: ['a', 'b'].map(policy).into(), ..example() };
        let text = memory.journal(Some(&policy('b'))).unwrap();
        assert!(text.len() <= MOST && text.contains(&policy('b')), "{text}");
        assert_eq!(Journal::parse(&text).parent_before, memory.parent_before);
    }

    proptest! {
        #[test]
        fn a_password_policy_reads_back(
            length in 6..128i32, flags in any::<[bool; 6]>(),
            age in prop::option::of(1..1095i32), reuse in prop::option::of(1..25i32),
        ) {
            let policy = PasswordPolicy {
                minimum_length: length, lowercase: flags[0], uppercase: flags[1], numbers: flags[2],
                symbols: flags[3], users_may_change: flags[4], hard_expiry: flags[5],
                max_age_days: age, reuse_prevention: reuse,
            };
            let before = Before::Was(policy);
            prop_assert_eq!(read_password(&password(&before)), Some(before));
        }
    }
}
