//! Exit codes.

use crate::explain::kind::Kind;
use crate::migration::status::Verdict;
use crate::pg::error::Error;

/// How the process ends; the README lists these codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; with `--check`: everything is as it should be.
    Done = 0,
    /// It failed: connection, SQL, I/O.
    Failed = Kind::Failed.exit_code(),
    /// Wrong usage.
    Usage = Kind::Usage.exit_code(),
    /// `--check`: migrations are pending, or nothing is installed.
    Pending = 3,
    /// The history is wrong.
    Faulty = Kind::Faulty.exit_code(),
    /// The live schema differs from what its versions say, or a role lacks something.
    Drifted = Kind::Drifted.exit_code(),
    /// Another migrator was at work for the whole `--lock-wait`.
    Locked = Kind::Locked.exit_code(),
    /// Interrupted, or declined at the prompt; nothing half-done.
    Interrupted = Kind::Interrupted.exit_code(),
}

impl Exit {
    /// Returns the code for what `status --check` found.
    #[must_use]
    pub const fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Good => Self::Done,
            Verdict::Pending => Self::Pending,
            Verdict::Drifted => Self::Drifted,
            Verdict::Faulty => Self::Faulty,
        }
    }

    /// Returns the graver of two codes: a database that could not be looked at or changed says more than one that should
    /// be, and whoever interrupts has the last word.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        let gravity = |exit: Self| match exit {
            Self::Done => 0,
            Self::Pending => 1,
            Self::Drifted => 2,
            Self::Faulty => 3,
            Self::Locked => 4,
            Self::Failed => 5,
            Self::Usage => 6,
            Self::Interrupted => 7,
        };
        if gravity(other) > gravity(self) { other } else { self }
    }

    /// Returns the code for an error on a database.
    #[must_use]
    pub fn of_error(error: &Error) -> Self {
        match Kind::of(error) {
            Kind::Failed => Self::Failed,
            Kind::Usage => Self::Usage,
            Kind::Faulty => Self::Faulty,
            Kind::Drifted => Self::Drifted,
            Kind::Locked => Self::Locked,
            Kind::Interrupted => Self::Interrupted,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_graver_code_counts() {
        let ascending = [
            Exit::Done,
            Exit::Pending,
            Exit::Drifted,
            Exit::Faulty,
            Exit::Locked,
            Exit::Failed,
            Exit::Usage,
            Exit::Interrupted,
        ];
        for (nth, one) in ascending.into_iter().enumerate() {
            for other in &ascending[nth..] {
                assert_eq!((one.graver(*other), other.graver(one)), (*other, *other));
            }
        }
    }
}
