//! Whole rounds over an account in memory.

use std::collections::BTreeSet;

use fleet_model::readiness::Verdict;
use fleet_model::tags;

use super::super::testing::{ACCOUNT, Example, Fake, World};
use super::super::{ACCESS_ROLES, VendingRoles, regions, release};
use super::*;
use crate::aws::api::member::{OidcProvider, RegionStatus, Tags};
use crate::error::Kind;
use crate::memory::Before;

/// A new account: nothing but regions, one of them to be opted in to.
fn new_account() -> World {
    World {
        regions: [
            ("ap-northeast-1", RegionStatus::EnabledByDefault),
            ("ap-southeast-3", RegionStatus::Disabled),
            ("eu-west-1", RegionStatus::EnabledByDefault),
        ]
        .map(|(name, status)| (name.to_owned(), status))
        .into(),
        policies_enabled: true,
        ..World::default()
    }
}

fn owning_policies() -> Example {
    let mut example = Example::new();
    example.contract.controls.insert(ORGANIZATION_POLICIES.into(), ControlMode::Own);
    example
}

fn verdicts(report: &Report) -> BTreeMap<String, Verdict> {
    report.readiness.checks.iter().map(|(key, check)| (key.clone(), check.verdict)).collect()
}

async fn enable_regions(fake: &Fake) {
    let mut world = fake.0.lock().unwrap();
    for status in world.regions.values_mut() {
        if *status == RegionStatus::Enabling {
            *status = RegionStatus::Enabled;
        }
    }
}

#[tokio::test]
async fn a_new_account_becomes_ready_and_stays_as_it_is() {
    let example = owning_policies();
    let fake = Fake::new(new_account());
    let first = repair(&fake.ports(), &example.scope()).await;
    assert_eq!(first.problems, []);
    assert_eq!(
        verdicts(&first),
        BTreeMap::from([
            ("access-roles".to_owned(), Verdict::Pass),
            ("oidc-trust".to_owned(), Verdict::Pass),
            ("organization-policies".to_owned(), Verdict::Pass),
            ("password-policy".to_owned(), Verdict::Pass),
            ("regions/ap-northeast-1".to_owned(), Verdict::Pass),
            ("regions/ap-southeast-3".to_owned(), Verdict::Fail),
        ])
    );
    assert!(!first.work.is_empty() && !first.readiness.ready());
    assert_eq!(
        first.before,
        Memory {
            password_policy: Some(Before::Nothing),
            regions: BTreeSet::from(["ap-southeast-3".to_owned()]),
            ..Memory::default()
        }
    );

    enable_regions(&fake).await;
    let writes = fake.writes().len();
    let second = repair(&fake.ports(), &example.scope()).await;
    assert!(second.readiness.ready(), "{:?}", second.readiness);
    assert!(second.work.is_empty() && second.before.is_empty());
    assert_eq!(fake.writes().len(), writes, "nothing left to change");

    let third = evaluate(&fake.ports(), &example.scope()).await;
    assert_eq!(third.readiness, second.readiness);
    assert_eq!(third.readiness.digest(), second.readiness.digest());
}

#[tokio::test]
async fn providers_come_before_roles_and_the_boundary_before_both() {
    let example = Example::new();
    let fake = Fake::new(new_account());
    repair(&fake.ports(), &example.scope()).await;
    let writes = fake.writes();
    let at = |start: &str| writes.iter().position(|call| call.starts_with(start)).unwrap();
    assert!(at("iam:CreateOpenIDConnectProvider") < at("iam:CreateRole"));
    assert!(at("iam:CreatePolicy fleet-boundary") < at("iam:CreateRole"));
    assert!(at("iam:CreateRole fleet-plan") < at("iam:AttachRolePolicy fleet-plan"));
}

