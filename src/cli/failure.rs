//! Why a command failed, as people are told.

use super::exit::Exit;
use crate::explain::error::{Remains, problems};
use crate::pg::apply::Stopped;
use crate::pg::error::Error;
use crate::render::json::{AppliedBefore, ErrorBody};
use crate::render::problem::Problem;

/// The end of a command that failed.
#[derive(Debug)]
pub enum Failure {
    /// The command line asks for what cannot be.
    Usage(Box<Problem>),
    /// Something about the database.
    Database(Error, Box<Remains>),
    /// It failed, and left something behind.
    Left(Box<Self>, Box<Problem>),
    /// Files are in the way.
    InTheWay(Box<Problem>),
    /// Somebody said no at the prompt.
    Declined,
    /// Anything else, such as a full disk behind stdout.
    Other(anyhow::Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Database(error.into(), Box::default())
    }
}

impl Failure {
    /// Refuses a command line.
    #[must_use]
    pub fn usage(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self::Usage(Box::new(Problem::new(message).with_hint(hint)))
    }

    /// Reports a run that was stopped.
    #[must_use]
    pub fn stopped(stopped: Stopped<'_>) -> Self {
        let (error, remains) = Remains::of(stopped);
        Self::Database(error, Box::new(remains))
    }

    /// Reports a rehearsal that was stopped somewhere.
    #[must_use]
    pub fn rehearsed(error: Error, place: String) -> Self {
        Self::Database(error, Box::new(Remains { rehearsed: Some(place), ..Remains::default() }))
    }

    fn applied_before(&self) -> &[AppliedBefore] {
        match self {
            Self::Database(_, remains) => &remains.applied_before,
            Self::Left(failure, _) => failure.applied_before(),
            Self::Usage(_) | Self::InTheWay(_) | Self::Declined | Self::Other(_) => &[],
        }
    }

    /// Returns the exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Database(error, _) => Exit::of_error(error),
            Self::Left(failure, _) => failure.exit(),
            Self::Declined => Exit::Interrupted,
            Self::InTheWay(_) | Self::Other(_) => Exit::Failed,
        }
    }

    /// Returns everything there is to say; at least one problem.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        match self {
            Self::Usage(problem) | Self::InTheWay(problem) => vec![(**problem).clone()],
            Self::Database(error, remains) => problems(error, remains),
            Self::Left(failure, left) => failure.problems().into_iter().chain([(**left).clone()]).collect(),
            Self::Declined => vec![Problem::new("declined; nothing was changed")],
            Self::Other(error) => vec![Problem::new(format!("{error:#}"))],
        }
    }

    /// Returns all of it for machines.
    #[must_use]
    pub fn body(&self) -> ErrorBody<'_> {
        ErrorBody { exit_code: self.exit() as u8, errors: self.problems(), applied_before: self.applied_before() }
    }
}
