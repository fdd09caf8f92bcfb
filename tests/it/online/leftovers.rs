//! Indexes that are there already: unfinished ones are built anew, complete ones recorded, others left alone.

use std::thread;

use serde_json::Value;

use super::{MIGRATE, PENDING, UP, application, applied, build_waits, first_generation, remark, upgraded};
use crate::support::{Database, assert_snapshot, contents, each_server, psql};

/// A build that was cut off has left an index behind.
fn cut_off(database: &Database<'_>) {
    thread::scope(|scope| {
        // In here, because it has to go before the build is waited for, whatever happens to this thread.
        let _writer = application(database, "session", "row exclusive");
        let build = scope.spawn(|| {
            let online = include_str!("../../../sql/auth/20261121041100_session_user_id_idx.online.sql");
            database.client().batch_execute(online).expect_err("it is going to be cancelled")
        });
        build_waits(database);
        database.query_text(
            "select pg_cancel_backend(pid) from pg_stat_progress_create_index where datname = current_database()",
        );
        build.join().expect("it does not panic");
    });
    assert_eq!(database.unfinished_indexes(), "session_user_id_idx");
}

fn oid(database: &Database<'_>) -> String {
    database.query_text("select 'pevensie.session_user_id_idx'::regclass::oid")
}

#[test]
fn an_unfinished_index_is_built_anew() {
    each_server(|server| {
        let (database, ours) = (first_generation(server), upgraded(server));
        cut_off(&database);
        let before = oid(&database);
        let output = database.run(UP).run().ok();
        assert_eq!(applied(&output), PENDING, "{}", output.snapshot());
        assert_eq!(remark(&output, PENDING[1]), "online", "{}", output.snapshot());
        assert_ne!(oid(&database), before);
        assert_eq!(contents(&database), contents(&ours));
    });
}

#[test]
fn and_so_by_what_is_printed() {
    each_server(|server| {
        let (database, ours) = (first_generation(server), upgraded(server));
        cut_off(&database);
        let sql = database.run(MIGRATE).run().ok().stdout;
        assert!(sql.contains("drop index concurrently pevensie.session_user_id_idx;"), "{sql}");
        psql(&database, &["-q"], &sql).ok();
        assert_eq!(contents(&database), contents(&ours));
    });
}

#[test]
fn and_so_in_one_transaction() {
    each_server(|server| {
        let ours = upgraded(server);
        for apply in [true, false] {
            let database = first_generation(server);
            cut_off(&database);
            let single = &[MIGRATE, &["--single-transaction"]].concat();
            if apply {
                let output = database.run(&[&single[..], &["--apply"]].concat()).run().ok();
                assert_eq!(applied(&output), PENDING);
                assert_eq!(remark(&output, PENDING[1]), "", "{}", output.snapshot());
            } else {
                let sql = database.run(single).run().ok().stdout;
                assert!(sql.contains("drop index pevensie.session_user_id_idx;"), "{sql}");
                psql(&database, &["-q", "-1"], &sql).ok();
            }
            assert_eq!(contents(&database), contents(&ours));
        }
    });
}

#[test]
fn a_complete_index_is_only_recorded() {
    each_server(|server| {
        for how in [&["--apply"][..], &["--apply", "--single-transaction"], &[]] {
            let (database, ours) = (first_generation(server), upgraded(server));
            database.execute("create index session_user_id_idx on pevensie.session (user_id)");
            let before = oid(&database);
            let output = database.run(&[MIGRATE, how].concat()).run().ok();
            if how.is_empty() {
                psql(&database, &["-q"], &output.stdout).ok();
            } else {
                assert_eq!(remark(&output, PENDING[1]), "was built already", "{}", output.snapshot());
                assert_eq!(applied(&output), PENDING);
            }
            assert_eq!(oid(&database), before);
            assert_eq!(contents(&database), contents(&ours));
        }
    });
}

#[test]
fn what_is_begun_is_nobody_elses_whichever_module_is_asked_about() {
    each_server(|server| {
        let database = first_generation(server);
        database.run(&["migrate", "base", "--apply"]).run().ok();
        let state = || {
            let output = database.run(&["status", "--json"]).run().ok();
            let status: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
            let pending = &status["modules"][1]["pending"][0];
            (pending["index"].clone(), pending["effects"][0]["impact"].clone())
        };
        assert_eq!(state(), (Value::Null, "online".into()));
        cut_off(&database);
        assert_eq!(state(), ("unfinished".into(), "online".into()));
        database.run(&["status", "base", "--check", "--strict"]).run().ok();
        database.execute(
            "drop index pevensie.session_user_id_idx; create index session_user_id_idx on pevensie.session (user_id)",
        );
        assert_eq!(state(), ("built".into(), Value::Null));
        database.run(&["status", "base", "--check", "--strict"]).run().ok();
    });
}

