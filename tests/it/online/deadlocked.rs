//! A build that the server gives up for a deadlock is tried again.

use super::{PENDING, UP, application, applied, build_waits, commit, first_generation};
use crate::support::each_server;

#[test]
fn the_victim_of_a_deadlock_tries_again() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = application(&database, "session", "row exclusive");
        // So that it is the build that finds out, after a second.
        writer.batch_execute("set deadlock_timeout to '10s'").expect("a superuser may");
        let running = database.run(UP).spawn();
        build_waits(&database);
        // Where the machine has no time for that within the second, it is the writer that is given up.
        let _ = writer.batch_execute("lock table pevensie.session in share mode");
        commit(&mut writer);
        let output = running.wait().ok();
        assert_eq!(applied(&output), PENDING, "{}", output.snapshot());
        assert_eq!(database.unfinished_indexes(), "");
        database.run(&["status", "--check"]).run().sound();
    });
}
