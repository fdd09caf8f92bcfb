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
    let (mut adopted, mut mismatches) = (Vec::new(), Vec::new());
    for &module in modules.iter().filter(|module| !ledger.has(**module) && !ledger.is_logged(**module)) {
        let candidates: Vec<Mismatch> = bundle
            .of(module)
            .rev()
            .filter(|migration| is_begun(bundle, module, migration.version, live))
            .map(|migration| Mismatch {
                module,
                version: migration.version,
                differences: compare(bundle, module, migration.version, live),
            })
            .collect();
        match candidates.into_iter().min_by_key(|candidate| candidate.differences.len()) {
            Some(Mismatch { version, differences, .. }) if differences.is_empty() => adopted.push((module, version)),
            Some(mismatch) => mismatches.push(mismatch),
            None => {}
        }
    }
    if mismatches.is_empty() { Ok(adopted) } else { Err(mismatches) }
}

fn compare(bundle: &Bundle, module: Module, version: Version, live: &Catalog) -> Vec<Difference> {
    drift::faults(&Expected::of_module(bundle, module, Some(version)), live)
}

/// Says whether anything of a module is there.
fn is_begun(bundle: &Bundle, module: Module, version: Version, live: &Catalog) -> bool {
    let expected = Expected::of_module(bundle, module, Some(version));
    expected.objects().any(|(object, _)| live.definition(object).is_some())
}
