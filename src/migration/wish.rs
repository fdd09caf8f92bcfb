//! Bundle × ledger × wish → plan.

use std::num::NonZeroU32;

use super::bundle::Bundle;
use super::ledger::Ledger;
use super::migration::Migration;
use super::module::Module;
use super::plan::{Plan, PlanError, Step, Wanted};
use super::version::Version;

/// What somebody wants of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Modules installed up to a version; `base` comes along.
    Migrate(Vec<(Module, Target)>),
    /// Modules rolled back.
    Rollback(Vec<(Module, Depth)>),
}

/// How far forward a module is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the newest version there is.
    Newest,
    /// To one version; `None` is "nothing installed".
    Exactly(Option<Version>),
}

/// How far back a module is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// So many migrations.
    Steps(NonZeroU32),
    /// Down to one version, which stays; `None` is "nothing installed".
    To(Option<Version>),
}

impl Wish {
    /// Decides what leads from the ledger to the wish.
    ///
    /// Expects a ledger without [faults](super::history::faults).
    pub fn plan<'b>(&self, bundle: &'b Bundle, ledger: &Ledger) -> Result<Plan<'b>, PlanError> {
        match self {
            Self::Migrate(targets) => migrate(bundle, ledger, targets),
            Self::Rollback(depths) => rollback(bundle, ledger, depths),
        }
    }

    /// Returns the modules named, `base` included where it is implied.
    #[must_use]
    pub fn modules(&self) -> Vec<Module> {
        let mut modules: Vec<Module> = match self {
            Self::Migrate(targets) => with_base(targets).into_iter().map(|(module, _)| module).collect(),
            Self::Rollback(depths) => depths.iter().map(|&(module, _)| module).collect(),
        };
        modules.sort();
        modules
    }
}

fn with_base(targets: &[(Module, Target)]) -> Vec<(Module, Target)> {
    let mut targets = targets.to_vec();
    let something = targets.iter().any(|(_, target)| *target != Target::Exactly(None));
    if something && targets.iter().all(|(module, _)| *module != Module::Base) {
        targets.push((Module::Base, Target::Newest));
    }
    targets
}

/// The version that a wish names must be one that the module has.
fn known(bundle: &Bundle, module: Module, version: Option<Version>) -> Result<(), PlanError> {
    match version {
        Some(version) if bundle.find(module, version).is_none() => Err(PlanError::UnknownVersion {
            module,
            version,
            known: bundle.of(module).map(|migration| migration.version).collect(),
        }),
        _ => Ok(()),
    }
}

fn migrate<'b>(bundle: &'b Bundle, ledger: &Ledger, targets: &[(Module, Target)]) -> Result<Plan<'b>, PlanError> {
    let mut up = Vec::new();
    for (module, target) in with_base(targets) {
        let at = ledger.version(module);
        let wanted = match target {
            Target::Newest => bundle.newest(module, None),
            Target::Exactly(version) => {
                known(bundle, module, version)?;
                version
            }
        };
        match (at, target) {
            (Some(at), Target::Exactly(_)) if Some(at) > wanted => {
                return Err(PlanError::WouldGoBack { module, at, wanted: Wanted(wanted) });
            }
            _ => up.extend(bundle.of(module).filter(|m| Some(m.version) > at && Some(m.version) <= wanted)),
        }
    }
    let goes_up = |module| up.iter().any(|m: &&Migration| m.module == module);
    if !ledger.has(Module::Base) && !up.is_empty() && !goes_up(Module::Base) {
        let modules = Module::ALL.into_iter().filter(|&module| goes_up(module)).collect();
        return Err(PlanError::BaseIsMissing { modules });
    }
    up.sort_by_key(|m| (m.version, m.module));
    let mut steps = match ledger {
        _ if up.is_empty() => Vec::new(),
        Ledger::Absent => vec![Step::CreateLedger, Step::UpgradeLedger],
        Ledger::Legacy(_) => vec![Step::UpgradeLedger],
        Ledger::Current { .. } => Vec::new(),
    };
    steps.extend(up.into_iter().map(Step::Up));
    Ok(Plan { steps })
}

