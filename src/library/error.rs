//! Why a migrator or a look at a database failed.

use std::fmt;

use super::migrations::Migration;
use crate::explain::error::{Remains, problems};
use crate::explain::kind::Kind;
use crate::pg::apply::Stopped;
use crate::pg::error::{Error as Cause, NoSession};
use crate::pg::pool::NoClient;
use crate::render::problem::Problem;

/// Why a [`Migrator`](super::Migrator) or [`status`](fn@super::status) failed.
///
/// It is written in the words of the tool, complete in itself; where it has several lines, the first one says what is the
/// case. What helps is in [`Error::hint`].
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    sqlstate: Option<String>,
    applied: Vec<Migration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What kind of failure an error is: what the exit code of the tool says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It failed: no client, a privilege that is missing, an error of the server. Exit code 1.
    Failed,
    /// What is asked for cannot be, such as a version that there is not, or an older one than is there. Exit code 2.
    Usage,
    /// The history is wrong: a record or an applied migration was edited, or the database is newer than this crate. Exit
    /// code 4.
    Faulty,
    /// The live schema differs from what its version says, or would after the commit. Exit code 5.
    Drifted,
    /// Another migrator was at work for the whole [`lock_wait`](super::Migrator::lock_wait). Exit code 6.
    Locked,
}

impl ErrorKind {
    /// Returns the code that the tool would exit with.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        let kind = match self {
            Self::Failed => Kind::Failed,
            Self::Usage => Kind::Usage,
            Self::Faulty => Kind::Faulty,
            Self::Drifted => Kind::Drifted,
            Self::Locked => Kind::Locked,
        };
        kind.exit_code()
    }

    fn of(error: &Cause) -> Self {
        match Kind::of(error) {
            // Nobody can interrupt what a service does but by dropping it.
            Kind::Failed | Kind::Interrupted => Self::Failed,
            Kind::Usage => Self::Usage,
            Kind::Faulty => Self::Faulty,
            Kind::Drifted => Self::Drifted,
            Kind::Locked => Self::Locked,
        }
    }
}

impl Error {
    /// Reports what went wrong before anything was changed.
    pub(super) fn of(error: impl Into<Cause>) -> Self {
        Self::new(error.into(), &Remains::default(), Vec::new())
    }

    /// Reports a run that was stopped.
    pub(super) fn of_stopped(stopped: Stopped<'_>) -> Self {
        let applied = stopped.applied_before().filter_map(Migration::of).collect();
        let (error, remains) = Remains::of(stopped);
        Self::new(error, &remains, applied)
    }

    fn new(error: Cause, remains: &Remains, applied: Vec<Migration>) -> Self {
        let problems = problems(&error, remains);
        let messages: Vec<String> = problems.iter().map(message).collect();
        let hints: Vec<&str> = problems.iter().filter_map(|problem| problem.hint.as_deref()).collect();
        Self(Box::new(Inner {
            kind: ErrorKind::of(&error),
            message: messages.join("\n"),
            hint: (!hints.is_empty()).then(|| in_code(&hints.join("\n"))),
            sqlstate: problems.iter().find_map(|problem| problem.sqlstate.clone()),
            applied,
            source: source(error),
        }))
    }

    /// Says what it comes to.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns what helps, for people: a statement, a command, or a method of [`Migrator`](super::Migrator).
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns the SQLSTATE (appendix A of the PostgreSQL manual): of the server, or of what it would have refused.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.sqlstate.as_deref()
    }

    /// Returns the migrations that were applied or adopted before, and stay. What comes after them was rolled back, or not
    /// begun.
    #[must_use]
    pub fn applied(&self) -> &[Migration] {
        &self.0.applied
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    /// Returns the [`PoolError`](deadpool_postgres::PoolError), where the pool gave one.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

/// The message as the tool has it, and the file that it is about.
fn message(problem: &Problem) -> String {
    let mut message = problem.headline();
    message.extend(problem.details().map(|line| format!("\n{line}")));
    message.extend(problem.location.iter().map(|location| format!("\n  in sql/{}", location.path)));
    console::strip_ansi_codes(&message).into_owned()
}

/// A program has methods where a command line has options.
fn in_code(hint: &str) -> String {
    let options = ["--lock-wait", "--statement-timeout", "--single-transaction"];
    let method = |option: &str| format!("Migrator::{}", option.trim_start_matches('-').replace('-', "_"));
    let hint = options.iter().fold(hint.to_owned(), |hint, option| hint.replace(option, &method(option)));
    hint.replace("add --adopt", "add Migrator::adopt")
}

fn source(error: Cause) -> Option<Box<dyn std::error::Error + Send + Sync>> {
    if let Cause::Pool(NoClient::Refused(error)) = error {
        return Some(Box::new(error));
    }
    let Cause::NoSecondSession(why) = error else { return None };
    let NoSession::NotLent(NoClient::Refused(error)) = *why else { return None };
    Some(Box::new(error))
}
