//! Building an index online: in one session, while another one holds the lock.
//!
//! CREATE INDEX CONCURRENTLY waits for every transaction that has an older snapshot. So the one that holds the lock must
//! not have any, nor take one until the index is done: it is READ COMMITTED, it uses the simple query protocol, and all it
//! sends meanwhile are empty messages, which keep it from being taken for abandoned.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use super::watch::{PATIENCE, Watched, watch};
use super::{Event, Run, Tell};
use crate::migration::limits::{Limits, knows_transaction_timeout};
use crate::migration::migration::Migration;
use crate::migration::plan::Batch;
use crate::migration::script::Script;
use crate::migration::surroundings::Server;
use crate::pg::connect::ConnectError;
use crate::pg::error::{Error, NoSession, QueryError};
use crate::pg::holder::Holder;
use crate::pg::session::Session;
use crate::pg::transaction;
use crate::schema::promise::Promise;

const DISCARD: &str = include_str!("../../../sql/online/discard.sql");

/// How often the session that holds the lock gives a sign of life; the server ends it after 30 s without.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a session takes for an answer at most that has nothing to do.
const ANSWER: Duration = Duration::from_secs(3);
/// How much longer the second session may take for its first answer. Behind a pooler that has no connection left for it,
/// it would wait for the first one's end, and that one for its; but there may only be a crowd waiting for the pooler, too.
const CROWDED_ANSWER: Duration = Duration::from_secs(12);
/// How long to try to drop an index that could not be finished.
const CLEANUP: Duration = Duration::from_secs(10);

/// Why a statement outside a transaction did not come to its end.
pub(super) enum Trouble {
    /// The server refused it, perhaps because of these others.
    Refused(QueryError, Script, Vec<Holder>),
    /// Anything else.
    Other(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl<'b> Run<'_, 'b> {
    /// Runs the statements of a batch that run outside a transaction, one after another, and leaves no unfinished index
    /// if that is possible; otherwise it is named. What is promised is compared before, where it is given.
    pub(super) async fn outside(
        &self,
        session: &Session,
        worker: &Session,
        unfinished: &mut Option<String>,
        batch: &Batch<'b>,
        promise: Option<&Promise>,
        tell: &mut Tell<'_>,
    ) -> Result<(), Trouble> {
        let index = batch.online().and_then(Migration::index).unwrap_or_default();
        // An index is not built for long only to find that the rest is not as promised.
        if let Some(promise) = promise {
            let mut broken = promise.broken(&transaction::catalog(session).await?);
            broken.retain(|difference| !difference.object.is_part_named(&index));
            if !broken.is_empty() {
                return Err(Error::Broken(broken).into());
            }
        }
        tell(Event::Online(&index));
        let ran = self.statements(session, worker, batch, tell).await;
        *unfinished = match &ran {
            Ok(()) => None,
            // Somebody else has just made it: it is not ours to drop.
            Err(Trouble::Refused(failure, ..)) if failure.is(&SqlState::DUPLICATE_TABLE) => None,
            // Without the lock it may be another run's by now.
            Err(_) if !is_alive(session).await => Some(index),
            Err(_) => discard(worker, &index, tell).await,
        };
        ran
    }

    async fn statements(
        &self,
        session: &Session,
        worker: &Session,
        batch: &Batch<'b>,
        tell: &mut Tell<'_>,
    ) -> Result<(), Trouble> {
        for script in Script::outside(&batch.plan) {
            let sql = script.text();
            let (started, waited) = (Instant::now(), longest_wait(self.limits));
            let work = run(session, worker, &sql);
            let watched = Watched::Build { worker, longest: waited };
            let beside = (self.source, session);
            let (ran, blockers) = watch(work, watched, PATIENCE, &[], beside, &mut *tell).await;
            ran?.map_err(|failure| {
                let is_overdue = failure.is(&SqlState::QUERY_CANCELED) && started.elapsed() > waited;
                if is_overdue && !waited.is_zero() && !blockers.is_empty() {
                    return Trouble::Other(Error::Overdue { waited, blockers });
                }
                Trouble::Refused(failure, script, blockers)
            })?;
        }
        Ok(())
    }

    /// Opens the second session, with the settings that its statements need, since none of them can be in a transaction.
    pub(super) async fn worker(
        &self,
        session: &Session,
        server: &Server,
        tell: &mut Tell<'_>,
    ) -> Result<Session, Error> {
        let none = |why| Error::NoSecondSession(Box::new(why));
        let waiting = &mut |error: &ConnectError| tell(Event::Connecting(error));
        let settings = settings(self.limits, server);
        let options = options(&settings);
        let opened = alive(session, Box::pin(self.source.beside(session, &options, waiting))).await?;
        let worker = match opened {
            Err(Error::Connect(error)) => return Err(none(NoSession::Refused(error))),
            #[cfg(feature = "deadpool")]
            Err(Error::Pool(error)) => return Err(none(NoSession::NotLent(error))),
            opened => opened?,
        };
        let mut first = Box::pin(worker.send("select"));
        let mut answered = tokio::time::timeout(ANSWER, &mut first).await;
        if answered.is_err() {
            tell(Event::Silent);
            answered = tokio::time::timeout(CROWDED_ANSWER, &mut first).await;
        }
        drop(first);
        match answered {
            Ok(answered) => {
                answered??;
                #[cfg(feature = "deadpool")]
                crate::pg::pool::configure(&worker, &settings).await;
                Ok(worker)
            }
            Err(_) => Err(none(NoSession::Silent)),
        }
    }
}

/// How long a build may wait for others; zero is forever.
fn longest_wait(limits: &Limits) -> Duration {
    if limits.lock_timeout.is_zero() { Duration::ZERO } else { limits.lock_wait.max(limits.lock_timeout) }
}

/// What a session needs that builds an index. It queues in nobody's way, so that it may wait for a long transaction as long
/// as for another migrator.
fn settings(limits: &Limits, server: &Server) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("lock_timeout", longest_wait(limits).as_millis().to_string()),
        ("statement_timeout", limits.online_timeout.as_millis().to_string()),
        ("idle_session_timeout", "0".to_owned()),
        ("client_connection_check_interval", "1000".to_owned()),
        ("default_transaction_read_only", "off".to_owned()),
        ("default_transaction_isolation", "read committed".to_owned()),
        ("search_path", "pg_catalog,pg_temp".to_owned()),
    ];
    if knows_transaction_timeout(server) {
        settings.push(("transaction_timeout", "0".to_owned()));
    }
    settings
}

