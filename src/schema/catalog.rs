//! A listing of schema objects, one canonical line each.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// An object of the schema `pevensie`, as [`listing`](super::listing) names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Object {
    /// What it is: `table`, `column`, `index`, `function` …
    pub kind: String,
    /// Its name within the schema, with its table's where it has one: `cache.key`, `uuid7()`.
    pub identity: String,
}

impl Object {
    /// Says whether this is the part of a table, such as an index, that bears a name.
    #[must_use]
    pub fn is_part_named(&self, name: &str) -> bool {
        self.identity.rsplit_once('.').is_some_and(|(_, own)| own == name)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.as_str() {
            "schema" => write!(f, "schema {}", self.identity),
            kind => write!(f, "{kind} pevensie.{}", self.identity),
        }
    }
}

/// What the definition of an index ends with that nobody can use.
pub(super) const INVALID: &str = "/* invalid */";

/// What a database holds: each object with its definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog(BTreeMap<Object, String>);

impl FromIterator<(Object, String)> for Catalog {
    fn from_iter<I: IntoIterator<Item = (Object, String)>>(objects: I) -> Self {
        Self(objects.into_iter().collect())
    }
}

impl Catalog {
    /// Returns an object's definition, if it is there.
    #[must_use]
    pub fn definition(&self, object: &Object) -> Option<&str> {
        self.0.get(object).map(String::as_str)
    }

    /// Returns the name of each index that no constraint owns, and whether it is complete.
    pub fn indexes(&self) -> impl Iterator<Item = (String, bool)> {
        let indexes = self.objects().filter(|(object, _)| object.kind == "index");
        indexes.filter_map(|(object, definition)| {
            let (_, name) = object.identity.rsplit_once('.')?;
            Some((name.to_owned(), !definition.contains(INVALID)))
        })
    }

    /// Returns every object with its definition.
    pub fn objects(&self) -> impl Iterator<Item = (&Object, &str)> {
        self.0.iter().map(|(object, definition)| (object, definition.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(kind: &str, identity: &str) -> Object {
        Object { kind: kind.to_owned(), identity: identity.to_owned() }
    }

    #[test]
    fn a_part_bears_its_own_name() {
        assert!(object("index", "session.i").is_part_named("i"));
        assert!(!object("index", "session.ii").is_part_named("i"));
        assert!(!object("table", "i").is_part_named("i"), "it is no part");
    }

    #[test]
    fn an_index_is_complete_or_invalid() {
        let live: Catalog = [
            (object("index", "cache.a"), "CREATE INDEX a ON x".to_owned()),
            (object("index", "cache.b"), format!("CREATE INDEX b ON x {INVALID}")),
            (object("table", "cache"), "unlogged".to_owned()),
        ]
        .into_iter()
        .collect();
        assert_eq!(live.indexes().collect::<Vec<_>>(), [("a".to_owned(), true), ("b".to_owned(), false)]);
    }
}
