//! What becomes of a run, and what there is to tell of it on the way.

use std::time::Duration;

use super::Progress;
use crate::migration::migration::Migration;
use crate::migration::plan::Plan;
use crate::migration::script::Location;
use crate::migration::surroundings::Server;
use crate::pg::connect::ConnectError;
use crate::pg::error::Error;
use crate::pg::holder::Holder;

/// What a run did.
#[derive(Debug)]
pub struct Applied<'b> {
    /// The steps that were done; none when the wish was fulfilled already.
    pub plan: Plan<'b>,
    /// Where.
    pub server: Server,
    /// How long it took from the first look at the database to the last commit.
    pub elapsed: Duration,
    /// What became known of how it ended.
    pub ending: Ending,
}

/// A run that was stopped on its way.
#[derive(Debug)]
pub struct Stopped<'b> {
    /// Why.
    pub error: Error,
    /// The steps that were committed before, and stay.
    pub done: Plan<'b>,
    /// An index that could neither be finished nor dropped.
    pub unfinished: Option<String>,
}

impl<'b> Stopped<'b> {
    /// Returns the migrations that were adopted and applied before, and stay.
    pub fn applied_before(&self) -> impl Iterator<Item = &'b Migration> + '_ {
        self.done.adopted().chain(self.done.migrations().map(|(migration, _)| migration))
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// The server confirmed the commit, or there was nothing to do.
    #[default]
    Confirmed,
    /// The connection broke during a commit; the database says that it succeeded.
    FoundOut,
}

/// Who is told.
pub type Tell<'a> = dyn FnMut(Event<'_>) + Send + 'a;

/// Something to tell whoever waits.
#[derive(Debug)]
pub enum Event<'a> {
    /// The server does not accept connections yet.
    Connecting(&'a ConnectError),
    /// Another migrator holds the lock.
    Waiting(Option<&'a Holder>),
    /// Another session is building an index that is needed.
    BeingBuilt(&'a str),
    /// This is what is going to be done.
    Planned(&'a Plan<'a>),
    /// The statement that runs waits for these sessions.
    Blocked(&'a [Holder]),
    /// It waits for the same sessions as at its last attempt.
    BlockedAgain,
    /// A statement queued too long for a lock on a table; everything will be tried again.
    Queued(Option<Location>),
    /// Somebody who takes no lock changed the same objects at the same moment; the database is looked at again.
    Raced,
    /// The second session does not answer yet.
    Silent,
    /// An index is built online.
    Online(&'a str),
    /// So far it is.
    Building(&'a Progress),
    /// It could not be finished, and is dropped.
    Discarding(&'a str),
    /// These statements run in a transaction; after them the schema is compared with what was promised.
    Running(&'a Plan<'a>),
    /// All that was promised is there, and is being committed.
    Committing,
    /// These steps are committed.
    Done(&'a Plan<'a>),
    /// The server warned of something.
    Warned(String),
    /// The connection broke during the commit; the ledger is being read.
    FindingOut,
}
