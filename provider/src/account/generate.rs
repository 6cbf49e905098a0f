//! What a generated block says of an account beside what it has: how it is taken over.

use fleet_model::name::Key;

use super::adopt::is_unclaimed;
use super::model::Model;

/// Completes the block that is generated for `state`. One of an account that nobody manages has its consent in
/// it: the block is of no use without, lacks what only a person knows, and its plan reports what it does.
///
/// `takes` says whether a key is free, and keeps it. Names are not unique: the second account that would get a key
/// has its id in it.
pub(super) fn complete(state: &Model, config: &mut Model, takes: impl FnOnce(&Key) -> bool) {
    if !is_unclaimed(state) {
        return;
    }
    config.adopt = true.into();
    let Some(name) = state.name.known() else { return };
    let Some(key) = Key::new(name.as_str()).ok().or_else(|| key_like(name)) else { return };
    let key = if takes(&key) {
        Some(key)
    } else {
        let id = state.id.as_str().unwrap_or_default();
        Key::new(format!("{key}-{id}")).ok()
    };
    // Where the key is the name, the block needs none.
    config.key = key.filter(|key| key.as_str() != name).map(String::from).into();
}

/// The key that reads most like a name: `Payments (EU)` → `payments-eu`; `None` when no letter is left.
fn key_like(name: &str) -> Option<Key> {
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Key::new(words.join("-").trim_matches(|c: char| !c.is_ascii_alphanumeric())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Model {
        Model { name: name.into(), email: "a@example.com".into(), ..Model::default() }
    }

    fn generated(state: &Model) -> Model {
        let mut config = state.clone();
        complete(state, &mut config, |_| true);
        config
    }

    #[test]
    fn an_account_of_nobody_is_taken_over_under_a_key_that_it_can_have() {
        for (name, key) in [
            ("payments-prod", None),
            ("Payments", Some("payments")),
            ("  Payments (EU), 2nd ", Some("payments-eu-2nd")),
            ("_data.lake_", Some("data.lake")),
            ("???", None),
        ] {
            let config = generated(&found(name));
            assert_eq!(config.adopt, true.into());
            assert_eq!(config.key.as_str(), key, "{name}");
        }
    }

    #[test]
    fn a_key_that_another_has_is_told_apart_by_the_id() {
        let longest = "a".repeat(63);
        for (name, key) in [
            ("payments-eu", Some("payments-eu-111122223333")),
            ("Payments (EU)", Some("payments-eu-111122223333")),
            // Left to a person.
            (longest.as_str(), None),
        ] {
            let state = Model { id: "111122223333".into(), ..found(name) };
            let mut config = state.clone();
            complete(&state, &mut config, |_| false);
            assert_eq!(config.key.as_str(), key, "{name}");
        }
    }

    #[test]
    fn an_account_that_is_ours_needs_no_consent() {
        let ours = Model { adopt: false.into(), key: "a".into(), ..found("An A") };
        let config = generated(&ours);
        assert_eq!((config.adopt, config.key), (ours.adopt, ours.key));
    }
}
