//! Who is in the way.

use crate::migration::rows::{Row, Rows};

/// A session that holds what another one waits for: the migration lock or a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process ID of its backend; `0` for a prepared transaction, which has none.
    pub pid: String,
    /// Its role, where we may see it.
    pub role: Option<String>,
    /// Its `application_name`, where we may see it.
    pub application: Option<String>,
    /// What it is doing, as `pg_stat_activity` says it, where we may see it and it is of interest.
    pub state: Option<String>,
    /// When its transaction began, in UTC, where we may see it.
    pub since: Option<String>,
    /// Its last statement, the beginning of it, where we may see it and it is of interest.
    pub query: Option<String>,
}

impl Holder {
    /// Reads everybody that a query on `pg_stat_activity` brought.
    pub(super) fn all(rows: &Rows) -> Vec<Self> {
        rows.having("pid").map(Self::of).collect()
    }

    fn of(row: Row<'_>) -> Self {
        let text = |column: &str| row.get(column).filter(|s| !s.is_empty()).map(str::to_owned);
        Self {
            pid: text("pid").unwrap_or_default(),
            role: text("role"),
            application: text("application"),
            state: text("state"),
            since: text("since"),
            query: text("query"),
        }
    }
}
