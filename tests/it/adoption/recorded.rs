//! Modules that upstream's migrator recorded.

use super::{assert_refused, done, to_be_done, traces, upsert, upstream_script};
use crate::support::{UP, assert_snapshot, contents, each_server, migrations, psql, servers};
use crate::verified::wait_until_blocked;

const ALL: [&str; 3] = ["base", "auth", "cache"];

#[test]
fn what_upstream_installed_is_adopted() {
    each_server(|server| {
        let database = server.database();
        database.execute(&upstream_script(&ALL));
        assert_eq!(database.run(&["status", "--check"]).run().code, 4);
        let output = database.run(UP).run().ok();
        assert_eq!(done(&output), to_be_done(&ALL, &[]));
        let adopted = "select count(*), count(distinct xmin::text) from pevensie.migration_log where action = 'adopt'";
        assert_eq!(database.query_text(adopted), "3|1");
        let unproven = "select count(*) from pevensie.module_version v left join pevensie.migration_log l \
                        using (module, version, checksum) where l.checksum is null";
        assert_eq!(database.query_text(unproven), "0");
        database.run(&["status", "--check", "--strict"]).run().ok();
        let before = traces(&database);
        assert_eq!(database.run(UP).run().ok().stdout, "");
        assert_eq!(traces(&database), before);
    });
}

