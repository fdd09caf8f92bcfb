//! Why a pool lends no client.

use std::error::Error;
use std::time::Duration;

use deadpool_postgres::PoolError;

/// Why a pool lends no client.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// All are in use.
    #[error("the pool had no client to lend for {}", humantime::format_duration(*waited))]
    Exhausted {
        /// How long it was waited for.
        waited: Duration,
    },
    /// It may have one only.
    #[error("the pool has room for one client")]
    OnlyOne,
    /// It says so itself.
    #[error("the pool lends no client: {}", innermost(.0))]
    Refused(#[source] PoolError),
}

impl NoClient {
    /// Returns the SQLSTATE, where a server gave one.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Self::Refused(PoolError::Backend(error)) => error.code().map(tokio_postgres::error::SqlState::code),
            Self::Refused(
                PoolError::Timeout(_)
                | PoolError::Closed
                | PoolError::NoRuntimeSpecified
                | PoolError::PostCreateHook(_),
            )
            | Self::Exhausted { .. }
            | Self::OnlyOne => None,
        }
    }

    /// Returns what helps.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Exhausted { .. } => Some("migrate before others use the pool, or give it more clients"),
            Self::OnlyOne => Some("give it room for two"),
            Self::Refused(_) => None,
        }
    }
}

/// The innermost cause, which is the one that says something; a server's own words where it has some.
fn innermost(error: &PoolError) -> String {
    if let PoolError::Backend(error) = error
        && let Some(error) = error.as_db_error()
    {
        return error.message().to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
