//! Under Control Tower: an account is governed only by the baseline that it has from the unit it is in.

use super::*;
use crate::NotGoverned;
use crate::aws::Looked;
use crate::aws::api::ZoneKind;

fn under_control_tower() -> Cloud {
    let cloud = Cloud::new();
    cloud.with_landing_zone(300);
    cloud
}

/// Why the account is not governed, as the outcome tells it.
fn why(outcome: &Outcome) -> Option<&NotGoverned> {
    outcome.failures.iter().find_map(|of| match (&of.attempt, &of.refusal) {
        (Attempt::Enrolment, Refusal::NotGoverned { why, .. }) => Some(why),
        _ => None,
    })
}

#[tokio::test]
async fn it_is_created_moved_enrolled_and_then_made_ready() {
    let cloud = under_control_tower();
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert!(outcome.ready() && outcome.failures.is_empty(), "{:?}", outcome.status_reason);
    let calls = cloud.world().calls.clone();
    let at = |call: &str| calls.iter().position(|of| of == call).unwrap();
    assert!(at("CreateAccount") < at("MoveAccount") && at("MoveAccount") < at("AssumeRole"));
    let id = &outcome.facts.id;
    let ends = cloud.world().tower().accounts[id].ends;
    assert!(cloud.world().now >= ends, "nothing is made in it before it is enrolled");
    // Where it is, and what of it, is asked once.
    for once in ["ListLandingZones", "GetLandingZone", "ListBaselines"] {
        assert_eq!(cloud.count(once), 1, "{once}");
    }
    let seen = look(&cloud, &job("payments"), id).await.unwrap();
    assert!(seen.ready() && seen.work.is_empty());
}

#[tokio::test]
async fn the_landing_zone_is_found_wherever_its_home_is() {
    for (home, session, asked) in [
        ("eu-west-1", "ap-southeast-1", 1),
        ("us-east-1", "us-east-1", 1),
        // The session's region is opted in, and knows only its own.
        ("eu-west-1", "me-south-1", 2),
        // Its home is.
        ("ap-southeast-3", "ap-southeast-1", 3),
        ("ap-southeast-3", "us-east-1", 2),
        ("ap-southeast-3", "ap-southeast-3", 1),
    ] {
        let cloud = under_control_tower();
        cloud.world().tower().home = home;
        cloud.world().region = session;
        let outcome = vend(&cloud, &job("payments")).await.unwrap();
        assert!(outcome.ready(), "{home} {session}: {:?}", outcome.status_reason);
        assert_eq!(cloud.count("ListLandingZones"), asked, "{home} {session}");
        assert_eq!(cloud.world().tower().accounts.len(), 1, "{home} {session}");
    }
}

#[tokio::test]
async fn a_region_that_cannot_be_reached_may_have_no_control_tower() {
    let unreachable = Fault::Unreachable;
    let cloud = under_control_tower();
    cloud.fault("ListLandingZones", unreachable.clone());
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());

    // Where none can be reached, that is no organization without one.
    let cloud = under_control_tower();
    for _ in 0..1000 {
        cloud.fault("ListLandingZones", unreachable.clone());
    }
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Regions);
    // It is looked into, and nothing is made in it.
    assert_eq!((cloud.count("MoveAccount"), cloud.count("change")), (0, 0));
}

#[tokio::test]
async fn without_a_landing_zone_nothing_is_waited_for() {
    let cloud = Cloud::new();
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
    assert_eq!(cloud.count("ListLandingZones"), 0);

    // It was taken down, and Control Tower kept its access.
    let cloud = under_control_tower();
    cloud.world().tower = None;
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
}

#[tokio::test]
async fn who_reads_from_another_account_is_told_that_control_tower_does_not_answer_it() {
    let cloud = under_control_tower();
    {
        let mut world = cloud.world();
        world.callers.0 = "111111111111".into();
        world.lets_in = true;
        world.tower = None;
    }
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Placed);
    assert!(matches!(why(&outcome), Some(NotGoverned::Unseen { .. })), "{outcome:?}");

    // The same where it says so itself.
    let cloud = under_control_tower();
    cloud.world().callers.0 = "111111111111".into();
    cloud.world().lets_in = true;
    cloud.fault("ListLandingZones", Fault::Before(Kind::Denied, "AccessDeniedException"));
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert!(matches!(why(&outcome), Some(NotGoverned::Unseen { .. })), "{outcome:?}");
}

