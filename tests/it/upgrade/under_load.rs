//! Nobody notices much of it.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::writers::{Done, while_writing};
use super::{assert_upgraded, end, open, upstream, whole_history};
use crate::support::{Database, Stop, UP, each_server, eventually, servers};

/// What bounds how long an upgrade keeps others waiting.
pub(super) const SHORT: &[&str] = &["--lock-timeout=1s"];

/// Refuses everybody who waits for longer for a lock than [`SHORT`] lets them, and a second for a machine that has other things
/// to do. It is the server's time, of waiting alone, and our own sessions set it for themselves.
pub(super) fn refuse_long_waits(database: &Database<'_>) {
    database.execute(&format!("alter database {} set lock_timeout to '2s'", database.name()));
}

/// How many statements of others wait for a lock on a table that a run of ours has, or wants.
pub(super) fn kept_waiting(database: &Database<'_>, table: &str) -> usize {
    database.rows(&format!(
        "select from pg_locks l join pg_stat_activity a on a.pid = any (pg_blocking_pids(l.pid))
         where l.relation = 'pevensie.{table}'::regclass and not l.granted
           and a.datname = current_database() and a.application_name like 'pevensie-pg %'"
    ))
}

/// Collects the locks of ours on the tables of module auth until something is done.
fn locks<T>(database: &Database<'_>, work: impl FnOnce() -> T) -> (T, BTreeSet<String>) {
    let query = "select distinct l.mode from pg_locks l join pg_stat_activity a on a.pid = l.pid
                 where l.relation in ('pevensie.session'::regclass, 'pevensie.\"user\"'::regclass)
                   and a.datname = current_database() and a.application_name like 'pevensie-pg %'";
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut client = database.client();
            let mut seen = BTreeSet::new();
            while !is_done.load(Ordering::Relaxed) {
                let rows = client.query(query, &[]).expect("it answers");
                seen.extend(rows.iter().map(|row| row.get::<_, String>(0)));
                thread::sleep(Duration::from_millis(2)); // to leave the processor to those it is about
            }
            seen
        });
        let stop = Stop(&is_done);
        let result = work();
        drop(stop);
        let seen = watcher.join().expect("it only looks");
        (result, seen)
    })
}

/// Says what the applications noticed, where a person sees it who runs the tests.
fn tell(version: u32, sessions: u32, upgrade: (Instant, Duration), done: &[Done]) {
    let (began, took) = upgrade;
    let meanwhile = |done: &&Done| done.is_quick() && done.began < began + took && done.began + done.took > began;
    let mut during: Vec<&Done> = done.iter().filter(meanwhile).collect();
    during.sort_by_key(|done| done.took);
    let longest = during.last().expect("they went on all the time");
    let text = format!(
        "PostgreSQL {version}, {sessions} sessions: upgraded in {took:.1?}; {} statements meanwhile, half of them in \
         less than {:.1?}, the longest took {:.0?}: {}; before, meanwhile and after it {}, the longest took {:.0?}\n",
        during.len(),
        during[during.len() / 2].took,
        longest.took,
        longest.what.split_whitespace().take(3).collect::<Vec<_>>().join(" "),
        done.len(),
        done.iter().filter(|done| done.is_quick()).map(|done| done.took).max().unwrap_or_default(),
    );
    // Not by eprintln!, which the test harness keeps to itself.
    std::io::stderr().write_all(text.as_bytes()).expect("stderr can be written to");
}

#[test]
fn nobody_waits_long() {
    let newest = servers().iter().map(|server| server.version).max();
    each_server(|server| {
        let sessions = if Some(server.version) == newest { 1_000_000 } else { 50_000 };
        let database = upstream(server, sessions);
        refuse_long_waits(&database);
        let ((upgrade, locks), done) = while_writing(&database, 6, || {
            locks(&database, || {
                let began = Instant::now();
                database.run(&[UP, SHORT].concat()).run().ok();
                (began, began.elapsed())
            })
        });
        tell(server.version, sessions, upgrade, &done);
        assert!(locks.contains("ShareUpdateExclusiveLock"), "nobody looked: {locks:?}");
        for blocks_writes in ["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"] {
            assert!(!locks.contains(blocks_writes), "{locks:?}");
        }
        assert_upgraded(&database, &whole_history(server), "under load");
    });
}

/// The counterpart of the above, so that it is known to see it.
#[test]
fn in_one_transaction_everybody_would_wait() {
    each_server(|server| {
        let database = upstream(server, 1000);
        // The indexes are built by then, and what comes after them has to wait.
        let report = open(&database, "begin; lock table pevensie.cache in access share mode");
        let (output, _) = while_writing(&database, 2, || {
            let single = &["--single-transaction", "--lock-timeout=20s"][..];
            let ((), locks) = locks(&database, || {
                let running = database.run(&[UP, single].concat()).spawn();
                eventually("who writes waits for the upgrade", || kept_waiting(&database, "session") > 0);
                end(report);
                running.wait().ok();
            });
            locks
        });
        assert!(output.contains("ShareLock"), "{output:?}");
        assert_upgraded(&database, &whole_history(server), "in one transaction");
    });
}
