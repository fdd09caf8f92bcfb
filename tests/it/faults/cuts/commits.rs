//! The connection breaks during a commit: the database says how it ended.

use std::thread;
use std::time::Duration;

use super::super::proxy::{At, Direction, Failing, Fault, Proxy};
use super::super::report::Case;
use super::super::scenario::{ALL, Prepared, several_at_once, some_servers};
use super::AT_ONCE;
use crate::support::{UP, eventually, run_on};

/// What a run says of a commit that it has heard nothing of.
const ASKS: &str = "the connection was lost during the commit; asking the database how it ended\n";

/// Where a commit breaks, whether it was carried out, with which code the run ends, and what it says.
const BREAKS: [(&str, Direction, Fault, bool, i32, &str); 6] = [
    ("commit lost", Direction::ToServer, Fault::CutBefore, false, 1, "error: the connection to the server was lost: "),
    ("cut after the commit", Direction::ToServer, Fault::CutAfter, true, 0, SUCCEEDED),
    ("answer to the commit lost", Direction::ToClient, Fault::CutBefore, true, 0, SUCCEEDED),
    (
        "commit lost by a pooler",
        Direction::ToServer,
        Fault::Crashed,
        false,
        1,
        "error: the connection to the server was lost: server conn crashed? (08P01)\n",
    ),
    ("answer to the commit lost by a pooler", Direction::ToClient, Fault::Crashed, true, 0, SUCCEEDED),
    (
        "answer to the commit lost, nobody to ask",
        Direction::ToServer,
        Fault::Gone,
        true,
        1,
        "error: the connection was lost during the commit, and the database cannot be asked how it ended: cannot connect",
    ),
];

const SUCCEEDED: &str = "the connection was lost during the commit, but the database says that it is done: ";

#[test]
fn the_ledger_is_asked_how_it_ended() {
    some_servers(|server| {
        for scenario in ALL {
            let prepared = Prepared::new(scenario, server);
            for (what, direction, fault, is_committed, code, said) in BREAKS {
                let case = Case::new(format!("{what}: {}", scenario.name));
                let commits: Vec<_> = (1..=prepared.commits()).collect();
                several_at_once(AT_ONCE, &commits, |&nth| {
                    case.run(|| {
                        let database = prepared.database();
                        let proxy = Proxy::start(server, Some(Failing { direction, at: At::Commit(nth), fault }));
                        let output = run_on(&proxy.url(&database), scenario.command).run();
                        let when = format!("{what} {nth}, {:?}\n{}", proxy.failed_at(), output.snapshot());
                        assert!(output.stderr.contains(ASKS) && output.stderr.contains(said), "{when}");
                        // One that has found out that it succeeded goes on, where there is more to do.
                        assert_eq!(output.code, code, "{when}");
                        if code == 1 {
                            eventually("the server is done", || database.sessions() == 0);
                            prepared.assert_is_at(&database, nth - usize::from(!is_committed), &when);
                        }
                        prepared.assert_survived(&database, Some(&output), &when);
                    });
                });
            }
        }
    });
}

/// Nothing is recorded of a grant: what the role has by then is the answer.
#[test]
fn the_role_is_looked_at_that_something_was_granted_to() {
    some_servers(|server| {
        for (what, direction, fault, is_committed, code, said) in BREAKS {
            for (name, installed) in [("fresh install with grants", None), ("grants", Some(UP))] {
                Case::new(format!("{what}: {name}")).run(|| {
                    let database = server.database();
                    installed.map(|command| database.run(command).run().ok());
                    let app = database.role("app", "");
                    let proxy = Proxy::start(server, Some(Failing { direction, at: At::Commit(1), fault }));
                    let output = run_on(&proxy.url(&database), &[UP, &["--grant-to", &app]].concat()).run();
                    let when = format!("{what}, {name}, {:?}\n{}", proxy.failed_at(), output.snapshot());
                    assert!(output.stderr.contains(ASKS) && output.stderr.contains(said), "{when}");
                    assert_eq!(output.code, code, "{when}");
                    eventually("the server is done", || database.sessions() == 0);
                    let status = database.run(&["status", "--check", "--app-role", &app]).run();
                    let expected = match (is_committed, installed) {
                        (true, _) => 0,
                        (false, Some(_)) => 5,
                        (false, None) => 3,
                    };
                    assert_eq!(status.code, expected, "{when}\n{}", status.snapshot());
                });
            }
        }
    });
}

/// Whoever has waited for the lock has it at the moment at which the lost transaction ends.
#[test]
fn the_next_migrator_is_waited_for_before_the_ledger_is_asked() {
    let case = Case::new("answer to the commit lost, and another migrator at work by then: fresh install");
    some_servers(|server| {
        let database = server.database();
        database.slow_down(0.2);
        case.run(|| {
            let failing = Failing { direction: Direction::ToClient, at: At::Commit(1), fault: Fault::CutBefore };
            let proxy = Proxy::start(server, Some(failing));
            let mut running = run_on(&proxy.url(&database), &[UP, &["--lock-timeout=200ms"]].concat()).spawn();
            database.held_up();
            let mut next = database.hold_lock();
            running.wait_for_stderr(ASKS);
            // It changes the ledger, too, so that nobody can read it for a while.
            next.batch_execute("lock table pevensie.module_version").expect("nobody keeps it for long");
            // That nothing happens in this time is what is to be seen.
            thread::sleep(Duration::from_secs(2));
            assert!(!running.has_ended());
            next.batch_execute("commit").expect("nothing is in the way");
            let output = running.wait().ok();
            assert!(output.stderr.contains(SUCCEEDED), "{}", output.snapshot());
        });
        database.run(&["status", "--check"]).run().ok();
    });
}
