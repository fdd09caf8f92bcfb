//! This tool.

use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Tool, version_option};

/// Verifies what it does, and records it, in the same run.
pub const TOOL: Tool = Tool {
    name: "pevensie-pg",
    variable: "PEVENSIE_PG_BENCH_BINARY",
    pace: Pace::Quick,
    reach: Reach::Everywhere,
    project: |_| Vec::new(),
    step: |task| {
        Some(match task.scenario {
            Scenario::Install => Step::new(["migrate", "auth", "cache", "--apply"], "done: "),
            Scenario::Nothing => Step::new(["migrate", "auth", "cache", "--apply"], "nothing to do"),
            Scenario::Status => Step::new(["status", "--check"], "everything is as it should be"),
            Scenario::Drift => {
                let step = Step::new(["status", "--check"], "session_expires_at_idx");
                Step { code: 5, ..step }
            }
            Scenario::Print => Step::new(["print", "auth", "cache"], "create index cache_expires_at_idx"),
        })
    },
    version: version_option,
};
