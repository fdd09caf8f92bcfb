//! The documents of `--json`. Field names are promises: within one `format` they are only ever added to.

mod place;
mod rehearsal;
mod status;
mod step;

use serde::Serialize;

pub use self::place::{Place, line};
pub use self::rehearsal::{KeptBody, RehearsalBody, StageBody};
pub use self::status::{Parts, StatusBody};
pub use self::step::{StepBody, steps};
use super::problem::Problem;
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::plan::Plan;
use crate::migration::surroundings::Server;
use crate::migration::version::Version;

/// The version of these documents.
const FORMAT: u32 = 1;

/// One document: what every one has, and what its command adds.
#[derive(Debug, Serialize)]
pub struct Document<T> {
    format: u32,
    command: &'static str,
    #[serde(flatten)]
    body: T,
}

/// Why every document can be written.
const IS_JSON: &str = "the types of a document have string keys, and no code of their own that returns errors";

impl<T: Serialize> Document<T> {
    fn of(command: &'static str, body: T) -> Self {
        Self { format: FORMAT, command, body }
    }
}

/// Writes a document, ended by a line feed.
///
/// # Panics
/// Never: every document can be written.
pub fn write<T: Serialize>(command: &'static str, body: T) -> String {
    serde_json::to_string_pretty(&Document::of(command, body)).expect(IS_JSON) + "\n"
}

/// Where a command worked.
#[derive(Debug, Serialize)]
pub struct DatabaseBody<'a> {
    /// The database's name.
    name: &'a str,
    /// The role that was connected.
    role: &'a str,
    /// The server's version as it says it itself.
    server_version: &'a str,
}

impl<'a> DatabaseBody<'a> {
    /// Describes a database.
    #[must_use]
    pub fn of(server: &'a Server) -> Self {
        Self { name: &server.database.raw, role: &server.role.raw, server_version: &server.version }
    }
}

/// What `migrate` and `rollback` say.
#[derive(Debug, Serialize)]
pub struct RunBody<'a> {
    database: DatabaseBody<'a>,
    /// Whether the steps were carried out.
    applied: bool,
    steps: Vec<StepBody<'a>>,
    /// The statements, where they were not carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
}

impl<'a> RunBody<'a> {
    /// Describes a plan that was only printed.
    #[must_use]
    pub fn printed(server: &'a Server, plan: &Plan<'a>, sql: String) -> Self {
        Self { database: DatabaseBody::of(server), applied: false, steps: steps(plan), sql: Some(sql) }
    }

    /// Describes a plan that was carried out.
    #[must_use]
    pub fn applied(server: &'a Server, plan: &Plan<'a>) -> Self {
        Self { database: DatabaseBody::of(server), applied: true, steps: steps(plan), sql: None }
    }
}

/// What `print` says.
#[derive(Debug, Serialize)]
pub struct PrintBody<'a> {
    steps: Vec<StepBody<'a>>,
    /// The statements, where the format is one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
    /// The files, where it is several.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileBody<'a>>>,
}

/// A file for another tool.
#[derive(Debug, Serialize)]
pub struct FileBody<'a> {
    /// Where it is or belongs.
    pub path: &'a str,
    /// Its content, where it was not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
    /// What became of it, where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
}

impl<'a> PrintBody<'a> {
    /// Describes a plan and its text.
    #[must_use]
    pub fn script(plan: &Plan<'a>, sql: String) -> Self {
        Self { steps: steps(plan), sql: Some(sql), files: None }
    }

    /// Describes a plan and its files.
    #[must_use]
    pub fn files(plan: &Plan<'a>, files: Vec<FileBody<'a>>) -> Self {
        Self { steps: steps(plan), sql: None, files: Some(files) }
    }
}

/// What a command says that failed.
#[derive(Debug, Serialize)]
pub struct ErrorBody<'a> {
    /// The exit code.
    pub exit_code: u8,
    /// What went wrong; at least one.
    pub errors: Vec<Problem>,
    /// What was applied before, and stays.
    #[serde(skip_serializing_if = "<[AppliedBefore]>::is_empty")]
    pub applied_before: &'a [AppliedBefore],
}

/// A migration that was applied before a command failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppliedBefore {
    module: Module,
    version: Version,
    name: String,
}

impl AppliedBefore {
    /// Describes a migration.
    #[must_use]
    pub fn of(migration: &Migration) -> Self {
        Self { module: migration.module, version: migration.version, name: migration.name.to_string() }
    }
}

#[cfg(test)]
mod tests;
