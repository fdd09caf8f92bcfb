//! What is printed leads to where `--apply` leads.

use super::{MIGRATE, application, first_generation, upgraded};
use crate::support::{Database, contents, each_server, psql};

fn printed(database: &Database<'_>, further: &[&str]) -> (String, String) {
    let output = database.run(&[MIGRATE, further].concat()).run().ok();
    (output.stdout, output.stderr)
}

/// What it is about, and what those are told whose tool puts everything into a transaction.
const ADVICE: &str = "for a tool that puts them into one, add --single-transaction";

#[test]
fn psql_runs_what_is_printed() {
    each_server(|server| {
        let (database, ours) = (first_generation(server), upgraded(server));
        let (sql, said) = printed(&database, &[]);
        assert_eq!(sql.matches("create index concurrently").count(), 3, "{sql}");
        assert!(said.contains(ADVICE), "{said}");
        let output = psql(&database, &["-q"], &sql).ok();
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
        assert_eq!(contents(&database), contents(&ours));
        database.run(&["status", "--check"]).run().sound();
        assert_eq!(printed(&database, &[]).0, "");
    });
}

#[test]
fn psql_runs_it_in_one_transaction_where_that_was_asked_for() {
    each_server(|server| {
        let (database, ours) = (first_generation(server), upgraded(server));
        let (sql, said) = printed(&database, &["--single-transaction"]);
        assert!(!sql.contains("concurrently") && !sql.contains("begin;") && !said.contains(ADVICE), "{said}\n{sql}");
        let output = psql(&database, &["-q", "-1"], &sql).ok();
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
        assert_eq!(contents(&database), contents(&ours));
        database.run(&["status", "--check"]).run().sound();
    });
}

#[test]
fn a_tool_that_wraps_it_in_a_transaction_is_refused_by_the_server() {
    each_server(|server| {
        let database = first_generation(server);
        // Everything but an index, so that nothing else is committed before.
        database
            .run(&["migrate", "base@20261121041000", "auth@20261121041100", "cache@20261121041400", "--apply"])
            .run()
            .ok();
        let before = contents(&database);
        let (sql, said) = printed(&database, &[]);
        assert!(said.contains(ADVICE), "who wraps it hears of it in vain:\n{said}");
        let wrapped = psql(&database, &["-q", "-1"], &sql);
        assert_eq!(wrapped.code, 3, "{}", wrapped.snapshot());
        let words = "CREATE INDEX CONCURRENTLY cannot run inside a transaction block";
        assert!(wrapped.stderr.contains(words), "{}", wrapped.stderr);
        assert_eq!(contents(&database), before);
        let (sql, _) = printed(&database, &["--single-transaction"]);
        psql(&database, &["-q", "-1"], &sql).ok();
        database.run(&["status", "--check"]).run().sound();
    });
}

#[test]
fn one_that_wraps_all_of_an_upgrade_leaves_nothing_half_done() {
    each_server(|server| {
        let database = first_generation(server);
        let (sql, _) = printed(&database, &[]);
        // As a driver sends it: in a transaction that it has begun, and all at once.
        let mut client = database.client();
        client.batch_execute("begin").expect("it can be begun");
        let error = client.batch_execute(&sql).expect_err("an index cannot be built online there");
        let error = error.as_db_error().expect("the server says so");
        assert_eq!(error.code().code(), "25001", "{error:?}");
        drop(client);
        let status = database.run(&["status", "--check"]).run();
        assert_eq!(status.code, 3, "{}", status.snapshot());
        assert_eq!(database.unfinished_indexes(), "");
    });
}

#[test]
fn what_could_not_be_built_is_not_recorded() {
    each_server(|server| {
        let database = first_generation(server);
        let _writer = application(&database, "session", "row exclusive");
        let sql = format!("set lock_timeout to '100ms';\n{}", printed(&database, &[]).0);
        // psql goes on after an error unless it is told not to.
        let output = psql(&database, &["-q", "-v", "ON_ERROR_STOP=0"], &sql).ok();
        assert!(output.stderr.contains("canceling statement due to lock timeout"), "{}", output.stderr);
        assert_eq!(database.unfinished_indexes(), "session_expires_at_idx\nsession_user_id_idx");
        let at = "select version::date from pevensie.module_version where module = 'auth'";
        assert_eq!(database.query_text(at), "2024-12-22", "recorded, but not built:\n{}", output.stderr);
    });
}
