//! The answer to the creation of a scratch database is lost.

use super::super::proxy::{At, Direction, Failing, Fault, Proxy};
use super::super::report::Case;
use super::super::scenario::some_servers;
use crate::support::{Database, Output, Server, run_on};

#[test]
fn a_scratch_database_that_may_be_there_is_dropped() {
    let case = Case::new("answer to the creation of a scratch database lost: rehearsal");
    some_servers(|server| {
        let database = server.database();
        let (role, proxy, output) = rehearsed(server, &database, None);
        output.ok();
        let answers = proxy.seen().into_iter().filter(|seen| seen.direction == Direction::ToClient);
        let created = answers.map(|seen| seen.words).position(|words| words == "C CREATE DATABASE");
        let nth = created.expect("one was created") + 1;
        assert_eq!(databases_of(&database, &role), 0);
        for fault in [Fault::CutBefore, Fault::Crashed] {
            case.run(|| {
                let failing = Failing { direction: Direction::ToClient, at: At::Message(nth), fault };
                let (role, proxy, output) = rehearsed(server, &database, Some(failing));
                assert_eq!(proxy.failed_at().as_deref(), Some("C CREATE DATABASE"));
                let why = "error: the connection to the server was lost: ";
                assert!(output.code == 1 && output.stderr.contains(why), "{}", output.snapshot());
                assert_eq!(databases_of(&database, &role), 0, "{}", output.snapshot());
            });
        }
    });
}

/// What becomes of a rehearsal over such a network, by a role of its own.
fn rehearsed(server: &Server, database: &Database<'_>, failing: Option<Failing>) -> (String, Proxy, Output) {
    let role = database.role("rehearser", "createdb");
    let proxy = Proxy::start(server, failing);
    let url = proxy.url(database).replace("//postgres@", &format!("//{role}@"));
    let output = run_on(&url, &["rehearse"]).run();
    (role, proxy, output)
}

fn databases_of(database: &Database<'_>, role: &str) -> usize {
    database.rows(&format!("select from pg_database where datdba = '{role}'::regrole"))
}
