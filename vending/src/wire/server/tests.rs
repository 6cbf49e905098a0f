//! The AWS vendor over a wire, on the simulated cloud: the same accounts as in this process.

use std::sync::Mutex;

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_vending_proto::v1beta1::account_vendor_client::AccountVendorClient;
use tonic::Code;
use tonic::transport::Channel;
use wire::event::Event;

use super::*;
use crate::aws::account::converge::look::Looked;
use crate::aws::preflight::{Coming, Finding, Intent};
use crate::aws::testing::scenarios::{LIMIT, job};
use crate::aws::testing::simulation::Cloud;
use crate::config::RefreshReadiness;
use crate::outcome::{LetGo, Outcome};
use crate::refusal::Refusal;
use crate::request::{AccountJob, Past, RunIntent};
use crate::vendor::Vendor;
use crate::wire::client::{Remote, Settings as OfBlock};
use crate::wire::convert::{facts, request};
use crate::wire::testing::{Lives, until};

/// Processes of the vendor, and a host of it.
struct Stage {
    cloud: Cloud,
    writes: Arc<Lives<Service>>,
    remote: Remote,
    services: Arc<Mutex<Vec<Service>>>,
}

fn stage(cloud: &Cloud) -> Stage {
    let services = Arc::new(Mutex::new(Vec::new()));
    let lives = || {
        let (cloud, services) = (cloud.clone(), Arc::clone(&services));
        Lives::new(move || {
            let cloud = cloud.clone();
            let service = Service::with(move |config| Vending::with_ports(config, cloud.ports()));
            services.lock().unwrap().push(service.clone());
            service.into_server()
        })
    };
    let (looks, writes) = (lives(), lives());
    let settings = OfBlock {
        host_version: "0.1.0".to_owned(),
        json: String::new(),
        managed_by: "us".to_owned(),
        max_in_flight: 0,
        refresh: RefreshReadiness::Full,
    };
    let remote = Remote::new("aws2", settings, looks, writes.clone());
    Stage { cloud: cloud.clone(), writes, remote, services }
}

impl Stage {
    async fn vend(&self, job: &AccountJob) -> Outcome {
        self.remote.vend(job, LIMIT, &CancellationToken::new()).await.unwrap()
    }

    async fn update(&self, job: &AccountJob, id: &str) -> Outcome {
        self.remote.update(job, id, LIMIT, &CancellationToken::new()).await.unwrap()
    }

    async fn look(&self, job: &AccountJob, id: &str) -> Outcome {
        let cancel = CancellationToken::new();
        match self.remote.look(job, id, None, LIMIT, &cancel).await.unwrap() {
            Looked::Found(outcome) => *outcome,
            other => panic!("{other:?}"),
        }
    }

    /// A configured process to speak to by hand.
    async fn client(&self, read_only: bool) -> AccountVendorClient<Channel> {
        let (channel, _) = crate::wire::Connect::channel(&*self.writes).await.unwrap();
        let mut client = AccountVendorClient::new(channel);
        let request = wire::ConfigureRequest {
            settings: String::new(),
            managed_by: "us".to_owned(),
            read_only,
        };
        let answer = client.configure(request).await.unwrap().into_inner();
        assert_eq!(answer.problems, []);
        client
    }

    /// The process dies in whatever it does.
    async fn kill(&self) {
        self.writes.cut();
        let dead: Vec<Service> = self.services.lock().unwrap().drain(..).collect();
        for service in dead {
            service.0.stopped.cancel();
            until(|| service.keys_in_flight().is_empty()).await;
        }
    }
}

/// The next run's job.
fn goes_on(job: &AccountJob, outcome: &Outcome) -> AccountJob {
    AccountJob {
        past: Past {
            lifecycle_phase: outcome.lifecycle_phase,
            phase: outcome.phase,
            closing_since: outcome.closing_since,
            tags_set_before: job.request.tags.keys().cloned().collect(),
            vendor: outcome.vendor.remembered.clone(),
            ..job.past.clone()
        },
        intent: RunIntent { seen_in: Some(outcome.facts.parent_id.clone()), ..job.intent.clone() },
        ..job.clone()
    }
}

