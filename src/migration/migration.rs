//! One migration of one module.

use std::borrow::Cow;

use super::checksum::Checksum;
use super::module::Module;
use super::version::Version;

/// A step of a module's schema, there and back. What a database has recorded of it is a [`super::ledger::Record`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The module it belongs to.
    pub module: Module,
    /// When it was written; unique within its module.
    pub version: Version,
    /// What it is about, in `snake_case`, as in its file names.
    pub name: Cow<'static, str>,
    /// The statements that install it.
    pub up: Cow<'static, str>,
    /// The statements that remove it.
    pub down: Cow<'static, str>,
    /// The objects of the module after this version, one line each, as the schema folder reads them.
    pub catalog: Cow<'static, str>,
    /// The checksum of `up`.
    pub checksum: Checksum,
    /// Checksums of earlier wordings with the same result, still accepted in a ledger.
    pub accepted: Vec<Checksum>,
}

impl Migration {
    /// Says whether a checksum found in a ledger is one of this migration.
    #[must_use]
    pub fn accepts(&self, recorded: &str) -> bool {
        recorded.parse().is_ok_and(|recorded: Checksum| recorded == self.checksum || self.accepted.contains(&recorded))
    }

    /// Returns the file below `sql/` that holds the statements of one direction.
    #[must_use]
    pub fn path(&self, direction: Direction) -> String {
        format!("{}/{}_{}.{}.sql", self.module, self.version, self.name, direction.name())
    }

    /// Returns the statements of one direction.
    #[must_use]
    pub fn sql(&self, direction: Direction) -> &str {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }
}

/// Which way a migration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Towards newer versions.
    Up,
    /// Back.
    Down,
}

impl Direction {
    /// Returns `up` or `down`, as the ledger and the file names say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}
