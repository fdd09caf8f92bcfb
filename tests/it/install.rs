//! What an installation leaves in a database, and what its removal leaves: the whole of it and nothing of it.

mod as_printed;
mod hostile;
mod modules;
mod psql_format;
pub(crate) mod uuid7;

use std::collections::BTreeSet;

use crate::support::{
    DOWN, Database, MODULES, UP, UP_FIRST, catalog, contents, each_server, migrations, pevensie_pg, psql, run_on,
    servers,
};

/// What to think about where more differs than these tests list.
const HEED: &str = "what else differs from upstream's schema, and can the driver do with it what it does? List it here";

/// The lines of a listing; that none is there twice is asserted, since a set would hide it.
fn lines<S: Into<String>>(lines: impl IntoIterator<Item = S>) -> BTreeSet<String> {
    let mut set = BTreeSet::new();
    for line in lines {
        let line = line.into();
        assert!(!set.contains(&line), "twice: {line}");
        set.insert(line);
    }
    set
}

/// A function's line without the hash of its body; every other line as it is.
fn without_hash(line: &str) -> Option<&str> {
    let (head, hash) = line.split_once(" sha256 ")?;
    let is_hash = hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit());
    (line.starts_with("function|uuid7(") && is_hash).then_some(head)
}

/// Likewise, of many lines.
fn without_hashes(lines: &BTreeSet<String>) -> BTreeSet<String> {
    lines.iter().map(|line| without_hash(line).unwrap_or(line).to_owned()).collect()
}

/// The functions, whose bodies are ours, without the hashes of these.
fn functions() -> BTreeSet<String> {
    let names = ["function|uuid7()", "function|uuid7(timestamp with time zone)"];
    lines(names.map(|name| format!("{name}|returns uuid language plpgsql volatile parallel unsafe")))
}

fn listing(database: &Database<'_>) -> BTreeSet<String> {
    lines(catalog(database).into_iter().map(|(kind, identity, text)| [kind, identity, text].join("|")))
}

/// The same, as if there were no modules but upstream's.
fn without_later_modules(lines: BTreeSet<String>) -> BTreeSet<String> {
    let is_later = |module: &&&str| !["base", "auth", "cache"].contains(module);
    let later: String = MODULES.iter().filter(is_later).flat_map(|module| [", '", module, "'"]).collect();
    lines
        .into_iter()
        .map(|line| if line.starts_with("enum|module|") { line.replace(&later, "") } else { line })
        .collect()
}

#[test]
fn the_schema_is_upstreams_row_for_row() {
    each_server(|server| {
        let database = server.database();
        database.run(UP_FIRST).run().ok();
        let ours = without_later_modules(listing(&database));
        let upstream = lines(include_str!("data/upstream.catalog").lines());
        let ledger = lines(include_str!("data/ledger.catalog").lines());
        assert_eq!(upstream.len(), 57);

        let (added, missing) = (&(&ours - &upstream) - &ledger, &upstream - &ours);
        assert_eq!(&ledger - &ours, BTreeSet::new());
        assert_eq!(&ledger & &upstream, BTreeSet::new());
        assert_eq!((added.len(), without_hashes(&added)), (2, functions()), "{HEED}");
        assert_eq!((missing.len(), without_hashes(&missing)), (2, functions()), "{HEED}");
    });
}

/// What the driver can do with upstream's schema it can do with ours: the newest schema has no less than the first but one
/// constraint, and no more than indexes.
#[test]
fn what_is_newer_than_upstreams_is_this() {
    each_server(|server| {
        let database = server.database();
        database.run(UP_FIRST).run().ok();
        let first = listing(&database);
        database.run(UP).run().ok();
        let newest = listing(&database);
        let indexes = lines([("session", "user_id"), ("session", "expires_at"), ("cache", "expires_at")].map(
            |(table, column)| {
                let name = format!("{table}_{column}_idx");
                format!("index|{table}.{name}|CREATE INDEX {name} ON pevensie.{table} USING btree ({column})")
            },
        ));
        let constraint = lines(["constraint|cache.cache_key_key|UNIQUE (key)"]);
        assert_eq!(without_hashes(&(&newest - &first)), &indexes | &functions(), "{HEED}");
        assert_eq!(without_hashes(&(&first - &newest)), &constraint | &functions(), "{HEED}");
    });
}

