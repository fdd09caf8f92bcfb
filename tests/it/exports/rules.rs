//! The rules of the tools' formats, kept by readers that are written from what the tools do, and not from our writers.

mod atlas;
mod check;
mod cigogne;
mod ecto;
mod flyway;
mod forbidden;
mod golang_migrate;
mod goose;
mod markers;
mod scanner;
mod sql;
mod tern;
mod truth;

pub(super) use self::check::check;
pub(super) use self::ecto::number_and_title;
pub(super) use self::truth::{CASES, Case, Files, Half, Unit, files_below};

use crate::support::{FIRST, pevensie_pg};

/// Every format that is written as files.
pub(super) const FORMATS: [&str; 15] = [
    "dbmate",
    "sqlx",
    "refinery",
    "diesel",
    "goose",
    "golang-migrate",
    "tern",
    "atlas",
    "flyway",
    "liquibase",
    "sqitch",
    "graphile-migrate",
    "node-pg-migrate",
    "ecto",
    "cigogne",
];

#[test]
fn every_format_is_checked() {
    let output = pevensie_pg(&["print", "base", "--format", "?"]).run();
    let (_, rest) = output.stderr.split_once("[possible values: ").expect("it lists them");
    let listed: Vec<&str> = rest.split(']').next().expect("a split has a first part").split(", ").collect();
    assert_eq!(listed, [&["sql", "psql"], &FORMATS[..]].concat());
}

/// Byte for byte, with their times: what a tool has applied must not change.
#[test]
fn a_small_export_of_each_format_in_full() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    for format in ["goose", "golang-migrate", "tern", "flyway", "atlas", "cigogne", "ecto"] {
        let printed = pevensie_pg(&["print", "--format", format, "cache", "--from", FIRST]).run().ok().stdout;
        settings.bind(|| insta::assert_snapshot!(format.replace('-', "_"), printed));
    }
}
