//! Connections of any kind.

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection: a socket, or TLS over one.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}
