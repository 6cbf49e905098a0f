//! Why a vendor does not do what it was asked.

use crate::aws::api::NotCreated;
use crate::aws::policy::exemption::Open;
use crate::duplicate::Duplicate;
use crate::error;
use crate::partition::Partition;
use crate::problem::Problem;
use jiff::Timestamp;

/// What only the management account can do
/// ([API](https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html): "can be called only
/// from the management account").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// `CreateAccount`.
    CreateAccount,
    /// `MoveAccount`.
    MoveAccount,
    /// `CloseAccount`.
    CloseAccount,
    /// `CreateOrganizationalUnit` and its siblings.
    ChangeUnit,
}

impl std::fmt::Display for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CreateAccount => "create accounts",
            Self::MoveAccount => "move accounts",
            Self::CloseAccount => "close accounts",
            Self::ChangeUnit => "change organizational units",
        })
    }
}

/// Why the program of a vendor does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStarted {
    /// Its name in the provider block.
    pub vendor: String,
    /// Why, as the end of a sentence.
    pub what: String,
    /// What a person can do, in whole sentences.
    pub todo: String,
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
    /// The OU where it was is deleted.
    #[error("{0}, where it was before it was frozen, does not exist any more")]
    Gone(String),
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
    /// What answered `CreateAccount` cannot be read, and no account has shown since.
    #[error("it is not known whether an account was created")]
    CreateUnknown(#[source] error::Error),
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
    /// The quarantine has no policy of its own, and none that is attached to its OU or above denies everything.
    #[error("no policy at the quarantine's unit {unit} or above it denies everything")]
    NothingHolds {
        /// The quarantine's OU, by its id.
        unit: String,
        /// Whether the root has service control policies switched on.
        enabled: bool,
        /// The name of the policy that comes closest, and what it leaves open.
        nearest: Option<(String, Open)>,
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
    /// A vendor at the other end of a wire says so.
    #[error(transparent)]
    Problem(Box<Problem>),
    /// The program of a vendor does not run, so nothing was asked.
    #[error("the vendor `{}` cannot be asked: {}", .0.vendor, .0.what)]
    NotStarted(Box<NotStarted>),
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
}
