//! What a rehearsal goes through.

use super::bundle::Bundle;
use super::migration::Migration;
use super::module::Module;
use super::plan::Manner;
use super::version::Version;
use super::wish::{Depth, Target, Wish};

/// One run of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Which part of the rehearsal it belongs to.
    pub part: Part,
    /// What is wanted.
    pub wish: Wish,
    /// How migrations are applied that can be applied online.
    pub manner: Manner,
    /// The version of every module that is installed afterwards.
    pub after: Vec<(Module, Version)>,
}

/// A part of a rehearsal, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Every migration up, by itself.
    Up,
    /// Every migration down, by itself.
    Down,
    /// The first version of each module, in one run.
    FirstVersions,
    /// From there to the newest, as on a database in use.
    Upgrade,
    /// Everything down, in one run.
    DownTogether,
    /// Everything up, in one run.
    UpTogether,
}

/// Decides what a rehearsal of these modules goes through; `base` comes along with the others.
#[must_use]
pub fn stages(bundle: &Bundle, modules: &[Module]) -> Vec<Stage> {
    let all = Wish::Migrate(modules.iter().map(|&module| (module, Target::Newest)).collect()).modules();
    let migrations: Vec<&Migration> = bundle.migrations().iter().filter(|m| all.contains(&m.module)).collect();
    let versions = |of: &[&Migration]| -> Vec<(Module, Version)> {
        let newest = |&module| Some((module, of.iter().rfind(|m| m.module == module)?.version));
        all.iter().filter_map(newest).collect()
    };
    let up = |part, manner, after: Vec<(Module, Version)>| {
        let targets = after.iter().map(|&(module, version)| (module, Target::Exactly(Some(version))));
        Stage { part, wish: Wish::Migrate(targets.collect()), manner, after }
    };
    let down = |part, after: Vec<(Module, Version)>| {
        let level = |module| after.iter().find(|(known, _)| *known == module).map(|&(_, version)| version);
        let depths = all.iter().map(|&module| (module, Depth::To(level(module))));
        Stage { part, wish: Wish::Rollback(depths.collect()), manner: Manner::Transaction, after }
    };
    let first: Vec<(Module, Version)> =
        all.iter().filter_map(|&module| Some((module, bundle.of(module).next()?.version))).collect();
    let newest = versions(&migrations);

    let counts = 1..=migrations.len();
    let mut stages: Vec<Stage> =
        counts.clone().map(|count| up(Part::Up, Manner::Transaction, versions(&migrations[..count]))).collect();
    stages.extend(counts.rev().map(|count| down(Part::Down, versions(&migrations[..count - 1]))));
    if first != newest {
        stages.push(up(Part::FirstVersions, Manner::Transaction, first));
        stages.push(up(Part::Upgrade, Manner::Online, newest.clone()));
        stages.push(down(Part::DownTogether, Vec::new()));
    }
    stages.push(up(Part::UpTogether, Manner::Transaction, newest));
    stages
}

#[cfg(test)]
mod tests {
    use super::super::ledger::Ledger;
    use super::super::plan::Step;
    use super::*;

    /// Each stage with the steps that it takes where the one before it has led.
    fn walk(modules: &[Module]) -> String {
        let bundle = Bundle::of_november_2026();
        let mut ledger = Ledger::Absent;
        let line = |stage: &Stage| {
            let plan = stage.wish.plan(&bundle, &ledger).expect("every stage can be reached from the one before it");
            ledger = Ledger::assumed(&stage.after);
            let step = |step: &Step<'_>| match step.migration() {
                Some((migration, direction)) => format!("{} {} {}", direction.name(), migration.module, migration.name),
                None => format!("{step:?}"),
            };
            let steps: Vec<String> = plan.steps().iter().map(step).collect();
            format!("{:?}: {}\n", stage.part, steps.join(", "))
        };
        stages(&bundle, modules).iter().map(line).collect()
    }

    #[test]
    fn every_migration_goes_up_and_down_by_itself_and_together() {
        insta::assert_snapshot!(walk(&[Module::Cache]), @"
        Up: CreateLedger, UpgradeLedger, up base uuid7
        Up: up cache cache
        Up: up base uuid7_range
        Up: up cache key_per_resource_type
        Up: up cache cache_expires_at_idx
        Down: down cache cache_expires_at_idx
        Down: down cache key_per_resource_type
        Down: down base uuid7_range
        Down: down cache cache
        Down: down base uuid7, DropLedger
        FirstVersions: CreateLedger, UpgradeLedger, up base uuid7, up cache cache
        Upgrade: up base uuid7_range, up cache key_per_resource_type, up cache cache_expires_at_idx
        DownTogether: down cache cache_expires_at_idx, down cache key_per_resource_type, down base uuid7_range, down cache cache, down base uuid7, DropLedger
        UpTogether: CreateLedger, UpgradeLedger, up base uuid7, up cache cache, up base uuid7_range, up cache key_per_resource_type, up cache cache_expires_at_idx
        ");
    }

    #[test]
    fn every_stage_of_one_migration_moves_exactly_one() {
        let bundle = Bundle::embedded();
        for modules in [&[Module::Base][..], &[Module::Auth], &[Module::Auth, Module::Cache], &Module::ALL] {
            let mut ledger = Ledger::Absent;
            for stage in stages(&bundle, modules) {
                let plan = stage.wish.plan(&bundle, &ledger).unwrap();
                match stage.part {
                    Part::Up | Part::Down => assert_eq!(plan.migrations().count(), 1, "{stage:?}"),
                    Part::FirstVersions | Part::Upgrade | Part::DownTogether | Part::UpTogether => {
                        assert!(plan.migrations().count() > 0, "{stage:?}");
                    }
                }
                ledger = Ledger::assumed(&stage.after);
            }
        }
    }
}
