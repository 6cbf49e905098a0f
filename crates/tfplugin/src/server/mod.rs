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
mod convert;
mod debug;
mod environment;
mod generated;
mod handlers;
mod handshake;
mod logging;
mod request_log;
mod rpc;
pub(crate) mod secrets;
mod service;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use goplugin::plugin::{self, Address, Options, ServeError};

use self::arguments::Asked;
use self::environment::Environment;
use self::generated::tfplugin6::provider_server::ProviderServer;
use self::handlers::Handlers;
use self::handshake::PROTOCOL;
use self::service::Service;
use crate::erased::Registered;
use crate::provider::Provider;

/// What the CLI's side allows too; the library's own limit of 4 MiB would break on a large state.
const MESSAGE_LIMIT: usize = 256 << 20;

/// How the names of the directories begin that hold the sockets of providers.
const SOCKET_PREFIX: &str = "tfplugin-";

/// Serves `provider` until the CLI, or the death of the CLI, ends the process: all that `main` does.
///
/// With `-debug` it waits for any CLI instead, and prints what to put into `TF_REATTACH_PROVIDERS`. With `-schema` it
/// prints what the provider offers, as `providers schema -json` does. Started by hand it says what it is and how it is
/// installed.
#[must_use]
pub fn run<P: Provider>(provider: P) -> ExitCode {
    let (name, address) = (P::NAME, P::ADDRESS);
    let announce = |listens: &Address| debug::announcement(name, address, listens);
    let mut options = Options { socket_prefix: SOCKET_PREFIX, ..Options::default() };
    match arguments::asked(std::env::args().skip(1)) {
        Asked::Schema => {
            // A reader that went away needs no message.
            let printed = arguments::print_schema(&Registered::new(provider));
            return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Asked::Debug => options.announce = Some(&announce),
        Asked::Nothing if plugin::started_by_host(&PROTOCOL) => {}
        Asked::Nothing => {
            let _ = io::stderr().write_all(handshake::by_hand(name, address).as_bytes());
            return ExitCode::FAILURE;
        }
    }
    plugin::install_panic_hook(secrets::masked);
    let environment = Environment::of_process(name);
    logging::install(environment.log.as_deref(), environment.sdk_log.as_deref(), address);
    serve(provider, options).unwrap_or_else(|error| {
        error.tell(&format!("terraform-provider-{name}"));
        ExitCode::FAILURE
    })
}

/// Serves the provider, whose code has threads of its own: the one that talks to the CLI does nothing else.
fn serve<P: Provider>(provider: P, options: Options<'_>) -> Result<ExitCode, ServeError> {
    let mut handlers = None;
    let code = plugin::serve(&PROTOCOL, options, |_| {
        let threads = Arc::new(Handlers::start(P::STOP_GRACE)?);
        handlers = Some(Arc::clone(&threads));
        let service = Service::new(Registered::new(provider), threads);
        Ok(ProviderServer::new(service)
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT))
    });
    // Whatever still runs in them is not waited for, either.
    if let Some(handlers) = handlers {
        handlers.end();
    }
    code
}
