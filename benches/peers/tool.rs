//! A migration tool, and how it is used.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use regex::Regex;

use super::address::Address;
use super::migrations::Migration;
use super::scenario::Scenario;

/// How a tool does what is measured.
pub struct Tool {
    /// Its name in the report.
    pub name: &'static str,
    /// The environment variable that says where its program is.
    pub variable: &'static str,
    /// How long it takes.
    pub pace: Pace,
    /// By which ways it finds a server.
    pub reach: Reach,
    /// The files of a project with these migrations: their paths and contents.
    pub project: fn(&[Migration]) -> Vec<(String, String)>,
    /// How it does a task; `None` where it cannot.
    pub step: fn(&Task<'_>) -> Option<Step>,
    /// Asks it for its version.
    pub version: fn(&Path) -> Command,
}

/// How long a tool takes for an install on the same machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Far less than a second.
    Quick,
    /// So long that it is run less often.
    Slow,
}

/// By which ways a tool finds a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By a unix socket or over TCP.
    Everywhere,
    /// Over TCP only.
    Tcp,
}

/// What a tool is to do, and where.
pub struct Task<'t> {
    /// What.
    pub scenario: Scenario,
    /// In which database.
    pub address: &'t Address,
    /// A database that is as it should be, by the same way.
    pub whole: &'t Address,
    /// The statements of all migrations in one text.
    pub statements: &'t str,
}

/// One run of a tool: what it is called with, and how it has to end.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The arguments.
    pub arguments: Vec<String>,
    /// What is in its environment beside `DATABASE_URL`.
    pub variables: Vec<(&'static str, String)>,
    /// The exit code.
    pub code: i32,
    /// What it has to say.
    pub says: &'static str,
}

impl Step {
    /// A run that ends well and says something.
    pub fn new<T: Into<String>>(arguments: impl IntoIterator<Item = T>, says: &'static str) -> Self {
        Self { arguments: arguments.into_iter().map(Into::into).collect(), says, ..Self::default() }
    }
}

/// A tool that is there, with a project of its own.
pub struct Ready {
    /// The tool.
    pub tool: &'static Tool,
    /// Where its program is.
    pub program: PathBuf,
    /// Which version it is.
    pub version: String,
    /// The folder that it works in.
    pub project: PathBuf,
    /// The database that it has installed everything in.
    pub database: String,
}

impl Ready {
    /// Makes a project below a folder, if there is the tool.
    pub fn find(tool: &'static Tool, folder: &Path, migrations: &[Migration]) -> Result<Option<Self>> {
        let Some(program) = env::var_os(tool.variable).map(PathBuf::from) else {
            eprintln!("peers: {} is left out: {} is not set", tool.name, tool.variable);
            return Ok(None);
        };
        let label: String = tool.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let project = folder.join(&label);
        fs::create_dir_all(&project)?;
        for (name, text) in (tool.project)(migrations) {
            let path = project.join(name);
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(path, text)?;
        }
        let version = ask_version(tool, &program)?;
        Ok(Some(Self { tool, program, version, project, database: format!("pevensie_pg_bench_{label}") }))
    }
}

/// What a tool says of its version: the first number with dots.
fn ask_version(tool: &Tool, program: &Path) -> Result<String> {
    let mut command = (tool.version)(program);
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {said}");
    let number = Regex::new(r"\d+(\.\d+)+")?.find(&said).map(|found| found.as_str().to_owned());
    number.with_context(|| format!("{command:?} says no version: {said}"))
}

/// Asks the program itself, as most do it.
pub fn version_option(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--version");
    command
}
