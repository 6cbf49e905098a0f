//! The process dies, at every call of a create, before and after the call's effect, in every world
//! that a create can meet: the next run ends with the one account, as if nothing had happened.

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};

use super::*;
use crate::aws::api::member::PasswordPolicy;

/// A name, and how it differs from AWS at its best and from the plainest request.
type World = (&'static str, fn(&Cloud, &mut AccountJob));

/// What a run meets.
const WORLDS: [World; 17] = [
    ("nothing in the way", |_, _| {}),
    ("a slow create", |cloud, _| cloud.world().create_seconds = 90),
    ("reads that lag", |cloud, _| cloud.world().read_lag_seconds = 12),
    ("tags that lag", |cloud, _| {
        let mut world = cloud.world();
        let from = world.now + 60_000;
        world.tags_from.insert("100000000001".into(), from);
    }),
    ("no tag index", |cloud, _| cloud.world().tag_index = false),
    ("a failure of AWS's own", |cloud, _| {
        cloud.world().failure_reasons.extend(["INTERNAL_FAILURE"]);
    }),
    ("a request taken for a repetition", |cloud, _| {
        cloud.world().failure_reasons.extend(["CONCURRENT_ACCOUNT_MODIFICATION"]);
    }),
    ("a lost answer", |cloud, _| cloud.fault("CreateAccount", Fault::After)),
    ("a request that never arrives", |cloud, _| {
        cloud.fault("CreateAccount", Fault::Before(Kind::Unanswered, "NoConnection"));
    }),
    ("an organization that is busy", |cloud, _| {
        for (kind, code) in [
            (Kind::Throttled, "TooManyRequestsException"),
            (Kind::Busy, "FinalizingOrganizationException"),
            (Kind::InFlightLimit, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"),
        ] {
            cloud.fault("CreateAccount", Fault::Before(kind, code));
        }
    }),
    ("others' creates in every place", |cloud, _| {
        for n in 0..5 {
            cloud.put_request(&format!("other-{n}"), 60 + n);
        }
    }),
    ("others' create of the same name", |cloud, _| cloud.put_request("payments", 90)),
    ("a role that is late", |cloud, _| cloud.world().role_seconds = 90),
    ("a landing zone", |cloud, _| cloud.with_landing_zone(60)),
    ("a landing zone that enrols it twice", |cloud, job| {
        cloud.with_landing_zone(60);
        job.request.onboarding_parent = Some(Parent::Id(NONPROD.to_owned()));
    }),
    ("a landing zone that is busy with another account", |cloud, _| {
        cloud.with_landing_zone(60);
        cloud.put_account("111122223333", "busy@example.com", &[]);
        cloud.enrol("111122223333", PROD);
    }),
    ("a parent by another", |_, job| {
        job.request.onboarding_parent = Some(Parent::Id(NONPROD.to_owned()));
    }),
];

/// How many accounts are killed more than once.
const LIVES: u32 = 100;

/// How the account of the job stands at the end, whatever its id.
#[derive(Debug, PartialEq)]
struct End {
    phase: Phase,
    status_reason: Option<String>,
    parent: String,
    tags: BTreeMap<String, String>,
    password_policy: Option<PasswordPolicy>,
    regions: BTreeSet<String>,
    memory: Memory,
}

fn world(arrange: fn(&Cloud, &mut AccountJob)) -> (Cloud, AccountJob) {
    let (cloud, mut job) = (Cloud::new(), job("payments"));
    cloud.world().region_seconds = 30;
    job.request.contract.region_set.insert("ap-southeast-3".to_owned());
    arrange(&cloud, &mut job);
    (cloud, job)
}

/// A run to its end; the account is the only one of its email, and carries the verdict's digest.
async fn ends(cloud: &Cloud, job: &AccountJob) -> End {
    let outcome = vend(cloud, job).await.expect("a run that nobody kills succeeds");
    assert_eq!(holding(cloud, &job.request.contract.email), 1, "one account per key");
    assert_eq!(outcome.failures, []);
    let world = cloud.world();
    let id = &outcome.facts.id;
    let mut tags = world.tags[id].clone();
    // The digest covers the account's id.
    assert_eq!(tags.remove(tags::READINESS_DIGEST), Some(outcome.readiness.digest()));
    End {
        phase: outcome.phase,
        status_reason: outcome.status_reason,
        parent: world.parents[id].clone(),
        tags,
        password_policy: world.passwords.get(id).copied(),
        regions: world.regions.keys().filter(|(of, _)| of == id).map(|(_, r)| r.clone()).collect(),
        memory: outcome.memory,
    }
}

/// A run that dies at its `call`-th call, before or after its effect. False: it ended before.
async fn dies(cloud: &Cloud, job: &AccountJob, call: usize, with_effect: bool) -> bool {
    {
        let mut world = cloud.world();
        world.crash = Some((world.calls.len() + call, with_effect));
    }
    let done = cloud.until_crash(Box::pin(vend(cloud, job))).await;
    assert!(done.as_ref().is_none_or(Result::is_ok), "{done:?}");
    done.is_none()
}

#[tokio::test]
async fn killed_at_every_call_in_every_world_the_next_run_ends_the_same() {
    let (mut runs, mut boundaries) = (0, 0);
    for (name, arrange) in WORLDS {
        let world = || world(arrange);
        let (cloud, job) = world();
        let unharmed = ends(&cloud, &job).await;
        assert_eq!(unharmed.phase, Phase::Ready, "{name}");
        let calls = cloud.world().calls.clone();
        for call in 1..=calls.len() {
            for with_effect in [false, true] {
                let (cloud, job) = world();
                assert!(dies(&cloud, &job, call, with_effect).await, "{name}: {call}");
                let end = ends(&cloud, &job).await;
                let at = &calls[call - 1];
                assert_eq!(end, unharmed, "{name}: killed at call {call}, {at}, {with_effect}");
                runs += 1;
            }
        }
        boundaries += calls.len();
    }
    eprintln!("{runs} runs were killed, at {boundaries} calls in {} worlds", WORLDS.len());
    assert!(runs >= 500, "{runs}");
}

/// Killed once, twice or three times, with hours or nothing in between.
#[test]
fn killed_again_and_again_it_ends_the_same() {
    let kill = (1..60_usize, any::<bool>(), prop_oneof![Just(0), 0..90_i64, 0..20_000_i64]);
    let cases = (0..WORLDS.len(), prop::collection::vec(kill, 1..4));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let runs = std::cell::Cell::new(0);
    let check = |(number, kills): (usize, Vec<(usize, bool, i64)>)| {
        let (name, arrange) = WORLDS[number];
        runtime.block_on(async {
            let (cloud, job) = world(arrange);
            let unharmed = ends(&cloud, &job).await;
            let (cloud, job) = world(arrange);
            for (call, with_effect, seconds) in &kills {
                dies(&cloud, &job, *call, *with_effect).await;
                cloud.world().now += seconds * 1000;
                runs.set(runs.get() + 1);
            }
            assert_eq!(ends(&cloud, &job).await, unharmed, "{name}: {kills:?}");
        });
        Ok(())
    };
    let cases_of = Cases { failure_persistence: None, ..Cases::with_cases(LIVES) };
    TestRunner::new_with_rng(
        cases_of,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    )
    .run(&cases, check)
    .unwrap();
    eprintln!("{} runs were killed, in {LIVES} lives of an account", runs.get());
}
