//! Whether a client talks to the server itself, or to a pooler.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Client;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use crate::pg::session::Session;

/// Compares the process that the client was told of when it connected with the one that answers it. A pooler tells every
/// client of a process of its own making.
pub(super) async fn is_direct(session: &Session, client: &Client) -> bool {
    let Ok(rows) = session.insist("select pg_catalog.pg_backend_pid() as backend").await else { return false };
    let told = told(client).await;
    told.is_some() && rows.value("backend").and_then(|pid| pid.parse().ok()) == told
}

/// Returns the process that the client was told of. Nothing but a request to cancel has it in it; that request is written
/// down here, and sent to nobody.
async fn told(client: &Client) -> Option<i32> {
    let mut noted = Noted::default();
    client.cancel_token().cancel_query_raw(&mut noted, Noting).await.ok()?;
    // The manual, chapter "Message Formats", CancelRequest: length, code, process ID and secret key, four bytes each.
    let request = noted.0.get(noted.0.len().checked_sub(16)?..)?;
    Some(i32::from_be_bytes(request.get(8..12)?.try_into().ok()?))
}

/// Takes down what it is sent, and says yes to whoever asks for TLS.
#[derive(Default)]
struct Noted(Vec<u8>);

impl AsyncRead for Noted {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() > 0 {
            buf.put_slice(b"S");
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Noted {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for &mut Noted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// Needs no handshake, because nothing leaves this process.
struct Noting;

impl<'a> TlsConnect<&'a mut Noted> for Noting {
    type Stream = &'a mut Noted;
    type Error = io::Error;
    type Future = Ready<io::Result<&'a mut Noted>>;

    fn connect(self, stream: &'a mut Noted) -> Self::Future {
        ready(Ok(stream))
    }
}
