//! A message to the server that failed, and what is read out of it.

use std::sync::Arc;

use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

use super::{Error, ServerError};
use crate::migration::ledger;
use crate::migration::script::{Location, Script};
use crate::pg::connect::is_refusal;

/// A message to the server that failed.
#[derive(Debug)]
pub struct QueryError {
    /// How many of its statements were completed before.
    pub completed: usize,
    /// What the client library made of it; nothing where the server has not answered in time.
    error: Option<Arc<tokio_postgres::Error>>,
}

impl QueryError {
    /// Reports what the client library reports.
    #[must_use]
    pub fn after(completed: usize, error: Arc<tokio_postgres::Error>) -> Self {
        Self { completed, error: Some(error) }
    }

    /// Gives a server that does not answer up for lost.
    #[cfg(feature = "deadpool")]
    #[must_use]
    pub fn silence() -> Self {
        Self { completed: 0, error: None }
    }

    fn code(&self) -> Option<&SqlState> {
        self.error.as_ref()?.code()
    }

    fn as_db_error(&self) -> Option<&DbError> {
        self.error.as_ref()?.as_db_error()
    }

    /// Says whether the server refused with this SQLSTATE.
    #[must_use]
    pub fn is(&self, sqlstate: &SqlState) -> bool {
        self.code() == Some(sqlstate)
    }

    /// Says whether somebody else made, changed or dropped an object between the look at it and its use.
    #[must_use]
    pub fn is_race(&self) -> bool {
        let of_objects = [SqlState::DUPLICATE_OBJECT, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_FUNCTION];
        // A key that is there twice among the users' own data will be so the next time, too.
        let is_ours = |error: &DbError| {
            error.schema() == Some("pg_catalog") || ledger::TABLES.iter().any(|table| error.table() == Some(table))
        };
        let unique = self.is(&SqlState::UNIQUE_VIOLATION) && self.as_db_error().is_some_and(is_ours);
        // Two who grant on, alter or drop one object: an internal error, in words that no language changes.
        let of_tuples = |error: &DbError| error.message().starts_with("tuple concurrently ");
        let changed = self.is(&SqlState::INTERNAL_ERROR) && self.as_db_error().is_some_and(of_tuples);
        unique || changed || of_objects.iter().any(|sqlstate| self.is(sqlstate))
    }

    /// Says whether an object went away between the look at its name and its use.
    #[must_use]
    pub fn is_of_something_dropped(&self) -> bool {
        // Deparsing an object that was just dropped is an internal error: "cache lookup failed".
        [
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_COLUMN,
            SqlState::UNDEFINED_OBJECT,
            SqlState::UNDEFINED_FUNCTION,
            SqlState::INVALID_SCHEMA_NAME,
            SqlState::INTERNAL_ERROR,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .iter()
        .any(|sqlstate| self.is(sqlstate))
    }

    /// Says whether the server refused a statement, rather than vanished or ended the session.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.as_db_error().is_some_and(is_refusal)
    }

    /// Finds the place in the script that the message consisted of.
    #[must_use]
    pub fn location(&self, script: &Script) -> Option<Location> {
        let position = match self.as_db_error()?.position() {
            Some(&ErrorPosition::Original(position)) => usize::try_from(position).ok(),
            Some(ErrorPosition::Internal { .. }) | None => None,
        };
        script.locate(self.completed, position)
    }

    /// Explains the failure of a message that consisted of a script.
    #[must_use]
    pub fn in_script(&self, script: &Script) -> Error {
        self.explained(self.location(script))
    }

    fn explained(&self, location: Option<Location>) -> Error {
        match self.as_db_error() {
            Some(error) if !is_refusal(error) => {
                Error::Lost { why: error.message().to_owned(), sqlstate: Some(error.code().code().to_owned()) }
            }
            Some(error) => Error::Server(Box::new(ServerError {
                sqlstate: error.code().code().to_owned(),
                message: error.message().to_owned(),
                detail: error.detail().map(str::to_owned),
                hint: error.hint().map(str::to_owned),
                location,
                blockers: Vec::new(),
            })),
            None => Error::Lost {
                why: self.error.as_ref().map_or_else(|| "it does not answer".to_owned(), |error| cause(error)),
                sqlstate: None,
            },
        }
    }
}

impl From<QueryError> for Error {
    fn from(failure: QueryError) -> Self {
        failure.explained(None)
    }
}

/// The innermost cause, which is the one that says something.
fn cause(error: &tokio_postgres::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
