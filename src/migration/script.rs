//! Steps → SQL text: what is printed and what is run.

use std::ops::Range;

use super::ledger::Action;
use super::migration::{Direction, Migration};
use super::module::Module;
use super::plan::{Manner, Plan, Step};
use super::right::Right;
use super::role::Role;
use super::statements::statements;
use super::version::Version;

/// The tool and its version, as the ledger records them.
pub const TOOL: &str = concat!("pevensie-pg ", env!("CARGO_PKG_VERSION"));
/// The tool in files that stay: these must not change with its version.
const ANY_VERSION: &str = "pevensie-pg";

const CREATE_LEDGER: &str = include_str!("../../sql/ledger/create.sql");
const UPGRADE_LEDGER: &str = include_str!("../../sql/ledger/upgrade.sql");
/// The scripts that make the ledger, in order.
pub const LEDGER_SCRIPTS: [&str; 2] = [CREATE_LEDGER, UPGRADE_LEDGER];

const GUARD: &str = "guard.sql";
const DISCARD: &str = include_str!("../../sql/online/discard.sql");
const VERIFY: &str = include_str!("../../sql/online/verify.sql");
const DROP_LEDGER: &str = include_str!("../../sql/ledger/drop.sql");
const STARTS_FROM: &str = include_str!("../../sql/ledger/starts_from.sql");
const RECORD: &str = include_str!("../../sql/ledger/record.sql");
const SET_VERSION: &str = include_str!("../../sql/ledger/set_version.sql");
const CLEAR_VERSION: &str = include_str!("../../sql/ledger/clear_version.sql");
const GRANT: &str = include_str!("../../sql/grants/grant.sql");

/// The statements of a plan, without transaction control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    parts: Vec<Part>,
}

/// A part of a script that comes from one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The file below `sql/`.
    pub path: String,
    /// A comment that says which migration begins here, or nothing.
    pub heading: String,
    /// The file's text, with every placeholder filled in.
    pub sql: String,
}

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file below `sql/`.
    pub path: String,
    /// The file's text, with every placeholder filled in.
    pub sql: String,
    /// The bytes of `sql` that are meant: a statement, or one character of it.
    pub span: Range<usize>,
}

impl Location {
    /// Says whether it is in what makes sure that the script fits.
    #[must_use]
    pub fn is_guard(&self) -> bool {
        self.path.strip_prefix("ledger/") == Some(GUARD)
    }
}

impl Script {
    /// Writes the statements of a plan that run in a transaction.
    #[must_use]
    pub fn of(plan: &Plan<'_>) -> Self {
        Self { parts: plan.steps().iter().flat_map(|step| parts(step, TOOL)).collect() }
    }

    /// Writes some steps of one module for a file that stays, the same whatever version of this tool writes it. Its
    /// first statement makes sure that the module is where they start from.
    #[must_use]
    pub fn for_file(module: Module, start: Option<Version>, steps: &[Step<'_>]) -> Self {
        let mut parts: Vec<Part> = steps.iter().flat_map(|step| parts(step, ANY_VERSION)).collect();
        let heading = parts.iter_mut().map(|part| std::mem::take(&mut part.heading)).collect();
        parts.insert(0, Part { heading, ..starts_from(module, start) });
        Self { parts }
    }

    /// Writes for such a file that a migration is to be recorded as rolled back whose index another file drops.
    #[must_use]
    pub fn record_for_file(migration: &Migration, previous: Option<&Migration>) -> Self {
        let start = starts_from(migration.module, Some(migration.version));
        Self { parts: std::iter::once(start).chain(forgotten(migration, previous, ANY_VERSION)).collect() }
    }

    /// Puts a guard before the rest: whatever begins the transaction, and makes sure that the script fits.
    #[must_use]
    pub fn guarded(mut self, guard: &str) -> Self {
        self.parts.insert(0, ledger(GUARD, guard));
        self
    }

    /// Writes the statements of a plan that run before that, each outside a transaction.
    #[must_use]
    pub fn outside(plan: &Plan<'_>) -> Vec<Self> {
        plan.steps().iter().filter_map(outside).map(|part| Self { parts: vec![part] }).collect()
    }

    /// Writes all statements of one step.
    #[must_use]
    pub fn of_step(step: &Step<'_>) -> Self {
        Self { parts: outside(step).into_iter().chain(parts(step, TOOL)).collect() }
    }

    /// Returns the parts in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the whole text; nothing for an empty plan.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| format!("{}{}", part.heading, part.sql)).collect::<Vec<_>>().join("\n")
    }

