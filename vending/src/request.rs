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

/// An account as it is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The contract of guide §14.
    pub contract: Contract,
    /// Where it belongs; `None`: wherever it is.
    pub parent: Option<Parent>,
    /// Where a new account gets its baseline before it goes to its parent; `None`: there.
    pub onboarding_parent: Option<Parent>,
    /// The user's tags, default tags merged in.
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that the state says we set before: those that are no longer asked for
    /// are removed, and no others.
    pub tags_set_before: BTreeSet<String>,
    /// The wish for its life.
    pub lifecycle_state: AccountLifecycleState,
    /// Where it was in its life before.
    pub lifecycle_phase: LifecyclePhase,
    /// Where it stood before: of a new account [`Phase::Created`].
    pub phase: Phase,
    /// Since when we have seen that it is being closed: for a while after a close AWS's reads say
    /// now this and now that.
    pub closing_since: Option<Timestamp>,
    /// Whether an account of nobody that has the email is taken over.
    pub adopt: Adopt,
    /// What earlier runs did that this one may undo: as the plan showed it.
    pub memory: Memory,
    /// Where the plan saw the account; `None`: it has not seen it. What undoes a move does it from there alone.
    pub seen_in: Option<String>,
    /// Whether IAM users and roles of a new account may see its bills.
    pub billing_access: BillingAccess,
    /// The alternate contacts; a type that is not among them is left alone.
    pub contacts: Contacts,
    /// The contacts that the state says we set before, as the plan showed them: those whose types are no longer asked for
    /// are deleted, unless somebody has written others since.
    pub contacts_set_before: Contacts,
    /// A step towards another address of the root user, if this run takes one.
    pub email_step: Option<EmailStep>,
    /// What only a vendor over a wire is told.
    pub vendor: VendorRequest,
    /// What has to hold right before the account is retired, released or closed.
    pub proof: Proof,
}

/// What a vendor over a wire is told beside what the built-in one knows.
#[derive(Debug, Clone, Default)]
pub struct VendorRequest {
    /// `vendor_settings`: a JSON object, as the configuration has it.
    pub settings: Option<String>,
    /// What it gave to be handed back: [`VendorOutcome::remembered`](crate::VendorOutcome::remembered).
    pub remembered: Option<Vec<u8>>,
}

/// AWS changes the address of a root user in two steps, with a person between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailStep {
    /// Have AWS send a one-time password to this address.
    Start(String),
    /// Confirm this address with the password.
    Accept(String, Otp),
}
