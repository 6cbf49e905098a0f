//! What the vendor answers.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use fleet_vending_proto::v1beta1 as pb;
use futures::{Stream, stream};
use pb::account_vendor_server::AccountVendor;
use pb::{Capability, LifecycleState, ProblemClass};
use serde_json::{Value, json};
use tonic::{Request, Response, Status};

use crate::cloud::{Account, Cloud, Life};
use crate::fire::Fire;
use crate::life;
use crate::switch::Switch;
use crate::work::{self, Configured};

type BoxStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The vendor.
pub(crate) struct Breakable {
    switch: Option<Switch>,
    fire: Fire,
    configured: Mutex<Option<Configured>>,
}

impl Breakable {
    pub(crate) fn new(switch: Option<Switch>, fire: Fire) -> Self {
        Self { switch, fire, configured: Mutex::default() }
    }

    fn breaks(&self, switch: Switch) -> bool {
        self.switch == Some(switch)
    }

    fn seen(&self, account: &Account) -> pb::Outcome {
        let mut outcome = work::outcome(account);
        // By process, so that one process alone says the same each time.
        if self.breaks(Switch::ObserveVaries) {
            outcome.work.push(format!("seen by {}", std::process::id()));
        }
        outcome
    }

    fn believes(&self, digest: &str) -> bool {
        digest == work::digest() || !digest.is_empty() && self.breaks(Switch::BelievesEverything)
    }

    fn configured(&self) -> Result<Configured, Status> {
        let configured = self.configured.lock().unwrap_or_else(PoisonError::into_inner);
        configured.clone().ok_or_else(|| Status::failed_precondition("not configured"))
    }

    fn changing(&self) -> Result<Configured, Status> {
        let configured = self.configured()?;
        if configured.read_only && !self.breaks(Switch::ReadOnlyWrites) {
            return Err(Status::failed_precondition("read only"));
        }
        Ok(configured)
    }
}

