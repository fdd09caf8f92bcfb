//! What is measured.

use serde::Serialize;

/// What a tool is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Install base, auth and cache into a new, empty database.
    Install,
    /// The same command once more.
    Nothing,
    /// Say what is applied.
    Status,
    /// Find out that an index is missing.
    Drift,
    /// Print all statements, without a database.
    Print,
}

impl Scenario {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 5] = [Self::Install, Self::Nothing, Self::Status, Self::Drift, Self::Print];
    /// Those that a server is needed for.
    pub const WITH_SERVER: [Self; 4] = [Self::Install, Self::Nothing, Self::Status, Self::Drift];

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Install => "fresh install",
            Self::Nothing => "nothing to do",
            Self::Status => "status",
            Self::Drift => "status with drift",
            Self::Print => "print",
        }
    }
}
