//! The plugin's side: the process that a host starts serves its services until the host, or its death, ends it.
//!
//! [`serve`] is what a plugin's `main` calls. Everything before the handshake line is kept small: a host may start a plugin
//! several times for one command of a person. The services are made after it.

mod connection;
mod environment;
mod error;
mod handshake;
mod lifecycle;
mod listener;
mod p521;
mod panic;
mod services;
#[cfg(unix)]
mod socket;
mod tls;

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use self::environment::Environment;
pub use self::error::ServeError;
use self::lifecycle::Parent;
pub use self::listener::{Address, BindError};
use self::listener::{Bound, Listener};
pub use self::panic::install_panic_hook;
use self::services::Dispatch;
pub use self::services::Services;
pub use self::tls::SetupError;
use crate::protocol::Protocol;

/// How long connections may take to carry the answer to Shutdown. The host hangs up as soon as it has it.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How a plugin serves. The default is go-plugin's own way.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// How the name of the directory that holds the socket begins. A few letters: the path of a socket may not be long.
    pub socket_prefix: &'static str,
    /// Whether the host looks after this process as `goplugin::host` does: in a group of its own, with a pipe as its
    /// stdin. Then the end of stdin and SIGTERM end it. Otherwise stdin is left alone, and SIGINT and SIGTERM are ignored:
    /// both reach the whole process group of a host that then tells its plugins to stop.
    pub supervised: bool,
    /// Set where a person started the process, to have any host connect, without TLS. Gives what that person reads on
    /// stdout in place of a handshake. Ctrl-C then ends the process, and no host can.
    pub announce: Option<&'a dyn Fn(&Address) -> String>,
    /// Threads for the services. None: they run on the thread that talks to the host, so they may not block it: while one does,
    /// no call is answered, no stop is heard, and where the process is not `supervised`, the host's death is not noticed. One
    /// that is supervised ends two seconds after its stdin in any case.
    pub workers: Option<NonZeroUsize>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { socket_prefix: "plugin-", supervised: false, announce: None, workers: None }
    }
}

/// Who started the process.
#[derive(Clone, Copy)]
enum StartedBy {
    /// A host: it ends us, and we end with it.
    Host { parent: Parent, supervised: bool },
    /// A person.
    Person,
}

/// Whether a host of this protocol started the process; if not, a person did, and is to be told what the program is.
#[must_use]
pub fn started_by_host(protocol: &Protocol) -> bool {
    let found = std::env::var(protocol.cookie_key).ok();
    handshake::is_cookie(protocol, found.as_deref())
}

/// Serves until the host ends the process or dies, and gives how the process is to end: with success if it was ended in
/// order. `services` is called once, after the handshake, in the async runtime; what it is given is cancelled when the host
/// ends the process.
///
/// # Errors
///
/// There is nowhere to listen, the host's certificate is none, nobody reads the handshake, or the runtime, the services or
/// gRPC fail.
pub fn serve<S: Services>(
    protocol: &Protocol,
    options: Options<'_>,
    services: impl FnOnce(&CancellationToken) -> io::Result<S>,
) -> Result<ExitCode, ServeError> {
    let environment = Environment::of_process();
    let started_by = match options.announce {
        Some(_) => StartedBy::Person,
        None => StartedBy::Host { parent: Parent::of_process(), supervised: options.supervised },
    };
    // The directory stays here: it is removed when this function returns, whatever the runtime still does.
    let bound = Bound::bind(&environment, options.socket_prefix)?;
    let listener = bound.listener;
    #[cfg(unix)]
    let _directory = bound.directory.inspect(socket::SocketDirectory::sweep_beside);
    let tls = match options.announce {
        Some(announce) => {
            print(&announce(&listener.address()))?;
            None
        }
        None => {
            let identity =
                environment.client_certificate.as_deref().map(tls::identity).transpose()?;
            let certificate = identity.as_ref().map(|identity| identity.certificate.as_ref());
            print(&handshake::line(protocol, &listener.address(), certificate, &environment))?;
            identity.map(|identity| identity.config)
        }
    };

    let is_watched = options.announce.is_none() && options.supervised;
    let stdin = is_watched.then(lifecycle::Stdin::watch);
    let runtime = runtime(options.workers).map_err(ServeError::Runtime)?;
    let shutdown = CancellationToken::new();
    let entered = runtime.enter();
    let services = services(&shutdown).map_err(ServeError::Services)?;
    drop(entered);
    let is_hosted = matches!(started_by, StartedBy::Host { .. });
    let services = Dispatch::new(services, shutdown.clone(), is_hosted);
    let code =
        runtime.block_on(until_the_end(listener, tls, services, shutdown, (started_by, stdin)));
    // Whatever still runs is not waited for: the host would kill us after two seconds, and wait them out.
    runtime.shutdown_background();
    code
}

/// Prints all that ever goes to stdout.
fn print(text: &str) -> Result<(), ServeError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(ServeError::Handshake)
}

fn runtime(workers: Option<NonZeroUsize>) -> io::Result<Runtime> {
    match workers {
        None => Builder::new_current_thread().enable_all().build(),
        Some(workers) => {
            Builder::new_multi_thread().worker_threads(workers.get()).enable_all().build()
        }
    }
}

/// Serves until the host or its death, or the person who started the process, ends it.
async fn until_the_end<S: Services>(
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    services: Dispatch<S>,
    shutdown: CancellationToken,
    (started_by, stdin): (StartedBy, Option<lifecycle::Stdin>),
) -> Result<ExitCode, ServeError> {
    if let StartedBy::Host { supervised, .. } = started_by {
        lifecycle::ignore_interrupts(supervised).map_err(ServeError::Runtime)?;
    }
    let ended_by_starter = async {
        match started_by {
            StartedBy::Person => {
                lifecycle::interrupted().await.map_err(ServeError::Runtime)?;
                Ok(ExitCode::SUCCESS)
            }
            StartedBy::Host { parent, supervised: false } => {
                parent.gone().await;
                Ok(ExitCode::FAILURE)
            }
            StartedBy::Host { parent, supervised: true } => {
                let end_of_stdin = async {
                    match stdin {
                        Some(stdin) => stdin.end().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = parent.gone() => {}
                    () = end_of_stdin => {}
                    ended = lifecycle::terminated() => ended.map_err(ServeError::Runtime)?,
                }
                Ok(ExitCode::FAILURE)
            }
        }
    };

    let (sender, connections) = mpsc::channel(1);
    let listener = listener.start().map_err(ServeError::Runtime)?;
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
        served = served => served.map(|()| ExitCode::SUCCESS).map_err(ServeError::Serve),
        () = last_words => Ok(ExitCode::SUCCESS),
        code = ended_by_starter => code,
    }
}
