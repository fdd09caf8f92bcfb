//! A hundred at once: one of them does it, the others find it done, whatever the server and the pooler let in.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::report::{Case, scale};
use crate::support::{
    Bouncer, DOWN, Database, Output, Running, Server, UP, UP_FIRST, contents, each_server, migrations, run_on, servers,
};

/// What none of them may have said.
#[track_caller]
fn assert_explained(output: &Output) {
    let is_explained = output.code == 0 || output.stderr.contains("\nhint: ");
    assert!(is_explained && !output.stderr.contains("panicked"), "{}", output.snapshot());
}

fn crowd() -> usize {
    scale(30, 100)
}

/// One crowd at a time: it is to be a crowd for its server, not several of them for this machine.
static CROWDED: Mutex<()> = Mutex::new(());

fn together(url: &str, commands: &[&[&str]]) -> Vec<Output> {
    // Another crowd that has failed is no reason not to try this one.
    let _crowded = CROWDED.lock().unwrap_or_else(PoisonError::into_inner);
    let running: Vec<Running> = commands.iter().map(|command| run_on(url, command).spawn()).collect();
    running.into_iter().map(Running::wait).collect()
}

#[track_caller]
fn all_succeed(case: &Case, url: &str, command: &[&str]) {
    for output in together(url, &vec![command; crowd()]) {
        case.run(|| assert_eq!(output.code, 0, "{}", output.snapshot()));
    }
}

/// Starts a crowd of migrators; all of them succeed, and every migration is applied once.
#[track_caller]
fn all_arrive(case: &Case, database: &Database<'_>, url: &str, ours: &str, command: &[&str]) {
    all_succeed(case, url, command);
    assert_eq!(database.rows("select from pevensie.migration_log"), migrations().len());
    assert_eq!(contents(database), ours);
    database.run(&["status", "--check"]).run().ok();
}

/// What an upgrade from the first versions, and an installation, lead to.
fn expected(server: &Server, first: bool) -> String {
    let database = server.database();
    if first {
        database.run(UP_FIRST).run().ok();
    }
    database.run(UP).run().ok();
    contents(&database)
}

fn prepared(server: &Server, first: bool) -> Database<'_> {
    let database = server.database();
    if first {
        database.run(UP_FIRST).run().ok();
    }
    database
}

#[test]
fn a_crowd_installs_and_upgrades_once() {
    each_server(|server| {
        for (first, name) in [(false, "fresh install"), (true, "upgrade")] {
            let ours = expected(server, first);
            let case = Case::new(format!("crowd, direct: {name}"));
            let database = prepared(server, first);
            all_arrive(&case, &database, &database.url(), &ours, UP);
        }
    });
}

#[test]
fn a_crowd_behind_a_pooler_installs_and_upgrades_once() {
    let on = |server: &Server| {
        for pool_size in [1, 2, 10] {
            let bouncer = Bouncer::start(server, pool_size);
            for (first, name) in [(false, "fresh install"), (true, "upgrade")] {
                let ours = expected(server, first);
                let case = Case::new(format!("crowd, PgBouncer with {pool_size}: {name}"));
                let database = prepared(server, first);
                // An index that is built online takes two connections.
                let command =
                    if first && pool_size == 1 { [UP, &["--single-transaction"]].concat() } else { UP.to_vec() };
                all_arrive(&case, &database, &bouncer.url(&database), &ours, &command);
            }
        }
    };
    if scale(false, true) { each_server(on) } else { on(servers().last().expect("there is a server")) }
}

/// A role that may have only a few sessions: those who wait leave them to those who work.
#[test]
fn a_crowd_that_the_server_has_no_room_for_gets_in_one_after_another() {
    let on = |server: &Server| {
        for room in [2, 5] {
            for (first, name) in [(false, "fresh install"), (true, "upgrade")] {
                let case = Case::new(format!("crowd, room for {room} sessions: {name}"));
                let database = server.database();
                let role = database.role("crowd", &format!("connection limit {room}"));
                database.execute(&format!("grant create on database {} to {role}", database.name()));
                let url = database.url_as(&role);
                if first {
                    run_on(&url, UP_FIRST).run().ok();
                }
                all_succeed(&case, &url, UP);
                assert_eq!(database.rows("select from pevensie.migration_log"), migrations().len());
                database.run(&["status", "--check"]).run().ok();
            }
        }
    };
    if scale(false, true) { each_server(on) } else { on(servers().last().expect("there is a server")) }
}

/// Some go up, some go down, some only look.
fn mixed(case: &Case, database: &Database<'_>, url: &str, full: &[&str]) {
    let commands: Vec<&[&str]> = (0..crowd())
        .map(|nth| match nth % 4 {
            0 => full,
            1 => DOWN,
            2 => &["status", "--check"][..],
            _ => &["migrate", "auth", "cache"][..],
        })
        .collect();
    for (command, output) in commands.iter().zip(together(url, &commands)) {
        assert_explained(&output);
        let allowed: &[i32] = match command[0] {
            "status" => &[0, 3],
            // What was agreed to was overtaken by somebody else.
            "rollback" => &[0, 1],
            _ => &[0],
        };
        case.run(|| assert!(allowed.contains(&output.code), "{}", output.snapshot()));
    }
    let status = database.run(&["status", "--check"]).run();
    assert!([0, 3].contains(&status.code), "{}", status.snapshot());
    assert_eq!(database.advisory_locks(), 0);
    database.run(UP).run().ok();
    database.run(&["status", "--check"]).run().ok();
}

#[test]
fn a_crowd_that_wants_opposite_things_leaves_one_of_them() {
    each_server(|server| {
        let case = Case::new("crowd of migrate, rollback and status, direct");
        let database = server.database();
        mixed(&case, &database, &database.url(), UP);
    });
    let server = servers().last().expect("there is a server");
    thread::scope(|scope| {
        for pool_size in [1, 2, 10] {
            scope.spawn(move || {
                let case = Case::new(format!("crowd of migrate, rollback and status, PgBouncer with {pool_size}"));
                let database = server.database();
                let bouncer = Bouncer::start(server, pool_size);
                let single = [UP, &["--single-transaction"]].concat();
                mixed(&case, &database, &bouncer.url(&database), if pool_size == 1 { &single } else { UP });
            });
        }
    });
}
