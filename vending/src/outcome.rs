//! What a vendor answers.

use std::collections::BTreeMap;

use fleet_model::contact::{Contact, ContactType};
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::readiness::Readiness;
use jiff::Timestamp;

use crate::aws::api::AccountState;
use crate::duplicate::Duplicate;
use crate::error;
use crate::memory::Memory;
use crate::phase::Phase;
use crate::problem::Class;
use crate::refusal::Refusal;
use crate::warning::Warning;

/// What the cloud says of an account. A text that could not be read is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// 12 digits.
    pub id: String,
    /// Its ARN in the organization.
    pub arn: String,
    /// `o-…`
    pub organization_id: String,
    /// Where it sits.
    pub parent_id: String,
    /// Its state at AWS.
    pub state: AccountState,
    /// Its name at AWS.
    pub name: String,
    /// Its address at AWS.
    pub email: String,
    /// RFC 3339.
    pub joined_at: Option<String>,
    /// `car-…`, when this run sent or found the request.
    pub create_request_id: Option<String>,
    /// All of its tags, ours too.
    pub tags: BTreeMap<String, String>,
}

/// Why an apply ended early on an account that has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfinished {
    /// The CLI asked to stop.
    Stopped,
    /// The time was over; and which call was made again and again meanwhile, if it was one.
    OutOfTime(Option<Box<error::Tries>>),
    /// A call failed for good.
    Failed(error::Error),
}

/// What became of an apply or a refresh of an account that has an id.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The account.
    pub facts: Facts,
    /// The end of the unbroken run of phases.
    pub phase: Phase,
    /// Why it stands there; `None` when it is ready.
    pub status_reason: Option<String>,
    /// Verdict per check, findings and digest.
    pub readiness: Readiness,
    /// Where it is in its life.
    pub lifecycle_phase: LifecyclePhase,
    /// Since when it has been seen to be closing; `None` when it is not.
    pub closing_since: Option<Timestamp>,
    /// What the next apply could do: a phase that can advance, a control of ours that fails, tags
    /// that do not say what they should.
    pub work: Vec<String>,
    /// Whether some of that work bears on where the account is and how its checks stand: tags, names and contacts do not.
    pub work_bears: bool,
    /// What a later run may undo.
    pub memory: Memory,
    /// What only a vendor over a wire says.
    pub vendor: VendorOutcome,
    /// Whether somebody moved the account away from the parent of the job: it was there when it was last seen.
    pub moved_away: bool,
    /// The alternate contacts that were read: those of the types that the job names. A type that
    /// could not be read is missing.
    pub contacts: BTreeMap<ContactType, Option<Contact>>,
    /// Another account carries its key, too. The account that does not have the key was not touched.
    pub duplicate: Option<Box<Duplicate>>,
    /// Trouble that does not stop the apply.
    pub warnings: Vec<Warning>,
    /// Why the apply ended before it had gone as far as it could.
    pub unfinished: Option<Unfinished>,
    /// What was tried and could not be done.
    pub failures: Vec<Failure>,
}

/// What a vendor over a wire says beside what the built-in one does.
#[derive(Debug, Clone, Default)]
pub struct VendorOutcome {
    /// What it wants to be handed back in the next request: typed and versioned by the vendor, opaque here.
    pub remembered: Option<Vec<u8>>,
    /// How to get in, for people and pipelines, by kind: `role`, `subscription_id`, `url` …
    pub access: BTreeMap<String, String>,
    /// Whether the account has no id yet: the request for it is on its way, and a later look finds it.
    pub identity_pending: bool,
}

/// Something that an apply tried on an account that has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attempt {
    /// Anything: the account is not ours.
    Everything,
    /// To find it again.
    Read,
    /// To look for other accounts of its key.
    Rivals,
    /// To verify what its journal says.
    Journal,
    /// To rename it.
    Name,
    /// To write its alternate contacts.
    Contacts,
    /// To change the address of its root user.
    Email,
    /// To find its parent, or to move it there.
    Parent,
    /// To find its onboarding parent, or to move it there.
    Onboarding,
    /// To put it under the quarantine's policy, or to take it from there.
    Quarantine,
    /// To shut our ways in.
    Shut,
    /// To write its tags.
    Tags,
    /// To opt in to its regions.
    Regions,
    /// To have it enrolled by the landing zone.
    Enrolment,
    /// To get into it.
    Enter,
    /// What a vendor over a wire names itself.
    Vendor,
    /// To mend a control.
    Control(&'static str),
}

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was tried.
    pub attempt: Attempt,
    /// Why it could not be done.
    pub refusal: Refusal,
}

impl Outcome {
    /// Whether clusters may be admitted: every phase holds and no check blocks.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// Whether nothing of the account is ours to change: another manager holds it, or another account has its key.
    #[must_use]
    pub fn is_not_ours(&self) -> bool {
        let is_of_another = |of: &Failure| {
            of.attempt == Attempt::Everything
                && match &of.refusal {
                    Refusal::OtherManager { .. } => true,
                    Refusal::Problem(problem) => {
                        matches!(problem.class, Class::ConflictOwner | Class::ConflictKey)
                    }
                    _ => false,
                }
        };
        self.duplicate.as_ref().is_some_and(|of| of.loses(&self.facts.id))
            || self.failures.iter().any(is_of_another)
    }
}

/// What releasing or closing an account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetGo {
    /// It was done, by this call or by an earlier one.
    Done {
        /// When; for a close, when AWS took the request.
        at: Timestamp,
        /// What was done.
        warnings: Vec<Warning>,
    },
    /// It was closed before, or AWS was closing it: nothing was called.
    Closed,
    /// The organization of the credentials has no such account: nothing was called.
    Gone,
}
