//! The status of a database for people.

use super::paint;
use super::problem::{self, Gravity};
use super::steps;
use super::table::{Room, columns};
use super::time::{WIDEST_AGE, ago};
use crate::migration::grantee::Standing;
use crate::migration::ledger::Record;
use crate::migration::script;
use crate::migration::status::{ModuleStatus, Status};
use crate::migration::surroundings::Index;

/// Writes the table of modules as of `now`, in RFC 3339 and UTC, what is pending in a database with these indexes, and what
/// is wrong.
#[must_use]
pub fn text(status: &Status<'_>, now: &str, indexes: &[Index], room: Room) -> String {
    let mut sections = Vec::new();
    if !status.modules.is_empty() {
        sections.push(table(&status.modules, now, room));
    }
    let pending = status.pending();
    if !pending.is_empty() {
        sections.push(steps::pending(&pending, indexes));
    }
    for fault in &status.faults {
        sections.push(problem::text(&fault.into(), Gravity::Error));
    }
    sections.join("\n")
}

/// Writes what the application's role lacks, with the statement that grants it, and what it has too much.
#[must_use]
pub fn standing(Standing { role, lacks, excess }: &Standing) -> String {
    let lacks = lacks.iter().map(|right| {
        format!("{} for role {role}: {right}\n  to mend:  {}", paint::bad("lacking"), script::grant(role, right))
    });
    let excess = excess.iter().map(|excess| format!("{} for role {role}: {excess}\n", paint::attention("too much")));
    lacks.chain(excess).collect()
}

/// What a column of the table of modules says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Module,
    Version,
    Name,
    /// When, and how long ago.
    SinceAndAge,
    /// When.
    Since,
    By,
}

/// The columns, widest first: the first that fit are taken, or the last.
const LAYOUTS: [&[Column]; 4] = [
    &[Column::Module, Column::Version, Column::Name, Column::SinceAndAge, Column::By],
    &[Column::Module, Column::Version, Column::Name, Column::SinceAndAge],
    &[Column::Module, Column::Version, Column::Name, Column::Since],
    &[Column::Module, Column::Version, Column::Since],
];

/// Writes a line for each module. Who did it has a line of its own where it has no column.
fn table(modules: &[ModuleStatus<'_>], now: &str, room: Room) -> String {
    let written = LAYOUTS.map(|layout| {
        let heading = layout.iter().map(|column| paint::bold(column.heading())).collect();
        let row = |module| layout.iter().map(|column| column.cell(module, now)).collect();
        let rows: Vec<Vec<String>> = std::iter::once(heading).chain(modules.iter().map(row)).collect();
        let by = if layout.contains(&Column::By) { String::new() } else { by(modules) };
        columns(&rows) + &by
    });
    let fitting = written.iter().find(|table| room.holds(table)).or(written.last());
    fitting.cloned().unwrap_or_default()
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Module => "MODULE",
            Self::Version => "VERSION",
            Self::Name => "NAME",
            Self::SinceAndAge | Self::Since => "SINCE (UTC)",
            Self::By => "BY",
        }
    }

    fn cell(self, module: &ModuleStatus<'_>, now: &str) -> String {
        let cell = match (self, module.version) {
            (Self::Module, _) => Some(module.module.to_string()),
            (Self::Version, version) => version.map(str::to_owned),
            (Self::Name, None) => Some(paint::dim("not installed")),
            (Self::Name, Some(_)) => module.migration.map(|migration| migration.name.to_string()),
            (Self::SinceAndAge | Self::Since | Self::By, None) => Some(String::new()),
            (Self::SinceAndAge, Some(_)) => module.record.map(|record| {
                let age = ago(&record.finished_at, now).unwrap_or_default();
                // As wide as the widest that may come, so that the table looks the same next time.
                let rest = WIDEST_AGE.saturating_sub(age.len());
                format!("{}  {}{:rest$}", minute(&record.finished_at), paint::dim(age), "")
            }),
            (Self::Since, Some(_)) => module.record.map(|record| minute(&record.finished_at)),
            (Self::By, Some(_)) => module.record.map(|record| record.role.clone()),
        };
        cell.unwrap_or_else(|| paint::dim("-"))
    }
}

/// `by role postgres`, or `by role postgres (base, auth), deploy (cache)`
fn by(modules: &[ModuleStatus<'_>]) -> String {
    let mut roles: Vec<(&str, Vec<&str>)> = Vec::new();
    for (module, record) in modules.iter().filter_map(|module| Some((module.module.name(), module.record?))) {
        match roles.iter_mut().find(|(role, _)| *role == record.role) {
            Some((_, modules)) => modules.push(module),
            None => roles.push((&record.role, vec![module])),
        }
    }
    let roles: Vec<String> = match roles.as_slice() {
        [] => return String::new(),
        [(role, _)] => vec![(*role).to_owned()],
        several => several.iter().map(|(role, modules)| format!("{role} ({})", modules.join(", "))).collect(),
    };
    format!("{}\n", paint::dim(format!("by role {}", roles.join(", "))))
}

/// Writes every record of the log, oldest first; the tools and roles only where there is room for them.
#[must_use]
pub fn history(records: &[Record], room: Room) -> String {
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
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(records.iter().map(row)).collect();
    let narrower = |count: usize| columns(&rows.iter().map(|row| row[..count].to_vec()).collect::<Vec<_>>());
    [narrower(6), narrower(5)].into_iter().find(|table| room.holds(table)).unwrap_or_else(|| narrower(4))
}

/// `2026-01-02T03:04:05.678901Z` → `2026-01-02 03:04`.
fn minute(timestamp: &str) -> String {
    timestamp.get(..16).unwrap_or(timestamp).replace('T', " ")
}

#[cfg(test)]
mod tests;
