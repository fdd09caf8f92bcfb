//! A plan or what became of it, step by step.

use super::paint;
use super::table::columns;
use crate::migration::migration::Migration;
use crate::migration::plan::{Plan, Step};

/// Writes a line for each migration that was adopted, applied or rolled back.
#[must_use]
pub fn done(plan: &Plan<'_>) -> String {
    let line = |step: &Step<'_>| match *step {
        Step::Adopt(migration) => Some(row(paint::good("adopted"), migration)),
        Step::Up(migration) => Some(row(paint::good("applied"), migration)),
        Step::Down { migration, .. } => Some(row(paint::attention("rolled back"), migration)),
        Step::CreateLedger | Step::UpgradeLedger | Step::DropLedger => None,
    };
    columns(&plan.steps().iter().filter_map(line).collect::<Vec<_>>())
}

/// Writes a line for each migration that is still to be applied.
#[must_use]
pub fn pending(migrations: &[&Migration]) -> String {
    columns(&migrations.iter().map(|migration| row(paint::attention("pending"), migration)).collect::<Vec<_>>())
}

fn row(word: String, migration: &Migration) -> Vec<String> {
    vec![word, migration.module.to_string(), migration.version.to_string(), migration.name.to_string()]
}
