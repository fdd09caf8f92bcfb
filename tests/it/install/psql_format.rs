//! `print --format psql`: a script that looks where it is before it does anything.

use std::thread;

use crate::support::{Database, Output, contents, each_server, eventually, newest, pevensie_pg, psql};

fn script(arguments: &[&str]) -> String {
    pevensie_pg(&[&["print", "--format=psql"], arguments].concat()).run().ok().stdout
}

/// Feeds it to a psql that would go on after an error if the script let it.
fn feed(database: &Database<'_>, script: &str) -> Output {
    psql(database, &["-v", "ON_ERROR_STOP=0"], script)
}

#[track_caller]
fn refused(database: &Database<'_>, script: &str, reason: &str) {
    let before = contents(database);
    let output = feed(database, script);
    assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{}", output.snapshot());
    assert!(output.stderr.contains(&format!("ERROR:  {reason}\n")), "{}", output.stderr);
    assert!(output.stderr.contains("HINT:  "), "{}", output.stderr);
    assert_eq!(contents(database), before);
    assert_eq!(database.query_text("select from pg_locks where locktype = 'advisory'"), "");
}

#[test]
fn a_script_says_nothing_when_all_is_well() {
    each_server(|server| {
        let database = server.database();
        for arguments in [&["auth", "cache"][..], &["auth", "cache", "--down"]] {
            let output = feed(&database, &script(arguments)).ok();
            assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
        }
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn a_database_that_is_elsewhere_is_left_alone() {
    each_server(|server| {
        let database = server.database();
        let (base, cache) = (newest("base"), newest("cache"));
        let nowhere = format!("module base is at nothing, but this script starts from {base}");
        refused(&database, &script(&["auth", "--down"]), &nowhere);
        feed(&database, &script(&["auth"])).ok();
        // A second run, one more module, one module more than there is.
        let installed = format!("module base is at {base}, but this script starts from nothing");
        refused(&database, &script(&["auth"]), &installed);
        refused(&database, &script(&["auth", "cache"]), &installed);
        let half = format!("module cache is at nothing, but this script starts from {cache}");
        refused(&database, &script(&["auth", "cache", "--down"]), &half);
    });
}

#[test]
fn a_module_that_the_script_does_not_name_still_needs_base() {
    each_server(|server| {
        let database = server.database();
        feed(&database, &script(&["auth", "cache"])).ok();
        let needed = "module base is needed by the modules that are still installed: cache";
        refused(&database, &script(&["auth", "--down"]), needed);
    });
}

#[test]
fn a_script_does_not_get_in_the_way_of_another_migrator() {
    each_server(|server| {
        let database = server.database();
        let holder = database.hold_lock();
        let output = feed(&database, &script(&["auth"]));
        assert_eq!(output.code, 3, "{}", output.snapshot());
        assert!(
            output.stderr.contains("ERROR:  another migrator is at work on this database\nHINT:  "),
            "{}",
            output.stderr
        );
        assert_eq!(contents(&database), "");
        drop(holder);
        // A client that is gone gives its lock up in a moment.
        eventually("the lock is free", || database.sessions() == 0);
        feed(&database, &script(&["auth"])).ok();
    });
}

#[test]
fn a_script_takes_the_lock_while_it_works() {
    each_server(|server| {
        let database = server.database();
        database.slow_down(600.0);
        thread::scope(|scope| {
            let running = scope.spawn(|| feed(&database, &script(&["base"])));
            let pid = database.held_up();
            let held = format!("select granted from pg_locks where locktype = 'advisory' and pid = {pid}");
            assert_eq!(database.query_text(&held), "t");
            let refused = feed(&database, &script(&["base"]));
            assert!(refused.stderr.contains("another migrator is at work"), "{}", refused.snapshot());
            database.execute(&format!("select pg_terminate_backend({pid})"));
            assert_ne!(running.join().expect("psql ends").code, 0);
        });
        assert_eq!(contents(&database), "");
    });
}
