//! What a provider keeps beside the state: tokens, etags, marks. The CLI stores it and shows it nowhere.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

/// JSON values under names. Written in the order of the names, so that the same content is the same bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, Json>);

impl Private {
    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.get(key)
    }

    /// Puts `value` under `key`.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Json>) {
        self.0.insert(key.into(), value.into());
    }

    /// Takes the value under `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Json> {
        self.0.remove(key)
    }

    /// Is nothing in it?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads what [`Self::to_bytes`] wrote; nothing at all is empty.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let entries = serde_json::from_slice(bytes)?;
        crate::server::secrets::keep_private(&entries);
        Ok(Self(entries))
    }

    /// JSON text; nothing at all when empty.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        crate::server::secrets::keep_private(&self.0);
        let entries = self.0.iter().map(|(key, value)| (key.clone(), value.clone()));
        Json::Object(entries.collect()).to_string().into_bytes()
    }
}

impl fmt::Debug for Private {
    /// The names only: the values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_do_not_depend_on_the_order_of_setting() {
        let mut one = Private::default();
        one.set("b", 1);
        one.set("a", "x");
        let mut other = Private::default();
        other.set("a", "x");
        other.set("b", 1);
        assert_eq!(one.to_bytes(), br#"{"a":"x","b":1}"#);
        assert_eq!(one.to_bytes(), other.to_bytes());
        assert_eq!(Private::from_bytes(&one.to_bytes()).unwrap(), one);
    }

    #[test]
    fn empty_is_no_bytes() {
        assert!(Private::default().to_bytes().is_empty());
        assert!(Private::from_bytes(b"").unwrap().is_empty());
        assert!(Private::from_bytes(b"[]").is_err());
    }

    #[test]
    fn debug_shows_no_value() {
        let mut private = Private::default();
        private.set("token", "hunter2");
        assert_eq!(format!("{private:?}"), r#"{"token"}"#);
    }
}
