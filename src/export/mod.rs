//! Migrations → the text that other tools run. Pure: no I/O. One file for each format.

mod atlas;
mod cigogne;
mod dbmate;
mod diesel;
mod ecto;
mod existing;
mod flyway;
mod golang_migrate;
mod goose;
mod graphile_migrate;
mod item;
mod liquibase;
mod node_pg_migrate;
mod numbers;
mod psql;
mod refinery;
mod sqitch;
pub mod sql;
mod sqlx;
mod tern;

pub use existing::Existing;
pub use item::Item;
pub use numbers::Numbers;

use crate::migration::module::Level;
use crate::migration::plan::{Manner, Plan};

/// Every format, in the order in which they are listed.
pub const FORMATS: [&Format; 17] = [
    &sql::FORMAT,
    &psql::FORMAT,
    &dbmate::FORMAT,
    &sqlx::FORMAT,
    &refinery::FORMAT,
    &diesel::FORMAT,
    &goose::FORMAT,
    &golang_migrate::FORMAT,
    &tern::FORMAT,
    &atlas::FORMAT,
    &flyway::FORMAT,
    &liquibase::FORMAT,
    &sqitch::FORMAT,
    &graphile_migrate::FORMAT,
    &node_pg_migrate::FORMAT,
    &ecto::FORMAT,
    &cigogne::FORMAT,
];

/// What one tool wants.
#[derive(Debug)]
pub struct Format {
    /// The tool's name.
    pub name: &'static str,
    /// What is written where, in a line.
    pub summary: &'static str,
    /// How it is written.
    pub shape: Shape,
}

/// In which shape a tool takes migrations.
#[derive(Debug)]
pub enum Shape {
    /// As one text that goes one way.
    Script {
        /// Whether it can leave its transaction to build an index.
        manner: Manner,
        /// Writes it. `from` is what the database has of each module that the plan touches.
        write: fn(plan: &Plan<'_>, from: &[Level]) -> String,
    },
    /// As files in a folder.
    Files(Files),
}

/// How a tool wants files.
#[derive(Debug)]
pub struct Files {
    /// Whether the tool can be told to leave out its transaction, to build an index.
    pub manner: Manner,
    /// How files are told apart.
    pub order: Order,
    /// Whether the folders that the files are in matter, so that they cannot be printed one after another.
    pub folders: bool,
    /// What applies them.
    pub next: &'static str,
    /// Writes them.
    pub write: fn(items: &[Item<'_>], numbers: &Numbers) -> Vec<File>,
}

/// How a tool tells files apart and puts them in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By the stamp.
    Stamp,
    /// By small consecutive numbers.
    Number,
}

/// A file for another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path within the folder that is exported to.
    pub path: String,
    /// Its content.
    pub text: String,
    /// Whether it is a list that others write in, too.
    pub is_list: bool,
}

impl File {
    fn new(path: String, text: String) -> Self {
        Self { path, text, is_list: false }
    }

    /// Returns a comment that names the file, in its own language.
    #[must_use]
    pub fn heading(&self) -> String {
        let comment = match self.path.rsplit_once('.') {
            Some((_, "exs" | "conf")) => "#",
            Some((_, "cjs")) => "//",
            _ => "--",
        };
        format!("{comment} file: {}\n", self.path)
    }

    /// Returns what a list is to hold that is there already: the same, and what is missing at its end. A line is known by
    /// its first word.
    #[must_use]
    pub fn merged(&self, existing: &str) -> String {
        if existing.trim().is_empty() {
            // Its own first lines are missing, too.
            return format!("{existing}{}", self.text);
        }
        let word = |line: &str| line.split_whitespace().next().map(str::to_owned);
        let known: Vec<String> = existing.lines().filter_map(word).collect();
        let is_new = |line: &&str| !line.starts_with('%') && word(line).is_some_and(|word| !known.contains(&word));
        let new = self.text.lines().filter(is_new).flat_map(|line| [line, "\n"]).collect::<String>();
        let end = if existing.ends_with('\n') { "" } else { "\n" };
        format!("{existing}{end}{new}")
    }
}

/// One file for each item.
fn one_each(items: &[Item<'_>], file: impl Fn(&Item<'_>) -> (String, String)) -> Vec<File> {
    items.iter().map(file).map(|(path, text)| File::new(path, text)).collect()
}

/// Two files for each item: `STAMP_TITLE.up.sql` and `STAMP_TITLE.down.sql`.
fn two_each(items: &[Item<'_>], text: impl Fn(&Item<'_>, &str) -> String) -> Vec<File> {
    let files = |item: &Item<'_>| {
        [("up", &item.up), ("down", &item.down)]
            .map(|(way, sql)| File::new(format!("{}_{}.{way}.sql", item.stamp(), item.title()), text(item, sql)))
    };
    items.iter().flat_map(files).collect()
}

#[cfg(test)]
mod hostile;
#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
