//! `step` over every state and every kind of observation.

use jiff::Timestamp;

use super::*;
use crate::aws::api::AccountState;
use crate::duplicate::Claimant;
use crate::error::Cause;

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn account(state: AccountState, age_seconds: i64, created_here: bool) -> Account {
    Account {
        id: "111111111111".into(),
        arn: "arn".into(),
        name: "payments".into(),
        email: "a@example.com".into(),
        state,
        created_here,
        joined_at: Timestamp::from_second(1_790_000_000 - age_seconds).ok(),
        parent_id: None,
    }
}

fn request(state: CreateState) -> CreateStatus {
    CreateStatus {
        request_id: "car-1".into(),
        name: "payments".into(),
        requested_at: Some(now()),
        state,
    }
}

fn succeeded() -> CreateStatus {
    request(CreateState::Succeeded { account_id: "222222222222".into() })
}

fn failed(reason: &str) -> CreateStatus {
    request(CreateState::Failed { reason: NotCreated::parse(reason) })
}

fn lookup() -> Lookup {
    Lookup {
        now: now(),
        in_progress: None,
        by_email: None,
        by_id: None,
        duplicate: None,
        ended: None,
    }
}

fn said(word: &str) -> Said {
    Said { reason: NotCreated::parse(word), message: String::new(), request_id: None }
}

fn error(kind: Kind) -> Error {
    Error::new("organizations:CreateAccount", kind, "Code", "message")
}

/// One word for a decision, for tables.
fn word(decision: &Decision) -> String {
    match decision {
        Decision::Go(Action::LookUp(_), _) => "look".into(),
        Decision::Go(Action::Count(_), _) => "count".into(),
        Decision::Go(Action::Send, _) => "send".into(),
        Decision::Go(Action::Poll(id, _), _) => format!("poll {id}"),
        Decision::Go(Action::LookForRivals(id, _), _) => format!("rivals of {id}"),
        Decision::Bind(id, _) => format!("bind {id}"),
        Decision::Adopt(id) => format!("adopt {id}"),
        Decision::Refuse(refusal) => match refusal {
            Refusal::OtherManager { manager, .. } => format!("refuse: manager {manager}"),
            Refusal::OtherKey { key, .. } => format!("refuse: key {key}"),
            Refusal::Unmanaged { .. } => "refuse: unmanaged".into(),
            Refusal::Inactive { state, .. } => format!("refuse: {state}"),
            Refusal::CreateFailed { reason, .. } => format!("refuse: {reason}"),
            Refusal::Duplicate(of) => format!("refuse: duplicate of {}", of.winner().id),
            Refusal::Stopped { .. } => "refuse: stopped".into(),
            Refusal::OutOfTime { .. } => "refuse: out of time".into(),
            Refusal::Call(error) => format!("refuse: call {:?}", error.kind),
            other => format!("refuse: {other}"),
        },
    }
}

