//! Organizational units against the simulated cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_model::tags;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::{Claims, Origin, Unit, UnitJob, as_tag_value};
use crate::Vending;
use crate::aws::testing::simulation::{Cloud, Fault, PROD, ROOT};
use crate::config::Config;
use crate::error::Kind;
use crate::refusal::Refusal;
use crate::request::Adopt;
use crate::unit_path::Parent;

const LIMIT: Duration = Duration::from_secs(10 * 60);
const WORKLOADS: &str = "ou-ab12-work0000";

struct Desk {
    engine: Vending,
    claims: Claims,
    cancel: CancellationToken,
}

impl Desk {
    fn new(cloud: &Cloud, managed_by: &str) -> Self {
        let config = Config { managed_by: managed_by.to_owned(), ..Config::default() };
        let engine = Vending::with_ports(config, cloud.ports());
        Self { engine, claims: Claims::default(), cancel: CancellationToken::new() }
    }

    async fn create(&self, job: &UnitJob) -> Result<Unit, Refusal> {
        self.create_from(job).await.map(|(unit, _)| unit)
    }

    /// Also says whether it was there.
    async fn create_from(&self, job: &UnitJob) -> Result<(Unit, Origin), Refusal> {
        self.engine.create_unit(job, &self.claims, LIMIT, &self.cancel).await
    }

    async fn update(&self, id: &str, job: &UnitJob) -> Result<Unit, Refusal> {
        self.engine.update_unit(id, job, LIMIT, &self.cancel).await
    }

    async fn look(&self, id: &str) -> Option<Unit> {
        self.engine.look_at_unit(&Parent::Id(id.to_owned()), LIMIT, &self.cancel).await.unwrap()
    }
}

fn unit(name: &str) -> UnitJob {
    UnitJob {
        name: name.to_owned(),
        parent: None,
        tags: BTreeMap::new(),
        tags_set_before: BTreeSet::new(),
        adopt: Adopt::No,
    }
}

fn adopting(name: &str, adopt: Adopt) -> UnitJob {
    UnitJob { adopt, ..unit(name) }
}

fn map(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn named(cloud: &Cloud, name: &str) -> usize {
    cloud.world().units.iter().filter(|(_, unit)| unit.name == name).count()
}

#[tokio::test]
async fn a_unit_is_made_once_found_again_and_never_taken_from_another() {
    let cloud = Cloud::new();
    let them = Desk::new(&cloud, "them");
    let made = Desk::new(&cloud, "us").create(&unit("Sandbox")).await.unwrap();
    assert_eq!(made.path, "Sandbox");
    let us = Desk::new(&cloud, "us");
    let again = us.create_from(&unit("Sandbox")).await.unwrap();
    assert_eq!(again, (made.clone(), Origin::Found), "a state that was lost");
    let new = us.create_from(&unit("New")).await.unwrap();
    assert_eq!(new.1, Origin::Made);
    assert_eq!(us.look(&made.id).await, Some(made.clone()));
    let refused = them.create(&adopting("Sandbox", Adopt::Any)).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { manager, .. }) if manager == "us"));

    let renamed = us.update(&made.id, &unit("Lab")).await.unwrap();
    assert_eq!((renamed.path.as_str(), renamed.tags == made.tags), ("Lab", true));
    let refused = Desk::new(&cloud, "us").create(&unit("Lab")).await;
    assert!(matches!(refused, Err(Refusal::OtherKey { key, .. }) if key == "Sandbox"));
    let refused = them.engine.delete_unit(&made.id, LIMIT, &them.cancel).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { .. })));
    let refused = them.update(&made.id, &adopting("Lab", Adopt::Any)).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { .. })));
    assert_eq!(us.engine.delete_unit(&made.id, LIMIT, &us.cancel).await.unwrap(), None);
    assert_eq!(us.look(&made.id).await, None);
}