fn advance(job: &AccountJob) -> wire::AdvanceRequest {
    wire::AdvanceRequest {
        request: Some(request::to_message(job, None, |_| true)),
        ..wire::AdvanceRequest::default()
    }
}

fn holding(cloud: &Cloud, email: &str) -> usize {
    cloud.world().accounts.iter().filter(|of| of.email == email).count()
}

#[tokio::test]
async fn an_account_is_the_same_over_the_wire_as_in_this_process() {
    let asked = job("payments");
    let near = Cloud::new();
    // As an empty block of settings is read.
    let config = Settings::parse("").unwrap().config("us".to_owned()).unwrap();
    let vending = Vending::with_ports(config, near.ports());
    let mut near = vending.vend(&asked, LIMIT, &CancellationToken::new()).await.unwrap();
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let mut far = stage.vend(&asked).await;
    assert!(far.ready());
    // What each remembers is kept in another place.
    let remembered = far.vendor.remembered.take().map(|of| String::from_utf8(of).unwrap());
    assert_eq!(remembered, Some(near.memory.to_text()));
    near.memory = Default::default();
    // The wire does not tell it: there, all work may bear.
    near.work_bears = far.work_bears;
    far.vendor.access.clear();
    assert_eq!(format!("{far:?}"), format!("{near:?}"));
}

#[tokio::test]
async fn a_run_is_told_in_order_with_the_id_as_soon_as_there_is_one() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let mut client = stage.client(false).await;
    let mut stream = client.advance(advance(&job("payments"))).await.unwrap().into_inner();
    let mut events = Vec::new();
    while let Some(event) = stream.message().await.unwrap() {
        events.push(event.event.unwrap());
    }
    assert!(matches!(events.first(), Some(Event::Accepted(_))));
    assert!(matches!(events.last(), Some(Event::Outcome(_))));
    let outcomes = events.iter().filter(|of| matches!(of, Event::Outcome(_))).count();
    assert_eq!(outcomes, 1);
    let ids: Vec<&String> = events
        .iter()
        .filter_map(|of| match of {
            Event::Checkpoint(checkpoint) => Some(&checkpoint.native_id),
            _ => None,
        })
        .collect();
    assert_eq!(ids, ["100000000001"]);
    let phases: Vec<i32> = events
        .iter()
        .filter_map(|of| match of {
            Event::Progress(progress) => Some(progress.phase),
            _ => None,
        })
        .collect();
    assert!(phases.len() > 2 && phases.is_sorted(), "{phases:?}");
    let created = events.iter().position(|of| matches!(of, Event::Checkpoint(_))).unwrap();
    assert!(created < 4, "{events:#?}");
}

#[tokio::test]
async fn a_cut_after_each_event_leaves_one_account_and_the_same_end() {
    let asked = job("payments");
    let mut cuts = 0;
    loop {
        let cloud = Cloud::new();
        let stage = stage(&cloud);
        let mut client = stage.client(false).await;
        let mut stream = client.advance(advance(&asked)).await.unwrap().into_inner();
        let mut ended = false;
        for _ in 0..cuts {
            ended = stream.message().await.unwrap().is_none();
        }
        drop(stream);
        stage.kill().await;
        let outcome = stage.vend(&asked).await;
        assert!(outcome.ready(), "cut after {cuts} events: {outcome:?}");
        assert_eq!(
            holding(&stage.cloud, &asked.request.contract.email),
            1,
            "cut after {cuts} events"
        );
        if ended {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 5, "{cuts}");
}

#[tokio::test]
async fn a_life_over_the_wire() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let mut asked = job("payments");
    let outcome = stage.vend(&asked).await;
    let id = outcome.facts.id.clone();
    let seen = goes_on(&asked, &outcome);
    let (first, second) = (stage.look(&seen, &id).await, stage.look(&seen, &id).await);
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    assert_eq!(first.work, Vec::<String>::new());
    assert!(first.ready());

    asked = goes_on(&asked, &outcome);
    asked.request.tags = [("cost-center".to_owned(), "42".to_owned())].into();
    let outcome = stage.update(&asked, &id).await;
    assert_eq!(outcome.failures, []);
    assert_eq!(cloud.world().tags[&id]["cost-center"], "42");

    let cancel = CancellationToken::new();
    let close = |asked: AccountJob| async {
        stage.remote.close(&{ asked }, &id, LIMIT, &CancellationToken::new()).await
    };
    let early = close(goes_on(&asked, &outcome)).await;
    assert!(matches!(early, Err(Refusal::Problem(_))), "{early:?}");

    asked = goes_on(&asked, &outcome);
    asked.request.lifecycle_state = AccountLifecycleState::Retired;
    let outcome = stage.update(&asked, &id).await;
    assert_eq!(outcome.lifecycle_phase, LifecyclePhase::Retired, "{outcome:?}");
    let retired = goes_on(&asked, &outcome);
    let closed = close(retired.clone()).await.unwrap();
    assert!(matches!(closed, LetGo::Done { .. }), "{closed:?}");
    assert_eq!(close(retired.clone()).await.unwrap(), LetGo::Closed);
    let facts = stage.remote.facts(&id, &cancel).await.unwrap().unwrap();
    assert!(facts.state.is_closed());
}