#[test]
fn a_look_up_is_decided_in_its_order() {
    let fresh = Search::default();
    let looked = Search { looks: 99, ..fresh.clone() };
    let lost = Search { sent: Some(now()), ..fresh.clone() };
    let lost_long = Search { looks: 99, ..lost.clone() };
    let taken = Search { said: Some(said("EMAIL_ALREADY_EXISTS")), ..fresh.clone() };
    let taken_long = Search { looks: 99, ..taken.clone() };
    let odd = Search { said: Some(said("SomethingNew")), ..lost_long.clone() };
    let open = || account(AccountState::Active, 60, true);
    let old = || account(AccountState::Active, 86_400, true);
    let invited = || account(AccountState::Active, 60, false);
    let closed = || account(AccountState::Closed, 86_400, true);
    let email = |account, holder| Lookup { by_email: Some((account, holder)), ..lookup() };
    let id = |account, holder| Lookup { by_id: Some((account, holder)), ..lookup() };
    let ended = |request| Lookup { ended: Some(request), ..lookup() };
    let them = || Holder::Other("them".into());
    let nobody = || Holder::Nobody(None);
    let released = || Holder::Nobody(Some("them".into()));

    for (search, lookup, expected) in [
        // A request in progress of our name comes before everything else.
        (
            fresh.clone(),
            Lookup { in_progress: Some("car-1".into()), ..email(old(), them()) },
            "look",
        ),
        (looked.clone(), Lookup { in_progress: Some("car-1".into()), ..lookup() }, "look"),
        // The email.
        (fresh.clone(), email(open(), Holder::Us), "bind 111111111111"),
        (
            fresh.clone(),
            email(account(AccountState::PendingActivation, 1, true), Holder::Us),
            "bind 111111111111",
        ),
        (
            fresh.clone(),
            email(account(AccountState::Other, 1, true), Holder::Us),
            "bind 111111111111",
        ),
        (fresh.clone(), email(closed(), Holder::Us), "refuse: closed"),
        (
            fresh.clone(),
            email(account(AccountState::PendingClosure, 9, true), Holder::Us),
            "refuse: being closed",
        ),
        (
            fresh.clone(),
            email(account(AccountState::Suspended, 9, true), Holder::Us),
            "refuse: suspended",
        ),
        (fresh.clone(), email(open(), Holder::OtherKey("k".into())), "refuse: key k"),
        (fresh.clone(), email(open(), them()), "refuse: manager them"),
        (fresh.clone(), email(closed(), them()), "refuse: manager them"),
        (fresh.clone(), email(closed(), nobody()), "refuse: closed"),
        (fresh.clone(), email(open(), nobody()), "look"),
        (looked.clone(), email(open(), nobody()), "refuse: unmanaged"),
        (fresh.clone(), email(old(), nobody()), "refuse: unmanaged"),
        (fresh.clone(), email(invited(), nobody()), "refuse: unmanaged"),
        (fresh.clone(), email(open(), released()), "refuse: unmanaged"),
        // Our id under another email.
        (fresh.clone(), id(old(), Holder::Us), "bind 111111111111"),
        (fresh.clone(), id(closed(), Holder::Us), "count"),
        (fresh.clone(), id(old(), them()), "refuse: manager them"),
        (fresh.clone(), id(closed(), them()), "count"),
        (fresh.clone(), id(old(), released()), "count"),
        // What a lost send became.
        (lost.clone(), ended(succeeded()), "rivals of 222222222222"),
        (lost.clone(), ended(failed("INVALID_EMAIL")), "refuse: INVALID_EMAIL"),
        (lost.clone(), ended(failed("EMAIL_ALREADY_EXISTS")), "look"),
        // Nothing.
        (fresh.clone(), lookup(), "count"),
        (looked.clone(), lookup(), "count"),
        (lost.clone(), lookup(), "look"),
        (lost_long.clone(), lookup(), "count"),
        (taken.clone(), lookup(), "look"),
        (taken_long.clone(), lookup(), "refuse: EMAIL_ALREADY_EXISTS"),
        (odd.clone(), lookup(), "refuse: SomethingNew"),
        (odd, email(open(), Holder::Us), "bind 111111111111"),
    ] {
        let decision =
            step(&State::Searching(search.clone()), &Observation::Lookup(Box::new(lookup.clone())));
        assert_eq!(word(&decision), expected, "{search:?} {lookup:?}");
    }
}

#[test]
fn five_in_flight_are_enough() {
    for (count, same_name, expected) in [
        (0, false, "send"),
        (4, false, "send"),
        (5, false, "count"),
        (17, false, "count"),
        (1, true, "look"),
        (5, true, "look"),
    ] {
        let observation = Observation::InFlight { count, same_name };
        let decision = step(&State::Queued(Search::default()), &observation);
        assert_eq!(word(&decision), expected, "{count} {same_name}");
    }
}

#[test]
fn no_answer_to_create_account_leads_to_a_blind_second_one() {
    for (kind, expected) in [
        (Kind::Throttled, "count"),
        (Kind::Busy, "count"),
        (Kind::InFlightLimit, "count"),
        (Kind::Unanswered, "look"),
        (Kind::Unexpected, "look"),
        (Kind::AlreadyExists, "look"),
        (Kind::NotYet, "look"),
        (Kind::Cancelled, "refuse: stopped"),
        (Kind::DeadlineExceeded, "refuse: out of time"),
        (Kind::Invalid, "refuse: Code"),
        (Kind::Quota, "refuse: Code"),
        (Kind::Denied, "refuse: call Denied"),
        (Kind::NotFound, "refuse: call NotFound"),
        (Kind::Unsupported, "refuse: call Unsupported"),
        (Kind::Credentials, "refuse: call Credentials"),
    ] {
        let observation = Observation::Sent(Err(error(kind)), now());
        let decision = step(&State::Sending(Search::default()), &observation);
        assert_eq!(word(&decision), expected, "{kind:?}");
        let lost =
            matches!(&decision, Decision::Go(_, State::Searching(search)) if search.sent.is_some());
        assert_eq!(lost.clone(), expected == "look", "{kind:?}: a lost send is remembered");
    }
    // What cannot be read says neither yes nor no, whatever its status was.
    for kind in [Kind::Unexpected, Kind::Invalid, Kind::Unsupported, Kind::Denied] {
        for cause in [Cause::NotTheService, Cause::IncompleteAnswer] {
            let error = error(kind).with_cause(cause);
            let observation = Observation::Sent(Err(error.clone()), now());
            let decision = step(&State::Sending(Search::default()), &observation);
            let Decision::Go(_, State::Searching(mut search)) = decision else {
                panic!("{decision:?}")
            };
            assert_eq!(
                (search.sent, &search.unread),
                (Some(now()), &Some(Box::new(error.clone())))
            );
            let unseen = Lookup {
                now: now(),
                in_progress: None,
                by_email: None,
                by_id: None,
                duplicate: None,
                ended: None,
            };
            search.looks = PATIENT_LOOKS;
            assert_eq!(found(search, &unseen), Decision::Refuse(Refusal::CreateUnknown(error)));
        }
    }
    for (answer, expected) in [
        (request(CreateState::InProgress), "poll car-1"),
        (succeeded(), "rivals of 222222222222"),
        (failed("EMAIL_ALREADY_EXISTS"), "look"),
    ] {
        let decision =
            step(&State::Sending(Search::default()), &Observation::Sent(Ok(answer), now()));
        assert_eq!(word(&decision), expected);
    }
}

