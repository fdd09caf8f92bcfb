//! Wishes and the plans they lead to, as tables.

use super::super::checksum::Checksum;
use super::super::ledger::Row;
use super::super::migration::Direction;
use super::*;

pub(in crate::migration) fn version(n: u64) -> Version {
    format!("202401010000{n:02}").parse().unwrap()
}

/// Migrations of modules; those with an even number build an index, and can do so online.
pub(in crate::migration) fn bundle(migrations: &[(Module, u64)]) -> Bundle {
    let migration = |&(module, n): &(Module, u64)| {
        let (what, on) = if n % 2 == 0 { ("index", " on pevensie.t (a)") } else { ("table", " ()") };
        let up = format!("create {what} pevensie.{module}_{n}{on};\n");
        Migration {
            module,
            version: version(n),
            name: format!("step_{n}").into(),
            checksum: Checksum::of(&up),
            up: up.into(),
            down: format!("drop {what} pevensie.{module}_{n};\n").into(),
            catalog: format!("index | t.{module}_{n} | CREATE INDEX {module}_{n} ON pevensie.t USING btree (a)\n")
                .into(),
            accepted: Vec::new(),
            online: (n % 2 == 0).then(|| format!("create index concurrently {module}_{n} on pevensie.t (a);\n").into()),
        }
    };
    Bundle::new(migrations.iter().map(migration).collect(), Vec::new())
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
        Step::Grant { right, .. } => format!("grant on {}", right.object),
        Step::Adopt(migration) => format!("={}{}", migration.module, &migration.version.to_string()[13..]),
        Step::Online(migration) => format!("~{}{}", migration.module, &migration.version.to_string()[13..]),
        Step::Discard { migration, manner: Manner::Online } => format!("x~{}", migration.module),
        Step::Discard { migration, manner: Manner::Transaction } => format!("x{}", migration.module),
        Step::Record(migration) => format!("!{}{}", migration.module, &migration.version.to_string()[13..]),
        Step::Up(_) | Step::Down { .. } => {
            let (migration, direction) = step.migration().unwrap();
            let sign = match direction {
                Direction::Up => "+",
                Direction::Down if matches!(step, Step::Down { with_table: true, .. }) => "(-)",
                Direction::Down => "-",
            };
            format!("{sign}{}{}", migration.module, &migration.version.to_string()[13..])
        }
    };
    plan.steps().iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn migrations_are_planned_in_the_order_of_installation() {
    use {Module::Auth, Module::Base};
    let bundle = two_modules();
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
fn what_is_adopted_counts_as_installed() {
    use {Module::Auth, Module::Base};
    let bundle = two_modules();
    let row =
        |module: Module, n| Row { module: module.name().to_owned(), version: version(n).to_string(), checksum: None };
    let legacy = Ledger::Legacy(vec![row(Base, 3), row(Auth, 2)]);
    assert_eq!(legacy.of_another_tool(), [(Base, version(3)), (Auth, version(2))]);
    for (ledger, adopted, expected) in [
        (&legacy, legacy.of_another_tool(), "upgrade =base1 =auth2 =base3 +auth3"),
        (&Ledger::Absent, vec![(Base, version(3)), (Auth, version(3))], "create upgrade =base1 =auth2 =base3 =auth3"),
        (&Ledger::Absent, vec![(Base, version(1))], "create upgrade =base1 +auth2 +base3 +auth3"),
    ] {
        let circumstances = Circumstances { adopted: &adopted, ..Circumstances::default() };
        let plan = Wish::Migrate(vec![(Auth, Target::Newest)]).plan_in(&bundle, ledger, &circumstances).unwrap();
        assert_eq!(steps(&plan), expected);
    }
}

#[test]
fn a_module_in_use_is_upgraded_online_where_that_is_possible_and_wanted() {
    use IndexState::{BeingBuilt, Complete, Unfinished};
    use Manner::{Online, Transaction};
    use Module::{Auth, Base, Cache};
    let bundle = bundle(&[(Base, 1), (Auth, 1), (Auth, 2), (Cache, 2), (Auth, 3), (Auth, 4)]);
    let index = |state| Index { name: "auth_2".to_owned(), state };
    let other = Index { name: "auth_9".to_owned(), state: Unfinished };
    for (installed, manner, indexes, expected) in [
        // Where everything is new there is nobody to be blocked.
        (vec![], Online, vec![], "create upgrade +base1 +auth1 +auth2 +cache2 +auth3 +auth4"),
        (vec![Base, Auth], Online, vec![], "+cache2 / ~auth2 / +auth3 / ~auth4"),
        (vec![Base, Auth], Online, vec![other], "+cache2 / ~auth2 / +auth3 / ~auth4"),
        (vec![Base, Auth], Transaction, vec![], "+cache2 +auth2 +auth3 +auth4"),
        (vec![Base, Auth], Online, vec![index(Unfinished)], "+cache2 / x~auth ~auth2 / +auth3 / ~auth4"),
        (vec![Base, Auth], Online, vec![index(BeingBuilt)], "+cache2 / x~auth ~auth2 / +auth3 / ~auth4"),
        (vec![Base, Auth], Transaction, vec![index(Unfinished)], "+cache2 xauth +auth2 +auth3 +auth4"),
        (vec![Base, Auth], Online, vec![index(Complete)], "+cache2 !auth2 +auth3 / ~auth4"),
        (vec![Base, Auth], Transaction, vec![index(Complete)], "+cache2 !auth2 +auth3 +auth4"),
        // An index that nobody recorded is in the way of a fresh install, which the preflight says.
        (vec![], Online, vec![index(Complete)], "create upgrade +base1 +auth1 +auth2 +cache2 +auth3 +auth4"),
    ] {
        let ledger = Ledger::assumed(&installed.iter().map(|&module| (module, version(1))).collect::<Vec<_>>());
        let wish = Wish::Migrate(vec![(Auth, Target::Newest), (Cache, Target::Newest)]);
        let circumstances = Circumstances { indexes: &indexes, manner, ..Circumstances::default() };
        let plan = wish.plan_in(&bundle, &ledger, &circumstances).unwrap();
        let batches: Vec<String> = plan.batches().iter().map(|batch| steps(&batch.plan)).collect();
        assert_eq!(batches.join(" / "), expected, "{installed:?} {manner:?} {indexes:?}");
    }
}

#[test]
fn what_is_adopted_is_in_use() {
    let bundle = bundle(&[(Module::Base, 1), (Module::Base, 2)]);
    let adopted = [(Module::Base, version(1))];
    let circumstances = Circumstances { adopted: &adopted, indexes: &[], manner: Manner::Online };
    let wish = Wish::Migrate(vec![(Module::Base, Target::Newest)]);
    let plan = wish.plan_in(&bundle, &Ledger::Absent, &circumstances).unwrap();
    let batches: Vec<String> = plan.batches().iter().map(|batch| steps(&batch.plan)).collect();
    assert_eq!(batches, ["create upgrade =base1", "~base2"]);
}

#[test]
fn rollbacks_are_planned_backwards() {
    use {Module::Auth, Module::Base};
    let bundle = two_modules();
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
fn what_goes_with_its_table_is_not_undone_before() {
    let bundle = Bundle::of_november_2026();
    let all: Vec<_> = [Module::Base, Module::Auth, Module::Cache]
        .map(|module| (module, bundle.of(module).last().unwrap().version))
        .to_vec();
    let skipped = |to: &str| {
        let depth = Depth::To(to.parse().ok());
        let wish = Wish::Rollback(all.iter().map(|&(module, _)| (module, depth)).collect());
        let plan = wish.plan(&bundle, &Ledger::assumed(&all)).unwrap();
        let skipped = plan.steps().iter().filter(|step| matches!(step, Step::Down { with_table: true, .. }));
        skipped.filter_map(Step::migration).map(|(m, _)| m.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    let on_tables = "cache_expires_at_idx key_per_resource_type session_expires_at_idx session_user_id_idx";
    assert_eq!(skipped("nothing"), on_tables);
    assert_eq!(skipped("20241222140532"), "");
}

#[test]
fn impossible_wishes_are_refused() {
    use {Module::Auth, Module::Base};
    let bundle = two_modules();
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

#[test]
fn modules_are_named_in_their_order_and_base_where_it_is_implied() {
    let migrate = Wish::Migrate(vec![(Module::Cache, Target::Newest), (Module::Auth, Target::Newest)]);
    assert_eq!(migrate.modules(), [Module::Base, Module::Auth, Module::Cache]);
    let rollback = Wish::Rollback(vec![(Module::Cache, Depth::To(None)), (Module::Auth, Depth::To(None))]);
    assert_eq!(rollback.modules(), [Module::Auth, Module::Cache]);
}
