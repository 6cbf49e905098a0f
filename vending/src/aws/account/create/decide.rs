//! Decisions while no account id is known: the crash-safe create. `CreateAccount` has no client
//! token, so the tags that go in with the call are the token, and the email is AWS's fence. Pure: no clock, no call, no
//! random number. Every hard case of a create is a row of a table here.

use std::time::Duration;

use jiff::Timestamp;

use super::state::{Action, Decision, Lookup, Observation, Said, Search, State};
use crate::aws::account::ownership::Holder;
use crate::aws::api::{Account, AccountId, CreateState, CreateStatus, NotCreated};
use crate::aws::pause::Pause;
use crate::duplicate::{Duplicate, Rivals};
use crate::error::{Error, Kind};
use crate::refusal::{Refusal, Unusable};

/// AWS's limit on accounts in creation, in the whole organization.
pub(crate) const IN_FLIGHT: usize = 5;
/// How many look-ups may find nothing before a lost send counts as never arrived, and what AWS said
/// of a request as its last word: reads lag writes.
const PATIENT_LOOKS: u32 = 4;
/// How long after its birth an account's tags may still be on their way.
const JUST_NOW: Duration = Duration::from_secs(10 * 60);
/// How many look-ups wait for the tags of such an account.
const TAG_LOOKS: u32 = 8;
/// How often a request that AWS fails by its own fault is made anew.
const INTERNAL_FAILURES: u32 = 3;

/// Decides. An observation that does not belong to the state leads back to the look-up, the one
/// thing that is right at any time while no id is known.
#[must_use]
pub(crate) fn step(state: &State, observation: &Observation) -> Decision {
    match (state, observation) {
        (State::Searching(search), Observation::Lookup(lookup)) => found(search.clone(), lookup),
        (State::Queued(search), Observation::InFlight { count, same_name }) => {
            counted(search.clone(), *count, *same_name)
        }
        (State::Sending(search), Observation::Sent(answer, at)) => {
            answered(search.clone(), answer, *at)
        }
        (State::Creating(search, id), Observation::Request(answer)) => {
            polled(search.clone(), id, answer)
        }
        (State::Made(search, id, request_id), Observation::Rivals(rivals)) => {
            compared(search.clone(), id, request_id, rivals)
        }
        (State::Made(search, id, request_id), _) => look_for_rivals(search.clone(), id, request_id),
        (
            State::Searching(search)
            | State::Queued(search)
            | State::Sending(search)
            | State::Creating(search, _),
            _,
        ) => look_again(search.clone(), "the account"),
    }
}

/// After a look-up.
pub(crate) fn found(search: Search, lookup: &Lookup) -> Decision {
    if lookup.in_progress.is_some() {
        // It may be ours from an earlier run, or another account of the same name: its end tells.
        // The looks begin when it has: what it made may lag as much as anything else.
        let pause = Pause::growing(search.waits, 10, "a request for an account of the same name");
        let waits = search.waits.saturating_add(1);
        return Decision::Go(Action::LookUp(pause), State::Searching(Search { waits, ..search }));
    }
    if let Some(duplicate) = &lookup.duplicate
        && loses(duplicate, lookup)
    {
        return Decision::Refuse(Refusal::Duplicate(Box::new(duplicate.clone())));
    }
    if let Some((account, holder)) = &lookup.by_email {
        let other = lookup.by_id.as_ref().filter(|(other, _)| other.id != account.id);
        return same_email(search, account, holder, other.map(|(other, _)| other), lookup.now);
    }
    if let Some((account, holder)) = &lookup.by_id {
        match holder {
            Holder::Us if account.is_open() => return bind(&account.id, None),
            Holder::Other(manager) if account.is_open() => {
                return Decision::Refuse(Refusal::OtherManager {
                    object: describe(account),
                    manager: manager.clone(),
                });
            }
            // Closed under this key, or released: the key may be vended again with a new email.
            Holder::Us | Holder::Other(_) | Holder::OtherKey(_) | Holder::Nobody(_) => {}
        }
    }
    if let Some(request) = &lookup.ended {
        // What our lost send became. `sent` is forgotten: it is lost no longer.
        return became(Search { sent: None, ..search }, request);
    }
    if (search.sent.is_some() || search.said.is_some()) && search.looks < PATIENT_LOOKS {
        return look_again(search, "the account to show");
    }
    if let Some(said) = search.said {
        return not_created(said);
    }
    // A second request would be answered like the first, and that one may still make an account.
    if let Some(error) = search.unread {
        return Decision::Refuse(Refusal::CreateUnknown(*error));
    }
    let pause = Pause::none("a turn to create the account");
    Decision::Go(Action::Count(pause), State::Queued(Search { sent: None, looks: 0, ..search }))
}