    /// Finds what PostgreSQL complained about when it was sent [`Self::text`] as one message.
    ///
    /// `completed` counts the statements that it had completed before; `position` is where it pointed to, as it counts:
    /// in characters of the whole text, from 1.
    #[must_use]
    pub fn locate(&self, completed: usize, position: Option<usize>) -> Option<Location> {
        let (mut seen, mut before) = (0, 0);
        for part in &self.parts {
            let (heading, length) = (part.heading.chars().count(), part.sql.chars().count());
            let statements = statements(&part.sql);
            let span = match position {
                Some(position) => position
                    .checked_sub(1 + before + heading)
                    .and_then(|nth| part.sql.char_indices().nth(nth))
                    .map(|(at, c)| at..at + c.len_utf8()),
                None => completed.checked_sub(seen).and_then(|nth| statements.get(nth).cloned()),
            };
            if let Some(span) = span {
                return Some(Location { path: part.path.clone(), sql: part.sql.clone(), span });
            }
            seen += statements.len();
            before += heading + length + 1;
        }
        None
    }
}

fn parts(step: &Step<'_>, tool: &str) -> Vec<Part> {
    match *step {
        Step::CreateLedger => vec![ledger("create.sql", CREATE_LEDGER)],
        Step::UpgradeLedger => vec![ledger("upgrade.sql", UPGRADE_LEDGER)],
        Step::DropLedger => vec![ledger("drop.sql", DROP_LEDGER)],
        Step::Adopt(migration) => {
            let mut record = record(migration, Action::Adopt, tool);
            record.heading = heading(migration, Action::Adopt.name());
            vec![record, ledger("set_version.sql", &fill(SET_VERSION, migration, Action::Adopt))]
        }
        Step::Up(migration) => {
            std::iter::once(script(migration, Direction::Up)).chain(recorded(migration, tool)).collect()
        }
        // What was applied outside the transaction is announced there.
        Step::Online(migration) => {
            std::iter::once(verify(migration, String::new())).chain(recorded(migration, tool)).collect()
        }
        Step::Record(migration) => {
            let heading = heading(migration, "up, as built by an earlier attempt");
            std::iter::once(verify(migration, heading)).chain(recorded(migration, tool)).collect()
        }
        Step::Discard { manner: Manner::Online, .. } => Vec::new(),
        Step::Discard { migration, manner: Manner::Transaction } => vec![discard(migration, "")],
        Step::Down { migration, previous, with_table: false } => {
            let script = script(migration, Direction::Down);
            std::iter::once(script).chain(forgotten(migration, previous, tool)).collect()
        }
        Step::Down { migration, previous, with_table: true } => {
            let mut parts = forgotten(migration, previous, tool);
            parts[0].heading = heading(migration, "down, along with its table");
            parts
        }
        Step::Grant { role, right } => {
            vec![Part { path: "grants/grant.sql".to_owned(), heading: String::new(), sql: grant(role, right) }]
        }
    }
}

/// Writes the statement that grants a role what it needs on one object.
#[must_use]
pub fn grant(role: &Role, right: &Right) -> String {
    // The role comes last: its name may be anything, a placeholder as well.
    GRANT
        .replace(":privileges", &right.privileges())
        .replace(":object", &right.object.to_string())
        .replace(":role", &role.sql())
}

