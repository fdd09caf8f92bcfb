//! PostgreSQL 14 is too old to be migrated, but not to be looked at.

use std::env;
use std::process::Command;

use postgres::{Client, NoTls};

use crate::adoption::objects;
use crate::support::{Folder, Output, UP, assert_snapshot, output_of, pevensie_pg, run_on};

/// A database of a test's own on the server that `scripts/servers start 14` has started, dropped at the end.
struct OldDatabase {
    port: String,
    name: String,
}

impl OldDatabase {
    /// The name has to be one that no other test has.
    fn new(name: &str) -> Self {
        let port = env::var("PEVENSIE_PG_TEST_OLD_SERVER").expect(
            "PEVENSIE_PG_TEST_OLD_SERVER is set: run all tests by scripts/test, or this first: \
             eval \"$(scripts/servers start 14 15 16 17 18)\"",
        );
        let database = Self { port, name: format!("{name}_p{}_0", std::process::id()) };
        database.on_server(&format!("create database {}", database.name));
        database
    }

    fn on_server(&self, sql: &str) {
        let mut client = Client::connect(&self.url_of("postgres"), NoTls).expect("the server answers");
        client.batch_execute(sql).expect("the database is nobody else's");
    }

    fn url_of(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run_on(&self.url_of(&self.name), arguments).run()
    }

    fn client(&self) -> Client {
        Client::connect(&self.url_of(&self.name), NoTls).expect("the database answers")
    }

    fn is_empty(&self) -> bool {
        let schema = "select from pg_namespace where nspname = 'pevensie'";
        self.client().query(schema, &[]).expect("the database answers").is_empty()
    }
}

impl Drop for OldDatabase {
    fn drop(&mut self) {
        self.on_server(&format!("drop database {} with (force)", self.name));
    }
}

#[test]
fn an_empty_database_is_looked_at() {
    let database = OldDatabase::new("empty");
    let output = database.run(&["status", "--check"]);
    assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{}", output.snapshot());
    for text in ["PostgreSQL 14.", "Pevensie is not installed in this database"] {
        assert!(output.stderr.contains(text), "{}", output.snapshot());
    }
}

#[test]
fn what_can_be_there_is_looked_at() {
    let database = OldDatabase::new("recorded");
    database.client().batch_execute(&pevensie_pg(&["print", "cache"]).run().ok().stdout).unwrap();
    let output = database.run(&["status", "--check", "--strict"]).ok();
    assert_eq!(output.stdout.lines().count(), 3, "{}", output.snapshot());
    assert!(output.stderr.contains("PostgreSQL 14."), "{}", output.snapshot());

    let drift = "alter table pevensie.cache set logged; create index on pevensie.cache (value)";
    database.client().batch_execute(drift).unwrap();
    let output = database.run(&["status", "--check"]);
    assert_eq!(output.code, 5, "{}", output.snapshot());
    for line in ["changed table pevensie.cache\n", "extra index pevensie.cache.cache_value_idx\n"] {
        assert!(output.stdout.contains(line), "{}", output.snapshot());
    }
}

#[test]
fn what_another_tool_put_there_is_looked_at() {
    let database = OldDatabase::new("found");
    let script = format!("create schema pevensie; {} {}", objects("base"), objects("cache"));
    database.client().batch_execute(&script).unwrap();
    let output = database.run(&["status", "--check"]);
    assert_eq!(output.code, 3, "{}", output.snapshot());
    assert!(output.stderr.contains("base cache: there, but without a record"), "{}", output.snapshot());
}

#[test]
fn nothing_is_migrated() {
    let database = OldDatabase::new("refused");
    assert_snapshot!(database.run(UP), @r"
    $ pevensie-pg migrate auth cache --apply --addr postgres://postgres@127.0.0.1:[port]/[refused]
    [exit 1]
    --- stdout

    --- stderr
    error: PostgreSQL [version] is too old: Pevensie needs 15 or newer
    hint: upgrade the server; 14 lacks NULLS NOT DISTINCT
    ");
    for arguments in [&["migrate", "base", "--apply"][..], &["migrate", "cache"]] {
        let output = database.run(arguments);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        assert!(output.stderr.contains("PostgreSQL 14."), "{}", output.snapshot());
        assert!(output.stderr.contains("is too old: Pevensie needs 15 or newer"), "{}", output.snapshot());
    }
    assert!(database.is_empty());
}

#[test]
fn the_script_for_psql_refuses() {
    let database = OldDatabase::new("script");
    let script = pevensie_pg(&["print", "--format", "psql", "auth"]).run().ok().stdout;
    let folder = Folder::new();
    let file = folder.write("auth.sql", &script);
    let url = database.url_of(&database.name);
    let output = output_of(Command::new("psql").args(["-X", "-q", "-d", &url, "-f"]).arg(file));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("is too old: Pevensie needs 15 or newer"), "{stderr}");
    assert_eq!(stderr.lines().filter(|line| line.contains("ERROR")).count(), 1, "{stderr}");
    assert!(database.is_empty());
}

#[test]
fn what_is_there_can_be_removed() {
    let database = OldDatabase::new("removed");
    database.client().batch_execute(&pevensie_pg(&["print", "cache"]).run().ok().stdout).unwrap();
    database.run(&["rollback", "base@0", "cache@0", "--apply", "--yes"]).ok();
    assert!(database.is_empty());
}
