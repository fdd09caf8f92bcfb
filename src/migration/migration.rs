//! One migration of one module.

use std::borrow::Cow;

use super::checksum::Checksum;
use super::module::Module;
use super::objects;
use super::version::Version;

/// A change of a module's schema, there and back. What a database has recorded of it is a [`super::ledger::Record`].
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
    /// The same change as one statement that blocks nobody and runs outside a transaction, where there is one: it builds
    /// an index.
    pub online: Option<Cow<'static, str>>,
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

    /// Returns the name of the index that the online statement builds, where there is one.
    #[must_use]
    pub fn index(&self) -> Option<String> {
        objects::created(self.online.as_ref()?).into_iter().next().map(|object| object.name)
    }

    /// Returns the file below `sql/` that holds the statements of one direction.
    #[must_use]
    pub fn path(&self, direction: Direction) -> String {
        format!("{}/{}_{}.{}.sql", self.module, self.version, self.name, direction.name())
    }

    /// Returns how PostgreSQL defines that index, by the catalog.
    #[must_use]
    pub fn index_definition(&self) -> Option<&str> {
        let name = format!(".{}", self.index()?);
        let lines = self.catalog.lines().filter_map(|line| line.strip_prefix("index | ")?.split_once(" | "));
        lines.filter(|(identity, _)| identity.ends_with(&name)).map(|(_, definition)| definition).next()
    }

    /// Returns the file below `sql/` that holds the statement that blocks nobody.
    #[must_use]
    pub fn online_path(&self) -> String {
        format!("{}/{}_{}.online.sql", self.module, self.version, self.name)
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