#[test]
fn no_index_is_begun_where_the_rest_is_not_as_promised() {
    each_server(|server| {
        let database = first_generation(server);
        database.run(&["migrate", "base", "--apply"]).run().ok();
        database.execute("alter table pevensie.session alter expires_at set default now()");
        let before = contents(&database);
        let output = database.run(&["migrate", "auth", "--apply"]).run();
        assert_eq!((output.code, output.stdout.as_str()), (5, ""), "{}", output.snapshot());
        assert!(output.stderr.contains("column pevensie.session.expires_at was changed"), "{}", output.stderr);
        assert!(output.stderr.contains("nothing was changed"), "{}", output.stderr);
        assert!(!output.stderr.contains("building index"), "{}", output.stderr);
        assert_eq!(contents(&database), before);
    });
}

#[test]
fn another_index_of_that_name_is_refused() {
    each_server(|server| {
        for (index, found) in [
            (
                "pevensie.session (id, user_id)",
                "CREATE INDEX session_user_id_idx ON pevensie.session USING btree (id, user_id)",
            ),
            ("pevensie.\"user\" (role)", "index pevensie.session.session_user_id_idx is missing"),
        ] {
            for how in [&[][..], &["--single-transaction"], &["--apply"], &["--apply", "--single-transaction"]] {
                let database = first_generation(server);
                database.run(&["migrate", "base", "--apply"]).run().ok();
                database.execute(&format!("create index session_user_id_idx on {index}"));
                let (before, index) = (contents(&database), oid(&database));
                let output = database.run(&[&["migrate", "auth"], how].concat()).run();
                assert_eq!((output.code, output.stdout.as_str()), (5, ""), "{}", output.snapshot());
                assert!(output.stderr.contains(found), "{}", output.stderr);
                assert!(output.stderr.contains("another index has the name of one"), "{}", output.stderr);
                assert!(output.stderr.contains("nothing was changed"), "{}", output.stderr);
                assert_eq!((contents(&database), oid(&database)), (before, index));
            }
        }
    });
}

#[test]
fn another_index_is_not_recorded_by_what_is_printed() {
    each_server(|server| {
        let database = first_generation(server);
        database.execute("create index session_user_id_idx on pevensie.session (user_id)");
        let printed = database.run(&["migrate", "auth"]).run().ok().stdout;
        assert!(printed.contains("as built by an earlier attempt"), "{printed}");
        // What is printed may meet another index by the time it is run, so it looks for itself.
        database.execute(
            "drop index pevensie.session_user_id_idx; \
             create index session_user_id_idx on pevensie.session (id, user_id)",
        );
        let before = contents(&database);
        let output = psql(&database, &["-q"], &printed);
        assert_eq!(output.code, 3, "{}", output.snapshot());
        let refusal = "index pevensie.session_user_id_idx is missing, unfinished or not what it should be";
        assert!(output.stderr.contains(refusal), "{}", output.snapshot());
        assert_eq!(contents(&database), before);
        let status = database.run(&["status", "--check"]).run();
        assert_eq!(status.code, 5, "{}", status.snapshot());
        assert!(!status.stdout.contains("built"), "{}", status.stdout);
        let found = "found:    CREATE INDEX session_user_id_idx ON pevensie.session USING btree (id, user_id)";
        assert!(status.stdout.contains(found), "{}", status.stdout);
        // What it says mends it, and the migration goes on.
        let status: Value = serde_json::from_str(&database.run(&["status", "--json"]).run().ok().stdout).expect("JSON");
        assert_eq!(status["modules"][1]["pending"][0]["index"], Value::Null);
        database.execute(status["drift"][0]["mend"].as_str().expect("a statement"));
        database.run(&["migrate", "auth", "--apply"]).run().ok();
        database.run(&["status", "auth", "--check"]).run().ok();
    });
}

#[test]
fn a_table_of_that_name_is_in_the_way() {
    each_server(|server| {
        let database = first_generation(server);
        database.execute("create table pevensie.session_user_id_idx (a int)");
        let before = contents(&database);
        for how in [&["--apply"][..], &["--apply", "--single-transaction"]] {
            let output = database.run(&[MIGRATE, how].concat()).run();
            assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
            assert_eq!(contents(&database), before);
            if how.len() == 1 {
                assert_snapshot!("a_table_of_that_name", output);
            }
        }
    });
}
