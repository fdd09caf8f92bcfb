//! Sqitch.

use super::project::{Depth, Project, Tool, run};
use super::works;
use crate::support::setting;

pub(super) const TOOL: Tool = Tool {
    format: "sqitch",
    folder: ".",
    is_quick: false,
    set_up: |project| {
        project.write("sqitch.conf", "[core]\n  engine = pg\n[user]\n  name = A\n  email = a@example.org\n");
    },
    up: |project| sqitch(project, &["deploy", "--verify"]),
    down: Some(|project, depth| match depth {
        Depth::One => sqitch(project, &["revert", "-y", "--to=@HEAD^"]),
        Depth::All => sqitch(project, &["revert", "-y"]),
    }),
};

pub(super) fn sqitch(project: &Project<'_>, arguments: &[&str]) {
    let url = project.database.url().replace("postgres://", "db:pg://");
    run(project.command(&setting("PEVENSIE_PG_TEST_SQITCH")).args(arguments).arg(url));
}

#[test]
fn sqitch_works() {
    works(&TOOL);
}
