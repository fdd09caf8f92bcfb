//! The generations of the schema: what each migration after a module's first is for, and the ways between them.

mod cache;
mod indexes;
mod uuid7;
mod ways;

use postgres::Client;
use postgres::error::DbError;

use crate::support::{Database, FIRST, Server};

/// A database whose modules are at these versions: `base@20241222140532`.
fn installed<'s>(server: &'s Server, modules: &[&str]) -> Database<'s> {
    let database = server.database();
    database.run(&[&["migrate"], modules, &["--apply"]].concat()).run().ok();
    database
}

/// What the server has against a statement.
#[track_caller]
fn refusal(client: &mut Client, statement: &str) -> DbError {
    let Err(error) = client.simple_query(statement) else { panic!("this was not refused: {statement}") };
    error.as_db_error().unwrap_or_else(|| panic!("{statement}: {error}")).clone()
}

/// How a table was gone through.
#[derive(Debug, PartialEq, Eq)]
enum Scan {
    Whole,
    ByIndex,
}

/// How many rows a statement changes, and how it and its triggers go through a table. Takes it back.
///
/// The counters are those of the transaction itself: exact, and of nobody else.
fn tried(database: &Database<'_>, statement: &str, table: &str) -> (u64, Scan) {
    let mut client = database.client();
    let mut transaction = client.transaction().expect("the server answers");
    let changed = transaction.execute(statement, &[]).unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    let scans = "select seq_scan, idx_scan from pg_stat_xact_user_tables where relid = $1::text::regclass";
    let row = transaction.query_one(scans, &[&table]).expect("there is such a table");
    // The planner looks up the ends of an index, which counts as a scan of it, too.
    let scan = match (row.get::<_, i64>(0), row.get::<_, i64>(1)) {
        (0, 1..) => Scan::ByIndex,
        (1.., _) => Scan::Whole,
        scans => panic!("{statement} does not look into {table}: {scans:?}"),
    };
    (changed, scan)
}