#[tokio::test]
async fn evaluate_never_writes() {
    let example = owning_policies();
    let fake = Fake::new(new_account());
    let report = evaluate(&fake.ports(), &example.scope()).await;
    assert!(!report.work.is_empty() && !report.readiness.ready());
    assert_eq!(fake.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn only_verified_controls_that_fail_are_no_work() {
    let mut example = owning_policies();
    let fake = Fake::new(new_account());
    repair(&fake.ports(), &example.scope()).await;
    enable_regions(&fake).await;
    example.contract.controls.insert(PASSWORD_POLICY.into(), ControlMode::Verify);
    fake.0.lock().unwrap().password = None;
    let report = repair(&fake.ports(), &example.scope()).await;
    assert_eq!(report.readiness.checks["password-policy"].verdict, Verdict::Fail);
    assert!(report.work.is_empty() && !report.readiness.ready());
    assert!(!fake.writes().last().unwrap().contains("PasswordPolicy"));
}

#[tokio::test]
async fn what_was_changed_behind_our_back_is_seen_and_repaired() {
    let example = owning_policies();
    let fake = Fake::new(new_account());
    repair(&fake.ports(), &example.scope()).await;
    enable_regions(&fake).await;
    let whole = fake.0.lock().unwrap().clone();

    type Damage = fn(&mut World);
    let damages: [(&str, Damage); 5] = [
        ("password-policy", |world| world.password = None),
        ("access-roles", |world| {
            world.identities.roles.remove("fleet-plan");
        }),
        ("access-roles", |world| {
            world.identities.roles.get_mut("fleet-apply").unwrap().boundary = None;
        }),
        ("oidc-trust", |world| world.providers.clear()),
        ("organization-policies", |world| {
            for (policy, _) in world.policies.values_mut() {
                policy.targets.clear();
            }
        }),
    ];
    for (control, damage) in damages {
        *fake.0.lock().unwrap() = whole.clone();
        damage(&mut fake.0.lock().unwrap());
        let seen = evaluate(&fake.ports(), &example.scope()).await;
        assert_eq!(seen.readiness.checks[control].verdict, Verdict::Fail, "{control}");
        assert!(seen.work.contains(control), "{control}");
        let repaired = repair(&fake.ports(), &example.scope()).await;
        assert!(repaired.readiness.ready(), "{control}: {:?}", repaired.readiness);
    }
}

#[tokio::test]
async fn reads_that_lag_writes_are_waited_for() {
    let example = Example::new();
    let fake = Fake::new(World { stale_reads: 3, ..new_account() });
    let report = repair(&fake.ports(), &example.scope()).await;
    assert_eq!(report.readiness.checks["access-roles"].verdict, Verdict::Pass);
}

#[tokio::test]
async fn a_failed_change_is_a_problem_and_stops_what_depends_on_it() {
    let example = Example::new();
    let mut world = new_account();
    world.failing.insert("iam:CreatePolicy", Kind::Denied);
    let fake = Fake::new(world);
    let report = repair(&fake.ports(), &example.scope()).await;
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].control, ACCESS_ROLES);
    assert!(!fake.writes().iter().any(|call| call.starts_with("iam:CreateRole")));
    // The other controls went on.
    assert_eq!(report.readiness.checks["password-policy"].verdict, Verdict::Pass);
}

#[tokio::test]
async fn without_a_session_iam_is_unknown_and_regions_are_known() {
    let example = Example::new();
    let fake = Fake::new(new_account());
    let ports = Ports { member: None, ..fake.ports() };
    let report = repair(&ports, &example.scope()).await;
    for control in ["access-roles", "oidc-trust", "password-policy"] {
        assert_eq!(report.readiness.checks[control].verdict, Verdict::Unknown, "{control}");
    }
    assert_eq!(report.readiness.checks["regions/ap-northeast-1"].verdict, Verdict::Pass);
    assert!(!fake.writes().iter().any(|call| call.starts_with("iam:")));
}

