//! Texts that our own scripts would never hold, through the real tools: no byte of them may change.

use std::fs;
use std::path::Path;

use super::project::{Depth, Project, Tool};
use super::{dbmate, diesel, graphile_migrate, liquibase, node_pg_migrate, refinery, sqitch, sqlx};
use crate::support::{Database, Server, contents, each_server, psql, servers};

fn source(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(name)).expect("it is there")
}

/// The body of the function that a hostile script creates.
fn body(name: &str) -> String {
    let source = source(name);
    source.split("$hostile$").nth(1).expect("the body is between its dollar signs").to_owned()
}

#[track_caller]
fn has(database: &Database<'_>, script: &str) {
    let found = database.query_text("select prosrc from pg_proc where proname = 'hostile'");
    assert_eq!(found, body(script));
    assert_eq!(
        database.query_text("select obj_description('pevensie.\"hostile;\"'::regclass, 'pg_class')"),
        "a comment of its own; {{ .x }} ${name} :name $1 $$ -- none\nsecond line, it's"
    );
    let default =
        "select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'pevensie.\"hostile;\"'::regclass";
    assert_eq!(database.query_text(default), "';''--{{ $$ ${name}'::text\n'\"'::text");
}

fn survives(tool: &Tool) {
    let on = |server: &Server| {
        let database = server.database();
        let project = Project::new(tool, &database);
        project.take_hostile();
        project.up();
        has(&database, "2.up.sql");
        if project.down(Depth::One) {
            has(&database, "2.down.sql");
            project.down(Depth::All);
            assert_eq!(contents(&database), "");
        }
    };
    if tool.is_quick { each_server(on) } else { on(servers().last().expect("there is a server")) }
}

#[test]
fn dbmate_keeps_every_byte() {
    survives(&dbmate::TOOL);
}

#[test]
fn sqlx_keeps_every_byte() {
    survives(&sqlx::TOOL);
}

#[test]
fn refinery_keeps_every_byte() {
    survives(&refinery::TOOL);
}

#[test]
fn diesel_keeps_every_byte() {
    survives(&diesel::TOOL);
}

#[test]
fn node_pg_migrate_keeps_every_byte() {
    survives(&node_pg_migrate::TOOL);
}

#[test]
fn graphile_migrate_keeps_every_byte() {
    survives(&graphile_migrate::TOOL);
}

#[test]
fn sqitch_keeps_every_byte() {
    survives(&sqitch::TOOL);
}

#[test]
fn liquibase_keeps_every_byte() {
    survives(&liquibase::TOOL);
}

#[test]
fn psql_keeps_every_byte() {
    each_server(|server| {
        for format in ["psql", "sql"] {
            let database = server.database();
            psql(&database, &[], &source(&format!("{format}/script.sql"))).ok();
            has(&database, "2.up.sql");
        }
    });
}
