//! The network fails at every message of a run.

mod commits;
mod rehearsals;
mod stalls;

use super::proxy::{At, Direction, Failing, Fault, Proxy};
use super::report::{Case, scale};
use super::scenario::{
    ADOPTION, INSTALL, ONLY_ADOPTION, Prepared, ROLLBACK, Scenario, UPGRADE, several_at_once, some_servers,
};
use crate::support::run_on;

/// How many runs at once: each of them waits for the server most of the time.
const AT_ONCE: usize = 3;

/// The numbers of a direction's messages, or every so manieth of them.
fn some(prepared: &Prepared<'_>, direction: Direction, every: usize) -> Vec<usize> {
    let count = prepared.messages.iter().filter(|seen| seen.direction == direction).count();
    (1..=count).rev().step_by(every).collect()
}

fn case(what: &str, direction: Direction, scenario: Scenario) -> Case {
    let towards = match direction {
        Direction::ToServer => "to the server",
        Direction::ToClient => "to the client",
    };
    Case::new(format!("{what}, {towards}: {}", scenario.name))
}

const DIRECTIONS: [Direction; 2] = [Direction::ToServer, Direction::ToClient];

/// What is done to the network, and, in the short form, at every so manieth message to the server and to the client.
const FAULTS: [(&str, Fault, [usize; 2]); 4] = [
    ("cut after a message", Fault::CutAfter, [5, 40]),
    ("cut before a message", Fault::CutBefore, [5, 40]),
    ("network gone", Fault::Gone, [6, 50]),
    ("half-closed", Fault::HalfClose, [7, 60]),
];

/// Has the network fail at messages of a scenario, in every way.
fn survives(scenario: Scenario) {
    some_servers(|server| {
        let prepared = Prepared::new(scenario, server);
        for (what, fault, every) in FAULTS {
            // The one run that is short enough to be cut everywhere each time.
            let is_first = scenario.name == INSTALL.name && fault == Fault::CutAfter;
            let every = if is_first { [1, 1] } else { scale(every, [1, 1]) };
            for (direction, every) in DIRECTIONS.into_iter().zip(every) {
                let case = case(what, direction, scenario);
                several_at_once(AT_ONCE, &some(&prepared, direction, every), |&nth| {
                    case.run(|| {
                        let database = prepared.database();
                        let proxy = Proxy::start(server, Some(Failing { direction, at: At::Message(nth), fault }));
                        let output = run_on(&proxy.url(&database), scenario.command).run();
                        let when = format!("{what} {nth} {direction:?}, {:?}", proxy.failed_at());
                        prepared.assert_survived(&database, Some(&output), &when);
                    });
                });
            }
        }
    });
}

#[test]
fn an_install_survives_every_cut() {
    survives(INSTALL);
}

#[test]
fn an_upgrade_survives_every_cut() {
    survives(UPGRADE);
}

#[test]
fn an_adoption_with_an_upgrade_survives_every_cut() {
    survives(ADOPTION);
}

#[test]
fn an_adoption_survives_every_cut() {
    survives(ONLY_ADOPTION);
}

#[test]
fn a_rollback_survives_every_cut() {
    survives(ROLLBACK);
}
