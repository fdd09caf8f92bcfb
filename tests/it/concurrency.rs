//! Several at once, and runs that are cut off: one at a time, and all or nothing.

mod interrupted;
mod killed;
mod locks;
mod starting;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::{DOWN, Database, Output, Running, Stop, UP, contents, each_server, migrations};

fn started_together(database: &Database<'_>, commands: &[&[&str]]) -> Vec<Output> {
    let running: Vec<_> = commands.iter().map(|command| database.run(command).spawn()).collect();
    running.into_iter().map(Running::wait).collect()
}

#[test]
fn of_twenty_at_once_one_installs() {
    each_server(|server| {
        let (database, alone) = (server.database(), server.database());
        let outputs = started_together(&database, &[UP; 20]);
        let mut installed = 0;
        for output in outputs {
            let output = output.ok();
            installed += usize::from(output.stdout.contains("applied"));
            assert!(
                output.stdout.contains("applied") || output.stderr.contains("nothing to do"),
                "{}",
                output.snapshot()
            );
        }
        assert_eq!(installed, 1);
        assert_eq!(database.rows("select from pevensie.migration_log"), migrations().len());
        alone.run(UP).run().ok();
        assert_eq!(contents(&database), contents(&alone));
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn twenty_that_want_opposite_things_leave_one_of_them() {
    each_server(|server| {
        let (database, alone) = (server.database(), server.database());
        alone.run(UP).run().ok();
        for round in 0..2 {
            let commands: Vec<&[&str]> = (0..20).map(|i| if (i + round) % 2 == 0 { UP } else { DOWN }).collect();
            for output in started_together(&database, &commands) {
                // Who agreed to lose what was shown is not taken to have agreed to lose anything else.
                let overtaken = output.code == 1
                    && output.stdout.is_empty()
                    && output.stderr.contains("the database was changed by somebody else in the meantime");
                assert!(
                    output.code == 0 || (overtaken && output.snapshot().contains("rollback")),
                    "{}",
                    output.snapshot()
                );
            }
            let status = database.run(&["status", "--check"]).run();
            let found = contents(&database);
            let expected = if status.code == 3 { String::new() } else { contents(&alone) };
            assert!([0, 3].contains(&status.code), "{}", status.snapshot());
            assert_eq!(found, expected);
        }
    });
}

#[test]
fn who_looks_while_others_come_and_go_sees_one_of_the_two() {
    each_server(|server| {
        let database = server.database();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let status = database.run(&["status", "--check"]).run();
                        assert!([0, 3].contains(&status.code), "{}", status.snapshot());
                        database.run(&["migrate", "auth", "cache"]).run().ok();
                    }
                });
            }
            let _stop = Stop(&done);
            for _ in 0..8 {
                database.run(UP).run().ok();
                database.run(DOWN).run().ok();
            }
        });
    });
}
