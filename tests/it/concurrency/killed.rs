//! Killed at any moment: everything or nothing, and nobody has to clean up.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;

use crate::support::{DOWN, Database, UP, contents, each_server, eventually, lock_key};

const KILLS: u32 = 20;
/// How many different statements are to be hit at least.
const PHASES: usize = 6;
const SLOW: Duration = Duration::from_millis(15);

fn slow(database: &Database<'_>, how: &str) {
    database.execute(&format!("alter event trigger slow_down {how}"));
}

/// How many DDL statements were begun, committed or not.
fn progress(watcher: &mut Client) -> i32 {
    let row = watcher.query_one("select last_value::int - 1 + is_called::int from public.progress", &[]);
    row.expect("it answers").get(0)
}

/// Kills a command at moments spread evenly, with some chance, over the time that it takes: every other time over all of
/// it, from the start of the process, and every other over that of its script, from its first statement.
///
/// An event trigger makes every DDL statement take 15 ms, so that the script does take time. It counts them in a sequence, too, which a rollback does not set back: looked at right after a kill, it tells
/// which statement was hit, so that it can be asserted that many different ones were. The server itself goes on until it
/// wants to hear more from the client that is gone.
fn killed(database: &Database<'_>, command: &[&str], back: &[&str], seed: u64) {
    let before = contents(database);
    slow(database, "enable");
    let mut watcher = database.client();
    let (started, first) = (Instant::now(), progress(&mut watcher));
    database.run(command).run().ok();
    let (duration, statements) = (started.elapsed(), progress(&mut watcher) - first);
    slow(database, "disable");
    let after = contents(database);
    assert_ne!(before, after);
    database.run(back).run().ok();

    let mut chance = fastrand::Rng::with_seed(seed);
    let (mut phases, mut undone) = (BTreeSet::new(), 0);
    // On a machine with other things to do the moments come in heaps: then there have to be more of them.
    for kill in (0..KILLS).cycle().take(3 * KILLS as usize) {
        if kill == 0 && phases.len() >= PHASES {
            break;
        }
        slow(database, "enable");
        let first = progress(&mut watcher);
        let running = database.run(command).spawn();
        let mut span = duration;
        if kill % 2 == 1 {
            eventually("the script has begun", || progress(&mut watcher) > first);
            span = SLOW.mul_f64(f64::from(statements));
        }
        // A moment is what is to be hit here, and no condition: there is nothing to wait for.
        thread::sleep(span.mul_f64((f64::from(kill) + chance.f64()) / f64::from(KILLS)));
        running.kill();
        phases.insert(progress(&mut watcher) - first);
        eventually("only the watcher is left", || database.sessions() == 1);
        slow(database, "disable");

        let found = contents(database);
        assert!(found == before || found == after, "neither all nor nothing, kill {kill} of seed {seed}:\n{found}");
        undone += u32::from(found == before);
        let lock = format!("select pg_try_advisory_lock({})", lock_key());
        assert_eq!(database.query_text(&lock), "t");
        database.run(command).run().ok();
        assert_eq!(contents(database), after);
        database.run(back).run().ok();
    }
    assert!(phases.len() >= PHASES, "of {statements} statements only these were hit: {phases:?}");
    assert!(undone >= KILLS / 4, "only {undone} of {KILLS} kills came before the commit");
}

#[test]
fn killed_while_installing() {
    each_server(|server| {
        let database = server.database();
        database.slow_down(SLOW.as_secs_f32());
        killed(&database, UP, DOWN, u64::from(server.version));
    });
}

#[test]
fn killed_while_rolling_back() {
    each_server(|server| {
        let database = server.database();
        database.slow_down(SLOW.as_secs_f32());
        slow(&database, "disable");
        database.run(UP).run().ok();
        killed(&database, DOWN, UP, 100 + u64::from(server.version));
    });
}
