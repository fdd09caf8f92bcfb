//! Plans → what another tool applies and rolls back one by one.

use crate::migration::bundle::Bundle;
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::plan::{Plan, Step};
use crate::migration::script::{Script, heading};
use crate::migration::statements::statements;

/// One migration of another tool: one of ours, or a part of one that is applied online.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'b> {
    /// Ours.
    pub migration: &'b Migration,
    /// How much of it.
    pub part: Part,
    /// What comes before them where a tool sends statements one by one, and [`Part::Build`] need not be alone.
    before: Vec<String>,
    /// The statements that apply it. Those of [`Part::Build`] are one.
    pub up: String,
    /// The statements that roll it back. Those of [`Part::Build`] are one.
    pub down: String,
}

/// How much of a migration of ours is in one of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it, in a transaction.
    Whole,
    /// The index alone, which is built outside a transaction.
    Build,
    /// The record that follows, in a transaction, once the index is found to be right.
    Record,
}

const DROP_INDEX: &str = include_str!("../../sql/export/drop_index.sql");

/// How long after the index its record is stamped, in seconds.
const RECORD_AFTER: u64 = 30;

impl<'b> Item<'b> {
    /// Cuts a plan that leads forward into items, in the order of their stamps.
    #[must_use]
    pub fn of(plan: &Plan<'b>, bundle: &'b Bundle) -> Vec<Self> {
        let mut items = Vec::new();
        let mut first = Vec::new(); // what the first migration brings along: the ledger
        for step in plan.steps() {
            match *step {
                Step::CreateLedger | Step::UpgradeLedger => first.push(*step),
                Step::Up(migration) => {
                    first.push(*step);
                    items.push(Self::whole(migration, bundle.previous(migration), &first));
                    first.clear();
                }
                Step::Online(migration) => items.extend(Self::online(migration, bundle.previous(migration))),
                // Wishes that start from a ledger that is only assumed have none of these.
                Step::Adopt(_)
                | Step::Discard { .. }
                | Step::Record(_)
                | Step::Down { .. }
                | Step::DropLedger
                | Step::Grant { .. } => {}
            }
        }
        items.sort_by_key(Self::stamp);
        items
    }

    fn whole(migration: &'b Migration, previous: Option<&'b Migration>, up: &[Step<'_>]) -> Self {
        let mut down = vec![Step::Down { migration, previous, with_table: false }];
        if migration.module == Module::Base && previous.is_none() {
            down.push(Step::DropLedger);
        }
        Self {
            migration,
            part: Part::Whole,
            before: Vec::new(),
            up: Script::for_file(migration.module, previous.map(|left| left.version), up).text(),
            down: Script::for_file(migration.module, Some(migration.version), &down).text(),
        }
    }

    fn online(migration: &'b Migration, previous: Option<&'b Migration>) -> [Self; 2] {
        let start = previous.map(|left| left.version);
        let discard = DROP_INDEX.replace(":index", &migration.index().unwrap_or_default());
        let guard = Script::for_file(migration.module, start, &[]).text();
        let build = Self {
            migration,
            part: Part::Build,
            before: vec![heading(migration, "up, the index") + &guard, discard.clone()],
            up: format!(
                "{}-- Outside a transaction, so that nobody has to wait. If it is cut off, drop what is left, and run it again:\n\
                 -- {discard}{}",
                heading(migration, "up, the index"),
                migration.online.as_deref().unwrap_or_default(),
            ),
            down: heading(migration, "down, the index") + &discard,
        };
        let record = Script::for_file(migration.module, start, &[Step::Online(migration)]);
        let record = Self {
            migration,
            part: Part::Record,
            before: Vec::new(),
            up: heading(migration, "up, the record") + &record.text(),
            down: heading(migration, "down, the record") + &Script::record_for_file(migration, previous).text(),
        };
        [build, record]
    }

    /// Returns the 14 digits by which tools tell migrations apart and order them: the same for the same migration in every
    /// export. Modules that share a version get a second each.
    #[must_use]
    pub fn stamp(&self) -> u64 {
        let after = if self.part == Part::Record { RECORD_AFTER } else { 0 };
        self.migration.version.number() + self.migration.module.rank() + after
    }

    /// Returns the name, unique among all exports.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.migration, self.part)
    }

