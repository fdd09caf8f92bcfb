//! The schema as the database has it.

use super::database::Database;

/// Lists schema `pevensie`: kind, identity and definition of every object, sorted.
pub(crate) fn catalog(database: &Database<'_>) -> Vec<(String, String, String)> {
    let rows = database.query(include_str!("catalog.sql"));
    let json = rows.first().and_then(|row| row.first()).expect("the listing is one value");
    let mut objects: Vec<(String, String, String)> = serde_json::from_str(json).expect("the listing is JSON");
    objects.sort();
    objects
}
