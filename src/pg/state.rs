//! Reading what a database is, in one flight.

use std::time::Duration;

use tokio_postgres::error::SqlState;

use super::error::{Error, Failure};
use super::lock::Backoff;
use super::session::{Rows, Session};
use crate::migration::ledger::{Ledger, LedgerError, Record};
use crate::migration::refusal::Refusal;
use crate::migration::role::Role;
use crate::migration::script::Script;
use crate::migration::surroundings::Surroundings;
use crate::schema::catalog::Catalog;

const SETTINGS: &str = include_str!("../../sql/ledger/settings.sql");
const LOCK: &str = include_str!("../../sql/ledger/lock.sql");
const PREFLIGHT: &str = include_str!("../../sql/introspect/preflight.sql");
const PRIVILEGES: &str = include_str!("../../sql/introspect/privileges.sql");
const CATALOG: &str = include_str!("../../sql/introspect/catalog.sql");
const LEDGER: &str = include_str!("../../sql/ledger/read.sql");

/// What a database is, as far as migrations are concerned.
#[derive(Clone, Debug)]
pub struct State {
    /// The server, the role and the schema.
    pub around: Surroundings,
    /// What is recorded.
    pub ledger: Ledger,
    /// The records that were fetched, oldest first.
    pub history: Vec<Record>,
}

/// How long things may take; zero is "forever".
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long to wait for another migrator.
    pub lock_wait: Duration,
    /// How long a statement may queue for a lock on a table.
    pub lock_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may run that blocks nobody.
    pub online_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lock_wait: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(5 * 60),
            online_timeout: Duration::ZERO,
        }
    }
}

/// Whether to fetch the whole log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// The last record of each migration.
    Latest,
    /// Every record.
    Whole,
}

/// Reads the state, and what a role has, in a transaction of its own that changes nothing; also on a standby and without
/// any privilege.
pub async fn glance(session: &Session, limits: &Limits, grantee: Option<&Role>) -> Result<State, Error> {
    read(&look(session, limits, &format!("{PREFLIGHT}{LEDGER}{}", privileges(grantee))).await?)
}

/// Reads the same and lists the schema, in one transaction that changes nothing.
pub async fn survey(
    session: &Session,
    limits: &Limits,
    grantee: Option<&Role>,
    log: Log,
) -> Result<(State, Catalog), Error> {
    let log = match log {
        Log::Latest => "",
        Log::Whole => "set local pevensie_pg.log to 'whole';\n",
    };
    let privileges = privileges(grantee);
    let rows = look(session, limits, &format!("{log}{PREFLIGHT}{LEDGER}{privileges}{CATALOG}")).await?;
    Ok((read(&rows)?, listing(&rows)?))
}

async fn look(session: &Session, limits: &Limits, body: &str) -> Result<Rows, Error> {
    let begin = "begin isolation level repeatable read read only;";
    let sql = format!("{begin}\n{}{body}commit;", settings(limits));
    let rows = settled(session, &sql).await??;
    session.committed();
    Ok(rows)
}

/// Sends statements of which the first begins a transaction, once more where others dropped what they were just reading.
async fn settled(session: &Session, sql: &str) -> Result<Result<Rows, Failure>, Error> {
    let mut backoff = Backoff::new();
    for _ in 1..ATTEMPTS {
        match session.begin(sql).await? {
            Err(failure) if failure.is_of_something_dropped() => {
                session.rollback("").await??;
                session.pause(backoff.pause()).await?;
            }
            settled => return Ok(settled),
        }
    }
    session.begin(sql).await
}

/// How often to look at what others change meanwhile.
const ATTEMPTS: usize = 10;

/// Lists the schema in the transaction that is open.
pub async fn catalog(session: &Session) -> Result<Catalog, Error> {
    listing(&session.send(CATALOG).await??)
}

/// Runs a script and lists the schema as it is then; the transaction stays open.
pub async fn run(session: &Session, script: &Script) -> Result<Result<Catalog, Failure>, Error> {
    match session.send(&format!("{}\n{CATALOG}", script.text())).await? {
        Ok(rows) => Ok(Ok(listing(&rows)?)),
        Err(failure) => Ok(Err(failure)),
    }
}

