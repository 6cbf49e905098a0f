//! The process dies at every call of each step of a life that comes after the create, before and after the call's
//! effect: the next run ends with the world that a run has which nobody kills, whether a refresh comes before it or not.
//! The whole world is compared, so nothing is undone that was not ours: beside the account stands one of another manager.
//! So is what the run remembers, so nothing of ours is forgotten.

use std::sync::Mutex;

use fleet_model::contact::{Contact, ContactType, Contacts};
use futures::future::BoxFuture;

use super::found::planned;
pub(super) use super::freeze::{POLICY, QUARANTINE};
use super::*;
use crate::aws::api::member::{PasswordPolicy, Role};
use crate::aws::api::{AccountId, Otp};
use crate::aws::testing::simulation::OTP;
use crate::aws::unit::{Claims, UnitJob};
use crate::config::{BOOTSTRAP_ROLE_NAMES, Quarantine};
use crate::memory::{self, Made};
use crate::request::{AccountRequest, EmailStep, RunIntent};

/// Denies everything to everybody but the role by which we enter.
const SPARING: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}}"#;
pub(super) const BYSTANDER: &str = "777777777777";
const STRANGER: &str = "555555555555";
const NEW_EMAIL: &str = "new@example.com";

/// What a step begins with: the cloud, and what the state says.
struct Start {
    cloud: Cloud,
    job: AccountJob,
    id: String,
    /// What the private state remembers after the step; `None` while no run has come to its end.
    saved: Mutex<Option<Memory>>,
}

/// Everything that a run may change.
#[derive(Debug, PartialEq)]
struct Picture {
    accounts: Vec<(String, String, String, AccountState)>,
    tags: BTreeMap<String, BTreeMap<String, String>>,
    parents: BTreeMap<String, String>,
    units: BTreeSet<(String, String, String)>,
    attached: BTreeMap<String, BTreeSet<String>>,
    passwords: BTreeMap<String, PasswordPolicy>,
    contacts: BTreeMap<(String, ContactType), Contact>,
    pending_emails: BTreeMap<String, String>,
    trusts: BTreeMap<String, String>,
    regions: BTreeSet<(String, String)>,
    memory: Option<Memory>,
}

type Arrange = fn() -> BoxFuture<'static, Start>;
type Step = fn(&Start) -> BoxFuture<'_, ()>;

const STEPS: [(&str, Arrange, Step); 25] = [
    ("freeze", active, freeze),
    ("freeze, without a parent", active_anywhere, freeze),
    ("thaw", frozen, thaw),
    ("thaw, without a parent", frozen_anywhere, thaw),
    ("thaw of what is retired", retired, thaw),
    ("thaw of what is retired, without a parent", retired_anywhere, thaw),
    ("retire", frozen, retire),
    ("retire, without a parent", frozen_anywhere, retire),
    ("freeze under a policy from above", active_bound_above, freeze),
    ("release", retired, release),
    ("close", retired, close),
    ("close, without a parent", retired_anywhere, close),
    ("adopt", stranger, adopt),
    ("contacts", active, contacts),
    ("contacts in place of others", with_others_contacts, contacts),
    ("contacts that go", with_contacts, no_contacts),
    ("rename", active, rename),
    ("regions", active, regions),
    ("an email asked for", active, start_email),
    ("an email confirmed", email_started, accept_email),
    ("a unit made", active, make_unit),
    ("a unit renamed", with_unit, rename_unit),
    ("a unit deleted", with_unit, delete_unit),
    ("a unit let go", with_full_unit, delete_unit),
    ("a unit adopted", active, adopt_unit),
];

// === where a step begins ===

pub(super) fn engine(cloud: &Cloud) -> Vending {
    engine_with(cloud, Parent::Id(QUARANTINE.to_owned()))
}

/// One whose quarantine is named so.
pub(super) fn engine_with(cloud: &Cloud, quarantine: Parent) -> Vending {
    let quarantine = Quarantine { parent: quarantine, policy_id: Some(POLICY.to_owned()) };
    let config = Config {
        managed_by: "us".to_owned(),
        quarantine: Some(quarantine),
        bootstrap_role_names: BOOTSTRAP_ROLE_NAMES.map(str::to_owned).to_vec(),
        ..Config::default()
    };
    Vending::with_ports(config, cloud.ports())
}

fn contact(name: &str) -> Contact {
    Contact {
        name: name.to_owned(),
        title: "On call".to_owned(),
        email: format!("{name}@example.com"),
        phone_number: "+65 1234".to_owned(),
    }
}

