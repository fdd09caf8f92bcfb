//! What goes wrong is said, and the scratch database goes all the same.

use std::thread;
use std::time::Duration;

use super::{Rehearser, after};
use crate::support::{Output, Private, assert_snapshot, first_generation, run_on, servers, shell, within};

/// Rehearses while somebody does this to the scratch database.
fn meddled_with(rehearser: &Rehearser<'_, '_>, sql: &str) -> Output {
    let running = run_on(&rehearser.slow_url(), &["rehearse"]).spawn();
    rehearser.meddle(sql);
    rehearser.leave();
    let output = running.wait();
    assert_eq!(rehearser.scratch(), "");
    output
}

#[test]
fn a_statement_that_fails_is_shown() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let sql = after("CREATE TABLE", "pevensie.module_version", "raise exception 'not today'");
    assert_snapshot!("a_statement_that_fails", meddled_with(&rehearser, &sql));
}

#[test]
fn the_line_of_a_statement_that_fails_is_shown() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let rename = "alter table pevensie.migration_log rename column checksum to digest";
    let output = meddled_with(&rehearser, &after("CREATE TABLE", "pevensie.cache", rename));
    assert_snapshot!("the_line_of_a_statement_that_fails", output);
}

#[test]
fn a_schema_that_is_not_as_promised_is_shown() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let sql = after(
        "CREATE TABLE",
        "pevensie.module_version",
        "alter table pevensie.module_version alter version drop not null",
    );
    assert_snapshot!("a_schema_that_is_not_as_promised", meddled_with(&rehearser, &sql));
}

#[test]
fn what_nobody_expects_is_shown() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let sql = after("CREATE TABLE", "pevensie.module_version", "create table pevensie.surplus ()");
    assert_snapshot!("what_nobody_expects", meddled_with(&rehearser, &sql));
}

#[test]
fn a_record_that_is_not_ours_is_shown() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let forge = "update pevensie.module_version set checksum = repeat('0', 64) where module = 'base'";
    let output = meddled_with(&rehearser, &after("CREATE TABLE", "pevensie.cache", forge));
    assert_snapshot!("a_record_that_is_not_ours", output);
}

#[test]
fn a_record_of_another_version_is_shown() {
    let (database, older) = (servers()[0].database(), first_generation(&servers()[0]));
    let rehearser = Rehearser::new(&servers()[0], &database);
    let row = older.query_text(
        "select format('(%L::timestamptz, %L)', version, checksum) from pevensie.module_version where module = 'base'",
    );
    let forge = format!(
        "insert into pevensie.migration_log
           (module, version, action, checksum, started_at, finished_at, role, application, tool)
         select module, version, 'down', checksum, started_at, finished_at, role, application, tool
         from pevensie.migration_log where module = 'base' order by id desc limit 1;
         update pevensie.module_version set (version, checksum) = {row} where module = 'base'"
    );
    let output = meddled_with(&rehearser, &after("CREATE INDEX", "pevensie.session_user_id_idx", &forge));
    assert_snapshot!("a_record_of_another_version", output);
}

#[test]
fn interrupted_it_drops_its_database() {
    let database = servers()[0].database();
    for signal in ["INT", "TERM"] {
        let rehearser = Rehearser::new(&servers()[0], &database);
        let running = run_on(&rehearser.slow_url(), &["rehearse"]).spawn();
        let name = rehearser.meddle(&after("CREATE TABLE", "pevensie.module_version", "perform pg_sleep(60)"));
        within(Duration::from_secs(60), "the statement sleeps", || {
            let asleep = format!("select from pg_stat_activity where datname = '{name}' and wait_event = 'PgSleep'");
            database.rows(&asleep) > 0
        });
        rehearser.leave();
        running.signal(signal);
        let output = running.wait();
        assert_eq!(output.code, 130, "{}", output.snapshot());
        assert!(
            output.stderr.ends_with("error: interrupted; only the scratch database was changed\n"),
            "{}",
            output.stderr
        );
        assert_eq!(rehearser.scratch(), "");
    }
}

#[test]
fn killed_it_leaves_a_database_that_nobody_else_drops() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let running = run_on(&rehearser.slow_url(), &["rehearse"]).spawn();
    let name = rehearser.meddle("");
    rehearser.leave();
    running.kill();
    rehearser.run(&["base", "--quiet"]).ok();
    assert_eq!(rehearser.scratch(), name);
    database.execute(&format!("drop database {name} with (force)"));
}