/// The options of a session that begins with these settings.
fn options(settings: &[(&str, String)]) -> String {
    let option = |(name, value): &(&str, String)| format!("-c {name}={}", value.replace(' ', "\\ "));
    settings.iter().map(option).collect::<Vec<_>>().join(" ")
}

/// Waits for something while a session stays alive that has nothing to do meanwhile.
async fn alive<T>(session: &Session, work: impl Future<Output = T>) -> Result<T, QueryError> {
    let heartbeat = async {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            if let Err(failure) = session.insist("").await {
                return failure;
            }
        }
    };
    tokio::select! {
        biased;
        done = work => Ok(done),
        lost = heartbeat => Err(lost),
    }
}

/// Runs a statement in one session while the other one stays alive; without the lock it is cancelled.
async fn run(session: &Session, worker: &Session, sql: &str) -> Result<Result<(), QueryError>, Error> {
    match alive(session, worker.send(sql)).await {
        Ok(ran) => Ok(ran?.map(drop)),
        Err(lost) => {
            let _ = tokio::time::timeout(CLEANUP, worker.cancel()).await;
            Err(lost.into())
        }
    }
}

/// Says whether the session that holds the lock still answers.
async fn is_alive(session: &Session) -> bool {
    matches!(tokio::time::timeout(ANSWER, session.insist("")).await, Ok(Ok(_)))
}

/// Drops an index if it is unfinished; returns its name where that was not possible.
async fn discard(worker: &Session, index: &str, tell: &mut Tell<'_>) -> Option<String> {
    let unfinished = format!(
        "select 1 as unfinished from pg_catalog.pg_index where not indisvalid \
         and indexrelid = pg_catalog.to_regclass('pevensie.{index}')"
    );
    let drop = async {
        if worker.insist(&unfinished).await?.value("unfinished").is_some() {
            tell(Event::Discarding(index));
            let discard = DISCARD.replace(":concurrently", "concurrently").replace(":index", index);
            worker.insist(&discard).await?;
        }
        Ok::<_, QueryError>(())
    };
    match tokio::time::timeout(CLEANUP, drop).await {
        Ok(Ok(())) => None,
        Ok(Err(_)) => Some(index.to_owned()),
        Err(_) => {
            let _ = tokio::time::timeout(CLEANUP, worker.cancel()).await;
            Some(index.to_owned())
        }
    }
}