#[tonic::async_trait]
impl AccountVendor for Breakable {
    async fn describe(
        &self,
        _: Request<pb::DescribeRequest>,
    ) -> Result<Response<pb::DescribeResponse>, Status> {
        self.fire.point("Describe");
        let varies = if self.breaks(Switch::DescriptionVaries) { std::process::id() } else { 0 };
        let capabilities = [
            Capability::Adopt,
            Capability::List,
            Capability::ListUnmanaged,
            Capability::Freeze,
            Capability::Close,
            Capability::ResumeToken,
            Capability::Believed,
            Capability::Ownership,
        ];
        let phases = [pb::Phase::Created, pb::Phase::Placed, pb::Phase::Ready];
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": { "directory": { "type": "string" } },
            "required": ["directory"],
            "additionalProperties": false,
        });
        Ok(Response::new(pb::DescribeResponse {
            name: "Breakable".into(),
            version: format!("0.1.{varies}"),
            capabilities: capabilities.map(Into::into).to_vec(),
            settings_schema: schema.to_string(),
            phases: phases
                .map(|phase| pb::PhaseDescription { phase: phase.into(), usual_seconds: 0 })
                .to_vec(),
            irreversible: vec![LifecycleState::Closed.into()],
            ..pb::DescribeResponse::default()
        }))
    }

    async fn configure(
        &self,
        request: Request<pb::ConfigureRequest>,
    ) -> Result<Response<pb::ConfigureResponse>, Status> {
        self.fire.point("Configure");
        let request = request.into_inner();
        let invalid = |message: &str, object: &str| pb::Problem {
            class: ProblemClass::Invalid.into(),
            message: if self.breaks(Switch::SettingsAreTold) {
                format!("{message}: {}", request.settings)
            } else {
                message.into()
            },
            object: if self.breaks(Switch::SettingsWithoutPlace) {
                String::new()
            } else {
                object.into()
            },
            ..pb::Problem::default()
        };
        let problems = match serde_json::from_str::<Value>(&request.settings) {
            Ok(Value::Object(settings)) => {
                let unknown = settings.keys().filter(|name| *name != "directory");
                let mut problems: Vec<pb::Problem> = unknown
                    .map(|name| invalid("There is no such setting", &format!("/{name}")))
                    .collect();
                match settings.get("directory") {
                    Some(Value::String(directory)) if problems.is_empty() => {
                        let cloud = Cloud {
                            directory: PathBuf::from(directory),
                            switch: self.switch,
                            fire: self.fire.clone(),
                        };
                        let configured =
                            Configured::new(cloud, request.managed_by.clone(), request.read_only);
                        *self.configured.lock().unwrap_or_else(PoisonError::into_inner) =
                            Some(configured);
                    }
                    Some(Value::String(_)) => {}
                    _ => problems.push(invalid("This has to be a path", "/directory")),
                }
                problems
            }
            _ => vec![invalid("The settings are no JSON object", "")],
        };
        Ok(Response::new(pb::ConfigureResponse { problems }))
    }

    async fn preflight(
        &self,
        request: Request<pb::PreflightRequest>,
    ) -> Result<Response<pb::PreflightResponse>, Status> {
        self.fire.point("Preflight");
        let mut answer = pb::PreflightResponse::default();
        let configured = match self.configured() {
            Err(_) if self.breaks(Switch::AnswersUnconfigured) => return Ok(Response::new(answer)),
            configured => configured?,
        };
        for planned in request.into_inner().accounts {
            let request = planned.request.unwrap_or_default();
            let fleet_id = request.r#ref.clone().unwrap_or_default().fleet_id;
            let found = configured.cloud.read(&fleet_id);
            let problem = match &found {
                Ok(None) => None,
                Ok(Some(account)) => configured.why_not(&request, account),
                Err(failure) => Some(configured.problem(failure)),
            };
            match (found, problem) {
                (_, Some(problem)) => {
                    answer.findings.push(pb::Finding {
                        shared_with: Vec::new(),
                        fleet_id,
                        blocks: true,
                        problem: Some(problem),
                    });
                }
                (Ok(Some(account)), None) => answer.existing.push(pb::ExistingAccount {
                    fleet_id,
                    facts: Some(work::facts(&account)),
                    ..pb::ExistingAccount::default()
                }),
                _ => {}
            }
            if self.breaks(Switch::PreflightSeesTheFirst) {
                break;
            }
        }
        Ok(Response::new(answer))
    }

    async fn observe(
        &self,
        request: Request<pb::ObserveRequest>,
    ) -> Result<Response<pb::ObserveResponse>, Status> {
        self.fire.point("Observe");
        let configured = self.configured()?;
        let mut answer = pb::ObserveResponse::default();
        for asked in request.into_inner().accounts {
            let of = asked.request.unwrap_or_default().r#ref.unwrap_or_default();
            let found = if of.fleet_id.is_empty() {
                configured
                    .cloud
                    .all()
                    .map(|all| all.into_iter().find(|account| account.native_id == of.native_id))
            } else {
                configured.cloud.read(&of.fleet_id)
            };
            let result = match found {
                Err(failure) => pb::observation::Result::Problem(configured.problem(&failure)),
                Ok(None) => {
                    if self.breaks(Switch::ObserveWrites) {
                        let _ = configured.cloud.scribble();
                    }
                    pb::observation::Result::Gone(pb::Gone { looked_in: "the directory".into() })
                }
                Ok(Some(account))
                    if self.believes(&asked.believed_digest)
                        && account.lifecycle == Life::Active =>
                {
                    pb::observation::Result::AsBelieved(pb::AsBelieved {})
                }
                Ok(Some(account)) => pb::observation::Result::Found(self.seen(&account)),
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
        self.fire.point("Advance");
        Ok(Response::new(work::advance(self.changing()?, request.into_inner())?))
    }

    async fn transition(
        &self,
        request: Request<pb::TransitionRequest>,
    ) -> Result<Response<BoxStream<pb::Event>>, Status> {
        self.fire.point("Transition");
        Ok(Response::new(life::transition(self.changing()?, request.into_inner())?))
    }

    async fn check(
        &self,
        request: Request<pb::CheckRequest>,
    ) -> Result<Response<BoxStream<pb::CheckResponse>>, Status> {
        let configured = self.configured()?;
        let of = request.into_inner().request.unwrap_or_default().r#ref.unwrap_or_default();
        let result = match configured.cloud.read(&of.fleet_id) {
            Ok(Some(_)) => pb::check_response::Result::Check(work::check()),
            Ok(None) => {
                pb::check_response::Result::Problem(configured.problem_of(ProblemClass::NotFound))
            }
            Err(failure) => pb::check_response::Result::Problem(configured.problem(&failure)),
        };
        let answer = pb::CheckResponse { result: Some(result) };
        Ok(Response::new(Box::pin(stream::iter([Ok(answer)]))))
    }

    async fn adopt(
        &self,
        request: Request<pb::AdoptRequest>,
    ) -> Result<Response<pb::AdoptResponse>, Status> {
        let configured = self.configured()?;
        let native_id = request.into_inner().native_id;
        let all = configured.cloud.all().map_err(|_| Status::unavailable("the directory"))?;
        let found = all
            .into_iter()
            .find(|account| account.native_id == native_id && account.managed_by.is_empty());
        let result = match found {
            Some(account) => pb::adopt_response::Result::Adoption(pb::Adoption {
                facts: Some(work::facts(&account)),
                changes: vec!["its manager".into()],
                signs_of_others: Vec::new(),
            }),
            None => pb::adopt_response::Result::Nothing(pb::NothingToAdopt {}),
        };
        Ok(Response::new(pb::AdoptResponse { result: Some(result) }))
    }

    async fn list(
        &self,
        request: Request<pb::ListRequest>,
    ) -> Result<Response<pb::ListResponse>, Status> {
        let configured = self.configured()?;
        let request = request.into_inner();
        let all = configured.cloud.all().map_err(|_| Status::unavailable("the directory"))?;
        let known = |account: &Account| {
            account.managed_by == configured.managed_by
                || request.unmanaged && account.managed_by.is_empty()
        };
        let all: Vec<Account> = all.into_iter().filter(known).collect();
        let from = match request.page_token.as_str() {
            "" => 0,
            token => {
                1 + all
                    .iter()
                    .position(|account| account.native_id == token)
                    .or_else(|| self.breaks(Switch::EveryTokenIsAPage).then_some(0))
                    .ok_or_else(|| Status::invalid_argument("no page token of ours"))?
            }
        };
        let from = if self.breaks(Switch::PagesOverlap) && request.page_size > 1 {
            from.saturating_sub(1)
        } else {
            from
        };
        let size = if request.page_size == 0 {
            all.len()
        } else {
            usize::try_from(request.page_size).unwrap_or(usize::MAX)
        };
        let page = &all[from..all.len().min(from.saturating_add(size))];
        let more = from + page.len() < all.len();
        let next =
            page.last().filter(|_| more).map_or(String::new(), |account| account.native_id.clone());
        Ok(Response::new(pb::ListResponse {
            accounts: page.iter().map(work::facts).collect(),
            next_page_token: next,
        }))
    }

    async fn stop(
        &self,
        _: Request<pb::StopRequest>,
    ) -> Result<Response<pb::StopResponse>, Status> {
        Ok(Response::new(pb::StopResponse::default()))
    }
}
