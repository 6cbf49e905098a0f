//! What an account says of itself, against the simulated cloud: name, contacts, the root address.

use std::collections::BTreeSet;

use fleet_model::contact::{Contact, ContactType, Contacts};
use tokio_util::sync::CancellationToken;

use super::super::simulation::{Cloud, Fault, OTP, ROOT};
use super::{LIMIT, job, look, update, vend, vending};
use crate::Warning;
use crate::aws::api::{AccountState, Otp};
use crate::error::Kind;
use crate::memory::{self, Before};
use crate::outcome::{Attempt, Outcome, Unfinished};
use crate::phase::Phase;
use crate::refusal::Refusal;
use crate::request::{AccountJob, EmailStep};

use ContactType::{Billing, Operations, Security};

fn contact(name: &str) -> Contact {
    Contact {
        name: name.to_owned(),
        title: "On call".to_owned(),
        email: format!("{name}@example.com"),
        phone_number: "+65 1234".to_owned(),
    }
}

async fn vended(cloud: &Cloud, job: &AccountJob) -> String {
    let outcome = vend(cloud, job).await.unwrap();
    assert_eq!((outcome.phase, outcome.failures.len()), (Phase::Ready, 0));
    outcome.facts.id
}

fn renamed(to: &str) -> AccountJob {
    let mut job = job("payments");
    to.clone_into(&mut job.request.contract.name);
    job
}

fn failures(outcome: &Outcome) -> Vec<Attempt> {
    outcome.failures.iter().map(|failure| failure.attempt).collect()
}

#[tokio::test]
async fn a_rename_is_one_call_and_only_when_the_name_differs() {
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    assert_eq!(cloud.count("PutAccountName"), 0);
    let outcome = update(&cloud, &renamed("Payments Prod"), &id).await;
    assert_eq!(outcome.facts.name, "Payments Prod");
    assert_eq!(cloud.world().accounts[0].name, "Payments Prod");
    assert!(outcome.failures.is_empty() && outcome.warnings.is_empty() && outcome.work.is_empty());
    assert_eq!(outcome.facts.tags["fleet:key"], "payments", "the key does not follow");
    update(&cloud, &renamed("Payments Prod"), &id).await;
    assert_eq!(cloud.count("PutAccountName"), 1);
}

#[tokio::test]
async fn a_rename_that_fails_is_told_and_the_rest_goes_on() {
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    for _ in 0..2 {
        cloud.fault("PutAccountName", Fault::Before(Kind::Invalid, "ValidationException"));
    }
    let mut job = renamed("Payments");
    job.request.contacts = Contacts::from([(Security, contact("guard"))]);
    let outcome = update(&cloud, &job, &id).await;
    assert_eq!(failures(&outcome), [Attempt::Name]);
    assert_eq!(outcome.facts.name, "payments");
    assert_eq!(outcome.work, ["name or alternate contacts are not what was asked for"]);
    assert_eq!(cloud.world().contacts.len(), 1);
    assert!(outcome.ready(), "a name is no reason to close admission");
}

#[tokio::test]
async fn a_rename_under_a_stop_does_not_pass_for_made() {
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    // The account is read before the stop is seen; nothing is written after it.
    let engine = vending(&cloud, "us");
    let answer = engine.update(&renamed("Payments"), &id, LIMIT, &cancel).await;
    assert!(
        answer.is_err() || failures(&answer.unwrap()).contains(&Attempt::Name),
        "a change that was asked for is lost"
    );
    assert_eq!(cloud.world().accounts[0].name, "payments");
}

