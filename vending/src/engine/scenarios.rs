//! The engine against the simulated cloud: each invariant of DESIGN.md, and what crashes, lags and
//! other people do to a create.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_model::account::{AccountClass, BaselinePolicy, Contract, ControlMode};
use fleet_model::lifecycle::AccountLifecycleState;
use fleet_model::name::{Key, Name};
use fleet_model::readiness::Verdict;
use fleet_model::tags;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::Phase;
use super::simulation::{Cloud, Fault, ORGANIZATION, PROD, ROOT};
use crate::Vending;
use crate::config::Config;
use crate::error::Kind;
use crate::ports::AccountState;
use crate::wish::Facts;
use crate::wish::{Attempt, Outcome, Parent, Refusal, Wish};

pub(super) const LIMIT: Duration = Duration::from_secs(30 * 60);

pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn wish(key: &str) -> Wish {
    let mode = |control: &str, mode| (control.to_owned(), mode);
    Wish {
        contract: Contract {
            key: Key::new(key).unwrap(),
            name: key.to_owned(),
            email: format!("aws+{key}@example.com"),
            account_class: AccountClass::ProdWorkloads,
            environment: name("prod"),
            owner: name("payments"),
            data_classification: name("internal"),
            region_set: BTreeSet::from(["ap-southeast-1".to_owned()]),
            network_profile: name("private"),
            baseline_policy: BaselinePolicy::ProdRestricted,
            budget_owner: name("payments"),
            gitops_enabled: true,
            controls: BTreeMap::from([
                mode("access-roles", ControlMode::Ignore),
                mode("oidc-trust", ControlMode::Ignore),
                mode("organization-policies", ControlMode::Ignore),
            ]),
            identity: None,
            role_name: "OrganizationAccountAccessRole".to_owned(),
        },
        parent: Some(Parent::Id(PROD.to_owned())),
        tags: BTreeMap::from([("cost-center".to_owned(), "4711".to_owned())]),
        tags_set_before: BTreeSet::new(),
        lifecycle_state: AccountLifecycleState::Active,
        closing_since: None,
        prior_settings: BTreeMap::new(),
    }
}

pub(super) fn vending(cloud: &Cloud, managed_by: &str) -> Vending {
    let config = Config { managed_by: managed_by.to_owned(), ..Config::default() };
    Vending::with_ports(config, cloud.ports())
}

pub(super) async fn vend(cloud: &Cloud, wish: &Wish) -> Result<Outcome, Refusal> {
    vending(cloud, "us").vend(wish, LIMIT, &CancellationToken::new()).await
}

fn holding(cloud: &Cloud, email: &str) -> usize {
    cloud.world().accounts.iter().filter(|of| of.email == email).count()
}

