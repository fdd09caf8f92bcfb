//! Behind PgBouncer in transaction mode: a build takes two of its connections, and leaves them as they were.

use super::{PENDING, UP, application, applied, build_waits, commit, first_generation, upgraded};
use crate::support::{Bouncer, Output, Running, assert_snapshot, contents, each_server, run_on};

#[test]
fn two_connections_are_enough() {
    each_server(|server| {
        for pool_size in [2, 5] {
            let database = first_generation(server);
            let bouncer = Bouncer::start(server, pool_size);
            let url = bouncer.url(&database);
            let before = bouncer.settings(&database);
            assert_eq!(before.len(), 1);
            let output = run_on(&url, UP).run().ok();
            assert_eq!(applied(&output), PENDING);
            assert_eq!(output.stdout.matches("online").count(), 3, "{}", output.snapshot());
            assert_eq!(contents(&database), contents(&upgraded(server)));
            bouncer.assert_clean(&database, &before);
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
            let before = bouncer.settings(&database);
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
            bouncer.assert_clean(&database, &before);
        }
    });
}

#[test]
fn with_one_connection_there_is_another_way() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 1);
        let url = bouncer.url(&database);
        let before = bouncer.settings(&database);
        let output = run_on(&url, UP).run();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        assert_snapshot!("with_one_connection_there_is_another_way", output);
        bouncer.assert_clean(&database, &before);
        let output = run_on(&url, &[UP, &["--single-transaction"]].concat()).run().ok();
        assert_eq!(applied(&output), PENDING);
        assert_eq!(contents(&database), contents(&upgraded(server)));
        bouncer.assert_clean(&database, &before);
    });
}

#[test]
fn five_runs_at_once_on_one_connection() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 1);
        let url = bouncer.url(&database);
        let before = bouncer.settings(&database);
        let single = [UP, &["--single-transaction"]].concat();
        let running: Vec<Running> = (0..5).map(|_| run_on(&url, &single).spawn()).collect();
        let outputs: Vec<Output> = running.into_iter().map(|running| running.wait().ok()).collect();
        assert_eq!(outputs.iter().flat_map(applied).collect::<Vec<_>>(), PENDING);
        bouncer.assert_clean(&database, &before);
    });
}

#[test]
fn a_build_that_waits_too_long_is_given_up() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 3);
        let url = bouncer.url(&database);
        let before = bouncer.settings(&database);
        let mut writer = database.client();
        let snapshot = "begin isolation level repeatable read; select";
        writer.batch_execute(snapshot).expect("it answers");
        let output = run_on(&url, &[UP, &["--lock-wait=1s", "--lock-timeout=500ms"]].concat()).run();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        writer.batch_execute("commit").expect("it answers");
        drop(writer);
        bouncer.assert_clean(&database, &before);
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
        let before = bouncer.settings(&database);
        let mut reader = database.client();
        reader.batch_execute("begin isolation level repeatable read; select").expect("it answers");
        let running = run_on(&url, UP).spawn();
        build_waits(&database);
        running.signal("INT");
        let output = running.wait();
        assert_eq!(output.code, 130, "{}", output.snapshot());
        reader.batch_execute("commit").expect("it answers");
        drop(reader);
        bouncer.assert_clean(&database, &before);
        assert_eq!(applied(&run_on(&url, UP).run().ok()), PENDING[1..]);
    });
}
