//! Several runs at once: one builds, the others wait without being in its way.

use std::time::{Duration, Instant};

use super::{MIGRATE, PENDING, UP, application, applied, build_waits, commit, first_generation, upgraded};
use crate::support::{
    AT_ONCE, Database, Output, Running, Server, UP_FIRST, assert_snapshot, at_once, contents, each_server, eventually,
};

/// Each migration was applied by one of them.
fn assert_shared(server: &Server, database: &Database<'_>, outputs: &[Output]) {
    let mut versions: Vec<_> = outputs.iter().flat_map(applied).collect();
    versions.sort_unstable();
    assert_eq!(versions, PENDING);
    for output in outputs {
        let had_nothing_to_do = output.stderr.contains("nothing to do");
        assert_eq!(applied(output).is_empty(), had_nothing_to_do, "{}", output.snapshot());
    }
    assert_eq!(contents(database), contents(&upgraded(server)));
}

fn started_together(database: &Database<'_>, count: usize) -> Vec<Output> {
    let running: Vec<_> = (0..count).map(|_| database.run(UP).spawn()).collect();
    running.into_iter().map(|running| running.wait().ok()).collect()
}

#[test]
fn each_migration_is_applied_once() {
    each_server(|server| {
        for count in [2, 5] {
            let database = first_generation(server);
            let outputs = started_together(&database, count);
            assert_shared(server, &database, &outputs);
        }
    });
}

#[test]
fn fresh_and_upgraded_at_once() {
    each_server(|server| {
        let database = server.database();
        let first = database.run(UP_FIRST).spawn();
        started_together(&database, 3);
        // It may come too late to have anything to do, and then it is told so.
        let first = first.wait();
        assert!([0, 2].contains(&first.code), "{}", first.snapshot());
        assert_eq!(database.unfinished_indexes(), "");
        database.run(&["status", "--check"]).run().sound();
    });
}

/// A run that builds an index, and waits for a transaction of the application.
fn builder(database: &Database<'_>) -> Running {
    let builder = database.run(UP).spawn();
    build_waits(database);
    builder
}

#[test]
fn who_only_looks_what_there_is_to_do_is_told_of_a_build() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = application(&database, "session", "row exclusive");
        let builder = builder(&database);
        let said = database.run(MIGRATE).run().ok().stderr;
        let warning = "warning: another session is building index pevensie.session_user_id_idx at this moment\n\
                       hint: look again when it is done\n";
        assert!(said.contains(warning), "{said}");
        commit(&mut writer);
        builder.wait().ok();
        let said = database.run(MIGRATE).run().ok().stderr;
        assert!(!said.contains("warning:"), "{said}");
    });
}

#[test]
fn who_waits_for_a_build_is_told_and_not_in_its_way() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = application(&database, "session", "row exclusive");
        let builder = builder(&database);
        let mut waiting: Vec<_> = (0..4).map(|_| database.run(UP).spawn()).collect();
        for waiting in &mut waiting {
            waiting.wait_for_stderr("waiting for another migrator to finish\n");
            waiting.wait_for_stderr("  held by: pevensie-pg migrate ");
        }
        commit(&mut writer);
        let indexes =
            "select from pg_index where indexrelid = to_regclass('pevensie.session_user_id_idx') and indisvalid";
        // Long before any time-out: the others look again and again, and the build must not wait for their looks.
        at_once("the index is built", || database.rows(indexes) == 1);
        let outputs: Vec<_> = waiting.into_iter().chain([builder]).map(|running| running.wait().ok()).collect();
        assert_shared(server, &database, &outputs);
    });
}

#[test]
fn who_waits_for_a_build_does_so_as_long_as_asked() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = application(&database, "session", "row exclusive");
        let builder = builder(&database);
        let output = database.run(&[UP, &["--lock-wait=5s"]].concat()).run();
        assert_eq!((output.code, output.stdout.as_str()), (6, ""), "{}", output.snapshot());
        assert_snapshot!("who_waits_for_a_build_does_so_as_long_as_asked", output);
        commit(&mut writer);
        assert_shared(server, &database, &[builder.wait().ok()]);
    });
}

#[test]
fn the_session_with_the_lock_has_no_snapshot_while_an_index_is_built() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = application(&database, "session", "row exclusive");
        let builder = builder(&database);
        let look =
            "select a.state || coalesce(', xid ' || a.backend_xid, '') || coalesce(', xmin ' || a.backend_xmin, '')
             from pg_locks l join pg_stat_activity a on a.pid = l.pid
             where l.locktype = 'advisory' and l.granted and a.datname = current_database()";
        // It stays so while we look, and while it gives signs of life.
        for _ in 0..40 {
            assert_eq!(database.query_text(look), "idle in transaction");
        }
        commit(&mut writer);
        builder.wait().ok();
        eventually("only the writer is left", || database.sessions() == 1);
    });
}

#[test]
fn interrupted_while_an_index_is_built() {
    each_server(|server| {
        for signal in ["INT", "TERM"] {
            let database = first_generation(server);
            let mut reader = application(&database, "session", "access share");
            reader.batch_execute("commit; begin isolation level repeatable read; select").expect("a snapshot is taken");
            // It waits for the snapshot, and not for the table: that would keep the index from being dropped, too.
            let builder = builder(&database);
            builder.signal(signal);
            let output = builder.wait();
            assert_eq!(output.code, 130, "{}", output.snapshot());
            assert_eq!(applied(&output), PENDING[..1]);
            assert!(
                output.stderr.contains("error: interrupted; the migration applied before it stays"),
                "{}",
                output.stderr
            );
            at_once("only the reader is left", || database.sessions() == 1);
            assert_eq!(database.unfinished_indexes(), "", "{}", output.snapshot());
            drop(reader);
            let output = database.run(UP).run().ok();
            assert_eq!(applied(&output), PENDING[1..]);
        }
    });
}

#[test]
fn killed_while_an_index_is_built() {
    each_server(|server| {
        let database = first_generation(server);
        let mut reader = database.client();
        reader.batch_execute("begin isolation level repeatable read; select").expect("a snapshot is taken");
        builder(&database).kill();
        // Its statement notices within a second, and what it leaves is the next one's to clear away.
        let next = database.run(UP).spawn();
        eventually("only the next one is left", || {
            let others = "select distinct application_name from pg_stat_activity
                          where datname = current_database() and application_name like 'pevensie-pg %'";
            database.rows(others) == 1
        });
        commit(&mut reader);
        let output = next.wait().ok();
        assert_eq!(applied(&output), PENDING[1..], "{}", output.snapshot());
        assert_eq!(contents(&database), contents(&upgraded(server)));
    });
}

#[test]
fn interrupted_while_a_build_waits_for_the_table() {
    each_server(|server| {
        let database = first_generation(server);
        let writer = application(&database, "session", "row exclusive");
        let builder = builder(&database);
        let asked = Instant::now();
        builder.signal("INT");
        let output = builder.wait();
        assert_eq!(output.code, 130, "{}", output.snapshot());
        // Ten seconds is for how long it tries to drop the index.
        assert!(asked.elapsed() < Duration::from_secs(10) + AT_ONCE, "{:?}", asked.elapsed());
        assert!(
            output.stderr.contains("index pevensie.session_user_id_idx may be left unfinished"),
            "{}",
            output.stderr
        );
        at_once("only the writer is left", || database.sessions() == 1);
        drop(writer);
        database.run(UP).run().ok();
        database.run(&["status", "--check"]).run().sound();
    });
}
