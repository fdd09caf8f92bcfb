//! How often a command waits for the server: what takes the time where that is far away. `scripts/bench` takes the time.

use crate::faults::proxy::{Direction, Proxy, Seen};
use crate::history::long::long_log;
use crate::support::{Database, Server, UP, UP_FIRST, each_server, run_on};

/// How often to try for a run that is not so slow that it opens another connection, to look why.
const ATTEMPTS: usize = 20;

/// Counts how often something is sent until the server answers, what opens the connections included.
fn round_trips(seen: &[Seen]) -> usize {
    let directions: Vec<_> = seen.iter().map(|message| message.direction).collect();
    directions.windows(2).filter(|pair| *pair == [Direction::ToServer, Direction::ToClient]).count()
}

/// Runs a command, which ends with this exit code, on a database, each time another one, and counts.
fn counted<'s>(server: &'s Server, database: impl Fn() -> Database<'s>, arguments: &[&str], code: i32) -> usize {
    counted_over(1, server, database, arguments, code)
}

/// Does so with a command that needs so many connections.
fn counted_over<'s>(
    connections: usize,
    server: &'s Server,
    database: impl Fn() -> Database<'s>,
    arguments: &[&str],
    code: i32,
) -> usize {
    for _ in 0..ATTEMPTS {
        let database = database();
        let proxy = Proxy::start(server, None);
        let output = run_on(&proxy.url(&database), arguments).run();
        assert_eq!(output.code, code, "{}", output.snapshot());
        let seen = proxy.seen();
        if seen.iter().filter(|message| message.words == "startup").count() == connections {
            return round_trips(&seen);
        }
    }
    panic!("{arguments:?} never opens {connections} connections")
}

#[test]
fn no_command_asks_more_often_than_it_has_to() {
    each_server(|server| {
        let installed = server.database();
        installed.run(UP).run().ok();
        let drifted = installed.copy();
        drifted.execute("drop index pevensie.session_expires_at_idx");

        let long = long_log(server);

        let check = &["status", "--check"];
        assert_eq!(counted(server, || server.database(), UP, 0), 4, "fresh install");
        assert_eq!(counted(server, || installed.copy(), UP, 0), 2, "nothing to do");
        assert_eq!(counted(server, || installed.copy(), check, 0), 2, "status");
        assert_eq!(counted(server, || long.copy(), UP, 0), 2, "nothing to do, with a long log");
        assert_eq!(counted(server, || long.copy(), check, 0), 2, "status, with a long log");
        assert_eq!(counted(server, || drifted.copy(), check, 5), 2, "status with drift");
        assert_eq!(counted(server, || server.database(), &["migrate", "auth", "cache"], 0), 2, "what is pending");
    });
}

#[test]
fn a_further_online_step_costs_four() {
    each_server(|server| {
        let installed = server.database();
        installed.run(UP_FIRST).run().ok();
        let up_to = |version: &str| {
            let module = format!("auth@{version}");
            counted_over(2, server, || installed.copy(), &["migrate", &module, "--apply"], 0)
        };
        assert_eq!(up_to("20261121041200") - up_to("20261121041100"), 4);
    });
}
