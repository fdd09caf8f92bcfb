//! Sessions that somebody else's pool lends.

mod direct;
mod error;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::{Object, Pool, PoolError};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::interrupt::Interrupt;
use super::lock::Backoff;
use super::look::read_only;
use super::session::{Link, Session};
use crate::migration::limits::Limits;
pub use error::NoClient;

/// The request to cancel the build of ours.
const CANCEL: &str = concat!(
    "select pg_catalog.pg_cancel_backend(builder) from (\n",
    include_str!("../../../sql/introspect/build.sql"),
    ") as build"
);

/// How long the pool may take for a client at least: it may have to connect first.
const CONNECTING: Duration = Duration::from_secs(10);

/// How long it may take to cancel a build by another client.
const CANCELLING: Duration = Duration::from_secs(3);

/// A pool, and how patient we are with it.
#[derive(Clone)]
pub struct Lender {
    pool: Pool,
    wait: Duration,
}

impl Lender {
    /// Borrows from a pool; `wait` is how long others may keep all its clients, or all sessions of the server.
    #[must_use]
    pub fn new(pool: &Pool, wait: Duration) -> Self {
        Self { pool: pool.clone(), wait: wait.max(CONNECTING) }
    }

    /// Borrows likewise, with another patience.
    #[must_use]
    pub fn waiting(&self, wait: Duration) -> Self {
        Self::new(&self.pool, wait)
    }

    /// Borrows a client for a session.
    pub async fn session(&self) -> Result<Session, NoClient> {
        let lent =
            Lent { object: Some(self.object().await?), is_changed: AtomicBool::new(false), lender: self.clone() };
        Ok(Session::new(Link::Lent(Box::new(lent)), Interrupt::never()))
    }

    /// Borrows a further client while one of ours is in use.
    pub async fn second(&self) -> Result<Session, NoClient> {
        // It would be waited for in vain: we have the only one.
        if self.pool.status().max_size < 2 { Err(NoClient::OnlyOne) } else { self.session().await }
    }

    async fn object(&self) -> Result<Object, NoClient> {
        let (deadline, mut backoff) = (Instant::now() + self.wait, Backoff::new());
        loop {
            let patience = deadline.saturating_duration_since(Instant::now());
            let error = match tokio::time::timeout(patience, self.pool.get()).await {
                Ok(Ok(object)) => return Ok(object),
                Ok(Err(error)) => error,
                Err(_) => return Err(NoClient::Exhausted { waited: self.wait }),
            };
            let pause = backoff.pause();
            if !is_full(&error) || Instant::now() + pause > deadline {
                return Err(NoClient::Refused(error));
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// Says whether the server has as many sessions as it may have: others will end theirs.
fn is_full(error: &PoolError) -> bool {
    matches!(error, PoolError::Backend(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS))
}

/// A client of a pool. It goes back only by [`Lent::give_back`]: wherever else it is dropped, nobody knows what it is in the
/// middle of, so that it is taken out of the pool and its connection closed. With that the server gives up the transaction,
/// and with the transaction the lock.
pub struct Lent {
    object: Option<Object>,
    is_changed: AtomicBool,
    lender: Lender,
}

impl Lent {
    pub(super) fn client(&self) -> &Client {
        self.object.as_ref().expect("only the end takes it away")
    }

    /// Returns the client to its pool, unless its session is no longer what it was.
    pub(super) fn give_back(mut self) {
        if !self.is_changed.load(Ordering::Relaxed) {
            drop(self.object.take());
        }
    }

    /// Cancels the index build of ours that runs, by another client: only the pool knows how to reach the server.
    pub(super) async fn cancel(&self) {
        let cancel = async {
            let Ok(other) = self.lender.session().await else { return };
            // Where that fails, the server finds out by itself when the connection closes, and the client does not go back.
            if other.insist(&read_only(&Limits::default(), CANCEL)).await.is_ok() {
                other.close().await;
            }
        };
        let _ = tokio::time::timeout(CANCELLING, cancel).await;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

/// Gives a lent session the settings that its statements need outside a transaction, and keeps it from its pool after that.
///
/// Not behind a pooler in transaction mode: there they would stay with a connection that others are given. A session that was
/// not lent has them from its start.
pub async fn configure(session: &Session, settings: &[(&str, String)]) {
    let Some(lent) = session.lent() else { return };
    if !direct::is_direct(session, lent.client()).await {
        return;
    }
    lent.is_changed.store(true, Ordering::Relaxed);
    let set = |(name, value): &(&str, String)| format!("pg_catalog.set_config('{name}', '{value}', false)");
    let sets: Vec<String> = settings.iter().map(set).collect();
    // A server that knows one of them not builds without, as it does behind a pooler.
    let _ = session.insist(&format!("select {}", sets.join(", "))).await;
}
