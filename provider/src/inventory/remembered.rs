//! What private state keeps of a document that was seen.

use fleet_inventory::Seen;
use fleet_model::inventory::MAX_SERIAL;
use serde_json::{Value as Json, json};
use tfplugin::Private;

/// What private state keeps.
pub(crate) trait Remembered: Sized {
    /// What it keeps under `name`; nothing, where it keeps nothing that a write can have led to.
    fn recall(private: &Private, name: &str) -> Self;
    /// Keeps it under `name`.
    fn keep(&self, private: &mut Private, name: &str);
}

impl Remembered for Seen {
    fn recall(private: &Private, name: &str) -> Self {
        let kept = private.get(name);
        let part = |part: &str| kept.and_then(|kept| kept.get(part));
        let serial = part("serial").and_then(Json::as_u64).unwrap_or_default();
        if serial > MAX_SERIAL {
            return Self::default();
        }
        Self {
            serial,
            sha256: part("sha256").and_then(Json::as_str).map(str::to_owned),
            missed: part("missed").and_then(Json::as_u64),
        }
    }

    fn keep(&self, private: &mut Private, name: &str) {
        let mut kept = json!({ "serial": self.serial, "sha256": self.sha256 });
        if let Some(missed) = self.missed {
            kept["missed"] = json!(missed);
        }
        private.set(name, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_recalled_but_for_a_serial_that_cannot_be() {
        let mut private = Private::default();
        for missed in [None, Some(1)] {
            let seen = Seen { serial: 4, sha256: Some("a".into()), missed };
            seen.keep(&mut private, "file");
            assert_eq!(Seen::recall(&private, "file"), seen);
        }
        let never = Seen { serial: u64::MAX, sha256: Some("a".into()), missed: None };
        never.keep(&mut private, "file");
        assert_eq!(Seen::recall(&private, "file"), Seen::default());
    }
}
