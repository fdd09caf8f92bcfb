//! On a server that is given.

use serde_json::Value;

use super::Rehearser;
use crate::support::{assert_snapshot, contents, each_server, run_on, servers, shell};

#[test]
fn everything_goes_up_and_down_and_nothing_is_left() {
    each_server(|server| {
        let database = server.database();
        let rehearser = Rehearser::new(server, &database);
        let output = rehearser.run(&[]).ok();
        assert!(output.stdout.lines().all(|line| line.chars().count() <= 80), "{}", output.stdout);
        assert_snapshot!("everything_goes_up_and_down", output);
        assert_eq!(rehearser.scratch(), "");
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn modules_are_rehearsed_with_what_they_need() {
    let database = servers()[0].database();
    assert_snapshot!("base_alone", database.run(&["rehearse", "base"]).run().ok());
    assert_snapshot!("cache_with_base", database.run(&["rehearse", "cache", "--quiet"]).run().ok());
}

#[test]
fn the_database_that_is_given_is_not_touched() {
    let database = servers()[0].database();
    database.run(&["migrate", "auth", "--apply"]).run().ok();
    let before = contents(&database);
    database.run(&["rehearse", "cache", "-q"]).run().ok();
    assert_eq!(contents(&database), before);
}

#[test]
fn what_the_role_has_set_makes_no_difference() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    for setting in ["default_transaction_read_only = on", "search_path = nowhere", "lock_timeout = '1ms'"] {
        database.execute(&format!("alter role {} set {setting}", rehearser.role));
    }
    rehearser.run(&["--quiet"]).ok();
    assert_eq!(rehearser.scratch(), "");
}

#[test]
fn a_role_without_createdb_is_told_so() {
    let database = servers()[0].database();
    let role = database.role("app", "");
    assert_snapshot!("a_role_without_createdb", run_on(&database.url_as(&role), &["rehearse"]).run());
}

#[test]
fn several_at_once_do_not_meet() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let running = [(); 3].map(|()| run_on(&rehearser.url(), &["rehearse", "--quiet"]).spawn());
    for running in running {
        running.wait().ok();
    }
    assert_eq!(rehearser.scratch(), "");
}

#[test]
fn a_document_has_every_run() {
    let database = servers()[0].database();
    let output = database.run(&["rehearse", "cache", "--json"]).run().ok();
    let document: Value = serde_json::from_str(&output.stdout).expect("it is a document");
    assert_eq!((&document["format"], &document["command"]), (&1.into(), &"rehearse".into()));
    assert!(document["database"]["name"].as_str().is_some_and(|name| name.starts_with("pevensie_rehearsal_")));
    assert!(document["milliseconds"].is_u64() && document["kept"].is_null());
    let run = |run: &Value| {
        assert!(run["milliseconds"].is_u64());
        let steps = run["steps"].as_array().expect("it has its steps").iter();
        let words = steps.map(|step| {
            let words = ["action", "module", "version", "manner"].map(|field| step[field].as_str().unwrap_or("-"));
            format!("  {}\n", words.join(" ").replace(" - - -", "").replace(" -", ""))
        });
        format!("{}\n{}", run["part"].as_str().expect("it has a part"), words.collect::<String>())
    };
    let runs: String = document["runs"].as_array().expect("it has the runs").iter().map(run).collect();
    insta::assert_snapshot!("a_document_has_every_run", runs);
}

#[test]
fn a_scratch_database_is_kept_for_work() {
    let database = servers()[0].database();
    let rehearser = Rehearser::new(&servers()[0], &database);
    let output = rehearser.run(&["--keep"]).ok();
    let address = output.stdout.trim_end();
    assert_eq!(rehearser.scratch(), address.rsplit('/').next().expect("a URL has a path"));
    let status = run_on(address, &["status", "--check"]).run().ok();
    assert!(status.stderr.contains("everything is as it should be"), "{}", status.snapshot());
    let (_, removal) = output.stderr.split_once("to remove it, run: ").expect("it says how");
    shell(removal.trim_end()).ok();
    assert_eq!(rehearser.scratch(), "");
    assert_snapshot!("a_scratch_database_is_kept", output);

    let quiet = rehearser.run(&["base", "--keep", "--quiet"]).ok();
    let (before, removal) = quiet.stderr.split_once("to remove it, run: ").expect("it says how all the same");
    assert_eq!(before, "hint: it stays; ");
    shell(removal.trim_end()).ok();

    let output = rehearser.run(&["base", "--keep", "--json"]).ok();
    let document: Value = serde_json::from_str(&output.stdout).expect("it is a document");
    let kept = |field: &str| document["kept"][field].as_str().expect("it says so").to_owned();
    run_on(&kept("address"), &["status", "--check", "base"]).run().ok();
    shell(&kept("removal")).ok();
    assert_eq!(rehearser.scratch(), "");
}