#[test]
fn an_autovacuum_worker_does_not_keep_its_database() {
    let server = Private::like(&servers()[0]);
    for statement in ["alter system set autovacuum_naptime = '1s'", "select pg_reload_conf()"] {
        server.client().batch_execute(statement).expect("a superuser may do it");
    }
    let database = server.server().database();
    let rehearser = Rehearser::new(server.server(), &database);
    let running = run_on(&rehearser.slow_url(), &["rehearse", "base", "--quiet"]).spawn();
    // A worker takes minutes for this table, and the rehearsal waits until there is one.
    let is_there =
        "select from pg_locks where relation = 'public.busy'::regclass and mode = 'ShareUpdateExclusiveLock'";
    let wait = format!("while not exists ({is_there}) loop perform pg_sleep(0.05); end loop");
    rehearser.meddle(&format!(
        "create table public.busy () with (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
         insert into public.busy select from generate_series(1, 200000);
         {}",
        after("CREATE TABLE", "pevensie.module_version", &wait)
    ));
    rehearser.leave();
    running.wait().ok();
    assert_eq!(rehearser.scratch(), "");
}

#[test]
fn what_cannot_be_dropped_is_named_with_what_drops_it() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let running = run_on(&rehearser.slow_url(), &["rehearse"]).spawn();
    // An ordinary role may not end the session of a superuser.
    let name = rehearser.meddle(&after("CREATE TABLE", "pevensie.module_version", "raise exception 'not today'"));
    let output = running.wait();
    rehearser.leave();
    assert_eq!(rehearser.scratch(), name);
    let (_, removal) = output.stderr.split_once("to remove it, run: ").expect("it says how");
    shell(removal.lines().next().expect("it is a line")).ok();
    assert_eq!(rehearser.scratch(), "");
    assert_snapshot!("what_cannot_be_dropped", output);
}

#[test]
fn what_cannot_be_dropped_is_named_when_the_report_cannot_be_written() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let running = run_on(&rehearser.slow_url(), &["rehearse", "base", "--json"]).stdout(full).spawn();
    let name = rehearser.meddle("");
    let output = running.wait();
    rehearser.leave();
    assert_eq!(rehearser.scratch(), name);
    assert!(output.stderr.contains("No space left on device"), "{}", output.snapshot());
    let (_, removal) = output.stderr.split_once("to remove it, run: ").expect("it says how");
    shell(removal.lines().next().expect("it is a line")).ok();
    assert_eq!(rehearser.scratch(), "");
}

#[test]
fn what_takes_too_long_to_be_dropped_is_named() {
    let server = Private::like(&servers()[0]);
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port());
    let mut other = server.client();
    // It begins when the database is there, and ends when nobody waits for it any more.
    let running = run_on(&url, &["rehearse", "base"]).spawn();
    within(Duration::from_secs(60), "the scratch database is there", || {
        let found = other.query("select from pg_database where datname like 'pevensie\\_rehearsal\\_%'", &[]);
        !found.expect("it answers").is_empty()
    });
    other.batch_execute("begin; lock table pg_database in share mode").expect("a superuser may");
    // That it waits is what is to be seen: longer than a test usually waits for the end of a run.
    thread::sleep(Duration::from_secs(20));
    let output = running.wait();
    other.batch_execute("commit").expect("nothing is in the way");
    assert!(output.code == 1 && output.stderr.contains("the server took longer than 1m"), "{}", output.snapshot());
}

#[test]
fn a_server_that_refuses_to_create_it_is_heard() {
    let server = Private::like(&servers()[0]);
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port());
    let [mut holder, mut observer] = [server.client(), server.client()];
    holder.batch_execute("begin; lock table pg_database in share mode").expect("a superuser may");
    let running = run_on(&url, &["rehearse", "base"]).spawn();
    within(Duration::from_secs(60), "the creation waits", || {
        let cancelled = observer.query(
            "select pg_cancel_backend(pid) from pg_stat_activity
             where wait_event_type = 'Lock' and query like 'create database %'",
            &[],
        );
        !cancelled.expect("it answers").is_empty()
    });
    let output = running.wait();
    let why = "error: canceling statement due to user request (57014)\n";
    assert!(output.code == 1 && output.stderr.contains(why), "{}", output.snapshot());
    let databases = observer.query("select from pg_database where datname like 'pevensie%'", &[]);
    assert!(databases.expect("it answers").is_empty(), "{}", output.snapshot());
}
