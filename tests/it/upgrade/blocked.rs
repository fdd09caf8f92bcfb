//! Somebody keeps the table in use that has to be locked: nobody else waits for that.

use std::time::{Duration, Instant};

use super::under_load::{SHORT, kept_waiting, refuse_long_waits};
use super::writers::while_writing;
use super::{SNAPSHOTS, assert_upgraded, building, end, open, reading, upstream, whole_history};
use crate::support::{Database, UP, each_server};

/// How long the table is kept in use, once that is noticed.
const HELD: Duration = Duration::from_secs(3);

/// The server's process of the report; not asked of itself, which might leave it with a snapshot.
fn process(database: &Database<'_>) -> String {
    database.query_text(
        "select pid from pg_stat_activity where application_name = 'the report' and datname = current_database()",
    )
}

#[test]
fn who_uses_the_cache_is_named_and_others_still_use_it() {
    each_server(|server| {
        let history = whole_history(server);
        for mode in ["access share", "row exclusive"] {
            let database = upstream(server, 5000);
            refuse_long_waits(&database);
            let report = open(&database, &format!("begin; lock table pevensie.cache in {mode} mode"));
            let pid = process(&database);
            let (output, done) = while_writing(&database, 3, || {
                let mut running = database.run(&[UP, SHORT].concat()).spawn();
                running.wait_for_stderr("rolled back, waiting for another session's lock on a table");
                running.wait_for_stderr(&format!(
                    "waiting for a lock\n  blocked by: the report, role postgres\n  process: {pid}"
                ));
                let until = Instant::now() + HELD;
                while Instant::now() < until {
                    assert_eq!(kept_waiting(&database, "session"), 0);
                }
                end(report);
                running.wait().ok()
            });
            // Otherwise it would not have been in anybody's way.
            let on_cache = done.iter().filter(|done| done.what.contains("pevensie.cache"));
            let waited = on_cache.map(|done| done.took).max().expect("they use it");
            assert!(waited >= Duration::from_millis(100), "{mode}: nobody waited for longer than {waited:?}");
            assert!(output.stdout.contains("key_per_resource_type"), "{}", output.snapshot());
            assert_upgraded(&database, &history, mode);
        }
    });
}

/// An index that is built online waits for every older snapshot, whatever that was taken for.
#[test]
fn a_long_report_holds_up_the_build_and_nobody_else() {
    each_server(|server| {
        let database = upstream(server, 5000);
        refuse_long_waits(&database);
        let report = reading(&database);
        let pid = process(&database);
        while_writing(&database, 3, || {
            let mut running = database.run(&[UP, SHORT].concat()).spawn();
            building(&database, SNAPSHOTS);
            running.wait_for_stderr(&format!("blocked by: the report, role postgres\n  process: {pid}"));
            end(report);
            running.wait().ok()
        });
        assert_upgraded(&database, &whole_history(server), "beside a report");
    });
}