#[tokio::test]
async fn what_control_tower_says_of_a_failure_is_told_and_nothing_is_waited_for() {
    let cloud = under_control_tower();
    cloud.world().tower().failures.push_back("A configuration\nrecorder exists.\u{1b}[0m");
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Placed);
    let said = "A configuration recorder exists.\\u{1b}[0m";
    let reason = outcome.status_reason.clone().unwrap();
    let expected = format!("blocked: Control Tower could not enrol the account: {said}");
    assert_eq!(reason, expected);
    let failed = NotGoverned::Failed { message: Some(said.to_owned()) };
    assert_eq!(why(&outcome), Some(&failed));
    assert!(outcome.unfinished.is_none(), "waiting does not help");
    assert_eq!(cloud.count("change"), 0, "nothing is made in it");

    // A refresh sees the same, and nothing that an apply could do.
    let id = &outcome.facts.id;
    let seen = look(&cloud, &job("payments"), id).await.unwrap();
    assert_eq!((seen.status_reason, seen.work), (outcome.status_reason, vec![]));

    // Somebody mends it: the next apply goes on.
    cloud.world().tower().accounts.get_mut(id).unwrap().failure = None;
    let seen = look(&cloud, &job("payments"), id).await.unwrap();
    assert!(!seen.work.is_empty());
    assert!(update(&cloud, &job("payments"), id).await.ready());
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_no_other_reason() {
    let cloud = under_control_tower();
    cloud.world().tower().failures.push_back("A configuration recorder exists.");
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    cloud.fault("GetBaselineOperation", Fault::Before(Kind::Denied, "AccessDeniedException"));
    let (id, cancel) = (&outcome.facts.id, CancellationToken::new());
    let looked = vending(&cloud, "us").look(&job("payments"), id, None, LIMIT, &cancel).await;
    assert!(matches!(looked, Ok(Looked::Unread(_))), "{looked:?}");
}

#[tokio::test]
async fn a_failure_whose_message_is_kept_no_more_is_one_all_the_same() {
    let cloud = under_control_tower();
    cloud.world().tower().failures.push_back("gone");
    cloud.fault("GetBaselineOperation", Fault::Before(Kind::NotFound, "ResourceNotFoundException"));
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(why(&outcome), Some(&NotGoverned::Failed { message: None }));
}

#[tokio::test]
async fn in_a_unit_that_is_not_registered_nobody_is_enrolled() {
    let cloud = under_control_tower();
    cloud.world().tower().registered.remove(PROD);
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Placed);
    assert_eq!(why(&outcome), Some(&NotGoverned::NotRegistered { unit: PROD.to_owned() }));
    assert!(outcome.unfinished.is_none());

    // Registered later, it is enrolled with the unit.
    cloud.world().tower().registered.insert(PROD.into());
    cloud.enrol(&outcome.facts.id, PROD);
    assert!(update(&cloud, &job("payments"), &outcome.facts.id).await.ready());
}

#[tokio::test]
async fn a_landing_zone_of_controls_alone_enrols_nobody_and_holds_up_nobody() {
    let cloud = under_control_tower();
    cloud.world().tower().kind = ZoneKind::ControlsOnly;
    cloud.world().tower().registered.clear();
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
}

#[tokio::test]
async fn with_auto_enrolment_off_nobody_enrols_it() {
    let cloud = under_control_tower();
    cloud.world().tower().enrols = false;
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!((outcome.phase, why(&outcome)), (Phase::Placed, Some(&NotGoverned::NobodyEnrols)));
    assert!(outcome.unfinished.is_none(), "waiting does not help");

    // By hand.
    cloud.enrol(&outcome.facts.id, PROD);
    assert!(update(&cloud, &job("payments"), &outcome.facts.id).await.ready());
}

