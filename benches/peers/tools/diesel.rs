//! Diesel's command line.

use crate::migrations::Migration;
use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Tool, version_option};

/// By a folder for each migration.
pub const TOOL: Tool = Tool {
    name: "diesel",
    variable: "PEVENSIE_PG_TEST_DIESEL",
    pace: Pace::Quick,
    reach: Reach::Everywhere,
    project: |migrations| {
        let settings = ("diesel.toml".to_owned(), "[migrations_directory]\ndir = \"migrations\"\n".to_owned());
        migrations.iter().flat_map(folder).chain([settings]).collect()
    },
    step: |task| {
        Some(match task.scenario {
            Scenario::Install => Step::new(["migration", "run"], "cache_expires_at_idx"),
            Scenario::Nothing => Step::new(["migration", "run"], ""),
            Scenario::Status => Step::new(["migration", "list"], "[X]"),
            Scenario::Drift | Scenario::Print => return None,
        })
    },
    version: version_option,
};

fn folder(one: &Migration) -> [(String, String); 2] {
    let (year, month, day, time) = (&one.stamp[..4], &one.stamp[4..6], &one.stamp[6..8], &one.stamp[8..]);
    let file = |name: &str, text: &str| {
        (format!("migrations/{year}-{month}-{day}-{time}_{}/{name}", one.name), text.to_owned())
    };
    [file("up.sql", &one.sql), file("down.sql", "select 1;\n")]
}
