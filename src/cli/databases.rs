//! From arguments to the databases that a command works on.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::failure::Failure;
use super::ui::Ui;
use crate::pg::options::{Origin, Settings};

/// Where the databases are, and how many of them are worked on at a time.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct DatabasesArgs {
    /// Where the database is: a URL or a libpq string of key=value pairs; otherwise
    /// DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq's other variables.
    /// Repeat it for several databases
    #[arg(long, value_name = "ADDRESS")]
    addr: Vec<String>,
    /// Read more addresses from a file, one to a line; - is stdin. Empty lines and those
    /// that begin with # are skipped
    #[arg(long, value_name = "FILE")]
    addr_file: Option<PathBuf>,
    /// How many of several databases at a time [default: 4 for each processor]
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,
    /// Begin no other database once one has ended with an exit code other than 0
    #[arg(long)]
    pub fail_fast: bool,
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "give a number of databases, at least 1".to_owned())
}

impl DatabasesArgs {
    /// Returns the address of the one database, where it is given.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.addr.first().map(String::as_str)
    }

    /// Says whether there may be several databases.
    #[must_use]
    pub fn are_many(&self) -> bool {
        self.addr_file.is_some() || self.addr.len() > 1
    }

    /// Returns how many are worked on at a time.
    #[must_use]
    pub fn jobs(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.jobs.map_or_else(|| 4 * processors(), NonZeroUsize::get)
    }

    /// Reads the addresses of all of them, each completed from the environment.
    pub fn settings(&self) -> Result<Vec<Settings>, Failure> {
        let env = |name: &str| std::env::var(name).ok();
        let given = self.addr.iter().map(|addr| Settings::from_sources(Some(addr), &env));
        let mut settings = given.collect::<Result<Vec<_>, _>>()?;
        if let Some(file) = &self.addr_file {
            let text = read(file)?;
            let name = if is_stdin(file) { Path::new("stdin") } else { file };
            let lines =
                text.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
            let of_file =
                lines.map(|(line, number)| Settings::from_address(line, Origin::address_file(name, number), &env));
            settings.extend(of_file.collect::<Result<Vec<_>, _>>()?);
        }
        if settings.is_empty() {
            return Err(Failure::usage("--addr-file: no address is in the file", None));
        }
        Ok(settings)
    }
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

fn read(file: &Path) -> Result<String, Failure> {
    let read = if is_stdin(file) { Ui::input() } else { std::fs::read_to_string(file) };
    read.with_context(|| format!("cannot read the addresses in {}", file.display())).map_err(Failure::Other)
}
