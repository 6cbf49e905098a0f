//! Five accounts in creation at a time, and what AWS makes of more.

use super::*;

#[tokio::test]
async fn thirteen_at_once_keep_to_five_in_flight() {
    let cloud = Cloud::new();
    let engine = vending(&cloud, "us");
    let jobs: Vec<AccountJob> = (0..13).map(|n| job(&format!("account-{n}"))).collect();
    let cancel = CancellationToken::new();
    let outcomes = join_all(jobs.iter().map(|job| engine.vend(job, LIMIT, &cancel))).await;
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap().ready()));
    assert_eq!(cloud.world().most_in_flight, 5);
    assert_eq!(cloud.count("CreateAccount"), 13, "AWS never had to refuse one");
    let ids: BTreeSet<String> =
        outcomes.into_iter().map(|outcome| outcome.unwrap().facts.id).collect();
    assert_eq!(ids.len(), 13);
}

#[tokio::test]
async fn the_time_of_a_create_counts_from_its_turn() {
    let cloud = Cloud::new();
    let (begin, engine) = (cloud.now(), vending(&cloud, "us"));
    let jobs: Vec<AccountJob> = (0..60).map(|n| job(&format!("account-{n}"))).collect();
    let limit = Duration::from_secs(120);
    let cancel = CancellationToken::new();
    for outcome in join_all(jobs.iter().map(|job| engine.vend(job, limit, &cancel))).await {
        assert!(outcome.unwrap().ready());
    }
    let requests = cloud.ports().organizations.create_requests(false).await.unwrap();
    let last = requests.iter().filter_map(|of| of.requested_at).max().unwrap();
    let queue = last.duration_since(begin).unsigned_abs();
    assert!(queue > 2 * limit, "the last of them stood in line for {queue:?} only");
}

#[tokio::test]
async fn others_creates_count_and_aws_s_own_refusal_is_waited_out() {
    let cloud = Cloud::new();
    for _ in 0..3 {
        cloud.fault(
            "CreateAccount",
            Fault::Before(Kind::InFlightLimit, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"),
        );
    }
    cloud.fault("CreateAccount", Fault::Before(Kind::Throttled, "TooManyRequestsException"));
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (5, 1));
}
