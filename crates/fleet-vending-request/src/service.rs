//! The calls of the protocol.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use fleet_vending_proto::v1beta1 as pb;
use futures::{Stream, stream};
use pb::account_vendor_server::AccountVendor;
use pb::{Capability, LifecycleState, Phase, ProblemClass, Severity};
use tokio::sync::{mpsc, watch};
use tonic::{Request, Response, Status};

use crate::settings;
use crate::standing::{self, CHECK};
use crate::store;
use crate::teller::{Refusal, Teller};
use crate::vendor::{Vendor, problem, unreadable};

type BoxStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Events that wait for somebody to read them.
const WAITING: usize = 16;

/// The vendor, before and after it is configured.
pub(crate) struct Service {
    vendor: Mutex<Option<Vendor>>,
    stop: watch::Sender<bool>,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self { vendor: Mutex::default(), stop: watch::Sender::new(false) }
    }

    fn configured(&self) -> Result<Vendor, Status> {
        let vendor = self.vendor.lock().unwrap_or_else(PoisonError::into_inner);
        vendor.clone().ok_or_else(|| Status::failed_precondition("not configured"))
    }

    fn changing(&self) -> Result<Vendor, Status> {
        let vendor = self.configured()?;
        if vendor.read_only {
            return Err(Status::failed_precondition("configured read only"));
        }
        if *self.stop.borrow() {
            return Err(Status::unavailable("stopping"));
        }
        Ok(vendor)
    }

    /// Has `work` done for a key at which nothing else works, and gives what it tells.
    fn events<F, W>(
        &self,
        of: &pb::AccountRef,
        work: F,
    ) -> Result<Response<BoxStream<pb::Event>>, Status>
    where
        F: FnOnce(Vendor, Teller) -> W,
        W: Future<Output = ()> + Send + 'static,
    {
        let vendor = self.changing()?;
        let lock = if store::is_key(&of.key) {
            match vendor.store.lock(&of.key) {
                Ok(Some(lock)) => Some(lock),
                Ok(None) => return Err(Status::aborted("another call is at work on this key")),
                // What is wrong with the directory is told as a problem of the account.
                Err(_) => None,
            }
        } else {
            None
        };
        let (sender, mut events) = mpsc::channel(WAITING);
        let key = of.key.clone();
        vendor.at_work().insert(key.clone());
        let work = work(vendor.clone(), Teller(sender));
        tokio::spawn(async move {
            work.await;
            vendor.at_work().remove(&key);
            drop(lock);
        });
        Ok(Response::new(Box::pin(stream::poll_fn(move |context| events.poll_recv(context)))))
    }
}

#[tonic::async_trait]
impl AccountVendor for Service {
    async fn describe(
        &self,
        _: Request<pb::DescribeRequest>,
    ) -> Result<Response<pb::DescribeResponse>, Status> {
        let capabilities = [
            Capability::List,
            Capability::Close,
            Capability::DeferredIdentity,
            Capability::Ownership,
        ];
        let arguments = [
            "email",
            "parent",
            "region_set",
            "network_profile",
            "baseline_policy",
            "gitops_enabled",
            "tags",
            "controls",
            "identity",
        ];
        let phases = [(Phase::Requested, 86_400), (Phase::Created, 0), (Phase::Ready, 0)];
        Ok(Response::new(pb::DescribeResponse {
            name: "Request".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: capabilities.map(Into::into).to_vec(),
            settings_schema: settings::schema().to_string(),
            vendor_settings_schema: r#"{"type":"object"}"#.into(),
            arguments: arguments.map(str::to_owned).to_vec(),
            required_arguments: Vec::new(),
            checks: vec![pb::CheckDescription {
                name: CHECK.into(),
                description: "Somebody else than who asked has approved the account, and says where it can be seen.".into(),
                severity: Severity::Critical.into(),
            }],
            phases: phases
                .map(|(phase, usual_seconds)| pb::PhaseDescription { phase: phase.into(), usual_seconds })
                .to_vec(),
            irreversible: vec![LifecycleState::Released.into(), LifecycleState::Closed.into()],
            max_in_flight: 0,
        }))
    }

    async fn configure(
        &self,
        request: Request<pb::ConfigureRequest>,
    ) -> Result<Response<pb::ConfigureResponse>, Status> {
        let request = request.into_inner();
        let problems = match settings::read(if request.settings.is_empty() {
            "{}"
        } else {
            &request.settings
        }) {
            Ok(settings) => {
                let vendor = Vendor::new(
                    settings,
                    request.managed_by,
                    request.read_only,
                    self.stop.subscribe(),
                );
                *self.vendor.lock().unwrap_or_else(PoisonError::into_inner) = Some(vendor);
                Vec::new()
            }
            Err(wrong) => wrong
                .into_iter()
                .map(|wrong| {
                    problem(
                        ProblemClass::Invalid,
                        &wrong.pointer,
                        wrong.what.into(),
                        "See the page of this vendor.",
                    )
                })
                .collect(),
        };
        Ok(Response::new(pb::ConfigureResponse { problems }))
    }

    async fn preflight(
        &self,
        request: Request<pb::PreflightRequest>,
    ) -> Result<Response<pb::PreflightResponse>, Status> {
        let vendor = self.configured()?;
        let mut answer = pb::PreflightResponse::default();
        for planned in request.into_inner().accounts {
            let of = planned.request.unwrap_or_default().r#ref.unwrap_or_default();
            let fleet_id = of.fleet_id.clone();
            let seen = vendor.find_ours(&of).and_then(|found| match found {
                Some(found) => Ok(vendor.outcome(&found, &of.native_id)?.facts),
                None => Ok(None),
            });
            match seen {
                Ok(None) | Err(Refusal::Gone) => {}
                Ok(facts) => {
                    answer.existing.push(pb::ExistingAccount {
                        fleet_id,
                        facts,
                        ..pb::ExistingAccount::default()
                    });
                }
                Err(Refusal::Problem(problem)) => {
                    answer.findings.push(pb::Finding {
                        shared_with: Vec::new(),
                        fleet_id,
                        blocks: true,
                        problem: Some(*problem),
                    });
                }
            }
        }
        Ok(Response::new(answer))
    }

