//! Guardrails of more than one configuration in one organization, and what only a person can mend.

use super::*;
use crate::aws::api::member::{ManagedPolicy, Role};
use crate::aws::controls::organization_policies::{News, Text};
use crate::aws::controls::{ACCESS_ROLES, ORGANIZATION_POLICIES};
use crate::aws::preflight::{Finding, Intent};

/// A configuration that leaves out one more role.
fn of(cloud: &Cloud, managed_by: &str, role: Option<&str>) -> Vending {
    let names = ["OrganizationAccountAccessRole"].into_iter().chain(role);
    let config = Config {
        managed_by: managed_by.to_owned(),
        bootstrap_role_names: names.map(str::to_owned).collect(),
        ..Config::default()
    };
    Vending::with_ports(config, cloud.ports())
}

fn owning(key: &str, control: &str) -> AccountJob {
    let mut job = job(key);
    job.request.contract.controls.insert(control.to_owned(), ControlMode::Own);
    job
}

async fn news(vending: &Vending, job: &AccountJob, id: Option<&str>) -> Vec<News> {
    let intent = Intent {
        account_id: id.map(str::to_owned),
        remembered: job.past.memory.clone(),
        keeps: Some((Box::new(job.request.contract.clone()), job.request.parent.clone())),
        ..Intent::default()
    };
    let found = vending.preflight(&intent, &CancellationToken::new()).await;
    let told = found.into_iter().map(|finding| match finding {
        Finding::Guardrails { news, .. } => news,
        other => panic!("{other:?}"),
    });
    told.flatten().collect()
}

#[tokio::test]
async fn configurations_that_leave_out_other_roles_have_guardrails_of_their_own() {
    let cloud = Cloud::new();
    cloud.world().policy.content = "{}".into();
    let cancel = CancellationToken::new();
    let (one, two) = (owning("one", ORGANIZATION_POLICIES), owning("two", ORGANIZATION_POLICIES));
    let first = of(&cloud, "m1", None).vend(&one, LIMIT, &cancel).await.unwrap();
    assert!(first.ready(), "{first:?}");
    let made = cloud.world().guardrails.clone();

    // Said once in a run, by the first account that meets it.
    let planning = of(&cloud, "m2", Some("Ops"));
    let told = news(&planning, &two, None).await;
    assert_eq!(told.len(), made.len(), "{told:?}");
    assert!(told.iter().all(|of| matches!(of, News::Beside { name, manager, own }
        if made.contains_key(name) && manager.as_deref() == Some("m1") && own.starts_with(name))));
    assert_eq!(news(&planning, &owning("three", ORGANIZATION_POLICIES), None).await, []);

    let second = of(&cloud, "m2", Some("Ops")).vend(&two, LIMIT, &cancel).await.unwrap();
    assert!(second.ready(), "{second:?}");
    for name in made.keys() {
        assert_eq!(cloud.world().guardrails[name], made[name]);
        let targets = &cloud.world().policy.targets[&format!("p-{name}")];
        assert_eq!(*targets, BTreeSet::from([first.facts.id.clone()]));
    }
    // Neither finds anything to do any more.
    for (manager, role, job, was) in
        [("m1", None, &one, &first), ("m2", Some("Ops"), &two, &second)]
    {
        let job = goes_on(job, was);
        let looking = of(&cloud, manager, role);
        let seen = looking.look(&job, &was.facts.id, None, LIMIT, &cancel).await.unwrap();
        let seen = seen.found().unwrap();
        assert_eq!((seen.work, seen.readiness), (Vec::new(), was.readiness.clone()));
    }
    // What is asked for no more is taken off, each by who made it.
    let mut job = goes_on(&two, &second);
    job.request.contract.controls.insert(ORGANIZATION_POLICIES.to_owned(), ControlMode::Ignore);
    let vending = of(&cloud, "m2", Some("Ops"));
    vending.update(&job, &second.facts.id, LIMIT, &cancel).await.unwrap();
    let world = cloud.world();
    let bound = |id: &String| world.policy.targets.values().any(|of| of.contains(id));
    assert!(bound(&first.facts.id) && !bound(&second.facts.id));
}

#[tokio::test]
async fn a_plan_says_who_comes_out_of_the_guardrails_of_all_accounts() {
    let cloud = Cloud::new();
    cloud.world().policy.content = "{}".into();
    let cancel = CancellationToken::new();
    let job = owning("one", ORGANIZATION_POLICIES);
    let made = of(&cloud, "m1", None).vend(&job, LIMIT, &cancel).await.unwrap();
    let planning = of(&cloud, "m1", Some("Ops"));
    let told = news(&planning, &job, Some(&made.facts.id)).await;
    let ops = BTreeSet::from(["arn:aws:iam::*:role/Ops".to_owned()]);
    assert!(!told.is_empty());
    assert!(!made.memory.made.texts.is_empty());
    assert!(told.iter().all(|of| matches!(of, News::Rewritten(Text { comes_out, targets, .. })
        if *comes_out == ops && targets.len() == 1)));
    assert_eq!(news(&of(&cloud, "m1", None), &job, Some(&made.facts.id)).await, []);
}

