//! The process that a CLI starts: handshake, mutual TLS, gRPC, and the end.
//!
//! [`run`] is all that a provider's `main` calls. Everything before the handshake line is kept small, since a CLI
//! starts a provider three times for a plan and four times for an apply.
//!
//! ```no_run
//! # struct Paper;
//! # /// Nothing.
//! # #[derive(tfplugin::Object)]
//! # struct Settings {}
//! # impl tfplugin::Provider for Paper {
//! #     type Config = Settings;
//! #     const NAME: &'static str = "paper";
//! #     const ADDRESS: &'static str = "registry.terraform.io/example/paper";
//! #     fn register(&self, _: &mut tfplugin::Registry) {}
//! # }
//! fn main() -> std::process::ExitCode {
//!     tfplugin::server::run(Paper)
//! }
//! ```

mod arguments;
mod connection;
mod convert;
mod debug;
#[cfg(unix)]
mod directory;
mod environment;
mod generated;
mod handlers;
mod handshake;
mod lifecycle;
mod listener;
mod logging;
mod p521;
mod panic;
mod request_log;
mod rpc;
pub(crate) mod secrets;
mod service;
mod services;
mod tls;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use self::arguments::Asked;
use self::environment::Environment;
use self::handlers::Handlers;
use self::lifecycle::Parent;
use self::listener::{Bound, Listener};
use self::service::Service;
use self::services::Services;
use crate::erased::Registered;
use crate::provider::Provider;

/// How long connections may take to carry the answer to Shutdown. The CLI hangs up as soon as it has it.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Why a provider process could not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    /// There is nowhere to listen.
    #[error("cannot wait for the CLI")]
    Bind(#[from] listener::BindError),
    /// TLS could not be set up.
    #[error("cannot protect the connection to the CLI")]
    Tls(#[from] tls::SetupError),
    /// stdout is closed: nobody waits for us.
    #[error("cannot print the handshake line")]
    Handshake(#[source] io::Error),
    /// The async runtime, its timers or its signals.
    #[error("cannot start the async runtime")]
    Runtime(#[source] io::Error),
    /// gRPC gave up.
    #[error("cannot serve gRPC")]
    Serve(#[source] tonic::transport::Error),
}

/// Who started the process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StartedBy {
    /// A CLI: it ends us, and we end with it.
    Cli(Parent),
    /// A person, with `-debug`.
    Debugger,
}

/// Serves `provider` until the CLI, or the death of the CLI, ends the process: all that `main` does.
///
/// With `-debug` it waits for any CLI instead, and prints what to put into `TF_REATTACH_PROVIDERS`. With `-schema` it
/// prints what the provider offers, as `providers schema -json` does. Started by hand it says what it is and how it is
/// installed.
#[must_use]
pub fn run<P: Provider>(provider: P) -> ExitCode {
    let (name, address) = (P::NAME, P::ADDRESS);
    let environment = Environment::of_process(name);
    let started_by = match arguments::asked(std::env::args().skip(1)) {
        Asked::Schema => {
            // A reader that went away needs no message.
            let printed = arguments::print_schema(&Registered::new(provider));
            return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Asked::Debug => StartedBy::Debugger,
        Asked::Nothing if handshake::started_by_cli(&environment) => {
            StartedBy::Cli(Parent::of_process())
        }
        Asked::Nothing => {
            let _ = io::stderr().write_all(handshake::by_hand(name, address).as_bytes());
            return ExitCode::FAILURE;
        }
    };
    panic::install_hook();
    logging::install(environment.log.as_deref(), environment.sdk_log.as_deref(), address);
    match start(provider, &environment, started_by) {
        Ok(code) => code,
        Err(error) => {
            let text = format!("terraform-provider-{name}: {}", chain(&error));
            let _ = writeln!(io::stderr(), "{text}");
            // A CLI shows what is on stderr only in its log, and what comes in place of the handshake always.
            if matches!(error, StartError::Bind(_) | StartError::Tls(_)) {
                let _ = writeln!(io::stdout(), "{}", handshake::no_handshake(&text));
            }
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Binds, says where, and serves.
fn start<P: Provider>(
    provider: P,
    environment: &Environment,
    started_by: StartedBy,
) -> Result<ExitCode, StartError> {
    // The directory stays here: it is removed when this function returns, whatever the runtime still does.
    let bound = Bound::bind(environment)?;
    let listener = bound.listener;
    #[cfg(unix)]
    let _directory = bound.directory.inspect(directory::SocketDirectory::sweep_beside);
    let tls = match started_by {
        StartedBy::Debugger => {
            debug::announce(P::NAME, P::ADDRESS, &listener).map_err(StartError::Handshake)?;
            None
        }
        StartedBy::Cli(_) => {
            let identity =
                environment.client_certificate.as_deref().map(tls::identity).transpose()?;
            let certificate = identity.as_ref().map(|identity| identity.certificate.as_ref());
            let (network, socket) = (listener.network(), listener.address());
            let line = handshake::line(network, &socket, certificate, environment);
            let mut out = io::stdout().lock();
            out.write_all(line.as_bytes())
                .and_then(|()| out.flush())
                .map_err(StartError::Handshake)?;
            identity.map(|identity| identity.config)
        }
    };

    // This thread talks to the CLI, and nothing else: the provider's code has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    let handlers = Arc::new(Handlers::start(P::STOP_GRACE).map_err(StartError::Runtime)?);
    let shutdown = CancellationToken::new();
    let services = Services::new(
        Service::new(Registered::new(provider), Arc::clone(&handlers)),
        shutdown.clone(),
        started_by != StartedBy::Debugger,
    );
    let code = runtime.block_on(until_the_end(listener, tls, services, shutdown, started_by));
    // Whatever still runs is not waited for: the CLI would kill us after two seconds, and wait them out.
    handlers.end();
    runtime.shutdown_background();
    code
}

/// Serves until the CLI or its death, or a person under `-debug`, ends the process.
async fn until_the_end(
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    services: Services,
    shutdown: CancellationToken,
    started_by: StartedBy,
) -> Result<ExitCode, StartError> {
    if started_by != StartedBy::Debugger {
        lifecycle::ignore_interrupts().map_err(StartError::Runtime)?;
    }
    let ended_by_starter = async {
        match started_by {
            StartedBy::Debugger => {
                lifecycle::interrupted().await.map_err(StartError::Runtime)?;
                Ok(ExitCode::SUCCESS)
            }
            StartedBy::Cli(parent) => {
                parent.gone().await;
                Ok(ExitCode::FAILURE)
            }
        }
    };

    let (sender, connections) = mpsc::channel(1);
    let listener = listener.start().map_err(StartError::Runtime)?;
    tokio::spawn(connection::accept(listener, tls, sender));
    let served = tonic::transport::Server::builder().serve_with_incoming_shutdown(
        services,
        ReceiverStream::new(connections),
        shutdown.cancelled(),
    );
    let last_words = async {
        shutdown.cancelled().await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        served = served => served.map(|()| ExitCode::SUCCESS).map_err(StartError::Serve),
        () = last_words => Ok(ExitCode::SUCCESS),
        code = ended_by_starter => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_its_causes_once_each() {
        let source = io::Error::other("no such place");
        let error = StartError::Bind(listener::BindError::Ports { first: 1, last: 2, source });
        assert_eq!(
            chain(&error),
            "cannot wait for the CLI: no port between 1 and 2 is free on 127.0.0.1: no such place"
        );
    }
}
