//! The network acknowledges everything and delivers nothing: neither side is told.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::super::proxy::{At, Direction, Failing, Fault, Proxy};
use super::super::report::{Case, scale};
use super::super::scenario::{ALL, INSTALL, Prepared, several_at_once, some_servers};
use super::{DIRECTIONS, case, some};
use crate::library::{migrator, pool_at, runtime, wait_for};
use crate::support::{Database, Output, Running, contents, eventually, run_on, within};

/// The server ends an abandoned transaction after 30 s: it has no other sign.
const ABANDONED: Duration = Duration::from_secs(35);

/// How long a run may take that is asked to stop: it tries to cancel, to tidy up, and to say good-bye.
const STOPPING: Duration = Duration::from_secs(20);

/// How long a run may take that is asked to stop in its commit: it waits for the answer for 2 s more, instead of 10 s.
const HASTENED: Duration = Duration::from_secs(7);

/// How long a run may take that nobody asks to stop, to give up the answer to its commit and then the server.
const GIVING_UP: Duration = Duration::from_secs(20);

/// A run that has come to the message at which the network stalls, or to its end: it may have had less to say this time.
fn stalled<'s>(prepared: &Prepared<'s>, failing: Failing) -> (Database<'s>, Proxy, Running) {
    let database = prepared.database();
    let proxy = Proxy::start(prepared.server, Some(failing));
    let command = [prepared.scenario.command, &["--connect-timeout=3s"]].concat();
    let mut running = run_on(&proxy.url(&database), &command).spawn();
    let stalls = "the network stalls";
    within(Duration::from_secs(30), stalls, || proxy.failed_at().is_some() || running.has_ended());
    (database, proxy, running)
}

/// Insists that the server gives up the lock by itself, then that everything else is as after any other fault.
fn assert_survived(prepared: &Prepared<'_>, database: &Database<'_>, proxy: Proxy, output: &Output, when: &str) {
    let when = format!("{when}, {:?}", proxy.failed_at());
    prepared.assert_unlocked(database, ABANDONED, &when);
    // What holds no lock is there until the server's keepalives tell it.
    drop(proxy);
    prepared.assert_survived(database, Some(output), &when);
}

#[test]
fn a_stalled_run_can_be_interrupted() {
    some_servers(|server| {
        let scenarios = scale(&ALL[..2], &ALL[..]);
        let all: Vec<_> = scenarios.iter().map(|scenario| Prepared::new(*scenario, server)).collect();
        let mut stalls = Vec::new();
        for (prepared, direction) in all.iter().flat_map(|prepared| DIRECTIONS.map(|direction| (prepared, direction))) {
            let case = Arc::new(case("stall, then SIGINT", direction, prepared.scenario));
            let every = if direction == Direction::ToServer { scale(12, 1) } else { scale(300, 10) };
            let failing = |nth| Failing { direction, at: At::Message(nth), fault: Fault::Stall };
            stalls
                .extend(some(prepared, direction, every).into_iter().map(|nth| (prepared, case.clone(), failing(nth))));
        }
        // Nearly all of them wait nearly all the time.
        several_at_once(24, &stalls, |(prepared, case, failing)| {
            case.run(|| {
                let (database, proxy, mut running) = stalled(prepared, *failing);
                // So that the run comes to wait; there is nothing that would tell.
                thread::sleep(Duration::from_millis(300));
                // At its last word it waits for nothing.
                if !running.has_ended() {
                    running.signal("INT");
                }
                let (began, output) = (Instant::now(), running.wait());
                assert!(began.elapsed() < STOPPING, "{failing:?}: {:?}\n{}", began.elapsed(), output.snapshot());
                assert_survived(prepared, &database, proxy, &output, &format!("{failing:?}"));
            });
        });
    });
}

/// In the commit nobody can be interrupted, so that it has a bound of its own: a shorter one where somebody tries.
#[test]
fn a_stalled_commit_is_given_up() {
    some_servers(|server| {
        let prepared = Prepared::new(INSTALL, server);
        let commits = [
            (Direction::ToServer, 0, None),
            (Direction::ToClient, 1, None),
            (Direction::ToServer, 0, Some("INT")),
            (Direction::ToClient, 1, Some("TERM")),
        ];
        several_at_once(4, &commits, |(direction, committed, signal)| {
            case("stalled commit", *direction, INSTALL).run(|| {
                let failing = Failing { direction: *direction, at: At::Commit(1), fault: Fault::Stall };
                let (database, proxy, running) = stalled(&prepared, failing);
                let began = Instant::now();
                signal.inspect(|signal| running.signal(signal));
                let output = running.wait();
                let when = format!("{failing:?} {signal:?} {:?}\n{}", began.elapsed(), output.snapshot());
                let (bound, why) = match signal {
                    Some(_) => (HASTENED, "interrupted"),
                    None => (GIVING_UP, "cannot connect"),
                };
                assert!(began.elapsed() < bound, "{when}");
                assert!(output.stderr.contains(&format!("cannot be asked how it ended: {why}")), "{when}");
                prepared.assert_unlocked(&database, ABANDONED, &when);
                prepared.assert_is_at(&database, *committed, &when);
                assert_survived(&prepared, &database, proxy, &output, &when);
            });
        });
    });
}

#[test]
fn a_stalled_commit_of_a_lent_client_is_given_up() {
    let case = Case::new("stalled commit of a client that a pool has lent: fresh install");
    some_servers(|server| {
        case.run(|| {
            let database = server.database();
            let failing = Failing { direction: Direction::ToServer, at: At::Commit(1), fault: Fault::Stall };
            let proxy = Proxy::start(server, Some(failing));
            let hasty = migrator().lock_wait(Duration::from_secs(1));
            let url = proxy.url(&database);
            let stopped = wait_for(&runtime(), async { hasty.apply(&pool_at(&url, 2)).await });
            let why = "the connection was lost during the commit, and the database cannot be asked how it ended: the pool \
                       had no client to lend for 10s";
            assert_eq!(stopped.expect_err("nobody answers").to_string(), why);
            drop(proxy);
            eventually("the server is done", || database.sessions() == 0);
            assert_eq!(contents(&database), "");
        });
    });
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    some_servers(|server| {
        let prepared = Prepared::new(INSTALL, server);
        let case = Case::new("stall while connecting: fresh install");
        for (direction, nth) in [(Direction::ToServer, 1), (Direction::ToClient, 1), (Direction::ToClient, 5)] {
            case.run(|| {
                let (database, proxy, running) =
                    stalled(&prepared, Failing { direction, at: At::Message(nth), fault: Fault::Stall });
                let output = running.wait();
                assert!(output.stderr.contains("no answer within 3s\nhint: "), "{}", output.snapshot());
                assert_survived(&prepared, &database, proxy, &output, "while connecting");
            });
        }
    });
}
