//! Changes: what is sent, what is sent again, and how they end.

use super::*;

#[tokio::test]
async fn a_create_is_one_call_that_ends_with_its_outcome() {
    let stage = stage([vec![accepted(), checkpoint(ID, "t"), outcome(told(ID))]], []);
    let outcome = stage.vend().await.unwrap();
    assert!(outcome.ready());
    assert_eq!(outcome.facts.id, ID);
    assert_eq!(
        *stage.script.calls.lock().unwrap(),
        ["configure to write", "advance payments||600"]
    );
    assert_eq!((stage.writes.starts(), stage.looks.starts()), (1, 0));
}

#[tokio::test]
async fn nothing_is_sent_again_before_the_vendor_has_looked() {
    for (name, first) in [
        ("it dies", vec![accepted(), Die]),
        ("the stream ends", vec![accepted(), EndStream]),
        ("it fails", vec![accepted(), Fail(tonic::Code::Internal)]),
        ("it is silent", vec![accepted(), Hang(SILENCE)]),
        ("it is not reached", vec![Fail(tonic::Code::Unavailable)]),
    ] {
        let then = vec![accepted(), outcome(told(ID))];
        let stage = stage([first, then], [gone()]);
        assert!(stage.vend().await.unwrap().ready(), "{name}");
        let calls = stage.calls();
        assert_eq!(calls.len(), 3, "{name}: {calls:?}");
        assert!(calls[0].starts_with("advance payments||"), "{name}: {calls:?}");
        assert_eq!(calls[1], "observe payments", "{name}");
        assert!(calls[2].starts_with("advance payments||"), "{name}: {calls:?}");
    }
}

#[tokio::test]
async fn what_is_known_by_then_goes_along() {
    let first = vec![accepted(), checkpoint(ID, "token"), Die];
    let stage_1 = stage([first, vec![accepted(), outcome(told(ID))]], [Found::Found(told(ID))]);
    assert!(stage_1.vend().await.unwrap().ready());
    assert_eq!(
        stage_1.calls(),
        ["advance payments||600", "observe payments sub-1", "advance payments sub-1|token|600"]
    );
    assert_eq!(stage_1.writes.starts(), 2);
    // The vendor was not even heard; the look finds the account.
    let stage_2 = stage([vec![Die], vec![accepted(), outcome(told(ID))]], [Found::Found(told(ID))]);
    assert!(stage_2.vend().await.unwrap().ready());
    assert!(stage_2.calls()[2].starts_with("advance payments sub-1|"), "{:?}", stage_2.calls());
}

#[tokio::test]
async fn a_vendor_that_dies_each_time_is_not_asked_for_ever_and_the_account_is_kept() {
    let dies = || vec![accepted(), Die];
    let stage_1 = stage([dies(), dies(), dies()], [gone(), gone()]);
    let (class, _) = class_of(&stage_1.vend().await);
    assert_eq!(class, Class::Call(Kind::Unanswered));
    assert_eq!(stage_1.calls().len(), 5);
    let first = vec![accepted(), checkpoint(ID, ""), Die];
    let found = || Found::Found(told(ID));
    let stage_2 = stage([first, dies(), dies()], [found(), found()]);
    let outcome = stage_2.vend().await.unwrap();
    assert_eq!(
        (outcome.facts.id.as_str(), outcome.phase, outcome.ready()),
        (ID, Phase::Created, false)
    );
    assert!(matches!(outcome.unfinished, Some(Unfinished::Failed(_))), "{:?}", outcome.unfinished);
}

#[tokio::test]
async fn an_update_whose_end_is_not_known_is_an_error_and_never_gone() {
    let stage_1 =
        stage([vec![accepted(), Die]], [Found::Problem(problem(wire::ProblemClass::Throttled))]);
    assert_eq!(class_of(&stage_1.update().await).0, Class::Call(Kind::Throttled));
    let stage_2 = stage([vec![accepted(), Die]], [gone()]);
    assert!(matches!(stage_2.update().await, Err(Refusal::NoSuchObject { .. })));
    let stage_3 = stage([vec![Say(Event::Gone(wire::Gone::default()))]], []);
    assert!(matches!(stage_3.update().await, Err(Refusal::NoSuchObject { .. })));
}

