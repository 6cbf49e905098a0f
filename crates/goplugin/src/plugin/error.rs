//! Why a plugin could not serve, and who is told.

use std::error::Error;
use std::io::{self, Write as _};

use super::{handshake, listener, tls};

/// Why a plugin process could not start, or had to give up.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is nowhere to listen.
    #[error("cannot wait for a connection")]
    Bind(#[from] listener::BindError),
    /// TLS could not be set up.
    #[error("cannot protect the connection")]
    Tls(#[from] tls::SetupError),
    /// stdout is closed: nobody waits for us.
    #[error("cannot print the handshake line")]
    Handshake(#[source] io::Error),
    /// The async runtime, its timers or its signals.
    #[error("cannot start the async runtime")]
    Runtime(#[source] io::Error),
    /// The plugin's own services.
    #[error("cannot start the plugin's services")]
    Services(#[source] io::Error),
    /// gRPC gave up.
    #[error("cannot serve gRPC")]
    Serve(#[source] tonic::transport::Error),
}

impl ServeError {
    /// Tells it, with its causes, on stderr; and on stdout too where the host waits for a handshake: what comes in its place
    /// is shown to the person, what is on stderr only in a log. `program` is what the line begins with.
    pub fn tell(&self, program: &str) {
        let text = format!("{program}: {}", chain(self));
        // There is nobody to tell where these are gone.
        let _ = writeln!(io::stderr(), "{text}");
        if matches!(self, Self::Bind(_) | Self::Tls(_)) {
            let _ = writeln!(io::stdout(), "{}", handshake::no_handshake(&text));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_its_causes_once_each() {
        let source = io::Error::other("no such place");
        let error = ServeError::Bind(listener::BindError::Ports { first: 1, last: 2, source });
        assert_eq!(
            chain(&error),
            "cannot wait for a connection: no port between 1 and 2 is free on 127.0.0.1: no such place"
        );
    }
}
