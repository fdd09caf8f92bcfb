//! Asked to stop, or cut off by the server, while an index is built: nothing is left half-done, and what stays is said.

use std::time::Instant;

use postgres::Client;

use super::{
    SNAPSHOTS, WRITERS, assert_upgraded, building, end, lock_holder, reading, upstream, whole_history, writing,
};
use crate::support::{AT_ONCE, Database, Output, Running, Server, UP, each_server};

/// An upgrade that has got to its first index and does not finish it.
fn held_up(server: &Server) -> (Database<'_>, Client, Running) {
    let database = upstream(server, 1000);
    let report = reading(&database);
    let running = database.run(UP).spawn();
    building(&database, SNAPSHOTS);
    (database, report, running)
}

/// Whether the index can be dropped depends on what is left of the run; that it is left there is said.
#[track_caller]
fn assert_left_as_said(database: &Database<'_>, output: &Output) {
    let is_said = output.stderr.contains("index pevensie.session_user_id_idx may be left unfinished");
    assert_eq!(!database.unfinished_indexes().is_empty(), is_said, "{}", output.snapshot());
}

const STAY: &str = "the 4 migrations applied before it stay";

#[test]
fn by_a_signal() {
    each_server(|server| {
        let history = whole_history(server);
        for signal in ["INT", "TERM"] {
            let (database, report, running) = held_up(server);
            let began = Instant::now();
            running.signal(signal);
            let output = running.wait();
            assert!(began.elapsed() < AT_ONCE, "it took {:?}", began.elapsed());
            assert_eq!(output.code, 130, "{}", output.snapshot());
            let said = format!("error: interrupted; {STAY}\nhint: run it again to go on\n");
            assert!(output.stderr.ends_with(&said), "{}", output.snapshot());
            assert!(output.stderr.contains("dropping the unfinished index pevensie.session_user_id_idx\n"));
            assert_eq!(output.stdout.lines().count(), 4, "{}", output.snapshot());
            assert_eq!(database.rows("select from pg_class where relname = 'session_user_id_idx'"), 0);
            end(report);
            database.run(UP).run().ok();
            assert_upgraded(&database, &history, signal);
        }
    });
}

/// Nobody waits for ever to leave things tidy.
#[test]
fn by_a_signal_while_somebody_is_in_the_way_of_tidying_up() {
    each_server(|server| {
        let history = whole_history(server);
        let database = upstream(server, 1000);
        let writer = writing(&database, &["session"]);
        let running = database.run(UP).spawn();
        building(&database, WRITERS);
        running.signal("INT");
        let output = running.wait();
        assert_eq!(output.code, 130, "{}", output.snapshot());
        assert!(output.stderr.contains(&format!("error: interrupted; {STAY}\n")), "{}", output.snapshot());
        let left = "error: index pevensie.session_user_id_idx may be left unfinished: it serves no read and costs \
                    every write\nhint: the next migrate --apply drops it and builds it anew\n";
        assert!(output.stderr.ends_with(left), "{}", output.snapshot());
        assert_eq!(database.unfinished_indexes(), "session_user_id_idx");
        end(writer);
        let output = database.run(UP).run().ok();
        assert!(!output.stderr.contains("waiting"), "{}", output.snapshot());
        assert_upgraded(&database, &history, "after INT");
    });
}

#[test]
fn by_the_end_of_the_session_that_holds_the_lock() {
    each_server(|server| {
        let history = whole_history(server);
        let (database, report, running) = held_up(server);
        database.execute(&format!("select pg_terminate_backend({})", lock_holder(&database)));
        let output = running.wait();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        let said = format!("\nhint: {STAY}; run it again\n");
        assert!(output.stderr.contains("error: the connection to the server was lost"), "{}", output.snapshot());
        assert!(output.stderr.contains(&said), "{}", output.snapshot());
        assert_left_as_said(&database, &output);
        end(report);
        database.run(UP).run().ok();
        assert_upgraded(&database, &history, "after the end of the lock");
    });
}

#[test]
fn by_the_end_of_the_session_that_builds() {
    each_server(|server| {
        let history = whole_history(server);
        // Of that alone, or of all that the run has.
        for (how, whose, said) in [
            ("pg_terminate_backend", "builder", "terminating connection due to administrator command (57P01)"),
            ("pg_cancel_backend", "builder", "canceling statement due to user request (57014)"),
            ("pg_terminate_backend", "pid", "terminating connection due to administrator command (57P01)"),
        ] {
            let (database, report, running) = held_up(server);
            let builder = building(&database, SNAPSHOTS);
            database.execute(&format!(
                "select {how}(pid) from pg_stat_activity cross join (values ({builder})) as b (builder)
                 where pid = {whose} and datname = current_database() and application_name like 'pevensie-pg %'"
            ));
            let output = running.wait();
            assert_eq!(output.code, 1, "{}", output.snapshot());
            assert!(output.stderr.contains(said), "{}", output.snapshot());
            assert!(output.stderr.contains(STAY), "{}", output.snapshot());
            assert_left_as_said(&database, &output);
            end(report);
            database.run(UP).run().ok();
            assert_upgraded(&database, &history, how);
        }
    });
}
