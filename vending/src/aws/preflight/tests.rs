//! Preflights against the simulated cloud: what is found, what it costs, and what it is not fooled by.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet_model::account::ControlMode;
use fleet_model::tags;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::Vending;
use crate::aws::api::AccountState;
use crate::aws::testing::simulation::{Cloud, Fault, ORGANIZATION, PROD, ROOT};
use crate::config::Quarantine;
use crate::error::Kind;

fn vending(cloud: &Cloud) -> Vending {
    Vending::with_ports(Config { managed_by: "us".into(), ..Config::default() }, cloud.ports())
}

fn intent(key: &str) -> Intent {
    Intent {
        create: true,
        account_id: None,
        key: Some(key.into()),
        email: Some(format!("aws+{key}@example.com")),
        parent: Some(Parent::Path(vec!["Workloads".into(), "Prod".into()])),
        onboarding_parent: None,
        tags: Some(BTreeMap::from([("CostCenter".into(), "100".into())])),
        regions: ["ap-southeast-1".to_owned()].into(),
        needs_all_features: vec!["controls"],
        verifies: None,
        guarded: None,
        keeps: None,
        remembered: crate::memory::Memory::default(),
        enters: vec![("parent", Parent::Path(vec!["Workloads".into(), "Prod".into()]))],
    }
}

#[tokio::test]
async fn an_account_that_can_never_be_ready_is_told_of_while_it_is_planned() {
    let cloud = Cloud::new();
    cloud.world().policy.content = "{}".into();
    let vending = vending(&cloud);
    let mut contract = crate::aws::testing::scenarios::job("a").request.contract;
    contract.controls.clear();
    let verifies = Some(Box::new(contract));
    let found = find(&vending, &Intent { verifies: verifies.clone(), ..intent("a") }).await;
    let [Finding::Unguarded { missing, enabled: true }] = &found[..] else { panic!("{found:?}") };
    assert!(!missing.is_empty() && missing.iter().all(|name| name.starts_with("fleet-")));
    // Where the parent is made by this plan, nothing is known of what will be attached to it.
    vending.plan_unit("Later");
    let later = Some(Parent::Path(vec!["Later".into()]));
    assert_eq!(find(&vending, &Intent { parent: later, verifies, ..intent("b") }).await, []);
}

#[tokio::test]
async fn regions_that_this_version_does_not_know_are_asked_for_once() {
    let cloud = Cloud::new();
    let vending = vending(&cloud);
    let with = |key: &str, regions: &[&str]| Intent {
        regions: regions.iter().map(|name| (*name).to_owned()).collect(),
        ..intent(key)
    };
    assert_eq!(find(&vending, &with("a", &["eu-west-1", "ap-southeast-3"])).await, []);
    assert_eq!(cloud.count("ListRegions"), 0, "known without asking");
    assert_eq!(find(&vending, &with("b", &["eu-north-2"])).await, [], "AWS opened it since");
    let found = find(&vending, &with("c", &["eu-north-3"])).await;
    assert!(
        matches!(&found[..], [Finding::NoSuchRegion { name, near }]
            if name == "eu-north-3" && near[0] == "eu-north-1"),
        "{found:?}"
    );
    assert_eq!(cloud.count("ListRegions"), 1);
}

async fn find(vending: &Vending, intent: &Intent) -> Vec<Finding> {
    vending.preflight(intent, &CancellationToken::new()).await
}

fn ours(key: &str) -> Vec<(&'static str, String)> {
    vec![
        (tags::MANAGED_BY, "us".to_owned()),
        (tags::KEY, key.to_owned()),
        (tags::ID, tags::fleet_id(ORGANIZATION, key)),
    ]
}

