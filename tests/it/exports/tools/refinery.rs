//! refinery.

use super::project::{Tool, run};
use super::works;
use crate::support::setting;

pub(super) const TOOL: Tool = Tool {
    format: "refinery",
    folder: "migrations",
    is_quick: true,
    set_up: |_| {},
    up: |project| {
        run(project.command(&setting("PEVENSIE_PG_TEST_REFINERY")).args(["migrate", "-e", "DATABASE_URL"]));
    },
    down: None,
};

#[test]
fn refinery_works() {
    works(&TOOL);
}
