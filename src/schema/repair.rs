//! Difference → what mends it.

use super::drift::{Change, Difference};
use crate::migration::bundle::Bundle;
use crate::migration::objects::{self, Kind, Object};
use crate::migration::script::LEDGER_SCRIPTS;
use crate::migration::statements::texts;

/// What mends a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// These statements.
    Statements(String),
    /// Somebody who heeds this: no statement is right in every case.
    ByHand(&'static str),
}

/// Returns what would mend one of these differences in a database that has these migrations; `None` for what somebody added.
#[must_use]
pub fn mend(applied: &Bundle, difference: &Difference, all: &[Difference]) -> Option<Mend> {
    // Of what somebody added there may be very much.
    if matches!(difference.change, Change::Extra { .. }) {
        return None;
    }
    // A statement would fail or do harm.
    if all.iter().any(|other| is_in_the_way(difference, other)) {
        return Some(Mend::ByHand("something else has its name, or it was renamed: see what is extra"));
    }
    let advice = match difference.object.kind.as_str() {
        "column" => "convert what is in its rows, with \"alter column ... type ... using ...\"",
        "enum" => "values can be added and renamed, but not dropped or put in order",
        "function" => "drop it, and what uses it; then see this again",
        _ => "no statement fits every case",
    };
    Some(statements(applied, difference).map_or(Mend::ByHand(advice), Mend::Statements))
}

fn statements(applied: &Bundle, Difference { object, change }: &Difference) -> Option<String> {
    let (kind, identity) = (object.kind.as_str(), object.identity.as_str());
    match (change, kind) {
        (Change::Obsolete { .. }, "function") => None,
        (Change::Missing { .. }, "table") => table(applied, identity),
        (Change::Missing { .. }, "enum") => from_scripts(applied, Kind::Type, identity),
        // CREATE OR REPLACE cannot change what a function returns.
        (Change::Changed { expected, found }, "function") if returns(expected) != returns(found) => None,
        (_, "function") => function(applied, identity),
        (Change::Changed { expected, found }, "table") => table_options(identity, expected, found),
        (change, _) => {
            let (table, name) = identity.rsplit_once('.')?;
            of_table(change, kind, table, name)
        }
    }
}

fn returns(definition: &str) -> Option<&str> {
    definition.split_once(" language ").map(|(returns, _)| returns)
}

/// Says whether something that nobody expects bears the name of this object, or is what became of it.
fn is_in_the_way(difference: &Difference, other: &Difference) -> bool {
    let (Change::Extra { found } | Change::Obsolete { found }) = &other.change else { return false };
    let (mine, theirs) = (&difference.object, &other.object);
    if mine == theirs {
        return false;
    }
    let name = |identity: &str| identity.rsplit_once('.').map_or(identity, |(_, name)| name).to_owned();
    let table = |identity: &str| identity.rsplit_once('.').map(|(table, _)| table.to_owned());
    let missing = if let Change::Missing { expected } = &difference.change { Some(expected) } else { None };
    match mine.kind.as_str() {
        // A renamed table keeps the names of its indexes.
        "table" | "enum" => {
            missing.is_some() && (mine.identity == theirs.identity || mine.kind == theirs.kind && mine.kind == "table")
        }
        "index" | "constraint" => {
            let same_table = table(&mine.identity) == table(&theirs.identity);
            let is_primary = |text: &str| text.starts_with("PRIMARY KEY");
            let renamed = missing.is_some_and(|expected| same_table && is_primary(expected) && is_primary(found));
            renamed || theirs.kind != "column" && name(&mine.identity) == name(&theirs.identity)
        }
        _ => false,
    }
}

/// Mends a part of a table; its definition in the catalog is SQL.
fn of_table(change: &Change, kind: &str, table: &str, name: &str) -> Option<String> {
    let alter = format!("alter table pevensie.{table}");
    match (change, kind) {
        (Change::Missing { expected }, "index") => Some(format!("{expected};")),
        (Change::Changed { expected, .. }, "index") => Some(format!("drop index pevensie.{name};\n{expected};")),
        (Change::Missing { expected }, "constraint") => Some(format!("{alter} add constraint {name} {expected};")),
        (Change::Changed { expected, .. }, "constraint") => {
            Some(format!("{alter} drop constraint {name}, add constraint {name} {expected};"))
        }
        (Change::Missing { expected }, "column") => Some(format!("{alter} add column {name} {expected};")),
        (Change::Changed { expected, found }, "column") => column(&alter, name, expected, found),
        (Change::Obsolete { .. }, "index") => Some(format!("drop index pevensie.{name};")),
        (Change::Obsolete { .. }, "constraint") => Some(format!("{alter} drop constraint {name};")),
        _ => None,
    }
}

