//! The id of an AWS account, as a type: where an account is meant, neither a unit nor a policy nor a name is taken.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use crate::error::{Error, Kind};

/// Twelve digits. Only [`AccountId::parse`] makes one, at the border: of an answer of AWS, or of an id that a caller gives. It
/// can be read as a text, and no text is taken for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

/// A text that is no id of an AWS account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no id of an AWS account, which has twelve digits")]
pub struct NotAnAccountId(pub String);

impl AccountId {
    /// Takes twelve digits.
    ///
    /// # Errors
    /// It is anything else; the error has the text.
    pub fn parse(text: impl Into<String>) -> Result<Self, NotAnAccountId> {
        let text = text.into();
        let is_one = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_one { Ok(Self(text)) } else { Err(NotAnAccountId(text)) }
    }

    /// As AWS writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What an account is asked for by, where a text is given; a text that is no id is told as AWS would tell it.
    ///
    /// # Errors
    /// It is no id of an account: [`Kind::Invalid`].
    pub(crate) fn given(text: &str) -> Result<Self, Error> {
        Self::parse(text).map_err(|refused| {
            Error::new("fleet", Kind::Invalid, "NotAnAccountId", refused.to_string())
        })
    }
}

impl Deref for AccountId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for AccountId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0
    }
}

impl PartialEq<str> for AccountId {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for AccountId {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for AccountId {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

/// Tests write ids as literals; one that is none fails the test.
#[cfg(test)]
impl From<&str> for AccountId {
    fn from(text: &str) -> Self {
        Self::parse(text).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_and_nothing_else_are_an_account() {
        for text in ["123456789012", "000000000000"] {
            let id = AccountId::parse(text).unwrap();
            assert_eq!((id.as_str(), id.to_string().as_str()), (text, text));
            assert_eq!(format!("{id:?}"), format!("{text:?}"));
        }
        for text in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901a",
            " 123456789012",
            "１２３４",
            "ou-ab12-12345678",
            "r-ab12",
            "p-12345678",
            "12345678901\n",
        ] {
            assert_eq!(AccountId::parse(text), Err(NotAnAccountId(text.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_id_is_told_escaped_and_with_what_was_given() {
        let refused = AccountId::given("1234\u{1b}[31m").unwrap_err();
        assert_eq!((refused.kind, refused.code.as_str()), (Kind::Invalid, "NotAnAccountId"));
        assert!(refused.message.contains(r#""1234\u{1b}[31m" is no id"#), "{}", refused.message);
    }
}
