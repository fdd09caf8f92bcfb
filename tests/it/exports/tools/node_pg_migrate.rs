//! node-pg-migrate.

use super::project::{Depth, Project, Tool, run};
use super::works;
use crate::support::setting;

pub(super) const TOOL: Tool = Tool {
    format: "node-pg-migrate",
    folder: "migrations",
    is_quick: false,
    set_up: |_| {},
    up: |project| node_pg_migrate(project, &["up"]),
    down: Some(|project, depth| match depth {
        Depth::One => node_pg_migrate(project, &["down"]),
        Depth::All => node_pg_migrate(project, &["down", "999"]),
    }),
};

pub(super) fn node_pg_migrate(project: &Project<'_>, arguments: &[&str]) {
    run(project.command(&setting("PEVENSIE_PG_TEST_NODE_PG_MIGRATE")).args(arguments));
}

#[test]
fn node_pg_migrate_works() {
    works(&TOOL);
}
