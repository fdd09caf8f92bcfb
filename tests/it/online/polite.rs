//! Whoever comes for a table behind our queueing statement is not held up for long, and seldom at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;

use super::{PENDING, UP, application, applied, commit, first_generation};
use crate::support::{Database, Stop, assert_snapshot, contents, each_server, servers};

const LOCK_TIMEOUT: Duration = Duration::from_millis(400);
const CACHE: &[&str] = &["migrate", "base@20261121041000", "cache@20261121041400", "--apply"];
/// How many clients use the table, each of them so often.
const CLIENTS: u32 = 20;
const INTERVAL: Duration = Duration::from_millis(500);

/// How often the migrator tries; from the fourth time on its attempts are as long as they get.
const ATTEMPTS: usize = 7;

/// How long so many attempts take at least: after each of them everybody else has as long as it took.
fn politely() -> Duration {
    let attempts = [8, 4, 2, 1, 1, 1, 1].map(|part| LOCK_TIMEOUT / part);
    let pauses = &attempts[..ATTEMPTS - 1];
    attempts.iter().chain(pauses).sum()
}

/// Uses the table as many applications do, each statement at its time, however the others fare, and returns how much
/// later the latest one was done. None may wait for a lock for longer than an attempt takes.
fn stream(database: &Database<'_>, is_over: &AtomicBool) -> Duration {
    let first = Instant::now() + Duration::from_millis(200);
    let client = |nth: u32| {
        let mut client: Client = database.client();
        // The server's time, of waiting for locks alone: a slow machine makes it no longer.
        let longest = (LOCK_TIMEOUT + Duration::from_secs(1)).as_millis();
        client.batch_execute(&format!("set lock_timeout to {longest}")).expect("it is a time");
        let mut late = Duration::ZERO;
        let mut due = first + INTERVAL * nth / CLIENTS;
        let sql = if nth.is_multiple_of(2) {
            "select count(*) from pevensie.cache".to_owned()
        } else {
            format!(
                "insert into pevensie.cache (resource_type, key, value) values ('test', '{nth}', '')
                 on conflict (resource_type, key) do update set value = excluded.value"
            )
        };
        while !is_over.load(Ordering::Relaxed) {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            client.batch_execute(&sql).expect("it is only late");
            late = late.max(due.elapsed());
            due += INTERVAL;
        }
        late
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|nth| scope.spawn(move || client(nth))).collect();
        clients.into_iter().map(|client| client.join().expect("it was held up too long")).max().unwrap_or_default()
    })
}

#[test]
fn readers_and_writers_hardly_notice() {
    each_server(|server| {
        let database = first_generation(server);
        let mut reader = application(&database, "cache", "access share");
        let is_over = AtomicBool::new(false);
        let (late, took, output) = thread::scope(|scope| {
            let stream = scope.spawn(|| stream(&database, &is_over));
            let stop = Stop(&is_over);
            let started = Instant::now();
            let mut running = database.run(&[CACHE, &["--lock-timeout=400ms", "--lock-wait=60s"]].concat()).spawn();
            running.wait_for_stderr_times("rolled back, waiting for another session's lock on a table", ATTEMPTS);
            let took = started.elapsed();
            drop(stop);
            let late = stream.join().expect("it does not panic");
            commit(&mut reader);
            (late, took, running.wait().ok())
        });
        // Had nobody been held up, nothing would have been seen.
        assert!(late > LOCK_TIMEOUT / 4, "{late:?}");
        assert!(took >= politely(), "{ATTEMPTS} attempts took {took:?}");
        assert_eq!(applied(&output), [PENDING[0], PENDING[3], PENDING[4]]);
        database.run(&["status", "--check", "cache"]).run().sound();
    });
}

#[test]
fn who_is_in_the_way_is_named_and_waited_for() {
    each_server(|server| {
        let database = first_generation(server);
        let mut reader = application(&database, "cache", "access share");
        let mut running = database.run(&[CACHE, &["--lock-wait=60s", "--lock-timeout=2s"]].concat()).spawn();
        running.wait_for_stderr("  blocked by: the application, role postgres\n  process: ");
        commit(&mut reader);
        let output = running.wait().ok();
        assert_eq!(applied(&output), [PENDING[0], PENDING[3], PENDING[4]]);
        assert!(output.stderr.contains(", idle in transaction\n  since: 20"), "{}", output.stderr);
    });
}

#[test]
fn who_stays_in_the_way_is_named_once() {
    let database = first_generation(&servers()[0]);
    let mut reader = application(&database, "cache", "access share");
    let mut running = database.run(&[CACHE, &["--lock-wait=60s", "--lock-timeout=2s"]].concat()).spawn();
    // The later attempts are long enough for a look.
    running.wait_for_stderr_times("rolled back, waiting for another session's lock on a table", ATTEMPTS);
    commit(&mut reader);
    let output = running.wait().ok();
    assert_eq!(output.stderr.matches("blocked by: ").count(), 1, "{}", output.stderr);
}

#[test]
fn it_is_not_waited_for_longer_than_asked() {
    each_server(|server| {
        let database = first_generation(server);
        let before = contents(&database);
        let _reader = application(&database, "cache", "access share");
        let output = database.run(&[CACHE, &["--lock-wait=5s", "--lock-timeout=4s"]].concat()).run();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        assert_snapshot!("it_is_not_waited_for_longer_than_asked", output);
        assert_eq!(contents(&database), before);
    });
}

#[test]
fn who_is_in_the_way_is_named_however_short_the_attempts() {
    each_server(|server| {
        let database = first_generation(server);
        let _reader = application(&database, "cache", "access share");
        let output = database.run(&[CACHE, &["--lock-wait=10s", "--lock-timeout=500ms"]].concat()).run();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        let (_, error) = output.stderr.split_once("error: ").expect("there is one");
        assert!(error.contains("(55P03)\n  blocked by: the application, role postgres"), "{}", output.stderr);
    });
}

#[test]
fn what_was_applied_before_stays_and_is_said() {
    each_server(|server| {
        let database = first_generation(server);
        let mut reader = application(&database, "cache", "access share");
        let waits = ["--lock-wait=5s", "--lock-timeout=4s"];
        let output = database.run(&[UP, &waits].concat()).run();
        assert_eq!((output.code, applied(&output)), (1, PENDING[..3].to_vec()), "{}", output.snapshot());
        assert_snapshot!("what_was_applied_before_stays_and_is_said", output);
        commit(&mut reader);
        assert_eq!(applied(&database.run(UP).run().ok()), PENDING[3..]);
        database.run(&["status", "--check"]).run().sound();
    });
}

#[test]
fn several_in_the_way_are_all_named() {
    each_server(|server| {
        let database = first_generation(server);
        let _readers: Vec<Client> = (0..3).map(|_| application(&database, "cache", "access share")).collect();
        let output = database.run(&[CACHE, &["--lock-wait=5s", "--lock-timeout=4s"]].concat()).run();
        let (_, error) = output.stderr.split_once("error: ").expect("there is one");
        assert_eq!(error.matches("\n  blocked by: the application").count(), 3, "{}", output.stderr);
    });
}
