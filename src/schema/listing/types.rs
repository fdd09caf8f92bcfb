//! Enums, domains and the other types that are not a table's.

use super::{Entry, Listing, TYPE, definition, entry, when};
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
    let labels = listing.rows.having("label_of").filter(|label| label.text("label_of") == row.text("type_id"));
    let mut labels: Vec<(f32, &str)> =
        labels.map(|label| (label.text("position").parse().unwrap_or_default(), label.text("label"))).collect();
    labels.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    labels.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(", ")
}

fn domain(listing: &Listing<'_>, row: Row<'_>) -> String {
    let is_check =
        |constraint: &Row<'_>| constraint.text("of_domain") == row.text("type_id") && constraint.text("kind") != "n";
    let mut checks: Vec<Row<'_>> = listing.rows.having("of_domain").filter(is_check).collect();
    checks.sort_by_key(|constraint| constraint.text("name"));
    let default = row.get("default").map(|default| format!("default {default}"));
    let parts = [row.get("base"), when(row.is("is_not_null"), "not null"), default.as_deref()];
    definition(parts.into_iter().chain(checks.iter().map(|constraint| constraint.get("definition"))))
}

fn attributes(listing: &Listing<'_>, row: Row<'_>) -> String {
    let is_own = |column: &Row<'_>| column.text("column_of") == row.text("relation_of_type");
    let mut columns: Vec<Row<'_>> = listing.rows.having("column_of").filter(is_own).collect();
    columns.sort_by_key(|column| column.text("number").parse::<i32>().unwrap_or_default());
    let attribute = |column: &Row<'_>| format!("{} {}", column.text("name"), column.text("type"));
    columns.iter().map(attribute).collect::<Vec<_>>().join(", ")
}