#[tokio::test]
async fn a_released_account_stays_and_one_that_is_not_there_is_gone() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let asked = job("payments");
    let outcome = stage.vend(&asked).await;
    let (id, cancel) = (outcome.facts.id.clone(), CancellationToken::new());
    let mut retired = goes_on(&asked, &outcome);
    retired.request.lifecycle_state = AccountLifecycleState::Retired;
    let outcome = stage.update(&retired, &id).await;
    let retired = goes_on(&retired, &outcome);
    let released = stage.remote.release(&retired, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(released, LetGo::Done { .. }), "{released:?}");
    assert!(!cloud.world().tags[&id].contains_key("fleet:managed-by"));
    let other = "100000000099";
    assert_eq!(stage.remote.facts(other, &cancel).await.unwrap(), None);
    let gone = stage.remote.look(&asked, other, None, LIMIT, &cancel).await.unwrap();
    assert!(matches!(gone, Looked::Gone), "{gone:?}");
    let update = stage.remote.update(&goes_on(&asked, &outcome), other, LIMIT, &cancel).await;
    assert!(matches!(update, Err(Refusal::NoSuchObject { .. })), "{update:?}");
    let close = stage.remote.close(&retired, other, LIMIT, &cancel).await.unwrap();
    assert_eq!(close, LetGo::Gone);
}