#[tokio::test]
async fn a_key_in_flight_is_waited_for() {
    let busy = || vec![Fail(tonic::Code::Aborted)];
    let stage_1 = stage([busy(), busy(), vec![accepted(), outcome(told(ID))]], []);
    assert!(stage_1.vend().await.unwrap().ready());
    assert_eq!(stage_1.calls().len(), 3);
    let stage_2 = stage(std::iter::repeat_with(busy).take(20), []);
    assert_eq!(class_of(&stage_2.vend().await).0, Class::Call(Kind::Busy));
    assert_eq!(stage_2.calls().len(), 11);
}

#[tokio::test]
async fn a_refusal_is_the_vendor_s_own_and_what_is_there_is_kept() {
    let refused = || Say(Event::Refused(problem(wire::ProblemClass::ConflictOwner)));
    let stage_1 = stage([vec![accepted(), refused()]], []);
    assert_eq!(class_of(&stage_1.vend().await).0, Class::ConflictOwner);
    let stage_2 = stage([vec![accepted(), checkpoint(ID, ""), refused()]], []);
    assert_eq!(stage_2.vend().await.unwrap().facts.id, ID);
}

#[tokio::test]
async fn a_stop_is_passed_on_and_a_vendor_that_does_not_end_is_cut_off() {
    let (cancel, asked) = (CancellationToken::new(), job("payments"));
    let stops = || Stop(cancel.clone());
    let grace = Hang(Duration::from_secs(9));
    let stage_1 = stage([vec![accepted(), checkpoint(ID, ""), stops(), grace.clone()]], []);
    let outcome = stage_1.remote.vend(&asked, LIMIT, &cancel).await.unwrap();
    assert_eq!(outcome.unfinished, Some(Unfinished::Stopped));
    assert_eq!(stage_1.calls().len(), 2, "nothing is sent again");
    // Before there is an id there is nothing to keep.
    let cancel = CancellationToken::new();
    let stage_2 = stage([vec![accepted(), Stop(cancel.clone()), grace]], []);
    let answer = stage_2.remote.vend(&asked, LIMIT, &cancel).await;
    assert!(matches!(answer, Err(Refusal::Stopped { .. })), "{answer:?}");
    // One that ends by itself says how far it came.
    let cancel = CancellationToken::new();
    let unfinished = Some(problem(wire::ProblemClass::Cancelled));
    let ends = wire::Outcome { unfinished, phase: wire::Phase::Placed.into(), ..told(ID) };
    let stage_3 = stage([vec![accepted(), Stop(cancel.clone()), outcome_of(ends)]], []);
    let outcome = stage_3.remote.vend(&asked, LIMIT, &cancel).await.unwrap();
    assert_eq!((outcome.phase, outcome.unfinished), (Phase::Placed, Some(Unfinished::Stopped)));
}

#[tokio::test]
async fn a_vendor_that_goes_on_beyond_its_time_is_cut_off() {
    let stream = vec![accepted(), checkpoint(ID, ""), Hang(Duration::from_secs(71))];
    let stage = stage([stream], []);
    let asked = job("payments");
    let limit = Duration::from_secs(40);
    let outcome = stage.remote.vend(&asked, limit, &CancellationToken::new()).await.unwrap();
    assert_eq!(outcome.unfinished, Some(Unfinished::OutOfTime(None)));
    assert_eq!(stage.calls(), ["advance payments||40"]);
}

