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
pub(super) use self::truth::{CASES, Case, Files, Half, Unit};

use std::sync::OnceLock;

use crate::support::{FIRST, pevensie_pg};

/// Every format that is written as files, as the binary lists them.
pub(super) fn formats() -> impl Iterator<Item = &'static str> {
    static LISTED: OnceLock<String> = OnceLock::new();
    let listed = LISTED.get_or_init(|| pevensie_pg(&["print", "base", "--format", "?"]).run().stderr);
    let (_, rest) = listed.split_once("[possible values: ").expect("it lists them");
    let listed = rest.split(']').next().expect("a split has a first part").split(", ");
    listed.filter(|format| !["sql", "psql"].contains(format))
}

/// Whether a file of tests has a module for a format.
fn has_module(file: &str, format: &str) -> bool {
    file.contains(&format!("\nmod {};", format.replace('-', "_")))
}

#[test]
fn every_format_is_checked_and_told_of() {
    assert!(formats().count() > 10, "they are found");
    let page = include_str!("../../../docs/other-tools.md");
    for format in formats() {
        assert!(
            has_module(include_str!("rules.rs"), format) || has_module(include_str!("tools.rs"), format),
            "what does {format} make of the files? Have it apply them in a module of tests/it/exports/tools.rs, or read \
             them as it does in one of tests/it/exports/rules.rs"
        );
        assert!(
            page.contains(&format!("\n| `{format}` | ")),
            "{format} is missing in the table of docs/other-tools.md"
        );
    }
    let others = ["eleven", "twelve", "thirteen", "fourteen", "fifteen"][formats().count() - 15];
    let told = format!("dbmate, sqlx, Flyway, Ecto and {others} other tools.");
    assert!(include_str!("../../../README.md").contains(&told), "the README counts the tools: {told}");
}

/// Byte for byte, with their times: what a tool has applied must not change.
#[test]
fn a_small_export_of_each_format_in_full() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    for format in formats().filter(|format| has_module(include_str!("rules.rs"), format)) {
        let printed = pevensie_pg(&["print", "--format", format, "cache", "--from", FIRST]).run().ok().stdout;
        settings.bind(|| insta::assert_snapshot!(format.replace('-', "_"), printed));
    }
}
