//! The ledger itself: without one of its parts nothing is proven any more.

use super::install;
use crate::support::servers;

#[test]
fn a_ledger_that_lost_a_part_is_not_good() {
    let mut failures = Vec::new();
    for (change, part) in [
        ("drop table pevensie.migration_log", "migration_log"),
        ("alter table pevensie.migration_log rename to log", "migration_log"),
        ("alter table pevensie.migration_log rename column tool to written_by", "migration_log"),
        ("alter table pevensie.module_version drop column checksum", "checksum"),
        ("alter table pevensie.module_version drop column version", "module_version"),
        ("drop table pevensie.module_version", "module_version"),
    ] {
        let database = servers()[0].database();
        install(&database);
        database.execute(change);
        let status = database.run(&["status", "--check"]).run();
        let said = format!("{}{}", status.stdout, status.stderr);
        if !matches!(status.code, 1 | 4 | 5) || !said.contains(part) || said.contains("(42703)") {
            failures.push(format!("\n{change}\n{}", status.snapshot()));
        }
        let migrate = database.run(&["migrate", "cache", "--apply"]).run();
        if !matches!(migrate.code, 1 | 4 | 5) || migrate.stderr.contains("(42703)") {
            failures.push(format!("\n{change}\n{}", migrate.snapshot()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.concat());
}
