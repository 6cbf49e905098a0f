//! Which service answers a request: the provider's, or one of go-plugin's two small ones.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, BoxStream, http};
use tonic::{Request, Response, Status};

use super::generated::plugin::grpc_controller_server::{GrpcController, GrpcControllerServer};
use super::generated::plugin::grpc_stdio_server::{GrpcStdio, GrpcStdioServer};
use super::generated::plugin::{Empty, StdioData};
use super::generated::tfplugin6::provider_server::ProviderServer;
use super::service::Service;

/// What the CLI's side allows too; the library's own limit of 4 MiB would break on a large state.
const MESSAGE_LIMIT: usize = 256 << 20;

/// All services of the process.
#[derive(Clone)]
pub(crate) struct Services {
    provider: ProviderServer<Service>,
    controller: GrpcControllerServer<Controller>,
    stdio: GrpcStdioServer<Stdio>,
}

impl Services {
    /// The services around `provider`. `shutdown` is cancelled when the CLI ends the process, which it may
    /// (`ends_on_shutdown`) unless a person started it with `-debug`.
    pub(crate) fn new(
        provider: Service,
        shutdown: CancellationToken,
        ends_on_shutdown: bool,
    ) -> Self {
        let stdio = Stdio { shutdown: shutdown.clone() };
        let controller = Controller { shutdown: ends_on_shutdown.then_some(shutdown) };
        Self {
            provider: ProviderServer::new(provider)
                .max_decoding_message_size(MESSAGE_LIMIT)
                .max_encoding_message_size(MESSAGE_LIMIT),
            controller: GrpcControllerServer::new(controller),
            stdio: GrpcStdioServer::new(stdio),
        }
    }
}

impl tonic::codegen::Service<http::Request<Body>> for Services {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = request.uri().path().split('/').nth(1).unwrap_or_default();
        match service {
            "tfplugin6.Provider" => self.provider.call(request),
            "plugin.GRPCController" => self.controller.call(request),
            "plugin.GRPCStdio" => self.stdio.call(request),
            // The broker and the health check of go-plugin are optional, and unused here.
            _ => Box::pin(async { Ok(Status::unimplemented("no such service").into_http()) }),
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

/// Output after the handshake: none. The stream is open until the process ends, as the CLI expects.
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
