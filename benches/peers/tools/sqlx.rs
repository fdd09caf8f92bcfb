//! sqlx-cli.

use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Tool, version_option};

/// By its folder of simple migrations.
pub const TOOL: Tool = Tool {
    name: "sqlx-cli",
    variable: "PEVENSIE_PG_TEST_SQLX",
    pace: Pace::Quick,
    reach: Reach::Everywhere,
    project: |migrations| {
        let file = |one: &crate::migrations::Migration| {
            (format!("migrations/{}_{}.sql", one.stamp, one.name), one.sql.clone())
        };
        migrations.iter().map(file).collect()
    },
    step: |task| {
        Some(match task.scenario {
            Scenario::Install => Step::new(["migrate", "run"], "cache expires at idx"),
            Scenario::Nothing => Step::new(["migrate", "run"], ""),
            Scenario::Status => Step::new(["migrate", "info"], "installed"),
            Scenario::Drift | Scenario::Print => return None,
        })
    },
    version: version_option,
};
