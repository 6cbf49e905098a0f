//! What the controls made and hold, so that it is taken away once nothing asks for it
//! ([`crate::aws::controls::shed`]).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::aws::api::member::PasswordPolicy;

/// See the module. What carries our tags at AWS comes in with every look at the account, so a state that was lost finds
/// it again; audiences of providers that are somebody else's, and policies without our tags, are known from here alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Made {
    /// Names of service control policies that are attached to the account itself.
    pub guardrails: BTreeSet<String>,
    /// The fingerprints of service control policies of ours, by their plain names, as they were when this state last found
    /// or left them as it wants them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, String>,
    /// OIDC providers, by the URL of their issuer.
    pub issuers: BTreeMap<String, Issuer>,
    /// Access roles whose trust policy says what `identity` asked for.
    pub trusts: BTreeSet<String>,
    /// Roles with our marks: access roles, and those of vending's own.
    pub roles: BTreeSet<String>,
    /// The password policy as it was last written. None as well once somebody else has changed it.
    pub password: Option<PasswordPolicy>,
}

/// An OIDC provider that a control made or completed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Issuer {
    /// Whether it carries our marks. Of another's, only the audiences that were added are ours.
    pub ours: bool,
    /// The audiences that were asked for and added.
    pub audiences: BTreeSet<String>,
}

// === impl Made ===

impl Made {
    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
