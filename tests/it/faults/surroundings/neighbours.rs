//! Others at work in the same database: on objects of their own, and on what they may do with ours.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::super::report::{Case, scale};
use crate::support::{DOWN, Database, Stop, UP, UP_FIRST, each_server};

/// What a neighbour does again and again, as often as it works: where Pevensie is not installed, there is nothing to grant.
const STATEMENTS: [&str; 4] = [
    "create schema :me authorization :me create table mine (id int primary key) create view all_mine as table mine",
    "grant usage on schema pevensie to :me",
    "grant select on all tables in schema pevensie to :me",
    "drop owned by :me cascade",
];

/// Does all that until it is over; returns how many statements worked.
fn work(database: &Database<'_>, me: &str, is_over: &AtomicBool) -> usize {
    let mut client = database.client();
    let mut worked = 0;
    while !is_over.load(Ordering::Relaxed) {
        for statement in STATEMENTS {
            worked += usize::from(client.batch_execute(&statement.replace(":me", me)).is_ok());
        }
    }
    worked
}

#[test]
fn who_creates_grants_and_drops_is_in_nobodys_way() {
    let case = Case::new("others create, grant and drop meanwhile");
    each_server(|server| {
        let database = server.database();
        let [app, one, other] = ["app", "one", "other"].map(|prefix| database.role(prefix, ""));
        let (is_over, worked) = (AtomicBool::new(false), AtomicUsize::new(0));
        let grant = ["--grant-to", &app];
        let journey = [
            [UP_FIRST, &grant].concat(),
            [UP, &grant].concat(),
            vec!["status", "--check", "--strict", "--app-role", &app],
            vec!["rollback", "cache", "--steps=2", "--apply", "--yes"],
            [UP, &["--single-transaction"]].concat(),
            DOWN.to_vec(),
        ];
        thread::scope(|scope| {
            for me in [&one, &other] {
                scope.spawn(|| worked.fetch_add(work(&database, me, &is_over), Ordering::Relaxed));
            }
            let _stop = Stop(&is_over);
            for command in journey.iter().cycle().take(journey.len() * scale(5, 100)) {
                case.run(|| database.run(command).run().ok());
            }
        });
        assert!(worked.into_inner() > 4 * journey.len(), "they did nothing");
    });
}