#[tokio::test]
async fn contacts_are_written_kept_and_deleted_and_others_left_alone() {
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    assert_eq!(cloud.count("GetAlternateContact"), 0, "nothing configured, nothing asked");
    let key = |of| (id.clone(), of);
    cloud.world().contacts.insert(key(Operations), contact("theirs"));
    cloud.world().contacts.insert(key(Security), contact("before"));

    let mut asked = job("payments");
    asked.request.contacts =
        Contacts::from([(Billing, contact("pay")), (Security, contact("guard"))]);
    let outcome = update(&cloud, &asked, &id).await;
    assert!(outcome.failures.is_empty() && outcome.work.is_empty());
    assert_eq!(cloud.world().contacts[&key(Security)], contact("guard"));
    let before = [(Billing, Before::Nothing), (Security, Before::Was(contact("before")))];
    assert_eq!(outcome.memory.contacts, before.into());
    assert_eq!(cloud.count("PutAlternateContact"), 2);

    // Once more: two reads, no write.
    asked.past.contacts_set_before = asked.request.contacts.clone();
    asked.past.memory = outcome.memory;
    let reads = cloud.count("GetAlternateContact");
    let outcome = update(&cloud, &asked, &id).await;
    assert_eq!(cloud.count("GetAlternateContact") - reads, 2);
    assert_eq!(cloud.count("PutAlternateContact"), 2);

    // One goes; what was never ours stays.
    asked.request.contacts.remove(&Security);
    asked.past.memory = outcome.memory;
    let outcome = update(&cloud, &asked, &id).await;
    assert!(outcome.failures.is_empty());
    let left: Vec<_> = cloud.world().contacts.keys().map(|(_, of)| *of).collect();
    assert_eq!(left, [Billing, Operations]);
    assert!(!outcome.memory.contacts.contains_key(&Security));

    // And one that is gone already is gone.
    cloud.world().contacts.remove(&key(Billing));
    asked.past.contacts_set_before = std::mem::take(&mut asked.request.contacts);
    assert!(update(&cloud, &asked, &id).await.failures.is_empty());
}

#[tokio::test]
async fn a_contact_is_deleted_as_the_plan_showed_it_or_not_at_all() {
    let cloud = Cloud::new();
    let mut asked = job("payments");
    asked.request.contacts =
        Contacts::from([(Security, contact("guard")), (Billing, contact("pay"))]);
    let id = vended(&cloud, &asked).await;
    let key = |of| (id.clone(), of);
    // Incident response writes another one between plan and apply.
    cloud.world().contacts.insert(key(Security), contact("responder"));
    asked.past.contacts_set_before = std::mem::take(&mut asked.request.contacts);
    let outcome = update(&cloud, &asked, &id).await;
    assert_eq!(cloud.world().contacts[&key(Security)], contact("responder"));
    assert!(!cloud.world().contacts.contains_key(&key(Billing)));
    let told = vec![Warning::ContactStays { of: Security }];
    assert_eq!((outcome.warnings, outcome.failures), (told, vec![]));
    assert_eq!(outcome.memory.contacts, [].into());

    // What cannot be read is not deleted, and not forgotten.
    cloud.world().contacts.insert(key(Billing), contact("pay"));
    asked.past.contacts_set_before = Contacts::from([(Billing, contact("pay"))]);
    for _ in 0..2 {
        cloud.fault("GetAlternateContact", Fault::Before(Kind::Unanswered, "ServiceFailure"));
    }
    let outcome = update(&cloud, &asked, &id).await;
    assert_eq!(failures(&outcome), [Attempt::Contacts]);
    assert!(cloud.world().contacts.contains_key(&key(Billing)));
    assert!(!outcome.contacts.contains_key(&Billing));
}

