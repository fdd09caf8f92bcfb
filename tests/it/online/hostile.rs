//! Roles with defaults that would cut a build off, and roles that may do little.

use std::thread;
use std::time::Duration;

use super::{PENDING, UP, application, applied, build_waits, commit};
use crate::support::{Bouncer, Database, Output, Running, Server, UP_FIRST, assert_snapshot, each_server, run_on};

/// Longer than any of the hostile time-outs.
const LONG: Duration = Duration::from_millis(2500);

/// A role that owns the first generation of everything, and no superuser.
fn owner(database: &Database<'_>) -> String {
    let role = database.role("owner", "");
    database.execute(&format!("create schema pevensie authorization {role}"));
    run_on(&database.url_as(&role), UP_FIRST).run().ok();
    role
}

fn set(database: &Database<'_>, role: &str, settings: &[&str]) {
    for setting in settings {
        database.execute(&format!("alter role {role} set {setting}"));
    }
}

/// Time-outs of one second, as far as the server knows them.
fn timeouts(server: &Server) -> Vec<&'static str> {
    let mut settings = vec![
        "statement_timeout = '1s'",
        "lock_timeout = '1s'",
        "idle_in_transaction_session_timeout = '1s'",
        "idle_session_timeout = '1s'",
    ];
    if server.version >= 17 {
        settings.push("transaction_timeout = '1s'");
    }
    settings
}

/// Upgrades while the first build has to wait for long.
fn upgraded_slowly(database: &Database<'_>, url: &str) -> Output {
    let mut writer = application(database, "session", "row exclusive");
    let running = run_on(url, UP).spawn();
    build_waits(database);
    // That nothing happens in this time is what is to be seen.
    thread::sleep(LONG);
    commit(&mut writer);
    running.wait()
}

#[test]
fn time_outs_of_the_role_do_not_count() {
    each_server(|server| {
        let database = server.database();
        let role = owner(&database);
        set(&database, &role, &timeouts(server));
        let output = upgraded_slowly(&database, &database.url_as(&role)).ok();
        assert_eq!(applied(&output), PENDING);
        assert_eq!(output.stdout.matches("online").count(), 3, "{}", output.snapshot());
        database.run(&["status", "--check"]).run().sound();
    });
}

#[test]
fn time_outs_of_the_role_do_not_count_while_waiting_for_the_lock() {
    each_server(|server| {
        let database = server.database();
        let role = owner(&database);
        set(&database, &role, &timeouts(server));
        set(&database, &role, &["idle_session_timeout = '300ms'"]);
        let mut holder = database.hold_lock();
        let mut running: Vec<Running> = (0..3).map(|_| run_on(&database.url_as(&role), UP).spawn()).collect();
        for running in &mut running {
            running.wait_for_stderr("waiting for another migrator");
        }
        // Until the pauses between two looks are longer than that.
        thread::sleep(LONG);
        commit(&mut holder);
        let outputs: Vec<Output> = running.into_iter().map(|running| running.wait().ok()).collect();
        assert_eq!(outputs.iter().flat_map(applied).count(), PENDING.len());
    });
}

#[test]
fn how_the_role_begins_its_transactions_does_not_count() {
    each_server(|server| {
        for setting in [
            "default_transaction_isolation = 'serializable'",
            "default_transaction_isolation = 'repeatable read'",
            "default_transaction_read_only = on",
        ] {
            let database = server.database();
            let role = owner(&database);
            set(&database, &role, &[setting]);
            let mut writer = application(&database, "session", "row exclusive");
            let running = run_on(&database.url_as(&role), UP).spawn();
            build_waits(&database);
            commit(&mut writer);
            let output = running.wait().ok();
            assert_eq!(applied(&output), PENDING, "{setting}");
            database.run(&["status", "--check"]).run().sound();
        }
    });
}

#[test]
fn behind_a_pooler_the_database_can_cut_a_build_off() {
    each_server(|server| {
        let database = super::first_generation(server);
        let bouncer = Bouncer::start(server, 5);
        database.execute(&format!("alter database {} set statement_timeout = '1s'", database.name()));
        // A pooler takes no settings for one client alone: all that is left is to clean up.
        let mut reader = database.client();
        reader.batch_execute("begin isolation level repeatable read; select").expect("it answers");
        let output = run_on(&bouncer.url(&database), UP).run();
        assert_eq!((output.code, applied(&output)), (1, PENDING[..1].to_vec()), "{}", output.snapshot());
        assert!(output.stderr.contains("canceling statement due to statement timeout (57014)"), "{}", output.stderr);
        assert_eq!(database.unfinished_indexes(), "", "{}", output.snapshot());
        commit(&mut reader);
        assert_eq!(applied(&run_on(&bouncer.url(&database), UP).run().ok()), PENDING[1..]);
    });
}

#[test]
fn an_owner_who_may_do_nothing_else_sees_who_is_in_the_way() {
    each_server(|server| {
        let database = server.database();
        let role = owner(&database);
        let mut writer = application(&database, "session", "row exclusive");
        let mut running = run_on(&database.url_as(&role), UP).spawn();
        build_waits(&database);
        running.wait_for_stderr("  blocked by: the application, role postgres\n  process: ");
        commit(&mut writer);
        let output = running.wait().ok();
        assert_eq!(applied(&output), PENDING);
        assert_snapshot!("an_owner_who_may_do_nothing_else_sees_who_is_in_the_way", output);
        run_on(&database.url_as(&role), &["status", "--check"]).run().sound();
    });
}
