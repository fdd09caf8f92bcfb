//! Waiting for another migrator, and for whoever uses a table: not in their way, and not forever.

use postgres::Client;

use crate::support::{Database, UP, UP_FIRST, commit, contents, each_server};

#[test]
fn the_holder_is_named_and_waited_for() {
    each_server(|server| {
        let database = server.database();
        let mut holder = database.hold_lock();
        let pid: i32 = holder.query_one("select pg_backend_pid()", &[]).expect("it answers").get(0);
        let mut running = database.run(UP).spawn();
        running.wait_for_stderr("waiting for another migrator to finish\n");
        running.wait_for_stderr(&format!("held by: the other one, role postgres\n  process: {pid}"));
        assert_eq!(contents(&database), "");
        commit(&mut holder);
        let output = running.wait().ok();
        assert!(output.stdout.contains("applied  cache"), "{}", output.snapshot());
        assert_eq!(output.stderr.matches("waiting for another migrator").count(), 1, "{}", output.stderr);
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn who_has_nothing_to_do_waits_for_nobody() {
    each_server(|server| {
        let database = server.database();
        database.run(UP).run().ok();
        let _holder = database.hold_lock();
        let output = database.run(&[UP, &["--lock-wait=0s"]].concat()).run().ok();
        assert!(output.stderr.contains("nothing to do"), "{}", output.stderr);
        database.run(&["status", "--check"]).run().ok();
    });
}

/// As a rollback does that removes the ledger, for as long as its transaction lasts.
const KEEP_LEDGER: &str = "lock table pevensie.module_version in access exclusive mode";

#[test]
fn a_migrator_that_keeps_the_ledger_is_waited_for() {
    each_server(|server| {
        let database = server.database();
        database.run(UP_FIRST).run().ok();
        let mut holder = database.hold_lock();
        holder.batch_execute(KEEP_LEDGER).expect("nobody else reads it");
        let mut running = database.run(&[UP, &["--lock-timeout=400ms"]].concat()).spawn();
        running.wait_for_stderr("held by: the other one");
        commit(&mut holder);
        running.wait().ok();
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn whoever_keeps_the_ledger_is_not_waited_for_longer_than_asked() {
    each_server(|server| {
        let database = server.database();
        database.run(UP_FIRST).run().ok();
        let before = contents(&database);
        let mut holder = database.client();
        holder.batch_execute(&format!("begin; {KEEP_LEDGER}")).expect("nobody else reads it");
        let output = database.run(&[UP, &["--lock-timeout=100ms", "--lock-wait=2s"]].concat()).run();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        for words in [WAITS, "(55P03)", "wait longer with --lock-wait", "nothing was changed"] {
            assert!(output.stderr.contains(words), "no {words:?} in {}", output.stderr);
        }
        commit(&mut holder);
        assert_eq!(contents(&database), before);
    });
}

/// Somebody who uses the cache, in a transaction that stays open.
fn user_of_cache(database: &Database<'_>, mode: &str) -> Client {
    database.application("a user of the cache", &format!("begin; lock table pevensie.cache in {mode} mode"))
}

const ROLLBACK: &[&str] = &["rollback", "cache@0", "--apply", "--yes", "--lock-timeout=100ms"];
const WAITS: &str = "rolled back, waiting for another session's lock on a table";

#[test]
fn a_reader_is_waited_for_and_others_still_read() {
    each_server(|server| {
        let database = server.database();
        database.run(UP).run().ok();
        let mut reader = user_of_cache(&database, "access share");
        let mut running = database.run(&[ROLLBACK, &["--lock-wait=50s"]].concat()).spawn();
        running.wait_for_stderr(WAITS);
        // Whoever comes now may queue behind our attempt, but not for longer than that lasts.
        for _ in 0..20 {
            database.execute("set lock_timeout to '10s'; select count(*) from pevensie.cache");
        }
        commit(&mut reader);
        assert!(running.wait().ok().stdout.contains("rolled back  cache"));
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn a_writer_of_the_whole_table_is_waited_for() {
    each_server(|server| {
        let database = server.database();
        database.run(UP).run().ok();
        let mut writer = user_of_cache(&database, "access exclusive");
        let mut running = database.run(&[ROLLBACK, &["--lock-wait=50s"]].concat()).spawn();
        running.wait_for_stderr(WAITS);
        commit(&mut writer);
        assert!(running.wait().ok().stdout.contains("rolled back  cache"));
    });
}

#[test]
fn a_table_is_not_waited_for_longer_than_asked() {
    each_server(|server| {
        let database = server.database();
        database.run(UP).run().ok();
        let before = contents(&database);
        let _reader = user_of_cache(&database, "access share");
        let output = database.run(&[ROLLBACK, &["--lock-wait=500ms"]].concat()).run();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        for words in
            ["canceling statement due to lock timeout (55P03)", "drop table pevensie.cache", "nothing was changed"]
        {
            assert!(output.stderr.contains(words), "no {words:?} in {}", output.stderr);
        }
        assert_eq!(contents(&database), before);
    });
}

#[test]
fn who_only_looks_is_not_held_up_by_a_migrator() {
    each_server(|server| {
        let database = server.database();
        database.slow_down(600.0);
        let running = database.run(UP).spawn();
        database.held_up();
        assert_eq!(database.run(&["status", "--check"]).run().code, 3);
        assert!(database.run(&["migrate", "cache"]).run().ok().stdout.contains("create unlogged table pevensie.cache"));
        running.kill();
    });
}
