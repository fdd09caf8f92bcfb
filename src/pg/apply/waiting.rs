//! Waiting for others: politely, and not forever.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use super::watch::PATIENCE;
use super::{Event, Tell};
use crate::migration::limits::Limits;
use crate::migration::script::Script;
use crate::migration::surroundings::{IndexState, Surroundings};
use crate::pg::error::{Error, QueryError};
use crate::pg::holder::Holder;
use crate::pg::lock::{self, Backoff};
use crate::pg::session::Session;
use crate::pg::source::Source;

/// How often a statement queues for a table before it does so for as long as it may.
///
/// Whoever comes for the table queues behind us. So the first attempts are short: where somebody keeps the table for long,
/// nobody notices much of them; where everybody keeps it for a moment only, one of them succeeds.
const SHORT_ATTEMPTS: u32 = 8;

/// Waits for others, but not forever.
pub(super) struct Waiting {
    deadline: Instant,
    backoff: Backoff,
    longest_pause: Duration,
    holder: Option<Holder>,
    blockers: Vec<Holder>,
    builds: Option<String>,
    is_told: bool,
    limits: Limits,
    queue: Duration,
}

impl Waiting {
    /// Begins to wait.
    pub(super) fn new(limits: &Limits) -> Self {
        // Where the whole wait is short, the first attempt may be the last.
        let is_short = limits.lock_wait < limits.lock_timeout * 2;
        let queue = if is_short { limits.lock_timeout } else { limits.lock_timeout / SHORT_ATTEMPTS };
        Self {
            deadline: Instant::now() + limits.lock_wait,
            backoff: Backoff::new(),
            longest_pause: Duration::MAX,
            holder: None,
            blockers: Vec::new(),
            builds: None,
            is_told: false,
            limits: *limits,
            queue: queue.max(Duration::from_millis(10)).min(limits.lock_timeout),
        }
    }

    /// The limits of the next attempt.
    pub(super) fn limits(&self) -> Limits {
        Limits { lock_timeout: self.queue, ..self.limits }
    }

    /// Those who were in the way of the last attempt that somebody has looked at.
    pub(super) fn blockers(&self) -> &[Holder] {
        &self.blockers
    }

    /// How long an attempt may take before somebody looks why: a part of what it may take at all.
    pub(super) fn patience(&self) -> Duration {
        if self.queue.is_zero() { PATIENCE } else { PATIENCE.min(self.queue / 3) }
    }

    /// Heeds how long the server lets the session be idle.
    pub(super) fn heed(&mut self, around: &Surroundings) {
        if around.idle_session_timeout > 0 {
            self.longest_pause = Duration::from_millis(around.idle_session_timeout / 3);
        }
    }

    /// Says whether an unfinished index is seen for the first time. It may be one that is just being finished: the server
    /// gives up the lock on its table a moment before everybody sees the index as it is.
    pub(super) fn is_first_sight(&self, index: &str) -> bool {
        self.builds.as_deref() != Some(index)
    }

    /// Gives up the session and waits for another migrator, or for whoever keeps the ledger, by this failure to read it;
    /// returns a new one. A crowd that waits leaves the server's sessions to those who work.
    pub(super) async fn for_the_lock(
        &mut self,
        session: Session,
        blocked: Option<QueryError>,
        source: Source<'_>,
        tell: &mut Tell<'_>,
    ) -> Result<Session, Error> {
        let holder = match lock::holder(&session, &self.limits).await {
            Ok(holder) => holder,
            Err(error) => {
                session.close().await;
                return Err(error);
            }
        };
        let pause = self.pause();
        let blocked = blocked.filter(|_| holder.is_none());
        if self.is_over_after(pause) {
            session.close().await;
            let holder = holder.or(self.holder.take()).map(Box::new);
            return Err(blocked.map_or(Error::Locked { waited: self.limits.lock_wait, holder }, Error::from));
        }
        if blocked.is_some() {
            tell(Event::Queued(None));
            self.queue = (self.queue * 2).min(self.limits.lock_timeout);
        }
        // Nobody holds it any more: no news worth telling.
        if holder.is_some() && self.holder != holder {
            tell(Event::Waiting(holder.as_ref()));
            self.holder = holder;
        }
        source.later(session, pause, self.deadline.saturating_duration_since(Instant::now())).await
    }

    /// Opens another session where the server has ended this one for being idle, which it does between transactions only:
    /// nothing of ours was in it.
    pub(super) async fn anew(&mut self, session: Session, ended: Error, source: Source<'_>) -> Result<Session, Error> {
        let pause = self.pause();
        if self.is_over_after(pause) {
            session.close().await;
            return Err(ended);
        }
        source.later(session, pause, self.deadline.saturating_duration_since(Instant::now())).await
    }

    /// Gives up the transaction, and with it the lock, and waits for whoever builds an index: a migrator that lost its
    /// connection while the server went on. Who holds the lock must not look meanwhile: the builder waits for every older
    /// snapshot.
    pub(super) async fn for_the_builder(
        &mut self,
        session: &Session,
        index: &str,
        state: IndexState,
        tell: &mut Tell<'_>,
    ) -> Result<(), Error> {
        let pause = self.pause();
        if self.is_over_after(pause) {
            return Err(Error::BeingBuilt { index: index.to_owned(), waited: self.limits.lock_wait });
        }
        self.builds = Some(index.to_owned());
        if state == IndexState::BeingBuilt && !std::mem::replace(&mut self.is_told, true) {
            tell(Event::BeingBuilt(index));
        }
        session.rollback("").await??;
        session.pause(pause).await
    }

    /// Gives up the transaction and waits where others were in the way for a moment; other errors are passed on.
    pub(super) async fn for_others(
        &mut self,
        session: &Session,
        failure: &QueryError,
        script: &Script,
        blockers: Vec<Holder>,
        tell: &mut Tell<'_>,
    ) -> Result<(), Error> {
        // The last attempt may have been too short for a look.
        if !blockers.is_empty() {
            self.blockers = blockers;
        }
        let queued = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        let queued = queued.iter().any(|sqlstate| failure.is(sqlstate));
        if !queued && !failure.is_race() {
            return Err(failure.in_script(script));
        }
        // Those who queued behind us get at least as long as they had to wait.
        let pause = if queued { self.pause().max(self.queue).min(self.longest_pause) } else { self.pause() };
        if self.is_over_after(pause) {
            return Err(failure.in_script(script).blocked_by(std::mem::take(&mut self.blockers)));
        }
        tell(if queued { Event::Queued(failure.location(script)) } else { Event::Raced });
        self.queue = (self.queue * 2).min(self.limits.lock_timeout);
        session.rollback("").await??;
        session.pause(pause).await
    }

    fn pause(&mut self) -> Duration {
        self.backoff.pause().min(self.longest_pause)
    }

    fn is_over_after(&self, pause: Duration) -> bool {
        Instant::now() + pause > self.deadline
    }
}