    async fn observe(
        &self,
        request: Request<pb::ObserveRequest>,
    ) -> Result<Response<pb::ObserveResponse>, Status> {
        let vendor = self.configured()?;
        let mut answer = pb::ObserveResponse::default();
        for asked in request.into_inner().accounts {
            let of = asked.request.unwrap_or_default().r#ref.unwrap_or_default();
            // What was released is still seen; what another has is a problem.
            let seen = match vendor.find(&of) {
                Ok(Some(found)) if found.managed_by.is_empty() && found.fleet_id == of.fleet_id => {
                    Ok(Some(found))
                }
                Ok(_) => vendor.find_ours(&of),
                Err(refusal) => Err(refusal),
            };
            let seen = seen.and_then(|found| match found {
                Some(found) => Ok(vendor.outcome(&found, &of.native_id)?),
                None => Err(Refusal::Gone),
            });
            let result = match seen {
                Ok(outcome) => pb::observation::Result::Found(outcome),
                Err(Refusal::Gone) => {
                    pb::observation::Result::Gone(pb::Gone { looked_in: "requests/".into() })
                }
                Err(Refusal::Problem(problem)) => pb::observation::Result::Problem(*problem),
            };
            answer
                .observations
                .push(pb::Observation { fleet_id: of.fleet_id, result: Some(result) });
        }
        Ok(Response::new(answer))
    }

    async fn advance(
        &self,
        request: Request<pb::AdvanceRequest>,
    ) -> Result<Response<BoxStream<pb::Event>>, Status> {
        let call = request.into_inner();
        let of = call.request.clone().unwrap_or_default().r#ref.unwrap_or_default();
        self.events(&of, |vendor, teller| vendor.advance(call, teller))
    }

    async fn transition(
        &self,
        request: Request<pb::TransitionRequest>,
    ) -> Result<Response<BoxStream<pb::Event>>, Status> {
        let call = request.into_inner();
        let of = call.request.clone().unwrap_or_default().r#ref.unwrap_or_default();
        self.events(&of, |vendor, teller| vendor.transition(call, teller))
    }

    async fn check(
        &self,
        request: Request<pb::CheckRequest>,
    ) -> Result<Response<BoxStream<pb::CheckResponse>>, Status> {
        let vendor = self.configured()?;
        let pb::CheckRequest { request, names } = request.into_inner();
        let of = request.unwrap_or_default().r#ref.unwrap_or_default();
        let found = vendor.find_ours(&of).and_then(|found| found.ok_or(Refusal::Gone));
        let seen = found.and_then(|found| Ok(vendor.outcome(&found, &of.native_id)?));
        let results: Vec<pb::check_response::Result> = match seen {
            Ok(outcome) => {
                let asked = outcome
                    .readiness
                    .into_iter()
                    .filter(|check| names.is_empty() || names.contains(&check.check));
                asked.map(pb::check_response::Result::Check).collect()
            }
            Err(Refusal::Problem(problem)) => vec![pb::check_response::Result::Problem(*problem)],
            Err(Refusal::Gone) => {
                let gone = problem(
                    ProblemClass::NotFound,
                    "",
                    "There is no request of this account.".into(),
                    "",
                );
                vec![pb::check_response::Result::Problem(gone)]
            }
        };
        let answers =
            results.into_iter().map(|result| Ok(pb::CheckResponse { result: Some(result) }));
        Ok(Response::new(Box::pin(stream::iter(answers.collect::<Vec<_>>()))))
    }

    async fn list(
        &self,
        request: Request<pb::ListRequest>,
    ) -> Result<Response<pb::ListResponse>, Status> {
        let vendor = self.configured()?;
        let request = request.into_inner();
        let failed = |error: &store::Error| Status::unavailable(unreadable(error).message);
        let mut ours = vendor.store.requests().map_err(|error| failed(&error))?;
        ours.retain(|one| {
            one.managed_by == vendor.managed_by
                && (request.below.is_empty() || one.asked.parent == request.below)
        });
        let token = request.page_token.as_str();
        if !token.is_empty() && !ours.iter().any(|one| one.key == token) {
            return Err(Status::invalid_argument("no page token of this vendor"));
        }
        ours.retain(|one| one.key.as_str() > token);
        let size = if request.page_size == 0 {
            ours.len()
        } else {
            usize::try_from(request.page_size).unwrap_or(usize::MAX)
        };
        let more = ours.len() > size;
        ours.truncate(size);
        let next_page_token =
            ours.last().filter(|_| more).map_or_else(String::new, |last| last.key.clone());
        let mut accounts = Vec::new();
        for one in &ours {
            let outcome = vendor.outcome(one, "").map_err(|error| failed(&error))?;
            accounts.push(outcome.facts.unwrap_or_else(|| standing::facts(one, "", None)));
        }
        Ok(Response::new(pb::ListResponse { accounts, next_page_token }))
    }

    async fn stop(
        &self,
        _: Request<pb::StopRequest>,
    ) -> Result<Response<pb::StopResponse>, Status> {
        self.stop.send_replace(true);
        let in_flight = self
            .configured()
            .map_or_else(|_| Vec::new(), |vendor| vendor.at_work().iter().cloned().collect());
        Ok(Response::new(pb::StopResponse { in_flight }))
    }
}
