//! Another tool and this one on the same database: neither takes the other's work for its own.

use super::project::{Depth, Project, Tool, attempt};
use super::{NEWEST, OLDEST, dbmate, diesel, is_newest, liquibase, node_pg_migrate, refinery, schema, sqitch, sqlx};
use crate::support::{Database, FIRST, UP, contents, each_server, newest, servers};

/// dbmate fails, says why, and has changed nothing of ours.
#[track_caller]
fn refused(project: &Project<'_>, command: &str, reason: &str) {
    let before = contents(project.database);
    let words = attempt(&mut dbmate::command_of(project, command)).expect_err("it is refused");
    assert!(words.contains(reason), "{words}");
    assert_eq!(contents(project.database), before);
}

#[test]
fn what_this_tool_has_applied_is_not_applied_again() {
    each_server(|server| {
        let database = server.database();
        let project = Project::new(&dbmate::TOOL, &database);
        project.export(NEWEST);
        database.run(UP).run().ok();
        refused(
            &project,
            "up",
            &format!("module base is at {}, but these statements start from nothing", newest("base")),
        );
    });
}

#[test]
fn this_tool_takes_over_and_the_other_one_notices() {
    each_server(|server| {
        let (database, ours) = (server.database(), server.database());
        ours.run(UP).run().ok();
        let project = Project::new(&dbmate::TOOL, &database);
        project.export(OLDEST);
        project.up();
        database.run(UP).run().ok();
        is_newest(&database, &ours);
        project.export(&[NEWEST, &["--from", FIRST]].concat());
        refused(
            &project,
            "up",
            &format!("module base is at {}, but these statements start from {FIRST}", newest("base")),
        );
        refused(
            &project,
            "down",
            &format!("module cache is at {}, but these statements start from {FIRST}", newest("cache")),
        );
    });
}

#[test]
fn what_this_tool_has_rolled_back_is_not_rolled_back_again() {
    each_server(|server| {
        let database = server.database();
        let project = Project::new(&dbmate::TOOL, &database);
        project.export(NEWEST);
        project.up();
        database.run(&["rollback", "cache@0", "--apply", "--yes"]).run().ok();
        let reason = format!("module cache is at nothing, but these statements start from {}", newest("cache"));
        refused(&project, "down", &reason);
    });
}

#[test]
fn a_version_that_is_none_is_no_start() {
    each_server(|server| {
        let database = server.database();
        let project = Project::new(&dbmate::TOOL, &database);
        project.export(NEWEST);
        project.up();
        for (version, reason) in [
            ("version + interval '0.5 seconds'", "module cache is at 20"),
            ("'infinity'", "module cache is at infinity, but these statements start from"),
        ] {
            database.execute(&format!("update pevensie.module_version set version = {version} where module = 'cache'"));
            refused(&project, "down", reason);
        }
    });
}

#[test]
fn another_migrator_at_work_is_not_disturbed() {
    each_server(|server| {
        let database = server.database();
        let project = Project::new(&dbmate::TOOL, &database);
        project.export(NEWEST);
        let holder = database.hold_lock();
        refused(&project, "up", "another migrator is at work on this database");
        drop(holder);
        project.up();
        database.run(&["status", "--check"]).run().ok();
    });
}

/// What is installed already is marked as applied, and from then on it is the other tool's.
#[test]
fn another_tool_can_take_over() {
    let server = servers().last().expect("there is a server");
    let ours = server.database();
    ours.run(UP).run().ok();
    for (tool, mark) in [
        (&refinery::TOOL, (|project| refinery::refinery(project, &["-f"])) as fn(&Project<'_>)),
        (&node_pg_migrate::TOOL, |project| node_pg_migrate::node_pg_migrate(project, &["up", "--fake"])),
        (&sqitch::TOOL, |project| sqitch::sqitch(project, &["deploy", "--log-only"])),
        (&liquibase::TOOL, |project| liquibase::liquibase(project, &["changelog-sync"])),
    ] {
        let database = server.database();
        database.run(UP).run().ok();
        let project = Project::new(tool, &database);
        project.export(NEWEST);
        mark(&project);
        project.up();
        is_newest(&database, &ours);
        if project.down(Depth::All) {
            assert_eq!(contents(&database), "");
        }
    }
}

/// The module that comes later has older stamps than what is applied already.
fn grows(tool: &Tool) {
    let server = servers().last().expect("there is a server");
    let (database, ours) = (server.database(), server.database());
    ours.run(UP).run().ok();
    let project = Project::new(tool, &database);
    project.export(&["auth"]);
    project.up();
    assert_ne!(schema(&database), schema(&ours));
    project.export(NEWEST);
    project.up();
    is_newest(&database, &ours);
    if project.down(Depth::All) {
        assert_eq!(contents(&database), "");
    }
}

#[test]
fn a_module_can_be_added_later() {
    for tool in [&dbmate::TOOL, &sqlx::TOOL, &refinery::TOOL, &diesel::TOOL, &sqitch::TOOL, &liquibase::TOOL] {
        grows(tool);
    }
}

#[test]
fn node_pg_migrate_adds_a_module_when_it_may_leave_the_order() {
    grows(&Tool {
        up: |project| node_pg_migrate::node_pg_migrate(project, &["up", "--no-check-order"]),
        down: Some(|project, _| node_pg_migrate::node_pg_migrate(project, &["down", "999", "--no-check-order"])),
        ..node_pg_migrate::TOOL
    });
}

/// Every file that another tool applies is one record.
#[test]
fn the_history_says_whose_text_it_was() {
    let database: Database<'_> = servers()[0].database();
    let project = Project::new(&dbmate::TOOL, &database);
    project.export(NEWEST);
    project.up();
    let tools = "select distinct tool from pevensie.migration_log";
    assert_eq!(database.query_text(tools), "pevensie-pg");
    let twice = "select from pevensie.migration_log group by module, version having count(*) > 1";
    assert_eq!(database.rows(twice), 0);
}
