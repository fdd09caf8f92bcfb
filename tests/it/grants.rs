//! What the application's role is granted: enough for every statement of the driver, and nothing that none needs.

mod names;
mod refusals;
mod status;
mod ways;

use postgres::{Client, NoTls};
use serde_json::Value;

use crate::preflight::run;
use crate::support::driver::{STATEMENTS, refused, seed};
use crate::support::{Database, Server, each_server, pevensie_pg, psql, snapshot_filters};

const NEWEST: &[&str] = &["auth", "cache"];
/// The first generation, whose `uuid7()` calls another function.
const OLDEST: &[&str] = &["base@20241222140532", "auth@20241222140532", "cache@20241222140532"];

/// A database that an owner has installed modules into, with the driver's user; and the owner.
fn installed<'s>(server: &'s Server, modules: &[&str]) -> (Database<'s>, String) {
    let database = server.database();
    let owner = database.role("owner", "");
    database.execute(&format!("create schema pevensie authorization {owner}"));
    run(&database.url_as(&owner), &[&["migrate"], modules, &["--apply"]].concat()).ok();
    close_to_everybody(&database);
    seed(&database);
    (database, owner)
}

/// Takes from everybody what everybody has by default.
fn close_to_everybody(database: &Database<'_>) {
    database.execute(
        "revoke execute on all functions in schema pevensie from public;
         revoke usage on type pevensie.module, pevensie.one_time_token_type from public",
    );
}

fn connect(database: &Database<'_>, role: &str) -> Client {
    Client::connect(&database.url_as(role), NoTls).expect("it may log in")
}

fn pinned(name: &str, text: &str) {
    let mut settings = snapshot_filters();
    settings.add_filter(r#""server_version": ".*""#, r#""server_version": "[version]""#);
    settings.add_filter(r"\b[0-9a-f]{64}\b", "[checksum]");
    settings.add_filter(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b", "[minute]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Each privilege on each object that `print --grants` gives.
fn privileges(role: &str, modules: &[&str]) -> Vec<(String, String)> {
    let printed = pevensie_pg(&[&["print", "--json", "--grants", role], modules].concat()).run().ok().stdout;
    let document: Value = serde_json::from_str(&printed).expect("--json prints a document");
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let mut all = Vec::new();
    for step in document["steps"].as_array().expect("it has the steps") {
        assert_eq!((&step["action"], &step["role"]), (&Value::from("grant"), &Value::from(role)));
        for privilege in step["privileges"].as_array().expect("it says which") {
            all.push((text(privilege), text(&step["object"])));
        }
    }
    all
}

/// What nobody may do who only uses the driver.
const FORBIDDEN: &[&str] = &[
    "create table pevensie.t (a int)",
    "create index i on pevensie.session (ip)",
    "create function pevensie.f() returns int language sql as 'select 1'",
    "create or replace function pevensie.uuid7() returns uuid language sql as 'select gen_random_uuid()'",
    "alter table pevensie.session add column a int",
    "alter type pevensie.one_time_token_type add value 'x'",
    "create trigger t before insert on pevensie.session for each row execute function suppress_redundant_updates_trigger()",
    "create table mine.t (id uuid references pevensie.session)",
    "drop table pevensie.cache",
    "drop schema pevensie cascade",
    "truncate pevensie.cache",
    "delete from pevensie.one_time_token",
    "select from pevensie.module_version",
    "select from pevensie.migration_log",
    "insert into pevensie.module_version values ('cache', now())",
    "update pevensie.module_version set checksum = 'x'",
    "delete from pevensie.migration_log",
    "select nextval('pevensie.migration_log_id_seq')",
];

#[test]
fn what_is_granted_is_enough_and_each_privilege_is_needed() {
    each_server(|server| {
        for modules in [NEWEST, OLDEST] {
            let (database, owner) = installed(server, modules);
            let app = database.role("app", "");
            database.execute(&format!("create schema mine authorization {app}"));
            let mut client = connect(&database, &app);
            assert_eq!(refused(&mut client).len(), STATEMENTS.len(), "it has nothing yet");

            let printed = pevensie_pg(&[&["print", "--grants", &app], modules].concat()).run().ok().stdout;
            for _ in ["at first", "and again"] {
                psql(&database, &["-1", "-q"], &format!("set role {owner};\n{printed}")).ok();
            }
            assert_eq!(refused(&mut client), [""; 0], "{printed}");
            let check = ["status", "--check", "--strict", "--app-role", &app];
            // The oldest generation is pending, and good apart from that.
            let good = if modules == NEWEST { 0 } else { 3 };
            let status = run(&database.url_as(&owner), &check);
            assert_eq!(status.code, good, "{}", status.snapshot());

            for (privilege, object) in privileges(&app, modules) {
                database.execute(&format!("revoke {privilege} on {object} from {app}"));
                assert_ne!(refused(&mut client), [""; 0], "nobody needs {privilege} on {object}");
                let status = run(&database.url_as(&owner), &check);
                assert_eq!(status.code, 5, "{}", status.snapshot());
                let mend = format!("  to mend:  grant {privilege} on {object} to \"{app}\";\n");
                assert!(status.stdout.contains(&mend), "no {mend} in {}", status.snapshot());
                database.execute(&format!("grant {privilege} on {object} to {app}"));
            }
            assert_eq!(refused(&mut client), [""; 0]);

            for statement in FORBIDDEN {
                let error = client.batch_execute(&format!("begin; {statement}")).expect_err(statement);
                let denied = error.code().map(postgres::error::SqlState::code);
                assert_eq!(denied, Some("42501"), "{statement}: {error:?}");
                client.batch_execute("rollback").expect("the session is still there");
            }
        }
    });
}

#[test]
fn each_module_is_granted_by_itself() {
    let said = ["base", "auth", "cache", "auth cache", "base@20241222140532 auth@20241222140532", "auth@0 base@0"];
    let said = said.map(|modules| {
        let modules: Vec<_> = modules.split(' ').collect();
        pevensie_pg(&[&["print", "--grants", "app"], &modules[..]].concat()).run().ok().snapshot()
    });
    pinned("each_module_is_granted_by_itself", &said.join("\n"));
    let json = pevensie_pg(&["print", "--grants", "app", "auth", "--json"]).run().ok();
    pinned("grants_as_json", &json.stdout);
}
