//! A database that migrations run on: what is in it, who is in it, and how to hold them up.

use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;

use super::catalog::catalog;
use super::command::{Run, pevensie_pg};
use super::database::Database;
use super::server::Server;
use super::versions::UP_FIRST;

/// Ends at the same database as [`DOWN`] undoes.
pub(crate) const UP: &[&str] = &["migrate", "auth", "cache", "--apply"];
/// Removes everything, and is content where there is nothing.
pub(crate) const DOWN: &[&str] = &["rollback", "auth@0", "cache@0", "base@0", "--apply", "--yes"];

/// What two databases that cannot be told apart have in common: every object, and every record except for when it was
/// made and what the session that made it was called. Nothing where nothing is installed.
pub(crate) fn contents(database: &Database<'_>) -> String {
    let objects = catalog(database).into_iter().map(|(kind, identity, definition)| {
        let words = [kind, identity, definition].join("|");
        words + "\n"
    });
    let mut contents: String = objects.collect();
    if contents.contains("table|migration_log|") {
        contents += &database.query_text(
            "select module, to_char(version at time zone 'UTC', 'YYYYMMDDHH24MISS'), checksum
             from pevensie.module_version order by module",
        );
        contents += "\n";
        contents += &database.query_text(
            "select id, module, to_char(version at time zone 'UTC', 'YYYYMMDDHH24MISS'), action, checksum, role, tool
             from pevensie.migration_log order by id",
        );
    }
    contents
}

/// Waits until something is the case.
#[track_caller]
pub(crate) fn eventually(what: &str, is_so: impl FnMut() -> bool) {
    within(Duration::from_secs(60), what, is_so);
}

/// How long may take, on a machine that has other things to do, what is done at once; a time-out would take longer.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(20);

/// Waits until something is the case that is done at once.
#[track_caller]
pub(crate) fn at_once(what: &str, is_so: impl FnMut() -> bool) {
    within(AT_ONCE, what, is_so);
}

/// Waits until something is the case, not for longer than so long.
#[track_caller]
pub(crate) fn within(patience: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + patience;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The key of the one lock of every run that writes.
pub(crate) fn lock_key() -> &'static str {
    let sql = include_str!("../../../sql/ledger/lock.sql");
    let (_, rest) = sql.split_once("pg_try_advisory_xact_lock(").expect("it takes the lock");
    rest.split_once(')').expect("the key is all there is between the parentheses").0
}

impl Database<'_> {
    /// The binary, about to run on this database as superuser.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run_on(&self.url(), arguments)
    }

    /// A session that holds the migration lock until it ends its transaction.
    pub(crate) fn hold_lock(&self) -> Client {
        let mut client = self.client();
        let taken =
            format!("begin; set application_name to 'the other one'; select pg_advisory_xact_lock({})", lock_key());
        client.batch_execute(&taken).expect("the lock is free");
        client
    }

    /// A session of an application by this name, after these statements: a transaction that they begin stays open.
    pub(crate) fn application(&self, name: &str, statements: &str) -> Client {
        let mut client = self.client();
        client
            .batch_execute(&format!("set application_name to '{name}'; {statements}"))
            .unwrap_or_else(|error| panic!("somebody is in the way of {statements}: {error:?}"));
        client
    }

    /// How many advisory locks somebody has or waits for.
    pub(crate) fn advisory_locks(&self) -> usize {
        self.rows(
            "select from pg_locks where locktype = 'advisory'
             and database = (select oid from pg_database where datname = current_database())",
        )
    }

    /// How many indexes that are built online wait for somebody's transaction.
    pub(crate) fn waiting_builds(&self) -> usize {
        self.rows(
            "select from pg_stat_progress_create_index where datname = current_database() and phase like 'waiting%'",
        )
    }

    /// The indexes that serve no read and cost every write.
    pub(crate) fn unfinished_indexes(&self) -> String {
        self.query_text(
            "select c.relname from pg_index x join pg_class c on c.oid = x.indexrelid where not x.indisvalid order by 1",
        )
    }

    /// How many rows a query returns.
    pub(crate) fn rows(&self, sql: &str) -> usize {
        self.query(sql).len()
    }

    /// How many sessions there are but the one that counts them.
    pub(crate) fn sessions(&self) -> usize {
        let others = "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                      and backend_type = 'client backend'";
        self.query(others).len()
    }

    /// Makes every DDL statement take so long, by an event trigger, and count itself in `public.progress`, which no
    /// rollback takes back.
    pub(crate) fn slow_down(&self, seconds: f32) {
        self.execute(&format!(
            "create sequence public.progress;
             create function public.slow_down() returns event_trigger language plpgsql security definer as $$
             begin
               perform pg_catalog.nextval('public.progress');
               perform pg_catalog.pg_sleep({seconds});
             end $$;
             create event trigger slow_down on ddl_command_end execute function public.slow_down()"
        ));
    }

    /// Waits until a session is held up by [`Self::slow_down`], and returns the process ID of its backend.
    pub(crate) fn held_up(&self) -> String {
        let mut pid = String::new();
        eventually("a statement is held up", || {
            let asleep =
                "select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
            pid = self.query_text(asleep);
            !pid.is_empty()
        });
        pid
    }
}

/// Ends the transaction of a session that is in somebody's way.
#[track_caller]
pub(crate) fn commit(client: &mut Client) {
    client.batch_execute("commit").expect("a transaction can be ended");
}

/// A database with the first generation of everything.
pub(crate) fn first_generation(server: &Server) -> Database<'_> {
    let database = server.database();
    database.run(UP_FIRST).run().ok();
    database
}

/// The binary, about to run on the database at this address.
pub(crate) fn run_on(url: &str, arguments: &[&str]) -> Run {
    pevensie_pg(&[arguments, &["--addr", url]].concat())
}
