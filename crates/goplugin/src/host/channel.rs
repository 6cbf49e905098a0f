//! The channel to a plugin: gRPC over TLS over its socket.

use std::io;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

use super::handshake::Address;
use crate::stream::Stream;

/// Connects, and connects again by itself should the connection be lost while the plugin lives. Its tasks run in the async
/// runtime that polls this.
pub(super) async fn connect(
    address: Address,
    config: ClientConfig,
) -> Result<Channel, tonic::transport::Error> {
    let tls = TlsConnector::from(Arc::new(config));
    // The address is of the form that gRPC wants, and leads nowhere: the connector knows where.
    let connector = tower::service_fn(move |_| {
        let (address, tls) = (address.clone(), tls.clone());
        async move {
            let stream = open(&address).await?;
            // The name of every plugin, whatever the socket is called.
            let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
            Ok::<_, io::Error>(TokioIo::new(tls.connect(name, stream).await?))
        }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}

async fn open(address: &Address) -> io::Result<Box<dyn Stream>> {
    Ok(match address {
        #[cfg(unix)]
        Address::Unix(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
        #[cfg(not(unix))]
        Address::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
        Address::Tcp(address) => {
            let stream = tokio::net::TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
    })
}