#[tokio::test]
async fn a_read_that_fails_is_unknown_and_changes_nothing() {
    let example = Example::new();
    for (call, control) in [
        ("iam:GetAccountAuthorizationDetails", "access-roles"),
        ("iam:GetOpenIDConnectProvider", "oidc-trust"),
        ("iam:GetAccountPasswordPolicy", "password-policy"),
        ("account:ListRegions", "regions/ap-southeast-3"),
        ("organizations:ListRoots", "organization-policies"),
    ] {
        let mut world = new_account();
        world.failing.insert(call, Kind::Unexpected);
        let fake = Fake::new(world);
        let report = repair(&fake.ports(), &example.scope()).await;
        let check = &report.readiness.checks[control];
        assert_eq!(check.verdict, Verdict::Unknown, "{call}");
        assert!(!format!("{check:?}").contains("4711"), "{call}");
    }
}

#[tokio::test]
async fn regions_are_asked_for_as_the_account_where_the_outside_may_not() {
    let example = Example::new();
    let mut world = new_account();
    world.failing.insert("account:outside", Kind::Denied);
    let fake = Fake::new(world);
    let (ports, scope) = (fake.ports(), example.scope());
    let statuses = regions::observe(&ports, &scope).await.unwrap();
    let opt_ins = regions::request_opt_ins(&ports, &scope, statuses).await;
    assert_eq!(opt_ins.sent, ["ap-southeast-3"]);
    assert!(opt_ins.requested);
    assert_eq!(fake.0.lock().unwrap().regions["ap-southeast-3"], RegionStatus::Enabling);
}

#[tokio::test]
async fn ignored_controls_cost_no_call() {
    let mut example = Example::new();
    for control in crate::aws::controls::names() {
        example.contract.controls.insert(control.to_owned(), ControlMode::Ignore);
    }
    let fake = Fake::new(new_account());
    let report = repair(&fake.ports(), &example.scope()).await;
    assert!(fake.0.lock().unwrap().calls.is_empty());
    assert!(report.readiness.ready());
    assert!(report.readiness.checks.values().all(|c| c.verdict == Verdict::NotApplicable));
}

#[tokio::test]
async fn a_refresh_stays_within_its_budget_of_member_calls() {
    let example = Example::new();
    let fake = Fake::new(new_account());
    repair(&fake.ports(), &example.scope()).await;
    fake.0.lock().unwrap().calls.clear();
    evaluate(&fake.ports(), &example.scope()).await;
    let calls = fake.0.lock().unwrap().calls.clone();
    let iam: Vec<&String> = calls.iter().filter(|call| call.starts_with("iam:")).collect();
    assert_eq!(iam.len(), 3, "{iam:?}");
}

#[tokio::test]
async fn a_release_shuts_what_is_ours_and_nothing_else() {
    let example = Example::new();
    let fake = Fake::new(new_account());
    repair(&fake.ports(), &example.scope()).await;
    let foreign =
        OidcProvider { arn: "arn:foreign".into(), tags: Tags::new(), ..OidcProvider::default() };
    {
        let mut world = fake.0.lock().unwrap();
        world.providers.insert(foreign.arn.clone(), foreign);
        world.identities.roles.get_mut("fleet-read-only").unwrap().tags.clear();
    }
    let released = release(&fake, &fake, &example.scope(), false).await.unwrap();
    assert_eq!(released.locked_roles, ["fleet-apply", "fleet-plan"]);
    assert_eq!(released.removed_providers.len(), 1);
    {
        let world = fake.0.lock().unwrap();
        assert_eq!(world.providers.keys().collect::<Vec<_>>(), ["arn:foreign"]);
        let trust = &world.identities.roles["fleet-apply"].trust;
        assert!(!trust.contains("Allow") && trust.contains(ACCOUNT), "{trust}");
    }
    let again = release(&fake, &fake, &example.scope(), false).await.unwrap();
    assert_eq!(again, super::super::Released::default());
}