#[tokio::test]
async fn one_block_in_a_ready_account_out() {
    let cloud = Cloud::new();
    let outcome = vend(&cloud, &wish("payments")).await.unwrap();
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
async fn a_crash_at_any_call_leaves_one_account_and_the_next_apply_finishes_it() {
    for with_effect in [false, true] {
        for at in 1.. {
            let cloud = Cloud::new();
            let wish = wish("payments");
            cloud.world().crash = Some((at, with_effect));
            let first = cloud.until_crash(Box::pin(vend(&cloud, &wish))).await;
            if first.is_some() {
                assert!(at > 10, "the run made only {at} calls");
                break;
            }
            let outcome = vend(&cloud, &wish).await.unwrap();
            assert_eq!(outcome.phase, Phase::Ready, "crash at call {at}");
            assert_eq!(cloud.world().accounts.len(), 1, "crash at call {at}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_sent_again_blindly() {
    let cloud = Cloud::new();
    cloud.world().read_lag_seconds = 2;
    cloud.fault("CreateAccount", Fault::After);
    let outcome = vend(&cloud, &wish("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Ready);
    assert_eq!(cloud.count("CreateAccount"), 1);
    assert_eq!(cloud.world().accounts.len(), 1);
}

#[tokio::test]
async fn a_send_that_never_arrived_is_sent_again() {
    let cloud = Cloud::new();
    cloud.fault("CreateAccount", Fault::Before(Kind::Unanswered, "NoConnection"));
    let outcome = vend(&cloud, &wish("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Ready);
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (2, 1));
}

#[tokio::test]
async fn thirteen_at_once_keep_to_five_in_flight() {
    let cloud = Cloud::new();
    let engine = vending(&cloud, "us");
    let wishes: Vec<Wish> = (0..13).map(|n| wish(&format!("account-{n}"))).collect();
    let cancel = CancellationToken::new();
    let outcomes = join_all(wishes.iter().map(|wish| engine.vend(wish, LIMIT, &cancel))).await;
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap().ready()));
    assert_eq!(cloud.world().most_in_flight, 5);
    assert_eq!(cloud.count("CreateAccount"), 13, "AWS never had to refuse one");
    let ids: BTreeSet<String> =
        outcomes.into_iter().map(|outcome| outcome.unwrap().facts.id).collect();
    assert_eq!(ids.len(), 13);
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
    assert!(vend(&cloud, &wish("payments")).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (5, 1));
}

#[tokio::test]
async fn who_holds_the_email_decides() {
    let ours = tags::fleet_id(ORGANIZATION, "payments");
    type Case<'a> = (Vec<(&'a str, &'a str)>, AccountState, fn(&Refusal) -> bool);
    let cases: Vec<Case<'_>> = vec![
        (
            vec![(tags::MANAGED_BY, "them"), (tags::ID, &ours)],
            AccountState::Active,
            |refusal| matches!(refusal, Refusal::OtherManager { manager, .. } if manager == "them"),
        ),
        (vec![], AccountState::Active, |refusal| {
            matches!(refusal, Refusal::Unmanaged { released_from: None, .. })
        }),
        (
            vec![(tags::RELEASED_FROM, "them")],
            AccountState::Active,
            |refusal| matches!(refusal, Refusal::Unmanaged { released_from: Some(from), .. } if from == "them"),
        ),
        (
            vec![(tags::MANAGED_BY, "us"), (tags::ID, "other"), (tags::KEY, "old-key")],
            AccountState::Active,
            |refusal| matches!(refusal, Refusal::OtherKey { key, .. } if key == "old-key"),
        ),
        (
            vec![(tags::MANAGED_BY, "us"), (tags::ID, &ours)],
            AccountState::Closed,
            |refusal| matches!(refusal, Refusal::Inactive { state, .. } if state == "closed"),
        ),
        (vec![(tags::MANAGED_BY, "us"), (tags::ID, &ours)], AccountState::Suspended, |refusal| {
            matches!(refusal, Refusal::Inactive { .. })
        }),
        (vec![], AccountState::PendingClosure, |refusal| {
            matches!(refusal, Refusal::Inactive { .. })
        }),
    ];
    for (tags, state, expected) in cases {
        let cloud = Cloud::new();
        cloud.put_account("555555555555", "aws+payments@example.com", &tags);
        cloud.world().accounts[0].state = state;
        let refusal = vend(&cloud, &wish("payments")).await.unwrap_err();
        assert!(expected(&refusal), "{tags:?} {state:?}: {refusal:?}");
        assert_eq!(cloud.count("CreateAccount") + cloud.count("TagResource"), 0, "{tags:?}");
    }
}

#[tokio::test]
async fn two_managers_race_for_one_email_and_one_wins() {
    let cloud = Cloud::new();
    let (us, them) = (vending(&cloud, "us"), vending(&cloud, "them"));
    let (wish, cancel) = (wish("payments"), CancellationToken::new());
    let (a, b) = futures::join!(us.vend(&wish, LIMIT, &cancel), them.vend(&wish, LIMIT, &cancel));
    assert_eq!(holding(&cloud, &wish.contract.email), 1);
    let refused = [a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(
        matches!(refused.as_slice(), [Refusal::OtherManager { .. }]),
        "one is told who has it: {refused:?}"
    );
}

#[tokio::test]
async fn tags_that_lag_are_waited_for() {
    let cloud = Cloud::new();
    // An earlier run made it and died; its tags are not readable yet.
    cloud.world().crash = Some((cloud_calls_until("CreateAccount").await, true));
    let request = wish("payments");
    let _ = cloud.until_crash(Box::pin(vend(&cloud, &request))).await;
    {
        let mut world = cloud.world();
        world.now += 30_000;
        let readable = world.now + 12_000;
        world.tags_from.insert("100000000001".into(), readable);
    }
    assert!(vend(&cloud, &wish("payments")).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (1, 1));
}

/// How many calls a run makes up to and with `call`.
async fn cloud_calls_until(call: &str) -> usize {
    let cloud = Cloud::new();
    vend(&cloud, &wish("payments")).await.unwrap();
    let made = cloud.world().calls.clone();
    made.iter().position(|of| of == call).unwrap() + 1
}

#[tokio::test]
async fn our_id_under_another_email_is_our_account() {
    let ours = tags::fleet_id(ORGANIZATION, "payments");
    let tags = [(tags::MANAGED_BY, "us"), (tags::ID, ours.as_str()), (tags::KEY, "payments")];
    let cloud = Cloud::new();
    cloud.put_account("555555555555", "old@example.com", &tags);
    let outcome = vend(&cloud, &wish("payments")).await.unwrap();
    assert_eq!(outcome.facts.id, "555555555555");
    assert!(outcome.warnings.iter().any(|of| of.detail.contains("old@example.com")));
    assert_eq!(cloud.count("CreateAccount"), 0);

    // Closed under this key: a new email makes a new account. And where the tag index does not
    // answer, the email alone is the fence.
    for state in [AccountState::Closed, AccountState::Active] {
        let cloud = Cloud::new();
        cloud.put_account("555555555555", "old@example.com", &tags);
        cloud.world().accounts[0].state = state;
        cloud.world().tag_index = state == AccountState::Closed;
        assert_eq!(vend(&cloud, &wish("payments")).await.unwrap().facts.id, "100000000001");
    }
}

#[tokio::test]
async fn an_email_outside_of_the_organization_is_told_without_an_account() {
    let cloud = Cloud::new();
    cloud.world().failure_reasons.extend(["EMAIL_ALREADY_EXISTS"]);
    let refusal = vend(&cloud, &wish("payments")).await.unwrap_err();
    assert!(
        matches!(&refusal, Refusal::CreateFailed { reason, .. } if reason == "EMAIL_ALREADY_EXISTS"),
        "{refusal:?}"
    );
    assert_eq!(cloud.count("CreateAccount"), 1);
}

#[tokio::test]
async fn an_internal_failure_of_aws_is_tried_again_and_others_are_final() {
    let cloud = Cloud::new();
    cloud.world().failure_reasons.extend(["INTERNAL_FAILURE", "INTERNAL_FAILURE"]);
    assert!(vend(&cloud, &wish("payments")).await.unwrap().ready());
    assert_eq!(cloud.world().accounts.len(), 1);

    for reason in ["ACCOUNT_LIMIT_EXCEEDED", "INVALID_EMAIL", "MISSING_PAYMENT_INSTRUMENT"] {
        let cloud = Cloud::new();
        cloud.world().failure_reasons.extend([reason]);
        let refusal = vend(&cloud, &wish("payments")).await.unwrap_err();
        assert!(matches!(&refusal, Refusal::CreateFailed { reason: of, .. } if of == reason));
        assert_eq!(cloud.count("CreateAccount"), 1, "{reason}");
    }
}

#[tokio::test]
async fn an_unknown_parent_is_told_before_there_is_an_account() {
    let cloud = Cloud::new();
    let mut wish = wish("payments");
    wish.parent = Parent::parse("Workloads/Pord").ok();
    let refusal = vend(&cloud, &wish).await.unwrap_err();
    let Refusal::NoSuchParent { path, nearest } = refusal else { panic!("{refusal:?}") };
    assert_eq!((path.as_str(), nearest[0].as_str()), ("Workloads/Pord", "Workloads/Prod"));
    assert_eq!(cloud.count("CreateAccount"), 0);

    wish.parent = Parent::parse("Workloads/Prod").ok();
    assert_eq!(vend(&cloud, &wish).await.unwrap().facts.parent_id, PROD);
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
        let outcome = vend(&cloud, &wish("payments")).await.unwrap();
        assert_eq!(outcome.phase, phase, "{call}: {:?}", outcome.status_reason);
        assert!(outcome.failures.iter().any(|of| of.attempt == attempt), "{call}");
    }
}

#[tokio::test]
async fn a_role_that_is_late_is_waited_for_and_one_that_never_comes_is_blocked() {
    let cloud = Cloud::new();
    cloud.world().role_seconds = 90;
    assert!(vend(&cloud, &wish("payments")).await.unwrap().ready());

    let cloud = Cloud::new();
    cloud.world().role_seconds = 1_000_000;
    let outcome = vend(&cloud, &wish("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Governed);
    assert!(outcome.status_reason.as_ref().unwrap().starts_with("blocked: no role lets us in"));
    assert_eq!(outcome.readiness.checks["password-policy"].verdict, Verdict::Unknown);
}

#[tokio::test]
async fn regions_are_asked_for_first_and_awaited_last() {
    let cloud = Cloud::new();
    let mut wish = wish("payments");
    wish.contract.region_set.insert("ap-southeast-3".to_owned());
    assert!(vend(&cloud, &wish).await.unwrap().ready());
    let calls = cloud.world().calls.clone();
    let at = |call: &str| calls.iter().position(|of| of == call).unwrap();
    assert!(at("EnableRegion") < at("MoveAccount"));
    assert_eq!(cloud.count("EnableRegion"), 1);

    // Longer than the apply may take: success, and a state that says so.
    let cloud = Cloud::new();
    cloud.world().region_seconds = 100_000;
    let outcome = vend(&cloud, &wish).await.unwrap();
    assert_eq!(outcome.phase, Phase::Baselined);
    assert_eq!(outcome.status_reason.as_deref(), Some("open checks: regions/ap-southeast-3"));
    assert_eq!(outcome.warnings.len(), 1);
    assert_eq!(cloud.world().tags[&outcome.facts.id][tags::READINESS], "fail");

    // The next apply takes it up where it stands.
    cloud.world().now += 200_000_000;
    let cancel = CancellationToken::new();
    let engine = vending(&cloud, "us");
    let outcome = engine.update(&wish, &outcome.facts.id, LIMIT, &cancel).await.unwrap();
    assert!(outcome.ready());
}

#[tokio::test]
async fn a_landing_zone_is_waited_for_where_there_is_one() {
    let cloud = Cloud::new();
    cloud.world().trusted.insert("controltower.amazonaws.com".into());
    let later = cloud.world().now + 400_000;
    cloud.world().enrolled_from = Some(later);
    assert!(vend(&cloud, &wish("payments")).await.unwrap().ready());
    assert!(cloud.world().now >= later);

    let cloud = Cloud::new();
    cloud.world().trusted.insert("controltower.amazonaws.com".into());
    let outcome = vend(&cloud, &wish("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Placed);
    assert!(outcome.status_reason.unwrap().contains("Control Tower"));
    assert_eq!(cloud.count("AssumeRole"), 0, "nothing is made in it before it is enrolled");
}

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

pub(super) async fn vended() -> (Cloud, Wish, Outcome) {
    let cloud = Cloud::new();
    let mut wish = wish("payments");
    let outcome = vend(&cloud, &wish).await.unwrap();
    wish.tags_set_before = wish.tags.keys().cloned().collect();
    (cloud, wish, outcome)
}

pub(super) async fn look(cloud: &Cloud, wish: &Wish, id: &str) -> Option<Outcome> {
    vending(cloud, "us").look(wish, id, &CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn a_refresh_of_an_unchanged_account_says_the_same_and_has_no_work() {
    let (cloud, wish, applied) = vended().await;
    cloud.world().now += 86_400_000;
    let seen = look(&cloud, &wish, &applied.facts.id).await.unwrap();
    assert_eq!(seen.readiness, applied.readiness);
    assert_eq!((seen.phase, &seen.status_reason), (applied.phase, &applied.status_reason));
    assert_eq!(seen.work, Vec::<String>::new());
    // Only the request is not seen again: the state keeps it from the apply.
    assert_eq!(Facts { create_request_id: None, ..applied.facts }, seen.facts);
}

#[tokio::test]
async fn a_refresh_lists_accounts_once_per_process() {
    let (cloud, wish, applied) = vended().await;
    cloud.world().calls.clear();
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    for _ in 0..4 {
        engine.look(&wish, &applied.facts.id, &cancel).await.unwrap().unwrap();
    }
    assert_eq!(cloud.count("ListAccounts"), 1);
    assert_eq!(cloud.count("DescribeAccount"), 0);
    assert_eq!(cloud.count("TagResource") + cloud.count("MoveAccount") + cloud.count("change"), 0);
}

#[tokio::test]
async fn what_is_changed_behind_our_back_is_work_and_is_mended() {
    let (cloud, wish, applied) = vended().await;
    let id = applied.facts.id;
    {
        let mut world = cloud.world();
        world.passwords.clear();
        world.parents.insert(id.clone(), ROOT.into());
        let has = world.tags.get_mut(&id).unwrap();
        has.insert("foreign".into(), "tag".into());
        has.insert("cost-center".into(), "somebody".into());
    }
    let seen = look(&cloud, &wish, &id).await.unwrap();
    assert!(!seen.ready() && seen.work.len() >= 3, "{:?}", seen.work);
    assert_eq!(seen.readiness.checks["password-policy"].verdict, Verdict::Fail);

    let tag_calls = cloud.count("TagResource");
    let cancel = CancellationToken::new();
    let outcome = vending(&cloud, "us").update(&wish, &id, LIMIT, &cancel).await.unwrap();
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
    let (cloud, mut wish, applied) = vended().await;
    let id = applied.facts.id;
    cloud.world().tags.get_mut(&id).unwrap().insert("foreign".into(), "tag".into());
    wish.tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let cancel = CancellationToken::new();
    vending(&cloud, "us").update(&wish, &id, LIMIT, &cancel).await.unwrap();
    let has = cloud.world().tags[&id].clone();
    assert!(!has.contains_key("cost-center"));
    assert_eq!((has["team"].as_str(), has["foreign"].as_str()), ("a", "tag"));
    assert_eq!(has[tags::MANAGED_BY], "us");
}

#[tokio::test]
async fn an_account_that_another_manager_took_over_is_not_touched() {
    let (cloud, wish, applied) = vended().await;
    let id = applied.facts.id;
    cloud.world().tags.get_mut(&id).unwrap().insert(tags::MANAGED_BY.into(), "them".into());
    cloud.world().calls.clear();
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let outcome = engine.update(&wish, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(
        &outcome.failures[0].refusal,
        Refusal::OtherManager { manager, .. } if manager == "them"
    ));
    let refused = engine.release(&wish, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { .. })));
    let refused = engine.close(&wish, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { .. })));
    for call in ["TagResource", "UntagResource", "MoveAccount", "CloseAccount", "change"] {
        assert_eq!(cloud.count(call), 0, "{call}");
    }
}