/// The part of a step that runs outside a transaction.
fn outside(step: &Step<'_>) -> Option<Part> {
    match *step {
        Step::Online(migration) => Some(Part {
            path: migration.online_path(),
            heading: heading(migration, "up, online"),
            sql: migration.online.as_deref()?.to_owned(),
        }),
        Step::Discard { migration, manner: Manner::Online } => Some(discard(migration, "concurrently ")),
        Step::CreateLedger
        | Step::UpgradeLedger
        | Step::Adopt(_)
        | Step::Up(_)
        | Step::Discard { manner: Manner::Transaction, .. }
        | Step::Record(_)
        | Step::Down { .. }
        | Step::DropLedger
        | Step::Grant { .. } => None,
    }
}

fn ledger(file: &str, sql: &str) -> Part {
    Part { path: format!("ledger/{file}"), heading: String::new(), sql: sql.to_owned() }
}

/// The statements that record a migration as applied.
fn recorded(migration: &Migration, tool: &str) -> Vec<Part> {
    vec![record(migration, Action::Up, tool), ledger("set_version.sql", &fill(SET_VERSION, migration, Action::Up))]
}

/// The statements that record a migration as rolled back.
fn forgotten(migration: &Migration, previous: Option<&Migration>, tool: &str) -> Vec<Part> {
    let version = match previous {
        Some(left) => ledger("set_version.sql", &fill(SET_VERSION, left, Action::Down)),
        None => ledger("clear_version.sql", &fill(CLEAR_VERSION, migration, Action::Down)),
    };
    vec![record(migration, Action::Down, tool), version]
}

fn record(migration: &Migration, action: Action, tool: &str) -> Part {
    ledger("record.sql", &fill(RECORD, migration, action).replace(":'tool'", &quoted(tool)))
}

fn starts_from(module: Module, start: Option<Version>) -> Part {
    let sql = STARTS_FROM.replace(":'module'", &quoted(module.name()));
    let start = start.map_or_else(|| "null".to_owned(), |version| quoted(&version.to_string()));
    ledger("starts_from.sql", &sql.replace(":start", &start))
}

fn discard(migration: &Migration, concurrently: &str) -> Part {
    let sql = on_index(&DISCARD.replace(":concurrently ", concurrently), migration);
    Part { path: "online/discard.sql".to_owned(), heading: String::new(), sql }
}

fn verify(migration: &Migration, heading: String) -> Part {
    let definition = migration.index_definition().expect("a test says so of every migration that builds an index");
    let sql = on_index(VERIFY, migration).replace(":definition", &definition.replace('\'', "''"));
    Part { path: "online/verify.sql".to_owned(), heading, sql }
}

fn on_index(sql: &str, migration: &Migration) -> String {
    sql.replace(":index", &migration.index().expect("a test says so of every migration that can be online"))
}

fn script(migration: &Migration, direction: Direction) -> Part {
    Part {
        path: migration.path(direction),
        heading: heading(migration, direction.name()),
        sql: migration.sql(direction).to_owned(),
    }
}

/// Writes the comment that says which migration begins, and what becomes of it.
#[must_use]
pub fn heading(migration: &Migration, what: &str) -> String {
    format!("-- {} {} {}: {what}\n", migration.module, migration.version, migration.name)
}

/// Puts a migration's values, none of which can hold a quote, into a statement on the ledger.
fn fill(sql: &str, migration: &Migration, action: Action) -> String {
    sql.replace(":'module'", &quoted(migration.module.name()))
        .replace(":'version'", &quoted(&migration.version.timestamp()))
        .replace(":'action'", &quoted(action.name()))
        .replace(":'checksum'", &quoted(&migration.checksum.to_string()))
}

fn quoted(value: &str) -> String {
    format!("'{value}'")
}

#[cfg(test)]
mod tests;
