//! A run that comes back when another one has taken over.

use super::{SNAPSHOTS, assert_upgraded, building, end, lock_holder, reading, upstream, whole_history};
use crate::support::{UP, each_server, eventually};

/// One that comes back after a long time, as that of a machine that was asleep, takes nothing from the one that has
/// taken over.
#[test]
fn the_next_run_is_left_alone_when_the_first_one_comes_back() {
    each_server(|server| {
        let database = upstream(server, 1000);
        let report = reading(&database);
        let stopped = database.run(UP).spawn();
        let builder = building(&database, SNAPSHOTS);
        stopped.signal("STOP");
        for pid in [&lock_holder(&database), &builder] {
            let end = if *pid == builder { "pg_cancel_backend" } else { "pg_terminate_backend" };
            database.execute(&format!("select {end}({pid})"));
        }
        let progress = "select from pg_stat_progress_create_index where datname = current_database()";
        eventually("it has neither the lock nor an index in the making", || {
            lock_holder(&database).is_empty() && database.rows(progress) == 0
        });
        let running = database.run(UP).spawn();
        building(&database, SNAPSHOTS);
        let of_the_first = format!(
            "from pg_stat_activity where datname = current_database() and application_name like 'pevensie-pg %:{}'",
            stopped.id()
        );
        stopped.signal("CONT");
        eventually("the first one has gone, or waits for the other", || {
            let others = "and cardinality(pg_blocking_pids(pid)) > 0";
            database.rows(&format!("select {of_the_first}")) == 0
                || database.rows(&format!("select {of_the_first} {others}")) > 0
        });
        end(report);
        running.wait().ok();
        let output = stopped.wait();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        assert_upgraded(&database, &whole_history(server), &output.snapshot());
    });
}
