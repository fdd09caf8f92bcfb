//! Our release binary, run on one database.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::migrations;
use crate::ours;
use crate::sample::{self, Sample};
use crate::server::Server;
use crate::tool::{Ready, Step};

/// The binary, and the server that it works on.
pub struct Client<'c> {
    /// The server.
    pub server: &'c Server,
    /// The binary, with a folder to run in.
    pub binary: Ready,
}

/// What the binary is called with, and what it has to say.
pub type Command = (&'static [&'static str], &'static str);

/// Installs everything.
pub const INSTALL: Command = (&["migrate", "auth", "cache", "--apply"], "done: ");
/// Finds that everything is installed.
pub const NOTHING: Command = (&["migrate", "auth", "cache", "--apply"], "nothing to do");
/// Compares everything with what it should be.
pub const STATUS: Command = (&["status", "--check"], "everything is as it should be");
/// Lists every record.
pub const HISTORY: Command = (&["status", "--history"], "cache_expires_at_idx");

impl<'c> Client<'c> {
    /// Finds the binary, and gives it a folder below this one.
    pub fn find(server: &'c Server, folder: &Path) -> Result<Self> {
        let binary = Ready::find(&ours::TOOL, folder, &migrations::read()?)?;
        Ok(Self { server, binary: binary.context("run this by scripts/bench")? })
    }

    /// Runs a command on a database, and insists that it ends well.
    pub fn run(&self, (arguments, says): Command, database: &str) -> Result<Duration> {
        let url = self.server.by_loopback().to(database).url();
        let step = Step::new(arguments.iter().copied(), says);
        Ok(self.take(&step, &[("DATABASE_URL", url.into())])?.wall)
    }

    /// Runs a step of the binary with these variables.
    pub fn take(&self, step: &Step, variables: &[(&str, OsString)]) -> Result<Sample> {
        let Ready { program, project, .. } = &self.binary;
        sample::take(program, step, project, &[&environment(project), variables].concat())
    }

    /// Creates a database with everything installed.
    pub fn install(&self, database: &str) -> Result<()> {
        self.server.create(database)?;
        self.run(INSTALL, database)?;
        Ok(())
    }

    /// Drops a database.
    pub fn drop(&self, database: &str) -> Result<()> {
        self.server.execute("postgres", &format!("drop database if exists {database} with (force)"))
    }
}

/// What every program has in its environment.
pub fn environment(home: &Path) -> Vec<(&'static str, OsString)> {
    vec![("PATH", env::var_os("PATH").unwrap_or_default()), ("HOME", home.as_os_str().to_owned())]
}
