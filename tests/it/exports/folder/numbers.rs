//! Files with small numbers, and what is refused.

use std::fs;
use std::path::Path;

use super::written::{print, print_to};
use crate::support::{FIRST, Folder, assert_snapshot, snapshot_filters};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read").file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().expect("ours are ASCII")).collect();
    names.sort();
    names
}

/// The name that a tool would give to a file with this number.
fn named(format: &str, number: u64, title: &str) -> String {
    match format {
        "refinery" => format!("V{number}__{title}.sql"),
        "tern" => format!("{number:03}_{title}.sql"),
        "graphile-migrate" => format!("{number:03}-{title}.sql"),
        _ => panic!("{format} has no numbers"),
    }
}

const NUMBERED: [&str; 3] = ["refinery", "tern", "graphile-migrate"];

fn expected(format: &str, files: &[(u64, &str)]) -> Vec<String> {
    let mut names: Vec<String> = files.iter().map(|(number, title)| named(format, *number, title)).collect();
    names.sort();
    names
}

#[test]
fn new_files_follow_those_that_are_there() {
    for format in NUMBERED {
        let folder = Folder::new();
        folder.write(&named(format, 1, "users"), "select 1;\n");
        folder.write(&named(format, 12, "carts"), "select 2;\n");
        print_to(folder.path(), &format!("cache@{FIRST} base@{FIRST} --format {format}")).ok();
        let first = [(1, "users"), (12, "carts"), (13, "pevensie_base_uuid7"), (14, "pevensie_cache_cache")];
        assert_eq!(names(folder.path()), expected(format, &first));
        folder.write(&named(format, 15, "orders"), "select 3;\n");
        let grown = print_to(folder.path(), &format!("cache --format {format}")).ok();
        // tern can leave its transaction, and the module is in use by then.
        let record = if format == "tern" { &[(19, "pevensie_cache_cache_expires_at_idx_record")][..] } else { &[] };
        let then = [
            &first[..],
            &[(15, "orders"), (16, "pevensie_base_uuid7_range"), (17, "pevensie_cache_key_per_resource_type")],
            &[(18, "pevensie_cache_cache_expires_at_idx")],
            record,
        ];
        assert_eq!(names(folder.path()), expected(format, &then.concat()));
        assert_eq!(grown.stdout.matches("kept ").count(), 2, "{}", grown.stdout);
    }
}

#[test]
fn files_are_numbered_from_where_one_says() {
    for format in NUMBERED {
        let folder = Folder::new();
        folder.write(&named(format, 7, "users"), "select 1;\n");
        let before = names(folder.path());
        for first in [6, 7] {
            let clash = print_to(folder.path(), &format!("base --format {format} --first {first}"));
            assert_eq!((clash.code, clash.stdout.as_str()), (2, ""), "{}", clash.snapshot());
            assert!(clash.stderr.contains("number 7 already") && clash.stderr.contains("hint: "), "{}", clash.stderr);
            assert_eq!(names(folder.path()), before);
        }
        print_to(folder.path(), &format!("base --format {format} --first 40")).ok();
        let files = [(7, "users"), (40, "pevensie_base_uuid7"), (41, "pevensie_base_uuid7_range")];
        assert_eq!(names(folder.path()), expected(format, &files));
        // The numbers they have are theirs: another wish changes nothing.
        let again = print_to(folder.path(), &format!("base --format {format} --first 90")).ok();
        assert_eq!(again.stdout.matches("kept ").count(), 2, "{}", again.stdout);
        let printed = print(&format!("base --format {format} --first 5")).ok().stdout;
        assert!(printed.starts_with(&format!("-- file: {}\n", named(format, 5, "pevensie_base_uuid7"))), "{printed}");
    }
}

#[test]
fn what_a_format_has_no_use_for_is_refused() {
    let folder = Folder::new();
    let lines = [
        "cache --format sql --out x",
        "cache --format psql --out x",
        "cache --out x",
        "cache --format psql --first 3",
        "cache --format goose --first 3",
        "cache --format sqitch --first 3 --out x",
        "cache --format goose --down",
        "cache --format tern --down --out x",
        "cache --format diesel",
        "cache --format sqitch",
        "cache --format gose",
        "cache --format golang",
        "cache --format tern --first 0",
        "cache --format tern --first=-1",
        "cache --format tern --first many",
    ];
    let said = lines.map(|line| {
        let output = print(&line.replace(" x", &format!(" {}", folder.path().join("x").display())));
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{}", output.snapshot());
        format!("$ pevensie-pg print {line}\n{}\n", output.stderr)
    });
    assert_eq!(names(folder.path()), [""; 0]);
    let _filters = snapshot_filters().bind_to_scope();
    insta::assert_snapshot!(said.concat());
}

#[test]
fn a_number_that_is_taken_on_the_screen() {
    let folder = Folder::new();
    folder.write("003_carts.sql", "select 1;\n");
    assert_snapshot!(print_to(folder.path(), "cache --format tern --first 1"));
}
