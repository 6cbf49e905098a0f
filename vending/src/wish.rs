//! What is asked of the engine, and what it answers.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{BillingAccess, Contract};
use fleet_model::contact::{Contact, ContactType, Contacts};
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::readiness::Readiness;
use jiff::Timestamp;

use crate::engine::{Duplicate, Phase, Task};
use crate::error;
use crate::memory::Memory;
use crate::partition::Partition;
use crate::policy::exemption::Open;
use crate::ports::{AccountState, NotCreated, Otp};
use crate::proof::Proof;
use crate::unit_path;
pub use crate::warning::{Stays, Warning};

/// Where an account or OU belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// `ou-…` or `r-…`
    Id(String),
    /// Names of existing OUs from below the root, as they are at AWS: `Workloads/Prod` has two.
    Path(Vec<String>),
}

impl Parent {
    /// Reads what a user wrote: an id, or a path as [`unit_path`] writes it.
    ///
    /// # Errors
    /// Why it is neither an id nor a path, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if unit_path::is_id(text) {
            return Ok(Self::Id(text.to_owned()));
        }
        unit_path::split(text).map(Self::Path)
    }
}

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
    /// What a later run may undo.
    pub memory: Memory,
    /// Whether somebody moved the account away from the parent of the wish: it was there when it was last seen.
    pub moved_away: bool,
    /// The alternate contacts that were read: those of the types that the wish names. A type that
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
    /// To get into it.
    Enter,
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
            of.attempt == Attempt::Everything && matches!(of.refusal, Refusal::OtherManager { .. })
        };
        self.duplicate.as_ref().is_some_and(|of| of.loses(&self.facts.id))
            || self.failures.iter().any(is_of_another)
    }
}

/// What is wrong with the policy of a quarantine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The root has service control policies switched off.
    #[error("the organization has no service control policies enabled")]
    TypeOff,
    /// There is none with this id.
    #[error("it does not exist")]
    Missing,
    /// It says nothing that could be read.
    #[error("{0}")]
    Unreadable(String),
    /// It denies every role by which we enter what we do there.
    #[error("it locks out {}", .0.join(", "))]
    LocksOut(Vec<String>),
    /// It denies too little to hold an account.
    #[error("{0}")]
    Open(Open),
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

/// Why an account is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotClosed {
    /// It is the management account: never.
    Management,
    /// Nothing at AWS says any more that it is ours, and a close is not undone.
    Unmarked,
    /// It is a delegated administrator of a service.
    DelegatedAdministrator,
    /// The organization's quota of closes is used up.
    Quota {
        /// How many accounts the organization has.
        accounts: usize,
        /// When AWS said so.
        at: Timestamp,
    },
}

/// Why the account that a key belongs to cannot be gone on with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The organization has no such account.
    #[error("which is not in the organization {organization_id}")]
    NotHere {
        /// The organization that was asked.
        organization_id: String,
    },
    /// It is suspended, closing or closed.
    #[error("which is {0}")]
    Over(String),
    /// It is another one than the account with this id, which would be taken over.
    #[error("and the account to take over is {0}")]
    Another(String),
    /// Nothing says any more that it is ours.
    #[error("which carries no `fleet:managed-by` any more")]
    Unmarked,
}

/// Why an account that was frozen does not go back to where it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUndone {
    /// Neither the state nor the journal says where it was.
    #[error("where it was before it was frozen is lost")]
    Lost,
    /// The journal says where it was, and the plan did not name it.
    #[error("its journal names {0}, which the plan did not")]
    NotPlanned(String),
    /// The journal says that a freeze attached this policy, which is true, and the plan did not name it.
    #[error("its journal names the policy {0}, which the plan did not")]
    PolicyNotPlanned(String),
    /// It is not where the plan saw it.
    #[error("the plan saw it in {planned}, and it is in {found} now")]
    Moved {
        /// Where the plan saw it.
        planned: String,
        /// Where it is.
        found: String,
    },
}