/// Mends a table that is logged or not as it should not be, or has row security.
fn table_options(table: &str, expected: &str, found: &str) -> Option<String> {
    let mut actions = Vec::new();
    for option in found.split(' ').filter(|option| !expected.split(' ').any(|expected| expected == *option)) {
        actions.push(match option {
            "logged" | "unlogged" => format!("set {expected}"),
            "row-security" => "disable row level security".to_owned(),
            "force-row-security" => "no force row level security".to_owned(),
            _ => return None,
        });
    }
    let statement = format!("alter table pevensie.{table} {};", actions.join(", "));
    (matches!(expected, "logged" | "unlogged") && !actions.is_empty()).then_some(statement)
}

/// Mends a column of which only the default or the nullability differs.
fn column(alter: &str, name: &str, expected: &str, found: &str) -> Option<String> {
    let split = |definition: &str| {
        let (rest, default) = match definition.split_once(" default ") {
            Some((rest, default)) => (rest.to_owned(), Some(default.to_owned())),
            None => (definition.to_owned(), None),
        };
        match rest.strip_suffix(" not null") {
            Some(kind) => (kind.to_owned(), true, default),
            None => (rest.strip_suffix(" null").unwrap_or(&rest).to_owned(), false, default),
        }
    };
    let ((kind, not_null, default), (found_kind, found_not_null, found_default)) = (split(expected), split(found));
    if kind != found_kind {
        return None;
    }
    let null = (not_null != found_not_null).then(|| if not_null { "set not null" } else { "drop not null" }.to_owned());
    let default = (default != found_default)
        .then(|| default.map_or_else(|| "drop default".to_owned(), |default| format!("set default {default}")));
    let actions: Vec<String> =
        null.into_iter().chain(default).map(|action| format!("alter column {name} {action}")).collect();
    Some(format!("{alter} {};", actions.join(", ")))
}

/// The newest text of a function, whose names tell its overloads apart by whether they have arguments.
pub(super) fn function(applied: &Bundle, identity: &str) -> Option<String> {
    let (name, arguments) = identity.split_once('(')?;
    let is_it = |sql: &&str| {
        let create = sql.strip_prefix("create or replace function ").or(sql.strip_prefix("create function "));
        let rest = create.and_then(|sql| sql.strip_prefix(&format!("pevensie.{name}(")));
        rest.is_some_and(|rest| rest.starts_with(')') == (arguments == ")"))
    };
    let text = all_texts(applied).filter(is_it).last()?;
    Some(format!("{};", text.replacen("create function", "create or replace function", 1)))
}

/// A table comes with its indexes, and with what later migrations changed about it.
fn table(applied: &Bundle, identity: &str) -> Option<String> {
    let create = from_scripts(applied, Kind::Table, identity)?;
    let alter = format!("alter table pevensie.{identity} ");
    let is_about = |sql: &&str| sql.starts_with(&alter) || objects::indexed(sql) == Some(objects::name(identity));
    let later = all_texts(applied).filter(is_about);
    Some(std::iter::once(create).chain(later.map(|sql| format!("{sql};"))).collect::<Vec<_>>().join("\n"))
}

/// The statement of ours that creates an object.
fn from_scripts(applied: &Bundle, kind: Kind, identity: &str) -> Option<String> {
    let wanted = Object { kind, name: objects::name(identity).to_owned() };
    let creates = |sql: &&str| objects::created(sql).first() == Some(&wanted);
    all_texts(applied).find(creates).map(|sql| format!("{sql};"))
}

/// The statements of the ledger and of these migrations, in order.
fn all_texts(applied: &Bundle) -> impl Iterator<Item = &str> {
    let ups = applied.migrations().iter().map(|migration| migration.up.as_ref());
    LEDGER_SCRIPTS.into_iter().chain(ups).flat_map(texts)
}

#[cfg(test)]
mod tests;
