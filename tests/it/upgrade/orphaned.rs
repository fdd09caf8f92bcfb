//! The server goes on building an index for a run that has lost the lock: the next one waits for that.

use std::thread;
use std::time::Duration;

use postgres::Client;

use super::{WRITERS, assert_upgraded, building, end, lock_holder, ours, upstream, whole_history, writing};
use crate::support::{Database, Running, Server, UP, each_server, eventually, run_on};

/// A run that is stopped where it stands while the server builds its first index, and whose lock is gone.
fn orphaned(server: &Server) -> (Database<'_>, Client, Running, String) {
    let database = upstream(server, 1000);
    let writer = writing(&database, &["session"]);
    let running = database.run(UP).spawn();
    let builder = building(&database, WRITERS);
    // Killed, the server would notice it within a second.
    running.signal("STOP");
    let holder = lock_holder(&database);
    database.execute(&format!("select pg_terminate_backend({holder})"));
    eventually("the lock is free", || lock_holder(&database).is_empty());
    (database, writer, running, builder)
}

const WAITS: &str = "waiting for another session to build index pevensie.session_user_id_idx\n";

#[test]
fn the_next_run_waits_until_it_is_built() {
    each_server(|server| {
        let (database, writer, stopped, builder) = orphaned(server);
        let mut running = database.run(UP).spawn();
        running.wait_for_stderr(WAITS);
        assert_eq!(building(&database, WRITERS), builder);
        end(writer);
        let output = running.wait().ok();
        assert_eq!(output.stderr.matches(WAITS).count(), 1, "{}", output.snapshot());
        assert!(!output.stderr.contains("building index pevensie.session_user_id_idx"), "{}", output.snapshot());

        // Nor does the other one undo that when it comes back.
        stopped.signal("CONT");
        let output = stopped.wait();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        let why = "error: the connection to the server was lost: terminating connection due to administrator command (57P01)\n";
        assert!(output.stderr.contains(why), "{}", output.snapshot());
        assert_upgraded(&database, &whole_history(server), "after a run that came back");
    });
}

#[test]
fn the_next_run_does_not_wait_for_ever() {
    each_server(|server| {
        let (database, writer, stopped, builder) = orphaned(server);
        let output = database.run(&[UP, &["--lock-wait=5s"]].concat()).run();
        assert_eq!((output.code, output.stdout.as_str()), (6, ""), "{}", output.snapshot());
        for said in [
            WAITS,
            "error: another session was still building index pevensie.session_user_id_idx after 5s\n",
            "hint: nothing was changed\n      an earlier run may have lost its connection",
        ] {
            assert!(output.stderr.contains(said), "no {said:?} in {}", output.snapshot());
        }
        assert_eq!(building(&database, WRITERS), builder);
        assert!(lock_holder(&database).is_empty());

        stopped.kill();
        eventually("the server notices that", || ours(&database).is_empty());
        assert_eq!(database.unfinished_indexes(), "session_user_id_idx");
        end(writer);
        database.run(UP).run().ok();
        assert_upgraded(&database, &whole_history(server), "after a builder that was given up");
    });
}

#[test]
fn who_is_ended_while_it_waits_comes_back() {
    each_server(|server| {
        let (database, writer, stopped, _) = orphaned(server);
        let url = database.url() + "?options=-c%20idle_session_timeout%3D300ms";
        let mut running = run_on(&url, UP).spawn();
        running.wait_for_stderr(WAITS);
        // In a pause between two looks, which are short enough otherwise, and later wherever it has come to: of its
        // sessions, none of those is left that has nothing to do at the moment.
        let interrupted = |running: &Running, after: u64| {
            thread::sleep(Duration::from_millis(after));
            running.signal("STOP");
            thread::sleep(Duration::from_millis(600));
            running.signal("CONT");
        };
        (0..5).for_each(|_| interrupted(&running, 150));
        end(writer);
        for after in (0..20).map(|nth| 10 + 5 * nth) {
            if running.has_ended() {
                break;
            }
            interrupted(&running, after);
        }
        running.wait().ok();
        stopped.kill();
        assert_upgraded(&database, &whole_history(server), "after a run whose session was ended");
    });
}
