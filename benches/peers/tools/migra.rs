//! migra, which compares two databases.

use std::path::Path;
use std::process::Command;

use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Tool};

/// Compares one that lacks an index with one that has it.
pub const TOOL: Tool = Tool {
    name: "migra",
    variable: "PEVENSIE_PG_TEST_MIGRA",
    pace: Pace::Slow,
    reach: Reach::Everywhere,
    project: |_| Vec::new(),
    step: |task| {
        Some(match task.scenario {
            Scenario::Drift => {
                let databases =
                    [task.address, task.whole].map(|address| address.url().replacen("postgres:", "postgresql:", 1));
                let [found, wanted] = &databases;
                let step = Step::new(["--schema", "pevensie", found, wanted], "session_expires_at_idx");
                Step { code: 2, ..step }
            }
            Scenario::Install | Scenario::Nothing | Scenario::Status | Scenario::Print => return None,
        })
    },
    version,
};

/// It does not say so itself.
fn version(program: &Path) -> Command {
    let mut command = Command::new(program.with_file_name("python"));
    command.args(["-c", "import importlib.metadata; print(importlib.metadata.version('migra'))"]);
    command
}
