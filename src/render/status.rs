//! The status of a database for people.

use super::paint;
use super::problem::{self, Gravity, Problem};
use super::steps;
use super::table::columns;
use crate::migration::grantee::Standing;
use crate::migration::ledger::Record;
use crate::migration::script;
use crate::migration::status::{ModuleStatus, Status};
use crate::migration::surroundings::Index;

/// Writes the table of modules, what is pending in a database with these indexes, and what is wrong.
#[must_use]
pub fn text(status: &Status<'_>, indexes: &[Index]) -> String {
    let mut sections = Vec::new();
    if !status.modules.is_empty() {
        let heading = ["MODULE", "VERSION", "NAME", "SINCE (UTC)", "BY"].map(paint::bold).to_vec();
        let rows = std::iter::once(heading).chain(status.modules.iter().map(row));
        sections.push(columns(&rows.collect::<Vec<_>>()));
    }
    let pending = status.pending();
    if !pending.is_empty() {
        sections.push(steps::pending(&pending, indexes));
    }
    for fault in &status.faults {
        let problem = Problem::new(fault.to_string()).with_hint(Some(fault.hint()));
        sections.push(problem::text(&problem, Gravity::Error));
    }
    sections.join("\n")
}

/// Writes what the application's role lacks, with the statement that grants it, and what it has too much.
#[must_use]
pub fn standing(Standing { role, lacks, excess }: &Standing) -> String {
    let lacks = lacks.iter().map(|right| {
        format!("{} for role {role}: {right}\n  to mend:  {}", paint::bad("missing"), script::grant(role, right))
    });
    let excess = excess.iter().map(|excess| format!("{} for role {role}: {excess}\n", paint::attention("too much")));
    lacks.chain(excess).collect()
}

fn row(module: &ModuleStatus<'_>) -> Vec<String> {
    let nothing = || paint::dim("-");
    let Some(version) = module.version else {
        return vec![module.module.to_string(), nothing(), paint::dim("not installed")];
    };
    vec![
        module.module.to_string(),
        version.to_string(),
        module.migration.map_or_else(nothing, |migration| migration.name.to_string()),
        module.record.map_or_else(nothing, |record| minute(&record.finished_at)),
        module.record.map_or_else(nothing, |record| record.role.clone()),
    ]
}

/// Writes every record of the log, oldest first.
#[must_use]
pub fn history(records: &[Record]) -> String {
    let heading = ["FINISHED (UTC)", "ACTION", "MODULE", "VERSION", "ROLE", "TOOL"].map(paint::bold).to_vec();
    let row = |record: &Record| {
        let cells = [
            &minute(&record.finished_at),
            record.action.name(),
            &record.module,
            &record.version,
            &record.role,
            &record.tool,
        ];
        cells.map(str::to_owned).to_vec()
    };
    columns(&std::iter::once(heading).chain(records.iter().map(row)).collect::<Vec<_>>())
}

/// `2026-01-02T03:04:05.678901Z` → `2026-01-02 03:04`.
fn minute(timestamp: &str) -> String {
    timestamp.get(..16).unwrap_or(timestamp).replace('T', " ")
}
