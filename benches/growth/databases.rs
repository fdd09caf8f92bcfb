//! Many databases of one server: ours in one process, sqlx-cli in one for each, as many of them at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use crate::client::{Client, environment};
use crate::extent::Extent;
use crate::migrations;
use crate::sample::{self, Sample};
use crate::sqlx;
use crate::tool::{Ready, Step};

/// How many databases are worked on at a time.
pub const JOBS: &str = "8";

/// What is done to all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Install everything.
    Install,
    /// The same once more.
    Nothing,
    /// Say how they are.
    Status,
}

impl Task {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Install, Self::Nothing, Self::Status];

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Install => "fresh install",
            Self::Nothing => "nothing to do",
            Self::Status => "status",
        }
    }
}

/// By whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum By {
    /// This tool, one process for all.
    #[serde(rename = "pevensie-pg")]
    Ours,
    /// sqlx-cli, one process for each.
    #[serde(rename = "sqlx-cli")]
    Sqlx,
}

impl By {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "pevensie-pg",
            Self::Sqlx => "xargs and sqlx-cli",
        }
    }
}

/// What it took to do something to many databases, once.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Taken {
    /// By whom it was done.
    pub by: By,
    /// What was done.
    pub task: Task,
    /// To how many databases.
    pub databases: u32,
    /// Wall time, in milliseconds.
    pub wall_ms: f64,
    /// User and system time of all client processes, in milliseconds.
    pub cpu_ms: f64,
    /// Peak of the resident memory of the largest process, in KiB.
    pub memory_kib: u32,
}

/// Does everything to each number of databases, by each tool that is there; with the versions of the tools. No more
/// databases than these are there at a time.
pub fn run(client: &Client<'_>, folder: &Path, extent: Extent) -> Result<(Vec<Taken>, Option<String>)> {
    let sqlx = Ready::find(&sqlx::TOOL, folder, &migrations::read()?)?;
    let mut taken = Vec::new();
    for count in extent.databases() {
        for by in [By::Ours, By::Sqlx] {
            if by == By::Ours || sqlx.is_some() {
                let databases: Vec<String> = (0..count).map(|nth| format!("pevensie_pg_bench_many_{nth}")).collect();
                taken.extend(on(client, by, sqlx.as_ref(), &databases, folder)?);
            }
        }
    }
    Ok((taken, sqlx.map(|sqlx| sqlx.version)))
}

fn on(client: &Client<'_>, by: By, sqlx: Option<&Ready>, databases: &[String], folder: &Path) -> Result<Vec<Taken>> {
    eprint!("growth: {} databases for {}: creating", databases.len(), by.name());
    let began = Instant::now();
    let done = |what: &str| eprint!(", {what} after {:.0?}", began.elapsed());
    databases.iter().try_for_each(|database| client.server.create(database))?;
    done("created");
    let addresses = folder.join("addresses");
    let urls = databases.iter().map(|database| client.server.by_loopback().to(database).url() + "\n");
    fs::write(&addresses, urls.collect::<String>())?;
    let mut taken = Vec::new();
    for task in Task::ALL {
        let sample = match sqlx.filter(|_| by == By::Sqlx) {
            Some(sqlx) => with_sqlx(sqlx, task, &addresses)?,
            None => with_ours(client, task, &addresses)?,
        };
        if task == Task::Install {
            databases.iter().try_for_each(|database| client.server.insist_installed(database, by.name()))?;
        }
        taken.push(Taken {
            by,
            task,
            databases: u32::try_from(databases.len())?,
            wall_ms: sample.wall.as_secs_f64() * 1e3,
            cpu_ms: sample.cpu.as_secs_f64() * 1e3,
            memory_kib: u32::try_from(sample.memory)?,
        });
    }
    done("measured");
    databases.iter().try_for_each(|database| client.drop(database))?;
    done("dropped");
    eprintln!();
    Ok(taken)
}

/// With `--check`, the exit code says that all of them are good.
fn with_ours(client: &Client<'_>, task: Task, addresses: &Path) -> Result<Sample> {
    let (arguments, says): (&[&str], _) = match task {
        Task::Install => (&["migrate", "auth", "cache", "--apply"], " applied\n"),
        Task::Nothing => (&["migrate", "auth", "cache", "--apply"], " current\n"),
        Task::Status => (&["status", "--check"], " good\n"),
    };
    let addresses = addresses.to_string_lossy();
    let step = Step::new(arguments.iter().copied().chain(["--jobs", JOBS, "--addr-file", &addresses]), says);
    client.take(&step, &[])
}

/// xargs counts with what it has waited for, and fails where one of them does.
fn with_sqlx(sqlx: &Ready, task: Task, addresses: &Path) -> Result<Sample> {
    let (verb, says) = match task {
        Task::Install => ("run", "cache expires at idx"),
        Task::Nothing => ("run", ""),
        Task::Status => ("info", "installed"),
    };
    let (addresses, program) = (addresses.to_string_lossy(), sqlx.program.to_string_lossy());
    let arguments = ["-a", &addresses, "-P", JOBS, "-n", "1", &program, "migrate", verb, "--database-url"];
    sample::take(&PathBuf::from("xargs"), &Step::new(arguments, says), &sqlx.project, &environment(&sqlx.project))
}
