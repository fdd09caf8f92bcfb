//! The server, and the databases of the benchmark.

use std::cell::RefCell;
use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use postgres::{Client, NoTls};

use super::address::{Transport, Way};

/// What has to be there after a fresh install by whichever tool, and what may not: the newest of every module.
const INSTALLED: &str = "
    select count(*) = 7 and to_regclass('pevensie.cache_key_key') is null
      and (select prosrc like '%281474976710.656%' from pg_proc
        where oid = 'pevensie.uuid7(timestamptz)'::regprocedure)
    from pg_class where relnamespace = to_regnamespace('pevensie') and relname in ('user', 'session', 'one_time_token',
      'cache', 'session_user_id_idx', 'session_expires_at_idx', 'cache_expires_at_idx')";

/// A server of `scripts/servers`.
pub struct Server {
    /// Its full version.
    pub version: String,
    port: u16,
    sockets: PathBuf,
    admin: RefCell<Client>,
}

impl Server {
    /// The one that `scripts/servers` has started last.
    pub fn of_environment() -> Result<Self> {
        let servers = env::var("PEVENSIE_PG_TEST_SERVERS").context("run this by scripts/bench")?;
        let folder = env::var_os("PEVENSIE_PG_TEST_DIR").context("run this by scripts/bench")?;
        let last = servers.split_whitespace().last().unwrap_or_default();
        let (version, port) = last.split_once('=').context("VERSION=PORT")?;
        let port = port.parse()?;
        let mut admin = connect(port, "postgres")?;
        let version_row = admin.query_one("show server_version", &[])?;
        Ok(Self {
            version: version_row.get(0),
            port,
            sockets: PathBuf::from(folder).join("sockets").join(version),
            admin: RefCell::new(admin),
        })
    }

    /// Its unix socket.
    pub fn by_socket(&self) -> Way {
        Way { transport: Transport::Socket, socket: Some(self.sockets.clone()), port: self.port }
    }

    /// Its port.
    pub fn by_loopback(&self) -> Way {
        Way { transport: Transport::Loopback, socket: None, port: self.port }
    }

    /// Creates an empty database, in place of the one that has the name.
    pub fn create(&self, database: &str) -> Result<()> {
        let mut admin = self.admin.borrow_mut();
        admin.batch_execute(&format!("drop database if exists {database} with (force)"))?;
        admin.batch_execute(&format!("create database {database} template template0 strategy file_copy"))?;
        Ok(())
    }

    /// Runs statements in a database.
    pub fn execute(&self, database: &str, statements: &str) -> Result<()> {
        Ok(connect(self.port, database)?.batch_execute(statements)?)
    }

    /// Insists that everything is installed in a database.
    pub fn insist_installed(&self, database: &str, by: &str) -> Result<()> {
        let found = connect(self.port, database)?.query_one(INSTALLED, &[]);
        let is_installed = found.as_ref().is_ok_and(|row| row.get::<_, Option<bool>>(0) == Some(true));
        ensure!(is_installed, "{by} has not installed everything in {database}: {:?}", found.err());
        Ok(())
    }
}

fn connect(port: u16, database: &str) -> Result<Client> {
    let address = format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable");
    Client::connect(&address, NoTls).with_context(|| address.clone())
}
