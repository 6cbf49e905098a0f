//! Connections on their way from the listener to gRPC.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use super::listener::Accepting;
use crate::stream::Stream;

/// How long a client may take for its TLS handshake. Generous: a machine that runs an apply can be very busy.
const TLS_PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A connection that may speak: plaintext, or one that has shown the right certificate.
pub(super) struct Connection(Box<dyn Stream>);

/// Accepts for as long as somebody takes the connections. A client that fails the TLS handshake is dropped, and the
/// others do not wait for it.
pub(super) async fn accept(
    listener: Accepting,
    tls: Option<Arc<ServerConfig>>,
    connections: mpsc::Sender<io::Result<Connection>>,
) {
    let tls = tls.map(TlsAcceptor::from);
    loop {
        let stream = tokio::select! {
            stream = listener.accept() => stream,
            () = connections.closed() => return,
        };
        match stream {
            Err(error) => {
                tracing::debug!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            Ok(stream) => {
                tokio::spawn(establish(stream, tls.clone(), connections.clone()));
            }
        }
    }
}

/// Sees one connection through TLS, if there is any.
async fn establish(
    stream: Box<dyn Stream>,
    tls: Option<TlsAcceptor>,
    connections: mpsc::Sender<io::Result<Connection>>,
) {
    let stream = match tls {
        None => stream,
        Some(tls) => match tokio::time::timeout(TLS_PATIENCE, tls.accept(stream)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) => {
                tracing::warn!(%error, "refused a connection that is not the host's");
                return;
            }
            Err(_) => {
                tracing::warn!("dropped a connection that never finished its TLS handshake");
                return;
            }
        },
    };
    // Nobody takes it: the process is about to end.
    let _ = connections.send(Ok(Connection(stream))).await;
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
