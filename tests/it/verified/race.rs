//! Somebody installs at the same moment and takes no lock.

use super::wait_until_blocked;
use crate::adoption::upstream_script;
use crate::support::{DOWN, Database, Output, UP, contents, each_server, migrations, pevensie_pg, servers};

/// Runs ours while another session's statements are not committed yet, and lets that one end when ours waits for it.
fn race(database: &Database<'_>, theirs: &str, end: &str, arguments: &[&str]) -> Output {
    let mut other = database.client();
    other.batch_execute(&format!("begin;\n{theirs}")).expect("nobody is in the way");
    let ours = database.run(arguments).spawn();
    wait_until_blocked(database);
    other.batch_execute(end).expect("the transaction is open");
    let output = ours.wait();
    for raw in ["23505", "42710", "duplicate key", "XX000"] {
        assert!(!output.stderr.contains(raw), "{}", output.snapshot());
    }
    output
}

const ONCE_MORE: &str = "somebody else changed the same objects at the same moment; looking again";

#[test]
fn what_the_other_installed_is_found_or_adopted() {
    let ours = pevensie_pg(&["print", "auth", "cache"]).run().ok().stdout;
    each_server(|server| {
        for (theirs, done, said) in [
            (ours.clone(), 0, "nothing to do: base, auth and cache are up to date"),
            (upstream_script(&["base", "auth", "cache"]), migrations().len(), "done: "),
            (upstream_script(&["base"]), migrations().len(), "done: "),
        ] {
            let database = server.database();
            let output = race(&database, &theirs, "commit", UP).ok();
            assert_eq!(output.stdout.lines().count(), done, "{}", output.snapshot());
            for text in [ONCE_MORE, said] {
                assert!(output.stderr.contains(text), "{}", output.snapshot());
            }
            database.run(&["status", "--check", "--strict"]).run().ok();
            assert_eq!(database.rows("select from pevensie.migration_log"), migrations().len());
        }
    });
}

#[test]
fn what_the_other_gave_up_is_installed() {
    each_server(|server| {
        let database = server.database();
        let output = race(&database, &upstream_script(&["base"]), "rollback", UP).ok();
        assert!(!output.stderr.contains(ONCE_MORE), "{}", output.snapshot());
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}

#[test]
fn what_the_other_made_differently_is_refused() {
    each_server(|server| {
        for (theirs, code, said) in [
            (
                upstream_script(&["base", "cache"]) + "alter table pevensie.cache set logged",
                5,
                "table pevensie.cache was changed",
            ),
            (
                "create schema pevensie; create type pevensie.module as enum ('mine')".to_owned(),
                1,
                "type pevensie.module is there already",
            ),
            (
                "create schema pevensie; create view pevensie.module_version as select 1".to_owned(),
                1,
                "pevensie.module_version is not ",
            ),
        ] {
            let database = server.database();
            let output = race(&database, &theirs, "commit", UP);
            assert_eq!(output.code, code, "{}", output.snapshot());
            for text in [ONCE_MORE, said] {
                assert!(output.stderr.contains(text), "{}", output.snapshot());
            }
            let ours = "select 1 from pg_tables where schemaname = 'pevensie' and tablename = 'migration_log'";
            assert_eq!(database.query_text(ours), "");
        }
    });
}

#[test]
fn a_single_object_is_noticed_too() {
    each_server(|server| {
        for theirs in ["create table pevensie.cache ()", "create function pevensie.uuid7() returns int return 1"] {
            let database = server.database();
            database.execute("create schema pevensie");
            let output = race(&database, theirs, "commit", UP);
            assert_eq!(output.code, 1, "{}", output.snapshot());
            for text in [ONCE_MORE, "already, without a record in the ledger", "--adopt"] {
                assert!(output.stderr.contains(text), "{theirs}\n{}", output.snapshot());
            }
        }
    });
}

#[test]
fn what_the_other_grants_keeps_nothing_from_being_granted_or_dropped() {
    each_server(|server| {
        let database = server.database();
        let [app, other] = ["app", "other"].map(|prefix| database.role(prefix, ""));
        database.run(UP).run().ok();
        let grant = ["--grant-to", &app];
        for (theirs, arguments) in [
            ("usage on schema pevensie", [&["migrate", "auth", "--apply"], &grant[..]].concat()),
            ("select on pevensie.cache", [UP, &grant].concat()),
            ("select on pevensie.session", DOWN.to_vec()),
        ] {
            let output = race(&database, &format!("grant {theirs} to {other}"), "commit", &arguments).ok();
            // Since 18 who grants on a table has a lock on it, which who drops the table waits for.
            let is_raced = server.version < 18 || arguments != DOWN;
            assert_eq!(output.stderr.contains(ONCE_MORE), is_raced, "{theirs}\n{}", output.snapshot());
        }
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn a_second_race_is_no_worse_than_the_first() {
    let database = servers()[0].database();
    database.execute("create schema pevensie");
    let [mut first, mut second] = [(); 2].map(|()| database.client());
    first.batch_execute(&format!("begin;\n{}", upstream_script(&["base"]))).unwrap();
    second.batch_execute("begin; create table pevensie.cache ()").unwrap();
    let ours = database.run(&["migrate", "cache", "--apply"]).spawn();
    for mut other in [first, second] {
        wait_until_blocked(&database);
        other.batch_execute("commit").unwrap();
    }
    let output = ours.wait();
    assert_eq!(output.code, 1, "{}", output.snapshot());
    assert!(output.stderr.contains("pevensie.cache is there already"), "{}", output.snapshot());
}
