//! Bundle × ledger → what is wrong with the recorded history.

use std::collections::BTreeSet;

use serde::Serialize;

use super::bundle::Bundle;
use super::checksum::Checksum;
use super::ledger::{Ledger, Record, Row};
use super::module::Module;
use super::version::Version;

/// Something in the ledger that cannot be so if only this tool's migrations were ever applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Fault {
    /// A migration is recorded with a checksum that it never had: another text was applied, or a record was edited.
    #[error(
        "{module} {version} was edited: {place} has another checksum than this binary\n  \
         recorded: {recorded}\n  expected: {expected}"
    )]
    Edited {
        /// The module.
        module: Module,
        /// The version of the migration.
        version: Version,
        /// Which of the ledger's tables says so.
        place: LedgerTable,
        /// The checksum in the ledger.
        recorded: String,
        /// The checksum in this binary.
        expected: Checksum,
    },
    /// A migration is recorded that this binary does not know.
    #[error("{}", unknown(module, version, *newest))]
    Unknown {
        /// The module's name.
        module: String,
        /// The version, as recorded.
        version: String,
        /// The newest version of the module that this binary knows.
        newest: Option<Version>,
    },
    /// A migration is said to be there that this tool has no record of.
    #[error("{module} {version} is in {place} without a record of how it came there")]
    Unrecorded {
        /// The module.
        module: Module,
        /// The version of the migration.
        version: Version,
        /// Which table says that it is there.
        place: LedgerTable,
    },
    /// The two tables of the ledger do not say the same.
    #[error(
        "module_version {row}, but migration_log {log}",
        row = has(*module, row.as_deref()),
        log = has(*module, log.map(|log| log.to_string()).as_deref())
    )]
    Contradiction {
        /// The module.
        module: Module,
        /// The version in `module_version`.
        row: Option<String>,
        /// The newest migration that `migration_log` says is applied.
        log: Option<Version>,
    },
}

impl Fault {
    /// Returns what helps.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Edited { module, .. } => format!(
                "see who recorded what: pevensie-pg status {module} --history\n\
                 a record changed by hand has to be restored; a migration that another text\n\
                 was applied for has to be checked against: pevensie-pg print {module}"
            ),
            Self::Unknown { .. } => "the database is newer than this binary, or another tool wrote there;\n\
                 column TOOL of pevensie-pg status --history says which version to use"
                .to_owned(),
            Self::Unrecorded { module, .. } => format!(
                "another tool installed it; pevensie-pg migrate {module} compares it with\n\
                 what it should be, and with --apply adopts it if it is exactly that"
            ),
            Self::Contradiction { module, .. } => format!(
                "one of the two was changed by hand or by another tool;\nsee: pevensie-pg status {module} --history"
            ),
        }
    }
}

/// A table of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerTable {
    /// `pevensie.module_version`.
    ModuleVersion,
    /// `pevensie.migration_log`.
    MigrationLog,
}

impl std::fmt::Display for LedgerTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ModuleVersion => "module_version",
            Self::MigrationLog => "migration_log",
        })
    }
}

fn unknown(module: &str, version: &str, newest: Option<Version>) -> String {
    match newest {
        Some(newest) => format!("{module} {version} is not known to this binary, whose newest is {newest}"),
        None => format!("module {module} is not known to this binary"),
    }
}

fn has(module: Module, version: Option<&str>) -> String {
    version.map_or_else(|| format!("does not have {module}"), |version| format!("has {module} at {version}"))
}

/// Returns everything that is wrong with a ledger, by module; empty when its history is that of this bundle.
#[must_use]
pub fn faults(bundle: &Bundle, ledger: &Ledger) -> Vec<Fault> {
    let mut faults = foreign_modules(ledger);
    for module in Module::ALL {
        faults.extend(faults_of(bundle, ledger, module));
    }
    faults
}

fn foreign_modules(ledger: &Ledger) -> Vec<Fault> {
    let rows = ledger.rows().iter().map(|row| (&row.module, &row.version));
    let log = ledger.applied().map(|record| (&record.module, &record.version));
    let mut faults = Vec::new();
    for (module, version) in rows.chain(log).filter(|(module, _)| module.parse::<Module>().is_err()) {
        let fault = Fault::Unknown { module: module.clone(), version: version.clone(), newest: None };
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

fn faults_of(bundle: &Bundle, ledger: &Ledger, module: Module) -> Vec<Fault> {
    // A table that has lost its primary key may have several.
    let rows: Vec<&Row> = ledger.rows().iter().filter(|row| row.module == module.name()).collect();
    let log: Vec<&Record> = ledger.applied().filter(|record| record.module == module.name()).collect();
    // A checksum that is gone was there once, if the log knows the module.
    let lost = ledger.is_logged(module).then_some("none");
    let in_rows =
        rows.iter().map(|row| (row.version.as_str(), row.checksum.as_deref().or(lost), LedgerTable::ModuleVersion));
    let in_log = log.iter().map(|r| (r.version.as_str(), Some(r.checksum.as_str()), LedgerTable::MigrationLog));
    let mut faults: Vec<Fault> = Vec::new();
    for (version, checksum, place) in in_rows.chain(in_log) {
        faults.extend(judge(bundle, module, version, checksum, place).filter(|fault| !faults.contains(fault)));
    }
    if let Ledger::Current { .. } = ledger
        && faults.is_empty()
    {
        let versions = rows.iter().map(|row| Some(row.version.as_str()));
        for row in versions.chain(rows.is_empty().then_some(None)) {
            for fault in disagreement(bundle, module, row, &log) {
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
    }
    faults
}

/// Judges one recorded migration by itself.
fn judge(bundle: &Bundle, module: Module, version: &str, checksum: Option<&str>, place: LedgerTable) -> Option<Fault> {
    let known = version.parse().ok();
    if known.is_some_and(|version| bundle.is_withdrawn(module, version)) {
        return None;
    }
    let Some(migration) = known.and_then(|version| bundle.find(module, version)) else {
        return Some(Fault::Unknown {
            module: module.name().to_owned(),
            version: version.to_owned(),
            newest: bundle.newest(module),
        });
    };
    match checksum {
        Some(checksum) if migration.accepts(checksum) => None,
        Some(checksum) => Some(Fault::Edited {
            module,
            version: migration.version,
            place,
            recorded: checksum.to_owned(),
            expected: migration.checksum,
        }),
        None => Some(Fault::Unrecorded { module, version: migration.version, place }),
    }
}

/// Compares the two tables, each of which is right by itself.
fn disagreement(bundle: &Bundle, module: Module, row: Option<&str>, log: &[&Record]) -> Vec<Fault> {
    let logged: BTreeSet<Version> = log.iter().filter_map(|record| record.version.parse().ok()).collect();
    let (at, newest) = (row.and_then(|row| row.parse().ok()), logged.last().copied());
    if at != newest {
        return vec![Fault::Contradiction { module, row: row.map(str::to_owned), log: newest }];
    }
    bundle
        .of(module)
        .filter(|migration| at.is_some_and(|at| migration.version <= at) && !logged.contains(&migration.version))
        .map(|m| Fault::Unrecorded { module, version: m.version, place: LedgerTable::ModuleVersion })
        .collect()
}

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
