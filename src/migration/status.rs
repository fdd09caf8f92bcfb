//! Bundle × ledger → what a database has, lacks, and has wrong.

use super::bundle::Bundle;
use super::history::{self, Fault};
use super::ledger::{Ledger, Record};
use super::migration::Migration;
use super::module::Module;

/// What a database has, module by module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status<'a> {
    /// The modules asked for, or those that the database has.
    pub modules: Vec<ModuleStatus<'a>>,
    /// What is wrong with the recorded history, of all modules.
    pub faults: Vec<Fault>,
}

/// What a database has of one module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleStatus<'a> {
    /// The module.
    pub module: Module,
    /// The version recorded for it, as it is; `None` when it is not installed.
    pub version: Option<&'a str>,
    /// The migration of that version, where this binary knows it.
    pub migration: Option<&'a Migration>,
    /// How it came to that version, where that is recorded.
    pub record: Option<&'a Record>,
    /// What is still to be applied, oldest first.
    pub pending: Vec<&'a Migration>,
}

/// The verdict on a database, from good to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verdict {
    /// Everything is as it should be.
    Good,
    /// Migrations are pending, or nothing is installed at all.
    Pending,
    /// The live schema differs from what its versions say.
    Drifted,
    /// The history is wrong.
    Faulty,
}

impl<'a> Status<'a> {
    /// Judges a ledger: the named modules with `base`, or all that the database has when none is named.
    #[must_use]
    pub fn of(bundle: &'a Bundle, ledger: &'a Ledger, named: &[Module]) -> Self {
        let wanted = |module: &Module| {
            if named.is_empty() { ledger.has(*module) } else { named.contains(module) || *module == Module::Base }
        };
        let status = |module| {
            let version = ledger.version(module);
            let recorded = ledger.recorded_version(module);
            let is_pending =
                |m: &&Migration| if recorded.is_some() { version.is_some_and(|at| m.version > at) } else { true };
            ModuleStatus {
                module,
                version: recorded,
                migration: version.and_then(|version| bundle.find(module, version)),
                record: ledger.record(module),
                pending: bundle.of(module).filter(is_pending).collect(),
            }
        };
        Self {
            modules: Module::ALL.into_iter().filter(wanted).map(status).collect(),
            faults: history::faults(bundle, ledger),
        }
    }

    /// Returns the migrations that are still to be applied, in the order of installation.
    #[must_use]
    pub fn pending(&self) -> Vec<&'a Migration> {
        let mut pending: Vec<&Migration> = self.modules.iter().flat_map(|module| module.pending.clone()).collect();
        pending.sort_by_key(|migration| (migration.version, migration.module));
        pending
    }

    /// Judges the history and what is pending; whether the live schema is right, it does not know.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.faults.is_empty() {
            Verdict::Faulty
        } else if self.modules.is_empty() || !self.pending().is_empty() {
            Verdict::Pending
        } else {
            Verdict::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wish::tests::{bundle, version};
    use super::*;

    #[test]
    fn a_status_speaks_of_what_is_named_or_there() {
        use Module::{Auth, Base, Cache};
        let bundle = bundle(&[(Base, 1), (Auth, 1), (Auth, 2)]);
        let at = |modules: &[(Module, u64)]| {
            Ledger::assumed(&modules.iter().map(|&(module, n)| (module, version(n))).collect::<Vec<_>>())
        };
        for (installed, named, modules, pending) in [
            (vec![], vec![], vec![], vec![]),
            (vec![], vec![Auth], vec![Base, Auth], vec![(Base, 1), (Auth, 1), (Auth, 2)]),
            (vec![(Base, 1), (Auth, 1)], vec![], vec![Base, Auth], vec![(Auth, 2)]),
            (vec![(Base, 1), (Auth, 1)], vec![Base], vec![Base], vec![]),
            (vec![(Base, 1), (Auth, 2)], vec![Cache], vec![Base, Cache], vec![]),
        ] {
            let ledger = at(&installed);
            let status = Status::of(&bundle, &ledger, &named);
            assert_eq!(status.modules.iter().map(|m| m.module).collect::<Vec<_>>(), modules);
            let found: Vec<_> = status.pending().iter().map(|m| (m.module, m.version)).collect();
            assert_eq!(found, pending.into_iter().map(|(module, n)| (module, version(n))).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_empty_database_is_not_good() {
        let bundle = Bundle::embedded();
        assert_eq!(Status::of(&bundle, &Ledger::Absent, &[]).verdict(), Verdict::Pending);
        assert_eq!(Status::of(&bundle, &Ledger::Absent, &[Module::Auth]).verdict(), Verdict::Pending);
        let legacy = Ledger::Legacy(Vec::new());
        assert_eq!(Status::of(&bundle, &legacy, &[]).verdict(), Verdict::Pending);
    }
}
