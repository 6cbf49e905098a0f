//! The AWS vendor for another program to drive: the service `AccountVendor` over the engine.

mod describe;
mod looks;
mod plans;
mod run;
mod settings;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fleet_vending_proto::limits;
use fleet_vending_proto::v1beta1 as wire;
use fleet_vending_proto::v1beta1::account_vendor_server::{AccountVendor, AccountVendorServer};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, async_trait};

use self::settings::Settings;
use super::convert::request::invalid;
use crate::aws::vending::Vending;
use crate::config::Config;

/// How long what was read of the organization is used for looks.
const FRESH: SignedDuration = SignedDuration::from_secs(30);

/// One process of the AWS vendor.
#[derive(Clone)]
pub struct Service(Arc<State>);

struct State {
    /// Makes the engine of the settings.
    engine: Box<dyn Fn(Config) -> Vending + Send + Sync>,
    configured: OnceLock<Configured>,
    /// The keys that are at work.
    in_flight: Arc<Mutex<BTreeSet<String>>>,
    /// No mutation begins any more.
    stopped: CancellationToken,
}

struct Configured {
    vending: Vending,
    read_only: bool,
    /// What looks go by: an engine that remembers what it read a short while ago, and forgets it with each change.
    looks: Mutex<(Timestamp, Vending)>,
    /// Held by the one call that looks at a plan.
    planning: tokio::sync::Mutex<()>,
}

impl Service {
    /// A process that has not been configured yet. It calls nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Vending::new)
    }

    /// The same over another engine.
    pub(super) fn with(engine: impl Fn(Config) -> Vending + Send + Sync + 'static) -> Self {
        Self(Arc::new(State {
            engine: Box::new(engine),
            configured: OnceLock::new(),
            in_flight: Arc::default(),
            stopped: CancellationToken::new(),
        }))
    }

    /// As what answers requests.
    #[must_use]
    pub fn into_server(self) -> AccountVendorServer<Self> {
        AccountVendorServer::new(self)
            .max_decoding_message_size(limits::MESSAGE_TO_VENDOR)
            .max_encoding_message_size(limits::MESSAGE_OF_VENDOR)
    }

    fn configured(&self) -> Result<&Configured, Status> {
        let configured = self.0.configured.get();
        configured.ok_or_else(|| Status::failed_precondition("Configure comes first"))
    }

    /// The engine to change things with.
    fn writing(&self) -> Result<&Configured, Status> {
        let configured = self.configured()?;
        if configured.read_only {
            return Err(Status::failed_precondition("this process was configured read only"));
        }
        if self.0.stopped.is_cancelled() {
            return Err(Status::cancelled("this process was asked to stop"));
        }
        Ok(configured)
    }

    fn keys_in_flight(&self) -> Vec<String> {
        let keys = self.0.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().cloned().collect()
    }
}

impl Default for Service {
    fn default() -> Self {
        Self::new()
    }
}

impl Configured {
    /// The engine to look with.
    fn looks(&self) -> Vending {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.vending.clock().now();
        if now.duration_since(looks.0) > FRESH {
            *looks = (now, self.vending.afresh());
        }
        looks.1.clone()
    }

    /// What was read is not true any more.
    fn forget_looks(&self) {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        *looks = (self.vending.clock().now(), self.vending.afresh());
    }
}

#[async_trait]
impl AccountVendor for Service {
    async fn describe(
        &self,
        _request: Request<wire::DescribeRequest>,
    ) -> Result<Response<wire::DescribeResponse>, Status> {
        Ok(Response::new(describe::describe()))
    }

    async fn configure(
        &self,
        request: Request<wire::ConfigureRequest>,
    ) -> Result<Response<wire::ConfigureResponse>, Status> {
        let request = request.into_inner();
        if request.managed_by.is_empty() {
            return Err(Status::invalid_argument("managed_by is empty"));
        }
        let config =
            Settings::parse(&request.settings).and_then(|of| of.config(request.managed_by));
        let config = match config {
            Ok(config) => config,
            Err((pointer, why)) => {
                let problems = vec![*invalid(&pointer, &format!("the settings: {why}"))];
                return Ok(Response::new(wire::ConfigureResponse { problems }));
            }
        };
        let vending = (self.0.engine)(config);
        let looks = Mutex::new((vending.clock().now(), vending.afresh()));
        let planning = tokio::sync::Mutex::default();
        let configured = Configured { vending, read_only: request.read_only, looks, planning };
        match self.0.configured.set(configured) {
            Ok(()) => Ok(Response::new(wire::ConfigureResponse::default())),
            Err(_) => Err(Status::failed_precondition("this process is configured already")),
        }
    }

    async fn preflight(
        &self,
        request: Request<wire::PreflightRequest>,
    ) -> Result<Response<wire::PreflightResponse>, Status> {
        let configured = self.configured()?;
        // What is planned in one call is not what is planned in another at the same time.
        let _alone = configured.planning.lock().await;
        Ok(Response::new(plans::preflight(&configured.looks(), request.into_inner()).await))
    }

    async fn observe(
        &self,
        request: Request<wire::ObserveRequest>,
    ) -> Result<Response<wire::ObserveResponse>, Status> {
        let (looks, request) = (self.configured()?.looks(), request.into_inner());
        if request.accounts.len() > limits::ACCOUNTS {
            return Err(Status::invalid_argument("too many accounts"));
        }
        Ok(Response::new(looks::observe(&looks, request).await))
    }

    async fn advance(
        &self,
        request: Request<wire::AdvanceRequest>,
    ) -> Result<Response<BoxStream<wire::Event>>, Status> {
        self.writing()?;
        self.run_advance(request.into_inner()).map(Response::new)
    }

    async fn transition(
        &self,
        request: Request<wire::TransitionRequest>,
    ) -> Result<Response<BoxStream<wire::Event>>, Status> {
        self.writing()?;
        self.run_transition(request.into_inner()).map(Response::new)
    }

    async fn check(
        &self,
        request: Request<wire::CheckRequest>,
    ) -> Result<Response<BoxStream<wire::CheckResponse>>, Status> {
        let looks = self.configured()?.looks();
        let checks = looks::check(&looks, request.into_inner()).await;
        Ok(Response::new(Box::pin(tokio_stream::iter(checks.into_iter().map(Ok)))))
    }

    async fn adopt(
        &self,
        request: Request<wire::AdoptRequest>,
    ) -> Result<Response<wire::AdoptResponse>, Status> {
        let looks = self.configured()?.looks();
        let result = Some(looks::adopt(&looks, request.into_inner()).await);
        Ok(Response::new(wire::AdoptResponse { result }))
    }

    async fn list(
        &self,
        request: Request<wire::ListRequest>,
    ) -> Result<Response<wire::ListResponse>, Status> {
        let looks = self.configured()?.looks();
        looks::list(&looks, request.into_inner()).await.map(Response::new)
    }

    async fn stop(
        &self,
        _request: Request<wire::StopRequest>,
    ) -> Result<Response<wire::StopResponse>, Status> {
        self.0.stopped.cancel();
        Ok(Response::new(wire::StopResponse { in_flight: self.keys_in_flight() }))
    }
}

#[cfg(test)]
mod tests;