/// Another manager's account, with what could be taken for ours.
pub(super) fn put_bystander(cloud: &Cloud) {
    let fleet_id = tags::fleet_id(ORGANIZATION, "theirs");
    let marks = [(tags::MANAGED_BY, "them"), (tags::ID, fleet_id.as_str()), ("keep", "me")];
    cloud.put_account(BYSTANDER, "theirs@example.com", &marks);
    let mut world = cloud.world();
    world.parents.insert(BYSTANDER.to_owned(), QUARANTINE.to_owned());
    world.policy.content = SPARING.to_owned();
    let attached = BTreeSet::from([BYSTANDER.to_owned()]);
    world.policy.targets.insert(POLICY.to_owned(), attached);
    world.contacts.insert((BYSTANDER.to_owned(), ContactType::Security), contact("theirs"));
}

fn active() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let (cloud, job, outcome) = vended().await;
        put_bystander(&cloud);
        let marks = cloud.world().tags[&outcome.facts.id].clone();
        let role = |tags| Role { trust: "a pipeline".to_owned(), tags, ..Role::default() };
        let roles = [("fleet-apply", role(marks)), ("theirs", role(BTreeMap::new()))];
        cloud.world().roles = roles.map(|(name, role)| (name.to_owned(), role)).into();
        Start { cloud, job, id: outcome.facts.id, saved: Mutex::default() }
    })
}

/// Its configuration does not say where it belongs.
fn active_anywhere() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let mut start = active().await;
        start.job.request.parent = None;
        start
    })
}

fn active_bound_above() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let mut start = active().await;
        // It is bound by the policy that the quarantine itself has.
        let above = BTreeSet::from([QUARANTINE.to_owned()]);
        start.cloud.world().policy.targets.insert(POLICY.to_owned(), above);
        start.job.request.parent = Some(Parent::Id(PROD.to_owned()));
        start
    })
}

/// After a step that went well, as the state and the private memory say.
async fn after(mut start: Start, wished: AccountLifecycleState) -> Start {
    start.job.request.lifecycle_state = wished;
    let outcome = apply(&start, &start.job).await;
    start.job = goes_on(&start.job, &outcome);
    start.saved = Mutex::default();
    start
}

fn frozen() -> BoxFuture<'static, Start> {
    Box::pin(async { after(active().await, AccountLifecycleState::Frozen).await })
}

fn retired() -> BoxFuture<'static, Start> {
    Box::pin(async { after(frozen().await, AccountLifecycleState::Retired).await })
}

fn frozen_anywhere() -> BoxFuture<'static, Start> {
    Box::pin(async { after(active_anywhere().await, AccountLifecycleState::Frozen).await })
}

fn retired_anywhere() -> BoxFuture<'static, Start> {
    Box::pin(async { after(frozen_anywhere().await, AccountLifecycleState::Retired).await })
}

fn stranger() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let cloud = Cloud::new();
        cloud.put_account(STRANGER, "aws+payments@example.com", &[("foreign", "1")]);
        put_bystander(&cloud);
        let id = STRANGER.to_owned();
        Start { cloud, job: job("payments"), id, saved: Mutex::default() }
    })
}

fn asked_contacts() -> Contacts {
    Contacts::from([
        (ContactType::Billing, contact("pay")),
        (ContactType::Security, contact("guard")),
    ])
}

fn with_others_contacts() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let start = active().await;
        for (of, name) in [(ContactType::Billing, "Büro für alles"), (ContactType::Security, "x")]
        {
            let theirs =
                Contact { email: format!("{}@example.com", "e".repeat(200)), ..contact(name) };
            start.cloud.world().contacts.insert((start.id.clone(), of), theirs);
        }
        start
    })
}

fn with_contacts() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let mut start = active().await;
        let theirs = (start.id.clone(), ContactType::Operations);
        start.cloud.world().contacts.insert(theirs, contact("operations"));
        start.job.request.contacts = asked_contacts();
        let outcome = apply(&start, &start.job).await;
        start.job = goes_on(&start.job, &outcome);
        start.job.past.contacts_set_before = start.job.request.contacts.clone();
        start.saved = Mutex::default();
        start
    })
}

fn email_started() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let start = active().await;
        start_email(&start).await;
        start
    })
}

fn with_unit() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let start = active().await;
        make_unit(&start).await;
        let units = start.cloud.world().units.clone();
        let id = units.iter().find(|(_, of)| of.name == "Sandbox").map(|(_, of)| of.id.clone());
        Start { id: id.unwrap_or_default(), ..start }
    })
}

fn with_full_unit() -> BoxFuture<'static, Start> {
    Box::pin(async {
        let start = with_unit().await;
        start.cloud.world().parents.insert(BYSTANDER.to_owned(), start.id.clone());
        start
    })
}

// === the steps, each as a new process makes it ===