#[tokio::test]
async fn a_plan_hears_what_stands_in_the_way_and_what_is_there() {
    let cloud = Cloud::new();
    let stage_1 = stage(&cloud);
    let cancel = CancellationToken::new();
    let asked = job("payments");
    let outcome = stage_1.vend(&asked).await;
    // Another run.
    let stage_2 = stage(&cloud);
    let coming = Coming { key: "payments", email: &asked.request.contract.email, named: None };
    let taken = stage_2.remote.found(&coming, &cancel).await.unwrap().unwrap();
    assert_eq!(taken.account.id, outcome.facts.id);
    assert!(taken.is_finished());
    let coming = Coming { key: "other", email: "other@example.com", named: None };
    assert_eq!(stage_2.remote.found(&coming, &cancel).await.unwrap(), None);
    let intent = Intent {
        create: true,
        key: Some("other".to_owned()),
        email: Some(asked.request.contract.email.clone()),
        parent: Some(crate::unit_path::Parent::Id("ou-ab12-missing0".to_owned())),
        ..Intent::default()
    };
    let findings = stage_2.remote.preflight(None, &intent, &cancel).await;
    let objects: Vec<&str> = findings
        .iter()
        .map(|of| match of {
            Finding::Problem { problem, blocks: true } => problem.object.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(objects, ["email", "parent"]);
}

#[tokio::test]
async fn what_two_planned_accounts_share_is_told_of_the_second() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let cancel = CancellationToken::new();
    let intent = |key: &str, email: &str| Intent {
        create: true,
        key: Some(key.to_owned()),
        email: Some(email.to_owned()),
        ..Intent::default()
    };
    let planned = [
        intent("z", "aws+z@example.com"),
        // Whatever the order of their keys, and whether they are asked about at one time.
        intent("b", "AWS+z@example.com"),
        intent("a", "aws+a@example.com"),
    ];
    let asking = planned.iter().map(|of| stage.remote.preflight(None, of, &cancel));
    let mut told = futures::future::join_all(asking).await;
    told.push(stage.remote.preflight(None, &intent("c", "aws+a@example.com"), &cancel).await);
    let codes: Vec<Vec<&str>> = told
        .iter()
        .map(|of| {
            let code = |finding| match finding {
                &Finding::Problem { ref problem, blocks: true } => problem.code.as_str(),
                other => panic!("{other:?}"),
            };
            of.iter().map(code).collect()
        })
        .collect();
    assert_eq!(codes, [vec![], vec!["email-twice"], vec![], vec!["email-twice"]]);
}

#[tokio::test]
async fn a_plan_hears_what_of_ours_is_in_the_account_that_it_finds() {
    let cloud = Cloud::new();
    let stage_1 = stage(&cloud);
    let asked = job("payments");
    let outcome = stage_1.vend(&asked).await;
    let id = outcome.facts.id.as_str();
    let cancel = CancellationToken::new();
    let marks = cloud.world().tags[id].clone();
    let role = crate::aws::api::member::Role { tags: marks, ..Default::default() };
    cloud.world().roles.insert("fleet-plan".to_owned(), role);
    let own = Vending::with_ports(
        Settings::parse("").unwrap().config("us".to_owned()).unwrap(),
        cloud.ports(),
    );
    let here = own.inside(&asked, id, &cancel).await.unwrap();
    assert!(!here.objects.is_empty(), "{here:?}");
    assert_eq!(stage(&cloud).remote.inside(&asked, id, &cancel).await.unwrap(), here);
}

#[tokio::test]
async fn a_fleet_id_belongs_to_its_key_and_a_digest_to_its_request() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let mut client = stage.client(false).await;
    type Change = fn(&mut wire::AccountRequest);
    let changes: [(Change, wire::ProblemClass); 2] = [
        (
            |of| of.r#ref.as_mut().unwrap().fleet_id = facts::fleet_id("other"),
            wire::ProblemClass::ConflictInput,
        ),
        (|of| of.parent = "Elsewhere".to_owned(), wire::ProblemClass::Invalid),
    ];
    for (change, class) in changes {
        let mut call = advance(&job("payments"));
        change(call.request.as_mut().unwrap());
        let mut stream = client.advance(call).await.unwrap().into_inner();
        let mut last = None;
        while let Some(event) = stream.message().await.unwrap() {
            last = event.event;
        }
        assert!(matches!(&last, Some(Event::Refused(of)) if of.class() == class), "{last:?}");
    }
    assert_eq!(cloud.world().accounts.len(), 0, "nothing was made");
}

#[tokio::test]
async fn a_process_does_what_it_was_configured_for() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let (channel, _) = crate::wire::Connect::channel(&*stage.writes).await.unwrap();
    let mut client = AccountVendorClient::new(channel);
    let said = client.describe(wire::DescribeRequest::default()).await.unwrap().into_inner();
    let schema = serde_json::from_str(&said.settings_schema).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let again = client.describe(wire::DescribeRequest::default()).await.unwrap().into_inner();
    assert_eq!(said, again);
    let code = |of: Result<_, Status>| of.map(drop).unwrap_err().code();
    assert_eq!(
        code(client.observe(wire::ObserveRequest::default()).await.map(drop)),
        Code::FailedPrecondition
    );
    let wrong = wire::ConfigureRequest {
        settings: r#"{"quarantine": {"parent": "//"}}"#.to_owned(),
        managed_by: "us".to_owned(),
        read_only: true,
    };
    let answer = client.configure(wrong).await.unwrap().into_inner();
    assert_eq!(answer.problems[0].object, "/quarantine/parent");
    let mut client = stage.client(true).await;
    let refused = client.advance(advance(&job("payments"))).await.map(drop);
    assert_eq!(code(refused), Code::FailedPrecondition);
    let again = wire::ConfigureRequest { managed_by: "us".to_owned(), ..Default::default() };
    assert_eq!(code(client.configure(again).await.map(drop)), Code::FailedPrecondition);
    let list = wire::ListRequest { page_token: "bogus".to_owned(), ..Default::default() };
    assert_eq!(code(client.list(list).await.map(drop)), Code::InvalidArgument);
    assert_eq!(cloud.world().accounts.len(), 0, "nothing was made");
}

