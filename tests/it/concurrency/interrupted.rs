//! Asked to stop, or cut off by the server: nothing was changed, as is said.

use crate::support::{DOWN, Output, UP, at_once, contents, each_server, run_on};

#[track_caller]
fn assert_interrupted(output: &Output) {
    assert_eq!(output.code, 130, "{}", output.snapshot());
    assert!(output.stdout.is_empty(), "{}", output.snapshot());
    assert!(output.stderr.ends_with("error: interrupted; nothing was changed\n"), "{}", output.stderr);
}

#[test]
fn while_waiting_for_the_lock() {
    each_server(|server| {
        let database = server.database();
        let _holder = database.hold_lock();
        for signal in ["INT", "TERM"] {
            let mut running = database.run(UP).spawn();
            running.wait_for_stderr("waiting for another migrator");
            running.signal(signal);
            assert_interrupted(&running.wait());
            at_once("only the holder is left", || database.sessions() == 1);
            assert_eq!(contents(&database), "");
        }
    });
}

#[test]
fn while_a_statement_runs() {
    each_server(|server| {
        let database = server.database();
        // Ten minutes: whoever is gone at once was stopped.
        database.slow_down(600.0);
        let socket =
            format!("host={} port={} user=postgres dbname={}", server.socket.display(), server.port, database.name());
        let tcp = |mode| format!("{}?sslmode={mode}", database.url());
        for (signal, address) in [("INT", tcp("disable")), ("TERM", tcp("require")), ("INT", socket)] {
            let running = run_on(&address, UP).spawn();
            let backend = database.held_up();
            running.signal(signal);
            assert_interrupted(&running.wait());
            at_once("the server's process is gone", || database.sessions() == 0);
            assert_eq!(contents(&database), "");
            // It was asked to stop, and has not found out by itself that nobody listens any more.
            let cancelled = format!("[{backend}] ERROR:  canceling statement due to user request");
            at_once("the statement is cancelled", || server.log().contains(&cancelled));
        }
    });
}

#[test]
fn while_rolling_back() {
    each_server(|server| {
        let database = server.database();
        database.run(UP).run().ok();
        let before = contents(&database);
        database.slow_down(600.0);
        let running = database.run(DOWN).spawn();
        database.held_up();
        running.signal("INT");
        assert_interrupted(&running.wait());
        at_once("the server's process is gone", || database.sessions() == 0);
        assert_eq!(contents(&database), before);
    });
}

#[test]
fn by_an_administrator() {
    each_server(|server| {
        let database = server.database();
        database.slow_down(600.0);
        for (end, words) in [
            ("pg_terminate_backend", "terminating connection due to administrator command (57P01)"),
            ("pg_cancel_backend", "canceling statement due to user request (57014)"),
        ] {
            let running = database.run(UP).spawn();
            let pid = database.held_up();
            database.execute(&format!("select {end}({pid})"));
            let output = running.wait();
            assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
            assert!(output.stderr.contains(words), "{}", output.stderr);
            assert!(output.stderr.contains("nothing was changed"), "{}", output.stderr);
            assert_eq!(contents(&database), "");
        }
    });
}
