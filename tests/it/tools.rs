//! Together with the tools that people have already: dbmate and PgBouncer.

use std::process::Command;

use crate::support::{
    Bouncer, DOWN, Database, Folder, Output, Running, UP, contents, each_server, migrations, output_of, pevensie_pg,
    run_on, setting,
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
    let output = output_of(
        Command::new(setting("PEVENSIE_PG_TEST_DBMATE"))
            .env_clear()
            .current_dir(folder.path())
            .arg(format!("--url={}?sslmode=disable", database.url()))
            .args(["--migrations-dir=.", "--no-dump-schema", command]),
    );
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

#[test]
fn everything_works_through_pgbouncer() {
    each_server(|server| {
        for pool_size in [1, 5] {
            let (database, direct) = (server.database(), server.database());
            direct.run(UP).run().ok();
            let bouncer = Bouncer::start(server, pool_size);
            let url = bouncer.url(&database);
            let before = bouncer.settings(&database);
            for _ in 0..2 {
                let applied = run_on(&url, UP).run().ok();
                assert!(applied.stdout.contains("applied  cache"), "{}", applied.snapshot());
                run_on(&url, &["status", "--check"]).run().ok();
                assert!(run_on(&url, UP).run().ok().stderr.contains("nothing to do"));
                assert_eq!(contents(&database), contents(&direct));
                bouncer.assert_clean(&database, &before);
                run_on(&url, DOWN).run().ok();
                assert_eq!(contents(&database), "");
                bouncer.assert_clean(&database, &before);
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
            let before = bouncer.settings(&database);
            let running: Vec<Running> = (0..5).map(|_| run_on(&url, UP).spawn()).collect();
            let outputs: Vec<Output> = running.into_iter().map(|running| running.wait().ok()).collect();
            assert_eq!(outputs.iter().filter(|output| output.stdout.contains("applied")).count(), 1);
            assert_eq!(database.rows("select from pevensie.migration_log"), migrations().len());
            assert_eq!(check(&database), 0);
            bouncer.assert_clean(&database, &before);
        }
    });
}

#[test]
fn what_fails_leaves_the_pool_clean() {
    each_server(|server| {
        let database = server.database();
        let bouncer = Bouncer::start(server, 1);
        let url = bouncer.url(&database);
        let before = bouncer.settings(&database);
        database.execute("create schema pevensie; create table pevensie.module_version (version text)");
        assert_ne!(run_on(&url, UP).run().code, 0);
        bouncer.assert_clean(&database, &before);
        database.execute("drop schema pevensie cascade");

        database.slow_down(600.0);
        for signal in ["INT", "TERM"] {
            let running = run_on(&url, UP).spawn();
            database.held_up();
            running.signal(signal);
            assert_eq!(running.wait().code, 130);
            bouncer.assert_clean(&database, &before);
            assert_eq!(contents(&database), "");
        }
    });
}