#[tokio::test]
async fn what_a_contact_was_outlives_a_run_that_dies_and_goes_from_the_tags_then() {
    let begin = async || {
        let cloud = Cloud::new();
        let id = vended(&cloud, &job("payments")).await;
        cloud.world().contacts.insert((id.clone(), Security), contact("before"));
        (cloud, id)
    };
    let told = |cloud: &Cloud, id: &str| {
        cloud.world().tags[id].keys().filter(|key| memory::is_of_contacts(key)).count()
    };
    let mut asked = job("payments");
    asked.request.contacts =
        Contacts::from([(Billing, contact("pay")), (Security, contact("guard"))]);
    let (cloud, id) = begin().await;
    let from = cloud.world().calls.len();
    update(&cloud, &asked, &id).await;
    let calls = cloud.world().calls.len() - from;
    for (call, with_effect) in (1..=calls).flat_map(|call| [(call, false), (call, true)]) {
        let (cloud, id) = begin().await;
        let begun = cloud.world().calls.len();
        cloud.world().crash = Some((begun + call, with_effect));
        assert!(cloud.until_crash(Box::pin(update(&cloud, &asked, &id))).await.is_none());
        // By then other ones are asked for.
        let mut other = asked.clone();
        other.request.contacts.insert(Security, contact("other"));
        let outcome = update(&cloud, &other, &id).await;
        let before = [(Billing, Before::Nothing), (Security, Before::Was(contact("before")))];
        assert_eq!(outcome.memory.contacts, before.into(), "{call} {with_effect}");
        assert_eq!(outcome.work, [""; 0]);
        // That state is saved. The tags are no work for themselves, and go with the next.
        assert!(told(&cloud, &id) > 0);
        other.past.contacts_set_before = other.request.contacts.clone();
        other.past.memory = outcome.memory;
        let seen = look(&cloud, &other, &id).await.unwrap();
        assert_eq!((&seen.memory, seen.work), (&other.past.memory, vec![]));
        let outcome = update(&cloud, &other, &id).await;
        assert_eq!((outcome.memory, told(&cloud, &id)), (other.past.memory, 0));
    }
}

#[tokio::test]
async fn a_contact_is_not_written_over_before_its_journal_is() {
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    let mut asked = job("payments");
    asked.request.contacts = Contacts::from([(Security, contact("guard"))]);
    for _ in 0..2 {
        cloud.fault("TagResource", Fault::Before(Kind::Denied, "AccessDeniedException"));
    }
    let outcome = update(&cloud, &asked, &id).await;
    assert_eq!(failures(&outcome)[0], Attempt::Contacts);
    assert_eq!(cloud.count("PutAlternateContact"), 0);
}

#[tokio::test]
async fn who_is_let_go_keeps_nobodys_contacts_in_its_tags() {
    let cloud = Cloud::new();
    let mut asked = job("payments");
    asked.request.contacts = Contacts::from([(Security, contact("guard"))]);
    let id = vended(&cloud, &asked).await;
    assert!(cloud.world().tags[&id].contains_key("fleet:journal-contacts"));
    let engine = vending(&cloud, "us");
    engine.release(&asked, &id, LIMIT, &CancellationToken::new()).await.unwrap();
    assert!(!cloud.world().tags[&id].contains_key("fleet:journal-contacts"));
}

#[tokio::test]
async fn a_refresh_sees_a_contact_that_somebody_changed() {
    let cloud = Cloud::new();
    let mut asked = job("payments");
    asked.request.contacts =
        Contacts::from([(Security, contact("guard")), (Billing, contact("pay"))]);
    let id = vended(&cloud, &asked).await;
    cloud.world().contacts.insert((id.clone(), Security), contact("intruder"));
    cloud.world().contacts.remove(&(id.clone(), Billing));
    let puts = cloud.count("PutAlternateContact");
    let outcome = look(&cloud, &asked, &id).await.unwrap();
    assert_eq!(outcome.contacts[&Security], Some(contact("intruder")));
    assert_eq!(outcome.contacts[&Billing], None);
    assert!(!outcome.work.is_empty());
    assert_eq!(cloud.count("PutAlternateContact"), puts, "a refresh writes nothing");
}

