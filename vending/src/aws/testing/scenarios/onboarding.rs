//! By an onboarding parent: the baseline is applied there, and checked again where the account belongs.

use fleet_model::account::ControlMode;

use super::*;
use crate::request::{AccountRequest, Past};

const WORKLOADS: &str = "ou-ab12-work0000";

fn asked() -> AccountJob {
    {
        let mut job = job("payments");
        job.request.onboarding_parent = Some(Parent::Id(NONPROD.to_owned()));
        job
    }
}

/// The calls of the run that say where the account is, and what is done in it.
fn steps(cloud: &Cloud) -> Vec<String> {
    let told = ["MoveAccount", "AssumeRole", "change", "CreatePolicy"];
    let calls = cloud.world().calls.clone();
    calls.into_iter().filter(|call| told.contains(&call.as_str())).collect()
}

#[tokio::test]
async fn it_gets_its_baseline_before_the_policies_of_its_parent_bind_it() {
    let strict = || {
        let cloud = Cloud::new();
        cloud.world().denies_changes.insert(PROD.into());
        cloud
    };
    let outcome = vend(&strict(), &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Accessible, "straight to its parent it is never baselined");

    let cloud = strict();
    let outcome = vend(&cloud, &asked()).await.unwrap();
    assert_eq!((outcome.phase, outcome.status_reason.as_deref()), (Phase::Ready, None));
    assert_eq!(outcome.facts.parent_id, PROD);
    assert!(outcome.failures.is_empty() && outcome.work.is_empty(), "{outcome:?}");
    let expected = ["MoveAccount", "AssumeRole", "change", "MoveAccount", "AssumeRole"];
    assert_eq!(steps(&cloud), expected);

    // Nothing is left to do, and nothing moves it again.
    let looked = look(&cloud, &asked(), &outcome.facts.id).await.unwrap();
    assert!(looked.ready() && looked.work.is_empty());
    assert!(vend(&cloud, &asked()).await.unwrap().ready());
    assert_eq!(cloud.count("MoveAccount"), 2);
}

#[tokio::test]
async fn what_its_parent_denies_is_blocked_at_once() {
    let cloud = Cloud::new();
    cloud.world().denies_entry.insert(PROD.into());
    let outcome = vend(&cloud, &asked()).await.unwrap();
    assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Governed, PROD));
    let expected = "blocked: no role lets us in (sts:AssumeRole of OrganizationAccountAccessRole: AccessDenied)";
    assert_eq!(outcome.status_reason.as_deref(), Some(expected));
    let tries = cloud.count("AssumeRole");
    assert_eq!(tries, 2, "one in each parent, although the account is new");
}

#[tokio::test]
async fn without_its_baseline_it_stays_there() {
    let cloud = Cloud::new();
    for _ in 0..20 {
        cloud.fault("change", Fault::Before(Kind::Denied, "AccessDenied"));
    }
    let outcome = vend(&cloud, &asked()).await.unwrap();
    assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Regions, NONPROD));
    let expected = "the account is in its onboarding parent: open checks: password-policy";
    assert_eq!(outcome.status_reason.as_deref(), Some(expected));

    cloud.world().faults.clear();
    let looked = look(&cloud, &asked(), &outcome.facts.id).await.unwrap();
    assert!(!looked.work.is_empty(), "the next apply can go on");
    let outcome = vend(&cloud, &asked()).await.unwrap();
    assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Ready, PROD));

    // Where only a person can help, a plan promises nothing.
    let cloud = Cloud::new();
    cloud.world().denies_entry.insert(NONPROD.into());
    let outcome = vend(&cloud, &asked()).await.unwrap();
    assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Regions, NONPROD));
    let reason = outcome.status_reason.unwrap();
    assert!(reason.contains("onboarding parent: blocked: no role lets us in"), "{reason}");
    let looked = look(&cloud, &asked(), &outcome.facts.id).await.unwrap();
    assert_eq!(looked.work, [""; 0]);
}

