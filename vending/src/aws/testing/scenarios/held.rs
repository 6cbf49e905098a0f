//! Refresh and update of an account that the state knows.

use super::*;

#[tokio::test]
async fn a_refresh_of_an_unchanged_account_says_the_same_and_has_no_work() {
    let (cloud, job, applied) = vended().await;
    cloud.world().now += 86_400_000;
    let seen = look(&cloud, &job, &applied.facts.id).await.unwrap();
    assert_eq!(seen.readiness, applied.readiness);
    assert_eq!((seen.phase, &seen.status_reason), (applied.phase, &applied.status_reason));
    assert_eq!(seen.work, Vec::<String>::new());
    // Only the request is not seen again: the state keeps it from the apply.
    assert_eq!(Facts { create_request_id: None, ..applied.facts }, seen.facts);
}

#[tokio::test]
async fn a_refresh_lists_accounts_once_per_process() {
    let (cloud, job, applied) = vended().await;
    cloud.world().calls.clear();
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    for _ in 0..4 {
        let looked = engine.look(&job, &applied.facts.id, None, LIMIT, &cancel).await;
        looked.unwrap().found().unwrap();
    }
    assert_eq!(cloud.count("ListAccounts"), 1);
    assert_eq!(cloud.count("DescribeAccount"), 0);
    assert_eq!(cloud.count("TagResource") + cloud.count("MoveAccount") + cloud.count("change"), 0);
}

#[tokio::test]
async fn accounts_of_an_ou_that_are_refreshed_together_ask_once_for_what_they_share() {
    let cloud = Cloud::new();
    let jobs: Vec<AccountJob> = (0..9).map(|n| job(&format!("account-{n}"))).collect();
    let mut accounts = Vec::new();
    for job in &jobs {
        accounts.push(vend(&cloud, job).await.unwrap().facts.id);
    }
    cloud.world().calls.clear();
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    let all = jobs.iter().zip(&accounts);
    let looks = all.map(|(job, id)| engine.look(job, id, None, LIMIT, &cancel));
    for seen in join_all(looks).await {
        assert!(seen.unwrap().found().unwrap().ready());
    }
    // From the OU to the one above it, and from there to the root.
    assert_eq!(cloud.count("ListParents"), 2);
    assert_eq!(cloud.count("ListAccounts"), 1);
    assert_eq!(cloud.count("ListTagsForResource"), 9);
}

#[tokio::test]
async fn what_is_changed_behind_our_back_is_work_and_is_mended() {
    let (cloud, job, applied) = vended().await;
    let id = applied.facts.id;
    {
        let mut world = cloud.world();
        world.passwords.clear();
        world.parents.insert(id.clone(), ROOT.into());
        let has = world.tags.get_mut(&id).unwrap();
        has.insert("foreign".into(), "tag".into());
        has.insert("cost-center".into(), "somebody".into());
    }
    let seen = look(&cloud, &job, &id).await.unwrap();
    assert!(!seen.ready() && seen.work.len() >= 3, "{:?}", seen.work);
    assert_eq!(seen.readiness.checks["password-policy"].verdict, Verdict::Fail);

    let tag_calls = cloud.count("TagResource");
    let cancel = CancellationToken::new();
    let outcome = vending(&cloud, "us").update(&job, &id, LIMIT, &cancel).await.unwrap();
    assert!(outcome.ready(), "{:?}", outcome.status_reason);
    assert_eq!(cloud.count("TagResource"), tag_calls + 1, "one TagResource per account and apply");
    assert_eq!(cloud.count("UntagResource"), 0);
    let world = cloud.world();
    assert_eq!(world.tags[&id]["foreign"], "tag");
    assert_eq!(world.tags[&id]["cost-center"], "4711");
    assert_eq!(world.parents[&id], PROD);
}

#[tokio::test]
async fn a_tag_that_is_no_longer_asked_for_goes_and_a_foreign_one_stays() {
    let (cloud, mut job, applied) = vended().await;
    let id = applied.facts.id;
    cloud.world().tags.get_mut(&id).unwrap().insert("foreign".into(), "tag".into());
    job.request.tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let cancel = CancellationToken::new();
    vending(&cloud, "us").update(&job, &id, LIMIT, &cancel).await.unwrap();
    let has = cloud.world().tags[&id].clone();
    assert!(!has.contains_key("cost-center"));
    assert_eq!((has["team"].as_str(), has["foreign"].as_str()), ("a", "tag"));
    assert_eq!(has[tags::MANAGED_BY], "us");
}

#[tokio::test]
async fn an_account_that_another_manager_took_over_is_not_touched() {
    let (cloud, job, applied) = vended().await;
    let id = applied.facts.id;
    cloud.world().tags.get_mut(&id).unwrap().insert(tags::MANAGED_BY.into(), "them".into());
    cloud.world().calls.clear();
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let outcome = engine.update(&job, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(
        &outcome.failures[0].refusal,
        Refusal::OtherManager { manager, .. } if manager == "them"
    ));
    let refused = engine.release(&job, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { .. })));
    let refused = engine.close(&job, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { .. })));
    for call in ["TagResource", "UntagResource", "MoveAccount", "CloseAccount", "change"] {
        assert_eq!(cloud.count(call), 0, "{call}");
    }
}