#[tokio::test]
async fn without_trusted_access_the_account_itself_is_asked() {
    let cloud = Cloud::new();
    cloud.world().account_trusted = false;
    // Its role lets in only later, so the first try from inside is too early.
    cloud.world().role_seconds = 60;
    let mut asked = job("payments");
    asked.request.contacts = Contacts::from([(Security, contact("guard"))]);
    let id = vended(&cloud, &asked).await;
    assert_eq!(cloud.world().contacts[&(id.clone(), Security)], contact("guard"));
    assert_eq!(cloud.count("own change of settings"), 1);

    asked.past.contacts_set_before = asked.request.contacts.clone();
    asked.request.contract.name = "Payments".into();
    let outcome = update(&cloud, &asked, &id).await;
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    assert_eq!(cloud.world().accounts[0].name, "Payments");
}

#[tokio::test]
async fn what_cannot_be_read_is_neither_written_nor_forgotten() {
    let cloud = Cloud::new();
    let mut asked = job("payments");
    asked.request.contacts = Contacts::from([(Security, contact("guard"))]);
    for _ in 0..2 {
        cloud.fault("GetAlternateContact", Fault::Before(Kind::Invalid, "ValidationException"));
    }
    let outcome = vend(&cloud, &asked).await.unwrap();
    assert_eq!(failures(&outcome), [Attempt::Contacts]);
    assert_eq!(cloud.count("PutAlternateContact"), 0);
    assert!(outcome.contacts.is_empty());
}

#[tokio::test]
async fn an_email_changes_in_two_steps() {
    const NEW: &str = "new@example.com";
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    let step = |step| {
        let mut job = job("payments");
        job.intent.email_step = Some(step);
        job
    };
    let accept = |otp| EmailStep::Accept(NEW.into(), Otp::new(otp));

    let outcome = update(&cloud, &step(EmailStep::Start(NEW.into())), &id).await;
    assert!(outcome.failures.is_empty());
    assert_eq!(outcome.facts.email, "aws+payments@example.com");
    assert_eq!(cloud.world().pending_emails[&id], NEW);
    assert_eq!(cloud.count("StartPrimaryEmailUpdate"), 1, "one mail in a run");

    let outcome = update(&cloud, &step(accept("111111")), &id).await;
    assert_eq!(failures(&outcome), [Attempt::Email]);
    assert_eq!(outcome.facts.email, "aws+payments@example.com");

    let mut last = step(accept(OTP));
    NEW.clone_into(&mut last.request.contract.email);
    let outcome = update(&cloud, &last, &id).await;
    assert!(outcome.failures.is_empty() && outcome.warnings.is_empty());
    assert_eq!(outcome.facts.email, NEW);
    assert_eq!(cloud.world().accounts[0].email, NEW);
}

#[tokio::test]
async fn an_email_that_is_taken_is_refused() {
    let cloud = Cloud::new();
    cloud.put_account("555555555555", "taken@example.com", &[]);
    let id = vended(&cloud, &job("payments")).await;
    let step = EmailStep::Start("taken@example.com".into());
    let outcome = update(
        &cloud,
        &{
            let mut job = job("payments");
            job.intent.email_step = Some(step);
            job
        },
        &id,
    )
    .await;
    assert!(matches!(
        &outcome.failures[..],
        [failure] if failure.attempt == Attempt::Email
            && matches!(&failure.refusal, Refusal::Call(fault) if fault.kind == Kind::AlreadyExists)
    ));
}

#[tokio::test]
async fn nothing_asked_of_a_suspended_account_passes_for_made() {
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    cloud.world().accounts[0].state = AccountState::Suspended;
    let step = EmailStep::Start("new@example.com".into());
    let outcome = update(
        &cloud,
        &{
            let mut job = renamed("Payments");
            job.intent.email_step = Some(step);
            job
        },
        &id,
    )
    .await;
    assert_eq!(failures(&outcome), [Attempt::Name, Attempt::Email]);
    assert_eq!(cloud.count("PutAccountName") + cloud.count("StartPrimaryEmailUpdate"), 0);
}

