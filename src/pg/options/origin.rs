//! Where a setting came from.

use std::fmt;

/// The source of one connection setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The `--addr` flag.
    Address,
    /// The `DATABASE_URL` environment variable.
    DatabaseUrl,
    /// One of libpq's own environment variables, by name.
    Variable(&'static str),
    /// Nobody gave it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "--addr",
            Self::DatabaseUrl => "DATABASE_URL",
            Self::Variable(name) => name,
            Self::Default => "default",
        })
    }
}
