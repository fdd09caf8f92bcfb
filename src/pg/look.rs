//! Looking at a database: in one message, which changes nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use super::error::{Error, QueryError};
use super::lock::Backoff;
use super::session::{Rows, Session};
use super::state::{self, CATALOG, Glimpse, LEDGER, PREFLIGHT, SERVER, State, privileges};
use crate::migration::ledger::{self, LedgerError};
use crate::migration::limits::Limits;
use crate::migration::role::Role;
use crate::migration::rows::Row;
use crate::migration::surroundings::{Index, IndexState};
use crate::schema::catalog::Catalog;

const GLANCE: &str = include_str!("../../sql/ledger/glance.sql");
const BEGIN: &str = "begin isolation level repeatable read read only;";

/// Whether to fetch the whole log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// The last record of each migration, at least.
    Latest,
    /// Every record.
    Whole,
}

/// What a database is and holds.
#[derive(Debug)]
pub struct Survey {
    /// What it is.
    pub glimpse: Glimpse,
    /// What the schema holds.
    pub live: Catalog,
    /// The indexes in it that no constraint owns.
    pub indexes: Vec<Index>,
}

/// A short look that is in nobody's way: its snapshot is gone at once.
#[must_use]
pub fn read_only(limits: &Limits, query: &str) -> String {
    format!("begin isolation level read committed read only;\n{}{query};\ncommit;", limits.settings_for_a_look())
}

/// Looks for what is recorded, and for what a role has; also on a standby and without any privilege.
pub async fn glimpse(session: &Session, limits: &Limits, grantee: Option<&Role>) -> Result<Glimpse, Error> {
    at_a_glance(session, limits, ("", &privileges(grantee)), |glimpse, _| Ok(glimpse)).await
}

/// Looks for the same and lists the schema, all at one time.
pub async fn survey(session: &Session, limits: &Limits, grantee: Option<&Role>, log: Log) -> Result<Survey, Error> {
    let log = match log {
        Log::Latest => "",
        Log::Whole => "set local pevensie_pg.log to 'whole';\n",
    };
    let read = |glimpse, rows: &Rows| {
        let live = state::catalog(rows)?;
        is_of_one_moment(rows, listed_tables(rows))?;
        Ok((glimpse, live))
    };
    let after = format!("{}{CATALOG}", privileges(grantee));
    let (glimpse, live) = at_a_glance(session, limits, (log, &after), read).await?;
    let indexes: Vec<(String, bool)> = live.indexes().collect();
    let indexes = if indexes.iter().all(|(_, is_complete)| *is_complete) {
        indexes.into_iter().map(|(name, _)| Index { name, state: IndexState::Complete }).collect()
    } else {
        // Whether somebody is at work on one is a question of its own.
        self::state(session, limits, None).await?.around.indexes
    };
    Ok(Survey { glimpse, live, indexes })
}

/// Looks for what is recorded, what is in the way of changes, and what a role has.
pub async fn state(session: &Session, limits: &Limits, grantee: Option<&Role>) -> Result<State, Error> {
    let read = |rows: &Rows| {
        let state = State::read(rows)?;
        is_of_one_moment(rows, state.around.ledger_oids.iter().map(String::as_str))?;
        Ok(state)
    };
    settled(session, limits, &format!("{SERVER}{PREFLIGHT}{LEDGER}{}", privileges(grantee)), read).await
}

/// Looks for the same and lists the schema, all at one time.
pub async fn state_and_catalog(
    session: &Session,
    limits: &Limits,
    grantee: Option<&Role>,
) -> Result<(State, Catalog), Error> {
    let read = |rows: &Rows| {
        let (state, live) = (State::read(rows)?, state::catalog(rows)?);
        is_of_one_moment(rows, listed_tables(rows))?;
        Ok((state, live))
    };
    settled(session, limits, &format!("{SERVER}{PREFLIGHT}{LEDGER}{}{CATALOG}", privileges(grantee)), read).await
}

/// Asks for what is recorded, and for more, in one message; and once more, with all that may be unusual, where that does not
/// tell.
async fn at_a_glance<T>(
    session: &Session,
    limits: &Limits,
    (before, after): (&str, &str),
    read: impl Fn(Glimpse, &Rows) -> Result<T, Error>,
) -> Result<T, Error> {
    let questions = format!("{before}{SERVER}{GLANCE}{after}");
    let glance = |rows: &Rows| Glimpse::at_a_glance(rows)?.map(|glimpse| read(glimpse, rows)).transpose();
    match settled(session, limits, &questions, glance).await {
        Ok(Some(found)) => return Ok(found),
        Ok(None) => {}
        // What is unusual may also be refused.
        Err(Error::Server(error)) if error.sqlstate.starts_with(ACCESS_RULE) => drop(session.rollback("").await??),
        Err(error) => return Err(error),
    }
    let questions = format!("{before}{SERVER}{LEDGER}{after}");
    match settled(session, limits, &questions, |rows| read(Glimpse::read(rows)?, rows)).await {
        // Who is to be asked where it may not be read is a question of its own.
        Err(Error::Ledger(LedgerError::Unreadable)) => {
            Err(state(session, limits, None).await.err().unwrap_or(LedgerError::Changing.into()))
        }
        answered => answered,
    }
}

