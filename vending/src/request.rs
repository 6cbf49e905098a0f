//! What is asked of a vendor.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{BillingAccess, Contract};
use fleet_model::contact::Contacts;
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use jiff::Timestamp;

use crate::aws::api::Otp;
use crate::memory::Memory;
use crate::phase::Phase;
use crate::proof::Proof;
use crate::unit_path::Parent;

/// Whether an object that exists and that nobody manages is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Adopt {
    /// It is refused.
    #[default]
    No,
    /// Whatever has the name or the email.
    Any,
    /// The one with this id, which the plan named; and nothing else is done if it is another one by
    /// now, or none.
    This(String),
    /// It is refused. The object with this id is ours already, as the plan or the inventory file
    /// says: it is found again, and nothing else is done if it is another one by now, or none.
    Again(String),
}

impl Adopt {
    /// Whether the object with this id may be taken over.
    #[must_use]
    pub fn takes(&self, id: &str) -> bool {
        match self {
            Self::No | Self::Again(_) => false,
            Self::Any => true,
            Self::This(planned) => planned == id,
        }
    }

    /// The id that the plan named.
    #[must_use]
    pub fn planned(&self) -> Option<&String> {
        match self {
            Self::This(planned) | Self::Again(planned) => Some(planned),
            Self::No | Self::Any => None,
        }
    }
}

/// One account in one run: what is asked, what is remembered, and what this run may do.
#[derive(Debug, Clone)]
pub struct AccountJob {
    /// What the configuration asks for.
    pub request: AccountRequest,
    /// What earlier runs did, and saw.
    pub past: Past,
    /// What this run may do, as its plan showed it.
    pub intent: RunIntent,
}

/// An account as the configuration asks for it.
#[derive(Debug, Clone)]
pub struct AccountRequest {
    /// The contract of guide §14.
    pub contract: Contract,
    /// Where it belongs; `None`: wherever it is.
    pub parent: Option<Parent>,
    /// Where a new account gets its baseline before it goes to its parent; `None`: there.
    pub onboarding_parent: Option<Parent>,
    /// The user's tags, default tags merged in.
    pub tags: BTreeMap<String, String>,
    /// Where in its life it should be.
    pub lifecycle_state: AccountLifecycleState,
    /// Whether IAM users and roles of a new account may see its bills.
    pub billing_access: BillingAccess,
    /// The alternate contacts; a type that is not among them is left alone.
    pub contacts: Contacts,
    /// `vendor_settings`: a JSON object, as the configuration has it. For vendors over a wire.
    pub settings: Option<String>,
}

/// What earlier runs did with an account, and saw of it, as the state and its private part have it.
#[derive(Debug, Clone)]
pub struct Past {
    /// Where it stood: of a new account [`Phase::Created`].
    pub phase: Phase,
    /// Where it was in its life.
    pub lifecycle_phase: LifecyclePhase,
    /// Since when we have seen that it is being closed: for a while after a close AWS's reads say
    /// now this and now that.
    pub closing_since: Option<Timestamp>,
    /// The keys of the tags that we set: those that are no longer asked for are removed, and no others.
    pub tags_set_before: BTreeSet<String>,
    /// The contacts that we set, as the plan showed them: those whose types are no longer asked for
    /// are deleted, unless somebody has written others since.
    pub contacts_set_before: Contacts,
    /// What this run may undo: as the plan showed it.
    pub memory: Memory,
    /// What a vendor over a wire gave to be handed back: [`VendorOutcome::remembered`](crate::VendorOutcome::remembered).
    pub vendor: Option<Vec<u8>>,
}

/// What one run may do with an account, beside bringing it to what is asked.
#[derive(Debug, Clone)]
pub struct RunIntent {
    /// Whether an account of nobody that has the email is taken over.
    pub adopt: Adopt,
    /// Where the plan saw the account; `None`: it has not seen it. What undoes a move does it from there alone.
    pub seen_in: Option<String>,
    /// A step towards another address of the root user, if this run takes one.
    pub email_step: Option<EmailStep>,
    /// What has to hold right before the account is retired, released or closed.
    pub proof: Proof,
}

/// AWS changes the address of a root user in two steps, with a person between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailStep {
    /// Have AWS send a one-time password to this address.
    Start(String),
    /// Confirm this address with the password.
    Accept(String, Otp),
}
