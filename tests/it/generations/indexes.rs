//! The driver's statements on tables of a size that hurts: which way they take through them, before and after.

use std::thread;

use postgres::{Client, SimpleQueryMessage};
use serde_json::Value;

use super::{Scan, installed, tried};
use crate::support::driver::{LEAVE, PURGE_CACHE, PURGE_SESSIONS, SEARCH, STATEMENTS, USER};
use crate::support::{Database, Server, each_server, servers};

/// Rows in each table: a million on the newest server, on the others as many as show the same.
fn size(server: &Server) -> u32 {
    let newest = servers().iter().map(|server| server.version).max();
    if Some(server.version) == newest { 1_000_000 } else { 50_000 }
}

/// Without triggers, so that rows are not held against their users one by one.
const BULK: &str = "set session_replication_role to replica; set synchronous_commit to off; set jit to off;
                    set default_statistics_target to 20;";

/// The tables at their first generation, with so many rows each: ten sessions a user, one in a thousand expired.
fn filled(server: &Server, rows: u32) -> Database<'_> {
    let database = installed(server, &["auth@20241222140532", "cache@20241222140532"]);
    let id = |n: &str| format!("('00000000-0000-7000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid");
    let expiry = "now() + case when n % 1000 = 0 then -n else n end * interval '1 hour'";
    let fill = |table: &str, columns: &str, values: &str| {
        database.execute(&format!(
            "{BULK} insert into pevensie.{table} ({columns}) select {values} from generate_series(1, {rows}) n;
             analyze pevensie.{table}"
        ));
    };
    // What is in the order of its index already is written in half the time.
    let ascending = "lpad(n::text, 7, '0')";
    let (own, users) = (id("n"), id(&format!("1 + n % {}", rows / 10)));
    thread::scope(|scope| {
        scope.spawn(|| {
            let values = format!(
                "{own}, 'user' || {ascending} || '@example.com', '+44 ' || {ascending}, '{{}}', case when n % 10 = 0 then now() end"
            );
            fill("\"user\"", "id, email, phone_number, user_metadata, deleted_at", &values);
        });
        scope.spawn(|| {
            fill("session", "id, user_id, expires_at", &format!("{own}, {users}, {expiry}"));
            let values = format!("'type ' || n * 9 / {rows}, 'key ' || {ascending}, 'value'");
            fill("cache", "resource_type, key, value, expires_at", &format!("{values}, {expiry}"));
        });
        scope.spawn(|| {
            let values = format!("{own}, {own}, 'password-reset', md5(n::text), now() + n * interval '1 hour'");
            fill("one_time_token", "id, user_id, token_type, token_hash, expires_at", &values);
        });
    });
    database
}

/// Whether a plan goes through a table, or through an index, from one end to the other.
fn reads_everything(node: &Value) -> bool {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let by_index = ["Index Scan", "Index Only Scan", "Bitmap Index Scan"].contains(&kind);
    (by_index && node["Index Cond"].is_null())
        || kind == "Seq Scan"
        || node["Plans"].as_array().into_iter().flatten().any(reads_everything)
}

fn plan(client: &mut Client, statement: &str) -> Value {
    let messages = client.simple_query(&format!("explain (format json) {statement}")).expect("it is prepared");
    let row =
        messages.iter().find_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None });
    let text = row.and_then(|row| row.get(0)).expect("a plan");
    let json: Value = serde_json::from_str(text).expect("the plan is JSON");
    json[0]["Plan"].clone()
}

/// The statements that read everything, with values that the planner knows or with those that it does not.
fn slow_ones(database: &Database<'_>, mode: &str) -> Vec<&'static str> {
    let mut client = database.client();
    client.batch_execute(&format!("set plan_cache_mode to '{mode}'")).expect("there is such a mode");
    let is_slow = |(name, statement, values): &(&'static str, &str, &str)| {
        client
            .batch_execute(&format!("prepare statement as {statement}"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let execute =
            if values.is_empty() { "execute statement".to_owned() } else { format!("execute statement ({values})") };
        let plan = plan(&mut client, &execute);
        client.batch_execute("deallocate statement").expect("it was prepared");
        reads_everything(&plan).then_some(*name)
    };
    STATEMENTS.iter().filter_map(is_slow).collect()
}

#[test]
fn nothing_but_the_search_reads_a_whole_table() {
    each_server(|server| {
        let rows = size(server);
        let database = filled(server, rows);
        let leave = format!("delete from pevensie.\"user\" where id = {USER}");
        let purge = "delete from pevensie.session where expires_at < now()";
        let expired = u64::from(rows) / 1000;

        // As it was; the first of these is what `delete a user` does behind its plan.
        assert_eq!(tried(&database, &leave, "pevensie.session"), (1, Scan::Whole));
        assert_eq!(tried(&database, &leave, "pevensie.one_time_token"), (1, Scan::ByIndex));
        assert_eq!(tried(&database, purge, "pevensie.session"), (expired, Scan::Whole));
        for mode in ["force_custom_plan", "force_generic_plan"] {
            assert_eq!(slow_ones(&database, mode), [SEARCH, LEAVE, PURGE_SESSIONS, PURGE_CACHE], "{mode}");
        }

        database.run(&["migrate", "auth", "cache", "--apply"]).run().ok();
        assert_eq!(tried(&database, &leave, "pevensie.session"), (1, Scan::ByIndex));
        assert_eq!(tried(&database, &leave, "pevensie.one_time_token"), (1, Scan::ByIndex));
        assert_eq!(tried(&database, purge, "pevensie.session"), (expired, Scan::ByIndex));
        for mode in ["force_custom_plan", "force_generic_plan"] {
            // Patterns that may begin with a wildcard: only trigrams would help, and those are an extension.
            assert_eq!(slow_ones(&database, mode), [SEARCH], "{mode}");
        }
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}

#[test]
fn each_index_serves_what_it_was_made_for() {
    each_server(|server| {
        let database = filled(server, 50_000);
        let leave = format!("delete from pevensie.session where user_id = {USER}");
        let purge = "delete from pevensie.session where expires_at < now()";
        for (version, by_user, by_expiry) in
            [("auth@20261121041100", Scan::ByIndex, Scan::Whole), ("auth@20261121041200", Scan::ByIndex, Scan::ByIndex)]
        {
            database.run(&["migrate", version, "--apply"]).run().ok();
            assert_eq!(tried(&database, &leave, "pevensie.session"), (10, by_user), "{version}");
            assert_eq!(tried(&database, purge, "pevensie.session"), (50, by_expiry), "{version}");
        }
    });
}
