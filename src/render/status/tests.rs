//! The table of modules, in more and less room.

use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::checksum::Checksum;
use crate::migration::ledger::{Action, Ledger, Row};
use crate::migration::module::Module;

const NOW: &str = "2026-11-24T10:30:00.000000Z";

fn ledger(records: &[(Module, &str, &str, &str)]) -> Ledger {
    let row = |&(module, version, ..): &(Module, &str, &str, &str)| Row {
        module: module.to_string(),
        version: version.to_owned(),
        checksum: Some(Checksum::of("").to_string()),
    };
    let record = |&(module, version, finished_at, role): &(Module, &str, &str, &str)| Record {
        module: module.to_string(),
        version: version.to_owned(),
        action: Action::Up,
        checksum: Checksum::of("").to_string(),
        started_at: finished_at.to_owned(),
        finished_at: finished_at.to_owned(),
        role: role.to_owned(),
        application: String::new(),
        tool: "pevensie-pg 0.1.0".to_owned(),
    };
    Ledger::Current { rows: records.iter().map(row).collect(), latest: records.iter().map(record).collect() }
}

/// The table as it is in so much room.
fn shown(ledger: &Ledger, room: Room) -> String {
    let bundle = Bundle::of_november_2026();
    let status = Status::of(&bundle, ledger, &[Module::Base, Module::Auth, Module::Cache]);
    console::strip_ansi_codes(&table(&status.modules, NOW, room)).into_owned()
}

fn by(auth: &str) -> Ledger {
    ledger(&[
        (Module::Base, "20261121041000", "2026-11-21T10:14:58.123456Z", "migrator"),
        (Module::Auth, "20261121041200", "2026-11-24T10:29:10.000000Z", auth),
    ])
}

#[test]
fn times_are_absolute_and_relative() {
    insta::assert_snapshot!(shown(&by("postgres"), Room::Endless), @r"
    MODULE  VERSION         NAME                    SINCE (UTC)                      BY
    base    20261121041000  uuid7_range             2026-11-21 10:14  3 days ago     migrator
    auth    20261121041200  session_expires_at_idx  2026-11-24 10:29  just now       postgres
    cache   -               not installed
    ");
}

#[test]
fn the_table_fits_a_terminal() {
    insta::assert_snapshot!(shown(&by("migrator"), Room::Columns(80)), @r"
    MODULE  VERSION         NAME                    SINCE (UTC)
    base    20261121041000  uuid7_range             2026-11-21 10:14  3 days ago
    auth    20261121041200  session_expires_at_idx  2026-11-24 10:29  just now
    cache   -               not installed
    by role migrator
    ");
    insta::assert_snapshot!(shown(&by("postgres"), Room::Columns(80)), @r"
    MODULE  VERSION         NAME                    SINCE (UTC)
    base    20261121041000  uuid7_range             2026-11-21 10:14  3 days ago
    auth    20261121041200  session_expires_at_idx  2026-11-24 10:29  just now
    cache   -               not installed
    by role migrator (base), postgres (auth)
    ");
    insta::assert_snapshot!(shown(&by("migrator"), Room::Columns(70)), @r"
    MODULE  VERSION         NAME                    SINCE (UTC)
    base    20261121041000  uuid7_range             2026-11-21 10:14
    auth    20261121041200  session_expires_at_idx  2026-11-24 10:29
    cache   -               not installed
    by role migrator
    ");
    insta::assert_snapshot!(shown(&by("migrator"), Room::Columns(30)), @r"
    MODULE  VERSION         SINCE (UTC)
    base    20261121041000  2026-11-21 10:14
    auth    20261121041200  2026-11-24 10:29
    cache   -
    by role migrator
    ");
    for columns in 40..100 {
        let (room, ledger) = (Room::Columns(columns), by("migrator"));
        assert!(room.holds(&shown(&ledger, room)), "{columns}:\n{}", shown(&ledger, room));
    }
}

#[test]
fn without_a_record_there_is_nothing_to_tell() {
    let ledger = Ledger::assumed(&[(Module::Base, "20241222140532".parse().unwrap())]);
    insta::assert_snapshot!(shown(&ledger, Room::Columns(80)), @r"
    MODULE  VERSION         NAME           SINCE (UTC)  BY
    base    20241222140532  uuid7          -            -
    auth    -               not installed
    cache   -               not installed
    ");
}

#[test]
fn what_is_pending_wrong_or_lacking_is_said_below_the_table() {
    use crate::migration::grantee::Excess;
    use crate::migration::right::{Kind, Object, Privilege, Right};
    let (bundle, ledger) = (Bundle::of_november_2026(), by("migrator"));
    let status = Status::of(&bundle, &ledger, &[]);
    let text = text(&status, NOW, &[], Room::Endless);
    assert!(!status.faults.is_empty() && text.starts_with(&table(&status.modules, NOW, Room::Endless)), "{text}");
    for fault in &status.faults {
        assert!(text.contains(&problem::text(&fault.into(), Gravity::Error)), "{text}");
    }
    let nothing = Status::of(&bundle, &Ledger::Absent, &[]);
    assert_eq!(super::text(&nothing, NOW, &[], Room::Endless), "");
    let pending = Status::of(&bundle, &Ledger::Absent, &[Module::Base]);
    let text = super::text(&pending, NOW, &[], Room::Endless);
    assert!(console::strip_ansi_codes(&text).contains("not installed\n\npending  base   20241222140532"), "{text}");
    let object = Object { kind: Kind::Table, identity: "cache".to_owned() };
    let lacks = vec![Right { object, privileges: vec![Privilege::Select] }];
    let role = Standing { role: "app".parse().unwrap(), lacks, excess: vec![Excess::Superuser] };
    insta::assert_snapshot!(console::strip_ansi_codes(&standing(&role)), @r#"
    lacking for role "app": select on table pevensie.cache
      to mend:  grant select on table pevensie.cache to "app";
    too much for role "app": superuser
    "#);
}

#[test]
fn the_log_fits_a_terminal() {
    let Ledger::Current { latest: log, .. } = by("a_role_with_a_name_that_is_rather_long") else {
        panic!("it has a log")
    };
    let shown = |columns| console::strip_ansi_codes(&history(&log, Room::Columns(columns))).into_owned();
    insta::assert_snapshot!(shown(99), @r"
    FINISHED (UTC)    ACTION  MODULE  VERSION         ROLE
    2026-11-21 10:14  up      base    20261121041000  migrator
    2026-11-24 10:29  up      auth    20261121041200  a_role_with_a_name_that_is_rather_long
    ");
    insta::assert_snapshot!(shown(60), @r"
    FINISHED (UTC)    ACTION  MODULE  VERSION
    2026-11-21 10:14  up      base    20261121041000
    2026-11-24 10:29  up      auth    20261121041200
    ");
}
