//! The schema as the database has it.

use super::database::Database;

/// Lists schema `pevensie`: kind, identity and definition of every object.
pub(crate) fn catalog(database: &Database<'_>) -> Vec<(String, String, String)> {
    let rows = database.query(include_str!("../../../sql/introspect/catalog.sql"));
    rows.into_iter()
        .map(|row| {
            let [kind, identity, definition] = row.try_into().expect("the listing has three columns");
            (kind, identity, definition)
        })
        .collect()
}
