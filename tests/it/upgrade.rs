//! From upstream's schema to the newest one, in a database that is full and in use.

mod blocked;
mod killed;
mod orphaned;
mod resumed;
mod stopped;
mod under_load;
mod writers;

use postgres::Client;

use crate::adoption::upstream_script;
use crate::support::{Database, Server, UP, at_once, commit, eventually, lock_key};

/// What a build waits in as long as [`writing`] goes on.
const WRITERS: &str = "waiting for writers before build";
/// What a build waits in as long as [`reading`] goes on.
const SNAPSHOTS: &str = "waiting for old snapshots";

/// A database as upstream's migrator leaves it, with so many sessions of 10,000 users and as many entries in the cache.
fn upstream(server: &Server, sessions: u32) -> Database<'_> {
    let database = server.database();
    database.execute(&upstream_script(&["base", "auth", "cache"]));
    database.execute(&format!(
        "set session_replication_role to replica; -- or every row would be checked against its user
         insert into pevensie.\"user\" (id, email, user_metadata)
           select md5(n::text)::uuid, n || '@example.com', '{{}}' from generate_series(1, 10000) n;
         insert into pevensie.session (id, user_id, expires_at)
           select gen_random_uuid(), md5((1 + n % 10000)::text)::uuid, now() + n * interval '1 second'
           from generate_series(1, {sessions}) n;
         insert into pevensie.cache select 'filling', n::text, 'value', now() from generate_series(1, 10000) n"
    ));
    database.execute("analyze");
    database
}

/// What the log says at the end: a new database's, where upstream's part was adopted.
fn whole_history(server: &Server) -> String {
    let database = server.database();
    database.run(UP).run().ok();
    let log = "select module, to_char(version, 'YYYYMMDDHH24MISS'),
                 case when version = '2024-12-22 14:05:32+00' then 'adopt' else 'up' end
               from pevensie.migration_log order by id";
    database.query_text(log)
}

/// Insists that everything is there, recorded once and in order, and that nobody is left behind.
#[track_caller]
fn assert_upgraded(database: &Database<'_>, history: &str, when: &str) {
    let log = "select module, to_char(version, 'YYYYMMDDHH24MISS'), action from pevensie.migration_log order by id";
    assert_eq!(database.query_text(log), history, "{when}");
    assert_eq!(database.unfinished_indexes(), "", "{when}");
    let status = database.run(&["status", "--check", "--strict"]).run();
    assert_eq!(status.code, 0, "{when}\n{}", status.snapshot());
    at_once("no session of ours is left", || ours(database).is_empty());
    assert_eq!(database.query_text(&format!("select pg_try_advisory_lock({})", lock_key())), "t", "{when}");
}

/// The server's processes that work for the binary.
fn ours(database: &Database<'_>) -> String {
    database.query_text(
        "select pid from pg_stat_activity
         where datname = current_database() and application_name like 'pevensie-pg migrate %'",
    )
}

/// The server's process that holds the lock for the binary.
fn lock_holder(database: &Database<'_>) -> String {
    database.query_text(
        "select pid from pg_locks where locktype = 'advisory' and granted
         and database = (select oid from pg_database where datname = current_database())",
    )
}

/// Waits until an index is being built and has come so far; returns the server's process that builds it.
#[track_caller]
fn building(database: &Database<'_>, phase: &str) -> String {
    let mut builder = String::new();
    eventually(phase, || {
        builder = database.query_text(&format!(
            "select pid from pg_stat_progress_create_index where datname = current_database() and phase = '{phase}'"
        ));
        !builder.is_empty()
    });
    builder
}

/// Somebody who writes to tables, in a transaction that stays open: an index on one of them is not even begun before
/// that ends, nor dropped.
fn writing(database: &Database<'_>, tables: &[&str]) -> Client {
    let tables: Vec<_> = tables.iter().map(|table| format!("pevensie.{table}")).collect();
    open(database, &format!("begin; lock table {} in row exclusive mode", tables.join(", ")))
}

/// Somebody who has begun to read, other tables than these: an index is not finished before that ends, but it can be
/// dropped.
fn reading(database: &Database<'_>) -> Client {
    open(database, "begin isolation level repeatable read; select")
}

fn open(database: &Database<'_>, transaction: &str) -> Client {
    database.application("the report", transaction)
}

/// Ends the transaction, and the session.
fn end(mut client: Client) {
    commit(&mut client);
}