/// What becomes of a unit that is let go is known before it is, and the look changes nothing.
#[tokio::test]
async fn what_is_left_of_a_unit_is_known_before_it_is_let_go() {
    let cloud = Cloud::new();
    let (us, them) = (Desk::new(&cloud, "us"), Desk::new(&cloud, "them"));
    let outer = us.create(&unit("Outer")).await.unwrap();
    let leaves = async |desk: &Desk| desk.engine.farewell_of_unit(&outer.id, &desk.cancel).await;
    let calls = |cloud: &Cloud| {
        ["TagResource", "UntagResource", "DeleteOrganizationalUnit"].map(|call| cloud.count(call))
    };
    let before = calls(&cloud);
    assert_eq!(leaves(&us).await, Ok(None));
    let job = UnitJob { parent: Some(Parent::Id(outer.id.clone())), ..unit("Inner") };
    us.create(&job).await.unwrap();
    let left = leaves(&us).await.unwrap().unwrap();
    assert!(left.inside.len() == 1 && left.inside[0].contains("Inner"), "{left:?}");
    let refused = leaves(&them).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { manager, .. }) if manager == "us"));
    assert_eq!(calls(&cloud), before);
    let released = us.engine.delete_unit(&outer.id, LIMIT, &us.cancel).await.unwrap();
    assert_eq!(released.map(|of| of.inside), Some(left.inside));
    // Nobody's by now: it is left as it is.
    let left = leaves(&us).await.unwrap().unwrap();
    assert_eq!(left.inside, Vec::<String>::new());
}

