//! What a resource remembers of an inventory document, so that an older one is known when it comes.

use serde_json::{Value as Json, json};
use tfplugin::Private;

use super::document::Document;
use super::{Error, Found, Store};

/// The newest version of a document that a resource has written or read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Its serial; 0 when none was seen.
    pub serial: u64,
    /// SHA-256 of the file's bytes, lower-case hex.
    pub sha256: Option<String>,
}

impl Seen {
    /// What private state keeps under `name`; nothing, where it keeps nothing.
    #[must_use]
    pub fn recall(private: &Private, name: &str) -> Self {
        let kept = private.get(name);
        let part = |part: &str| kept.and_then(|kept| kept.get(part));
        Self {
            serial: part("serial").and_then(Json::as_u64).unwrap_or_default(),
            sha256: part("sha256").and_then(Json::as_str).map(str::to_owned),
        }
    }

    /// Keeps it in private state under `name`.
    pub fn keep(&self, private: &mut Private, name: &str) {
        private.set(name, json!({ "serial": self.serial, "sha256": self.sha256 }));
    }

    /// The newer of what was seen and what is there. An edit does not raise the serial, so it is not newer.
    #[must_use]
    pub fn or(self, serial: u64, sha256: &str) -> Self {
        if serial > self.serial { Self { serial, sha256: Some(sha256.to_owned()) } } else { self }
    }
}

impl Store {
    /// Refuses a document that is older than the one that was seen.
    pub(super) fn not_older<D: Document>(
        &self,
        found: &Found<D>,
        seen: &Seen,
    ) -> Result<(), Error> {
        let serial = found.document.serial();
        if serial < seen.serial {
            let path = self.file::<D>(found.document.key());
            return Err(Error::Older { path, seen: seen.serial, found: serial });
        }
        Ok(())
    }

    /// The text that a write of `document` leaves in place of `found`, and its version: as it is
    /// there, if it says the same; the version that was seen, if that is what was lost; else a new one.
    pub(super) fn version<D: Document>(
        &self,
        document: &D,
        found: Option<&Found<D>>,
        seen: &Seen,
    ) -> Result<(String, Seen), Error> {
        let version = |serial: u64| -> Result<(String, Seen), Error> {
            let text = self.text(&document.with_serial(serial))?;
            let sha256 = Some(fleet_artifacts::digest::sha256_hex(text.as_bytes()));
            Ok((text, Seen { serial, sha256 }))
        };
        let there = found.map(|found| found.document.serial());
        if let (Some(found), Some(serial)) = (found, there) {
            let same = version(serial)?;
            if same.1.sha256.as_ref() == Some(&found.sha256) {
                return Ok(same);
            }
        }
        let newest = there.unwrap_or_default().max(seen.serial);
        if newest == seen.serial && newest > 0 {
            let lost = version(newest)?;
            if lost.1.sha256 == seen.sha256 {
                return Ok(lost);
            }
        }
        version(newest.saturating_add(1))
    }
}
