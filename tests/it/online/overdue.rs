//! A build that waits for a long transaction, and what is left when it is given up.

use serde_json::Value;

use super::{PENDING, UP, application, applied, commit, first_generation};
use crate::support::{assert_snapshot, contents, each_server};

const SHORT: [&str; 2] = ["--lock-wait=5s", "--lock-timeout=300ms"];

#[test]
fn it_names_who_is_in_the_way_and_cleans_up() {
    each_server(|server| {
        let database = first_generation(server);
        let mut reader = application(&database, "cache", "access share");
        // A snapshot, and no lock on the table: the build waits for it at its end, dropping the index does not.
        reader.batch_execute("commit; begin isolation level repeatable read; select").expect("it answers");
        let output = database.run(&[UP, &SHORT].concat()).run();
        assert_eq!((output.code, applied(&output)), (1, PENDING[..1].to_vec()), "{}", output.snapshot());
        assert_snapshot!("it_names_who_is_in_the_way_and_cleans_up", output);
        assert_eq!(database.unfinished_indexes(), "");
        commit(&mut reader);
        let output = database.run(UP).run().ok();
        assert_eq!(applied(&output), PENDING[1..]);
        database.run(&["status", "--check"]).run().sound();
    });
}

#[test]
fn what_cannot_be_dropped_is_said_and_built_anew_by_the_next_run() {
    each_server(|server| {
        let database = first_generation(server);
        // Who has the table keeps an unfinished index from being dropped, too.
        let mut writer = application(&database, "session", "row exclusive");
        let output = database.run(&[UP, &SHORT].concat()).run();
        assert_eq!((output.code, applied(&output)), (1, PENDING[..1].to_vec()), "{}", output.snapshot());
        assert_snapshot!("what_cannot_be_dropped_is_said", output);
        assert_eq!(database.unfinished_indexes(), "session_user_id_idx");

        // It is no better while the application is still there.
        let again = database.run(&[UP, &SHORT].concat()).run();
        assert_eq!((again.code, applied(&again)), (1, vec![]), "{}", again.snapshot());
        for words in
            ["(55P03)", "blocked by: the application", "index pevensie.session_user_id_idx may be left unfinished"]
        {
            assert!(again.stderr.contains(words), "no {words:?} in {}", again.stderr);
        }

        commit(&mut writer);
        let output = database.run(UP).run().ok();
        assert_eq!(applied(&output), PENDING[1..]);
        assert_eq!(database.unfinished_indexes(), "");
        database.run(&["status", "--check"]).run().sound();
    });
}

#[test]
fn its_document_has_what_was_applied_before() {
    each_server(|server| {
        let database = first_generation(server);
        let mut reader = application(&database, "cache", "access share");
        let output = database.run(&[UP, &["--lock-wait=5s", "--lock-timeout=4s", "--json"]].concat()).run();
        let document: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
        let kept = document["applied_before"].as_array().expect("a list").iter().filter_map(|m| m["version"].as_str());
        let kept: Vec<_> = kept.collect();
        assert_eq!((output.code, kept), (1, PENDING[..3].to_vec()), "{}", output.snapshot());
        assert_eq!(document["errors"][0]["sqlstate"], "55P03");
        let message = document["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("\n  blocked by: the application, role postgres\n  process: "), "{message}");
        let hint = document["errors"][0]["hint"].as_str().unwrap_or_default();
        assert!(hint.ends_with("this step was rolled back; the 3 migrations applied before it stay"), "{hint}");
        commit(&mut reader);
        assert_eq!(applied(&database.run(UP).run().ok()), PENDING[3..]);
    });
}

#[test]
fn somebody_else_who_builds_is_waited_for() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = application(&database, "session", "row exclusive");
        let url = database.url();
        let builder = std::thread::spawn(move || {
            let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("it answers");
            client.batch_execute("set application_name to 'a run that lost its connection'").expect("it answers");
            client.batch_execute(include_str!("../../../sql/auth/20261121041100_session_user_id_idx.online.sql"))
        });
        super::build_waits(&database);
        let before = contents(&database);
        let output =
            database.run(&["migrate", "base@20261121041000", "auth@20261121041200", "--apply", "--lock-wait=5s"]).run();
        assert_eq!(output.code, 6, "{}", output.snapshot());
        assert_snapshot!("somebody_else_who_builds_is_waited_for", output);
        let mut running = database.run(UP).spawn();
        running.wait_for_stderr("waiting for another session to build index pevensie.session_user_id_idx\n");
        commit(&mut writer);
        builder.join().expect("no panic").expect("it is built to its end");
        let output = running.wait().ok();
        assert_eq!(super::remark(&output, PENDING[1]), "was built already", "{}", output.snapshot());
        assert_ne!(contents(&database), before);
        database.run(&["status", "--check"]).run().sound();
    });
}
