//! A plan or what became of it, step by step.

use super::paint;
use super::table::columns;
use crate::migration::migration::{Direction, Migration};

/// Writes a line for each migration: what happens or happened to it, and its module, version and name.
#[must_use]
pub fn text<'a>(migrations: impl Iterator<Item = (&'a Migration, Direction)>, words: Words) -> String {
    let row = |(migration, direction): (&Migration, Direction)| {
        let word = match (words, direction) {
            (Words::Done, Direction::Up) => paint::good("applied"),
            (Words::Done, Direction::Down) => paint::attention("rolled back"),
            (Words::Pending, Direction::Up) => paint::attention("pending"),
            (Words::Pending, Direction::Down) => paint::attention("to be rolled back"),
        };
        vec![word, migration.module.to_string(), migration.version.to_string(), migration.name.to_string()]
    };
    columns(&migrations.map(row).collect::<Vec<_>>())
}

/// In which tense to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// It was done.
    Done,
    /// It is still to be done.
    Pending,
}
