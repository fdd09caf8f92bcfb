//! refinery.

use crate::migrations::Migration;
use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Tool, version_option};

/// By small numbers; it has no status.
pub const TOOL: Tool = Tool {
    name: "refinery",
    variable: "PEVENSIE_PG_TEST_REFINERY",
    pace: Pace::Quick,
    reach: Reach::Tcp,
    project: |migrations| {
        let file =
            |(number, one): (u32, &Migration)| (format!("migrations/V{number}__{}.sql", one.name), one.sql.clone());
        (1..).zip(migrations).map(file).collect()
    },
    step: |task| {
        Some(match task.scenario {
            Scenario::Install | Scenario::Nothing => Step::new(["migrate", "-e", "DATABASE_URL"], ""),
            Scenario::Status | Scenario::Drift | Scenario::Print => return None,
        })
    },
    version: version_option,
};
