//! What `status --app-role` says of a role.

use serde_json::Value;

use super::{NEWEST, installed, pinned};
use crate::preflight::run;
use crate::support::{Database, Server, each_server, run_on, servers};

/// A database with a role that has what it needs; and the role.
fn granted(server: &Server) -> (Database<'_>, String) {
    let (database, _) = installed(server, NEWEST);
    let app = database.role("app", "");
    database.run(&["migrate", "auth", "cache", "--apply", "--grant-to", &app]).run().ok();
    (database, app)
}

#[test]
fn what_is_lacking_is_an_error_and_can_be_mended() {
    each_server(|server| {
        let (database, app) = granted(server);
        database.execute(&format!(
            "revoke usage on schema pevensie from {app}; revoke delete on pevensie.session from {app};
             revoke execute on all functions in schema pevensie from {app}"
        ));
        let check = ["status", "--check", "--app-role", &app];
        let status = database.run(&check).run();
        pinned("what_is_lacking_is_an_error", &status.snapshot());
        assert_eq!(status.code, 5);
        let annotated = run_on(&database.url(), &check).env("GITHUB_ACTIONS", "true").run();
        assert_eq!(
            annotated.stderr.matches("::error title=pevensie-pg role::role ").count(),
            3,
            "{}",
            annotated.stderr
        );
        // Of a module by itself, only what that one needs.
        let cache = database.run(&["status", "cache", "--app-role", &app]).run().ok();
        assert_eq!(cache.stdout.matches("lacking for role").count(), 1, "{}", cache.snapshot());
        for line in status.stdout.lines() {
            line.strip_prefix("  to mend:  ").into_iter().for_each(|statement| database.execute(statement));
        }
        database.run(&check).run().ok();
    });
}

#[test]
fn a_role_that_is_right_is_said_to_be_where_the_schema_is_not() {
    each_server(|server| {
        let (database, app) = granted(server);
        database.execute("drop index pevensie.cache_expires_at_idx");
        let status = database.run(&["status", "--check", "--app-role", &app]).run();
        let said = format!(
            "the schema is not what its versions say\nrole \"{app}\" has what the driver needs, and nothing more\n"
        );
        assert!(status.code == 5 && status.stderr.contains(&said), "{}", status.snapshot());
    });
}

#[test]
fn what_a_role_has_too_much_is_a_warning() {
    each_server(|server| {
        let (database, app) = granted(server);
        let group = database.role("team", "");
        // By a group that is inherited, by columns, and with the right to pass it on.
        database.execute(&format!(
            "grant {group} to {app}; grant truncate, references, trigger on pevensie.session to {group};
             grant create on schema pevensie to {app}; grant select on pevensie.module_version to {app};
             grant update (checksum) on pevensie.module_version to {group};
             grant insert on pevensie.migration_log to {app}; grant usage on sequence pevensie.migration_log_id_seq to {app};
             grant delete on pevensie.one_time_token to {app};
             grant select on pevensie.cache to {app} with grant option"
        ));
        let check = ["status", "--check", "--app-role", &app];
        let status = database.run(&check).run().ok();
        pinned("what_a_role_has_too_much", &status.snapshot());
        assert_eq!(database.run(&[&check[..], &["--strict"]].concat()).run().code, 5);
        let annotated = run_on(&database.url(), &check).env("GITHUB_ACTIONS", "true").run();
        assert_eq!(annotated.stderr.matches("::warning title=pevensie-pg role::").count(), 7, "{}", annotated.stderr);

        let json = database.run(&[&check[..], &["--json"]].concat()).run().ok().stdout;
        let document: Value = serde_json::from_str(&json).expect("it is a document");
        let standing = serde_json::to_string_pretty(&document["app_role"]).expect("it is there");
        pinned("too_much_as_json", &standing);

        if server.version >= 17 {
            database.execute(&format!("grant maintain on pevensie.cache to {app}"));
            let status = database.run(&check).run().ok();
            assert!(status.stdout.contains(": maintain on table pevensie.cache\n"), "{}", status.snapshot());
        }
    });
}

#[test]
fn an_owner_and_a_superuser_have_too_much() {
    let (database, owner) = installed(&servers()[0], NEWEST);
    let (member, root) = (database.role("member", "noinherit"), database.role("root", "superuser"));
    database.execute(&format!("grant {owner} to {member}"));
    let said = [&owner, &member, &root].map(|role| {
        let output = run(&database.url(), &["status", "cache", "--app-role", role]).ok();
        output.snapshot()
    });
    pinned("an_owner_and_a_superuser_have_too_much", &said.join("\n"));
}

#[test]
fn nothing_is_lacking_where_nothing_is() {
    let database = servers()[0].database();
    let app = database.role("app", "");
    let status = database.run(&["status", "--check", "--app-role", &app]).run();
    assert_eq!(status.code, 3, "{}", status.snapshot());
    pinned("nothing_is_lacking_where_nothing_is", &status.snapshot());
}
