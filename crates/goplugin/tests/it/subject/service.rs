//! What the plugin does when it is called: text in, text out.

use std::convert::Infallible;
use std::future::{Pending, pending};
use std::io::{self, Write as _};
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::Grpc;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// How many bytes `Flood` prints: more than a pipe holds.
const FLOOD: usize = 1 << 20;

/// A service without a name in any file: its methods are read off the path.
#[derive(Clone)]
pub(crate) struct Subject;

impl Service<http::Request<Body>> for Subject {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let method = tower::service_fn(move |request: Request<String>| {
            let path = path.clone();
            async move { answer(&path, request.into_inner()).await.map(Response::new) }
        });
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(grpc.unary(method, request).await)
        })
    }
}

async fn answer(path: &str, text: String) -> Result<String, Status> {
    match path {
        "/subject.Subject/Echo" => Ok(text),
        // The names and values of its environment, and who it is.
        "/subject.Subject/Environment" => {
            let variables = std::env::vars().map(|(name, value)| format!("{name}={value}\n"));
            Ok(variables.collect())
        }
        "/subject.Subject/Arguments" => Ok(std::env::args().collect::<Vec<_>>().join("\n")),
        "/subject.Subject/Flood" => {
            let flooded = io::stdout().write_all(&vec![b'x'; FLOOD]).map(|()| text);
            flooded.map_err(|error| Status::internal(error.to_string()))
        }
        "/subject.Subject/Complain" => {
            let _ = writeln!(io::stderr(), "{text}");
            Ok(text)
        }
        "/subject.Subject/Hang" => {
            let never: Pending<Infallible> = pending();
            match never.await {}
        }
        "/subject.Subject/Crash" => std::process::abort(),
        _ => Err(Status::unimplemented("")),
    }
}
