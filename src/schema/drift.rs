//! Expected × live → differences.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::catalog::{Catalog, INVALID, Object};
use super::expected::Expected;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::status::Status;
use crate::migration::surroundings::Index;

/// An object that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The object.
    #[serde(flatten)]
    pub object: Object,
    /// In which way it differs.
    #[serde(flatten)]
    pub change: Change,
}

/// In which way an object differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "lowercase")]
pub enum Change {
    /// It should be there and is not.
    Missing {
        /// Its definition.
        expected: String,
    },
    /// It is there and differs.
    Changed {
        /// Its definition, as it should be.
        expected: String,
        /// Its definition, as it is.
        found: String,
    },
    /// A later migration than the one that made it has taken it away, and yet it is there.
    Obsolete {
        /// Its definition.
        found: String,
    },
    /// Nothing expects it.
    Extra {
        /// Its definition.
        found: String,
    },
}

impl Difference {
    /// Judges what is not expected as what once was, and should be gone.
    fn turn_obsolete(&mut self) {
        if let Change::Extra { found } = &mut self.change {
            self.change = Change::Obsolete { found: std::mem::take(found) };
        }
    }

    /// Judges what is not expected yet by what is going to be there; what is unfinished is nothing else yet.
    fn turn_changed(&mut self, expected: &str) {
        if let Change::Extra { found } = &mut self.change
            && found != expected
            && !found.contains(INVALID)
        {
            self.change = Change::Changed { expected: expected.to_owned(), found: std::mem::take(found) };
        }
    }

    /// Says whether something is not as the modules need it; otherwise somebody only added something.
    #[must_use]
    pub fn is_harmful(&self) -> bool {
        match self.change {
            Change::Missing { .. } | Change::Changed { .. } | Change::Obsolete { .. } => true,
            Change::Extra { .. } => false,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.change {
            Change::Missing { .. } => "is missing",
            Change::Changed { .. } => "was changed",
            Change::Obsolete { .. } => "is obsolete",
            Change::Extra { .. } => "is extra",
        };
        write!(f, "{} {word}", self.object)
    }
}

/// Returns every difference between a database and what its ledger says; none where there is no ledger.
///
/// Objects of modules that are not installed, of versions that this binary does not know, and indexes of pending migrations
/// are nobody's surplus: the first may be adopted, the second the history has a fault for, and the last the next run heeds,
/// unless they are other indexes of those names.
#[must_use]
pub fn of_database(bundle: &Bundle, ledger: &Ledger, live: &Catalog) -> Vec<Difference> {
    if *ledger == Ledger::Absent {
        return Vec::new();
    }
    let mut differences = differences(&Expected::of_database(bundle, ledger), live);
    for module in Module::ALL {
        let earlier = Expected::of_earlier(bundle, module, ledger.version(module));
        let is_obsolete = |difference: &&mut Difference| earlier.definitions(&difference.object).is_some();
        differences.iter_mut().filter(is_obsolete).for_each(Difference::turn_obsolete);
    }
    let is_known = |module| ledger.version(module).is_some_and(|version| bundle.find(module, version).is_some());
    let all_known = ledger.rows().iter().all(|row| row.module.parse().is_ok_and(is_known));
    let pending = Status::of(bundle, ledger, &[]).pending();
    let begun: Vec<_> = pending.into_iter().filter_map(|m| Some((m.index()?, m.index_definition()?))).collect();
    for difference in &mut differences {
        if let Some(expected) = definition_of(&begun, &difference.object) {
            difference.turn_changed(expected);
        }
    }
    let absent: Vec<Expected> = Module::ALL
        .into_iter()
        .filter(|module| !ledger.has(*module))
        .map(|module| Expected::of_module(bundle, module, bundle.newest(module)))
        .collect();
    differences.retain(|difference| {
        let is_of_absent = absent.iter().any(|expected| expected.definitions(&difference.object).is_some());
        let is_begun = definition_of(&begun, &difference.object).is_some();
        difference.is_harmful() || all_known && !is_of_absent && !is_begun
    });
    differences
}

/// Returns the definition among these, by name, that is right for an index.
fn definition_of<'a>(indexes: &[(String, &'a str)], object: &Object) -> Option<&'a str> {
    let (_, own) = object.identity.rsplit_once('.').filter(|_| object.kind == "index")?;
    indexes.iter().find(|(name, _)| name == own).map(|&(_, definition)| definition)
}

