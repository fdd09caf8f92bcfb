//! Ecto runs Elixir; this reads it as far as it is needed. Elixir itself is asked in `tools`.

use std::collections::BTreeSet;

use super::check::check;
use super::truth::{Files, Half, Unit};

const OUTSIDE: [&str; 2] = ["  @disable_ddl_transaction true", "  @disable_migration_lock true"];

fn read(files: &Files) -> Vec<Unit> {
    let mut modules = BTreeSet::new();
    let unit = |(path, text): &(String, String)| {
        let (number, title) = number_and_title(path);
        let module =
            text.strip_prefix("defmodule ").and_then(|rest| rest.split_once(" do\n")).expect("it is a module").0;
        let is_name = module.chars().all(char::is_alphanumeric) && module.starts_with(|c: char| c.is_ascii_uppercase());
        assert!(is_name && modules.insert(module.to_owned()), "{path}: {module}");
        let (head, rest) = text.split_once("\n  def up do\n").expect("it leads up");
        let (up, down) = rest.split_once("\n  def down do\n").expect("it leads down");
        let attributes: Vec<&str> = head.lines().skip(2).collect();
        assert!(attributes.is_empty() || attributes == OUTSIDE, "{path}: {attributes:?}");
        let half = |text: &str| Half::each(&calls(text), !attributes.is_empty());
        Unit { number, title, up: half(up), down: Some(half(down)) }
    };
    files.iter().map(unit).collect()
}

/// What Ecto makes of a path.
pub(crate) fn number_and_title(path: &str) -> (u64, String) {
    let (number, title) = path.strip_suffix(".exs").and_then(|stem| stem.split_once('_')).expect("Ecto takes it");
    (number.parse().expect("the version is a number"), title.to_owned())
}

/// The texts between `execute(~S"""` and the first line that begins with the same quotes.
fn calls(text: &str) -> Vec<String> {
    let mut calls = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(quotes) = line.strip_prefix("    execute(~S") else {
            assert!(["", "  end", "end"].contains(&line), "{line}");
            continue;
        };
        assert!(["\"\"\"", "'''"].contains(&quotes), "{line}");
        let mut sql = String::new();
        for line in lines.by_ref() {
            if line.trim_start().starts_with(quotes) {
                assert_eq!(line.strip_prefix(quotes), Some(")"), "the text ends too soon");
                calls.push(std::mem::take(&mut sql));
                break;
            }
            sql.extend([line, "\n"]);
        }
        assert_eq!(sql, "", "a text is not closed");
    }
    calls
}

#[test]
fn ecto_sends_the_statements() {
    check("ecto", |_, files| read(files), |_, unit| unit);
}
