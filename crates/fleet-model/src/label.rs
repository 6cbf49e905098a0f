//! Labels: Kubernetes' syntax of keys and values ("Labels and Selectors", section "Syntax and
//! character set"), because that is where they end up, and the prefix that is ours.

/// Labels and taints that start with it are set by the provider, so a user cannot set them.
pub const RESERVED_PREFIX: &str = "fleet/";

/// The rule that a label breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The part after the slash, or the whole key.
    #[error(
        "a label's name is 1 to 63 letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit"
    )]
    KeyName,
    /// The part before the slash.
    #[error("what stands before the `/` of a label's key is a DNS name of at most 253 characters")]
    KeyPrefix,
    /// Neither empty nor like a name.
    #[error(
        "a label's value is empty, or up to 63 letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit"
    )]
    Value,
    /// Ours.
    #[error("the prefix `{RESERVED_PREFIX}` is reserved")]
    ReservedPrefix,
}

/// Checks the key of a label or taint that a user sets.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_user_key(key: &str) -> Result<(), Error> {
    if key.starts_with(RESERVED_PREFIX) {
        return Err(Error::ReservedPrefix);
    }
    check_key(key)
}

/// Checks a key, reserved or not.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_key(key: &str) -> Result<(), Error> {
    let name = match key.split_once('/') {
        Some((prefix, name)) => {
            if !is_dns_subdomain(prefix) {
                return Err(Error::KeyPrefix);
            }
            name
        }
        None => key,
    };
    if is_qualified_name(name) { Ok(()) } else { Err(Error::KeyName) }
}

/// Checks a value.
///
/// # Errors
/// [`Error::Value`].
pub fn check_value(value: &str) -> Result<(), Error> {
    if value.is_empty() || is_qualified_name(value) { Ok(()) } else { Err(Error::Value) }
}

fn is_qualified_name(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.bytes().next())
        && ends(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// RFC 1123 as Kubernetes reads it: lower-case labels of any length, 253 characters in all.
fn is_dns_subdomain(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        label.bytes().next().is_some_and(alphanumeric)
            && label.bytes().last().is_some_and(alphanumeric)
            && label.bytes().all(|byte| alphanumeric(byte) || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_kubernetes() {
        for good in ["pci", "a", "A.b_c-d", "example.com/tier", "4711", "fleets/x"] {
            assert_eq!(check_user_key(good), Ok(()), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "-a", "a-", "a b", "é", long.as_str(), "example.com/", "example.com/a/b"] {
            assert_eq!(check_user_key(bad), Err(Error::KeyName), "{bad}");
        }
        for bad in ["/a", "Example.com/a", "a..b/c", "-a.b/c"] {
            assert_eq!(check_user_key(bad), Err(Error::KeyPrefix), "{bad}");
        }
        assert_eq!(check_user_key("fleet/unapproved"), Err(Error::ReservedPrefix));
        assert_eq!(check_key("fleet/unapproved"), Ok(()));
    }

    #[test]
    fn values_may_be_empty() {
        for good in ["", "true", "no", "1e3", "0777"] {
            assert_eq!(check_value(good), Ok(()), "{good}");
        }
        for bad in [" ", "a:b", "a/b", ".a"] {
            assert_eq!(check_value(bad), Err(Error::Value), "{bad}");
        }
    }
}
