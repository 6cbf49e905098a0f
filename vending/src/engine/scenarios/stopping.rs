//! The CLI asks to stop, or the time is over.

use super::*;

#[tokio::test]
async fn a_cancelled_run_ends_at_once_and_keeps_what_it_has() {
    let cloud = Cloud::new();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let engine = vending(&cloud, "us");
    let refusal = engine.vend(&wish("payments"), LIMIT, &cancel).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Stopped { .. } | Refusal::Call(_)), "{refusal:?}");
    assert_eq!(cloud.count("CreateAccount"), 0);
}

#[tokio::test]
async fn a_run_that_is_cancelled_with_an_id_is_a_success_that_says_so() {
    let cloud = Cloud::new();
    let mut wish = wish("payments");
    wish.contract.region_set.insert("ap-southeast-3".to_owned());
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    // Stopped in the middle of its fourth pause after the account was there.
    let stop = async {
        while cloud.count("ListRegions") < 4 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = futures::join!(engine.vend(&wish, LIMIT, &cancel), stop);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.phase, outcome.ready()), (Phase::Baselined, false));
    assert!(outcome.warnings.iter().any(|of| of.summary.contains("stopped")));
}

#[tokio::test]
async fn the_time_over_before_an_id_is_an_error_and_the_next_apply_finds_the_request() {
    let cloud = Cloud::new();
    cloud.world().create_seconds = 3_600;
    let wish = wish("payments");
    let refusal = vend(&cloud, &wish).await.unwrap_err();
    assert!(matches!(refusal, Refusal::OutOfTime { .. }), "{refusal:?}");
    assert!(cloud.world().accounts.is_empty());
    cloud.world().now += 3_600_000;
    assert!(vend(&cloud, &wish).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (1, 1));
}