#[tokio::test]
async fn a_crash_at_any_call_leaves_one_unit_and_the_next_apply_finishes_it() {
    for (with_effect, job) in [
        (false, unit("Sandbox")),
        (true, unit("Sandbox")),
        (false, adopting("Workloads", Adopt::Any)),
        (true, adopting("Workloads", Adopt::Any)),
    ] {
        for at in 1.. {
            let cloud = Cloud::new();
            cloud.world().crash = Some((at, with_effect));
            let us = Desk::new(&cloud, "us");
            if cloud.until_crash(Box::pin(us.create(&job))).await.is_some() {
                assert!(at > 4, "the run made only {at} calls");
                break;
            }
            let unit = Desk::new(&cloud, "us").create(&job).await.unwrap();
            assert_eq!(unit.tags[tags::MANAGED_BY], "us", "crash at call {at}");
            assert_eq!(named(&cloud, &job.name), 1, "crash at call {at}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_and_another_run_lead_back_to_the_one_unit() {
    let cloud = Cloud::new();
    cloud.fault(
        "CreateOrganizationalUnit",
        Fault::Before(Kind::AlreadyExists, "DuplicateOrganizationalUnitException"),
    );
    let us = Desk::new(&cloud, "us");
    us.create(&unit("Sandbox")).await.unwrap();
    assert_eq!((named(&cloud, "Sandbox"), cloud.count("CreateOrganizationalUnit")), (1, 2));

    // A name that is taken and never shows is said to be so, in bounded time.
    for _ in 0..10 {
        let code = "DuplicateOrganizationalUnitException";
        cloud.fault("CreateOrganizationalUnit", Fault::Before(Kind::AlreadyExists, code));
    }
    let refused = us.create(&unit("workloads")).await;
    let Err(Refusal::NameTaken { by, .. }) = refused else { panic!("{refused:?}") };
    assert!(by.contains("(Workloads)"), "{by}");
}

#[tokio::test]
async fn siblings_made_at_once_are_made_once_each_and_no_two_blocks_share_one() {
    let cloud = Cloud::new();
    let us = Desk::new(&cloud, "us");
    let jobs: Vec<UnitJob> = (0..20).map(|n| unit(&format!("Team {}", n % 19))).collect();
    let made = join_all(jobs.iter().map(|job| us.create(job))).await;
    let refused: Vec<_> = made.iter().filter_map(|made| made.as_ref().err()).collect();
    assert!(matches!(refused.as_slice(), [Refusal::HeldTwice { .. }]), "{refused:?}");
    for n in 0..19 {
        assert_eq!(named(&cloud, &format!("Team {n}")), 1);
    }
}

#[tokio::test]
async fn a_unit_of_nobody_is_taken_over_only_on_request() {
    let cloud = Cloud::new();
    cloud.world().tags.insert(WORKLOADS.into(), map(&[("foreign", "1")]));
    let us = Desk::new(&cloud, "us");
    let job = UnitJob {
        tags: map(&[("tier", "prod"), ("foreign", "1")]),
        ..adopting("Workloads", Adopt::Any)
    };
    let refused = us.create(&UnitJob { adopt: Adopt::No, ..job.clone() }).await;
    assert!(matches!(refused, Err(Refusal::Unmanaged { released_from: None, .. })));

    let report = us.engine.adoptable_unit(&job, &us.cancel).await.unwrap().unwrap();
    assert_eq!((report.unit.id.as_str(), report.unit.path.as_str()), (WORKLOADS, "Workloads"));
    assert_eq!(report.tags, map(&[("tier", "prod")]), "what would be written");
    assert_eq!(cloud.world().tags[WORKLOADS], map(&[("foreign", "1")]), "a plan writes nothing");

    // The plan named it: another one by now, or none, is no reason to take or make anything.
    let other = UnitJob { adopt: Adopt::This("ou-ab12-other000".into()), ..job.clone() };
    let refused = us.create(&other).await;
    assert!(
        matches!(refused, Err(Refusal::NotAsPlanned { found: Some(id), .. }) if id == WORKLOADS)
    );
    let refused = us.create(&UnitJob { name: "Gone".into(), ..other }).await;
    assert!(matches!(refused, Err(Refusal::NotAsPlanned { found: None, .. })));
    assert_eq!(cloud.count("CreateOrganizationalUnit"), 0);

    let named = UnitJob { adopt: Adopt::This(WORKLOADS.into()), ..job.clone() };
    let taken = us.create(&named).await.unwrap();
    assert_eq!((taken.id.as_str(), taken.tags["foreign"].as_str()), (WORKLOADS, "1"));
    assert_eq!((&*taken.tags[tags::MANAGED_BY], &*taken.tags["tier"]), ("us", "prod"));
    let found = us.engine.adoptable_unit(&job, &us.cancel).await.unwrap().unwrap();
    assert!(found.is_ours && found.unit.id == WORKLOADS, "it is ours now: {found:?}");
    let them = Desk::new(&cloud, "them");
    let refused = them.engine.adoptable_unit(&job, &them.cancel).await;
    assert!(matches!(refused, Err(Refusal::OtherManager { .. })));
}

#[tokio::test]
async fn a_parent_that_nobody_makes_is_told_before_the_apply() {
    let cloud = Cloud::new();
    let us = Desk::new(&cloud, "us");
    let under = |parent: Parent| UnitJob { parent: Some(parent), ..adopting("New", Adopt::No) };
    let path = |name: &str| Parent::Path(vec![name.to_owned()]);
    let look = |job: UnitJob| {
        let us = &us;
        async move { us.engine.adoptable_unit(&job, &us.cancel).await }
    };
    let refused = look(under(path("Nope"))).await;
    assert!(matches!(refused, Err(Refusal::NoSuchParent { .. })), "{refused:?}");
    let refused = look(under(Parent::Id("ou-zz12-cd34ef56".into()))).await;
    assert!(matches!(refused, Err(Refusal::NoSuchObject { .. })), "{refused:?}");
    us.engine.plan_unit("Nope");
    assert_eq!(look(under(path("Nope"))).await, Ok(None));
    assert_eq!(look(under(path("Workloads"))).await, Ok(None));
}

#[tokio::test]
async fn a_released_unit_is_taken_over_like_any_other() {
    let cloud = Cloud::new();
    let us = Desk::new(&cloud, "us");
    let made = us.create(&unit("Sandbox")).await.unwrap();
    cloud.put_account("555555555555", "x@example.com", &[]);
    cloud.world().parents.insert("555555555555".into(), made.id.clone());
    let inner = (made.id.clone(), cloud.world().units[0].1.clone());
    cloud.world().units.push(inner);
    let released = us.engine.delete_unit(&made.id, LIMIT, &us.cancel).await.unwrap().unwrap();
    assert_eq!(
        released.inside,
        [
            "organizational unit ou-ab12-work0000 (Workloads)",
            "account 555555555555 (name-555555555555)"
        ]
    );
    assert_eq!(cloud.world().tags[&made.id], map(&[(tags::RELEASED_FROM, "us")]));

    let them = Desk::new(&cloud, "them");
    let refused = them.create(&unit("Sandbox")).await;
    assert!(
        matches!(refused, Err(Refusal::Unmanaged { released_from: Some(us), .. }) if us == "us")
    );
    let refused = them.update(&made.id, &unit("Sandbox")).await;
    assert!(matches!(refused, Err(Refusal::Unmanaged { .. })), "imported, not taken over");
    let taken = them.update(&made.id, &adopting("Sandbox", Adopt::Any)).await.unwrap();
    assert_eq!(taken.tags[tags::MANAGED_BY], "them");
    assert!(!taken.tags.contains_key(tags::RELEASED_FROM));
    assert!(!cloud.world().tags[&made.id].contains_key(tags::RELEASED_FROM));
}

#[tokio::test]
async fn a_unit_that_nobody_manages_is_not_destroyed() {
    let cloud = Cloud::new();
    let us = Desk::new(&cloud, "us");
    let left = us.engine.delete_unit(PROD, LIMIT, &us.cancel).await.unwrap().unwrap();
    assert_eq!((left.unit.path.as_str(), left.inside.len()), ("Workloads/Prod", 0));
    assert_eq!((named(&cloud, "Prod"), cloud.count("TagResource")), (1, 0));
}

#[tokio::test]
async fn a_unit_that_fills_up_meanwhile_is_looked_into_again() {
    let cloud = Cloud::new();
    let us = Desk::new(&cloud, "us");
    let made = us.create(&unit("Sandbox")).await.unwrap();
    let code = "OrganizationalUnitNotEmptyException";
    cloud.fault("DeleteOrganizationalUnit", Fault::Before(Kind::Invalid, code));
    assert_eq!(us.engine.delete_unit(&made.id, LIMIT, &us.cancel).await.unwrap(), None);
    assert_eq!((named(&cloud, "Sandbox"), cloud.count("ListAccountsForParent")), (0, 2));
}

#[tokio::test]
async fn a_move_and_a_taken_name_are_refused_with_what_is_there() {
    let cloud = Cloud::new();
    let us = Desk::new(&cloud, "us");
    let below = |name: &str, parent: Parent| UnitJob { parent: Some(parent), ..unit(name) };
    let path = |text: &str| Parent::parse(text).unwrap();
    let made = us.create(&below("Lab", path("Workloads"))).await.unwrap();
    assert_eq!((made.path.as_str(), made.parent_id.as_str()), ("Workloads/Lab", WORKLOADS));
    for same in [path("Workloads"), path(WORKLOADS)] {
        us.update(&made.id, &below("Lab", same)).await.unwrap();
    }
    for (parent, to) in [
        (Some(path(PROD)), PROD),
        (Some(path("Workloads/Prod")), "Workloads/Prod"),
        (None, "the root"),
    ] {
        let refused = us.update(&made.id, &UnitJob { parent, ..unit("Moved") }).await;
        let Err(Refusal::CannotMove { from, to: asked, .. }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!((from.as_str(), asked.as_str()), (WORKLOADS, to));
    }
    let code = "DuplicateOrganizationalUnitException";
    cloud.fault("UpdateOrganizationalUnit", Fault::Before(Kind::AlreadyExists, code));
    let refused = us.update(&made.id, &below("Prod", path("Workloads"))).await;
    assert!(matches!(refused, Err(Refusal::NameTaken { by, .. }) if by.contains(PROD)));
    // Without a change: another unit has the name, nobody has it, and the unit itself has it.
    for (name, taken) in [("Prod", true), ("Moved", false), ("Lab", false)] {
        let checked = us.engine.check_unit_name(&made.id, WORKLOADS, name, &us.cancel).await;
        let by = checked.err().map(|refused| refused.to_string());
        assert_eq!(by.as_ref().is_some_and(|by| by.contains(PROD)), taken, "{name}: {by:?}");
        assert_eq!(by.is_some(), taken, "{name}: {by:?}");
    }
    let parent = us.engine.parent_of_unit(Some(&path("Workloads")), &us.cancel).await;
    assert_eq!(parent.unwrap(), WORKLOADS);
    assert_eq!(us.engine.parent_of_unit(None, &us.cancel).await.unwrap(), ROOT);
    assert_eq!(named(&cloud, "Moved"), 0);
    let found = us.engine.look_at_unit(&path("Workloads/Lab"), LIMIT, &us.cancel).await;
    let root = found.unwrap().unwrap();
    assert_eq!(root, made, "found by its path");
    assert_eq!(
        us.update(&made.id, &unit("Lab"))
            .await
            .err()
            .map(|of| matches!(of, Refusal::CannotMove { .. })),
        Some(true)
    );
    let top = us.create(&unit("Top")).await.unwrap();
    assert_eq!(top.parent_id, ROOT);
    us.update(&top.id, &unit("Top")).await.unwrap();
}

#[test]
fn names_become_tag_values() {
    assert_eq!(as_tag_value("R&D (lab)"), "R_D _lab_");
}

#[test]
fn what_is_above_does_not_depend_on_slashes_in_the_name() {
    let of = |path: &str, name: &str| Unit {
        id: "ou-ab12-00000001".into(),
        arn: String::new(),
        name: name.into(),
        parent_id: ROOT.into(),
        path: path.into(),
        tags: BTreeMap::new(),
    };
    assert_eq!(of("Workloads/Prod", "Prod").above(), Some("Workloads"));
    assert_eq!(of("Workloads/R%2FD", "R/D").above(), Some("Workloads"));
    assert_eq!(of("R%2FD", "R/D").above(), None);
}