fn put(cloud: &Cloud, id: &str, email: &str, tags: &[(&'static str, String)]) {
    let tags: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (*k, v.as_str())).collect();
    cloud.put_account(id, email, &tags);
}

#[tokio::test]
async fn nothing_stands_in_the_way_and_many_cost_what_one_costs() {
    let mut costs = Vec::new();
    for count in [1, 8] {
        let cloud = Cloud::new();
        let vending = vending(&cloud);
        let keys: Vec<String> = (0..count).map(|n| format!("a{n}")).collect();
        let found = futures::future::join_all(keys.iter().map(async |key| {
            let intent = intent(key);
            find(&vending, &intent).await
        }));
        assert!(found.await.iter().all(Vec::is_empty));
        let mut calls = cloud.world().calls.clone();
        calls.sort();
        costs.push(calls);
    }
    assert_eq!(costs[0], costs[1]);
    let organization_wide = [
        "DescribeEffectivePolicy",
        "DescribeOrganization",
        "GetServiceQuota",
        "ListAWSServiceAccessForOrganization",
        "ListAccounts",
        "ListOrganizationalUnitsForParent",
        "ListOrganizationalUnitsForParent",
        "ListRoots",
    ];
    assert_eq!(costs[0], organization_wide);
}

#[tokio::test]
async fn the_first_account_beyond_the_quota_is_told() {
    let cloud = Cloud::new();
    cloud.world().quota = 4;
    put(&cloud, "100000000001", "one@example.com", &[]);
    put(&cloud, "100000000002", "two@example.com", &[]);
    cloud.world().accounts[1].state = AccountState::Closed;
    let vending = vending(&cloud);
    for key in ["a", "b"] {
        assert_eq!(find(&vending, &intent(key)).await, []);
    }
    let expected = Quota { accounts: 2, closed: 1, planned: 3, quota: 4, certain: true };
    assert_eq!(find(&vending, &intent("c")).await, [Finding::Quota(expected)]);
}

#[tokio::test]
async fn a_quota_that_is_passed_already_is_no_certainty() {
    let cloud = Cloud::new();
    cloud.world().quota = 1;
    put(&cloud, "100000000001", "one@example.com", &[]);
    put(&cloud, "100000000002", "two@example.com", &[]);
    let found = find(&vending(&cloud), &intent("a")).await;
    assert!(matches!(&found[..], [Finding::Quota(of)] if !of.certain), "{found:?}");
}

#[tokio::test]
async fn whose_the_email_is_decides() {
    let email = "aws+a@example.com";
    type Row = (Vec<(&'static str, String)>, AccountState, fn(&Refusal) -> bool);
    let rows: [Row; 5] = [
        (vec![], AccountState::Active, |of| matches!(of, Refusal::Unmanaged { .. })),
        (
            vec![(tags::MANAGED_BY, "them".into())],
            AccountState::Active,
            |of| matches!(of, Refusal::OtherManager { manager, .. } if manager == "them"),
        ),
        (
            ours("b"),
            AccountState::Active,
            |of| matches!(of, Refusal::OtherKey { key, .. } if key == "b"),
        ),
        (ours("a"), AccountState::Closed, |of| matches!(of, Refusal::Inactive { .. })),
        (vec![], AccountState::Suspended, |of| matches!(of, Refusal::Inactive { .. })),
    ];
    for (carried, state, expected) in rows {
        let cloud = Cloud::new();
        put(&cloud, "100000000001", &email.to_uppercase(), &carried);
        cloud.world().accounts[0].state = state;
        let found = find(&vending(&cloud), &intent("a")).await;
        assert!(
            matches!(&found[..], [Finding::Email(refusal)] if expected(refusal)),
            "{carried:?} {state:?}: {found:?}"
        );
    }
    // Ours under the same key: the create goes on with it, and the quota does not count it twice.
    let cloud = Cloud::new();
    cloud.world().quota = 1;
    put(&cloud, "100000000001", email, &ours("a"));
    assert_eq!(find(&vending(&cloud), &intent("a")).await, []);
}

#[tokio::test]
async fn a_key_and_an_email_are_for_one_block() {
    let cloud = Cloud::new();
    let vending = vending(&cloud);
    assert_eq!(find(&vending, &intent("a")).await, []);
    let again = Intent { email: Some("AWS+A@example.com".into()), ..intent("a") };
    let twice = [
        Finding::KeyTwice { key: "a".into() },
        Finding::EmailTwice { email: "AWS+A@example.com".into() },
    ];
    assert_eq!(find(&vending, &again).await, twice);
    // What is not known yet is nobody's.
    for _ in 0..2 {
        let unknown = Intent { key: None, email: None, ..intent("a") };
        assert_eq!(find(&vending, &unknown).await, []);
    }
}

#[tokio::test]
async fn a_key_is_for_one_account_new_or_imported() {
    let cloud = Cloud::new();
    let vending = vending(&cloud);
    assert_eq!(find(&vending, &intent("a")).await, []);
    let imported = |key: &str| Intent {
        account_id: Some("100000000001".into()),
        key: Some(key.into()),
        ..Intent::default()
    };
    assert_eq!(find(&vending, &imported("b")).await, []);
    for (twice, key) in [(imported("a"), "a"), (imported("b"), "b"), (intent("b"), "b")] {
        let found = find(&vending, &twice).await;
        assert!(found.contains(&Finding::KeyTwice { key: key.into() }), "{found:?}");
    }
}

#[tokio::test]
async fn a_new_email_that_another_account_has_is_told() {
    let cloud = Cloud::new();
    put(&cloud, "100000000001", "one@example.com", &[]);
    put(&cloud, "100000000002", "two@example.com", &[]);
    let vending = vending(&cloud);
    let change = |email: &str| Intent {
        account_id: Some("100000000001".into()),
        email: Some(email.into()),
        ..Intent::default()
    };
    for free in ["three@example.com", "One@example.com"] {
        assert_eq!(find(&vending, &change(free)).await, [], "{free}");
    }
    let taken = Finding::EmailTaken { email: "TWO@example.com".into(), by: "100000000002".into() };
    assert_eq!(find(&vending, &change("TWO@example.com")).await, [taken]);
    assert_eq!(cloud.world().calls, ["ListAccounts"], "one sweep for all");
}

#[tokio::test]
async fn room_is_looked_for_wherever_a_policy_would_be_attached() {
    const ID: &str = "100000000001";
    const POLICY: &str = "p-quarantine";
    let quarantine = Parent::Path(vec!["Workloads".into(), "Prod".into()]);
    let config = Config {
        managed_by: "us".into(),
        quarantine: Some(Quarantine { parent: quarantine, policy_id: Some(POLICY.into()) }),
        bootstrap_role_names: vec!["OrganizationAccountAccessRole".into()],
        ..Config::default()
    };
    let mut contract = crate::aws::testing::scenarios::job("a").request.contract;
    contract.controls.insert("organization-policies".into(), ControlMode::Own);
    let profile = Guard::Profile(Box::new(contract), Parent::Id(ROOT.into()));
    for (by, policies) in [(profile, 0..=8), (Guard::Quarantine, 1..=1)] {
        let intent = Intent {
            account_id: Some(ID.into()),
            guarded: Some(Guarded { asked_by: "parent", by }),
            ..Intent::default()
        };
        let cloud = Cloud::new();
        cloud.world().policy.content = "{}".into();
        cloud.world().attached = 10;
        let vending = Vending::with_ports(config.clone(), cloud.ports());
        let found = find(&vending, &intent).await;
        let [Finding::Headroom { asked_by: "parent", attached: 10, more, most: 10, .. }] =
            found[..]
        else {
            panic!("{found:?}")
        };
        assert!(more > 0 && policies.contains(&more), "{more}");
        cloud.world().attached = 10 - more;
        assert_eq!(find(&vending, &intent).await, []);
    }

    // What binds the account from above, or already, needs no room, and no look at the account.
    let freeze = Intent {
        account_id: Some(ID.into()),
        guarded: Some(Guarded { asked_by: "lifecycle_state", by: Guard::Quarantine }),
        ..Intent::default()
    };
    for target in [ID, PROD, ROOT] {
        let cloud = Cloud::new();
        cloud.world().attached = 10;
        cloud.world().policy.targets.insert(POLICY.into(), [target.to_owned()].into());
        let vending = Vending::with_ports(config.clone(), cloud.ports());
        assert_eq!(find(&vending, &freeze).await, [], "{target}");
        assert_eq!(cloud.count("ListPoliciesForTarget"), 0);
    }
}

#[tokio::test]
async fn everything_is_told_at_once() {
    let cloud = Cloud::new();
    {
        let mut world = cloud.world();
        world.quota = 0;
        world.feature_set = "CONSOLIDATED_BILLING";
        world.tag_policy = Some(
            r#"{"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["200"],"enforced_for":["organizations:account"]}}}"#,
        );
    }
    let lost = Intent { parent: Some(Parent::Path(vec!["Wrokloads".into()])), ..intent("a") };
    let found = find(&vending(&cloud), &lost).await;
    let nearest = |of: &Refusal| matches!(of, Refusal::NoSuchParent { nearest, .. } if nearest == &["Workloads"]);
    assert!(
        matches!(
            &found[..],
            [
                Finding::Features { .. },
                Finding::Quota(_),
                Finding::Parent(parent),
                Finding::TagPolicy(_),
            ] if nearest(parent)
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_parent_that_this_plan_makes_is_no_mistake() {
    let cloud = Cloud::new();
    let vending = vending(&cloud);
    let under = |names: &[&str]| Intent {
        parent: Some(Parent::Path(names.iter().map(|of| (*of).to_owned()).collect())),
        ..Intent::default()
    };
    assert_eq!(find(&vending, &under(&["Workloads", "New"])).await.len(), 1);
    vending.plan_unit("New");
    assert_eq!(find(&vending, &under(&["Workloads", "New"])).await, []);
    assert_eq!(find(&vending, &under(&["Workloads", "Old"])).await.len(), 1);
    let root = Intent { parent: Some(Parent::Id(ROOT.into())), ..Intent::default() };
    assert_eq!(find(&vending, &root).await, []);
    let nowhere = Intent { parent: Some(Parent::Id("ou-ab12-nowhere0".into())), ..root };
    assert!(matches!(
        &find(&vending, &nowhere).await[..],
        [Finding::Parent(Refusal::NoSuchObject { .. })]
    ));
}

#[tokio::test]
async fn what_may_not_be_read_is_said_once_and_stops_nothing() {
    let cloud = Cloud::new();
    let denied = Fault::Before(Kind::Denied, "AccessDeniedException");
    for call in [
        "ListAccounts",
        "DescribeOrganization",
        "GetServiceQuota",
        "DescribeEffectivePolicy",
        "ListRoots",
    ] {
        cloud.fault(call, denied.clone());
    }
    let vending = vending(&cloud);
    let found = find(&vending, &intent("a")).await;
    let checks: Vec<&str> = found
        .iter()
        .map(|of| match of {
            Finding::Unchecked { check, .. } => *check,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        checks,
        [
            "which features the organization has",
            "whether the email is taken",
            "the account quota",
            "whether the parent exists",
            "whether a tag policy refuses the tags",
        ]
    );
    assert_eq!(find(&vending, &intent("b")).await, []);
    for call in ["ListAccounts", "GetServiceQuota", "DescribeEffectivePolicy"] {
        assert_eq!(cloud.count(call), 1, "{call} is not asked again");
    }
}

#[tokio::test]
async fn what_an_apply_has_just_made_is_not_in_its_own_way() {
    let cloud = Cloud::new();
    cloud.world().quota = 2;
    let vending = vending(&cloud);
    assert_eq!(find(&vending, &intent("a")).await, []);
    let job = crate::aws::testing::scenarios::job("a");
    let limit = Duration::from_secs(30 * 60);
    vending.vend(&job, limit, &CancellationToken::new()).await.unwrap();
    assert_eq!(find(&vending, &intent("b")).await, []);
    assert!(matches!(&find(&vending, &intent("c")).await[..], [Finding::Quota(_)]));
}

#[tokio::test]
async fn what_control_tower_would_not_do_is_told_once_it_can_be_known() {
    let cloud = Cloud::new();
    cloud.with_landing_zone(60);
    let vending = vending(&cloud);
    assert_eq!(find(&vending, &intent("a")).await, []);
    let onboarding = Parent::Id("ou-ab12-work0000".into());
    let by = |key: &str| Intent {
        enters: vec![("onboarding_parent", onboarding.clone()), intent(key).enters.remove(0)],
        ..intent(key)
    };
    let found = find(&vending, &by("b")).await;
    let [Finding::Ungoverned(first)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((first.asked_by, first.why), ("onboarding_parent", Hindrance::NotRegistered));
    assert_eq!(first.unit, "ou-ab12-work0000");
    for once in ["ListLandingZones", "GetLandingZone", "ListBaselines", "ListEnabledBaselines"] {
        assert_eq!(cloud.count(once), 1, "{once}: for all accounts of a plan");
    }

    cloud.world().tower().enrols = false;
    let vending = vending.afresh();
    let found = find(&vending, &intent("a")).await;
    let [Finding::Ungoverned(first)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((first.asked_by, first.unit.as_str()), ("parent", PROD));
    assert_eq!(first.why, Hindrance::NobodyEnrols { too_old: false });
    // What moves nowhere needs nobody to enrol it, nor does an account that is there.
    assert_eq!(find(&vending, &Intent { enters: Vec::new(), ..intent("b") }).await, []);
    let own = ours("c");
    let own: Vec<(&str, &str)> = own.iter().map(|(key, value)| (*key, value.as_str())).collect();
    cloud.put_account("111122223333", "aws+c@example.com", &own);
    cloud.world().parents.insert("111122223333".into(), PROD.into());
    assert_eq!(find(&vending.afresh(), &intent("c")).await, []);

    // What cannot be read is no obstacle.
    cloud.fault("GetLandingZone", Fault::Before(Kind::Denied, "AccessDeniedException"));
    let found = find(&vending.afresh(), &intent("d")).await;
    assert!(matches!(&found[..], [Finding::Unchecked { .. }]), "{found:?}");

    // Nor is it one that nobody can see it from here, and that is told.
    cloud.world().callers.0 = "111111111111".into();
    cloud.world().lets_in = true;
    cloud.world().tower = None;
    let found = find(&vending.afresh(), &intent("e")).await;
    let [Finding::Unchecked { error, .. }] = &found[..] else { panic!("{found:?}") };
    assert!(error.message.contains("answers only the management account"), "{error}");
}
