//! A database to try things on, which goes away again: one of its own on a server that was given, or on a server of its own.

mod database;
mod error;
mod folder;
mod programs;
mod server;
mod user;
mod verified;

use super::database::Database;
pub use database::ScratchDatabase;
pub use error::ScratchError;
pub use programs::Programs;
pub use server::ScratchServer;
pub use verified::{Rehearsed, rehearse, request};

/// A database that goes away again.
pub enum Scratch {
    /// On a server that was given.
    Database(Box<ScratchDatabase>),
    /// On a server of its own.
    Server(Box<ScratchServer>),
}

/// What a scratch database is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It goes when the rehearsal is over.
    Rehearsal,
    /// It stays afterwards, to be worked with.
    Work,
}

/// A scratch database that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its address.
    pub address: String,
    /// The command that removes it.
    pub removal: String,
}

/// A scratch database that could not be removed.
#[derive(Debug)]
pub struct Leftover {
    /// What it is.
    pub what: String,
    /// Why.
    pub why: String,
    /// The command that removes it.
    pub removal: String,
}

impl Scratch {
    /// Returns the way to it.
    #[must_use]
    pub fn database(&self) -> &Database {
        match self {
            Self::Database(scratch) => scratch.database(),
            Self::Server(server) => server.database(),
        }
    }

    /// Removes it. Nobody can interrupt that.
    pub async fn remove(self) -> Result<(), Leftover> {
        match self {
            Self::Database(scratch) => Box::pin((*scratch).remove()).await,
            Self::Server(server) => Box::pin(server.stop()).await,
        }
    }

    /// Lets it stay.
    pub fn keep(self) -> Result<Kept, ScratchError> {
        match self {
            Self::Database(scratch) => Ok(scratch.keep()),
            Self::Server(server) => server.keep(),
        }
    }
}
