//! What a role may not do and which names are taken, where `preflight` and `hints` have not said it already.

use super::report::Case;
use crate::history::everything;
use crate::preflight::{advice, refused, run};
use crate::support::{Database, UP, UP_FIRST, assert_snapshot, each_server};

/// Refused in the words of a snapshot, with nothing changed; and done once every statement of the hints is.
fn obstacle(case: &Case, name: &str, database: &Database<'_>, role: &str, command: &[&str]) {
    case.run(|| {
        let output = refused(database, &database.url_as(role), command);
        assert_snapshot!(name, output);
        let advice = advice(&output);
        assert!(!advice.is_empty(), "no advice in {}", output.stderr);
        for statement in &advice {
            database.execute(statement);
        }
        run(&database.url_as(role), command).ok();
        run(&database.url_as(role), &["status", "--check"]).ok();
    });
}

/// The first generation of everything, installed by the first of two roles; the other may use it all, and owns nothing.
fn installed_by_another(database: &Database<'_>) -> (String, String) {
    let (dba, app) = (database.role("dba", ""), database.role("app", ""));
    database.execute(&format!("create schema pevensie; grant all on schema pevensie to {dba}, {app}"));
    run(&database.url_as(&dba), UP_FIRST).ok();
    database.execute(&format!("grant all on all tables in schema pevensie to {app}"));
    (dba, app)
}

#[test]
fn an_upgrade_of_what_belongs_to_another() {
    let case = Case::new("privileges: objects of another owner, upgrade");
    each_server(|server| {
        let database = server.database();
        let (_, app) = installed_by_another(&database);
        obstacle(&case, "an_upgrade_of_what_belongs_to_another", &database, &app, UP);
    });
}

#[test]
fn an_adoption_of_what_belongs_to_another() {
    let case = Case::new("privileges: objects of another owner, adoption");
    each_server(|server| {
        let database = server.database();
        let (_, app) = installed_by_another(&database);
        database.execute("drop table pevensie.module_version, pevensie.migration_log; drop type pevensie.module");
        let adopt = &["migrate", "auth", "cache", "--adopt", "--apply"];
        obstacle(&case, "an_adoption_of_what_belongs_to_another", &database, &app, adopt);
    });
}

#[test]
fn a_watcher_sees_everything_with_two_grants() {
    let case = Case::new("privileges: a watcher");
    each_server(|server| {
        let database = server.database();
        let watcher = database.role("watcher", "");
        run(&database.url(), UP).ok();
        // As docs/privileges.md says.
        database.execute(&format!(
            "grant usage on schema pevensie to {watcher};
             grant select on pevensie.module_version, pevensie.migration_log to {watcher}"
        ));
        case.run(|| {
            let url = database.url_as(&watcher);
            run(&url, &["status", "--check", "--strict", "--history"]).ok();
            assert_eq!(run(&url, &["migrate", "auth", "cache"]).ok().stdout, "");
            database.execute(
                "alter table pevensie.cache alter value drop not null; drop index pevensie.session_user_id_idx",
            );
            let drifted = run(&url, &["status", "--check"]);
            assert_eq!(drifted.code, 5, "{}", drifted.snapshot());
            assert_eq!(drifted.stdout, run(&database.url(), &["status", "--check"]).stdout);
        });
    });
}

#[test]
fn a_database_that_lets_nobody_in() {
    let case = Case::new("privileges: a database that lets nobody in");
    each_server(|server| {
        let database = server.database();
        let app = database.role("app", "");
        database.execute(&format!("create schema pevensie authorization {app}"));
        let before = everything(&database);
        let (name, mut words) = (database.name(), Vec::new());
        let set =
            |way: &str| server.client().batch_execute(&format!("alter database {name} {way}")).expect("it may be");
        for (closed, open) in
            [("allow_connections false", "allow_connections true"), ("connection limit 0", "connection limit -1")]
        {
            case.run(|| {
                set(closed);
                // A server without room is asked for so long.
                let output = run(&database.url_as(&app), &[UP, &["--lock-wait=5s"]].concat());
                assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
                for statement in advice(&output) {
                    server.client().batch_execute(&statement).expect("a hint can be followed");
                    run(&database.url_as(&app), &["status"]).ok();
                }
                words.push(format!("-- {closed}\n{}\n", output.stderr));
                set(open);
                assert_eq!(everything(&database), before);
            });
        }
        assert_snapshot!("a_database_that_lets_nobody_in", words.concat());
        run(&database.url_as(&app), UP).ok();
    });
}

#[test]
fn what_else_the_server_may_forbid() {
    let case = Case::new("privileges: language and tablespace");
    let table = [
        ("revoke usage on language plpgsql from public", "grant usage on language plpgsql to public"),
        ("alter role app set default_tablespace to pg_global", "alter role app reset default_tablespace"),
    ];
    each_server(|server| {
        let mut words = Vec::new();
        for (forbid, allow) in table {
            let database = server.database();
            let app = database.role("app", "");
            database.execute(&format!("create schema pevensie authorization {app}"));
            let as_app = |statement: &str| statement.replace("role app", &format!("role {app}"));
            case.run(|| {
                database.execute(&as_app(forbid));
                let output = refused(&database, &database.url_as(&app), UP);
                words.push(format!("-- {forbid}\n{}\n", output.stderr));
                database.execute(&as_app(allow));
                run(&database.url_as(&app), UP).ok();
            });
        }
        assert_snapshot!("what_else_the_server_may_forbid", words.concat());
    });
}

#[test]
fn further_names_that_are_taken() {
    let case = Case::new("names taken: refused, nothing changed, and free again");
    let table = [
        ("create domain pevensie.module as text", "drop domain pevensie.module"),
        (
            "create materialized view pevensie.module_version as select 1 as one",
            "drop materialized view pevensie.module_version",
        ),
        ("create view pevensie.cache as select 1 as one", "drop view pevensie.cache"),
        ("create domain pevensie.one_time_token_type as text", "drop domain pevensie.one_time_token_type"),
        ("create procedure pevensie.uuid7() language sql as 'select 1'", "drop procedure pevensie.uuid7()"),
        ("create table pevensie.user_pkey (a int)", "drop table pevensie.user_pkey"),
        ("create table pevensie.session_user_id_idx (a int)", "drop table pevensie.session_user_id_idx"),
        ("create sequence pevensie.cache_expires_at_idx", "drop sequence pevensie.cache_expires_at_idx"),
    ];
    each_server(|server| {
        let mut words = Vec::new();
        for (taken, free) in table {
            let database = server.database();
            let app = database.role("app", "");
            database.execute(&format!("create schema pevensie; {taken}; grant all on schema pevensie to {app}"));
            case.run(|| {
                let output = refused(&database, &database.url_as(&app), UP);
                words.push(format!("-- {taken}\n{}\n", output.stderr));
                database.execute(free);
                run(&database.url_as(&app), UP).ok();
            });
        }
        assert_snapshot!("further_names_that_are_taken", words.concat());
    });
}

#[test]
fn names_that_only_seem_to_be_taken() {
    let case = Case::new("names taken: in nobody's way");
    each_server(|server| {
        for neighbour in [
            "create sequence pevensie.migration_log_id_seq",
            "create type pevensie._module as enum ('a')",
            "create type pevensie._user as (a int)",
            "create function pevensie.cache() returns int language sql as 'select 1'",
        ] {
            case.run(|| {
                let database = server.database();
                database.execute(&format!("create schema pevensie; {neighbour}"));
                run(&database.url(), UP).ok();
                run(&database.url(), &["status", "--check"]).ok();
            });
        }
    });
}