/// Whether what we would go on with does not have the key: the account of our email, or else the one of our id.
fn loses(duplicate: &Duplicate, lookup: &Lookup) -> bool {
    let ours = lookup.by_email.as_ref().or(lookup.by_id.as_ref());
    ours.is_some_and(|(account, _)| duplicate.loses(&account.id))
}

/// `other` has our id under another email.
fn same_email(
    search: Search,
    account: &Account,
    holder: &Holder,
    other: Option<&Account>,
    now: Timestamp,
) -> Decision {
    let object = describe(account);
    match holder {
        Holder::Us if account.is_open() => bind(&account.id, None),
        Holder::OtherKey(key) => Decision::Refuse(Refusal::OtherKey { object, key: key.clone() }),
        Holder::Other(manager) => {
            Decision::Refuse(Refusal::OtherManager { object, manager: manager.clone() })
        }
        Holder::Us | Holder::Nobody(_) if !account.is_open() => {
            Decision::Refuse(Refusal::Inactive { object, state: account.state.in_words().into() })
        }
        Holder::Nobody(None) if is_new(account, now) && search.looks < TAG_LOOKS => {
            look_again(search, "the tags of the new account to show")
        }
        // It would be a second one of our key.
        Holder::Nobody(_)
            if search.adopt
                && let Some(other) = other =>
        {
            Decision::Refuse(Refusal::KeyTaken {
                key: search.key,
                account_id: other.id.to_string(),
                problem: Unusable::Another(account.id.to_string()),
            })
        }
        Holder::Nobody(_) if search.adopt => Decision::Adopt(account.id.clone()),
        Holder::Us | Holder::Nobody(_) => {
            let released_from = match holder {
                Holder::Nobody(from) => from.clone(),
                _ => None,
            };
            Decision::Refuse(Refusal::Unmanaged { object, released_from })
        }
    }
}

/// After counting the requests in progress.
pub(crate) fn counted(search: Search, count: usize, same_name: bool) -> Decision {
    if same_name {
        return look_again(search, "a request for an account of the same name");
    }
    if count >= IN_FLIGHT {
        let pause = Pause::growing(
            search.looks.saturating_add(2),
            10,
            format!(
                "one of {count} accounts in creation to be finished (AWS takes {IN_FLIGHT} at a time)"
            ),
        );
        return Decision::Go(Action::Count(pause), State::Queued(looked(search)));
    }
    Decision::Go(Action::Send, State::Sending(search))
}

/// After `CreateAccount`.
pub(crate) fn answered(
    search: Search,
    answer: &Result<CreateStatus, Error>,
    at: Timestamp,
) -> Decision {
    let error = match answer {
        Ok(request) => return became(Search { looks: 0, ..search }, request),
        Err(error) => error,
    };
    if error.is_unread() && !error.kind.may_pass() {
        return lost(Search {
            sent: Some(at),
            looks: 0,
            unread: Some(Box::new(error.clone())),
            ..search
        });
    }
    match error.kind {
        // AWS said no before it did anything: the same request may be sent again, in its turn.
        Kind::InFlightLimit | Kind::Throttled | Kind::Busy => {
            let pause = Pause::growing(
                search.looks.saturating_add(2),
                20,
                format!("AWS to take another request ({})", error.code),
            );
            Decision::Go(Action::Count(pause), State::Queued(looked(search)))
        }
        // It may have had its effect. Never again blindly: back to the look-up.
        Kind::Unanswered => lost(Search { sent: Some(at), looks: 0, ..search }),
        // An answer that nothing here expects: a second request would have the same, and whether
        // this one had an effect is not known.
        Kind::Unexpected | Kind::AlreadyExists | Kind::NotYet => {
            lost(Search { sent: Some(at), looks: 0, said: Some(said_by(error)), ..search })
        }
        Kind::Cancelled | Kind::DeadlineExceeded => {
            Decision::Refuse(Refusal::of(error.clone(), "sending the request for the account"))
        }
        Kind::Invalid | Kind::Quota => not_created(said_by(error)),
        Kind::Denied | Kind::NotFound | Kind::Unsupported | Kind::Credentials => {
            match said_by(error) {
                Said { reason: NotCreated::Other(_), .. } => {
                    Decision::Refuse(Refusal::Call(error.clone()))
                }
                said => not_created(said),
            }
        }
    }
}

/// A request was sent that may have made the account.
fn lost(search: Search) -> Decision {
    let pause = Pause::growing(0, 10, "the account to show");
    Decision::Go(Action::LookUp(pause), State::Searching(search))
}

