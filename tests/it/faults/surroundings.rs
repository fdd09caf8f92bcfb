//! Whatever a role, a database or a schema brings along: every command does the same and leaves the same catalog.

mod event_triggers;
mod look_alikes;
mod names;
mod neighbours;
mod settings;

use super::report::Case;
use crate::support::{DOWN, Database, UP, UP_FIRST, contents, run_on};

/// What a restored dump looks like whose ledger was lost.
const LOSE_LEDGER: &str = "drop table pevensie.module_version, pevensie.migration_log; drop type pevensie.module";

/// From nothing to everything, with indexes built online, and back: a row of the report for each command.
struct Journey {
    install: Case,
    upgrade: Case,
    check: Case,
    adopt: Case,
    rollback: Case,
}

impl Journey {
    fn new(subject: &str) -> Self {
        let case = |command: &str| Case::new(format!("{subject}: {command}"));
        Self {
            install: case("install"),
            upgrade: case("upgrade"),
            check: case("status --check"),
            adopt: case("adopt"),
            rollback: case("rollback"),
        }
    }

    /// Goes all the way and returns what is in the database after each command that changes something; `role` is the one
    /// that does it, and is left out of that.
    #[track_caller]
    fn go(&self, database: &Database<'_>, url: &str, role: &str) -> Vec<String> {
        let seen = || contents(database).replace(role, "the role");
        let run = |command: &[&str]| run_on(url, command).run();
        let first = self.install.run(|| {
            run(UP_FIRST).ok();
            seen()
        });
        self.check.run(|| {
            let pending = run(&["status", "--check"]);
            assert_eq!(pending.code, 3, "{}", pending.snapshot());
        });
        let newest = self.upgrade.run(|| {
            let upgraded = run(UP).ok();
            assert_eq!(upgraded.stdout.matches("  online").count(), 3, "{}", upgraded.snapshot());
            seen()
        });
        self.check.run(|| {
            run(&["status", "--check", "--strict", "--history"]).ok();
            assert_eq!(run(&["migrate", "auth", "cache"]).ok().stdout, "");
        });
        let adopted = self.adopt.run(|| {
            database.execute(LOSE_LEDGER);
            run(&["migrate", "auth", "cache", "--adopt", "--apply"]).ok();
            run(&["status", "--check", "--strict"]).ok();
            seen()
        });
        self.rollback.run(|| {
            run(DOWN).ok();
            assert_eq!(contents(database), "");
        });
        vec![first, newest, adopted]
    }
}

/// A role that may install, with settings of its own.
fn role_with(database: &Database<'_>, settings: &[String]) -> String {
    let role = database.role("app", "");
    let settings = settings.iter().map(|setting| format!("alter role {role} set {setting}; "));
    let grant = format!("grant create on database {} to {role}", database.name());
    database.execute(&(settings.collect::<Vec<_>>().concat() + &grant));
    role
}

/// What a role without any settings gets.
fn expected(database: &Database<'_>) -> Vec<String> {
    let role = role_with(database, &[]);
    Journey::new("nothing special").go(database, &database.url_as(&role), &role)
}
