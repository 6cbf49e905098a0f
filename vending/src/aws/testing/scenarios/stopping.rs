//! The CLI asks to stop, or the time is over.

use super::*;

#[tokio::test]
async fn a_cancelled_run_ends_at_once_and_keeps_what_it_has() {
    let cloud = Cloud::new();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let engine = vending(&cloud, "us");
    let refusal = engine.vend(&job("payments"), LIMIT, &cancel).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Stopped { .. } | Refusal::Call(_)), "{refusal:?}");
    assert_eq!(cloud.count("CreateAccount"), 0);
}

#[tokio::test]
async fn a_run_that_is_cancelled_with_an_id_is_a_success_that_says_so() {
    let cloud = Cloud::new();
    let mut job = job("payments");
    job.request.contract.region_set.insert("ap-southeast-3".to_owned());
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    // Stopped in the middle of its fourth pause after the account was there.
    let stop = async {
        while cloud.count("ListRegions") < 4 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = futures::join!(engine.vend(&job, LIMIT, &cancel), stop);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.phase, outcome.ready()), (Phase::Baselined, false));
    assert_eq!(outcome.unfinished, Some(Unfinished::Stopped));
}

#[tokio::test]
async fn the_time_over_before_an_id_is_an_error_and_the_next_apply_finds_the_request() {
    let cloud = Cloud::new();
    cloud.world().create_seconds = 3_600;
    let job = job("payments");
    let refusal = vend(&cloud, &job).await.unwrap_err();
    assert!(matches!(refusal, Refusal::OutOfTime { .. }), "{refusal:?}");
    assert!(cloud.world().accounts.is_empty());
    cloud.world().now += 3_600_000;
    assert!(vend(&cloud, &job).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (1, 1));
}

/// The run of a create that is cancelled `seconds` after its beginning: when it ended.
async fn cancelled_after(seconds: i64, arrange: fn(&Cloud)) -> (i64, Result<Outcome, Refusal>) {
    let cloud = Cloud::new();
    arrange(&cloud);
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let begin = cloud.world().now;
    let stop = async {
        while cloud.world().now < begin + seconds * 1000 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let job = job("payments");
    let (answer, ()) = futures::join!(engine.vend(&job, LIMIT, &cancel), stop);
    (cloud.world().now - begin, answer)
}

#[tokio::test]
async fn a_cancelled_run_ends_with_the_pause_it_is_in() {
    for (seconds, arrange) in [
        (5, (|_| {}) as fn(&Cloud)),
        (100, |cloud: &Cloud| cloud.world().create_seconds = 1_000),
        (100, |cloud: &Cloud| {
            for n in 0..5 {
                cloud.put_request(&format!("other-{n}"), 1_000);
            }
        }),
    ] {
        let (ended, answer) = cancelled_after(seconds, arrange).await;
        assert!(matches!(answer, Err(Refusal::Stopped { .. })), "{answer:?}");
        // The simulated clock jumps over a whole pause at once; none is longer than ten seconds.
        assert!((seconds * 1000..=(seconds + 10) * 1000).contains(&ended), "{seconds}: {ended}");
    }
}

#[tokio::test]
async fn the_time_of_a_run_is_kept_to_the_second() {
    for (limit, arrange) in [
        (7, (|cloud: &Cloud| cloud.world().create_seconds = 1_000) as fn(&Cloud)),
        (61, |cloud: &Cloud| {
            cloud.world().failure_reasons.extend(["CONCURRENT_ACCOUNT_MODIFICATION"; 100]);
        }),
        (93, |cloud: &Cloud| {
            for n in 0..5 {
                cloud.put_request(&format!("other-{n}"), 1_000);
            }
        }),
        (45, |cloud: &Cloud| cloud.world().role_seconds = 1_000),
    ] {
        let cloud = Cloud::new();
        arrange(&cloud);
        let begin = cloud.world().now;
        let cancel = CancellationToken::new();
        let job = job("payments");
        let limit_of = Duration::from_secs(limit);
        let answer = vending(&cloud, "us").vend(&job, limit_of, &cancel).await;
        let gone = cloud.world().now - begin;
        assert_eq!(gone, i64::try_from(limit).unwrap() * 1000, "{answer:?}");
        match answer {
            Err(refusal) => assert!(matches!(refusal, Refusal::OutOfTime { .. }), "{refusal:?}"),
            Ok(outcome) => {
                assert!(matches!(outcome.unfinished, Some(Unfinished::OutOfTime(_))));
            }
        }
    }
}