#[test]
fn four_ways_lead_to_the_same_database() {
    each_server(|server| {
        let ways: [fn(&Database<'_>); 4] = [
            |database| {
                database.run(UP).run().ok();
            },
            |database| {
                let printed = pevensie_pg(&["print", "auth", "cache"]).run().ok();
                psql(database, &["-q", "-1"], &printed.stdout).ok();
            },
            |database| {
                let printed = database.run(&["migrate", "auth", "cache"]).run().ok();
                psql(database, &["-q", "-1"], &printed.stdout).ok();
            },
            |database| {
                let printed = pevensie_pg(&["print", "auth", "cache", "--format=psql"]).run().ok();
                psql(database, &["-v", "ON_ERROR_STOP=0"], &printed.stdout).ok();
            },
        ];
        let results = ways.map(|way| {
            let database = server.database();
            way(&database);
            let status = database.run(&["status", "--check"]).run().ok();
            assert!(status.stderr.contains("everything is as it should be"), "{}", status.stderr);
            assert_eq!(database.run(&["migrate", "auth", "cache"]).run().ok().stdout, "");
            contents(&database)
        });
        for (id, migration) in (1..).zip(migrations()) {
            let record = format!("\n{id}|{}|{}|up|", migration.module, migration.version);
            assert!(results[0].contains(&record), "no {record:?} in {}", results[0]);
        }
        for result in &results[1..] {
            assert_eq!(*result, results[0]);
        }
    });
}

/// How many rows each catalog has that says something about the objects of this database.
fn system_catalogs(database: &Database<'_>) -> String {
    let catalogs =
        "namespace class attribute type proc constraint index enum sequence attrdef depend trigger description
                    default_acl init_privs event_trigger rewrite policy collation operator";
    let count = |name: &str| format!("select '{name}', count(*) from pg_{name}");
    let shared = "select 'shdepend', count(*) from pg_shdepend
                  where dbid = (select oid from pg_database where datname = current_database())";
    database.query_text(&format!(
        "{} union all {shared} order by 1",
        catalogs.split_whitespace().map(count).collect::<Vec<_>>().join(" union all ")
    ))
}

#[test]
fn up_and_down_leaves_nothing_and_up_again_is_the_same() {
    each_server(|server| {
        let database = server.database();
        let empty = system_catalogs(&database);
        database.run(UP).run().ok();
        let installed = contents(&database);
        assert_ne!(system_catalogs(&database), empty);
        for _ in 0..2 {
            database.run(DOWN).run().ok();
            assert_eq!(system_catalogs(&database), empty);
            assert_eq!(database.query_text("select from pg_namespace where nspname = 'pevensie'"), "");
            assert_eq!(database.run(&["status", "--check"]).run().code, 3);
            database.run(UP).run().ok();
            assert_eq!(contents(&database), installed);
        }
        // By psql, too: what is printed leaves nothing either.
        let printed = pevensie_pg(&["print", "auth", "cache", "--down"]).run().ok();
        psql(&database, &["-q", "-1"], &printed.stdout).ok();
        assert_eq!(system_catalogs(&database), empty);
    });
}

#[test]
fn a_role_that_was_given_the_schema_can_go_up_and_down_and_up() {
    each_server(|server| {
        let database = server.database();
        let role = database.role("app", "nosuperuser");
        database.execute(&format!("create schema pevensie authorization {role}"));
        let (url, given) = (database.url_as(&role), system_catalogs(&database));
        run_on(&url, UP).run().ok();
        let installed = contents(&database);
        run_on(&url, DOWN).run().ok();
        // The role could not make the schema again, so it stays.
        assert_eq!(system_catalogs(&database), given);
        run_on(&url, UP).run().ok();
        assert_eq!(contents(&database), installed);
        run_on(&url, &["status", "--check"]).run().ok();
    });
}

#[test]
fn what_is_there_needs_nothing() {
    let database = servers()[0].database();
    for (modules, said) in [
        (&["base"][..], "nothing to do: base is up to date\n"),
        (&["auth"], "nothing to do: base and auth are up to date\n"),
    ] {
        let migrate = [&["migrate"], modules].concat();
        database.run(&[&migrate[..], &["--apply"]].concat()).run().ok();
        let output = database.run(&migrate).run().ok();
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", said));
    }
}

#[test]
fn what_belongs_to_others_stays() {
    each_server(|server| {
        let database = server.database();
        let (role, other) = (database.role("app", "nosuperuser"), database.role("other", "nosuperuser"));
        database.execute(&format!(
            "create schema pevensie authorization {other}; grant usage, create on schema pevensie to {role};
             create table pevensie.notes (note text); alter table pevensie.notes owner to {other};
             insert into pevensie.notes values ('mine')"
        ));
        let (url, given) = (database.url_as(&role), system_catalogs(&database));
        for _ in 0..2 {
            run_on(&url, UP).run().ok();
            run_on(&url, &["status", "--check"]).run().ok();
            run_on(&url, DOWN).run().ok();
            assert_eq!(system_catalogs(&database), given);
        }
        assert_eq!(database.query_text("select note from pevensie.notes"), "mine");

        // In a schema of its own, too.
        let database = server.database();
        database.run(UP).run().ok();
        database.execute("create view pevensie.notes as select 'mine' as note");
        database.run(DOWN).run().ok();
        let left: Vec<String> =
            catalog(&database).into_iter().map(|(kind, identity, _)| kind + " " + &identity).collect();
        assert_eq!(left, ["column notes.note", "schema pevensie", "view notes"]);
    });
}
