//! The transaction that holds the lock: beginning it, and running a script in it.

use tokio_postgres::error::SqlState;

use super::error::{Error, QueryError};
use super::look::begun;
use super::session::Session;
use super::state::{self, CATALOG, LEDGER, PREFLIGHT, SERVER, State, privileges};
use crate::migration::limits::Limits;
use crate::migration::refusal::Refusal;
use crate::migration::role::Role;
use crate::migration::script::Script;
use crate::schema::catalog::Catalog;

const BEGIN: &str = "begin isolation level read committed read write;";
const LOCK: &str = include_str!("../../sql/ledger/lock.sql");

/// What a session sees that wants to write.
pub enum View {
    /// It has the lock, and what it sees is so until the end of its transaction.
    Locked(State),
    /// Somebody else has the lock. What was seen may be half of what is being done, or could not be read at all.
    Tentative(Option<State>),
    /// The ledger could not be read in time: somebody keeps it locked, as a migrator does that changes it.
    Blocked(QueryError),
}

/// Begins a transaction that may write, tries to get the lock, and then reads the state.
///
/// The state is read in statements after the one that took the lock: in READ COMMITTED they see what the last holder did.
pub async fn begin(session: &Session, limits: &Limits, grantee: Option<&Role>) -> Result<View, Error> {
    let sql = format!("{BEGIN}\n{}{LOCK}{SERVER}{PREFLIGHT}{LEDGER}{}", limits.settings(), privileges(grantee));
    match begun(session, &sql).await? {
        Ok(rows) if rows.value("locked") == Some("t") => Ok(View::Locked(State::read(&rows)?)),
        Ok(rows) => Ok(View::Tentative(State::read(&rows).ok())),
        Err(failure) if failure.is(&SqlState::LOCK_NOT_AVAILABLE) => Ok(View::Blocked(failure)),
        Err(failure) if is_of_a_standby(&failure) => Err(Error::Refused(vec![Refusal::Standby])),
        Err(failure) => Err(failure.into()),
    }
}

/// Says whether a standby has refused to begin a transaction that may write: the very first statement.
fn is_of_a_standby(failure: &QueryError) -> bool {
    let refusals = [SqlState::FEATURE_NOT_SUPPORTED, SqlState::READ_ONLY_SQL_TRANSACTION];
    failure.completed == 0 && refusals.iter().any(|sqlstate| failure.is(sqlstate))
}

/// Lists the schema in the transaction that is open.
pub async fn catalog(session: &Session) -> Result<Catalog, Error> {
    state::catalog(&session.send(CATALOG).await??)
}

/// Runs a script, which may begin the transaction itself, and lists the schema as it is then; the transaction stays open.
pub async fn run(session: &Session, script: &Script) -> Result<Result<Catalog, QueryError>, Error> {
    match session.begin(&format!("{}\n{CATALOG}", script.text())).await? {
        Ok(rows) => Ok(Ok(state::catalog(&rows)?)),
        Err(failure) => Ok(Err(failure)),
    }
}

/// What a script begins with that begins the transaction itself.
#[must_use]
pub fn beginning(limits: &Limits) -> String {
    format!("{BEGIN}\n{}", limits.settings())
}
