//! Behind PgBouncer in transaction mode: a build takes two of its connections, and leaves them as they were.

use std::time::{Duration, Instant};

use postgres::{Client, NoTls, SimpleQueryMessage};

use super::{PENDING, application, applied, build_waits, commit, first_generation, unfinished, upgraded};
use crate::support::{Bouncer, Database, Output, Running, UP, assert_snapshot, contents, each_server, run_on, within};

/// What a session that shares the pool finds set.
fn settings(client: &mut Client) -> Vec<String> {
    let messages = client
        .simple_query(
            "select name || '=' || setting as setting from pg_settings where name like '%timeout%'
             or name like 'tcp_%' or name like 'default_transaction%' or name like 'pevensie%'
             or name in ('search_path', 'client_min_messages', 'client_connection_check_interval')
             or source = 'session' and name <> 'application_name' order by name",
        )
        .expect("it answers");
    let rows =
        messages.iter().filter_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None });
    rows.filter_map(|row| row.get(0).map(str::to_owned)).collect()
}

/// What as many clients at once as the pool has connections find set, one line for each different answer.
fn of_the_pool(url: &str, pool_size: u32) -> Vec<Vec<String>> {
    let mut clients: Vec<Client> = (0..pool_size).map(|_| Client::connect(url, NoTls).expect("it answers")).collect();
    for client in &mut clients {
        client.batch_execute("begin").expect("a connection is free"); // and is not given to the next one
    }
    let mut found: Vec<_> = clients.iter_mut().map(settings).collect();
    found.dedup();
    found
}

/// Nobody who shares the pool notices that we were there.
#[track_caller]
fn assert_clean(database: &Database<'_>, url: &str, pool_size: u32, before: &[Vec<String>]) {
    let busy = "select from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'";
    within(Duration::from_secs(5), "no transaction is open", || database.rows(busy) == 0);
    assert_eq!(of_the_pool(url, pool_size), before);
    let locks = "select from pg_locks where locktype = 'advisory'
                 and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(database.rows(locks), 0);
    assert_eq!(unfinished(database), "");
}

#[test]
fn two_connections_are_enough() {
    each_server(|server| {
        for pool_size in [2, 5] {
            let database = first_generation(server);
            let bouncer = Bouncer::start(server, pool_size);
            let url = bouncer.url(&database);
            let before = of_the_pool(&url, pool_size);
            assert_eq!(before.len(), 1);
            let output = run_on(&url, UP).run().ok();
            assert_eq!(applied(&output), PENDING);
            assert_eq!(output.stdout.matches("online").count(), 3, "{}", output.snapshot());
            assert_eq!(contents(&database), contents(&upgraded(server)));
            assert_clean(&database, &url, pool_size, &before);
        }
    });
}

#[test]
fn five_runs_at_once() {
    each_server(|server| {
        for pool_size in [2, 5] {
            let database = first_generation(server);
            let bouncer = Bouncer::start(server, pool_size);
            let url = bouncer.url(&database);
            let before = of_the_pool(&url, pool_size);
            let mut writer = application(&database, "session", "row exclusive");
            let running: Vec<Running> = (0..5).map(|_| run_on(&url, UP).spawn()).collect();
            build_waits(&database);
            commit(&mut writer);
            let outputs: Vec<Output> = running.into_iter().map(|running| running.wait().ok()).collect();
            let mut versions: Vec<_> = outputs.iter().flat_map(applied).collect();
            versions.sort_unstable();
            assert_eq!(versions, PENDING);
            assert_eq!(contents(&database), contents(&upgraded(server)));
            drop(writer);
            assert_clean(&database, &url, pool_size, &before);
        }
    });
}

#[test]
fn with_one_connection_there_is_another_way() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 1);
        let url = bouncer.url(&database);
        let before = of_the_pool(&url, 1);
        let started = Instant::now();
        let output = run_on(&url, UP).run();
        assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
        assert_eq!(output.code, 1, "{}", output.snapshot());
        assert_snapshot!("with_one_connection_there_is_another_way", output);
        assert_clean(&database, &url, 1, &before);
        let output = run_on(&url, &[UP, &["--single-transaction"]].concat()).run().ok();
        assert_eq!(applied(&output), PENDING);
        assert_eq!(contents(&database), contents(&upgraded(server)));
        assert_clean(&database, &url, 1, &before);
    });
}

#[test]
fn five_runs_at_once_on_one_connection() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 1);
        let url = bouncer.url(&database);
        let before = of_the_pool(&url, 1);
        let single = [UP, &["--single-transaction"]].concat();
        let running: Vec<Running> = (0..5).map(|_| run_on(&url, &single).spawn()).collect();
        let outputs: Vec<Output> = running.into_iter().map(|running| running.wait().ok()).collect();
        assert_eq!(outputs.iter().flat_map(applied).collect::<Vec<_>>(), PENDING);
        assert_clean(&database, &url, 1, &before);
    });
}

#[test]
fn a_build_that_waits_too_long_is_given_up() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 3);
        let url = bouncer.url(&database);
        let before = of_the_pool(&url, 3);
        let mut writer = database.client();
        let snapshot = "begin isolation level repeatable read; select";
        writer.batch_execute(snapshot).expect("it answers");
        let started = Instant::now();
        let output = run_on(&url, &[UP, &["--lock-wait=1s", "--lock-timeout=500ms"]].concat()).run();
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
        assert_eq!(output.code, 1, "{}", output.snapshot());
        writer.batch_execute("commit").expect("it answers");
        drop(writer);
        assert_clean(&database, &url, 3, &before);
        let output = run_on(&url, UP).run().ok();
        assert_eq!(applied(&output), PENDING[1..]);
    });
}

#[test]
fn interrupted_behind_it() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 3);
        let url = bouncer.url(&database);
        let before = of_the_pool(&url, 3);
        let mut reader = database.client();
        reader.batch_execute("begin isolation level repeatable read; select").expect("it answers");
        let running = run_on(&url, UP).spawn();
        build_waits(&database);
        running.signal("INT");
        let output = running.wait();
        assert_eq!(output.code, 130, "{}", output.snapshot());
        reader.batch_execute("commit").expect("it answers");
        drop(reader);
        assert_clean(&database, &url, 3, &before);
        assert_eq!(applied(&run_on(&url, UP).run().ok()), PENDING[1..]);
    });
}
