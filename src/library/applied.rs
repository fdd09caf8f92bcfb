//! What a migrator did.

use std::fmt;
use std::time::Duration;

use super::migrations::Migration;
use crate::pg::apply;

/// What a [`Migrator`](super::Migrator) did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Applied {
    migrations: Vec<Migration>,
    adopted: Vec<Migration>,
    elapsed: Duration,
}

impl Applied {
    pub(super) fn of(applied: &apply::Applied<'_>) -> Self {
        Self {
            migrations: applied.plan.migrations().filter_map(|(migration, _)| Migration::of(migration)).collect(),
            adopted: applied.plan.adopted().filter_map(Migration::of).collect(),
            elapsed: applied.elapsed,
        }
    }

    /// Says whether there was nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty() && self.adopted.is_empty()
    }

    /// Returns the migrations that were applied, in order.
    #[must_use]
    pub fn migrations(&self) -> &[Migration] {
        &self.migrations
    }

    /// Returns the migrations that were there already and are recorded now, in order.
    #[must_use]
    pub fn adopted(&self) -> &[Migration] {
        &self.adopted
    }

    /// Returns how long it took, waiting included, from the first look at the database on.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl fmt::Display for Applied {
    /// Writes `adopted …` and `applied …`, a line for each migration; `nothing to do` where there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let adopted = self.adopted.iter().map(|migration| format!("adopted {migration}"));
        let applied = self.migrations.iter().map(|migration| format!("applied {migration}"));
        let lines: Vec<String> = adopted.chain(applied).collect();
        f.write_str(if lines.is_empty() { "nothing to do" } else { "" })?;
        f.write_str(&lines.join("\n"))
    }
}
