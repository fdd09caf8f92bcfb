//! Upgrading what is in use: indexes are built online, tables are queued for politely, and everybody is told.

mod choice;
mod effects;
mod hostile;
mod leftovers;
mod overdue;
mod polite;
mod pooled;
mod printed;
mod progress;
mod together;

use postgres::Client;

use crate::support::{Database, Output, Server, UP, eventually};

/// Installs everything as it was before there were indexes that can be built online.
const FIRST: &[&str] = &["migrate", "base@20241222140532", "auth@20241222140532", "cache@20241222140532", "--apply"];
/// What the upgrade of that applies, in order.
const PENDING: [&str; 5] = ["20261121041000", "20261121041100", "20261121041200", "20261121041300", "20261121041400"];

/// A database with the first generation of everything.
fn first_generation(server: &Server) -> Database<'_> {
    let database = server.database();
    database.run(FIRST).run().ok();
    database
}

/// A database that was upgraded with nobody in the way.
fn upgraded(server: &Server) -> Database<'_> {
    let database = first_generation(server);
    database.run(UP).run().ok();
    database
}

/// An application that uses a table in a transaction which stays open.
fn application(database: &Database<'_>, table: &str, mode: &str) -> Client {
    let mut client = database.client();
    client
        .batch_execute(&format!(
            "set application_name to 'the application'; begin; lock table pevensie.{table} in {mode} mode"
        ))
        .expect("nobody else uses it");
    client
}

fn commit(client: &mut Client) {
    client.batch_execute("commit").expect("a transaction can be ended");
}

/// Waits until an index that is built online waits for somebody's transaction.
fn build_waits(database: &Database<'_>) {
    let waits =
        "select from pg_stat_progress_create_index where datname = current_database() and phase like 'waiting%'";
    eventually("the build waits", || database.rows(waits) > 0);
}

/// Indexes that serve no read and cost every write.
fn unfinished(database: &Database<'_>) -> String {
    database.query_text(
        "select c.relname from pg_index x join pg_class c on c.oid = x.indexrelid
         where c.relnamespace = 'pevensie'::regnamespace and not x.indisvalid order by 1",
    )
}

/// The versions that a run says it has applied, in order.
fn applied(output: &Output) -> Vec<&str> {
    let lines = output.stdout.lines().filter(|line| line.starts_with("applied"));
    lines.filter_map(|line| line.split_whitespace().nth(2)).collect()
}

/// The words that a run's line on a version ends with.
fn remark<'o>(output: &'o Output, version: &str) -> &'o str {
    let line = output.stdout.lines().find(|line| line.contains(version));
    let line = line.unwrap_or_else(|| panic!("nothing on {version}: {}", output.snapshot()));
    line.splitn(5, "  ").nth(4).unwrap_or_default().trim()
}
