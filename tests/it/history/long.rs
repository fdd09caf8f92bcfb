//! A log that has grown long: only its last records are fetched, unless all of them are asked for.

use super::everything;
use crate::support::{Database, Server, UP, each_server, newest};

const RECORDS: usize = 1_000;

/// A database that was rolled back and migrated again by one migration until its log is long.
pub(crate) fn long_log(server: &Server) -> Database<'_> {
    let database = server.database();
    database.run(UP).run().ok();
    database.execute(&format!(
        "insert into pevensie.migration_log
           (module, version, action, checksum, started_at, finished_at, role, application, tool)
         select l.module, l.version, case when nth % 2 = 1 then 'down' else 'up' end, l.checksum,
           l.started_at + make_interval(secs => nth), l.finished_at + make_interval(secs => nth),
           l.role, l.application, l.tool
         from (select * from pevensie.migration_log where module = 'cache' order by version desc limit 1) l,
           generate_series(1, {RECORDS}) as nth
         order by nth"
    ));
    let size = database.query_text("select pg_relation_size('pevensie.migration_log')::text");
    assert!(size.parse::<u64>().expect("a number") > 65_536, "{size} bytes are not long");
    database
}

/// The ledger can be read at a glance, or it cannot: a record is too long for that.
#[test]
fn the_last_records_tell_and_all_are_there() {
    each_server(|server| {
        let up = long_log(server);
        let down = up.copy();
        down.run(&["rollback", "cache", "--apply", "--yes"]).run().ok();
        for (database, is_up) in [(up, true), (down, false)] {
            for is_at_a_glance in [true, false] {
                if !is_at_a_glance {
                    let last = "(select max(id) from pevensie.migration_log)";
                    let long = "application = repeat('long', 200)";
                    database.execute(&format!("update pevensie.migration_log set {long} where id = {last}"));
                }
                let before = everything(&database);
                let run = |arguments: &[&str]| database.run(arguments).run();
                let checked = run(&["status", "--check", "auth", "cache"]);
                assert_eq!(checked.code, if is_up { 0 } else { 3 }, "{}", checked.snapshot());
                let pending = run(&["migrate", "auth", "cache"]).ok();
                assert_eq!(pending.stderr.contains("nothing to do"), is_up, "{}", pending.snapshot());
                let history = run(&["status", "--history", "--json"]).ok().stdout;
                let records = history.matches(newest("cache")).count();
                assert!(records > RECORDS, "{records} of more than {RECORDS} records");
                assert_eq!(everything(&database), before);
            }
        }
    });
}
