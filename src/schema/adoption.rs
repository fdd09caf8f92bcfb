//! Bundle × ledger × live → modules that are there without a record of this tool, and proven to be what they seem.

use super::catalog::Catalog;
use super::drift::{self, Difference};
use super::expected::Expected;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::version::Version;

/// A module that is to be adopted, at the version it was found to be.
pub type Adopted = (Module, Version);

/// A module whose objects are not those of the version in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The module.
    pub module: Module,
    /// The version that is recorded for it, or else the one that is nearest.
    pub version: Version,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// Compares every module that another tool recorded with the version recorded for it.
pub fn recorded(bundle: &Bundle, ledger: &Ledger, live: &Catalog) -> Result<Vec<Adopted>, Vec<Mismatch>> {
    let (mut adopted, mut mismatches) = (Vec::new(), Vec::new());
    for (module, version) in ledger.unrecorded() {
        let differences = compare(bundle, module, version, live);
        if differences.is_empty() {
            adopted.push((module, version));
        } else {
            mismatches.push(Mismatch { module, version, differences });
        }
    }
    if mismatches.is_empty() { Ok(adopted) } else { Err(mismatches) }
}

/// Finds modules that nobody recorded by their objects, newest version first; a module of which nothing is there is none.
pub fn found(
    bundle: &Bundle,
    ledger: &Ledger,
    live: &Catalog,
    modules: &[Module],
) -> Result<Vec<Adopted>, Vec<Mismatch>> {
    let (adopted, mismatches) = unrecorded(bundle, ledger, live, modules);
    if mismatches.is_empty() { Ok(adopted) } else { Err(mismatches) }
}

/// Finds likewise, and returns both those that match a version and those that match none.
#[must_use]
pub fn unrecorded(
    bundle: &Bundle,
    ledger: &Ledger,
    live: &Catalog,
    modules: &[Module],
) -> (Vec<Adopted>, Vec<Mismatch>) {
    let (mut adopted, mut mismatches) = (Vec::new(), Vec::new());
    for &module in modules.iter().filter(|module| !ledger.has(**module) && !ledger.is_logged(**module)) {
        let versions = bundle.of(module).rev().map(|migration| migration.version);
        let candidates = versions.filter(|version| is_begun(bundle, module, *version, live)).map(|version| Mismatch {
            module,
            version,
            differences: compare(bundle, module, version, live),
        });
        match candidates.min_by_key(|candidate| candidate.differences.len()) {
            Some(Mismatch { version, differences, .. }) if differences.is_empty() => adopted.push((module, version)),
            Some(mismatch) => mismatches.push(mismatch),
            None => {}
        }
    }
    (adopted, mismatches)
}

fn compare(bundle: &Bundle, module: Module, version: Version, live: &Catalog) -> Vec<Difference> {
    drift::faults(&Expected::of_module(bundle, module, Some(version)), live)
}

/// Says whether anything of a module is there.
fn is_begun(bundle: &Bundle, module: Module, version: Version, live: &Catalog) -> bool {
    let expected = Expected::of_module(bundle, module, Some(version));
    expected.objects().any(|(object, _)| live.definition(object).is_some())
}
