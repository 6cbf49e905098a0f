//! What the log of a run tells.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::*;
use crate::config::Quarantine;
use crate::request::{AccountRequest, Past};

/// Keeps the lines of the level INFO.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::INFO
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The lines that `work` writes, and its answer.
fn logged<T>(work: impl Future<Output = T>) -> impl Future<Output = (Vec<String>, T)> {
    let work = Box::pin(work);
    async {
        let log = Log::default();
        // Whether anybody listens to a line is decided when it is first met. With one listener only the thread that
        // meets it is asked, which may be another test's, where nobody listens; with two, each of them is.
        let _second = tracing::Dispatch::new(log.clone());
        let guard = tracing::subscriber::set_default(log.clone());
        let answer = work.await;
        drop(guard);
        let lines = log.0.lock().unwrap().clone();
        (lines, answer)
    }
}

/// The id of the last request of a kind: the number of its call.
fn request(cloud: &Cloud, call: &str) -> String {
    let at = cloud.world().calls.iter().rposition(|of| of == call).unwrap() + 1;
    format!("call=\"{call}\" request_id=\"r-{at}\"")
}

#[tokio::test]
async fn each_phase_is_one_line_with_the_key_and_the_request() {
    let cloud = Cloud::new();
    let (lines, outcome) = logged(vend(&cloud, &job("payments"))).await;
    assert!(outcome.unwrap().ready());
    let of = |phase: &str| {
        let mut found = lines.iter().filter(|of| of.contains(&format!("phase=\"{phase}\"")));
        let line = found.next().unwrap_or_else(|| panic!("{phase}: {lines:#?}"));
        assert!(found.next().is_none(), "{phase} once: {lines:#?}");
        assert!(line.contains("account=\"payments\""), "{line}");
        line.clone()
    };
    let created = cloud.world().calls.iter().position(|of| of == "CreateAccount").unwrap() + 1;
    let requested = of("requested");
    assert!(requested.contains("create_request_id=\"car-0001\""), "{requested}");
    assert!(requested.contains(&format!("request_id=\"r-{created}\"")), "{requested}");
    assert!(of("created").contains("account_id=\"100000000001\""));
    let placed = of("placed");
    assert!(placed.contains(&request(&cloud, "MoveAccount")), "{placed}");
    for phase in ["regions", "accessible", "ready"] {
        assert!(of(phase).contains(" request_id=\"r-"), "{lines:#?}");
    }
}

#[tokio::test]
async fn an_update_tells_what_is_new_alone() {
    let (cloud, job, ready) = vended().await;
    let (id, job) =
        (ready.facts.id, AccountJob { past: Past { phase: ready.phase, ..job.past }, ..job });
    let (lines, _) = logged(update(&cloud, &job, &id)).await;
    assert_eq!(lines, [""; 0], "ready as before");

    let moved = AccountJob {
        request: AccountRequest {
            parent: Some(Parent::Id(NONPROD.to_owned())),
            ..job.request.clone()
        },
        ..job.clone()
    };
    let (lines, _) = logged(update(&cloud, &moved, &id)).await;
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert!(line.contains(&format!("moved to {NONPROD}")), "{line}");
    assert!(line.contains(&request(&cloud, "MoveAccount")), "{line}");

    // It is told once where it falls back, and how far it comes again.
    cloud.world().denies_entry.insert(NONPROD.to_owned());
    let (lines, fallen) = logged(update(&cloud, &moved, &id)).await;
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert!(line.contains("phase=\"governed\" reason=\"blocked: no role lets us in"), "{line}");
    cloud.world().denies_entry.clear();
    let (lines, _) = logged(update(
        &cloud,
        &AccountJob { past: Past { phase: fallen.phase, ..moved.past }, ..moved },
        &id,
    ))
    .await;
    let phases = ["accessible", "ready"].map(|phase| format!(" phase=\"{phase}\""));
    assert_eq!(lines.len(), phases.len(), "{lines:#?}");
    assert!(lines.iter().zip(&phases).all(|(line, phase)| line.contains(phase)), "{lines:#?}");
}

#[tokio::test]
async fn each_step_of_its_end_is_a_line_once_it_is_made() {
    let (cloud, mut job, ready) = vended().await;
    let id = ready.facts.id;
    job.past.phase = ready.phase;
    cloud.world().policy.content = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}}"#.to_owned();
    let parent = Parent::Id(NONPROD.to_owned());
    let quarantine = Some(Quarantine { parent, policy_id: Some("p-1".to_owned()) });
    let config = Config { managed_by: "us".to_owned(), quarantine, ..Config::default() };
    let engine = Vending::with_ports(config, cloud.ports());
    let cancel = CancellationToken::new();
    let told = |lines: &[String], at: usize, what: &str, call: &str| {
        let line = lines.get(at).unwrap_or_else(|| panic!("{what}: {lines:#?}"));
        assert!(line.contains(what) && line.contains(&request(&cloud, call)), "{what}: {lines:#?}");
        assert!(line.contains("account=\"payments\""), "{line}");
    };

    job.request.lifecycle_state = AccountLifecycleState::Frozen;
    let (lines, done) = logged(engine.update(&job, &id, LIMIT, &cancel)).await;
    told(&lines, 0, "moved to", "MoveAccount");
    told(&lines, 1, "the quarantine's policy p-1 is attached", "AttachPolicy");
    told(&lines, 2, "the account is frozen", "AttachPolicy");
    assert!(lines[3].contains("phase=\"placed\" reason=\"the account is frozen\""), "{lines:#?}");
    let done = done.unwrap();
    (job.past.lifecycle_phase, job.past.phase) = (done.lifecycle_phase, done.phase);
    (job.past.memory, job.intent.seen_in) = (done.memory, Some(done.facts.parent_id));

    // A line says that it is retired when it is, and not before.
    job.request.lifecycle_state = AccountLifecycleState::Retired;
    cloud.fault("GetAccountAuthorizationDetails", Fault::Before(Kind::Unanswered, "HTTP 500"));
    let (lines, _) = logged(engine.update(&job, &id, LIMIT, &cancel)).await;
    assert_eq!(lines, [""; 0]);
    let (lines, done) = logged(engine.update(&job, &id, LIMIT, &cancel)).await;
    told(&lines, 0, "our ways into the account are shut", "ListOpenIDConnectProviders");
    told(&lines, 1, "the account is retired", "ListOpenIDConnectProviders");
    assert_eq!(lines.len(), 2, "{lines:#?}");
    job.past.lifecycle_phase = done.unwrap().lifecycle_phase;

    job.request.lifecycle_state = AccountLifecycleState::Active;
    let (lines, _) = logged(engine.update(&job, &id, LIMIT, &cancel)).await;
    told(&lines, 0, "moved to", "MoveAccount");
    told(&lines, 1, "the quarantine's policy p-1 is off", "DetachPolicy");
    assert!(lines.iter().any(|line| line.contains("the account is active")), "{lines:#?}");

    let (lines, _) = logged(engine.release(&job, &id, LIMIT, &cancel)).await;
    told(&lines, 0, "the account is released", "UntagResource");
    let other = super::job("ledger");
    let id = engine.vend(&other, LIMIT, &cancel).await.unwrap().facts.id;
    let (lines, _) = logged(engine.close(&other, &id, LIMIT, &cancel)).await;
    let line = &lines[0];
    assert!(line.contains("account=\"ledger\"") && line.contains("taken the request to close"));
    assert!(line.contains(&request(&cloud, "CloseAccount")), "{line}");
}