/// Two states with one `managed_by` by mistake: the first keeps its guardrails, and the second writes nothing, however often
/// either is applied.
#[tokio::test]
async fn two_states_of_one_manager_do_not_fight() {
    let cloud = Cloud::new();
    cloud.world().policy.content = "{}".into();
    let cancel = CancellationToken::new();
    let (one, two) = (owning("one", ORGANIZATION_POLICIES), owning("two", ORGANIZATION_POLICIES));
    let first = of(&cloud, "m", None).vend(&one, LIMIT, &cancel).await.unwrap();
    assert!(first.ready(), "{first:?}");
    let made = cloud.world().guardrails.clone();

    let told = news(&of(&cloud, "m", Some("Ops")), &two, None).await;
    // The one about the root user leaves nobody out: it is the same for both.
    let root_user = "p-fleet-prod-restricted-root-user";
    assert_eq!(told.len(), made.len() - 1, "{told:?}");
    let ops = BTreeSet::from(["arn:aws:iam::*:role/Ops".to_owned()]);
    assert!(told.iter().all(|of| matches!(of, News::Held(text)
        if text.comes_out == ops && text.comes_in.is_empty() && text.targets.len() == 1)));

    let mut second = of(&cloud, "m", Some("Ops")).vend(&two, LIMIT, &cancel).await.unwrap();
    assert!(!second.ready(), "{second:?}");
    assert_eq!(second.work, Vec::<String>::new());
    let mut first = first;
    for _ in 0..2 {
        let job = goes_on(&one, &first);
        first = of(&cloud, "m", None).update(&job, &first.facts.id, LIMIT, &cancel).await.unwrap();
        assert!(first.ready(), "{first:?}");
        let job = goes_on(&two, &second);
        let vending = of(&cloud, "m", Some("Ops"));
        second = vending.update(&job, &second.facts.id, LIMIT, &cancel).await.unwrap();
        assert!(!second.ready(), "{second:?}");
        assert_eq!(cloud.world().guardrails, made);
        let world = cloud.world();
        let bound = world.policy.targets.iter().filter(|(_, of)| of.contains(&second.facts.id));
        let bound: Vec<&str> = bound.map(|(id, _)| id.as_str()).collect();
        assert_eq!(bound, [root_user]);
    }

    // The first changes its own: it knows what it wrote.
    let job = goes_on(&one, &first);
    let vending = of(&cloud, "m", Some("Ops"));
    let told = news(&vending, &job, Some(&first.facts.id)).await;
    assert!(matches!(told[..], [News::Rewritten(_), ..]), "{told:?}");
    first = vending.update(&job, &first.facts.id, LIMIT, &cancel).await.unwrap();
    assert!(first.ready(), "{first:?}");
    assert_ne!(cloud.world().guardrails, made);
    // Both want one thing now, and the second has it too.
    let job = goes_on(&two, &second);
    second = vending.update(&job, &second.facts.id, LIMIT, &cancel).await.unwrap();
    assert!(second.ready(), "{second:?}");

    // Both have the policies. The first goes back, and the second has an apply that knows of it: it undoes nothing.
    let job = goes_on(&one, &first);
    first = of(&cloud, "m", None).update(&job, &first.facts.id, LIMIT, &cancel).await.unwrap();
    assert!(first.ready(), "{first:?}");
    let back = cloud.world().guardrails.clone();
    let job = goes_on(&two, &second);
    let vending = of(&cloud, "m", Some("Ops"));
    second = vending.update(&job, &second.facts.id, LIMIT, &cancel).await.unwrap();
    assert!(!second.ready(), "{second:?}");
    assert_eq!(cloud.world().guardrails, back);
    // Nobody else is to have it: the mark goes, and the apply writes what it wants.
    for policy in cloud.world().guardrails.values_mut() {
        policy.tags.remove(tags::TEXT);
    }
    let job = goes_on(&two, &second);
    second = vending.update(&job, &second.facts.id, LIMIT, &cancel).await.unwrap();
    assert!(second.ready(), "{second:?}");
}

/// A role and a boundary that somebody else holds: no second passes over what only a person can mend.
#[tokio::test]
async fn nothing_is_waited_for_that_only_a_person_can_mend() {
    let cloud = Cloud::new();
    let theirs = BTreeMap::from([(tags::MANAGED_BY.to_owned(), "them".to_owned())]);
    {
        let mut world = cloud.world();
        let role = Role { tags: theirs.clone(), ..Role::default() };
        world.roles.insert("fleet-plan".into(), role);
        let policy = ManagedPolicy { document: "{}".into(), ..ManagedPolicy::default() };
        world.managed.insert("fleet-boundary".into(), policy);
    }
    let made = vend(&cloud, &job("payments")).await.unwrap();
    assert!(made.ready(), "{made:?}");
    let job = goes_on(&owning("payments", ACCESS_ROLES), &made);
    for _ in 0..2 {
        let since = cloud.world().now;
        let outcome = update(&cloud, &job, &made.facts.id).await;
        let waited = cloud.world().now - since;
        assert!(!outcome.ready(), "{outcome:?}");
        assert_eq!(waited, 0, "{:?}", outcome.status_reason);
    }
    let seen = look(&cloud, &job, &made.facts.id).await.unwrap();
    assert_eq!(seen.work, Vec::<String>::new());
}
