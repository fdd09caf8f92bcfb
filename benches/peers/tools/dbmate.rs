//! dbmate.

use crate::migrations::Migration;
use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Task, Tool, version_option};

/// Without a dump of the schema, for which it would need `pg_dump`.
pub const TOOL: Tool = Tool {
    name: "dbmate",
    variable: "PEVENSIE_PG_TEST_DBMATE",
    pace: Pace::Quick,
    reach: Reach::Everywhere,
    project: |migrations| {
        let file = |one: &Migration| {
            let text = format!("-- migrate:up\n{}\n-- migrate:down\nselect 1;\n", one.sql);
            (format!("db/migrations/{}_{}.sql", one.stamp, one.name), text)
        };
        migrations.iter().map(file).collect()
    },
    step: |task| {
        Some(match task.scenario {
            Scenario::Install => step(task, "up", "cache_expires_at_idx"),
            Scenario::Nothing => step(task, "up", ""),
            Scenario::Status => step(task, "status", "Pending: 0"),
            Scenario::Drift | Scenario::Print => return None,
        })
    },
    version: version_option,
};

fn step(task: &Task<'_>, command: &str, says: &'static str) -> Step {
    Step::new([&format!("--url={}", task.address.url()), "--no-dump-schema", command], says)
}
