//! What kind of failure an error is, and so the exit code.

use crate::migration::ledger::LedgerError;
use crate::pg::error::Error;

/// What kind of failure an error is: what the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It failed: connection, SQL.
    Failed,
    /// It asks for what cannot be.
    Usage,
    /// The history is wrong.
    Faulty,
    /// The live schema differs from what its version says.
    Drifted,
    /// Another migrator held the lock all the time.
    Locked,
    /// Somebody asked this process to stop.
    Interrupted,
}

impl Kind {
    /// Returns the exit code that stands for it.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Faulty => 4,
            Self::Drifted => 5,
            Self::Locked => 6,
            Self::Interrupted => 130,
        }
    }

    /// Judges an error on a database.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Options(_) | Error::Plan(_) => Self::Usage,
            Error::Faults(_) | Error::Misrecorded { .. } | Error::Ledger(LedgerError::Malformed(_)) => Self::Faulty,
            Error::NotAdoptable(_) | Error::Broken(_) | Error::OtherIndex(_) | Error::Different(_) => Self::Drifted,
            Error::Locked { .. } | Error::BeingBuilt { .. } => Self::Locked,
            Error::Interrupted => Self::Interrupted,
            #[cfg(feature = "deadpool")]
            Error::Pool(_) => Self::Failed,
            Error::Ledger(LedgerError::Broken(_) | LedgerError::Unreadable | LedgerError::Changing)
            | Error::Connect(_)
            | Error::Refused(_)
            | Error::Scratch(_)
            | Error::Server(_)
            | Error::Overdue { .. }
            | Error::NoSecondSession(_)
            | Error::Lost { .. }
            | Error::Unknown(_)
            | Error::Changed => Self::Failed,
        }
    }
}
