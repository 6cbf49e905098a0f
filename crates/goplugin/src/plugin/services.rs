//! Which service answers a request: the plugin's own, or one of go-plugin's small ones.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, BoxStream, Service, http};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::generated::plugin::grpc_controller_server::{GrpcController, GrpcControllerServer};
use crate::generated::plugin::grpc_stdio_server::{GrpcStdio, GrpcStdioServer};
use crate::generated::plugin::{Empty, StdioData};

/// What a plugin serves: a server that tonic generates of a service, or whatever answers requests as one does. It is asked
/// for every path but those of go-plugin's own services.
pub trait Services:
    Service<
        http::Request<Body>,
        Response = http::Response<Body>,
        Error = Infallible,
        Future = BoxFuture<http::Response<Body>, Infallible>,
    > + Clone
    + Send
    + 'static
{
}

impl<S> Services for S where
    S: Service<
            http::Request<Body>,
            Response = http::Response<Body>,
            Error = Infallible,
            Future = BoxFuture<http::Response<Body>, Infallible>,
        > + Clone
        + Send
        + 'static
{
}

/// All services of the process.
#[derive(Clone)]
pub(super) struct Dispatch<S> {
    own: S,
    controller: GrpcControllerServer<Controller>,
    stdio: GrpcStdioServer<Stdio>,
    health: HealthServer<Healthy>,
}

impl<S: Services> Dispatch<S> {
    /// go-plugin's services beside the plugin's `own`. `shutdown` is cancelled when the host ends the process, which it may
    /// (`ends_on_shutdown`) unless a person started it.
    pub(super) fn new(own: S, shutdown: CancellationToken, ends_on_shutdown: bool) -> Self {
        let stdio = Stdio { shutdown: shutdown.clone() };
        let health = Healthy { shutdown: shutdown.clone() };
        let controller = Controller { shutdown: ends_on_shutdown.then_some(shutdown) };
        Self {
            own,
            controller: GrpcControllerServer::new(controller),
            stdio: GrpcStdioServer::new(stdio),
            health: HealthServer::new(health),
        }
    }
}

impl<S: Services> Service<http::Request<Body>> for Dispatch<S> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.own.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = request.uri().path().split('/').nth(1).unwrap_or_default();
        match service {
            "plugin.GRPCController" => self.controller.call(request),
            "plugin.GRPCStdio" => self.stdio.call(request),
            "grpc.health.v1.Health" => self.health.call(request),
            // What it does not know, go-plugin's optional broker among it, it answers with `UNIMPLEMENTED`.
            _ => self.own.call(request),
        }
    }
}

/// Ends the process.
struct Controller {
    shutdown: Option<CancellationToken>,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        if let Some(shutdown) = &self.shutdown {
            shutdown.cancel();
        }
        Ok(Response::new(Empty {}))
    }
}

/// Output after the handshake: none. The stream is open until the process ends, as the host expects.
struct Stdio {
    shutdown: CancellationToken,
}

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        let end = self.shutdown.clone().cancelled_owned();
        Ok(Response::new(Box::pin(futures::stream::pending().take_until(end))))
    }
}

/// Says that the plugin is well, by which some hosts find out whether it hangs.
struct Healthy {
    shutdown: CancellationToken,
}

impl Healthy {
    /// The names are the whole process and what go-plugin calls it.
    fn of(request: &Request<HealthCheckRequest>) -> Result<HealthCheckResponse, Status> {
        match request.get_ref().service.as_str() {
            "" | "plugin" => Ok(HealthCheckResponse { status: ServingStatus::Serving.into() }),
            _ => Err(Status::not_found("no such service")),
        }
    }
}

#[tonic::async_trait]
impl Health for Healthy {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Self::of(&request).map(Response::new)
    }

    type WatchStream = BoxStream<HealthCheckResponse>;

    /// It is well until it ends: nothing else ever follows.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let well = Self::of(&request)?;
        let end = self.shutdown.clone().cancelled_owned();
        let first = futures::stream::once(async move { Ok(well) });
        Ok(Response::new(Box::pin(first.chain(futures::stream::pending().take_until(end)))))
    }
}