#[tokio::test]
async fn one_call_works_on_a_key_and_a_stop_ends_it() {
    let cloud = Cloud::new();
    // Each wait of the engine's is one that a stop ends.
    cloud.world().create_seconds = 100_000;
    let stage = stage(&cloud);
    let mut client = stage.client(false).await;
    let mut stream = client.advance(advance(&job("payments"))).await.unwrap().into_inner();
    stream.message().await.unwrap();
    let second = client.advance(advance(&job("payments"))).await.map(drop);
    assert_eq!(second.unwrap_err().code(), Code::Aborted);
    let stopped = client.stop(wire::StopRequest {}).await.unwrap().into_inner();
    let mut last = None;
    while let Some(event) = stream.message().await.unwrap() {
        last = event.event;
    }
    match last {
        // Whether the account was there by then is the simulated clock's affair.
        Some(Event::Refused(_) | Event::Outcome(_)) => {}
        other => panic!("{other:?}"),
    }
    assert!(stopped.in_flight.len() <= 1);
    let third = client.advance(advance(&job("other"))).await.map(drop);
    assert_eq!(third.unwrap_err().code(), Code::Cancelled);
}

#[tokio::test]
async fn a_list_has_each_account_once_whatever_the_page() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    for key in ["a", "b", "c"] {
        stage.vend(&job(key)).await;
    }
    let mut client = stage.client_of_looks().await;
    for page_size in [1, 2, 100] {
        let (mut keys, mut page_token) = (Vec::new(), String::new());
        loop {
            let request =
                wire::ListRequest { page_size, page_token, ..wire::ListRequest::default() };
            let page = client.list(request).await.unwrap().into_inner();
            keys.extend(page.accounts.into_iter().map(|of| of.r#ref.unwrap().key));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(keys, ["a", "b", "c"], "{page_size}");
    }
    assert_eq!(stage.remote.duplicates(&CancellationToken::new()).await.unwrap(), []);
}

impl Stage {
    /// The process that the remote has configured already.
    async fn client_of_looks(&self) -> AccountVendorClient<Channel> {
        let (channel, _) = crate::wire::Connect::channel(&*self.writes).await.unwrap();
        AccountVendorClient::new(channel)
    }
}

#[tokio::test]
async fn a_look_by_the_token_alone_finds_the_account() {
    let cloud = Cloud::new();
    let stage = stage(&cloud);
    let asked = job("payments");
    let mut client = stage.client(false).await;
    let observe = |job: &AccountJob| wire::ObserveRequest {
        accounts: vec![wire::ObserveAccount {
            request: Some(request::to_message(job, None, |_| true)),
            believed_digest: String::new(),
        }],
        depth: wire::Depth::Exists.into(),
    };
    let mut result = async |job: &AccountJob| {
        let answer = client.observe(observe(job)).await.unwrap().into_inner();
        assert_eq!(
            answer.observations[0].fleet_id,
            facts::fleet_id(job.request.contract.key.as_str())
        );
        answer.observations[0].result.clone().unwrap()
    };
    use wire::observation::Result as Found;
    assert!(matches!(result(&asked).await, Found::Gone(_)));
    let mut other = stage.client_of_looks().await;
    let mut stream = other.advance(advance(&asked)).await.unwrap().into_inner();
    while stream.message().await.unwrap().is_some() {}
    match result(&asked).await {
        Found::Found(outcome) => {
            let reference = outcome.facts.unwrap().r#ref.unwrap();
            assert_eq!(reference.native_id, "100000000001");
        }
        other => panic!("{other:?}"),
    }
}
