//! The server is stopped, or crashes.

use std::thread;

use super::super::report::{Case, scale};
use super::super::scenario::{Prepared, some_servers};
use super::{SCENARIOS, moments};
use crate::support::{Database, Private, Server};

/// What happens to the server.
#[derive(Clone, Copy)]
enum End {
    /// `pg_ctl stop` in a mode.
    Stop(&'static str),
    /// The process that works for the run is killed; the server ends all others and starts again.
    Killed,
}

#[test]
fn the_server_is_stopped() {
    some_servers(|server| {
        ended(server, "server stopped, fast", End::Stop("fast"), 1);
        ended(server, "server stopped, immediate", End::Stop("immediate"), 2);
    });
}

#[test]
fn a_process_of_the_server_is_killed() {
    some_servers(|server| ended(server, "backend killed", End::Killed, 3));
}

fn ended(server: &Server, what: &str, end: End, seed: u64) {
    let own = Private::like(server);
    let seed = u64::from(server.version) * 10 + seed;
    for scenario in SCENARIOS {
        let prepared = Prepared::new(scenario, own.server());
        let case = Case::new(format!("{what}: {}", scenario.name));
        for moment in moments(&prepared, scale(1, 25), seed) {
            case.run(|| {
                let database = prepared.database();
                let running = database.run(scenario.command).spawn();
                thread::sleep(moment);
                match end {
                    End::Stop(mode) => own.stop(mode),
                    End::Killed => own.crash(&backend(&prepared, &database)),
                }
                let output = running.wait();
                if let End::Stop(_) = end {
                    own.restart();
                }
                prepared.assert_survived(&database, Some(&output), &format!("{what} after {moment:?}, seed {seed}"));
            });
        }
    }
}

/// The process that works for the run; the checkpointer where the run has not come or has gone.
fn backend(prepared: &Prepared<'_>, database: &Database<'_>) -> String {
    let sql = format!(
        "select pid from pg_stat_activity
         where (datname = '{}' and application_name like 'pevensie-pg %') or backend_type = 'checkpointer'
         order by (backend_type = 'checkpointer'), random() limit 1",
        database.name()
    );
    let pid: i32 = prepared.server.client().query_one(&sql, &[]).expect("there is one").get(0);
    pid.to_string()
}