fn rollback<'b>(bundle: &'b Bundle, ledger: &Ledger, depths: &[(Module, Depth)]) -> Result<Plan<'b>, PlanError> {
    let mut down = Vec::new();
    let mut removed = Vec::new();
    for &(module, depth) in depths {
        let at = ledger.version(module);
        let applied: Vec<&Migration> = bundle.of(module).filter(|m| Some(m.version) <= at).collect();
        let keep = match depth {
            Depth::Steps(steps) => applied.len().checked_sub(steps.get() as usize).ok_or(PlanError::TooManySteps {
                module,
                steps: steps.get(),
                applied: applied.len(),
            })?,
            Depth::To(version) => {
                known(bundle, module, version)?;
                if let Some(wanted) = version.filter(|_| version > at) {
                    return Err(PlanError::WouldGoForward { module, at, wanted });
                }
                applied.iter().take_while(|m| Some(m.version) <= version).count()
            }
        };
        down.extend((keep..applied.len()).map(|i| (applied[i], i.checked_sub(1).map(|i| applied[i]))));
        if keep == 0 {
            removed.push(module);
        }
    }
    let remaining: Vec<Module> = Module::ALL.into_iter().filter(|m| ledger.has(*m) && !removed.contains(m)).collect();
    if removed.contains(&Module::Base) && !remaining.is_empty() {
        return Err(PlanError::BaseIsNeeded { modules: remaining });
    }
    down.sort_by_key(|(m, _)| std::cmp::Reverse((m.version, m.module)));
    let mut steps: Vec<Step<'_>> =
        down.into_iter().map(|(migration, leaves)| Step::Down { migration, leaves }).collect();
    if !steps.is_empty() && remaining.is_empty() {
        steps.push(Step::DropLedger);
    }
    Ok(Plan { steps })
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::checksum::Checksum;
    use super::super::history::faults;
    use super::super::ledger::{Action, Record, Row};
    use super::super::migration::Direction;
    use super::*;

    pub(in super::super) fn version(n: u64) -> Version {
        format!("202401010000{n:02}").parse().unwrap()
    }

    pub(in super::super) fn bundle(migrations: &[(Module, u64)]) -> Bundle {
        let migration = |&(module, n): &(Module, u64)| {
            let up = format!("create table pevensie.{module}_{n} ();\n");
            Migration {
                module,
                version: version(n),
                name: format!("step_{n}").into(),
                checksum: Checksum::of(&up),
                up: up.into(),
                down: format!("drop table pevensie.{module}_{n};\n").into(),
                accepted: Vec::new(),
            }
        };
        Bundle::new(migrations.iter().map(migration).collect(), Vec::new())
    }

    /// A database: its ledger, and what is installed in which order.
    #[derive(Clone, Debug, PartialEq)]
    struct Database {
        ledger: Ledger,
        installed: BTreeMap<Module, Vec<Version>>,
    }

    impl Database {
        fn empty() -> Self {
            Self { ledger: Ledger::Absent, installed: BTreeMap::new() }
        }

        /// Does what a plan says, and panics where a real database would.
        fn run(&mut self, bundle: &Bundle, plan: &Plan<'_>) {
            for step in plan.steps() {
                match *step {
                    Step::CreateLedger => {
                        assert_eq!(self.ledger, Ledger::Absent);
                        self.ledger = Ledger::Legacy(Vec::new());
                    }
                    Step::UpgradeLedger => {
                        let Ledger::Legacy(rows) = &self.ledger else { panic!("upgrades {:?}", self.ledger) };
                        self.ledger = Ledger::Current { rows: rows.clone(), log: Vec::new() };
                    }
                    Step::Up(migration) => {
                        if migration.module != Module::Base {
                            assert!(self.installed.contains_key(&Module::Base), "base comes first");
                        }
                        let there = self.installed.entry(migration.module).or_default();
                        let next: Vec<Version> = bundle.of(migration.module).map(|m| m.version).collect();
                        assert_eq!(next[there.len()], migration.version, "no skipping, repeating or reordering");
                        there.push(migration.version);
                        self.record(migration, Action::Up, Some(migration));
                    }
                    Step::Down { migration, leaves } => {
                        let there = self.installed.get_mut(&migration.module).expect("it is installed");
                        assert_eq!(there.pop(), Some(migration.version), "no skipping, repeating or reordering");
                        assert_eq!(there.last().copied(), leaves.map(|m| m.version));
                        if there.is_empty() {
                            self.installed.remove(&migration.module);
                        }
                        if migration.module == Module::Base && leaves.is_none() {
                            assert!(self.installed.is_empty(), "base goes last");
                        }
                        self.record(migration, Action::Down, leaves);
                    }
                    Step::DropLedger => {
                        assert!(self.ledger.rows().is_empty());
                        self.ledger = Ledger::Absent;
                    }
                }
            }
            if self.installed.is_empty() {
                assert_eq!(self.ledger, Ledger::Absent);
            }
            assert_eq!(faults(bundle, &self.ledger), []);
        }

        fn record(&mut self, migration: &Migration, action: Action, now: Option<&Migration>) {
            let Ledger::Current { rows, log } = &mut self.ledger else { panic!("there is no ledger") };
            let (module, version) = (migration.module.name().to_owned(), migration.version.to_string());
            log.retain(|record| (&record.module, &record.version) != (&module, &version));
            log.push(Record {
                module: module.clone(),
                version,
                action,
                checksum: migration.checksum.to_string(),
                started_at: String::new(),
                finished_at: String::new(),
                role: String::new(),
                application: String::new(),
                tool: String::new(),
            });
            rows.retain(|row| row.module != module);
            rows.extend(now.map(|now| Row {
                module: module.clone(),
                version: now.version.to_string(),
                checksum: Some(now.checksum.to_string()),
            }));
            rows.sort_by_key(|row| row.module.parse::<Module>().unwrap());
        }
    }

    fn any_module() -> impl Strategy<Value = Module> {
        prop::sample::select(&Module::ALL[..])
    }

    /// Bundles in which base has at least one migration and is the first.
    fn any_bundle() -> impl Strategy<Value = Bundle> {
        prop::collection::btree_set((any_module(), 2..9_u64), 0..12).prop_map(|mut migrations| {
            migrations.insert((Module::Base, 1));
            bundle(&migrations.into_iter().collect::<Vec<_>>())
        })
    }

    fn any_version() -> impl Strategy<Value = Option<Version>> {
        prop::option::of((1..10_u64).prop_map(version))
    }

    fn any_wish() -> impl Strategy<Value = Wish> {
        let target = prop_oneof![Just(Target::Newest), any_version().prop_map(Target::Exactly)];
        let depth = prop_oneof![
            (1..4_u32).prop_map(|n| Depth::Steps(NonZeroU32::new(n).unwrap())),
            any_version().prop_map(Depth::To)
        ];
        prop_oneof![
            prop::collection::btree_map(any_module(), target, 1..4)
                .prop_map(|m| Wish::Migrate(m.into_iter().collect())),
            prop::collection::btree_map(any_module(), depth, 1..4)
                .prop_map(|m| Wish::Rollback(m.into_iter().collect())),
        ]
    }

    fn all_newest() -> Wish {
        Wish::Migrate(Module::ALL.map(|module| (module, Target::Newest)).to_vec())
    }

    fn all_gone() -> Wish {
        Wish::Rollback(Module::ALL.map(|module| (module, Depth::To(None))).to_vec())
    }

    proptest! {
        #[test]
        fn from_any_state_newest_is_reached_and_everything_can_go(
            bundle in any_bundle(),
            wishes in prop::collection::vec(any_wish(), 0..8),
        ) {
            let mut database = Database::empty();
            for wish in wishes {
                if let Ok(plan) = wish.plan(&bundle, &database.ledger) {
                    database.run(&bundle, &plan);
                    // A wish that was just fulfilled leaves nothing to do, unless it counts steps.
                    if let Wish::Migrate(_) = wish {
                        prop_assert!(wish.plan(&bundle, &database.ledger).unwrap().is_empty());
                    }
                }
            }
            database.run(&bundle, &all_newest().plan(&bundle, &database.ledger).unwrap());
            for module in Module::ALL {
                prop_assert_eq!(database.ledger.version(module), bundle.newest(module, None));
            }
            prop_assert!(all_newest().plan(&bundle, &database.ledger).unwrap().is_empty());
            database.run(&bundle, &all_gone().plan(&bundle, &database.ledger).unwrap());
            prop_assert_eq!(database, Database::empty());
        }

        #[test]
        fn up_then_down_is_where_it_started(
            bundle in any_bundle(),
            wishes in prop::collection::vec(any_wish(), 0..6),
            target in any_wish(),
        ) {
            let mut database = Database::empty();
            for wish in wishes {
                if let Ok(plan) = wish.plan(&bundle, &database.ledger) {
                    database.run(&bundle, &plan);
                }
            }
            let before = Module::ALL.map(|module| (module, database.ledger.version(module)));
            let installed = database.installed.clone();
            if let (Wish::Migrate(_), Ok(plan)) = (&target, target.plan(&bundle, &database.ledger)) {
                database.run(&bundle, &plan);
                let back = Wish::Rollback(before.iter().map(|&(module, at)| (module, Depth::To(at))).collect());
                let plan = back.plan(&bundle, &database.ledger).unwrap();
                database.run(&bundle, &plan);
                prop_assert_eq!(database.installed, installed);
            }
        }
    }

    /// Base at 1 and 3, auth at 2 and 3.
    fn two_modules() -> Bundle {
        bundle(&[(Module::Base, 1), (Module::Auth, 2), (Module::Base, 3), (Module::Auth, 3)])
    }

    fn steps(plan: &Plan<'_>) -> String {
        let name = |step: &Step<'_>| match step {
            Step::CreateLedger => "create".to_owned(),
            Step::UpgradeLedger => "upgrade".to_owned(),
            Step::DropLedger => "drop".to_owned(),
            Step::Up(_) | Step::Down { .. } => {
                let (migration, direction) = step.migration().unwrap();
                let sign = if direction == Direction::Up { '+' } else { '-' };
                format!("{sign}{}{}", migration.module, &migration.version.to_string()[13..])
            }
        };
        plan.steps().iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn migrations_are_planned_in_the_order_of_installation() {
        let bundle = two_modules();
        use {Module::Auth, Module::Base};
        let (newest, at) = (Target::Newest, |n| Target::Exactly(Some(version(n))));
        let (b, a) = (|n| (Base, version(n)), |n| (Auth, version(n)));
        for (installed, wish, expected) in [
            (vec![], vec![(Auth, newest)], "create upgrade +base1 +auth2 +base3 +auth3"),
            (vec![], vec![(Base, newest)], "create upgrade +base1 +base3"),
            (vec![], vec![(Auth, at(2)), (Base, at(1))], "create upgrade +base1 +auth2"),
            (vec![], vec![(Auth, Target::Exactly(None))], ""),
            (vec![b(1)], vec![(Auth, newest)], "+auth2 +base3 +auth3"),
            (vec![b(3), a(2)], vec![(Auth, newest)], "+auth3"),
            (vec![b(3), a(3)], vec![(Auth, newest)], ""),
            (vec![b(3), a(2)], vec![(Auth, at(2))], ""),
        ] {
            let plan = Wish::Migrate(wish.clone()).plan(&bundle, &Ledger::assumed(&installed)).unwrap();
            assert_eq!(steps(&plan), expected, "{installed:?} {wish:?}");
        }
        let legacy = Ledger::Legacy(Vec::new());
        let plan = Wish::Migrate(vec![(Base, at(1))]).plan(&bundle, &legacy).unwrap();
        assert_eq!(steps(&plan), "upgrade +base1");
    }

    #[test]
    fn rollbacks_are_planned_backwards() {
        let bundle = two_modules();
        use {Module::Auth, Module::Base};
        let (by, to) = (|n| Depth::Steps(NonZeroU32::new(n).unwrap()), |n| Depth::To(Some(version(n))));
        let all = [(Base, version(3)), (Auth, version(3))];
        for (wish, expected) in [
            (vec![(Auth, by(1))], "-auth3"),
            (vec![(Auth, by(2))], "-auth3 -auth2"),
            (vec![(Auth, to(2))], "-auth3"),
            (vec![(Auth, to(3))], ""),
            (vec![(Auth, by(1)), (Base, by(1))], "-auth3 -base3"),
            (vec![(Auth, Depth::To(None)), (Base, Depth::To(None))], "-auth3 -base3 -auth2 -base1 drop"),
        ] {
            let plan = Wish::Rollback(wish.clone()).plan(&bundle, &Ledger::assumed(&all)).unwrap();
            assert_eq!(steps(&plan), expected, "{wish:?}");
        }
        let wish = Wish::Rollback(vec![(Auth, Depth::To(None))]);
        assert!(wish.plan(&bundle, &Ledger::Absent).unwrap().is_empty());
    }

    #[test]
    fn impossible_wishes_are_refused() {
        let bundle = two_modules();
        use {Module::Auth, Module::Base};
        let all = [(Base, version(3)), (Auth, version(3))];
        let (by, to) = (|n| Depth::Steps(NonZeroU32::new(n).unwrap()), |n| Depth::To(Some(version(n))));
        for (installed, wish, message) in [
            (
                &all[..],
                Wish::Migrate(vec![(Auth, Target::Exactly(Some(version(7))))]),
                "auth has no version 20240101000007; it has 20240101000002, 20240101000003",
            ),
            (
                &all[..],
                Wish::Migrate(vec![(Auth, Target::Exactly(Some(version(2))))]),
                "auth is at 20240101000003, which is after 20240101000002; migrate never goes back",
            ),
            (
                &all[..],
                Wish::Migrate(vec![(Auth, Target::Exactly(None))]),
                "auth is at 20240101000003, which is after 0 (nothing installed); migrate never goes back",
            ),
            (
                &[],
                Wish::Migrate(vec![(Auth, Target::Newest), (Base, Target::Exactly(None))]),
                "auth needs base, which is to stay out (base@0)",
            ),
            (&all[..], Wish::Rollback(vec![(Auth, by(3))]), "auth has 2 migrations to roll back, not 3"),
            (&all[..1], Wish::Rollback(vec![(Auth, by(1))]), "auth is not installed; there is nothing to roll back"),
            (&all[..], Wish::Rollback(vec![(Base, Depth::To(None))]), "base is needed by auth"),
            (&all[..], Wish::Rollback(vec![(Base, by(2)), (Auth, by(1))]), "base is needed by auth"),
            (
                &all[..1],
                Wish::Rollback(vec![(Auth, to(2))]),
                "auth is at 0 (nothing installed), which is before 20240101000002; rollback never goes forward",
            ),
        ] {
            let error = wish.plan(&bundle, &Ledger::assumed(installed)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
