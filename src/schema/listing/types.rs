//! Enums, domains and the other types that are not a table's.

use super::{Entry, Listing, TYPE, definition, entry, of, when};
use crate::migration::rows::Row;

pub(super) fn all<'a>(listing: &'a Listing<'_>) -> impl Iterator<Item = Entry> + 'a {
    let own = |row: &Row<'_>| !listing.is_extended(TYPE, row.text("type_id"));
    listing.rows.having("type_id").filter(own).map(|row| {
        let (kind, definition) = match row.text("kind") {
            "e" => ("enum", labels(listing, row)),
            "d" => ("domain", domain(listing, row)),
            "c" => ("type", attributes(listing, row)),
            "r" => ("range", String::new()),
            "m" => ("multirange", String::new()),
            _ => ("type", String::new()),
        };
        entry(kind, row.text("name").to_owned(), definition)
    })
}

fn labels(listing: &Listing<'_>, row: Row<'_>) -> String {
    let labels = of(&listing.labels, row.text("type_id"));
    let mut labels: Vec<(f32, &str)> =
        labels.map(|label| (label.text("position").parse().unwrap_or_default(), label.text("label"))).collect();
    labels.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    labels.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(", ")
}

fn domain(listing: &Listing<'_>, row: Row<'_>) -> String {
    let constraints = of(&listing.checks, row.text("type_id"));
    let mut checks: Vec<Row<'_>> = constraints.filter(|constraint| constraint.text("kind") != "n").collect();
    checks.sort_by_key(|constraint| constraint.text("name"));
    let default = row.get("default").map(|default| format!("default {default}"));
    let parts = [row.get("base"), when(row.is("is_not_null"), "not null"), default.as_deref()];
    definition(parts.into_iter().chain(checks.iter().map(|constraint| constraint.get("definition"))))
}

fn attributes(listing: &Listing<'_>, row: Row<'_>) -> String {
    let mut columns: Vec<Row<'_>> = of(&listing.columns, row.text("relation_of_type")).collect();
    columns.sort_by_key(|column| column.text("number").parse::<i32>().unwrap_or_default());
    let attribute = |column: &Row<'_>| format!("{} {}", column.text("name"), column.text("type"));
    columns.iter().map(attribute).collect::<Vec<_>>().join(", ")
}
