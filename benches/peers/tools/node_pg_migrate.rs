//! node-pg-migrate.

use crate::migrations::Migration;
use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Tool, version_option};

/// By SQL files; it has no status.
pub const TOOL: Tool = Tool {
    name: "node-pg-migrate",
    variable: "PEVENSIE_PG_TEST_NODE_PG_MIGRATE",
    pace: Pace::Slow,
    reach: Reach::Everywhere,
    project: |migrations| {
        let file = |one: &Migration| {
            let text = format!("-- Up Migration\n{}\n-- Down Migration\nselect 1;\n", one.sql);
            (format!("migrations/{}000_{}.sql", one.stamp, one.name), text)
        };
        migrations.iter().map(file).collect()
    },
    step: |task| {
        Some(match task.scenario {
            Scenario::Install => Step::new(["up"], "cache_expires_at_idx"),
            Scenario::Nothing => Step::new(["up"], "No migrations to run"),
            Scenario::Status | Scenario::Drift | Scenario::Print => return None,
        })
    },
    version: version_option,
};
