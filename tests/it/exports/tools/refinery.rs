//! refinery.

use super::project::{Project, Tool, run};
use super::works;
use crate::support::setting;

pub(super) const TOOL: Tool = Tool {
    format: "refinery",
    folder: "migrations",
    is_quick: true,
    set_up: |_| {},
    up: |project| refinery(project, &[]),
    down: None,
};

pub(super) fn refinery(project: &Project<'_>, arguments: &[&str]) {
    let mut command = project.command(&setting("PEVENSIE_PG_TEST_REFINERY"));
    run(command.args(["migrate", "-e", "DATABASE_URL"]).args(arguments));
}

#[test]
fn refinery_works() {
    works(&TOOL);
}
