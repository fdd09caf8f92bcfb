//! The commands of `docs/examples`, taken from the files and run in their order against a real database.

mod compose;
mod gleam;
mod kubernetes;
mod pipelines;

use std::fs;

use serde_json::Value;

use super::{VERSION, image, ours, yaml};
use crate::support::{Database, Output, Run};

/// The documents of an example, which name this version where they name one.
fn example(name: &str) -> Vec<Value> {
    let path = ours("docs/examples").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let image = "ghcr.io/OWNER/pevensie-pg:";
    for line in text.lines() {
        if let Some((_, tag)) = line.split_once(image) {
            assert_eq!(tag.split_whitespace().next(), Some(VERSION), "{line}");
        }
        if let Some((_, version)) = line.split_once("PEVENSIE_PG_VERSION: ") {
            assert_eq!(version, VERSION, "{line}");
        }
    }
    yaml(&path)
}

/// What stands at a path such as `/jobs/check/steps`.
#[track_caller]
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or_else(|| panic!("there is no {path} in {value:#}"))
}

#[track_caller]
fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A container of our image with arguments from a file, for a database here instead of the one that the file names.
fn container(arguments: &Value, database: &Database<'_>) -> Run {
    let arguments: Vec<&str> = list(arguments).iter().map(text).collect();
    image::container(&arguments).env("DATABASE_URL", database.url())
}

/// Runs it twice: it migrates, and then has nothing to do.
fn migrates(arguments: &Value, database: &Database<'_>) {
    let output: Output = container(arguments, database).run().ok();
    assert!(output.stdout.contains("applied  cache"), "{}", output.snapshot());
    let again = container(arguments, database).run().ok();
    assert!(again.stderr.contains("nothing to do"), "{}", again.snapshot());
    database.run(&["status", "--check", "auth", "cache"]).run().ok();
}
