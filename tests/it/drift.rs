//! Drift: every change of the schema that matters is told, as what it is, and no other is.

mod added;
mod changed;
mod harmless;
mod ledger;
mod mended;
mod shown;
mod surroundings;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{Database, MODULES, each_server, pevensie_pg};

/// Statements, and what `status` says of them: a line for each object, as [`line`] writes it.
type Mutation = (&'static str, &'static [&'static str]);

/// The oldest and the newest server: the catalogs of those between are compared by `catalogs`.
const SERVERS: [u32; 2] = [15, 18];

/// Installs all modules.
fn install(database: &Database<'_>) {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    database.execute(SCRIPT.get_or_init(|| pevensie_pg(&["print", "auth", "cache"]).run().ok().stdout));
}

/// What `status --check --json` says of drift, and its exit code.
fn drift(database: &Database<'_>, options: &[&str]) -> Result<(Vec<Value>, i32), String> {
    drift_at(&database.url(), options)
}

fn drift_at(url: &str, options: &[&str]) -> Result<(Vec<Value>, i32), String> {
    let output = pevensie_pg(&[&["status", "--check", "--json", "--quiet", "--addr", url], options].concat()).run();
    let document: Value = serde_json::from_str(&output.stdout).map_err(|_| output.snapshot())?;
    let drift = document["drift"].as_array().ok_or_else(|| output.snapshot())?;
    assert_eq!(document["good"] == true, output.code == 0, "{}", output.snapshot());
    Ok((drift.clone(), output.code))
}

/// A difference as the tables have it: `missing table x`, `changed column x.y: text null`, `extra index x.y: CREATE …`.
fn line(difference: &Value) -> String {
    let text = |field: &str| difference[field].as_str().unwrap_or_default();
    let mut line = format!("{} {} {}", text("difference"), text("kind"), text("identity"));
    match text("found") {
        "" => {}
        found => write!(line, ": {}", without_hash(found, text("expected"))).expect("a string can be written to"),
    }
    line
}

/// Replaces the hash of a function's body by whether it is the expected one.
fn without_hash(found: &str, expected: &str) -> String {
    match found.split_once("sha256 ") {
        Some((attributes, hash)) if expected.ends_with(hash) => format!("{attributes}body ours"),
        Some((attributes, _)) => format!("{attributes}body another's"),
        None => found.to_owned(),
    }
}

/// The definition that the catalogs in `sql/` have for an object.
fn definition(kind: &str, identity: &str) -> Option<&'static str> {
    static LINES: OnceLock<Vec<String>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
        let newest = |folder: &str| {
            let entries = fs::read_dir(sql.join(folder)).expect("the folder can be read");
            let paths = entries.map(|entry| entry.expect("the folder can be read").path());
            paths.filter(|path| path.extension().is_some_and(|extension| extension == "catalog")).max()
        };
        let ledger = ["create", "upgrade"].map(|name| sql.join("ledger").join(format!("{name}.catalog")));
        let paths = MODULES.into_iter().filter_map(newest).chain(ledger);
        paths
            .flat_map(|path| {
                fs::read_to_string(path).expect("a catalog").lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    });
    let start = format!("{kind} | {identity} | ");
    lines.iter().find_map(|line| line.strip_prefix(&start))
}

fn execute(database: &Database<'_>, sql: &str) -> Result<(), String> {
    let message = |error: postgres::Error| error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
    database.client().batch_execute(sql).map_err(|error| format!("{sql}\n{}", message(error)))
}

/// Makes a change and says what `status` then says that it should not.
fn judge(database: &Database<'_>, (sql, expected): &Mutation) -> Result<Vec<Value>, String> {
    execute(database, sql)?;
    let (found, code) = drift(database, &[])?;
    let mut lines: Vec<_> = found.iter().map(line).collect();
    lines.sort();
    let expected = sorted(expected);
    if lines != expected {
        return Err(format!("told: {lines:#?}\nnot:  {expected:#?}"));
    }
    let faults: Vec<_> = found.iter().filter(|difference| difference["difference"] != "extra").collect();
    for fault in &faults {
        let text = |field: &str| fault[field].as_str().unwrap_or_default();
        if definition(text("kind"), text("identity")).unwrap_or_default() != text("expected") {
            return Err(format!("that is not what is expected: {fault:#}"));
        }
    }
    let codes = match faults.as_slice() {
        [] => (code, drift(database, &["--strict"])?.1),
        _ => (code, 5),
    };
    let right = (if faults.is_empty() { 0 } else { 5 }, if found.is_empty() { 0 } else { 5 });
    if codes == right {
        Ok(found)
    } else {
        Err(format!("exit codes without and with --strict: {codes:?}, not {right:?}"))
    }
}

/// The lines, with the modules that there are beside `base` in the place of `[others]`.
fn sorted(lines: &[&str]) -> Vec<String> {
    let others = MODULES[1..].iter().map(|module| format!("'{module}'")).collect::<Vec<_>>().join(", ");
    let mut lines: Vec<String> = lines.iter().map(|line| line.replace("[others]", &others)).collect();
    lines.sort_unstable();
    lines
}

/// Makes each change in a database of its own.
fn each_mutation(mutations: &[Mutation], then: impl Fn(&Database<'_>, &[Value]) -> Result<(), String> + Sync) {
    each_server(|server| {
        if !SERVERS.contains(&server.version) {
            return;
        }
        let failures: Vec<_> = mutations
            .iter()
            .filter_map(|mutation| {
                let database = server.database();
                install(&database);
                let judged = judge(&database, mutation).and_then(|found| then(&database, &found));
                judged.err().map(|failure| format!("\n{}\n{failure}\n", mutation.0))
            })
            .collect();
        assert!(failures.is_empty(), "{} of {} changes:\n{}", failures.len(), mutations.len(), failures.concat());
    });
}
