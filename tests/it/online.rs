//! Upgrading what is in use: indexes are built online, tables are queued for politely, and everybody is told.

mod choice;
mod deadlocked;
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

use crate::support::{Database, Output, Server, commit, eventually, first_generation};

/// Upgrades what is there to the second generation: what is newer still is none of these tests' business.
const UP: &[&str] = &["migrate", "base@20261121041000", "auth@20261121041200", "cache@20261121041400", "--apply"];
/// Only shows what that would do.
const MIGRATE: &[&str] = UP.split_at(4).0;
/// What the upgrade applies, in order.
const PENDING: [&str; 5] = ["20261121041000", "20261121041100", "20261121041200", "20261121041300", "20261121041400"];

/// A database that was upgraded with nobody in the way.
fn upgraded(server: &Server) -> Database<'_> {
    let database = first_generation(server);
    database.run(UP).run().ok();
    database
}

/// An application that uses a table in a transaction which stays open.
fn application(database: &Database<'_>, table: &str, mode: &str) -> Client {
    database.application("the application", &format!("begin; lock table pevensie.{table} in {mode} mode"))
}

/// Waits until an index that is built online waits for somebody's transaction.
fn build_waits(database: &Database<'_>) {
    eventually("the build waits", || database.waiting_builds() > 0);
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