/// What an apply wrote is remembered, whatever a refresh makes of the state: the contact of somebody else stays.
#[tokio::test]
async fn what_was_written_is_remembered_and_nothing_else_is_deleted() {
    let cloud = Cloud::new();
    let mut asked = job("payments");
    asked.request.contacts =
        Contacts::from([(Security, contact("guard")), (Billing, contact("pay"))]);
    let engine = vending(&cloud, "us");
    let made = engine.vend(&asked, LIMIT, &CancellationToken::new()).await.unwrap();
    assert_eq!(made.memory.contacts_set, asked.request.contacts);
    let key = |of| (made.facts.id.clone(), of);
    cloud.world().contacts.insert(key(Billing), contact("hand"));
    asked.past.memory = made.memory.clone();
    // The state has theirs by now; what this configuration set is in the memory.
    asked.past.contacts_set_before = made.memory.contacts_set.clone();
    asked.request.contacts.clear();
    let outcome = update(&cloud, &asked, &made.facts.id).await;
    assert_eq!(cloud.world().contacts[&key(Billing)], contact("hand"));
    assert!(!cloud.world().contacts.contains_key(&key(Security)));
    assert!(outcome.memory.contacts_set.is_empty(), "{:?}", outcome.memory);
}

/// Tags, a name and contacts are work, and nothing that the checks or the place of the account follow.
#[tokio::test]
async fn work_says_whether_it_bears_on_more_than_what_describes_the_account() {
    let cloud = Cloud::new();
    let id = vended(&cloud, &job("payments")).await;
    let engine = vending(&cloud, "us");
    let looked = async |job: &AccountJob| {
        let looked = engine.look(job, &id, None, LIMIT, &CancellationToken::new()).await;
        let seen = looked.unwrap().found().unwrap();
        (!seen.work.is_empty(), seen.work_bears)
    };
    let tagged = {
        let mut job = job("payments");
        job.past.tags_set_before = BTreeSet::from(["cost-center".to_owned()]);
        job
    };
    assert_eq!(looked(&tagged).await, (false, false));
    assert_eq!(looked(&renamed("Payments")).await, (true, false));
    cloud.world().tags.get_mut(&id).unwrap().insert("cost-center".into(), "other".into());
    assert_eq!(looked(&tagged).await, (true, false));
    assert_eq!(looked(&renamed("Payments")).await, (true, false));
    cloud.world().passwords.clear();
    assert_eq!(looked(&tagged).await, (true, true));
}

/// Credentials that end while an apply is at work end the apply: no other call is made.
#[tokio::test]
async fn an_apply_ends_with_its_credentials() {
    let ended = || Fault::Before(Kind::Credentials, "ExpiredTokenException");
    for call in
        ["change", "MoveAccount", "PutAccountName", "AssumeRole", "GetAccountPasswordPolicy"]
    {
        let cloud = Cloud::new();
        let id = vended(&cloud, &job("payments")).await;
        cloud.world().passwords.clear();
        cloud.world().parents.insert(id.clone(), ROOT.to_owned());
        let since = cloud.world().now;
        (0..100).for_each(|_| cloud.fault(call, ended()));
        let calls = cloud.count(call);
        let outcome = update(&cloud, &renamed("Payments"), &id).await;
        let Some(Unfinished::Failed(error)) = &outcome.unfinished else {
            panic!("{call}: {outcome:?}")
        };
        assert_eq!(error.kind, Kind::Credentials, "{call}");
        assert!(cloud.count(call) - calls <= 3, "{call}: {}", cloud.count(call) - calls);
        assert!(cloud.world().now - since < 30_000, "{call}");
        let after: Vec<String> = {
            let world = cloud.world();
            let last = world.calls.iter().rposition(|made| made == call).unwrap();
            world.calls[last + 1..].to_vec()
        };
        assert!(!after.iter().any(|made| made == "TagResource"), "{call}: {after:?}");
    }
}