#[tokio::test]
async fn an_account_that_is_elsewhere_goes_straight() {
    let (cloud, job, outcome) = vended().await;
    let id = outcome.facts.id;
    let asked = AccountJob {
        request: AccountRequest {
            parent: Parent::parse("Workloads").ok(),
            onboarding_parent: asked().request.onboarding_parent,
            ..job.request
        },
        ..job
    };
    let before = cloud.count("MoveAccount");
    let outcome = vend(&cloud, &asked).await.unwrap();
    assert_eq!((outcome.facts.id, outcome.phase), (id, Phase::Ready));
    assert_eq!(cloud.count("MoveAccount") - before, 1);
}

#[tokio::test]
async fn one_that_is_gone_matters_to_who_would_go_there_alone() {
    let (cloud, job, outcome) = vended().await;
    let id = outcome.facts.id;
    for gone in ["ou-ab12-gone0000", "Onboarding"] {
        let to = |parent: &str| AccountJob {
            request: AccountRequest {
                parent: Parent::parse(parent).ok(),
                onboarding_parent: Parent::parse(gone).ok(),
                ..job.request.clone()
            },
            ..job.clone()
        };
        let moved = update(&cloud, &to("Workloads"), &id).await;
        assert_eq!((moved.failures, moved.facts.parent_id.as_str()), (vec![], WORKLOADS), "{gone}");
        let back = update(&cloud, &to(PROD), &id).await;
        assert_eq!((back.phase, back.facts.parent_id.as_str()), (Phase::Ready, PROD), "{gone}");

        cloud.world().parents.insert(id.clone(), ROOT.to_owned());
        let kept = update(&cloud, &to(PROD), &id).await;
        assert_eq!((kept.phase, kept.facts.parent_id.as_str()), (Phase::Regions, ROOT), "{gone}");
        assert_eq!(kept.failures[0].attempt, Attempt::Onboarding, "{gone}");
        assert_eq!(look(&cloud, &to(PROD), &id).await.unwrap().work, [""; 0], "{gone}");
        cloud.world().parents.insert(id.clone(), PROD.to_owned());
    }
}

#[tokio::test]
async fn who_waits_there_waits_where_the_job_says_next() {
    let stuck = async || {
        let cloud = Cloud::new();
        cloud.world().denies_entry.insert(NONPROD.into());
        let outcome = vend(&cloud, &asked()).await.unwrap();
        assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Regions, NONPROD));
        let job = {
            let mut job = asked();
            job.past.memory = outcome.memory;
            job
        };
        cloud.world().calls.clear();
        (cloud, job, outcome.facts.id)
    };
    let (cloud, job, id) = stuck().await;
    assert_eq!(look(&cloud, &job, &id).await.unwrap().memory, job.past.memory);
    // Not yet: the run ends before it has moved the account.
    let corrected = AccountJob {
        request: AccountRequest {
            onboarding_parent: Parent::parse("Workloads").ok(),
            ..job.request
        },
        ..job
    };
    cloud.fault("MoveAccount", Fault::Before(Kind::Denied, "AccessDenied"));
    let failed = update(&cloud, &corrected, &id).await;
    assert_eq!(failed.failures[0].attempt, Attempt::Onboarding);
    let corrected =
        AccountJob { past: Past { memory: failed.memory, ..corrected.past }, ..corrected };
    cloud.world().calls.clear();
    let outcome = update(&cloud, &corrected, &id).await;
    assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Ready, PROD));
    let expected = ["MoveAccount", "AssumeRole", "change", "MoveAccount", "AssumeRole"];
    assert_eq!(steps(&cloud), expected, "its baseline is made on the way");
    assert_eq!(outcome.memory.onboarding_parent, None);

    // Its unit has another name by now, and its parent is as strict as ever: it stays.
    let (cloud, job, id) = stuck().await;
    let renamed = AccountJob {
        request: AccountRequest {
            onboarding_parent: Parent::parse("Nonproduction").ok(),
            ..job.request
        },
        ..job
    };
    let kept = update(&cloud, &renamed, &id).await;
    assert_eq!((kept.phase, kept.facts.parent_id.as_str()), (Phase::Regions, NONPROD));
    assert_eq!(kept.failures[0].attempt, Attempt::Onboarding);

    // Nothing to wait for any more.
    let (cloud, job, id) = stuck().await;
    let outcome = update(
        &cloud,
        &AccountJob { request: AccountRequest { onboarding_parent: None, ..job.request }, ..job },
        &id,
    )
    .await;
    assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Ready, PROD));
    assert_eq!(cloud.count("MoveAccount"), 1, "it goes straight");
    assert_eq!(outcome.memory.onboarding_parent, None);
}