fn said_by(error: &Error) -> Said {
    Said {
        reason: NotCreated::parse(&error.code),
        message: error.message.clone(),
        request_id: None,
    }
}

fn not_created(Said { reason, message, request_id }: Said) -> Decision {
    Decision::Refuse(Refusal::CreateFailed { reason, message, request_id })
}

/// After `DescribeCreateAccountStatus`.
pub(crate) fn polled(
    search: Search,
    request_id: &str,
    answer: &Result<CreateStatus, Error>,
) -> Decision {
    match answer {
        Ok(request) => became(search, request),
        Err(error) if error.is_stop() => {
            Decision::Refuse(Refusal::of(error.clone(), "AWS to create the account"))
        }
        // The record is not readable yet, or not at all: ask a few times, then look for what it made.
        Err(_) if search.looks < PATIENT_LOOKS => poll(search, request_id),
        Err(_) => look_again(Search { looks: 0, ..search }, "the account to show"),
    }
}

/// What a request became.
fn became(search: Search, request: &CreateStatus) -> Decision {
    match &request.state {
        CreateState::InProgress => poll(search, &request.request_id),
        CreateState::Succeeded { account_id } => {
            look_for_rivals(Search { looks: 0, ..search }, account_id, &request.request_id)
        }
        CreateState::Failed { reason } => {
            let said = Said {
                reason: reason.clone(),
                message: String::new(),
                request_id: Some(request.request_id.clone()),
            };
            failed(search, said)
        }
    }
}

/// There is an account. Others may have come under its key since the look-up, and may not show yet.
pub(crate) fn look_for_rivals(
    search: Search,
    account_id: &AccountId,
    request_id: &str,
) -> Decision {
    let pause = match search.looks {
        0 => Pause::none("a look for other accounts of the key"),
        looks => Pause::growing(looks, 10, "the new account to show"),
    };
    Decision::Go(
        Action::LookForRivals(account_id.to_owned(), pause),
        State::Made(looked(search), account_id.to_owned(), request_id.to_owned()),
    )
}

/// After that look. What has not settled by then is looked at again at the end of the run, and by each refresh.
pub(crate) fn compared(
    search: Search,
    account_id: &AccountId,
    request_id: &str,
    rivals: &Rivals,
) -> Decision {
    match &rivals.duplicate {
        Some(duplicate) if duplicate.loses(account_id) => {
            Decision::Refuse(Refusal::Duplicate(Box::new(duplicate.clone())))
        }
        _ if !rivals.settled && search.looks <= PATIENT_LOOKS => {
            look_for_rivals(search, account_id, request_id)
        }
        _ => bind(account_id, Some(request_id)),
    }
}

/// A request ended without an account.
fn failed(search: Search, said: Said) -> Decision {
    match said.reason {
        // Ours from an earlier run, another's, or one outside of the organization.
        NotCreated::EmailAlreadyExists => {
            look_again(Search { said: Some(said), looks: 0, ..search }, "the account to show")
        }
        // AWS's own de-duplication: a request with the same information is on its way.
        NotCreated::ConcurrentAccountModification => {
            let repetitions = search.repetitions.saturating_add(1);
            let pause = Pause::growing(repetitions, 20, "an earlier request for the same account");
            Decision::Go(Action::LookUp(pause), State::Searching(Search { repetitions, ..search }))
        }
        NotCreated::InternalFailure if search.failures < INTERNAL_FAILURES => look_again(
            Search { failures: search.failures + 1, ..search },
            "AWS to recover from an internal failure",
        ),
        _ => not_created(said),
    }
}

/// Looks again after a pause that grows with every look.
pub(crate) fn look_again(search: Search, waiting_for: &str) -> Decision {
    let pause = Pause::growing(search.looks, 10, waiting_for);
    Decision::Go(Action::LookUp(pause), State::Searching(looked(search)))
}

fn poll(search: Search, request_id: &str) -> Decision {
    let pause = Pause::growing(search.looks, 10, "AWS to create the account");
    Decision::Go(
        Action::Poll(request_id.to_owned(), pause),
        State::Creating(looked(search), request_id.to_owned()),
    )
}

fn bind(account_id: &AccountId, request_id: Option<&str>) -> Decision {
    Decision::Bind(account_id.to_owned(), request_id.map(str::to_owned))
}

fn looked(search: Search) -> Search {
    Search { looks: search.looks.saturating_add(1), ..search }
}

fn describe(account: &Account) -> String {
    format!("account {} ({})", account.id, account.name)
}

fn is_new(account: &Account, now: Timestamp) -> bool {
    account.created_here
        && account
            .joined_at
            .is_some_and(|joined| now.duration_since(joined).unsigned_abs() <= JUST_NOW)
}

#[cfg(test)]
mod tests;
