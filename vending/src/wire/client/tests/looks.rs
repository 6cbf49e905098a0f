//! Looks, and the process that makes them.

use super::*;

#[tokio::test]
async fn a_process_is_configured_once_per_start_and_a_plan_starts_none_that_writes() {
    let found = || Found::Found(told(ID));
    let stage = stage([], [found(), found(), found()]);
    for _ in 0..2 {
        assert!(matches!(stage.look().await.unwrap(), Looked::Found(_)));
    }
    stage.looks.cut();
    assert!(matches!(stage.look().await.unwrap(), Looked::Found(_)));
    let calls = stage.script.calls.lock().unwrap().clone();
    let observe = "observe payments sub-1";
    assert_eq!(calls, ["configure read only", observe, observe, "configure read only", observe]);
    assert_eq!((stage.writes.starts(), stage.looks.starts()), (0, 2));
}

#[tokio::test]
async fn settings_that_the_vendor_does_not_take_are_told_all_at_once() {
    let stage = stage([], []);
    let mut wrong = problem(wire::ProblemClass::Invalid);
    wrong.object = "/region".to_owned();
    *stage.script.problems.lock().unwrap() =
        vec![wrong, wire::Problem { message: "and this".to_owned(), ..wire::Problem::default() }];
    let (class, message) = class_of(&stage.look().await);
    assert_eq!(class, Class::Call(Kind::Invalid));
    assert_eq!(message, "said the vendor; and this");
}

#[tokio::test]
async fn looks_of_one_moment_go_together() {
    let stage = stage([], std::iter::repeat_with(gone).take(150));
    let jobs: Vec<AccountJob> = (0..150).map(|n| job(&format!("a{n}"))).collect();
    let cancel = CancellationToken::new();
    // The process runs by then: who asks next is in time for the batch.
    drop(stage.remote.described().await.unwrap());
    let looks = jobs.iter().map(|job| stage.remote.look(job, ID, None, LIMIT, &cancel));
    let answers = futures::future::join_all(looks).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Looked::Gone))));
    assert_eq!(stage.calls().len(), 3);
}

#[tokio::test]
async fn what_a_look_could_not_read_is_no_change() {
    use wire::ProblemClass as Said;
    for (class, is_unread) in [
        (Said::Throttled, true),
        (Said::Denied, true),
        (Said::Unspecified, true),
        (Said::Credentials, false),
        (Said::ConflictOwner, false),
    ] {
        let stage = stage([], [Found::Problem(problem(class))]);
        match stage.look().await {
            Ok(Looked::Unread(unread)) => {
                assert!(is_unread && unread.calls[0].message == "said the vendor", "{class:?}");
            }
            Err(Refusal::Problem(_)) => assert!(!is_unread, "{class:?}"),
            other => panic!("{class:?}: {other:?}"),
        }
    }
    let stage = stage([], [Found::AsBelieved(wire::AsBelieved {})]);
    assert!(class_of(&stage.look().await).1.contains("nothing was believed"));
}
