//! Asking a server to cancel a statement.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::{CancelToken, NoTls};

use super::super::tls::Connector;
use super::peer::Peer;

/// Sends the request over a connection of its own, encrypted as the first one, and waits until the server hangs up.
pub(super) async fn cancel(token: CancelToken, peer: &Peer, connector: Option<&Connector>) -> io::Result<()> {
    let cancelled = match peer {
        Peer::Tcp(address, name) => {
            let stream = Patient(TcpStream::connect(address).await?);
            match connector {
                Some(connector) => {
                    let name = name.clone().unwrap_or_else(|| address.ip().to_string());
                    token.cancel_query_raw(stream, connector.handshake::<Patient<TcpStream>>(&name)).await
                }
                None => token.cancel_query_raw(stream, NoTls).await,
            }
        }
        Peer::Socket(path) => {
            token.cancel_query_raw(Patient(tokio::net::UnixStream::connect(path).await?), NoTls).await
        }
    };
    cancelled.map_err(io::Error::other)
}

/// A stream that ends only when the other side has: PgBouncer 1.18 crashes, and takes every client's connection with it,
/// when somebody asks it to cancel and hangs up first. libpq waits, too.
pub(crate) struct Patient<S>(S);

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut bytes = [0; 64];
            let mut buf = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut self.0).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                // However it hung up, it has.
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