/// Returns the indexes of which nothing differs: another one of the same name is none that a migration has begun.
#[must_use]
pub fn without_different(indexes: &[Index], differences: &[Difference]) -> Vec<Index> {
    let differs = |index: &&Index| differences.iter().any(|difference| difference.object.is_part_named(&index.name));
    indexes.iter().filter(|index| !differs(index)).cloned().collect()
}

/// Returns every difference, by object.
#[must_use]
pub fn differences(expected: &Expected, live: &Catalog) -> Vec<Difference> {
    let extras = live.objects().filter(|(object, _)| expected.definitions(object).is_none());
    let extras = extras.map(|(object, found)| extra(object, found));
    let mut differences = by_table(missing_or_changed(expected, live).collect());
    differences.extend(by_table(extras.collect()));
    sorted(differences)
}

fn sorted(mut differences: Vec<Difference>) -> Vec<Difference> {
    differences.sort_by(|a, b| (rank(&a.object), &a.object).cmp(&(rank(&b.object), &b.object)));
    differences
}

/// What others are built on comes first, so that the differences can be mended in the order in which they are listed.
fn rank(object: &Object) -> usize {
    let order = ["schema", "enum", "function", "table", "column", "constraint", "index"];
    order.iter().position(|kind| *kind == object.kind).unwrap_or(order.len())
}

/// Returns what is missing or was changed, what others are built on first.
#[must_use]
pub fn faults(expected: &Expected, live: &Catalog) -> Vec<Difference> {
    sorted(by_table(missing_or_changed(expected, live).collect()))
}

/// Returns in which way a database is not what it should be: what is missing or was changed, and what it had before and
/// should be gone.
#[must_use]
pub fn unmet(before: &Expected, after: &Expected, live: &Catalog) -> Vec<Difference> {
    let mut differences = faults(after, live);
    differences.extend(left_behind(before, after, live));
    differences
}

/// Returns what should be gone and is still there; the schema itself may stay for others.
fn left_behind(before: &Expected, after: &Expected, live: &Catalog) -> Vec<Difference> {
    let gone = before.objects().filter(|(object, _)| after.definitions(object).is_none() && object.kind != "schema");
    let there = gone.filter_map(|(object, _)| live.definition(object).map(|found| extra(object, found)));
    let mut there = by_table(there.collect());
    there.iter_mut().for_each(Difference::turn_obsolete);
    there
}

fn missing_or_changed<'a>(expected: &'a Expected, live: &'a Catalog) -> impl Iterator<Item = Difference> + 'a {
    expected.objects().filter_map(|(object, definitions)| {
        let expected = definitions.first().cloned().unwrap_or_default();
        let change = match live.definition(object) {
            None => Change::Missing { expected },
            Some(found) if definitions.iter().any(|right| right == found) => return None,
            Some(found) => Change::Changed { expected, found: found.to_owned() },
        };
        Some(Difference { object: object.clone(), change })
    })
}

fn extra(object: &Object, found: &str) -> Difference {
    Difference { object: object.clone(), change: Change::Extra { found: found.to_owned() } }
}

/// Speaks of a table or view that is missing or extra as a whole, and not of its columns, constraints and indexes one by one.
fn by_table(mut differences: Vec<Difference>) -> Vec<Difference> {
    let has_columns = ["table", "view", "materialized view", "foreign table"];
    let is_whole =
        |d: &&Difference| has_columns.contains(&&*d.object.kind) && !matches!(d.change, Change::Changed { .. });
    let tables: BTreeSet<String> = differences.iter().filter(is_whole).map(|d| d.object.identity.clone()).collect();
    let is_part = |identity: &str| identity.match_indices('.').any(|(dot, _)| tables.contains(&identity[..dot]));
    differences.retain(|d| !is_part(&d.object.identity));
    differences
}

#[cfg(test)]
mod tests;
