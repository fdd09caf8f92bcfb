//! graphile-migrate: runs what is current again and again, and commits it at the end.

use super::project::{Project, Tool, run};
use super::{NEWEST, is_newest, works};
use crate::support::{Database, UP, servers, setting};

pub(super) const TOOL: Tool = Tool {
    format: "graphile-migrate",
    folder: "migrations/current",
    is_quick: false,
    set_up: |project| {
        project.write(".gmrc", "{}");
    },
    up: |project| graphile_migrate(project, project.database, &["watch", "--once"]),
    down: None,
};

fn graphile_migrate(project: &Project<'_>, database: &Database<'_>, arguments: &[&str]) {
    let shadow = format!("{}_shadow", project.database.url());
    let root = project.database.url().replace(project.database.name(), "postgres");
    let mut command = project.command(&setting("PEVENSIE_PG_TEST_GRAPHILE_MIGRATE"));
    run(command
        .args(arguments)
        .env("DATABASE_URL", database.url())
        .env("SHADOW_DATABASE_URL", shadow)
        .env("ROOT_DATABASE_URL", root));
}

#[test]
fn graphile_migrate_works() {
    works(&TOOL);
}

#[test]
fn what_graphile_migrate_commits_installs_everything() {
    let server = servers().last().expect("there is a server");
    let (database, ours, production) = (server.database(), server.database(), server.database());
    ours.run(UP).run().ok();
    let project = Project::new(&TOOL, &database);
    project.export(NEWEST);
    project.up();
    graphile_migrate(&project, &database, &["commit"]);
    graphile_migrate(&project, &production, &["migrate"]);
    is_newest(&production, &ours);
    database.execute(&format!("drop database {}_shadow", database.name()));
}
