//! One connection, used one message at a time.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::connect::Connected;
use super::error::{Error, Failure};
use super::interrupt::Interrupt;

/// How long the server gets to acknowledge that we are going.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long to wait for the answer to a commit before the ledger is asked how it ended.
const COMMITTING: Duration = Duration::from_secs(10);

/// A connection on which every message is one round trip.
///
/// Only the simple query protocol is used: it works behind every pooler, several statements travel at once, and it leaves
/// no portal behind that would hold a snapshot.
pub struct Session {
    connected: Connected,
    interrupt: Interrupt,
    in_transaction: Cell<bool>,
}

impl Session {
    /// Takes a fresh connection.
    #[must_use]
    pub fn new(connected: Connected, interrupt: Interrupt) -> Self {
        Self { connected, interrupt, in_transaction: Cell::new(false) }
    }

    /// Returns the connection.
    #[must_use]
    pub fn connection(&self) -> &Connected {
        &self.connected
    }

    /// Sends statements and waits for all their rows; cancels them when somebody asks this process to stop.
    pub async fn send(&self, sql: &str) -> Result<Result<Rows, Failure>, Error> {
        tokio::select! {
            biased;
            () = self.interrupt.requested() => {}
            rows = self.run(sql) => return Ok(rows),
        }
        // Where the server does not hear of it, it finds out by itself when the connection closes.
        let _ = tokio::time::timeout(FAREWELL, self.connected.cancel()).await;
        Err(Error::Interrupted)
    }

    /// Waits for a while, or until somebody asks this process to stop.
    pub async fn pause(&self, duration: Duration) -> Result<(), Error> {
        tokio::select! {
            biased;
            () = self.interrupt.requested() => Err(Error::Interrupted),
            () = tokio::time::sleep(duration) => Ok(()),
        }
    }

    /// Sends statements of which the first begins a transaction that stays open.
    pub async fn begin(&self, sql: &str) -> Result<Result<Rows, Failure>, Error> {
        self.in_transaction.set(true);
        self.send(sql).await
    }

    /// Takes note that the statements that were sent have ended their transaction themselves.
    pub fn committed(&self) {
        self.in_transaction.set(false);
    }

    /// Rolls back, and sends further statements along.
    pub async fn rollback(&self, further: &str) -> Result<Result<Rows, Failure>, Error> {
        let rows = self.send(&format!("rollback;\n{further}")).await?;
        self.in_transaction.set(false);
        Ok(rows)
    }

    /// Sends statements that have to be run even though somebody asks this process to stop.
    pub async fn insist(&self, sql: &str) -> Result<Rows, Failure> {
        self.run(sql).await
    }

    /// Commits. Nobody can interrupt that, because nobody could say then how it ended. But nobody waits for ever, either:
    /// where no answer comes, the connection is given up for lost.
    pub async fn commit(&self) -> Result<(), Failure> {
        self.in_transaction.set(false);
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
            () = patience => self.connected.abandon(),
        }
        commit.await.map(drop)
    }

    async fn run(&self, sql: &str) -> Result<Rows, Failure> {
        let mut rows = Vec::new();
        let mut completed = 0;
        let failure = |completed, error| Failure { completed, error };
        let stream = self.connected.client.simple_query_raw(sql).await.map_err(|error| failure(0, error))?;
        let mut stream = pin!(stream);
        while let Some(message) = stream.next().await {
            match message.map_err(|error| failure(completed, error))? {
                SimpleQueryMessage::Row(row) => rows.push(row),
                SimpleQueryMessage::CommandComplete(_) => completed += 1,
                // The names of the columns come with each row, too.
                SimpleQueryMessage::RowDescription(_) | _ => {}
            }
        }
        Ok(Rows(rows))
    }

    /// Ends the session; a transaction that is still open is rolled back.
    pub async fn close(self) {
        let farewell = async {
            if self.in_transaction.get() {
                // Sent ahead of the farewell and in one packet with it: a pooler throws away the server connection of a
                // client that leaves in the middle of a transaction. Nobody waits for the answer.
                let rollback = pin!(self.connected.client.simple_query_raw("rollback"));
                let _ = tokio::time::timeout(Duration::ZERO, rollback).await;
            }
            self.connected.close().await;
        };
        let _ = tokio::time::timeout(FAREWELL, farewell).await;
    }
}

/// The rows that a message brought, of all its statements.
#[derive(Debug)]
pub struct Rows(Vec<SimpleQueryRow>);

impl Rows {
    /// Returns the value of the first row that has a column of this name.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        self.having(column).next()?.try_get(column).ok().flatten()
    }

    /// Returns the rows that have a column of this name.
    pub fn having(&self, column: &str) -> impl Iterator<Item = &SimpleQueryRow> {
        self.0.iter().filter(move |row| row.columns().iter().any(|c| c.name() == column))
    }
}
