//! What a database has recorded of its migrations.

pub mod answer;

use serde::{Deserialize, Serialize};

use super::module::{Level, Module};
use super::version::Version;

/// The names of the ledger's tables.
pub const TABLES: [&str; 2] = ["module_version", "migration_log"];

/// The ledger of one database, as `sql/ledger/read.sql` finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ledger {
    /// Neither table is there.
    Absent,
    /// Upstream's table alone: versions without checksums and history.
    Legacy(Vec<Row>),
    /// Both tables are there, in this tool's shape.
    Current {
        /// The rows of `module_version`.
        rows: Vec<Row>,
        /// The last record of each migration in `migration_log`, in the order of the log.
        latest: Vec<Record>,
    },
}

/// A row of `pevensie.module_version`. Module and version are as found: they may be from a newer binary than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The module's name.
    pub module: String,
    /// The version, as a 14-digit stamp if it is one.
    pub version: String,
    /// The checksum, absent when upstream's migrator wrote the row.
    pub checksum: Option<String>,
}

/// A row of `pevensie.migration_log`: a migration that went up, down or was adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The module's name.
    pub module: String,
    /// The version, as a 14-digit stamp if it is one.
    pub version: String,
    /// What was done.
    pub action: Action,
    /// The checksum of the migration's up script.
    pub checksum: String,
    /// When it began, by the server's clock, in RFC 3339 and UTC.
    pub started_at: String,
    /// When it was done, by the server's clock, in RFC 3339 and UTC.
    pub finished_at: String,
    /// The role that did it.
    pub role: String,
    /// The `application_name` of the session that did it.
    pub application: String,
    /// The tool whose statements these were, with its version.
    pub tool: String,
}

/// What a record says was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The migration was applied.
    Up,
    /// The migration was rolled back.
    Down,
    /// The migration's objects were there already and were found to be right.
    Adopt,
}

impl Action {
    /// Returns the word for it in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Adopt => "adopt",
        }
    }
}

impl Row {
    fn is_of(&self, module: Module) -> bool {
        self.module == module.name()
    }
}

impl Ledger {
    /// Returns the rows of `module_version`.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        match self {
            Self::Absent => &[],
            Self::Legacy(rows) | Self::Current { rows, .. } => rows,
        }
    }

    /// Returns the last record of each migration, none where there is no log.
    #[must_use]
    pub fn latest(&self) -> &[Record] {
        match self {
            Self::Absent | Self::Legacy(_) => &[],
            Self::Current { latest, .. } => latest,
        }
    }

    /// Returns the recorded version of a module; `None` when it is not installed or the version is none of ours
    /// (which [`super::history::faults`] reports).
    #[must_use]
    pub fn version(&self, module: Module) -> Option<Version> {
        self.rows().iter().find(|row| row.is_of(module)).and_then(|row| row.version.parse().ok())
    }

    /// Returns the record of the version that a module is at.
    #[must_use]
    pub fn record(&self, module: Module) -> Option<&Record> {
        let version = self.version(module)?.to_string();
        self.latest().iter().find(|record| record.module == module.name() && record.version == version)
    }

    /// Returns the modules that another tool installed, with their versions: those that have a row and neither a checksum nor an
    /// applied migration in the log.
    #[must_use]
    pub fn of_another_tool(&self) -> Vec<(Module, Version)> {
        let is_of_another = |module: &Module| {
            let row = self.rows().iter().find(|row| row.is_of(*module));
            row.is_some_and(|row| row.checksum.is_none()) && !self.is_logged(*module)
        };
        let modules = Module::ALL.into_iter().filter(is_of_another);
        modules.filter_map(|module| Some((module, self.version(module)?))).collect()
    }

    /// Says whether the log has a migration of a module as applied.
    #[must_use]
    pub fn is_logged(&self, module: Module) -> bool {
        self.applied().any(|record| record.module == module.name())
    }

    /// Returns the records whose migration is still applied.
    pub fn applied(&self) -> impl Iterator<Item = &Record> {
        self.latest().iter().filter(|record| match record.action {
            Action::Up | Action::Adopt => true,
            Action::Down => false,
        })
    }

    /// Returns what is recorded as the version of a module, as it is, if the module has a row.
    #[must_use]
    pub fn recorded_version(&self, module: Module) -> Option<&str> {
        self.rows().iter().find(|row| row.is_of(module)).map(|row| row.version.as_str())
    }

    /// Says whether a module has a row, whatever its version.
    #[must_use]
    pub fn has(&self, module: Module) -> bool {
        self.rows().iter().any(|row| row.is_of(module))
    }

    /// Returns the ledger of a database whose modules are exactly there, for planning without one.
    #[must_use]
    pub fn at(levels: &[Level]) -> Self {
        Self::assumed(&levels.iter().filter_map(|&(module, version)| Some((module, version?))).collect::<Vec<_>>())
    }

    /// Returns the ledger of a database that has these modules and no others, for planning without one.
    #[must_use]
    pub fn assumed(versions: &[(Module, Version)]) -> Self {
        if versions.is_empty() {
            return Self::Absent;
        }
        let row = |&(module, version): &(Module, Version)| Row {
            module: module.name().to_owned(),
            version: version.to_string(),
            checksum: None,
        };
        Self::Current { rows: versions.iter().map(row).collect(), latest: Vec::new() }
    }
}

/// Why there is no telling what a database has recorded.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Something else has the name of one of the ledger's tables, or only one of them is there.
    #[error("pevensie.{0} is not as Pevensie's ledger has it")]
    Broken(String),
    /// The role may not read the tables.
    #[error("this role may not read the ledger, pevensie.module_version and pevensie.migration_log")]
    Unreadable,
    /// Others have changed it each time it was read.
    #[error("the schema was changed whenever it was read")]
    Changing,
    /// The rows are not as this tool writes them.
    #[error("the ledger cannot be understood: {0}")]
    Malformed(#[from] serde_json::Error),
}