async fn apply(start: &Start, job: &AccountJob) -> Outcome {
    let cancel = CancellationToken::new();
    let done = engine(&start.cloud).update(job, &start.id, LIMIT, &cancel).await;
    let outcome = done.expect("the account is there");
    assert_eq!(outcome.failures, []);
    *start.saved.lock().unwrap() = Some(outcome.memory.clone());
    outcome
}

/// What a plan does first: what the state and the memory beside it say then.
async fn refresh(start: &mut Start) {
    let (engine, cancel) = (engine(&start.cloud), CancellationToken::new());
    let looking = Box::pin(engine.look(&start.job, &start.id, None, LIMIT, &cancel)).await;
    let Some(seen) = looking.unwrap().found() else { return };
    start.job = {
        let mut job = goes_on(&start.job, &seen);
        job.past.tags_set_before = start.job.past.tags_set_before.clone();
        job
    };
}

async fn look_at(start: &Start) -> Outcome {
    let (engine, cancel) = (engine(&start.cloud), CancellationToken::new());
    let looked = Box::pin(engine.look(&start.job, &start.id, None, LIMIT, &cancel)).await;
    looked.unwrap().found().expect("the account is there")
}

async fn live(start: &Start, wished: AccountLifecycleState) {
    let outcome = apply(
        start,
        &AccountJob {
            request: AccountRequest { lifecycle_state: wished, ..start.job.request.clone() },
            ..start.job.clone()
        },
    )
    .await;
    assert_eq!(outcome.lifecycle_phase, wished.phase());
}

fn freeze(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(live(start, AccountLifecycleState::Frozen))
}

fn thaw(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(live(start, AccountLifecycleState::Active))
}

fn retire(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(live(start, AccountLifecycleState::Retired))
}

fn release(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let cancel = CancellationToken::new();
        engine(&start.cloud).release(&start.job, &start.id, LIMIT, &cancel).await.unwrap();
    })
}

fn close(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let cancel = CancellationToken::new();
        engine(&start.cloud).close(&start.job, &start.id, LIMIT, &cancel).await.unwrap();
    })
}

fn adopt(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let job = match planned(&start.cloud, &start.job).await {
            job if job.intent.adopt == Adopt::No => AccountJob {
                intent: RunIntent { adopt: Adopt::This(start.id.clone()), ..job.intent },
                ..job
            },
            job => job,
        };
        assert!(vend(&start.cloud, &job).await.unwrap().ready());
    })
}

fn contacts(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        apply(
            start,
            &AccountJob {
                request: AccountRequest { contacts: asked_contacts(), ..start.job.request.clone() },
                ..start.job.clone()
            },
        )
        .await;
    })
}

fn no_contacts(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        apply(
            start,
            &AccountJob {
                request: AccountRequest { contacts: Contacts::new(), ..start.job.request.clone() },
                ..start.job.clone()
            },
        )
        .await;
    })
}

fn rename(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let mut job = start.job.clone();
        "Payments".clone_into(&mut job.request.contract.name);
        apply(start, &job).await;
    })
}

fn regions(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let mut job = start.job.clone();
        job.request.contract.region_set.insert("ap-southeast-3".to_owned());
        apply(start, &job).await;
    })
}

async fn email(start: &Start, step: EmailStep) {
    let job = AccountJob {
        intent: RunIntent { email_step: Some(step), ..start.job.intent.clone() },
        ..start.job.clone()
    };
    apply(start, &job).await;
}

fn start_email(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(email(start, EmailStep::Start(NEW_EMAIL.to_owned())))
}

/// A password is good once: where AWS has taken it, the next plan finds the new address, and asks for nothing.
fn accept_email(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let seen = look(&start.cloud, &start.job, &start.id).await.unwrap();
        if seen.facts.email == NEW_EMAIL {
            let mut job = start.job.clone();
            NEW_EMAIL.clone_into(&mut job.request.contract.email);
            apply(start, &job).await;
        } else {
            email(start, EmailStep::Accept(NEW_EMAIL.to_owned(), Otp::new(OTP))).await;
        }
    })
}

pub(super) fn unit(name: &str, adopt: Adopt) -> UnitJob {
    UnitJob {
        name: name.to_owned(),
        parent: None,
        tags: BTreeMap::from([("cost-center".to_owned(), "4711".to_owned())]),
        tags_set_before: BTreeSet::new(),
        adopt,
    }
}

async fn create_unit(start: &Start, name: &str, consent: bool) {
    let (engine, cancel) = (engine(&start.cloud), CancellationToken::new());
    // As the plan says: made, taken up, or taken over.
    let found = engine.adoptable_unit(&unit(name, Adopt::No), &cancel).await.unwrap();
    let adopt = match (found, consent) {
        (Some(found), true) => Adopt::This(found.unit.id),
        (Some(found), false) => Adopt::Again(found.unit.id),
        (None, _) => Adopt::No,
    };
    let job = unit(name, adopt);
    engine.create_unit(&job, &Claims::default(), LIMIT, &cancel).await.unwrap();
}

