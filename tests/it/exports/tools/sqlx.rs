//! sqlx-cli.

use super::project::{Depth, Project, Tool, run};
use super::works;
use crate::support::setting;

pub(super) const TOOL: Tool = Tool {
    format: "sqlx",
    folder: "migrations",
    is_quick: true,
    set_up: |_| {},
    up: |project| sqlx(project, &["run"]),
    down: Some(|project, depth| match depth {
        Depth::One => sqlx(project, &["revert"]),
        Depth::All => sqlx(project, &["revert", "--target-version=0"]),
    }),
};

fn sqlx(project: &Project<'_>, arguments: &[&str]) {
    run(project.command(&setting("PEVENSIE_PG_TEST_SQLX")).arg("migrate").args(arguments));
}

#[test]
fn sqlx_works() {
    works(&TOOL);
}
