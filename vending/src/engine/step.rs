//! The decision: from what this run did so far, and what it saw last, to what it does next. Pure:
//! no clock, no call, no random number. Every hard case of vending is a row of a table here.

use std::time::Duration;

use jiff::Timestamp;

use super::advance;
use super::duplicate::{Duplicate, Rivals};
use super::phase::Seen;
use super::search;
use crate::error::Error;
use crate::ports::{Account, CreateStatus, NotCreated};
use crate::wish::Refusal;

/// What this run has done so far, as far as decisions depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// No account id is known: looking for it.
    Searching(Search),
    /// There is no such account: waiting for a turn to send.
    Queued(Search),
    /// `CreateAccount` was sent; its answer comes next.
    Sending(Search),
    /// AWS took the request.
    Creating(Search, String),
    /// AWS made the account with this id, by this request: others may have come under its key meanwhile.
    Made(Search, String, String),
    /// There is an id.
    Held(Tried),
}

/// What is remembered while no id is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// A `CreateAccount` of this run was sent at this time, and its answer was lost.
    pub sent: Option<Timestamp>,
    /// Look-ups since then, or since the search began.
    pub looks: u32,
    /// Look-ups that found a request of our name in progress.
    pub waits: u32,
    /// AWS said why there is no account. That is the end, unless the account shows all the same.
    pub said: Option<Said>,
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
pub struct Said {
    /// Why.
    pub reason: NotCreated,
    /// And what else.
    pub message: String,
    /// `car-…`, where AWS took the request.
    pub request_id: Option<String>,
}

/// What this run has tried on an account that has an id. Each is tried once per run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tried {
    /// What the account says of itself was written again, from inside.
    pub settled_inside: bool,
    /// Opt-ins were requested.
    pub regions: bool,
    /// It was moved to its parent.
    pub moved: bool,
    /// It was moved to its onboarding parent.
    pub onboarded: bool,
    /// The quarantine's policy was attached, or taken off.
    pub isolated: bool,
    /// Our ways in were shut.
    pub shut: bool,
    /// Its tags were written.
    pub tagged: bool,
    /// Looks at what only waiting can change.
    pub looks: u32,
    /// Rounds of the controls that were made because something lagged.
    pub rounds: u32,
}

/// What was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
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
    /// The account.
    Account(Box<Seen>, TagDrift),
}

/// Whether tags have to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagDrift {
    /// They say what they should.
    None,
    /// They do not.
    Some,
}

/// Whose an account is, by its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// `fleet:managed-by` and `fleet:id` are ours.
    Us,
    /// Ours, under another key.
    OtherKey(String),
    /// Another manager's.
    Other(String),
    /// Nobody's, and who released it.
    Nobody(Option<String>),
}

/// A fresh look-up, in the order in which it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
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

/// What to do next, and what is remembered then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// To do.
    pub action: Action,
    /// The state for the next step.
    pub next: State,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Look for the account, after a pause.
    LookUp(Pause),
    /// Count the requests in progress, after a pause, holding the process's turn to send.
    Count(Pause),
    /// Send `CreateAccount`, once.
    Send,
    /// Ask what became of the request, after a pause.
    Poll(String, Pause),
    /// Look for other accounts of our key than this one, after a pause.
    LookForRivals(String, Pause),
    /// Go on with this account; the request that made it, if known.
    Bind(String, Option<String>),
    /// Take over this account, and go on with it.
    Adopt(String),
    /// End without an account.
    Refuse(Refusal),

    /// Write what the account says of itself: its name, its contacts, its address.
    Settle,
    /// Request the opt-in of regions.
    RequestRegions,
    /// Move the account to its onboarding parent.
    Onboard,
    /// Move the account to its parent.
    Move,
    /// Attach the quarantine's policy to it, or take it off.
    Isolate(bool),
    /// Shut our ways in.
    Lock,
    /// Ask whether the landing zone has enrolled it, after a pause.
    AskLandingZone(Pause),
    /// Assume a role in it, after a pause.
    Enter(Pause),
    /// Repair and check the controls, after a pause.
    Repair(Pause),
    /// Look at the account's state again, after a pause.
    Watch(Pause),
    /// Write its tags.
    Tag,
    /// Nothing more to do in this run.
    Finish,
}

/// A pause, and what it waits for, as the end of "while waiting for …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// How long.
    pub length: Duration,
    /// For what.
    pub waiting_for: String,
}

impl Pause {
    /// No pause.
    pub(crate) fn none(waiting_for: &str) -> Self {
        Self { length: Duration::ZERO, waiting_for: waiting_for.to_owned() }
    }

    /// Half a second, doubled with each look, at most `cap` seconds.
    pub(crate) fn growing(looks: u32, cap: u64, waiting_for: impl Into<String>) -> Self {
        let length = Duration::from_millis(500 << looks.min(8)).min(Duration::from_secs(cap));
        Self { length, waiting_for: waiting_for.into() }
    }
}

/// Decides. An observation that does not belong to the state leads back to the look-up, the one
/// thing that is right at any time while no id is known; with an id it ends the run.
#[must_use]
pub fn step(state: &State, observation: &Observation) -> Decision {
    match (state, observation) {
        (State::Searching(search), Observation::Lookup(lookup)) => {
            search::found(search.clone(), lookup)
        }
        (State::Queued(search), Observation::InFlight { count, same_name }) => {
            search::counted(search.clone(), *count, *same_name)
        }
        (State::Sending(search), Observation::Sent(answer, at)) => {
            search::answered(search.clone(), answer, *at)
        }
        (State::Creating(search, id), Observation::Request(answer)) => {
            search::polled(search.clone(), id, answer)
        }
        (State::Made(search, id, request_id), Observation::Rivals(rivals)) => {
            search::compared(search.clone(), id, request_id, rivals)
        }
        (State::Held(tried), Observation::Account(seen, drift)) => {
            advance::next(*tried, seen, *drift)
        }
        (State::Made(search, id, request_id), _) => {
            search::look_for_rivals(search.clone(), id, request_id)
        }
        (State::Held(tried), _) => Decision { action: Action::Finish, next: State::Held(*tried) },
        (
            State::Searching(search)
            | State::Queued(search)
            | State::Sending(search)
            | State::Creating(search, _),
            _,
        ) => search::look_again(search.clone(), "the account"),
    }
}

#[cfg(test)]
mod tests;
