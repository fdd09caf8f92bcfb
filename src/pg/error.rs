//! What can go wrong between us and a database.

mod query;

use std::time::Duration;

use tokio_postgres::error::SqlState;

use super::connect::ConnectError;
use super::holder::Holder;
use super::options::OptionsError;
#[cfg(feature = "deadpool")]
use super::pool::NoClient;
use super::scratch::ScratchError;
use crate::migration::history::Fault;
use crate::migration::ledger::LedgerError;
use crate::migration::module::Module;
use crate::migration::plan::{PlanError, Wanted};
use crate::migration::refusal::Refusal;
use crate::migration::script::Location;
use crate::migration::version::Version;
use crate::schema::adoption::Mismatch;
use crate::schema::drift::Difference;
pub use query::QueryError;

/// Why a command on a database did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings do not say where the database is.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// There is no connection to be had.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The pool lends no client.
    #[cfg(feature = "deadpool")]
    #[error(transparent)]
    Pool(#[from] NoClient),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The history is wrong.
    #[error("the ledger of this database does not agree with this binary")]
    Faults(Vec<Fault>),
    /// The wish cannot be fulfilled.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Modules are not what they would be adopted as.
    #[error("what is there is not what it would be adopted as")]
    NotAdoptable(Vec<Mismatch>),
    /// The statements did not lead to the schema that was promised; everything was rolled back.
    #[error("the schema would not be what these migrations promise")]
    Broken(Vec<Difference>),
    /// What has the name of an index that a migration builds is another one; nothing was tried.
    #[error("another index has the name of one that a migration builds")]
    OtherIndex(Vec<Difference>),
    /// A rehearsal did not lead to the schema that it should lead to.
    #[error("the schema is not what it should be after this")]
    Different(Vec<Difference>),
    /// A rehearsal did not lead to the record that it should lead to.
    #[error("the ledger has {module} at {} after this, not at {}", Wanted(*found), Wanted(*wanted))]
    Misrecorded {
        /// The module.
        module: Module,
        /// The version that is recorded.
        found: Option<Version>,
        /// The version that should be.
        wanted: Option<Version>,
    },
    /// There is no server of our own.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// It would fail; nothing was tried.
    #[error("this would fail")]
    Refused(Vec<Refusal>),
    /// Somebody else held the lock all the time.
    #[error("another migrator held the lock for {}", humantime::format_duration(*waited))]
    Locked {
        /// How long it was waited for.
        waited: Duration,
        /// Who held it at the end.
        holder: Option<Box<Holder>>,
    },
    /// Another session was building the index all the time.
    #[error("another session was still building index pevensie.{index} after {}", humantime::format_duration(*waited))]
    BeingBuilt {
        /// The index.
        index: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// Others were in the way of a build all the time.
    #[error("the build waited for others for {}", humantime::format_duration(*waited))]
    Overdue {
        /// How long it waited.
        waited: Duration,
        /// Who they are.
        blockers: Vec<Holder>,
    },
    /// There is no second session, which an index is built in while the first one holds the lock.
    #[error("an index is built online in a second session, and there is none:\n  {0}")]
    NoSecondSession(Box<NoSession>),
    /// The server refused a statement.
    #[error("{}", .0.message)]
    Server(Box<ServerError>),
    /// The connection broke before anything could be committed.
    #[error("the connection to the server was lost: {why}")]
    Lost {
        /// Why, in the words of the server where it ended the session.
        why: String,
        /// The SQLSTATE, where the server gave one.
        sqlstate: Option<String>,
    },
    /// The connection broke during the commit, and the database could not be asked afterwards.
    #[error("the connection was lost during the commit, and the database cannot be asked how it ended: {0}")]
    Unknown(Box<Error>),
    /// The database is no longer as it was when the plan was agreed to.
    #[error("the database was changed by somebody else in the meantime")]
    Changed,
    /// Somebody asked this process to stop.
    #[error("interrupted")]
    Interrupted,
}

/// Why there is no further session.
#[derive(Debug, thiserror::Error)]
pub enum NoSession {
    /// It was not to be had.
    #[error(transparent)]
    Refused(ConnectError),
    /// The pool has none.
    #[cfg(feature = "deadpool")]
    #[error(transparent)]
    NotLent(NoClient),
    /// It was opened, but answered nothing.
    #[error("it does not answer while the first one is in a transaction")]
    Silent,
}

/// An error that the server reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// The SQLSTATE (appendix A of the PostgreSQL manual).
    pub sqlstate: String,
    /// The primary message.
    pub message: String,
    /// The detail message.
    pub detail: Option<String>,
    /// The server's own hint.
    pub hint: Option<String>,
    /// Where in our scripts it happened.
    pub location: Option<Location>,
    /// Who was in the way, where that was looked at.
    pub blockers: Vec<Holder>,
}

impl Error {
    /// Says who was in the way of a statement that was given up for that.
    #[must_use]
    pub fn blocked_by(mut self, blockers: Vec<Holder>) -> Self {
        if let Self::Server(error) = &mut self {
            error.blockers = blockers;
        }
        self
    }

    /// Says whether the server ended the session because nothing was asked of it, outside a transaction, for too long.
    #[must_use]
    pub fn is_idleness(&self) -> bool {
        matches!(self, Self::Lost { .. }) && self.sqlstate() == Some(SqlState::IDLE_SESSION_TIMEOUT.code())
    }

    /// Returns the SQLSTATE, where the server gave one.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Self::Server(error) => Some(error.sqlstate.as_str()),
            Self::Lost { sqlstate, .. } => sqlstate.as_deref(),
            Self::Connect(error) => error.sqlstate().map(SqlState::code),
            #[cfg(feature = "deadpool")]
            Self::Pool(error) => error.sqlstate(),
            Self::Unknown(error) => error.sqlstate(),
            Self::NoSecondSession(why) => match &**why {
                NoSession::Refused(error) => error.sqlstate().map(SqlState::code),
                #[cfg(feature = "deadpool")]
                NoSession::NotLent(error) => error.sqlstate(),
                NoSession::Silent => None,
            },
            Self::Options(_)
            | Self::Ledger(_)
            | Self::Faults(_)
            | Self::Plan(_)
            | Self::NotAdoptable(_)
            | Self::Broken(_)
            | Self::OtherIndex(_)
            | Self::Different(_)
            | Self::Misrecorded { .. }
            | Self::Scratch(_)
            | Self::Refused(_)
            | Self::Locked { .. }
            | Self::BeingBuilt { .. }
            | Self::Overdue { .. }
            | Self::Changed
            | Self::Interrupted => None,
        }
    }
}
