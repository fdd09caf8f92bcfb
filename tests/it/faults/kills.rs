//! The client, its sessions, or the server end at any moment.

mod disk;
mod server;
mod sessions;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::report::{Case, scale};
use super::scenario::{INSTALL, Prepared, ROLLBACK, Scenario, UPGRADE, several_at_once, some_servers};
use crate::support::Output;

/// What the moments fall into.
const SCENARIOS: [Scenario; 3] = [INSTALL, UPGRADE, ROLLBACK];

/// How long a run that is asked to stop may take to do so.
const STOPPING: Duration = Duration::from_secs(10);

/// Moments spread evenly, each with some chance, over the time that a run takes. They are what is to be hit, and no
/// condition: there is nothing to wait for.
fn moments(prepared: &Prepared<'_>, count: u32, seed: u64) -> Vec<Duration> {
    let mut chance = fastrand::Rng::with_seed(seed);
    let moment = |nth| prepared.duration.mul_f64((f64::from(nth) + chance.f64()) / f64::from(count));
    (0..count).map(moment).collect()
}

#[test]
fn a_signal_ends_the_client() {
    some_servers(|server| {
        let heard = AtomicUsize::default();
        for scenario in SCENARIOS {
            let prepared = Prepared::new(scenario, server);
            for (signal, code) in [("INT", 130), ("TERM", 130), ("KILL", 137)] {
                let case = Case::new(format!("SIG{signal} of the client: {}", scenario.name));
                let seed = u64::from(server.version);
                several_at_once(2, &moments(&prepared, scale(2, 60), seed), |&moment| {
                    case.run(|| {
                        let database = prepared.database();
                        let running = database.run(scenario.command).spawn();
                        thread::sleep(moment);
                        running.signal(signal);
                        let (began, output) = (Instant::now(), running.wait());
                        let when = format!("SIG{signal} after {moment:?}, seed {seed}");
                        assert!(began.elapsed() < STOPPING, "{when}: it took {:?}", began.elapsed());
                        assert!([0, code].contains(&output.code) || is_too_early(&output), "{when}\n{output:?}");
                        heard.fetch_add(usize::from(output.stderr.contains("error: interrupted; ")), Ordering::Relaxed);
                        // Who is killed says nothing.
                        let said = Some(&output).filter(|_| code != 137 && !is_too_early(&output));
                        prepared.assert_survived(&database, said, &when);
                    });
                });
            }
        }
        assert!(heard.into_inner() > 0, "all signals came before anybody listened, or were not heard");
    });
}

/// Whether a signal came before there was anybody to hear of it.
fn is_too_early(output: &Output) -> bool {
    [130, 143].contains(&output.code) && output.stderr.is_empty() && output.stdout.is_empty()
}
