//! Where a setting came from.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The source of one connection setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The `--addr` flag.
    Address,
    /// A line of a file of addresses.
    AddressFile(Line),
    /// The `DATABASE_URL` environment variable.
    DatabaseUrl,
    /// A line of a connection service file.
    Service(Line),
    /// One of libpq's own environment variables, by name.
    Variable(&'static str),
    /// A line of a password file.
    Passfile(Line),
    /// Nobody gave it.
    Default,
}

/// A line of a file, counted from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file.
    pub file: Arc<Path>,
    /// Its number.
    pub number: usize,
}

impl Origin {
    /// A line of a file of addresses, counted from one.
    #[must_use]
    pub fn address_file(file: &Path, number: usize) -> Self {
        Self::AddressFile(Line { file: file.into(), number })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("--addr"),
            Self::AddressFile(line) => line.fmt(f),
            Self::DatabaseUrl => f.write_str("DATABASE_URL"),
            Self::Service(line) => write!(f, "service file {line}"),
            Self::Variable(name) => f.write_str(name),
            Self::Passfile(line) => write!(f, "password file {line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file.display(), self.number)
    }
}
