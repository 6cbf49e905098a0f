//! Where a host connects: a unix socket in a directory of its own, or a port on loopback where there are none.

use std::io;
use std::net::TcpListener;
#[cfg(unix)]
use std::path::PathBuf;

use super::environment::Environment;
#[cfg(unix)]
use super::socket::{SocketDirectory, places_of};
#[cfg(unix)]
use crate::directory::NoPlace;
use crate::stream::Stream;

/// A bound listener, and the directory that goes with it. It is bound before the async runtime exists, so that the
/// handshake line comes first.
pub(super) struct Bound {
    /// Where connections come in.
    pub(super) listener: Listener,
    /// The directory that holds the socket. It is removed, with the socket, when this is dropped.
    #[cfg(unix)]
    pub(super) directory: Option<SocketDirectory>,
}

/// Where a plugin listens, as a handshake line tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `unix` or `tcp`.
    pub network: &'static str,
    /// The socket's path, or address and port.
    pub address: String,
}

/// What is listened on.
pub(super) enum Listener {
    /// A unix socket, and where it is.
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener, PathBuf),
    /// A port on 127.0.0.1.
    #[cfg_attr(all(unix, not(test)), expect(dead_code, reason = "unix has sockets"))]
    Tcp(TcpListener),
}

/// Why there is nowhere to listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// No directory is fit for a socket.
    #[cfg(unix)]
    #[error(transparent)]
    Place(#[from] NoPlace),
    /// No port of the range is free.
    #[cfg(any(not(unix), test))]
    #[error("no port between {first} and {last} is free on 127.0.0.1")]
    Ports {
        /// `PLUGIN_MIN_PORT`.
        first: u16,
        /// `PLUGIN_MAX_PORT`.
        last: u16,
        /// What the last one said.
        source: io::Error,
    },
}

impl Bound {
    /// Binds what this platform offers: see the module. `prefix` begins the name of the socket's directory.
    pub(super) fn bind(environment: &Environment, prefix: &'static str) -> Result<Self, BindError> {
        #[cfg(unix)]
        return Self::unix(environment, prefix);
        #[cfg(not(unix))]
        let _ = prefix;
        #[cfg(not(unix))]
        return Self::tcp(environment.ports);
    }

    /// Binds a socket in a fresh directory.
    #[cfg(unix)]
    fn unix(environment: &Environment, prefix: &'static str) -> Result<Self, BindError> {
        let places = places_of(environment);
        let (directory, socket) = SocketDirectory::bind(&places, prefix)?;
        let listener = Listener::Unix(socket, directory.path());
        Ok(Self { listener, directory: Some(directory) })
    }

    /// Binds the first free port from `first` to `last`, both included.
    #[cfg(any(not(unix), test))]
    fn tcp((first, last): (u16, u16)) -> Result<Self, BindError> {
        use std::net::Ipv4Addr;

        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for port in first..=last {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            {
                Ok(listener) => {
                    return Ok(Self {
                        listener: Listener::Tcp(listener),
                        #[cfg(unix)]
                        directory: None,
                    });
                }
                Err(error) => failure = error,
            }
        }
        Err(BindError::Ports { first, last, source: failure })
    }
}

impl Listener {
    /// Where it listens.
    pub(super) fn address(&self) -> Address {
        match self {
            #[cfg(unix)]
            Self::Unix(_, path) => Address { network: "unix", address: path.display().to_string() },
            Self::Tcp(listener) => {
                let address = listener.local_addr().map(|address| address.to_string());
                Address { network: "tcp", address: address.unwrap_or_default() }
            }
        }
    }

    /// Hands the listener to the async runtime, which must be running.
    pub(super) fn start(self) -> io::Result<Accepting> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(socket, _) => Accepting::Unix(tokio::net::UnixListener::from_std(socket)?),
            Self::Tcp(listener) => Accepting::Tcp(tokio::net::TcpListener::from_std(listener)?),
        })
    }
}

/// A listener in the async runtime.
pub(super) enum Accepting {
    /// A unix socket.
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
    /// A port on 127.0.0.1.
    Tcp(tokio::net::TcpListener),
}

impl Accepting {
    /// Waits for the next connection.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(socket) => Box::new(socket.accept().await?.0),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_port_that_is_taken_is_passed_over() {
        // Two neighbouring ports of which the first is taken: try until the second happens to be free.
        for _ in 0..20 {
            let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let first = taken.local_addr().unwrap().port();
            assert!(matches!(
                Bound::tcp((first, first)),
                Err(BindError::Ports { first: f, last, .. }) if f == first && last == first
            ));
            let Some(next) = first.checked_add(1) else { continue };
            if let Ok(bound) = Bound::tcp((first, next)) {
                let address = format!("127.0.0.1:{next}");
                assert_eq!(bound.listener.address(), Address { network: "tcp", address });
                return;
            }
        }
        panic!("no two neighbouring ports");
    }
}