/// Asks, and once more where others changed meanwhile what was asked about.
async fn settled<T>(
    session: &Session,
    limits: &Limits,
    questions: &str,
    read: impl Fn(&Rows) -> Result<T, Error>,
) -> Result<T, Error> {
    let sql = format!("{BEGIN}\n{}{questions}commit;", limits.settings_for_a_look());
    let (mut backoff, mut again) = (Backoff::new(), 1..ATTEMPTS);
    loop {
        match look(session, &sql, &read).await {
            Err(Error::Ledger(LedgerError::Changing)) if again.next().is_some() => {
                session.pause(backoff.pause()).await?;
            }
            settled => return settled,
        }
    }
}

async fn look<T>(session: &Session, sql: &str, read: impl Fn(&Rows) -> Result<T, Error>) -> Result<T, Error> {
    let rows = begun(session, sql).await??;
    session.committed();
    read(&rows)
}

/// The ledger's tables, as the listing has them.
fn listed_tables(rows: &Rows) -> impl Iterator<Item = &str> {
    let is_ledger = |row: &Row<'_>| ledger::TABLES.contains(&row.text("name")) && row.text("kind") == "r";
    rows.having("relation").filter(is_ledger).map(|row| row.text("relation"))
}

/// Makes sure that the ledger was read from the tables that were there when the transaction began.
fn is_of_one_moment<'a>(rows: &'a Rows, tables: impl Iterator<Item = &'a str>) -> Result<(), LedgerError> {
    let glanced = rows.having("recorded").filter_map(|row| Some(row.text("recorded").split_once(' ')?.0));
    let read: BTreeSet<&str> =
        rows.value("ledger_oids").unwrap_or_default().split_terminator(',').chain(glanced).collect();
    let is_readable = matches!(rows.value("shape"), None | Some("absent" | "legacy" | "current"));
    if is_readable && read != tables.collect() { Err(LedgerError::Changing) } else { Ok(()) }
}

/// Sends statements of which the first begins a transaction, once more where others dropped what they were just reading.
pub(super) async fn begun(session: &Session, sql: &str) -> Result<Result<Rows, QueryError>, Error> {
    let (mut backoff, mut again) = (Backoff::new(), 1..ATTEMPTS);
    loop {
        match session.begin(sql).await? {
            Err(failure) if failure.is_of_something_dropped() && again.next().is_some() => {
                session.rollback("").await??;
                session.pause(backoff.pause()).await?;
            }
            settled => return Ok(settled),
        }
    }
}

/// What begins the SQLSTATEs of names that are not there, and of what one may not do: "syntax error or access rule violation".
const ACCESS_RULE: &str = "42";

/// How often to look at what others change meanwhile.
const ATTEMPTS: usize = 10;

/// Counts the rows of a table, up to one more than `most`; `None` where they may not be read, or not soon enough.
pub async fn count_rows(session: &Session, limits: &Limits, table: &str, most: u64) -> Result<Option<u64>, Error> {
    // Nobody should wait for a number.
    let limits = Limits { lock_timeout: Duration::from_secs(1), ..*limits };
    let sql = format!(
        "begin isolation level read committed read only;\n{}select pg_catalog.count(*) as rows \
         from (select from pevensie.\"{table}\" limit {}) as bounded;\ncommit;",
        limits.settings(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(column: &[&str], values: &[&[&str]]) -> Rows {
        let mut rows = Rows::default();
        rows.begin(column.iter().map(|name| (*name).to_owned()).collect());
        for row in values {
            rows.push(row.iter().map(|value| Some((*value).to_owned())).collect());
        }
        rows
    }

    #[test]
    fn the_ledger_is_read_from_the_tables_that_were_there() {
        let glance = answered(&["recorded"], &[&["7 {}"], &["7 {}"], &["8 {}"]]);
        let nothing = answered(&["has_schema"], &[&["f"]]);
        let read = |shape, oids| answered(&["shape", "ledger_oids"], &[&[shape, oids]]);
        for (rows, tables, is_settled) in [
            (&glance, &["8", "7"][..], true),
            (&glance, &["7", "9"], false),
            (&glance, &[], false),
            (&nothing, &[], true),
            (&nothing, &["7", "8"], false),
            (&read("current", "7,8"), &["7", "8"], true),
            (&read("current", "7,9"), &["7", "8"], false),
            (&read("legacy", "7"), &["7"], true),
            (&read("absent", ""), &["7", "8"], false),
            // What is in the way has nothing to be compared with.
            (&read("broken", ""), &["7"], true),
            (&read("unreadable", ""), &["7", "8"], true),
        ] {
            assert_eq!(is_of_one_moment(rows, tables.iter().copied()).is_ok(), is_settled, "{rows:?} {tables:?}");
        }
    }
}
