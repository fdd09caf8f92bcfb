//! dbmate.

use std::process::Command;

use super::project::{Depth, Project, Tool, run};
use super::works;
use crate::support::setting;

pub(super) const TOOL: Tool = Tool {
    format: "dbmate",
    folder: "db/migrations",
    is_quick: true,
    set_up: |_| {},
    up: |project| {
        dbmate(project, "up");
    },
    down: Some(|project, depth| {
        dbmate(project, "down");
        while depth == Depth::All && dbmate(project, "status").contains("[X]") {
            dbmate(project, "down");
        }
    }),
};

fn dbmate(project: &Project<'_>, command: &str) -> String {
    run(&mut command_of(project, command))
}

pub(super) fn command_of(project: &Project<'_>, command: &str) -> Command {
    let mut dbmate = project.command(&setting("PEVENSIE_PG_TEST_DBMATE"));
    dbmate.arg(format!("--url={}?sslmode=disable", project.database.url())).args(["--no-dump-schema", command]);
    dbmate
}

#[test]
fn dbmate_works() {
    works(&TOOL);
}
