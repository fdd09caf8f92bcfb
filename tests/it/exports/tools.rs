//! The real tools, on what is exported for them.

mod dbmate;
mod diesel;
mod ecto;
mod graphile_migrate;
mod hostile;
mod liquibase;
mod mixed;
mod node_pg_migrate;
mod project;
mod psql;
mod refinery;
mod sqitch;
mod sqlx;
mod unfinished;

use project::{Depth, Project, Tool};

use crate::support::{DOWN, Database, FIRST, Server, UP, catalog, contents, each_server, servers};

const NEWEST: &[&str] = &["auth", "cache"];
const OLDEST: &[&str] = &["base@20241222140532", "auth@20241222140532", "cache@20241222140532"];

/// What the tool leads to has to be what this tool leads to.
fn schema(database: &Database<'_>) -> Vec<[String; 3]> {
    catalog(database).into_iter().map(|(kind, identity, definition)| [kind, identity, definition]).collect()
}

#[track_caller]
fn is_newest(database: &Database<'_>, ours: &Database<'_>) {
    database.run(&["status", "--check"]).run().ok();
    assert_eq!(schema(database), schema(ours));
    assert_eq!(database.run(&["migrate", "auth", "cache"]).run().ok().stdout, "");
}

/// Applies everything, rolls it back, and applies it again.
fn installs(tool: &Tool, server: &Server) {
    let (database, ours) = (server.database(), server.database());
    ours.run(UP).run().ok();
    let project = Project::new(tool, &database);
    project.export(NEWEST);
    let exported = project.files();
    project.up();
    is_newest(&database, &ours);
    project.export(NEWEST);
    assert_eq!(project.files(), exported, "exporting again changes nothing");
    project.up(); // has nothing to do
    is_newest(&database, &ours);
    if project.down(Depth::All) {
        assert_eq!(contents(&database), "");
        project.up();
        is_newest(&database, &ours);
    }
    // What this tool rolls back is what the other one has applied.
    database.run(DOWN).run().ok();
    assert_eq!(contents(&database), "");
}

/// Applies an export of the first version, then adds what is newer.
fn upgrades(tool: &Tool, server: &Server) {
    let (database, ours) = (server.database(), server.database());
    ours.run(UP).run().ok();
    let project = Project::new(tool, &database);
    project.export(OLDEST);
    project.up();
    assert_eq!(database.run(&["status", "--check"]).run().code, 3);
    let first = format!("base|{FIRST}\nauth|{FIRST}\ncache|{FIRST}");
    let versions = "select module, to_char(version at time zone 'UTC', 'YYYYMMDDHH24MISS') from pevensie.module_version order by 1";
    assert_eq!(database.query_text(versions), first);
    database.execute("insert into pevensie.\"user\" (email, user_metadata) values ('kept@example.org', '{}')");

    let before = project.files();
    project.export(&[NEWEST, &["--from", FIRST]].concat());
    let after = project.files();
    for (name, text) in before.iter().filter(|(name, _)| !name.ends_with("sqitch.plan")) {
        assert_eq!(after.get(name), Some(text), "{name} stays as it was");
    }
    assert!(after.len() > before.len());
    project.up();
    is_newest(&database, &ours);
    assert_eq!(database.query_text("select email from pevensie.\"user\""), "kept@example.org");
    if project.down(Depth::All) {
        assert_eq!(contents(&database), "");
        project.up();
        is_newest(&database, &ours);
    }
}

/// A tool that is quick is tried on every server, one that is not on the newest.
fn works(tool: &Tool) {
    let on = |server: &Server| {
        installs(tool, server);
        upgrades(tool, server);
    };
    if tool.is_quick { each_server(on) } else { on(servers().last().expect("there is a server")) }
}
