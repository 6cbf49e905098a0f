//! What a create knows, sees and does: the states, observations and actions of its decisions.

use jiff::Timestamp;

use crate::aws::account::ownership::Holder;
use crate::aws::api::{Account, AccountId, CreateStatus, NotCreated};
use crate::aws::pause::Pause;
use crate::duplicate::{Duplicate, Rivals};
use crate::error::Error;
use crate::refusal::Refusal;

/// What this run has done so far, as far as decisions depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// No account id is known: looking for it.
    Searching(Search),
    /// There is no such account: waiting for a turn to send.
    Queued(Search),
    /// `CreateAccount` was sent; its answer comes next.
    Sending(Search),
    /// AWS took the request.
    Creating(Search, String),
    /// AWS made the account with this id, by this request: others may have come under its key meanwhile.
    Made(Search, AccountId, String),
}

/// What is remembered while no id is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Search {
    /// A `CreateAccount` of this run was sent at this time, and its answer was lost.
    pub sent: Option<Timestamp>,
    /// Look-ups since then, or since the search began.
    pub looks: u32,
    /// Look-ups that found a request of our name in progress.
    pub waits: u32,
    /// AWS said why there is no account. That is the end, unless the account shows all the same.
    pub said: Option<Said>,
    /// What answered the request cannot be read. That is the end, too, unless the account shows.
    pub unread: Option<Box<Error>>,
    /// Requests of this run that AWS failed by its own fault.
    pub failures: u32,
    /// Requests of this run that AWS took for a repetition of one in progress.
    pub repetitions: u32,
    /// An account of nobody that has our email is taken over.
    pub adopt: bool,
    /// The key.
    pub key: String,
}

/// What AWS said of a request that made no account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Why.
    pub reason: NotCreated,
    /// And what else.
    pub message: String,
    /// `car-…`, where AWS took the request.
    pub request_id: Option<String>,
}

/// What was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Observation {
    /// A fresh look-up.
    Lookup(Box<Lookup>),
    /// How many requests of the organization are in progress, and whether one has our name.
    InFlight {
        /// All of them.
        count: usize,
        /// One of them has our name.
        same_name: bool,
    },
    /// The answer to `CreateAccount`.
    Sent(Result<CreateStatus, Error>, Timestamp),
    /// The answer to `DescribeCreateAccountStatus`.
    Request(Result<CreateStatus, Error>),
    /// The accounts of our key, after a create.
    Rivals(Rivals),
}

/// A fresh look-up, in the order in which it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// When.
    pub now: Timestamp,
    /// A request in progress for an account of our name.
    pub in_progress: Option<String>,
    /// The account with our email.
    pub by_email: Option<(Account, Holder)>,
    /// The account with our `fleet:id`, under another email.
    pub by_id: Option<(Account, Holder)>,
    /// More than one account carries our `fleet:id`.
    pub duplicate: Option<Duplicate>,
    /// Only after a send whose answer was lost: the request of our name that has ended since, and
    /// the account that it made, if its email is ours.
    pub ended: Option<CreateStatus>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Do this, and remember that for the next step.
    Go(Action, State),
    /// Go on with this account; the request that made it, if known.
    Bind(AccountId, Option<String>),
    /// Take over this account, and go on with it.
    Adopt(AccountId),
    /// End without an account.
    Refuse(Refusal),
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Look for the account, after a pause.
    LookUp(Pause),
    /// Count the requests in progress, after a pause, holding the process's turn to send.
    Count(Pause),
    /// Send `CreateAccount`, once.
    Send,
    /// Ask what became of the request, after a pause.
    Poll(String, Pause),
    /// Look for other accounts of our key than this one, after a pause.
    LookForRivals(AccountId, Pause),
}