#[tokio::test]
async fn a_step_of_a_life_is_a_transition_and_an_advance_follows_where_something_is_left() {
    let frozen = || wire::Outcome {
        lifecycle: wire::LifecycleState::Frozen.into(),
        phase: wire::Phase::Baselined.into(),
        ..told(ID)
    };
    let with_work = wire::Outcome { work: vec!["tags".to_owned()], ..frozen() };
    let stage = stage([vec![outcome(with_work)], vec![outcome(frozen())]], []);
    let mut asked = job("payments");
    asked.request.lifecycle_state = AccountLifecycleState::Frozen;
    let done = stage.remote.update(&asked, ID, LIMIT, &CancellationToken::new()).await.unwrap();
    assert!(done.work.is_empty());
    let calls = stage.calls();
    assert_eq!(calls[0], "transition payments sub-1 to LIFECYCLE_STATE_FROZEN");
    assert!(calls[1].starts_with("advance payments sub-1|"), "{calls:?}");
}

#[tokio::test]
async fn what_nothing_undoes_is_proven_first() {
    let mut unproven = job("payments");
    unproven.intent.proof = Proof::by(|| false);
    unproven.request.lifecycle_state = AccountLifecycleState::Retired;
    let stage_1 = stage([], []);
    let cancel = CancellationToken::new();
    let update = stage_1.remote.update(&unproven, ID, LIMIT, &cancel).await;
    assert!(matches!(update, Err(Refusal::NotProven { .. })), "{update:?}");
    let close = stage_1.remote.close(&unproven, ID, LIMIT, &cancel).await;
    assert!(matches!(close, Err(Refusal::NotProven { .. })), "{close:?}");
    assert_eq!(stage_1.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_close_is_done_closed_or_gone() {
    let at = "2026-11-30T17:00:00Z";
    let done = wire::Outcome { let_go_at: at.to_owned(), ..told(ID) };
    let closed = wire::Outcome { phase: wire::Phase::Closed.into(), ..told(ID) };
    let failed = wire::Outcome { failures: vec![problem(wire::ProblemClass::Quota)], ..told(ID) };
    let asked = job("payments");
    for (event, expected) in [
        (Event::Outcome(done), Some("Done")),
        (Event::Outcome(closed), Some("Closed")),
        (Event::Gone(wire::Gone::default()), Some("Gone")),
        (Event::Outcome(failed), None),
        (Event::Outcome(told(ID)), None),
    ] {
        let stage = stage([vec![Say(event)]], []);
        let close = stage.remote.close(&asked, ID, LIMIT, &CancellationToken::new()).await;
        let found = close.as_ref().ok().map(|of| match of {
            LetGo::Done { at: when, .. } => {
                assert_eq!(when.to_string(), at);
                "Done"
            }
            LetGo::Closed => "Closed",
            LetGo::Gone => "Gone",
        });
        assert_eq!(found, expected, "{close:?}");
    }
}

#[tokio::test]
async fn only_so_many_changes_are_made_at_once_as_the_vendor_takes() {
    let describe = wire::DescribeResponse { max_in_flight: 2, ..wire::DescribeResponse::default() };
    let slow = || vec![accepted(), Hang(Duration::ZERO)];
    let stage = stage_with(std::iter::repeat_with(slow).take(5), [], describe);
    let cancel = CancellationToken::new();
    let jobs: Vec<AccountJob> = (0..5).map(|n| job(&format!("a{n}"))).collect();
    let runs = jobs.iter().map(|job| stage.remote.vend(job, LIMIT, &cancel));
    let counting = async {
        until(|| stage.calls().len() >= 2).await;
        // A third would have come by then.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        let begun = stage.calls().len();
        cancel.cancel();
        begun
    };
    let ended = async {
        let (_, begun) = tokio::join!(futures::future::join_all(runs), counting);
        begun
    };
    let time = async {
        loop {
            cancel.cancelled().await;
            stage.script.clock.0.run_on(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    let begun = tokio::select! {
        begun = ended => begun,
        () = time => 0,
    };
    assert_eq!(begun, 2);
}
