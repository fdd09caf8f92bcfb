//! psql, with all statements in one message: nobody who speaks with the server once can be faster.

use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Tool, version_option};

/// The limit: it has no migrations, and sends what is nothing to do as the smallest of queries.
pub const TOOL: Tool = Tool {
    name: "psql, one message",
    variable: "PEVENSIE_PG_BENCH_PSQL",
    pace: Pace::Quick,
    reach: Reach::Everywhere,
    project: |_| Vec::new(),
    step: |task| {
        let (statements, says) = match task.scenario {
            Scenario::Install => (task.statements, ""),
            Scenario::Nothing => ("select 1", "(1 row)"),
            Scenario::Status | Scenario::Drift | Scenario::Print => return None,
        };
        Some(Step::new(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statements, "-d", &task.address.url()], says))
    },
    version: version_option,
};
