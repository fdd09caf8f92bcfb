//! The checked-in catalogs are what the migrations make, on every server.
//!
//! `UPDATE_CATALOGS=1 scripts/test catalogs` writes them anew after a migration was added.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Database, MODULES, catalog, each_server, psql, servers};

fn sql() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sql")
}

/// Every migration as module and version, by the names of its files, in the order of installation.
fn migrations() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (rank, module) in MODULES.into_iter().enumerate() {
        for entry in fs::read_dir(sql().join(module)).expect("sql/ has a folder for each module") {
            let name = entry.expect("the folder can be read").file_name().into_string().expect("names are ASCII");
            if let Some((version, _)) = name.strip_suffix(".up.sql").and_then(|name| name.split_once('_')) {
                found.push((version.to_owned(), rank, module.to_owned()));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(version, _, module)| (module, version)).collect()
}

type Lines = BTreeSet<String>;

fn listing(database: &Database<'_>) -> Lines {
    let line = |(kind, identity, definition): (String, String, String)| {
        if definition.is_empty() {
            format!("{kind} | {identity}")
        } else {
            format!("{kind} | {identity} | {definition}")
        }
    };
    catalog(database).into_iter().map(line).collect()
}

fn run(database: &Database<'_>, script: &str) {
    psql(database, &["-q", "-1"], script).ok();
}

/// The catalog of each step of the way up: what the ledger adds, then what each migration leaves its module with.
fn made(database: &Database<'_>) -> Vec<(PathBuf, Lines)> {
    let mut made = Vec::new();
    let mut before = listing(database);
    for script in ["ledger/create", "ledger/upgrade"] {
        run(database, &fs::read_to_string(sql().join(format!("{script}.sql"))).expect("the script is there"));
        let after = listing(database);
        made.push((sql().join(format!("{script}.catalog")), &after - &before));
        before = after;
    }
    let ledger = before;
    for (module, version) in migrations() {
        let up = fs::read_dir(sql().join(&module)).expect("the folder is there").find_map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name()?.to_str()?.to_owned();
            (name.starts_with(&version) && name.ends_with(".up.sql")).then_some(path)
        });
        run(database, &fs::read_to_string(up.expect("the migration is there")).expect("the script is text"));
        let others: Lines = made
            .iter()
            .filter(|(path, _)| !path.starts_with(sql().join(&module)))
            .flat_map(|(_, l)| l.clone())
            .collect();
        let after = &(&listing(database) - &ledger) - &others;
        made.push((sql().join(&module).join(format!("{version}.catalog")), after));
    }
    made
}

/// The lines of a file, without the alternatives that are accepted, too.
fn without_alternatives(text: &str) -> Lines {
    text.lines().filter(|line| !line.starts_with("or | ")).map(str::to_owned).collect()
}

/// Writes a catalog, keeping the alternatives below the lines they belong to.
fn update(path: &Path, lines: &Lines) {
    let old = fs::read_to_string(path).unwrap_or_default();
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push('\n');
        let object = |line: &str| line.splitn(3, " | ").take(2).collect::<Vec<_>>().join(" | ");
        let alternatives = old.lines().skip_while(|old| object(old) != object(line)).skip(1);
        let alternatives = alternatives.take_while(|old| old.starts_with("or | "));
        alternatives.for_each(|alternative| text.extend([alternative, "\n"]));
    }
    fs::write(path, text).expect("sql/ can be written");
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_CATALOGS").is_some()
}

#[test]
fn the_migrations_make_exactly_the_catalogs() {
    if is_update() {
        for (path, lines) in made(&servers()[0].database()) {
            update(&path, &lines);
        }
    }
    each_server(|server| {
        for (path, lines) in made(&server.database()) {
            let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(
                lines,
                without_alternatives(&expected),
                "{}; if it is new: UPDATE_CATALOGS=1 scripts/test --quick catalogs",
                path.display()
            );
        }
    });
}

#[test]
fn a_fresh_install_has_no_drift() {
    if is_update() {
        return; // the catalogs in this binary are those from before
    }
    each_server(|server| {
        let database = server.database();
        database.run(&[&["migrate", "--apply"], &MODULES[..]].concat()).run().ok();
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}