#[tokio::test]
async fn where_it_waits_outlives_a_run_that_dies() {
    let corrected = || {
        let mut job = asked();
        job.request.onboarding_parent = Parent::parse("Workloads").ok();
        job
    };
    let strict = || {
        let cloud = Cloud::new();
        // Nobody gets in where it was sent first, and nothing can be changed where it belongs.
        cloud.world().denies_entry.insert(NONPROD.into());
        cloud.world().denies_changes.insert(PROD.into());
        cloud
    };
    let cloud = strict();
    vend(&cloud, &asked()).await.unwrap();
    let calls = cloud.world().calls.len();
    for (call, with_effect) in (1..=calls).flat_map(|call| [(call, false), (call, true)]) {
        let cloud = strict();
        // The second run dies on the way from one waiting place to the other.
        for job in [asked(), corrected()] {
            let begun = cloud.world().calls.len();
            cloud.world().crash = Some((begun + call, with_effect));
            let _ = cloud.until_crash(Box::pin(vend(&cloud, &job))).await;
        }
        let outcome = vend(&cloud, &corrected()).await.unwrap();
        let at = format!("killed at call {call}, {with_effect}");
        assert_eq!((outcome.phase, outcome.facts.parent_id.as_str()), (Phase::Ready, PROD), "{at}");
        assert_eq!(outcome.memory.onboarding_parent, None, "{at}");
        let world = cloud.world();
        assert_eq!(
            world.tags[&outcome.facts.id].get(tags::JOURNAL).map(String::as_str),
            Some("password=none"),
            "{at}"
        );
    }
}

#[tokio::test]
async fn policies_are_attached_where_it_belongs() {
    let cloud = Cloud::new();
    cloud.world().policy.content = "{}".into();
    let mut job = asked();
    job.request.contract.controls.insert("organization-policies".to_owned(), ControlMode::Own);
    // Policies that shut the role out by which we enter are never attached.
    let bootstrap_role_names = vec![job.request.contract.role_name.clone()];
    let config = Config { managed_by: "us".to_owned(), bootstrap_role_names, ..Config::default() };
    let vending = Vending::with_ports(config, cloud.ports());
    vending.vend(&job, LIMIT, &CancellationToken::new()).await.unwrap();
    let steps = steps(&cloud);
    let at = |call: &str| steps.iter().rposition(|of| of == call).unwrap();
    let first = steps.iter().position(|of| of == "CreatePolicy").unwrap();
    assert!(at("MoveAccount") < first, "{steps:?}");
}

#[tokio::test]
async fn an_unknown_one_is_told_before_there_is_an_account() {
    let cloud = Cloud::new();
    let job = {
        let mut job = asked();
        job.request.onboarding_parent = Parent::parse("Onbording").ok();
        job
    };
    let refusal = vend(&cloud, &job).await.unwrap_err();
    let Refusal::OnboardingParent(refusal) = refusal else { panic!("{refusal:?}") };
    assert!(matches!(*refusal, Refusal::NoSuchParent { .. }), "{refusal:?}");
    assert_eq!(cloud.count("CreateAccount"), 0);
}
