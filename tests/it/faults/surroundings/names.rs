//! Databases and roles whose names need quotes: in addresses, in what is said, in JSON and in the statements of hints.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::super::report::{Case, scale};
use crate::preflight::advice;
use crate::support::{DOWN, Server, UP, each_server, run_on};

/// Each for a database, a role and an application at once. PostgreSQL keeps 63 bytes of a name.
const NAMES: [&str; 16] = [
    "O'Brien \"the 2nd\"",
    "Größe 測試 🦀",
    "back\\slash\\",
    "50%41%",
    "-rf",
    "--addr=x",
    "a/b?c=d#e&f",
    "a:b@c,d",
    " surrounded ",
    "ALL CAPS",
    "select",
    "$user",
    "tab\tand\nline",
    "a;drop table x;--",
    "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-123456789",
    "éééééééééééééééééééééééééééééé€",
];

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A database and a role of that name, until the end.
struct Named<'s>(&'s Server, &'static str);

impl<'s> Named<'s> {
    fn create(server: &'s Server, name: &'static str) -> Self {
        let named = Self(server, name);
        named.drop_both();
        let mut client = server.client();
        let quoted = identifier(name);
        client.batch_execute(&format!("create role {quoted} login")).expect("nobody has this name");
        let create = format!("create database {quoted} template template0 strategy file_copy");
        client.batch_execute(&create).expect("nobody has this name");
        named
    }

    fn drop_both(&self) {
        let (mut client, quoted) = (self.0.client(), identifier(self.1));
        for what in [format!("database if exists {quoted} with (force)"), format!("role if exists {quoted}")] {
            client.batch_execute(&format!("drop {what}")).expect("nothing is in the way");
        }
    }

    /// As URL, and as pairs.
    fn addresses(&self) -> [String; 2] {
        let Self(server, name) = self;
        let (encoded, port) = (utf8_percent_encode(name, NON_ALPHANUMERIC), server.port);
        let quoted = format!("'{}'", name.replace('\\', "\\\\").replace('\'', "\\'"));
        [
            format!("postgres://{encoded}@127.0.0.1:{port}/{encoded}?application_name={encoded}"),
            format!("host=127.0.0.1 port={port} user={quoted} dbname={quoted} application_name={quoted}"),
        ]
    }

    /// Does as the superuser what a hint says.
    fn follow(&self, statement: &str) {
        let mut config = postgres::Config::new();
        let config = config.host("127.0.0.1").port(self.0.port).user("postgres").dbname(self.1);
        let mut client = config.connect(postgres::NoTls).expect("the database answers");
        client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
}

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.drop_both();
        }
    }
}

fn json(url: &str, command: &[&str], code: i32) -> Value {
    let output = run_on(url, &[command, &["--json", "-v"]].concat()).run();
    assert_eq!(output.code, code, "{}", output.snapshot());
    serde_json::from_str(&output.stdout).expect("--json prints a document")
}

/// From a refusal, by its hint, to everything and back.
fn whole_way(server: &Server, name: &'static str) {
    let named = Named::create(server, name);
    let [url, pairs] = named.addresses();
    let refused = run_on(&url, UP).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
    assert_eq!(run_on(&pairs, UP).run().stderr, refused.stderr);
    let document = json(&pairs, UP, 1);
    let message = document["errors"][0]["message"].as_str().expect("it has a message");
    assert_eq!(message.matches(name).count(), 2, "{message}");
    // The words of the hint are on several lines, and so is one of the names.
    let hint = document["errors"][0]["hint"].as_str().expect("it has a hint");
    let grant = hint.split_once("run: ").and_then(|(_, rest)| rest.split_once(";\nor as a superuser"));
    let grant = grant.map_or_else(|| panic!("no statement in {hint}"), |(grant, _)| grant.to_owned());
    assert!(name.contains(['\n', '\t', ';']) || !advice(&refused).is_empty(), "{}", refused.stderr);
    named.follow(&grant);

    let applied = json(&url, UP, 0);
    let status = json(&pairs, &["status", "--check", "--history"], 0);
    for document in [&applied, &status] {
        assert_eq!(document["database"]["name"], name);
        assert_eq!(document["database"]["role"], name);
    }
    let history = status["history"].as_array().expect("it has records");
    assert!(!history.is_empty() && history.iter().all(|record| record["role"] == name), "{history:?}");
    let said = run_on(&url, &["status", "-v"]).run().ok();
    assert!(said.stderr.contains(&format!("dbname = {name}  (")), "{}", said.stderr);
    run_on(&pairs, DOWN).run().ok();
    assert_eq!(json(&url, &["status", "--check"], 3)["ledger"], "absent");
}

#[test]
fn names_are_quoted_wherever_they_are_used() {
    let case = Case::new("names with quotes, spaces, unicode …");
    each_server(|server| {
        // The short form takes every fourth, and on each server others.
        let start = scale(server.version as usize % 4, 0);
        for name in NAMES.iter().skip(start).step_by(scale(4, 1)) {
            case.run(|| whole_way(server, name));
        }
    });
}