    /// Returns the statements that apply it, for a tool that sends them one by one: one that builds an index looks first
    /// where the module is, and drops what an attempt has left behind that was cut off.
    #[must_use]
    pub fn up_pieces(&self) -> Vec<&str> {
        self.before.iter().chain([&self.up]).flat_map(|sql| pieces(sql)).collect()
    }

    /// Says whether the tool has to leave out its transaction.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.part == Part::Build
    }
}

/// The name of a migration, or of a part of it.
pub(super) fn title(migration: &Migration, part: Part) -> String {
    let record = if part == Part::Record { "_record" } else { "" };
    format!("pevensie_{}_{}{record}", migration.module, migration.name)
}

/// Cuts a script into its statements, each with the comments before it and its semicolon.
pub(super) fn pieces(sql: &str) -> Vec<&str> {
    let mut start = 0;
    // What follows a statement is its semicolon, or blanks and the end.
    let ends = statements(sql).into_iter().map(|range| range.end + usize::from(sql[range.end..].starts_with(';')));
    ends.map(|end| sql[std::mem::replace(&mut start, end)..end].trim()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::{everything, upgrade};
    use super::*;
    use crate::migration::version::Version;

    #[test]
    fn every_export_has_a_stamp_and_a_name_of_its_own() {
        let bundle = Bundle::embedded();
        let items: Vec<Item<'_>> = everything(&bundle).into_iter().chain(upgrade(&bundle)).collect();
        // An index that is built online is at the place of the migration as a whole.
        let exports: BTreeSet<(u64, String)> = items.iter().map(|item| (item.stamp(), item.title())).collect();
        let stamps: BTreeSet<u64> = exports.iter().map(|(stamp, _)| *stamp).collect();
        let titles: BTreeSet<&String> = exports.iter().map(|(_, title)| title).collect();
        assert_eq!((stamps.len(), titles.len()), (exports.len(), exports.len()));
        for item in &items {
            let stamp = format!("{:014}", item.stamp());
            assert!(stamp.parse::<Version>().is_ok(), "{stamp} of {} is no date", item.title());
        }
    }

    #[test]
    fn stamps_follow_the_order_of_installation() {
        let bundle = Bundle::embedded();
        let exported: Vec<_> =
            everything(&bundle).iter().map(|item| (item.migration.version, item.migration.module)).collect();
        let installed: Vec<_> = bundle.migrations().iter().map(|m| (m.version, m.module)).collect();
        assert_eq!(exported, installed);
    }

    #[test]
    fn an_index_and_its_record_come_one_after_the_other() {
        let bundle = Bundle::embedded();
        let items = upgrade(&bundle);
        let builds: Vec<usize> = (0..items.len()).filter(|&i| items[i].part == Part::Build).collect();
        assert!(!builds.is_empty());
        for at in builds {
            assert_eq!((items[at + 1].part, items[at + 1].migration), (Part::Record, items[at].migration));
            assert_eq!((pieces(&items[at].up).len(), pieces(&items[at].down).len()), (1, 1));
        }
    }

    #[test]
    fn only_the_first_one_of_base_makes_and_drops_the_ledger() {
        let bundle = Bundle::embedded();
        for (nth, item) in everything(&bundle).iter().enumerate() {
            assert_eq!(item.up.contains("create table pevensie.module_version"), nth == 0);
            assert_eq!(item.down.contains("drop table pevensie.module_version"), nth == 0);
        }
    }

    #[test]
    fn exports_do_not_name_the_version_of_this_tool() {
        let bundle = Bundle::embedded();
        for item in everything(&bundle).into_iter().chain(upgrade(&bundle)) {
            assert!(!(item.up + &item.down).contains(env!("CARGO_PKG_VERSION")));
        }
    }

    #[test]
    fn pieces_are_the_whole_text() {
        let sql = "-- one\nselect 1; -- of one\n\n-- two\nselect ';';\n-- the end\n";
        assert_eq!(pieces(sql), ["-- one\nselect 1;", "-- of one\n\n-- two\nselect ';';"]);
        assert_eq!(pieces("select 1"), ["select 1"]);
        assert_eq!(pieces("select 1\u{3000}"), ["select 1"]);
    }
}
