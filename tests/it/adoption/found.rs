//! Modules that nobody recorded: `migrate --adopt`.

use super::{assert_refused, done, objects, to_be_done, upstream_script};
use crate::support::{UP, assert_snapshot, each_server, migrations, pevensie_pg, servers};

const ADOPT: &[&str] = &["migrate", "auth", "cache", "--adopt", "--apply"];

/// All objects, and no ledger.
fn without_ledger(modules: &[&str]) -> String {
    let objects = modules.iter().map(|module| objects(module));
    std::iter::once("create schema pevensie;\n").chain(objects).collect()
}

fn recorded_by_us(modules: &[&str]) -> String {
    pevensie_pg(&[&["print"], modules].concat()).run().ok().stdout
}

#[test]
fn what_is_there_is_adopted_and_what_is_not_is_applied() {
    each_server(|server| {
        for (installed, expected) in [
            (String::new(), to_be_done(&[], &["base", "auth", "cache"])),
            (
                "create schema pevensie; create table pevensie.note ()".to_owned(),
                to_be_done(&[], &["base", "auth", "cache"]),
            ),
            (without_ledger(&["base", "auth", "cache"]), to_be_done(&["base", "auth", "cache"], &[])),
            (without_ledger(&["base"]), to_be_done(&["base"], &["auth", "cache"])),
            (without_ledger(&["cache"]), to_be_done(&["cache"], &["base", "auth"])),
            (upstream_script(&["base"]) + objects("cache"), to_be_done(&["base", "cache"], &["auth"])),
        ] {
            let database = server.database();
            database.execute(&installed);
            let output = database.run(ADOPT).run().ok();
            assert_eq!(done(&output), expected, "{installed}");
            database.run(&["status", "--check"]).run().ok();
        }
    });
}

/// The newest version that fits is found, and everything up to it is recorded.
#[test]
fn what_was_ours_is_adopted_as_what_it_was() {
    each_server(|server| {
        let database = server.database();
        database.execute(&recorded_by_us(&["auth", "cache"]));
        database.execute(
            "drop table pevensie.module_version; drop table pevensie.migration_log; drop type pevensie.module",
        );
        let adopted = migrations().iter().map(|m| format!("adopted {} {}", m.module, m.version)).collect::<Vec<_>>();
        assert_eq!(done(&database.run(ADOPT).run().ok()), adopted);
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}

#[test]
fn other_modules_may_be_recorded_already() {
    each_server(|server| {
        for (installed, expected) in [
            (recorded_by_us(&["base"]) + objects("auth") + objects("cache"), to_be_done(&["auth", "cache"], &[])),
            (recorded_by_us(&["auth"]) + objects("cache"), to_be_done(&["cache"], &[])),
            (recorded_by_us(&["auth", "cache"]), vec![]),
        ] {
            let database = server.database();
            database.execute(&installed);
            assert_eq!(done(&database.run(ADOPT).run().ok()), expected);
            database.run(&["status", "--check", "--strict"]).run().ok();
        }
    });
}

#[test]
fn what_differs_is_refused() {
    each_server(|server| {
        for (change, said) in [
            (
                "drop table pevensie.one_time_token",
                ["table pevensie.one_time_token is missing", "auth cannot be adopted"],
            ),
            (
                "drop function pevensie.uuid7(timestamptz)",
                ["function pevensie.uuid7(timestamp with time zone) is missing", "base cannot be adopted"],
            ),
            ("alter table pevensie.cache set logged", ["table pevensie.cache was changed", "cache cannot be adopted"]),
        ] {
            let database = server.database();
            database.execute(&without_ledger(&["base", "auth", "cache"]));
            database.execute(change);
            assert_refused(&database, ADOPT, 5, &said);
            assert_refused(&database, &ADOPT[..4], 5, &said);
        }
    });
}

#[test]
fn it_is_not_done_unasked() {
    let database = servers()[0].database();
    database.execute(&without_ledger(&["base", "auth", "cache"]));
    let said = ["function pevensie.uuid7 is there already", "--adopt"];
    assert_refused(&database, UP, 1, &said);
    assert_refused(&database, &["migrate", "auth", "cache"], 1, &said);
}

#[test]
fn only_what_is_named_is_adopted() {
    let database = servers()[0].database();
    database.execute(&without_ledger(&["base", "auth", "cache"]));
    database.execute("drop table pevensie.one_time_token");
    let output = database.run(&["migrate", "cache", "--adopt", "--apply"]).run().ok();
    assert_eq!(done(&output), to_be_done(&["base", "cache"], &[]));
    assert_eq!(database.query_text("select module from pevensie.module_version order by 1"), "base\ncache");
}

#[test]
fn status_tells_of_it() {
    let database = servers()[0].database();
    database.execute(&without_ledger(&["base", "auth", "cache"]));
    assert_snapshot!(database.run(&["status", "--check"]).run(), @r#"
    $ pevensie-pg status --check --addr postgres://postgres@127.0.0.1:[port]/[db]
    [exit 3]
    --- stdout

    --- stderr
    database "[db]" on 127.0.0.1:[port], PostgreSQL [version]
    there is no record of what is there
    hint: base auth cache: there, but without a record; to adopt:
          pevensie-pg migrate base auth cache --adopt --apply
    "#);
}

#[test]
fn status_does_not_say_that_nothing_is_installed_where_something_is() {
    let database = servers()[0].database();
    database.execute(&without_ledger(&["base", "auth", "cache"]));
    database.execute("drop table pevensie.one_time_token");
    let output = database.run(&["status", "--check"]).run();
    assert_eq!(output.code, 3, "{}", output.snapshot());
    assert!(!output.stderr.contains("is not installed"), "{}", output.snapshot());
    assert!(output.stderr.contains("--adopt"), "{}", output.snapshot());
}