#[tokio::test]
async fn a_release_shuts_the_roles_of_vending_s_own_but_not_the_one_that_does_it() {
    let mut example = Example::new();
    example.vending =
        VendingRoles { works_from: ACCOUNT, manage: Some("vending"), read: Some("vending-plan") };
    let fake = Fake::new(new_account());
    repair(&fake.ports(), &example.scope()).await;
    let access = ["fleet-apply", "fleet-plan", "fleet-read-only"];
    let by_itself = release(&fake, &fake, &example.scope(), true).await.unwrap();
    assert_eq!(by_itself.locked_roles, [&access[..], &["vending-plan"]].concat());
    assert_eq!(by_itself.open_role.as_deref(), Some("vending"));
    let by_another = release(&fake, &fake, &example.scope(), false).await.unwrap();
    assert_eq!(by_another.locked_roles, ["vending"]);
    assert_eq!(by_another.open_role, None);

    // Back in use all of them are open again.
    let mended = repair(&fake.ports(), &example.scope()).await;
    assert_eq!(mended.problems, []);
    assert!(fake.0.lock().unwrap().identities.roles["vending"].trust.contains("Allow"));
}

/// What the apply cannot change it does not promise to: who holds it has to act.
#[tokio::test]
async fn what_another_manager_holds_is_no_work() {
    type Taken = fn(&mut World);
    let theirs = || Tags::from([(tags::MANAGED_BY.to_owned(), "other".to_owned())]);
    let takes: [(&str, Taken); 3] = [
        ("access-roles", |world| {
            let boundary = world.identities.policies.get_mut("fleet-boundary").unwrap();
            (boundary.document, boundary.tags) = ("{}".into(), Tags::new());
        }),
        ("access-roles", |world| {
            let role = world.identities.roles.get_mut("fleet-plan").unwrap();
            (role.boundary, role.tags) = (None, Tags::new());
        }),
        ("oidc-trust", |world| {
            let role = world.identities.roles.get_mut("fleet-apply").unwrap();
            (role.trust, role.tags) = ("{}".into(), Tags::new());
        }),
    ];
    let example = owning_policies();
    for (control, take) in takes {
        for held in [Tags::new(), theirs()] {
            let fake = Fake::new(new_account());
            repair(&fake.ports(), &example.scope()).await;
            enable_regions(&fake).await;
            {
                let mut world = fake.0.lock().unwrap();
                take(&mut world);
                let roles = world.identities.roles.values_mut().map(|of| &mut of.tags);
                roles.filter(|of| of.is_empty()).for_each(|of| of.clone_from(&held));
            }
            let writes = fake.writes().len();
            let seen = evaluate(&fake.ports(), &example.scope()).await;
            let check = &seen.readiness.checks[control];
            assert_eq!(check.verdict, Verdict::Fail, "{control}");
            assert!(
                check.what_to_do.contains("Nothing of another manager is changed"),
                "{check:?}"
            );
            assert!(seen.work.is_empty(), "{control}: {:?}", seen.work);
            let applied = repair(&fake.ports(), &example.scope()).await;
            assert!(applied.work.is_empty() && applied.problems.is_empty(), "{control}");
            assert_eq!(fake.writes().len(), writes, "{control}");
        }
    }
}

/// A boundary of somebody else's bounds nothing: a role of ours under it is not opened to anybody.
#[tokio::test]
async fn no_role_is_opened_under_a_boundary_of_somebody_else() {
    let example = Example::new();
    let fake = Fake::new(new_account());
    repair(&fake.ports(), &example.scope()).await;
    enable_regions(&fake).await;
    {
        let mut world = fake.0.lock().unwrap();
        world.identities.roles.get_mut("fleet-apply").unwrap().trust = "{}".into();
        let boundary = world.identities.policies.get_mut("fleet-boundary").unwrap();
        (boundary.document, boundary.tags) = ("{}".into(), Tags::new());
    }
    let report = repair(&fake.ports(), &example.scope()).await;
    assert_eq!(fake.0.lock().unwrap().identities.roles["fleet-apply"].trust, "{}");
    assert_eq!(report.readiness.checks["oidc-trust"].verdict, Verdict::Fail);
    assert!(report.work.is_empty(), "{:?}", report.work);
    let todo = &report.readiness.checks["oidc-trust"].what_to_do;
    assert!(todo.contains("do what the check `access-roles` says"), "{todo}");
}
