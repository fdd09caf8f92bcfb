//! A scratch database on a server that was given.

use std::iter::repeat_with;
use std::time::Duration;

use tokio_postgres::error::SqlState;

use super::{Kept, Leftover};
use crate::migration::limits::knows_transaction_timeout;
use crate::migration::preflight;
use crate::migration::refusal::Refusal;
use crate::migration::surroundings::Server;
use crate::pg::database::Database;
use crate::pg::error::Error;
use crate::pg::interrupt::Interrupt;
use crate::pg::options::{Address, Host};
use crate::pg::session::{Rows, Session};
use crate::pg::state::{self, SERVER};

const PREFLIGHT: &str = include_str!("../../../sql/introspect/scratch.sql");

/// Whatever the role has set: neither statement can be in a transaction, where it could be set for that alone.
const OPTIONS: &str =
    "-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0 -c default_transaction_read_only=off";

/// How long the server may take to drop a database.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database of ours.
pub struct ScratchDatabase {
    /// Lower-case letters, digits and underscores, so that nobody has to quote it.
    name: String,
    database: Database,
    /// The database that was given, at the server that answered; nobody can interrupt what is done there.
    given: Database,
    host: Host,
    /// What the sessions there begin with.
    options: String,
}

impl ScratchDatabase {
    /// Creates a database beside the one of a session, which it ends.
    ///
    /// # Errors
    /// When it cannot be created; what can be foreseen is.
    pub async fn create(given: &Database, session: Session) -> Result<Self, Error> {
        let host = given.host(&session);
        session.close().await;
        let letters: String = repeat_with(|| fastrand::char('a'..='z')).take(10).collect();
        let name = format!("pevensie_rehearsal_{letters}");
        let database = given.sibling(host.clone(), &name);
        // To be interrupted in the middle would leave it open whether there is a database now.
        let given = Database { interrupt: Interrupt::never(), ..given.sibling(host.clone(), "") };
        let mut scratch = Self { name, database, given, host, options: OPTIONS.to_owned() };
        if knows_transaction_timeout(&scratch.foreseen().await?) {
            scratch.options += " -c transaction_timeout=0";
        }
        // Nobody can be connected to template0, and nothing that somebody added to template1 comes along.
        match scratch.run(&format!("create database {} template template0", scratch.name)).await {
            Ok(_) => Ok(scratch),
            Err(error @ (Error::Server(_) | Error::Connect(_))) => Err(error),
            Err(error) => {
                let _ = scratch.remove().await;
                Err(error)
            }
        }
    }

    /// Finds out beforehand what can be foreseen, and whether it is in the way.
    async fn foreseen(&self) -> Result<Server, Error> {
        let rows = self.run(&format!("{SERVER}{PREFLIGHT}")).await?;
        let server = state::server(&rows);
        let may_create = rows.value("may_create_database") == Some("t");
        let refusal = preflight::too_old(&server)
            .or_else(|| preflight::standby(&server))
            .or_else(|| (!may_create).then(|| Refusal::MayNotCreateDatabase { role: server.role.clone() }));
        refusal.map_or(Ok(server), |refusal| Err(Error::Refused(vec![refusal])))
    }

    /// Returns where it is, for showing.
    #[must_use]
    pub fn address(&self) -> Address {
        self.database.settings.address()
    }

    /// Returns the way to it.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Drops it, whoever is connected to it.
    pub(super) async fn remove(self) -> Result<(), Leftover> {
        let why = match tokio::time::timeout(PATIENCE, self.drop()).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("the server took longer than {}", humantime::format_duration(PATIENCE)),
        };
        Err(Leftover { what: format!("scratch database \"{}\"", self.name), why, removal: self.removal() })
    }

    async fn drop(&self) -> Result<(), Error> {
        let plain = format!("drop database if exists {}", self.name);
        let forced = format!("{plain} with (force)");
        let in_use = [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::OBJECT_IN_USE];
        // Only a superuser may end an autovacuum worker by force. The plain statement makes that go, and ends nobody else.
        for statement in [&forced, &plain] {
            match self.run(statement).await {
                Err(error) if in_use.iter().any(|sqlstate| error.sqlstate() == Some(sqlstate.code())) => {}
                dropped => return dropped.map(drop),
            }
        }
        self.run(&forced).await.map(drop)
    }

    /// Lets it stay.
    pub(super) fn keep(self) -> Kept {
        Kept { address: self.database.settings.url(), removal: self.removal() }
    }

    /// Ends nobody's session by force, and no autovacuum worker is in its way.
    fn removal(&self) -> String {
        let Self { name, given, .. } = self;
        format!("psql '{}' -c 'DROP DATABASE {name}'", given.settings.url())
    }

    async fn run(&self, statement: &str) -> Result<Rows, Error> {
        let session = self.given.at_host(self.host.clone(), &self.options, &mut |_| ()).await?;
        let done = session.insist(statement).await;
        session.close().await;
        Ok(done?)
    }
}
