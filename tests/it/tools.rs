//! Together with the tools that people have already: dbmate and PgBouncer.

use std::process::Command;
use std::time::Duration;

use postgres::{Client, NoTls, SimpleQueryMessage};

use crate::support::{
    Bouncer, DOWN, Database, Folder, Output, Running, UP, contents, each_server, migrations, pevensie_pg, run_on,
    setting, within,
};

fn check(database: &Database<'_>) -> i32 {
    database.run(&["status", "--check"]).run().code
}

/// What dbmate reads: up and down in one file.
fn dbmate_file(modules: &[&str]) -> String {
    let print = |further: &[&str]| pevensie_pg(&[&["print"], modules, further].concat()).run().ok().stdout;
    format!("-- migrate:up\n{}\n-- migrate:down\n{}", print(&[]), print(&["--down"]))
}

fn dbmate(database: &Database<'_>, folder: &Folder, command: &str) {
    let output = Command::new(setting("PEVENSIE_PG_TEST_DBMATE"))
        .env_clear()
        .current_dir(folder.path())
        .arg(format!("--url={}?sslmode=disable", database.url()))
        .args(["--migrations-dir=.", "--no-dump-schema", command])
        .output()
        .expect("dbmate can be run");
    let words = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "dbmate {command}: {words}");
}

#[test]
fn dbmate_applies_and_rolls_back_what_is_printed() {
    each_server(|server| {
        let (database, ours) = (server.database(), server.database());
        ours.run(UP).run().ok();
        let folder = Folder::new();
        folder.write("20250101000000_pevensie.sql", &dbmate_file(&["auth", "cache"]));
        assert_eq!(check(&database), 3);
        for _ in 0..2 {
            dbmate(&database, &folder, "up");
            assert_eq!(check(&database), 0);
            assert_eq!(contents(&database), contents(&ours));
            assert_eq!(database.run(&["migrate", "auth", "cache"]).run().ok().stdout, "");
            dbmate(&database, &folder, "down");
            assert_eq!(check(&database), 3);
            assert_eq!(contents(&database), "");
        }
        let left = "select relname from pg_class where oid >= 16384 and relkind = 'r'";
        assert_eq!(database.query_text(left), "schema_migrations");
    });
}

#[test]
fn dbmate_and_this_tool_can_take_turns() {
    each_server(|server| {
        let database = server.database();
        let folder = Folder::new();
        folder.write("20250101000000_pevensie.sql", &dbmate_file(&["auth"]));
        dbmate(&database, &folder, "up");
        database.run(UP).run().ok();
        assert_eq!(check(&database), 0);
        database.run(&["rollback", "cache@0", "--apply", "--yes"]).run().ok();
        dbmate(&database, &folder, "down");
        assert_eq!(contents(&database), "");
    });
}

/// What a session that shares the pool finds set.
fn settings(url: &str) -> Vec<(String, String)> {
    let mut client = Client::connect(url, NoTls).expect("it answers");
    let messages = client
        .simple_query(
            "select name, setting from pg_settings where name in (
               'search_path', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
               'transaction_timeout', 'client_min_messages', 'tcp_user_timeout', 'tcp_keepalives_idle',
               'tcp_keepalives_interval', 'tcp_keepalives_count', 'client_connection_check_interval',
               'default_transaction_read_only', 'default_transaction_isolation', 'DateStyle', 'TimeZone')
             or name like 'pevensie%' or source = 'session' and name <> 'application_name' order by name",
        )
        .expect("it answers");
    let rows =
        messages.iter().filter_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None });
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    rows.map(|row| (text(row.get(0)), text(row.get(1)))).collect()
}

/// Nobody who shares the pool notices that we were there.
fn assert_clean(database: &Database<'_>, url: &str, before: &[(String, String)]) {
    let busy = "select from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'";
    within(Duration::from_secs(5), "no transaction is open", || database.rows(busy) == 0);
    for _ in 0..10 {
        assert_eq!(settings(url), before);
    }
    let locks = "select from pg_locks where locktype = 'advisory'
                 and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(database.rows(locks), 0);
}

#[test]
fn everything_works_through_pgbouncer() {
    each_server(|server| {
        for pool_size in [1, 5] {
            let (database, direct) = (server.database(), server.database());
            direct.run(UP).run().ok();
            let bouncer = Bouncer::start(server, pool_size);
            let url = bouncer.url(&database);
            let before = settings(&url);
            for _ in 0..2 {
                let applied = run_on(&url, UP).run().ok();
                assert!(applied.stdout.contains("applied  cache"), "{}", applied.snapshot());
                run_on(&url, &["status", "--check"]).run().ok();
                assert!(run_on(&url, UP).run().ok().stderr.contains("nothing to do"));
                assert_eq!(contents(&database), contents(&direct));
                assert_clean(&database, &url, &before);
                run_on(&url, DOWN).run().ok();
                assert_eq!(contents(&database), "");
                assert_clean(&database, &url, &before);
            }
        }
    });
}

#[test]
fn five_at_once_through_pgbouncer() {
    each_server(|server| {
        for pool_size in [1, 5] {
            let database = server.database();
            let bouncer = Bouncer::start(server, pool_size);
            let url = bouncer.url(&database);
            let before = settings(&url);
            let running: Vec<Running> = (0..5).map(|_| run_on(&url, UP).spawn()).collect();
            let outputs: Vec<Output> = running.into_iter().map(|running| running.wait().ok()).collect();
            assert_eq!(outputs.iter().filter(|output| output.stdout.contains("applied")).count(), 1);
            assert_eq!(database.rows("select from pevensie.migration_log"), migrations().len());
            assert_eq!(check(&database), 0);
            assert_clean(&database, &url, &before);
        }
    });
}

#[test]
fn what_fails_leaves_the_pool_clean() {
    each_server(|server| {
        let database = server.database();
        let bouncer = Bouncer::start(server, 1);
        let url = bouncer.url(&database);
        let before = settings(&url);
        database.execute("create schema pevensie; create table pevensie.module_version (version text)");
        assert_ne!(run_on(&url, UP).run().code, 0);
        assert_clean(&database, &url, &before);
        database.execute("drop schema pevensie cascade");

        database.slow_down(600.0);
        for signal in ["INT", "TERM"] {
            let running = run_on(&url, UP).spawn();
            database.held_up();
            running.signal(signal);
            assert_eq!(running.wait().code, 130);
            assert_clean(&database, &url, &before);
            assert_eq!(contents(&database), "");
        }
    });
}