#[test]
fn a_new_account_is_compared_with_others_of_its_key() {
    let claimant = |id: &str, second| Claimant {
        id: id.to_owned(),
        name: "n".to_owned(),
        email: "e".to_owned(),
        managed_by: "us".to_owned(),
        joined_at: Timestamp::from_second(second).ok(),
    };
    let ours = "222222222222";
    let against = |at| Duplicate::of("k", vec![claimant(ours, 5), claimant("333333333333", at)]);
    let fresh = Search { looks: 1, ..Search::default() };
    let looked = Search { looks: 99, ..Search::default() };
    for (search, duplicate, settled, expected) in [
        (&fresh, None, true, "bind 222222222222"),
        (&fresh, None, false, "rivals of 222222222222"),
        (&looked, None, false, "bind 222222222222"),
        (&fresh, against(6), true, "bind 222222222222"),
        (&fresh, against(6), false, "rivals of 222222222222"),
        (&fresh, against(4), true, "refuse: duplicate of 333333333333"),
        (&fresh, against(4), false, "refuse: duplicate of 333333333333"),
    ] {
        let state = State::Made(search.clone(), ours.into(), "car-1".to_owned());
        let observation = Observation::Rivals(Rivals { duplicate, settled });
        assert_eq!(word(&step(&state, &observation)), expected, "{observation:?}");
    }
}

#[test]
fn every_end_of_a_request_has_its_consequence() {
    let fresh = Search::default();
    let tried = Search { failures: 3, ..fresh.clone() };
    let looked = Search { looks: 99, ..fresh.clone() };
    for (search, answer, expected) in [
        (fresh.clone(), Ok(request(CreateState::InProgress)), "poll car-1"),
        (looked.clone(), Ok(request(CreateState::InProgress)), "poll car-1"),
        (fresh.clone(), Ok(succeeded()), "rivals of 222222222222"),
        (fresh.clone(), Ok(failed("EMAIL_ALREADY_EXISTS")), "look"),
        (fresh.clone(), Ok(failed("CONCURRENT_ACCOUNT_MODIFICATION")), "look"),
        (fresh.clone(), Ok(failed("INTERNAL_FAILURE")), "look"),
        (tried.clone(), Ok(failed("INTERNAL_FAILURE")), "refuse: INTERNAL_FAILURE"),
        (fresh.clone(), Ok(failed("ACCOUNT_LIMIT_EXCEEDED")), "refuse: ACCOUNT_LIMIT_EXCEEDED"),
        (fresh.clone(), Ok(failed("INVALID_ADDRESS")), "refuse: INVALID_ADDRESS"),
        (fresh.clone(), Ok(failed("A_NEW_REASON")), "refuse: A_NEW_REASON"),
        (fresh.clone(), Err(error(Kind::NotFound)), "poll car-1"),
        (looked.clone(), Err(error(Kind::NotFound)), "look"),
        (looked.clone(), Err(error(Kind::Unanswered)), "look"),
        (fresh.clone(), Err(error(Kind::DeadlineExceeded)), "refuse: out of time"),
        (fresh.clone(), Err(error(Kind::Cancelled)), "refuse: stopped"),
    ] {
        let state = State::Creating(search, "car-1".into());
        let decision = step(&state, &Observation::Request(answer.clone()));
        assert_eq!(word(&decision), expected, "{state:?} {answer:?}");
    }
}
#[test]
fn an_observation_of_another_state_never_sends() {
    let observations = [
        Observation::Lookup(Box::new(lookup())),
        Observation::InFlight { count: 0, same_name: false },
        Observation::Sent(Ok(succeeded()), now()),
        Observation::Request(Ok(succeeded())),
        Observation::Rivals(Rivals { duplicate: None, settled: true }),
    ];
    let search = Search::default();
    let states = [
        State::Searching(search.clone()),
        State::Queued(search.clone()),
        State::Sending(search.clone()),
        State::Creating(search.clone(), "car-1".into()),
        State::Made(search, "222222222222".into(), "car-1".into()),
    ];
    for (row, state) in states.iter().enumerate() {
        for (column, observation) in observations.iter().enumerate() {
            if row == column {
                continue;
            }
            let expected = match row {
                4 => "rivals of 222222222222",
                _ => "look",
            };
            assert_eq!(word(&step(state, observation)), expected, "{state:?} {observation:?}");
        }
    }
}
