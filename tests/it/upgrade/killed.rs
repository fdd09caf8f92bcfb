//! Killed at any moment: the next run finishes it, whatever is left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, thread};

use postgres::Client;

use super::{SNAPSHOTS, WRITERS, assert_upgraded, end, ours, reading, upstream, whole_history, writing};
use crate::support::{Database, FIRST, Migration, Running, UP, contents, each_server, eventually, migrations, servers};
use crate::verified::wait_until_blocked;

/// What takes a database back to where upstream has left it.
fn back() -> String {
    let down = |migration: &Migration| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(&migration.module);
        let mut paths = folder.read_dir().expect("it has a folder").map(|entry| entry.expect("it can be read").path());
        let is_it = |path: &PathBuf| {
            let name = path.file_name().expect("a file has a name").to_string_lossy();
            name.starts_with(&migration.version) && name.ends_with(".down.sql")
        };
        fs::read_to_string(paths.find(is_it).expect("every migration has a way back")).expect("it is text")
    };
    let newer = migrations().iter().rev().filter(|migration| migration.version != FIRST);
    newer.map(down).collect::<String>()
        + "drop table pevensie.migration_log;
           alter table pevensie.module_version drop column checksum;
           update pevensie.module_version set version = '2024-12-22 14:05:32Z'"
}

/// What a kill has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// Upstream's database.
    Untouched,
    /// Some of it is recorded, and what is recorded is all there is.
    Between,
    /// An index is begun.
    Unfinished,
    /// An index is complete, and nobody recorded that.
    Unrecorded,
    /// It came too late.
    Upgraded,
}

fn found(database: &Database<'_>, history: &str) -> Found {
    let log = "select relname from pg_class where oid = to_regclass('pevensie.migration_log')";
    if database.rows(log) == 0 {
        return Found::Untouched;
    }
    if !database.unfinished_indexes().is_empty() {
        return Found::Unfinished;
    }
    let recorded = database.query_text("select to_char(version, 'YYYYMMDDHH24MISS') from pevensie.migration_log");
    let made = |(index, version): &(&str, &str)| {
        let is_there = database.rows(&format!("select where to_regclass('pevensie.{index}') is not null")) > 0;
        is_there && !recorded.contains(version)
    };
    match recorded.lines().count() {
        all if all == history.lines().count() => Found::Upgraded,
        _ if INDEXES.iter().any(made) => Found::Unrecorded,
        _ => Found::Between,
    }
}

const INDEXES: [(&str, &str); 3] = [
    ("session_user_id_idx", "20261121041100"),
    ("session_expires_at_idx", "20261121041200"),
    ("cache_expires_at_idx", "20261121041400"),
];

/// Where an upgrade can be held up, in the order in which it comes there.
const STOPS: [(&str, &str); 6] = [
    ("session_user_id_idx", WRITERS),
    ("session_user_id_idx", VALIDATION),
    ("session_expires_at_idx", WRITERS),
    ("session_expires_at_idx", VALIDATION),
    ("cache", QUEUE),
    ("cache_expires_at_idx", SNAPSHOTS),
];
/// Who keeps it there uses all tables that indexes are built on.
const BOTH: [&str; 2] = ["session", "cache"];
const VALIDATION: &str = "waiting for writers before validation";
const QUEUE: &str = "queueing for the table";

fn wait_for(database: &Database<'_>, (object, phase): (&str, &str)) {
    let is_there = if phase == QUEUE {
        format!(
            "select from pg_locks where relation = 'pevensie.{object}'::regclass
             and mode = 'AccessExclusiveLock' and not granted"
        )
    } else {
        // The name may not be there yet.
        format!(
            "select from pg_stat_progress_create_index where datname = current_database()
             and phase = '{phase}' and index_relid = to_regclass('pevensie.{object}')"
        )
    };
    eventually(&format!("{object}: {phase}"), || database.rows(&is_there) > 0);
}

/// Starts an upgrade, leads it to one of [`STOPS`] and returns it together with who keeps it there.
///
/// At each of them it waits for those who write at that moment. So the next one begins to before the last one ends.
fn held_up(database: &Database<'_>, stop: usize) -> (Running, Client) {
    let mut keeper = writing(database, &BOTH);
    let running = database.run(UP).spawn();
    for (nth, place) in STOPS.into_iter().enumerate().take(stop + 1) {
        if nth > 0 {
            // Who writes to the cache would keep it from the last one.
            let next = if place.1 == SNAPSHOTS { reading(database) } else { writing(database, &BOTH) };
            end(std::mem::replace(&mut keeper, next));
        }
        wait_for(database, place);
    }
    (running, keeper)
}

#[test]
fn the_next_run_finishes_it() {
    let newest = servers().iter().map(|server| server.version).max();
    each_server(|server| {
        let kills = if Some(server.version) == newest { 30 } else { 10 };
        let seed = u64::from(server.version);
        let mut chance = fastrand::Rng::with_seed(seed);
        let history = whole_history(server);
        let database = upstream(server, 30_000);
        let before = contents(&database);
        let began = Instant::now();
        database.run(UP).run().ok();
        let duration = began.elapsed();
        assert_upgraded(&database, &history, "without a kill");

        let mut phases: BTreeMap<Found, u32> = BTreeMap::new();
        for kill in 0..kills {
            database.execute(&back());
            assert_eq!(contents(&database), before);
            let (found, keeper) = if kill % 3 == 0 {
                // Spread evenly, with some chance. A moment is what is to be hit here, and no condition.
                let moment = duration.mul_f64((f64::from(kill) + 3.0 * chance.f64()) / f64::from(kills));
                let running = database.run(UP).spawn();
                thread::sleep(moment);
                running.kill();
                (found(&database, &history), None)
            } else {
                let stop = (kill - kill / 3 - 1) as usize % STOPS.len();
                let (running, keeper) = held_up(&database, stop);
                running.kill();
                let found = found(&database, &history);
                let expected = if STOPS[stop].1 == QUEUE { Found::Between } else { Found::Unfinished };
                assert_eq!(found, expected, "killed at {:?}", STOPS[stop]);
                (found, Some(keeper))
            };
            *phases.entry(found).or_default() += 1;
            let when = format!("kill {kill} of seed {seed}, which left it {found:?}");
            // Every other time the next run meets what the server has not given up yet, and may still finish; or it is
            // killed as well, while it does away with what the first one has left.
            if kill % 2 == 0 {
                eventually("no session of ours is left", || ours(&database).is_empty());
                if keeper.is_some() {
                    let running = database.run(UP).spawn();
                    wait_until_blocked(&database);
                    running.kill();
                }
            }
            keeper.into_iter().for_each(end);
            let output = database.run(UP).run();
            assert_eq!(output.code, 0, "{when}\n{}", output.snapshot());
            assert_upgraded(&database, &history, &when);
        }
        let hit = |found| phases.get(&found).copied().unwrap_or_default();
        assert!(hit(Found::Unfinished) >= kills / 3 && hit(Found::Between) >= kills / 10, "{phases:?}");
        // The first ones of many come before it has done anything.
        assert!(newest != Some(server.version) || hit(Found::Untouched) > 0, "{phases:?}");
    });
}
