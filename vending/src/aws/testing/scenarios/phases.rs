//! From an id to ready: each phase, and what keeps an account from it.

use super::*;

#[tokio::test]
async fn one_block_in_a_ready_account_out() {
    let cloud = Cloud::new();
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!((outcome.phase, outcome.status_reason.clone()), (Phase::Ready, None));
    assert!(outcome.ready() && outcome.failures.is_empty() && outcome.warnings.is_empty());
    assert_eq!(outcome.facts.parent_id, PROD);
    assert_eq!(outcome.facts.create_request_id.as_deref(), Some("car-0001"));
    let has = &cloud.world().tags[&outcome.facts.id];
    assert_eq!(has["cost-center"], "4711");
    assert_eq!(has[tags::ID], tags::fleet_id(ORGANIZATION, "payments"));
    assert_eq!(has[tags::KEY], "payments");
    assert_eq!(has[tags::MANAGED_BY], "us");
    assert_eq!(has[tags::READINESS], "pass");
    assert_eq!(has[tags::READINESS_DIGEST], outcome.readiness.digest());
}

#[tokio::test]
async fn an_unknown_parent_is_told_before_there_is_an_account() {
    let cloud = Cloud::new();
    let mut job = job("payments");
    job.request.parent = Parent::parse("Workloads/Pord").ok();
    let refusal = vend(&cloud, &job).await.unwrap_err();
    let Refusal::NoSuchParent { path, nearest } = refusal else { panic!("{refusal:?}") };
    assert_eq!((path.as_str(), nearest[0].as_str()), ("Workloads/Pord", "Workloads/Prod"));
    assert_eq!(cloud.count("CreateAccount"), 0);

    job.request.parent = Parent::parse("Workloads/Prod").ok();
    assert_eq!(vend(&cloud, &job).await.unwrap().facts.parent_id, PROD);
}

#[tokio::test]
async fn with_an_id_no_failure_is_an_error() {
    for (call, phase, attempt) in [
        ("MoveAccount", Phase::Regions, Attempt::Parent),
        ("change", Phase::Accessible, Attempt::Control("password-policy")),
        ("TagResource", Phase::Ready, Attempt::Tags),
    ] {
        let cloud = Cloud::new();
        for _ in 0..20 {
            cloud.fault(call, Fault::Before(Kind::Denied, "AccessDeniedException"));
        }
        let outcome = vend(&cloud, &job("payments")).await.unwrap();
        assert_eq!(outcome.phase, phase, "{call}: {:?}", outcome.status_reason);
        assert!(outcome.failures.iter().any(|of| of.attempt == attempt), "{call}");
    }
}

#[tokio::test]
async fn a_role_that_is_late_is_waited_for_and_one_that_never_comes_is_blocked() {
    let cloud = Cloud::new();
    cloud.world().role_seconds = 90;
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());

    let cloud = Cloud::new();
    cloud.world().role_seconds = 1_000_000;
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Governed);
    assert!(
        outcome
            .status_reason
            .as_ref()
            .unwrap()
            .starts_with("blocked: no_access_role: no role lets us in")
    );
    assert_eq!(outcome.readiness.checks["password-policy"].verdict, Verdict::Unknown);
}

#[tokio::test]
async fn regions_are_asked_for_first_and_awaited_last() {
    let cloud = Cloud::new();
    let mut job = job("payments");
    job.request.contract.region_set.insert("ap-southeast-3".to_owned());
    assert!(vend(&cloud, &job).await.unwrap().ready());
    let calls = cloud.world().calls.clone();
    let at = |call: &str| calls.iter().position(|of| of == call).unwrap();
    assert!(at("EnableRegion") < at("MoveAccount"));
    assert_eq!(cloud.count("EnableRegion"), 1);

    // Longer than the apply may take: success, and a state that says so.
    let cloud = Cloud::new();
    cloud.world().region_seconds = 100_000;
    let outcome = vend(&cloud, &job).await.unwrap();
    assert_eq!(outcome.phase, Phase::Baselined);
    assert_eq!(outcome.status_reason.as_deref(), Some("open checks: regions/ap-southeast-3"));
    assert!(matches!(outcome.unfinished, Some(Unfinished::OutOfTime(None))));
    assert_eq!(cloud.world().tags[&outcome.facts.id][tags::READINESS], "fail");

    // The next apply takes it up where it stands.
    cloud.world().now += 200_000_000;
    let cancel = CancellationToken::new();
    let engine = vending(&cloud, "us");
    let outcome = engine.update(&job, &outcome.facts.id, LIMIT, &cancel).await.unwrap();
    assert!(outcome.ready());
}
