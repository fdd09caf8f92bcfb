//! Looking, from a session of its own, at what another one waits for.

use std::pin::pin;
use std::time::{Duration, Instant};

use super::{Event, Tell};
use crate::migration::limits::Limits;
use crate::pg::error::Error;
use crate::pg::holder::Holder;
use crate::pg::lock::HOLDERS;
use crate::pg::look;
use crate::pg::session::Session;
use crate::pg::source::Source;

const BLOCKERS: &str = include_str!("../../../sql/introspect/blockers.sql");
const BUILD: &str = include_str!("../../../sql/introspect/build.sql");

/// How long something may take before anybody looks why.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(500);

/// How long a request to cancel may take.
const CANCELLING: Duration = Duration::from_secs(10);

/// What is watched.
pub(super) enum Watched<'a> {
    /// The transaction that holds the lock.
    Transaction,
    /// An index that is built or dropped outside a transaction, by whichever backend a pooler has chosen.
    Build {
        /// The session that does so.
        worker: &'a Session,
        /// How long it may wait for others, zero being forever; a pooler does not let the server see to that.
        longest: Duration,
    },
}

/// How far an index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, as `pg_stat_progress_create_index` words it.
    pub phase: String,
    /// How much of that is done.
    pub done: u64,
    /// Of how much; zero where that is not known.
    pub total: u64,
}

/// Does some work and tells, while it takes long, how far it is and who is in its way, unless these were told of before.
/// Returns those who were, at last.
///
/// Watching is a kindness: where it is not possible, the work goes on without.
pub(super) async fn watch<T>(
    work: impl Future<Output = T>,
    watched: Watched<'_>,
    patience: Duration,
    told: &[Holder],
    (source, beside): (Source<'_>, &Session),
    tell: &mut Tell<'_>,
) -> (T, Vec<Holder>) {
    let mut blockers = Vec::new();
    let look = async {
        tokio::time::sleep(patience).await;
        match Box::pin(look(&watched, (source, beside), told, &mut blockers, tell)).await {
            Ok(overdue) => overdue,
            Err(_) => std::future::pending().await,
        }
    };
    let mut work = pin!(work);
    let done = tokio::select! {
        biased;
        done = &mut work => done,
        worker = look => {
            // To its end, if there is one: a request that hangs up first takes some poolers down.
            let _ = tokio::time::timeout(CANCELLING, worker.cancel()).await;
            work.await
        }
    };
    (done, blockers)
}

/// Returns the session that is to be cancelled, because it has waited for too long.
async fn look<'a>(
    watched: &Watched<'a>,
    (source, beside): (Source<'_>, &Session),
    told: &[Holder],
    seen: &mut Vec<Holder>,
    tell: &mut Tell<'_>,
) -> Result<&'a Session, Error> {
    let session = source.beside(beside, "", &mut |_| ()).await?;
    let mut since = None;
    loop {
        let mut is_blocked = false;
        let backend = match watched {
            Watched::Transaction => holder(&session).await?,
            Watched::Build { .. } => build(&session, tell).await?,
        };
        if let Some(pid) = backend {
            let rows = session.send(&brief(&BLOCKERS.replace(":pid", &pid))).await??;
            let blockers = Holder::all(&rows);
            if !blockers.is_empty() && *seen != blockers {
                let is_news = !seen.is_empty() || told != blockers;
                tell(if is_news { Event::Blocked(&blockers) } else { Event::BlockedAgain });
            }
            if !blockers.is_empty() {
                is_blocked = true;
                *seen = blockers;
            }
        }
        since = is_blocked.then(|| since.unwrap_or_else(Instant::now));
        if let Watched::Build { worker, longest } = watched
            && !longest.is_zero()
            && since.is_some_and(|since| since.elapsed() > *longest)
        {
            return Ok(worker);
        }
        session.pause(INTERVAL).await?;
    }
}

/// The process that holds the lock: behind a pooler nobody else knows which one that is.
async fn holder(session: &Session) -> Result<Option<String>, Error> {
    let rows = session.send(&brief(HOLDERS)).await??;
    Ok(rows.value("pid").map(str::to_owned))
}

/// The process that builds an index; tells how far it is.
async fn build(session: &Session, tell: &mut Tell<'_>) -> Result<Option<String>, Error> {
    let rows = session.send(&brief(BUILD)).await??;
    let number = |column: &str| rows.value(column).and_then(|text| text.parse().ok()).unwrap_or_default();
    if let Some(phase) = rows.value("phase") {
        tell(Event::Building(&Progress { phase: phase.to_owned(), done: number("done"), total: number("total") }));
    }
    Ok(rows.value("builder").map(str::to_owned))
}

/// A look must not take long either.
fn brief(query: &str) -> String {
    look::read_only(&Limits { statement_timeout: INTERVAL * 4, ..Limits::default() }, query)
}
