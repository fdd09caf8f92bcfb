//! One connection, used one message at a time.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio_postgres::error::DbError;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::connect::{Connected, FAREWELL, LastWords};
use super::error::{Error, QueryError};
use super::interrupt::Interrupt;
#[cfg(feature = "deadpool")]
use super::pool::Lent;
pub use crate::migration::rows::Rows;

/// How long to wait for the answer to a commit before the ledger is asked how it ended.
const COMMITTING: Duration = Duration::from_secs(10);

/// A connection on which every message is one round trip.
///
/// Only the simple query protocol is used: it works behind every pooler, several statements travel at once, and it leaves
/// no portal behind that would hold a snapshot.
pub struct Session {
    link: Link,
    last_words: LastWords,
    interrupt: Interrupt,
    in_transaction: AtomicBool,
    is_unanswered: AtomicBool,
}

/// What a session goes through.
pub enum Link {
    /// A connection that was opened for it.
    Opened(Box<Connected>),
    /// A client that a pool has lent.
    #[cfg(feature = "deadpool")]
    Lent(Box<Lent>),
}

impl Session {
    /// Takes a fresh connection, or a client that nobody else uses.
    #[must_use]
    pub fn new(link: Link, interrupt: Interrupt) -> Self {
        let last_words = match &link {
            Link::Opened(connected) => LastWords::clone(&connected.last_words),
            #[cfg(feature = "deadpool")]
            Link::Lent(_) => LastWords::default(),
        };
        Self {
            link,
            last_words,
            interrupt,
            in_transaction: AtomicBool::new(false),
            is_unanswered: AtomicBool::new(false),
        }
    }

    /// Returns the connection that was opened for it; a lent one nobody here has opened.
    #[must_use]
    #[cfg_attr(not(feature = "deadpool"), expect(clippy::unnecessary_wraps, reason = "there may be lent ones, too"))]
    pub fn opened(&self) -> Option<&Connected> {
        match &self.link {
            Link::Opened(connected) => Some(connected),
            #[cfg(feature = "deadpool")]
            Link::Lent(_) => None,
        }
    }

    /// Returns the client that a pool has lent for it.
    #[cfg(feature = "deadpool")]
    #[must_use]
    pub fn lent(&self) -> Option<&Lent> {
        match &self.link {
            Link::Opened(_) => None,
            Link::Lent(lent) => Some(lent),
        }
    }

    /// Returns where it is, for showing.
    #[must_use]
    pub fn address(&self) -> String {
        self.opened().map_or_else(|| "the pool's database".to_owned(), |connected| connected.address.to_string())
    }

    /// Asks the server to cancel the running statement; it neither confirms nor denies that there was one.
    pub async fn cancel(&self) {
        // Where the server does not hear of it, it finds out by itself when the connection closes.
        match &self.link {
            Link::Opened(connected) => drop(connected.cancel().await),
            #[cfg(feature = "deadpool")]
            Link::Lent(lent) => lent.cancel().await,
        }
    }

    /// Takes the warnings the server has sent since the last call; those for a lent client go to its pool.
    #[must_use]
    pub fn take_warnings(&self) -> Vec<DbError> {
        self.opened().map(Connected::take_warnings).unwrap_or_default()
    }

    fn client(&self) -> &Client {
        match &self.link {
            Link::Opened(connected) => &connected.client,
            #[cfg(feature = "deadpool")]
            Link::Lent(lent) => lent.client(),
        }
    }

    /// Sends statements and waits for all their rows; cancels them when somebody asks this process to stop.
    pub async fn send(&self, sql: &str) -> Result<Result<Rows, QueryError>, Error> {
        let sent = self.interrupt.unless_requested(self.run(sql)).await;
        if sent.is_err() {
            let _ = tokio::time::timeout(FAREWELL, self.cancel()).await;
        }
        sent
    }

    /// Waits for a while, or until somebody asks this process to stop.
    pub async fn pause(&self, duration: Duration) -> Result<(), Error> {
        self.interrupt.unless_requested(tokio::time::sleep(duration)).await
    }

    /// Sends statements of which the first begins a transaction that stays open.
    pub async fn begin(&self, sql: &str) -> Result<Result<Rows, QueryError>, Error> {
        self.in_transaction.store(true, Ordering::Relaxed);
        self.send(sql).await
    }

