//! The people whom AWS writes to about an account, beside its root user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lifecycle::words;

/// What AWS writes to an alternate contact about (`account:PutAlternateContact`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactType {
    /// Invoices and payments.
    Billing,
    /// Service events.
    Operations,
    /// Security notices and reports of abuse.
    Security,
}

words!(ContactType { Billing => "billing", Operations => "operations", Security => "security" });

/// An alternate contact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contact {
    /// 1 to 64 characters.
    pub name: String,
    /// 1 to 50 characters.
    pub title: String,
    /// 1 to 254 characters.
    pub email: String,
    /// 1 to 25 digits, spaces and `( ) + -`.
    pub phone_number: String,
}

/// The alternate contacts of an account, one of each type at most.
pub type Contacts = BTreeMap<ContactType, Contact>;
