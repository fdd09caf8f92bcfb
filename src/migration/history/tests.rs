//! Ledgers and the faults in them, as tables.

use super::super::ledger::{Action, Row};
use super::super::wish::tests::{bundle, version};
use super::*;

fn row(module: &str, version: &str, checksum: Option<&str>) -> Row {
    Row { module: module.to_owned(), version: version.to_owned(), checksum: checksum.map(str::to_owned) }
}

fn record(module: &str, version: &str, action: Action, checksum: &str) -> Record {
    Record {
        module: module.to_owned(),
        version: version.to_owned(),
        action,
        checksum: checksum.to_owned(),
        started_at: String::new(),
        finished_at: String::new(),
        role: String::new(),
        application: String::new(),
        tool: String::new(),
    }
}

fn checksum(bundle: &Bundle, module: Module, n: u64) -> String {
    bundle.find(module, version(n)).unwrap().checksum.to_string()
}

const V1: &str = "20240101000001";
const V2: &str = "20240101000002";
const V9: &str = "20240101000009";

/// Base at 2 of 2, as this tool leaves it, with one thing changed.
fn changed(change: impl FnOnce(&mut Vec<Row>, &mut Vec<Record>)) -> Vec<Fault> {
    let bundle = bundle(&[(Module::Base, 1), (Module::Base, 2), (Module::Auth, 2)]);
    let (one, two) = (checksum(&bundle, Module::Base, 1), checksum(&bundle, Module::Base, 2));
    let mut rows = vec![row("base", V2, Some(&two))];
    let mut log = vec![record("base", V1, Action::Up, &one), record("base", V2, Action::Up, &two)];
    change(&mut rows, &mut log);
    faults(&bundle, &Ledger::Current { rows, latest: log })
}

#[test]
fn our_own_history_has_no_fault() {
    assert_eq!(changed(|_, _| {}), []);
    assert_eq!(faults(&Bundle::embedded(), &Ledger::Absent), []);
}

#[test]
fn what_was_rolled_back_is_past() {
    assert_eq!(changed(|_, log| log.push(record("auth", V9, Action::Down, "whatever"))), []);
    assert_eq!(changed(|_, log| log.push(record("auth", V2, Action::Down, "edited"))), []);
}

#[test]
fn an_edited_checksum_is_found_in_either_table() {
    let bundle = bundle(&[(Module::Base, 1), (Module::Base, 2)]);
    let fault = |n: u64, place| Fault::Edited {
        module: Module::Base,
        version: version(n),
        place,
        recorded: "edited".to_owned(),
        expected: bundle.find(Module::Base, version(n)).unwrap().checksum,
    };
    assert_eq!(changed(|rows, _| rows[0].checksum = Some("edited".to_owned())), [fault(2, LedgerTable::ModuleVersion)]);
    assert_eq!(changed(|_, log| log[1].checksum = "edited".to_owned()), [fault(2, LedgerTable::MigrationLog)]);
    assert_eq!(changed(|_, log| log[0].checksum = "edited".to_owned()), [fault(1, LedgerTable::MigrationLog)]);
}

#[test]
fn what_this_binary_does_not_know_is_unknown() {
    let unknown = |module: &str, version_: &str, newest| Fault::Unknown {
        module: module.to_owned(),
        version: version_.to_owned(),
        newest,
    };
    assert_eq!(changed(|rows, _| rows[0].version = V9.to_owned()), [unknown("base", V9, Some(version(2)))]);
    assert_eq!(
        changed(|_, log| log.push(record("base", V9, Action::Up, "x"))),
        [unknown("base", V9, Some(version(2)))]
    );
    assert_eq!(
        changed(|rows, _| rows[0].version = "infinity".to_owned()),
        [unknown("base", "infinity", Some(version(2)))]
    );
    assert_eq!(
        changed(|rows, log| {
            rows.push(row("wardrobe", V1, None));
            log.push(record("wardrobe", V1, Action::Up, "x"));
        }),
        [unknown("wardrobe", V1, None)]
    );
}

#[test]
fn what_has_no_record_is_unrecorded() {
    let unrecorded = |module, n, place| Fault::Unrecorded { module, version: version(n), place };
    // The log knows that there was a checksum.
    assert!(matches!(&changed(|rows, _| rows[0].checksum = None)[..],
        [Fault::Edited { recorded, .. }] if recorded == "none"));
    assert_eq!(
        changed(|rows, _| rows.push(row("auth", V2, None))),
        [unrecorded(Module::Auth, 2, LedgerTable::ModuleVersion)]
    );
    assert_eq!(changed(|_, log| drop(log.remove(0))), [unrecorded(Module::Base, 1, LedgerTable::ModuleVersion)]);
}

#[test]
fn the_two_tables_must_agree() {
    let contradiction =
        |row: Option<&str>, log| Fault::Contradiction { module: Module::Base, row: row.map(str::to_owned), log };
    assert_eq!(changed(|rows, _| rows.clear()), [contradiction(None, Some(version(2)))]);
    assert_eq!(changed(|_, log| log.clear()), [contradiction(Some(V2), None)]);
    assert_eq!(changed(|_, log| log[1].action = Action::Down), [contradiction(Some(V2), Some(version(1)))]);
}

