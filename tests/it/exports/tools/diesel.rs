//! Diesel's command line.

use super::project::{Depth, Project, Tool, run};
use super::works;
use crate::support::setting;

pub(super) const TOOL: Tool = Tool {
    format: "diesel",
    folder: "migrations",
    is_quick: true,
    set_up: |project| project.write("diesel.toml", "[migrations_directory]\ndir = \"migrations\"\n"),
    up: |project| diesel(project, &["run"]),
    down: Some(|project, depth| match depth {
        Depth::One => diesel(project, &["revert"]),
        Depth::All => diesel(project, &["revert", "--all"]),
    }),
};

fn diesel(project: &Project<'_>, arguments: &[&str]) {
    run(project.command(&setting("PEVENSIE_PG_TEST_DIESEL")).arg("migration").args(arguments));
}

#[test]
fn diesel_works() {
    works(&TOOL);
}