/// Why the engine does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another manager holds it.
    #[error("{object} belongs to another manager, `{manager}`")]
    OtherManager {
        /// The account or OU.
        object: String,
        /// Its `fleet:managed-by`.
        manager: String,
    },
    /// It carries our name under another key.
    #[error("{object} was vended under the key `{key}`")]
    OtherKey {
        /// The account.
        object: String,
        /// Its `fleet:key`.
        key: String,
    },
    /// Nobody manages it.
    #[error("{object} exists and nobody manages it")]
    Unmanaged {
        /// The account or OU.
        object: String,
        /// Who released it, if somebody did.
        released_from: Option<String>,
    },
    /// The plan took over another object, or this one is gone.
    #[error("{object} was to be taken over, and is not there any more")]
    NotAsPlanned {
        /// The account or OU that the plan named.
        object: String,
        /// The id that has its email or name now.
        found: Option<String>,
    },
    /// The key belongs to an account that cannot be used, so no other one may come under it.
    #[error("the key `{key}` belongs to account {account_id}, {problem}")]
    KeyTaken {
        /// The key.
        key: String,
        /// The account that the inventory file names.
        account_id: String,
        /// Why it cannot be used.
        problem: Unusable,
    },
    /// Another account has the key, too, and has it by right.
    #[error(
        "two accounts have the key `{}`: it belongs to account {}, which came first",
        .0.key(),
        .0.winner().id
    )]
    Duplicate(Box<Duplicate>),
    /// It is the management account.
    #[error("{object} is the management account")]
    ManagementAccount {
        /// The account.
        object: String,
    },
    /// Another block of the configuration holds it.
    #[error("another block of this configuration holds {object}")]
    HeldTwice {
        /// The OU.
        object: String,
    },
    /// The name of an OU is taken under its parent.
    #[error("the name `{name}` is taken by {by}")]
    NameTaken {
        /// The name.
        name: String,
        /// Who has it.
        by: String,
    },
    /// An OU stays where it is.
    #[error("{object} cannot be moved")]
    CannotMove {
        /// The OU.
        object: String,
        /// The id of the OU or root that holds it.
        from: String,
        /// The id or path that was asked for.
        to: String,
    },
    /// The email's account is suspended, closing or closed.
    #[error("{object} holds this email and is {state}")]
    Inactive {
        /// The account.
        object: String,
        /// Its state, in lower case.
        state: String,
    },
    /// `CreateAccount` was refused.
    #[error("AWS did not create the account: {reason}")]
    CreateFailed {
        /// Why.
        reason: NotCreated,
        /// What AWS said besides.
        message: String,
        /// `car-…`, where AWS took the request.
        request_id: Option<String>,
    },
    /// A path that names no OU.
    #[error("there is no organizational unit `{path}`")]
    NoSuchParent {
        /// The path as it was asked for.
        path: String,
        /// Paths that exist and look most like it.
        nearest: Vec<String>,
    },
    /// It is not the parent that is wrong, but the onboarding parent.
    #[error("the onboarding parent cannot be used")]
    OnboardingParent(#[source] Box<Refusal>),
    /// The organization does not let the caller see it.
    #[error("account {caller} may not read the organization of account {management}")]
    WrongCaller {
        /// The account whose credentials read.
        caller: String,
        /// The management account.
        management: String,
    },
    /// Only the management account can do it.
    #[error(
        "only the management account {management} can {task}, and the caller is account {caller}"
    )]
    NotManagement {
        /// What was to be done.
        task: Task,
        /// The account whose credentials write.
        caller: String,
        /// The management account.
        management: String,
    },
    /// The partition has no such thing.
    #[error("the partition {partition} (region {region}) cannot {task}")]
    NotInPartition {
        /// The partition.
        partition: Partition,
        /// The region that says so.
        region: String,
        /// What it lacks.
        task: Task,
    },
    /// It was moved while an apply was at work, so that apply does not move it.
    #[error("{object} was in {from} when the apply began, and is in {found} now")]
    MovedMeanwhile {
        /// The account.
        object: String,
        /// Where it was when the apply decided.
        from: String,
        /// Where it is.
        found: String,
    },
    /// What a freeze did is not undone.
    #[error("{object} does not go back: {reason}")]
    NotUndone {
        /// The account.
        object: String,
        /// Why.
        reason: NotUndone,
    },
    /// Nothing carries this id.
    #[error("{object} is not in this organization")]
    NoSuchObject {
        /// The account or OU.
        object: String,
    },
    /// The quarantine cannot take it.
    #[error("the policy {policy} of the quarantine cannot be used: {flaw}")]
    Quarantine {
        /// The policy.
        policy: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// AWS does not close it.
    #[error("{object} is not closed")]
    NotClosed {
        /// The account.
        object: String,
        /// Why.
        reason: NotClosed,
    },
    /// What has to hold right before a step that nothing takes back does not, or could not be shown to.
    #[error("{object} is left as it is: what the step depends on could not be shown to hold")]
    NotProven {
        /// The account.
        object: String,
    },
    /// It is retired or released, and there is no way into it to shut what is ours.
    #[error("no role lets us into the account: {reason}")]
    NoAccess {
        /// What was tried.
        reason: String,
    },
    /// No role of the account trusts us.
    #[error("no role of account {account_id} lets account {caller} in (tried: {})", tried.join(", "))]
    NoAccessRole {
        /// The account.
        account_id: String,
        /// The account of the caller's own credentials.
        caller: String,
        /// The roles that were tried.
        tried: Vec<String>,
        /// The commands that make a role for us, for an administrator of the account.
        remedy: String,
    },
    /// The time was over before it was done.
    #[error("the time was over: {waiting_for}")]
    OutOfTime {
        /// What it waited for.
        waiting_for: String,
        /// The call that was made again and again meanwhile, if it was one.
        tried: Option<Box<error::Tries>>,
    },
    /// The CLI asked to stop.
    #[error("stopped while {waiting_for}")]
    Stopped {
        /// What it waited for.
        waiting_for: String,
    },
    /// A call failed.
    #[error("{}: {}", .0.call, .0.code)]
    Call(#[source] error::Error),
}

impl Refusal {
    /// A call that failed, or did not end in the time that there was for it. `waiting_for` completes
    /// "while waiting for …".
    #[must_use]
    pub fn of(error: error::Error, waiting_for: &str) -> Self {
        let waiting_for = || waiting_for.to_owned();
        match error.kind {
            error::Kind::Cancelled => Self::Stopped { waiting_for: waiting_for() },
            error::Kind::DeadlineExceeded => {
                Self::OutOfTime { waiting_for: waiting_for(), tried: error.tried }
            }
            _ => Self::Call(error),
        }
    }
}

impl From<error::Error> for Refusal {
    fn from(error: error::Error) -> Self {
        Self::of(error, "an answer of AWS")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_failed_says_which_and_how() {
        let error = error::Error::new(
            "organizations:ListParents",
            error::Kind::Denied,
            "AccessDenied",
            "no",
        );
        assert_eq!(Refusal::from(error).to_string(), "organizations:ListParents: AccessDenied");
    }

    #[test]
    fn parents_are_ids_or_paths() {
        assert_eq!(Parent::parse("ou-ab12-cd34ef56"), Ok(Parent::Id("ou-ab12-cd34ef56".into())));
        assert_eq!(Parent::parse("r-ab12"), Ok(Parent::Id("r-ab12".into())));
        assert_eq!(
            Parent::parse("Workloads/Prod"),
            Ok(Parent::Path(vec!["Workloads".into(), "Prod".into()]))
        );
        assert_eq!(Parent::parse("Security"), Ok(Parent::Path(vec!["Security".into()])));
        for bad in ["", "/Workloads", "Workloads/", "a//b"] {
            assert!(Parent::parse(bad).is_err(), "{bad}");
        }
    }
}