#[tokio::test]
async fn a_baseline_from_another_unit_opens_nothing() {
    let cloud = under_control_tower();
    let asked = job("payments");
    let outcome = vend(&cloud, &asked).await.unwrap();
    let id = &outcome.facts.id;
    // Moved by hand, where nobody enrols by itself.
    cloud.world().tower().enrols = false;
    cloud.world().parents.insert(id.clone(), NONPROD.into());
    let mut there = asked.clone();
    there.request.parent = Some(Parent::Id(NONPROD.to_owned()));
    let seen = look(&cloud, &there, id).await.unwrap();
    assert_eq!(seen.phase, Phase::Placed);
    let moved = |enrols| NotGoverned::FromElsewhere { unit: NONPROD.to_owned(), enrols };
    assert_eq!(why(&seen), Some(&moved(false)));

    // Where it enrols by itself, it is going to.
    cloud.world().tower().enrols = true;
    let seen = look(&cloud, &there, id).await.unwrap();
    assert_eq!((seen.phase, why(&seen)), (Phase::Placed, None));
    assert!(!seen.work.is_empty(), "an apply can wait for it");

    // Back where it belongs it is as it was, or has drifted there.
    cloud.world().parents.insert(id.clone(), PROD.into());
    assert!(look(&cloud, &asked, id).await.unwrap().ready());
    cloud.world().tower().enrols = false;
    cloud.world().tower().accounts.get_mut(id).unwrap().is_drifted = true;
    let seen = look(&cloud, &asked, id).await.unwrap();
    let drifted = NotGoverned::Drifted { unit: PROD.to_owned(), enrols: false };
    assert_eq!((seen.phase, why(&seen)), (Phase::Placed, Some(&drifted)));
}

#[tokio::test]
async fn moves_into_one_unit_go_one_after_the_other() {
    let cloud = under_control_tower();
    cloud.world().quota = 100;
    let vending = vending(&cloud, "us");
    let jobs: Vec<AccountJob> = (0..5).map(|n| job(&format!("team-{n}"))).collect();
    let cancel = CancellationToken::new();
    let runs = jobs.iter().map(|job| vending.vend(job, LIMIT, &cancel));
    for outcome in join_all(runs).await {
        let outcome = outcome.unwrap();
        assert!(outcome.ready(), "{:?} {:?}", outcome.status_reason, outcome.failures);
    }
    let mut world = cloud.world();
    assert_eq!((world.tower().most_at_once, world.tower().accounts.len()), (1, 5));
}

#[tokio::test]
async fn another_run_s_account_is_waited_for_by_name() {
    let busy = |seconds| {
        let cloud = Cloud::new();
        cloud.with_landing_zone(seconds);
        cloud.put_account("111122223333", "busy@example.com", &[]);
        cloud.enrol("111122223333", PROD);
        cloud
    };
    let cloud = busy(600);
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
    assert_eq!(cloud.world().tower().most_at_once, 1);

    // Longer than the apply may take: it is told what it waited for, and the next one goes on.
    let cloud = busy(100_000);
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert!(matches!(outcome.unfinished, Some(Unfinished::OutOfTime(None))), "{outcome:?}");
    assert_eq!(outcome.phase, Phase::Regions);
    let waited = Refusal::UnitBusy { unit: PROD.to_owned(), other: "111122223333".to_owned() };
    assert!(outcome.failures.iter().any(|of| of.refusal == waited), "{:?}", outcome.failures);
    assert_eq!(cloud.count("MoveAccount"), 0);
    cloud.world().now += 200_000_000;
    assert!(update(&cloud, &job("payments"), &outcome.facts.id).await.phase >= Phase::Placed);
}

/// Where Control Tower cannot be asked whether it is at work, nothing is moved: what drifts is mended by hand.
#[tokio::test]
async fn what_cannot_be_asked_is_no_leave_to_move() {
    for (call, answered) in [
        ("ListAWSServiceAccessForOrganization", 0),
        ("ListLandingZones", 0),
        ("GetLandingZone", 0),
        ("ListBaselines", 0),
        // Whether the unit is registered, and whether an account is being enrolled in it.
        ("ListEnabledBaselines", 0),
        ("ListEnabledBaselines", 1),
    ] {
        for kind in [Kind::Denied, Kind::Throttled, Kind::Unanswered] {
            let cloud = under_control_tower();
            (0..answered).for_each(|_| cloud.fault(call, Fault::Not));
            cloud.fault(call, Fault::Before(kind, "Code"));
            let outcome = vend(&cloud, &job("payments")).await.unwrap();
            assert_eq!(
                (cloud.count("MoveAccount"), outcome.ready()),
                (0, false),
                "{call} {kind:?}"
            );
            let told = |refusal: &Refusal| matches!(refusal, Refusal::Call(of) if of.kind == kind);
            let of_move = outcome.failures.iter().find(|of| of.attempt == Attempt::Parent);
            assert!(of_move.is_some_and(|of| told(&of.refusal)), "{call}: {:?}", outcome.failures);
            let next = update(&cloud, &job("payments"), &outcome.facts.id).await;
            assert!(next.ready(), "{call} {kind:?}: {:?}", next.status_reason);
        }
    }
}