#[test]
fn status_tells_and_migrate_shows() {
    let database = servers()[0].database();
    database.execute(&upstream_script(&["base"]));
    assert_snapshot!(database.run(&["status"]).run(), @r#"
    $ pevensie-pg status --addr postgres://postgres@127.0.0.1:[port]/[db]
    [exit 0]
    --- stdout
    MODULE  VERSION         NAME   SINCE (UTC)  BY
    base    20241222140532  uuid7  -            -

    pending  base   20261121041000  uuid7_range

    error: base 20241222140532 is in module_version without a record of how it came there
    hint: another tool installed it; pevensie-pg migrate base compares it with
          what it should be, and with --apply adopts it if it is exactly that

    --- stderr
    database "[db]" on 127.0.0.1:[port], PostgreSQL [version]
    the history is wrong
    "#);
    assert_snapshot!(database.run(&["migrate", "base", "--apply"]).run(), @r#"
    $ pevensie-pg migrate base --apply --addr postgres://postgres@127.0.0.1:[port]/[db]
    [exit 0]
    --- stdout
    adopted  base   20241222140532  uuid7
    applied  base   20261121041000  uuid7_range

    --- stderr
    done: database "[db]" in [duration]
    "#);
}

#[test]
fn what_somebody_added_is_no_obstacle() {
    let database = servers()[0].database();
    database.execute(&upstream_script(&ALL));
    database.execute("create index on pevensie.session (ip)");
    database.run(UP).run().ok();
    database.run(&["status", "--check"]).run().ok();
    assert_eq!(database.run(&["status", "--check", "--strict"]).run().code, 5);
}

#[test]
fn what_differs_is_refused() {
    each_server(|server| {
        for (change, said) in [
            (
                "create or replace function pevensie.uuid7() returns uuid language plpgsql
                 as 'begin return gen_random_uuid(); end'",
                ["function pevensie.uuid7() was changed", "base cannot be adopted"],
            ),
            (
                "alter table pevensie.session drop constraint session_user_id_fkey",
                ["constraint pevensie.session.session_user_id_fkey is missing", "auth cannot be adopted"],
            ),
            ("drop table pevensie.cache", ["table pevensie.cache is missing", "cache cannot be adopted"]),
        ] {
            let database = server.database();
            database.execute(&upstream_script(&ALL));
            database.execute(change);
            // Each of them was recorded, and the ledger is theirs together: none is adopted without the others.
            for module in ALL {
                assert_refused(&database, &["migrate", module, "--apply"], 5, &said);
                assert_refused(&database, &["migrate", module], 5, &said);
            }
        }
    });
}

#[test]
fn a_version_of_another_time_is_refused() {
    let database = servers()[0].database();
    database.execute(&upstream_script(&ALL));
    database.execute("update pevensie.module_version set version = '2099-01-01Z' where module = 'cache'");
    let said = ["cache 20990101000000 is not known to this binary"];
    assert_refused(&database, UP, 4, &said);
}

#[test]
fn what_is_pending_is_applied_in_the_same_transaction() {
    each_server(|server| {
        let database = server.database();
        database.execute(&upstream_script(&["base", "auth"]));
        let before = traces(&database);
        let in_one = [UP, &["--single-transaction"]].concat();

        // It fails at its last table …
        database.execute(
            "create function public.fail() returns event_trigger language plpgsql as $$
               begin
                 if to_regclass('pevensie.cache') is not null then raise exception 'no cache here'; end if;
               end $$;
             create event trigger fail on ddl_command_end execute function public.fail()",
        );
        let output = database.run(&in_one).run();
        assert!(output.code == 1 && output.stderr.contains("no cache here"), "{}", output.snapshot());
        database.execute("drop event trigger fail");
        assert_eq!(traces(&database), before);

        // … is killed there …
        let mut other = database.client();
        other.batch_execute("begin; create table pevensie.cache ()").unwrap();
        let running = database.run(&in_one).spawn();
        wait_until_blocked(&database);
        running.kill();
        other.batch_execute("rollback").unwrap();
        assert_eq!(traces(&database), before);

        // … and gets there.
        let output = database.run(&in_one).run().ok();
        assert_eq!(done(&output), to_be_done(&["base", "auth"], &["cache"]));
        let transactions = "select count(distinct xmin::text) from (select xmin from pevensie.migration_log \
                            union all select xmin from pevensie.module_version) x";
        assert_eq!(database.query_text(transactions), "1");
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}

#[test]
fn what_is_printed_does_the_same() {
    each_server(|server| {
        for installed in [&ALL[..], &["base", "auth"]] {
            let [applied, printed] = [(); 2].map(|()| server.database());
            for database in [&applied, &printed] {
                database.execute(&upstream_script(installed));
            }
            applied.run(UP).run().ok();
            let script = printed.run(&["migrate", "auth", "cache"]).run().ok().stdout;
            psql(&printed, &["-1", "-q"], &script).ok();
            assert_eq!(contents(&printed), contents(&applied));
            printed.run(&["status", "--check", "--strict"]).run().ok();
        }
    });
}

#[test]
fn it_is_not_rolled_back_before() {
    let database = servers()[0].database();
    database.execute(&upstream_script(&ALL));
    let said = ["cache 20241222140532 is in module_version without a record", "hint: another tool installed it"];
    assert_refused(&database, &["rollback", "cache", "--apply", "--yes"], 4, &said);
    assert_refused(&database, &["rollback", "cache"], 4, &said);
}

#[test]
fn ten_at_once_adopt_it_once() {
    each_server(|server| {
        let database = server.database();
        database.execute(&upstream_script(&ALL));
        let runs: Vec<_> = (0..10).map(|_| database.run(UP).spawn()).collect();
        let outputs: Vec<_> = runs.into_iter().map(|run| run.wait().ok()).collect();
        assert_eq!(outputs.iter().filter(|output| output.stdout.contains("adopted")).count(), 1);
        // Who waits may find the next index still to be built: each migration is one run's.
        let applied: usize = outputs.iter().map(|output| output.stdout.matches("applied").count()).sum();
        assert_eq!(applied, migrations().len() - ALL.len());
        assert_eq!(database.rows("select from pevensie.migration_log"), migrations().len());
    });
}

#[test]
fn a_module_that_upstream_adds_later_is_adopted_later() {
    each_server(|server| {
        let database = server.database();
        database.run(&["migrate", "auth", "--apply"]).run().ok();
        database.execute(&format!("{}{}", super::objects("cache"), upsert("cache")));
        let output = database.run(&["status", "--check"]).run();
        assert_eq!(output.code, 4);
        assert!(output.stdout.contains("pevensie-pg migrate cache"), "{}", output.snapshot());
        let output = database.run(&["migrate", "cache", "--apply"]).run().ok();
        assert_eq!(done(&output), to_be_done(&["cache"], &[]));
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}
