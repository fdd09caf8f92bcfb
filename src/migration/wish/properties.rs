//! What holds for every bundle, every state and every wish.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::history::faults;
use super::super::ledger::{Action, Record, Row};
use super::tests::{bundle, version};
use super::*;

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

    /// Does what a plan says, batch by batch, and panics where a real database would.
    fn run(&mut self, bundle: &Bundle, plan: &Plan<'_>) {
        let batches = plan.batches();
        let steps: Vec<Step<'_>> = batches.iter().flat_map(|batch| batch.plan.steps().to_vec()).collect();
        assert_eq!(steps, plan.steps());
        for batch in &batches {
            assert_eq!(batch.online().is_some(), batch.manner == Manner::Online);
            self.steps(bundle, &batch.plan);
            // Whoever stops here has a database that is sound, unless it was to be removed.
            if !self.installed.is_empty() {
                assert_eq!(faults(bundle, &self.ledger), []);
            }
        }
        if self.installed.is_empty() {
            assert_eq!(self.ledger, Ledger::Absent);
        }
        assert_eq!(faults(bundle, &self.ledger), []);
    }

    fn steps(&mut self, bundle: &Bundle, plan: &Plan<'_>) {
        for step in plan.steps() {
            match *step {
                Step::CreateLedger => {
                    assert_eq!(self.ledger, Ledger::Absent);
                    self.ledger = Ledger::Legacy(Vec::new());
                }
                Step::UpgradeLedger => {
                    let Ledger::Legacy(rows) = &self.ledger else { panic!("upgrades {:?}", self.ledger) };
                    self.ledger = Ledger::Current { rows: rows.clone(), latest: Vec::new() };
                }
                Step::Adopt(_) => panic!("nothing is to be adopted"),
                Step::Discard { .. } | Step::Record(_) => panic!("no attempt has left anything behind"),
                Step::Grant { .. } => panic!("nobody asked for it"),
                Step::Up(migration) | Step::Online(migration) => {
                    if step.manner() == Manner::Online {
                        assert!(self.installed.contains_key(&migration.module), "it is in use");
                        assert!(migration.online.is_some());
                    }
                    if migration.module != Module::Base {
                        assert!(self.installed.contains_key(&Module::Base), "base comes first");
                    }
                    let there = self.installed.entry(migration.module).or_default();
                    let next: Vec<Version> = bundle.of(migration.module).map(|m| m.version).collect();
                    assert_eq!(next[there.len()], migration.version, "no skipping, repeating or reordering");
                    there.push(migration.version);
                    self.record(migration, Action::Up, Some(migration));
                }
                Step::Down { migration, previous, .. } => {
                    let there = self.installed.get_mut(&migration.module).expect("it is installed");
                    assert_eq!(there.pop(), Some(migration.version), "no skipping, repeating or reordering");
                    assert_eq!(there.last().copied(), previous.map(|m| m.version));
                    if there.is_empty() {
                        self.installed.remove(&migration.module);
                    }
                    if migration.module == Module::Base && previous.is_none() {
                        assert!(self.installed.is_empty(), "base goes last");
                    }
                    self.record(migration, Action::Down, previous);
                }
                Step::DropLedger => {
                    assert!(self.ledger.rows().is_empty());
                    self.ledger = Ledger::Absent;
                }
            }
        }
    }

    fn record(&mut self, migration: &Migration, action: Action, now: Option<&Migration>) {
        let Ledger::Current { rows, latest: log } = &mut self.ledger else { panic!("there is no ledger") };
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
        prop::collection::btree_map(any_module(), target, 1..4).prop_map(|m| Wish::Migrate(m.into_iter().collect())),
        prop::collection::btree_map(any_module(), depth, 1..4).prop_map(|m| Wish::Rollback(m.into_iter().collect())),
    ]
}

fn any_circumstances() -> impl Strategy<Value = Circumstances<'static>> {
    let manner = prop::sample::select(&[Manner::Transaction, Manner::Online][..]);
    manner.prop_map(|manner| Circumstances { manner, ..Circumstances::default() })
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
        circumstances in any_circumstances(),
    ) {
        let mut database = Database::empty();
        for wish in wishes {
            if let Ok(plan) = wish.plan_in(&bundle, &database.ledger, &circumstances) {
                database.run(&bundle, &plan);
                // A wish that was just fulfilled previous nothing to do, unless it counts steps.
                if let Wish::Migrate(_) = wish {
                    prop_assert!(wish.plan(&bundle, &database.ledger).unwrap().is_empty());
                }
            }
        }
        database.run(&bundle, &all_newest().plan_in(&bundle, &database.ledger, &circumstances).unwrap());
        for module in Module::ALL {
            prop_assert_eq!(database.ledger.version(module), bundle.newest(module));
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