#[test]
fn every_row_of_a_module_counts() {
    let bundle = bundle(&[(Module::Base, 1), (Module::Base, 2)]);
    let one = checksum(&bundle, Module::Base, 1);
    assert_eq!(
        changed(|rows, _| rows.push(row("base", V1, Some(&one)))),
        [Fault::Contradiction { module: Module::Base, row: Some(V1.to_owned()), log: Some(version(2)) }]
    );
    assert!(matches!(&changed(|rows, _| rows.push(row("base", V9, None)))[..], [Fault::Unknown { .. }]));
    // That the primary key is gone is for the comparison of the schema to say.
    assert_eq!(changed(|rows, _| rows.push(rows[0].clone())), []);
}

#[test]
fn withdrawn_and_older_checksums_are_accepted() {
    let current = bundle(&[(Module::Base, 1)]);
    let mut migration = current.migrations()[0].clone();
    migration.accepted = vec![Checksum::of("an earlier wording")];
    let accepted = Checksum::of("an earlier wording").to_string();
    let bundle = Bundle::new(vec![migration], vec![(Module::Base, version(2))]);
    let ledger = Ledger::Current {
        rows: vec![row("base", V2, Some("gone"))],
        latest: vec![record("base", V1, Action::Up, &accepted), record("base", V2, Action::Up, "gone")],
    };
    assert_eq!(faults(&bundle, &ledger), []);
}

#[test]
fn upstreams_rows_are_unrecorded() {
    let legacy = Ledger::Legacy(vec![row("base", "20241222140532", None)]);
    let expected = Fault::Unrecorded {
        module: Module::Base,
        version: "20241222140532".parse().unwrap(),
        place: LedgerTable::ModuleVersion,
    };
    assert_eq!(faults(&Bundle::embedded(), &legacy), [expected]);
}

#[test]
fn the_record_of_a_module_is_that_of_its_version() {
    let rows = || vec![row("base", V2, Some("x")), row("auth", V1, None), row("cache", V1, None)];
    let log = |action| {
        let of = |module: &str, version: &str, action| record(module, version, action, "x");
        vec![of("auth", V2, action), of("auth", V1, action), of("base", V1, Action::Up), of("base", V2, Action::Up)]
    };
    let ledger = |action| Ledger::Current { rows: rows(), latest: log(action) };
    let found =
        |module| ledger(Action::Up).record(module).map(|record| (record.module.clone(), record.version.clone()));
    let is = |module: &str, version: &str| Some((module.to_owned(), version.to_owned()));
    assert_eq!(
        (found(Module::Base), found(Module::Auth), found(Module::Cache)),
        (is("base", V2), is("auth", V1), None)
    );
    // Another tool installed what has no checksum, unless the log knows better.
    let unrecorded =
        |action| ledger(action).of_another_tool().into_iter().map(|(module, _)| module).collect::<Vec<_>>();
    assert_eq!(unrecorded(Action::Up), [Module::Cache]);
    assert_eq!(unrecorded(Action::Down), [Module::Auth, Module::Cache]);
}

#[test]
fn each_fault_says_what_is_wrong_and_what_helps() {
    let (module, version, expected) = (Module::Base, version(1), Checksum::of("x"));
    let edited = |place| Fault::Edited { module, version, place, recorded: "y".to_owned(), expected };
    let unknown = |newest| Fault::Unknown { module: "news".to_owned(), version: V9.to_owned(), newest };
    let unrecorded = |place| Fault::Unrecorded { module, version, place };
    let contradiction = |row: Option<&str>, log| Fault::Contradiction { module, row: row.map(str::to_owned), log };
    for (fault, message, hint) in [
        (
            edited(LedgerTable::MigrationLog),
            format!(
                "base {V1} was edited: migration_log has another checksum than this binary\n  \
                 recorded: y\n  expected: {expected}"
            ),
            "see who recorded what: pevensie-pg status base --history\n",
        ),
        (unknown(None), "module news is not known to this binary".to_owned(), "the database is newer"),
        (
            unknown(Some(version)),
            format!("news {V9} is not known to this binary, whose newest is {V1}"),
            "the database is newer",
        ),
        (
            unrecorded(LedgerTable::ModuleVersion),
            format!("base {V1} is in module_version without a record of how it came there"),
            "another tool installed it; pevensie-pg migrate base compares",
        ),
        (
            contradiction(None, Some(version)),
            format!("module_version does not have base, but migration_log has base at {V1}"),
            "one of the two was changed by hand",
        ),
        (
            contradiction(Some(V2), None),
            format!("module_version has base at {V2}, but migration_log does not have base"),
            "one of the two was changed by hand",
        ),
    ] {
        assert_eq!(fault.to_string(), message);
        assert!(fault.hint().starts_with(hint), "{}", fault.hint());
    }
}
