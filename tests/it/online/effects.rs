//! Who is affected is said beforehand: in the status, with what is printed, and before anything is rolled back.

use super::{MIGRATE, PENDING, first_generation, upgraded};
use crate::support::{Output, assert_snapshot, each_server};

/// What is said of a migration fits a terminal.
#[track_caller]
fn assert_narrow(output: &Output) {
    let of_migrations = |line: &&str| PENDING.iter().any(|version| line.contains(version));
    let lines: Vec<_> = output.stdout.lines().chain(output.stderr.lines()).filter(of_migrations).collect();
    assert!(!lines.is_empty(), "{}", output.snapshot());
    for line in lines {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn status_says_who_will_be_affected() {
    each_server(|server| {
        let database = first_generation(server);
        let mut output = database.run(&["status"]).run().ok();
        assert_narrow(&output);
        let (_, pending) = output.stdout.split_once("\n\n").expect("it comes after what is there");
        output.stdout = pending.to_owned();
        assert_snapshot!("status_says_who_will_be_affected", output);
        // What is new affects nobody.
        let empty = server.database();
        let output = empty.run(&["status", "auth", "cache"]).run().ok();
        assert_snapshot!("status_of_nothing", output);
    });
}

#[test]
fn a_printed_plan_says_who_will_be_affected() {
    each_server(|server| {
        let database = first_generation(server);
        for (name, further) in [("online", &[][..]), ("single_transaction", &["--single-transaction"])] {
            let mut output = database.run(&[MIGRATE, further].concat()).run().ok();
            output.stdout = String::new(); // other tests look at the statements
            assert_narrow(&output);
            if name == "online" {
                assert_snapshot!("a_printed_plan_online", output);
            } else {
                assert_snapshot!("a_printed_plan_in_a_single_transaction", output);
            }
        }
    });
}

#[test]
fn a_rollback_says_who_will_be_affected() {
    each_server(|server| {
        let database = upgraded(server);
        database.execute("insert into pevensie.cache (resource_type, key, value) values ('test', 'a', 'b')");
        let back = "rollback base@20241222140532 auth@20241222140532 cache@20241222140532";
        let back: Vec<&str> = back.split(' ').collect();
        let mut output = database.run(&back).run().ok();
        output.stdout = String::new();
        assert_narrow(&output);
        for words in ["blocks all use of cache", "locks session for a moment"] {
            assert!(output.stderr.contains(words), "no {words:?} in {}", output.snapshot());
        }
        assert_snapshot!("a_rollback_says_who_will_be_affected", output);
        let output = database.run(&[&back[..], &["--apply", "--yes"]].concat()).run().ok();
        assert_narrow(&output);
        assert!(!output.stderr.contains("to be applied"), "{}", output.snapshot());
        assert_snapshot!("a_rollback_that_is_applied", output);
    });
}