fn make_unit(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(create_unit(start, "Sandbox", false))
}

fn adopt_unit(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(create_unit(start, "Workloads", true))
}

fn rename_unit(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let cancel = CancellationToken::new();
        let job = unit("Lab", Adopt::Any);
        engine(&start.cloud).update_unit(&start.id, &job, LIMIT, &cancel).await.unwrap();
    })
}

fn delete_unit(start: &Start) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let cancel = CancellationToken::new();
        engine(&start.cloud).delete_unit(&start.id, LIMIT, &cancel).await.unwrap();
    })
}

// === what is compared ===

fn picture(start: &Start) -> Picture {
    let world = start.cloud.world();
    let mut tags = world.tags.clone();
    for of in tags.values_mut() {
        // They say what is in the memory, and go by and by.
        of.retain(|key, _| !memory::is_of_contacts(key));
    }
    let row = |of: &crate::aws::api::Account| {
        (of.id.to_string(), of.name.clone(), of.email.clone(), of.state)
    };
    let unit = |(parent, of): &(String, crate::aws::api::OrganizationalUnit)| {
        (parent.clone(), of.id.clone(), of.name.clone())
    };
    let mut attached = world.policy.targets.clone();
    attached.retain(|_, targets| !targets.is_empty());
    Picture {
        accounts: world.accounts.iter().map(row).collect(),
        tags,
        parents: world.parents.clone(),
        units: world.units.iter().map(unit).collect(),
        attached,
        passwords: world.passwords.clone(),
        contacts: world.contacts.clone(),
        pending_emails: world.pending_emails.clone(),
        trusts: world.roles.iter().map(|(name, of)| (name.clone(), of.trust.clone())).collect(),
        regions: world.regions.keys().cloned().collect(),
        // What the controls made is found again by each look, so that one look more knows more.
        memory: start
            .saved
            .lock()
            .unwrap()
            .clone()
            .map(|of| Memory { made: Made::default(), ..of }),
    }
}

#[tokio::test]
async fn killed_at_every_call_of_every_step_the_next_run_ends_the_same() {
    let mut runs = 0;
    for (name, arrange, step) in STEPS {
        let start = arrange().await;
        let before = picture(&start);
        let from = start.cloud.world().calls.len();
        step(&start).await;
        let unharmed = picture(&start);
        assert_ne!(unharmed, before, "{name} does something");
        let calls = start.cloud.world().calls[from..].to_vec();
        for (number, call) in calls.iter().enumerate() {
            // To die before a call is to die after the one before it.
            for (with_effect, refreshes) in [(number > 0, false), (true, true)] {
                let mut start = arrange().await;
                let at = start.cloud.world().calls.len() + number + 1;
                start.cloud.world().crash = Some((at, with_effect));
                let done = start.cloud.until_crash(step(&start)).await;
                assert!(done.is_none(), "{name}: call {number}, {call}");
                // A step of a unit has no account to look at.
                let is_account = AccountId::parse(&start.id).is_ok() && start.id != STRANGER;
                if refreshes && is_account {
                    refresh(&mut start).await;
                }
                step(&start).await;
                let case = format!("{name}: killed at {number}, {call}, {with_effect} {refreshes}");
                assert_eq!(picture(&start), unharmed, "{case}");
                runs += 1;
            }
        }
    }
    eprintln!("{runs} runs were killed, in {} steps of a life", STEPS.len());
    assert!(runs >= 800, "{runs}");
}

/// Whoever has begun to freeze an account may want it back instead of going on.
#[tokio::test]
async fn a_freeze_that_was_killed_is_taken_back_whole() {
    // The boundary names the roles by which the engine of these steps enters.
    let settled = active().await;
    thaw(&settled).await;
    let never = picture(&settled);
    let start = active().await;
    let from = start.cloud.world().calls.len();
    freeze(&start).await;
    let calls = start.cloud.world().calls.len() - from;
    for number in 1..=calls {
        for with_effect in [false, true] {
            let mut start = active().await;
            let at = start.cloud.world().calls.len() + number;
            start.cloud.world().crash = Some((at, with_effect));
            assert!(start.cloud.until_crash(freeze(&start)).await.is_none());
            // The plan looks first, and names what the apply undoes.
            let looked = look_at(&start).await;
            (start.job.past.memory, start.job.intent.seen_in) =
                (looked.memory, Some(looked.facts.parent_id));
            thaw(&start).await;
            assert_eq!(picture(&start), never, "killed at call {number}, {with_effect}");
        }
    }
}