    /// Takes note that the statements that were sent have ended their transaction themselves.
    pub fn committed(&self) {
        self.in_transaction.store(false, Ordering::Relaxed);
    }

    /// Says whether a transaction is open, as far as we have begun one.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        self.in_transaction.load(Ordering::Relaxed)
    }

    /// Rolls back, and sends further statements along, which may be a transaction of their own.
    pub async fn rollback(&self, further: &str) -> Result<Result<Rows, QueryError>, Error> {
        let rows = self.send(&format!("rollback;\n{further}")).await?;
        // One of the further statements that failed may have left theirs open.
        if rows.is_ok() {
            self.in_transaction.store(false, Ordering::Relaxed);
        }
        Ok(rows)
    }

    /// Sends statements that have to be run even though somebody asks this process to stop.
    pub async fn insist(&self, sql: &str) -> Result<Rows, QueryError> {
        self.run(sql).await
    }

    /// Commits. Nobody can interrupt that, because nobody could say then how it ended. But nobody waits for ever, either:
    /// where no answer comes, the connection is given up for lost.
    pub async fn commit(&self) -> Result<(), QueryError> {
        self.in_transaction.store(false, Ordering::Relaxed);
        let mut commit = pin!(self.run("commit"));
        let patience = async {
            tokio::select! {
                () = self.interrupt.requested() => tokio::time::sleep(FAREWELL).await,
                () = tokio::time::sleep(COMMITTING) => {}
            }
        };
        tokio::select! {
            biased;
            committed = &mut commit => return committed.map(drop),
            () = patience => match &self.link {
                Link::Opened(connected) => connected.abandon(),
                #[cfg(feature = "deadpool")]
                Link::Lent(_) => return Err(QueryError::silence()),
            },
        }
        commit.await.map(drop)
    }

    async fn run(&self, sql: &str) -> Result<Rows, QueryError> {
        let mut rows = Rows::default();
        let mut completed = 0;
        // Stays so where nobody waits for the end of this.
        self.is_unanswered.store(true, Ordering::Relaxed);
        let failure = |completed, error| {
            self.is_unanswered.store(false, Ordering::Relaxed);
            QueryError::after(completed, self.last_words.heed(error))
        };
        let stream = self.client().simple_query_raw(sql).await.map_err(|error| failure(0, error))?;
        let mut stream = pin!(stream);
        while let Some(message) = stream.next().await {
            match message.map_err(|error| failure(completed, error))? {
                SimpleQueryMessage::RowDescription(columns) => {
                    rows.begin(columns.iter().map(|column| column.name().to_owned()).collect());
                }
                SimpleQueryMessage::Row(row) => {
                    rows.push((0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect());
                }
                SimpleQueryMessage::CommandComplete(_) => completed += 1,
                _ => {}
            }
        }
        self.is_unanswered.store(false, Ordering::Relaxed);
        Ok(rows)
    }

    /// Ends the session; a transaction that is still open is rolled back. What was lent goes back if nothing of ours is
    /// left in it.
    pub async fn close(self) {
        let is_open = self.is_in_transaction();
        #[cfg(feature = "deadpool")]
        if let Link::Lent(_) = self.link {
            let is_answered = !self.is_unanswered.load(Ordering::Relaxed);
            let is_left = is_answered && (!is_open || self.is_rolled_back().await);
            if let (Link::Lent(lent), true) = (self.link, is_left) {
                lent.give_back();
            }
            return;
        }
        if is_open {
            // Sent ahead of the farewell and in one packet with it: a pooler throws away the server connection of a client
            // that leaves in the middle of a transaction. Nobody waits for the answer.
            let rollback = pin!(self.client().simple_query_raw("rollback"));
            let _ = tokio::time::timeout(Duration::ZERO, rollback).await;
        }
        match self.link {
            Link::Opened(connected) => connected.close().await,
            #[cfg(feature = "deadpool")]
            Link::Lent(_) => {}
        }
    }

    #[cfg(feature = "deadpool")]
    async fn is_rolled_back(&self) -> bool {
        matches!(tokio::time::timeout(FAREWELL, self.run("rollback")).await, Ok(Ok(_)))
    }
}
