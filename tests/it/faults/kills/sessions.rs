//! An administrator ends what the sessions of a run do, or the sessions.

use std::thread;
use std::time::Instant;

use super::super::report::{Case, scale};
use super::super::scenario::{Prepared, several_at_once, some_servers};
use super::{SCENARIOS, moments};
use crate::support::Database;

#[test]
fn a_session_is_ended_by_an_administrator() {
    some_servers(|server| {
        for scenario in SCENARIOS {
            let prepared = Prepared::new(scenario, server);
            for (nth, function) in (0..).zip(["pg_terminate_backend", "pg_cancel_backend"]) {
                for (what, limit) in [("one session", "1"), ("all sessions", "all")] {
                    let case = Case::new(format!("{function} of {what}: {}", scenario.name));
                    let seed = u64::from(server.version) * 10 + nth;
                    several_at_once(2, &moments(&prepared, scale(2, 40), seed), |&moment| {
                        case.run(|| {
                            let database = prepared.database();
                            let running = database.run(scenario.command).spawn();
                            thread::sleep(moment);
                            let ended = end(&prepared, &database, function, limit);
                            let output = running.wait();
                            let when = format!("{function} of {ended} of {what} after {moment:?}, seed {seed}");
                            prepared.assert_survived(&database, Some(&output), &when);
                        });
                    });
                }
            }
        }
    });
}

/// Ends what there is of a run, or what there is soon; says of how many sessions.
fn end(prepared: &Prepared<'_>, database: &Database<'_>, function: &str, limit: &str) -> usize {
    let sql = format!(
        "with ours as (
           select pid from pg_stat_activity
           where datname = '{}' and application_name like 'pevensie-pg %' order by random() limit {limit}
         )
         select {function}(pid) from ours",
        database.name()
    );
    let mut client = prepared.server.client();
    let began = Instant::now();
    while began.elapsed() < prepared.duration {
        let ended = client.query(&sql, &[]).expect("the server answers").len();
        if ended > 0 {
            return ended;
        }
    }
    0
}
