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
pub fn of_another_tool(bundle: &Bundle, ledger: &Ledger, live: &Catalog) -> Result<Vec<Adopted>, Vec<Mismatch>> {
    let (mut adopted, mut mismatches) = (Vec::new(), Vec::new());
    for (module, version) in ledger.of_another_tool() {
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
    let expected = Expected::of_module(bundle, module, Some(version));
    drift::unmet(&Expected::of_earlier(bundle, module, Some(version)), &expected, live)
}

/// Says whether anything of a module is there.
fn is_begun(bundle: &Bundle, module: Module, version: Version, live: &Catalog) -> bool {
    let expected = Expected::of_module(bundle, module, Some(version));
    expected.objects().any(|(object, _)| live.definition(object).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::catalog::Object;
    use super::*;
    use crate::migration::ledger::{Action, Record, Row};

    fn oldest(bundle: &Bundle, module: Module) -> Option<Version> {
        bundle.of(module).map(|migration| migration.version).next()
    }

    /// A database that upstream's migrator has brought to its only version of `base`, with one object changed.
    fn upstreams(change: impl Fn(&Object, &[String]) -> String) -> (Bundle, Ledger, Catalog) {
        let bundle = Bundle::embedded();
        let version = oldest(&bundle, Module::Base);
        let expected = Expected::of_module(&bundle, Module::Base, version);
        let live = expected.objects().map(|(object, right)| (object.clone(), change(object, right))).collect();
        let version = version.map(|version| version.to_string()).unwrap_or_default();
        let row = Row { module: "base".to_owned(), version, checksum: None };
        (bundle, Ledger::Legacy(vec![row]), live)
    }

    #[test]
    fn upstreams_own_bodies_are_accepted_and_no_others() {
        for (body, adopted) in [("ours", true), ("upstream's", true), ("another", false)] {
            let (bundle, ledger, live) = upstreams(|_, right| match body {
                "ours" => right[0].clone(),
                "upstream's" => right.last().cloned().unwrap_or_default(),
                _ => right[0].replace("sha256 ", "sha256 0"),
            });
            assert_eq!(of_another_tool(&bundle, &ledger, &live).is_ok(), adopted, "{body}");
        }
        let (bundle, _, _) = upstreams(|_, right| right[0].clone());
        let expected = Expected::of_module(&bundle, Module::Base, oldest(&bundle, Module::Base));
        assert!(expected.objects().all(|(_, right)| right.len() == 2), "both functions have an alternative");
    }

    #[test]
    fn what_has_a_row_or_a_record_is_not_looked_for() {
        let (bundle, legacy, live) = upstreams(|_, right| right[0].clone());
        let version = oldest(&bundle, Module::Base).unwrap();
        let found = |ledger: &Ledger| unrecorded(&bundle, ledger, &live, &Module::ALL);
        assert_eq!(found(&Ledger::Absent), (vec![(Module::Base, version)], Vec::new()));
        assert_eq!(found(&legacy), (Vec::new(), Vec::new()));
        let record = Record {
            module: "base".to_owned(),
            version: version.to_string(),
            action: Action::Up,
            checksum: String::new(),
            started_at: String::new(),
            finished_at: String::new(),
            role: String::new(),
            application: String::new(),
            tool: String::new(),
        };
        // Its row is lost, which is a fault of the history.
        let logged = Ledger::Current { rows: Vec::new(), latest: vec![record] };
        assert_eq!(found(&logged), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_is_there_in_part_is_not_adopted() {
        let bundle = Bundle::embedded();
        let version = bundle.newest(Module::Auth).unwrap();
        let expected = Expected::of_module(&bundle, Module::Auth, Some(version));
        let all = |keep: fn(&Object) -> bool| -> Catalog {
            let objects = expected.objects().filter(|(object, _)| keep(object));
            objects.map(|(object, right)| (object.clone(), right[0].clone())).collect()
        };
        let found = |live: &Catalog| found(&bundle, &Ledger::Absent, live, &Module::ALL);
        assert_eq!(found(&all(|_| true)), Ok(vec![(Module::Auth, version)]));
        assert_eq!(found(&Catalog::default()), Ok(Vec::new()));
        let mismatches = found(&all(|object| object.kind != "index")).unwrap_err();
        assert_eq!((mismatches.len(), mismatches[0].differences.len()), (1, 4));
    }

    #[test]
    fn every_version_is_found_to_be_itself() {
        let bundle = Bundle::embedded();
        for migration in bundle.migrations() {
            let (module, version) = (migration.module, migration.version);
            let expected = Expected::of_module(&bundle, module, Some(version));
            let live = expected.objects().map(|(object, right)| (object.clone(), right[0].clone())).collect();
            assert_eq!(found(&bundle, &Ledger::Absent, &live, &Module::ALL), Ok(vec![(module, version)]));
        }
    }
}
