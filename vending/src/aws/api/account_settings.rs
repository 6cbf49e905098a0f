//! What an account says of itself (Account Management API): its name, its alternate contacts, the
//! address of its root user.

use fleet_model::contact::{Contact, ContactType};

use super::{AccountId, Call};

/// One change. Decisions are made of these, so that they can be compared and tested without a
/// network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingChange {
    /// `account:PutAccountName`
    Rename(String),
    /// `account:PutAlternateContact`
    PutContact(ContactType, Contact),
    /// `account:DeleteAlternateContact`; one that is not there is
    /// [`NotFound`](crate::error::Kind::NotFound).
    DeleteContact(ContactType),
}

/// How far a change of the root user's address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailUpdate {
    /// AWS sent a one-time password to the new address and waits for it.
    Pending,
    /// The address is changed.
    Accepted,
}

/// A one-time password. It shows nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Otp(String);

impl Otp {
    /// Takes what a person copied out of the mail, without blanks around it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The password itself, for the one call that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without the password, in case a service repeats what it was sent.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "(hidden)") }
    }
}

impl std::fmt::Debug for Otp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Otp(hidden)")
    }
}

/// The settings of accounts. `account_id` is `None` for the session's own account.
///
/// From the management account, with the account's id, the calls need trusted access of Account
/// Management, and no service control policy of the member holds them up. As the account itself
/// they work alone.
pub trait AccountSettings: Send + Sync {
    /// `account:GetAlternateContact`; `None` where there is none of the type.
    fn contact<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        of: ContactType,
    ) -> Call<'a, Option<Contact>>;
    /// Carries out one change.
    fn change<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        change: &'a SettingChange,
    ) -> Call<'a, ()>;
    /// `account:StartPrimaryEmailUpdate`: AWS sends a one-time password to `email`. Only from
    /// outside of the account. An address that another account has is
    /// [`AlreadyExists`](crate::error::Kind::AlreadyExists).
    fn start_email_update<'a>(
        &'a self,
        account_id: &'a AccountId,
        email: &'a str,
    ) -> Call<'a, EmailUpdate>;
    /// `account:AcceptPrimaryEmailUpdate`, sent once: a wrong password is not tried again.
    fn accept_email_update<'a>(
        &'a self,
        account_id: &'a AccountId,
        email: &'a str,
        otp: &'a Otp,
    ) -> Call<'a, EmailUpdate>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_shows_nowhere() {
        let otp = Otp::new(" 123456\n");
        assert_eq!(otp.reveal(), "123456");
        assert!(!format!("{otp:?}").contains("123456"));
        assert_eq!(otp.hidden_in("the value 123456 is wrong"), "the value (hidden) is wrong");
        assert_eq!(Otp::new("").hidden_in("nothing to hide"), "nothing to hide");
    }
}
