//! What a database should hold, by what it has recorded.

use std::collections::BTreeMap;

use super::catalog::Object;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::version::Version;

const CREATED_LEDGER: &str = include_str!("../../sql/ledger/create.catalog");
const UPGRADED_LEDGER: &str = include_str!("../../sql/ledger/upgrade.catalog");

/// What a database should hold: each object with the definitions that are right for it, ours first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected(BTreeMap<Object, Vec<String>>);

impl Expected {
    /// Returns the objects of the ledger: upstream's table with this tool's additions.
    #[must_use]
    pub fn ledger() -> Self {
        Self::parse(CREATED_LEDGER).and(Self::parse(UPGRADED_LEDGER))
    }

    /// Returns the objects of a module at a version; none where the module is not installed or the version unknown.
    #[must_use]
    pub fn of_module(bundle: &Bundle, module: Module, version: Option<Version>) -> Self {
        let migration = version.and_then(|version| bundle.find(module, version));
        migration.map(|migration| Self::parse(&migration.catalog)).unwrap_or_default()
    }

    /// Returns the objects that a module had before a version; none where the version is unknown.
    #[must_use]
    pub fn of_earlier(bundle: &Bundle, module: Module, version: Option<Version>) -> Self {
        let known = version.filter(|version| bundle.find(module, *version).is_some());
        let earlier = bundle.of(module).filter(|migration| Some(migration.version) < known);
        earlier.map(|migration| Self::parse(&migration.catalog)).fold(Self::default(), Self::and)
    }

    /// Returns what a database with this ledger should hold.
    #[must_use]
    pub fn of_database(bundle: &Bundle, ledger: &Ledger) -> Self {
        let objects = match ledger {
            Ledger::Absent => Self::default(),
            Ledger::Legacy(_) => Self::parse(CREATED_LEDGER),
            Ledger::Current { .. } => Self::ledger(),
        };
        let modules = Module::ALL.map(|module| Self::of_module(bundle, module, ledger.version(module)));
        modules.into_iter().fold(objects, Self::and)
    }

    /// Reads the lines of a `.catalog` file: `kind | identity | definition`, and `or | definition` for a further
    /// definition of the object above that is right, too.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut objects: BTreeMap<Object, Vec<String>> = BTreeMap::new();
        let mut last = None;
        for line in text.lines() {
            let Some((kind, rest)) = line.split_once(SEPARATOR) else { continue };
            if kind == "or" {
                if let Some(definitions) = last.as_ref().and_then(|object| objects.get_mut(object)) {
                    definitions.push(rest.to_owned());
                }
            } else {
                // A definition may hold what stands between the parts.
                let (identity, definition) = rest.split_once(SEPARATOR).unwrap_or((rest, ""));
                let object = Object { kind: kind.to_owned(), identity: identity.to_owned() };
                objects.insert(object.clone(), vec![definition.to_owned()]);
                last = Some(object);
            }
        }
        Self(objects)
    }

    /// Adds what else is expected.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns the definitions that are right for an object, if it is expected at all.
    #[must_use]
    pub fn definitions(&self, object: &Object) -> Option<&[String]> {
        self.0.get(object).map(Vec::as_slice)
    }

    /// Returns every object with the definitions that are right for it.
    pub fn objects(&self) -> impl Iterator<Item = (&Object, &[String])> {
        self.0.iter().map(|(object, definitions)| (object, definitions.as_slice()))
    }
}

/// What stands between the parts of a line.
const SEPARATOR: &str = " | ";

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_the_rest_of_its_line() {
        let expected =
            Expected::parse("constraint | t.c | CHECK ((a | 1) > 0)\nor | CHECK ((1 | a) > 0)\nenum | e\nor | b\n");
        let found: Vec<(String, &[String])> =
            expected.objects().map(|(object, definitions)| (object.to_string(), definitions)).collect();
        let all = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                ("constraint pevensie.t.c".to_owned(), &all(&["CHECK ((a | 1) > 0)", "CHECK ((1 | a) > 0)"])[..]),
                ("enum pevensie.e".to_owned(), &all(&["", "b"])),
            ]
        );
    }
}