fn listing(rows: &Rows) -> Result<Catalog, Error> {
    Ok(Catalog::from_json(rows.value("catalog").unwrap_or_default()).map_err(LedgerError::from)?)
}

/// What a session sees that wants to write.
pub enum View {
    /// It has the lock, and what it sees is so until the end of its transaction, which this backend runs.
    Locked(State, Backend),
    /// Somebody else has the lock. What was seen may be half of what is being done, or could not be read at all.
    Tentative(Option<State>),
    /// The ledger could not be read in time: somebody keeps it locked, as a migrator does that changes it.
    Kept(Failure),
}

/// The process ID of the server's process that runs a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend(pub String);

/// Begins a transaction that may write, tries to get the lock, and then reads the state.
///
/// The state is read in statements after the one that took the lock: in READ COMMITTED they see what the last holder did.
pub async fn begin(session: &Session, limits: &Limits, grantee: Option<&Role>) -> Result<View, Error> {
    let settings = settings(limits);
    let begin = "begin isolation level read committed read write;";
    let sql = format!("{begin}\n{settings}{LOCK}{PREFLIGHT}{LEDGER}{}", privileges(grantee));
    match settled(session, &sql).await? {
        Ok(rows) if rows.value("locked") == Some("t") => {
            Ok(View::Locked(read(&rows)?, Backend(rows.value("backend").unwrap_or_default().to_owned())))
        }
        Ok(rows) => Ok(View::Tentative(read(&rows).ok())),
        Err(failure) if failure.is(&SqlState::LOCK_NOT_AVAILABLE) => Ok(View::Kept(failure)),
        // A standby refuses the very first statement.
        Err(failure)
            if failure.is(&SqlState::FEATURE_NOT_SUPPORTED) || failure.is(&SqlState::READ_ONLY_SQL_TRANSACTION) =>
        {
            Err(Error::Refused(vec![Refusal::Standby]))
        }
        Err(failure) => Err(failure.into()),
    }
}

fn settings(limits: &Limits) -> String {
    format!(
        "set local statement_timeout to {};\nset local lock_timeout to {};\n{SETTINGS}",
        limits.statement_timeout.as_millis(),
        limits.lock_timeout.as_millis()
    )
}

/// The question what a role has.
fn privileges(grantee: Option<&Role>) -> String {
    let ask = |role: &Role| format!("set local pevensie_pg.app_role to {};\n{PRIVILEGES}", role.literal());
    grantee.map(ask).unwrap_or_default()
}

fn read(rows: &Rows) -> Result<State, Error> {
    let value = |column: &str| rows.value(column).unwrap_or_default();
    let mut around: Surroundings = serde_json::from_str(value("preflight")).map_err(LedgerError::from)?;
    around.grantee = rows.value("privileges").map(serde_json::from_str).transpose().map_err(LedgerError::from)?;
    match Ledger::from_json(value("ledger")) {
        Ok((ledger, history)) => Ok(State { around, ledger, history }),
        Err(LedgerError::Unreadable) => Err(Error::Refused(vec![may_not_read(&around)])),
        Err(error) => Err(error.into()),
    }
}

fn may_not_read(around: &Surroundings) -> Refusal {
    Refusal::MayNotRead {
        role: around.role.clone(),
        schema_owner: around.schema_owner(),
        owner: around.owner_of("module_version"),
        tables: around.ledger_tables(),
    }
}

/// Counts the rows of a table, up to one more than `most`; `None` where they may not be read, or not soon enough.
pub async fn count_rows(session: &Session, limits: &Limits, table: &str, most: u64) -> Result<Option<u64>, Error> {
    // Nobody should wait for a number.
    let limits = Limits { lock_timeout: Duration::from_secs(1), ..*limits };
    let sql = format!(
        "begin isolation level read committed read only;\n{}select pg_catalog.count(*) as rows \
         from (select from pevensie.\"{table}\" limit {}) as bounded;\ncommit;",
        settings(&limits),
        most + 1
    );
    match session.begin(&sql).await? {
        Ok(rows) => {
            session.committed();
            Ok(rows.value("rows").and_then(|rows| rows.parse().ok()))
        }
        Err(failure) if failure.is_refusal() => {
            session.rollback("").await??;
            Ok(None)
        }
        Err(failure) => Err(failure.into()),
    }
}
