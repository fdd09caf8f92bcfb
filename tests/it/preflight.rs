//! What would fail is found before anything is changed, and what the hint says helps.

use crate::history::everything;
use crate::support::{DOWN, Database, Output, UP, assert_snapshot, each_server, pevensie_pg, servers};

pub(crate) fn run(url: &str, command: &[&str]) -> Output {
    pevensie_pg(&[command, &[&format!("--addr={url}")]].concat()).run()
}

/// Runs a command that must be refused, without a result and without a trace.
#[track_caller]
pub(crate) fn refused(database: &Database<'_>, url: &str, command: &[&str]) -> Output {
    let before = everything(database);
    let output = run(url, command);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
    assert_eq!(everything(database), before, "{}", output.snapshot());
    output
}

/// The statements that the hints of an output give.
pub(crate) fn advice(output: &Output) -> Vec<String> {
    let words = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let statement = |words: &str| {
        let start = ["GRANT ", "CREATE ", "ALTER "].iter().filter_map(|verb| words.find(verb)).min()?;
        Some(words[start..].to_owned())
    };
    words.split_inclusive(';').filter(|words| words.ends_with(';')).filter_map(statement).collect()
}

/// The story of one obstacle: refused in the words of a snapshot; without --apply only warned of, the statements being
/// those that anybody gets; and, after every statement of the hints, out of the way.
fn obstacle(name: &str, database: &Database<'_>, role: &str, command: &[&str]) {
    let url = database.url_as(role);
    let output = refused(database, &url, command);
    assert_snapshot!(name, output);

    let print: Vec<_> = command.iter().copied().filter(|word| !["--apply", "--yes"].contains(word)).collect();
    let printed = run(&url, &print).ok();
    assert!(printed.stderr.contains("warning: with --apply this would fail here: "), "{}", printed.stderr);
    assert_eq!(printed.stdout, run(&database.url(), &print).ok().stdout);

    let advice = advice(&output);
    assert!(!advice.is_empty(), "no advice in {}", output.stderr);
    for statement in &advice {
        database.execute(statement);
    }
    run(&url, command).ok();
}

#[test]
fn no_right_to_create_the_schema() {
    each_server(|server| {
        let database = server.database();
        let app = database.role("app", "");
        let url = database.url_as(&app);
        let output = refused(&database, &url, UP);
        assert_snapshot!("no_right_to_create_the_schema", output);
        let printed = run(&url, &["migrate", "auth", "cache"]).ok();
        assert!(printed.stderr.contains("warning: with --apply this would fail here: role "), "{}", printed.stderr);
        assert_eq!(printed.stdout, run(&database.url(), &["migrate", "auth", "cache"]).ok().stdout);

        let [grant, create]: [String; 2] = advice(&output).try_into().expect("there are two ways");
        database.execute(&grant);
        run(&url, UP).ok();
        run(&url, DOWN).ok();
        database.execute(&format!("revoke create on database {} from {app}", database.name()));
        database.execute(&create);
        run(&url, UP).ok();
        run(&url, DOWN).ok();
    });
}

#[test]
fn a_foreign_schema() {
    each_server(|server| {
        for rights in ["usage", "create"] {
            let database = server.database();
            let (dba, app) = (database.role("dba", ""), database.role("app", ""));
            database.execute(&format!("create schema pevensie authorization {dba}"));
            database.execute(&format!("grant create on database {} to {app}", database.name()));
            assert_snapshot!("a_foreign_schema", refused(&database, &database.url_as(&app), UP));
            database.execute(&format!("grant {rights} on schema pevensie to {app}"));
            obstacle("a_foreign_schema", &database, &app, UP);
            // The schema was there before, and is somebody else's.
            run(&database.url_as(&app), DOWN).ok();
            assert_eq!(
                database.query_text("select nspowner::regrole from pg_namespace where nspname = 'pevensie'"),
                dba
            );
        }
    });
}

/// A database with module base, installed by the role `dba`; neither owns the schema, both may use it.
fn installed_by_another(database: &Database<'_>) -> (String, String) {
    let (dba, app) = (database.role("dba", ""), database.role("app", ""));
    database.execute(&format!("create schema pevensie; grant all on schema pevensie to {dba}, {app}"));
    run(&database.url_as(&dba), &["migrate", "base", "--apply"]).ok();
    (dba, app)
}

#[test]
fn a_ledger_that_one_may_only_read() {
    each_server(|server| {
        for right in ["insert", "update", "delete"] {
            let database = server.database();
            let (_, app) = installed_by_another(&database);
            let tables = "pevensie.module_version, pevensie.migration_log";
            database.execute(&format!("grant select, insert, update, delete on {tables} to {app}"));
            database.execute(&format!("revoke {right} on {tables} from {app}"));
            obstacle("a_ledger_that_one_may_only_read", &database, &app, UP);
        }
    });
}

#[test]
fn a_ledger_that_one_may_not_read() {
    each_server(|server| {
        let database = server.database();
        let (_, app) = installed_by_another(&database);
        let output = refused(&database, &database.url_as(&app), UP);
        assert_snapshot!("a_ledger_that_one_may_not_read", output);
        for command in [&["migrate", "auth"][..], &["status"], &["status", "--check"], DOWN] {
            assert_eq!(refused(&database, &database.url_as(&app), command).stderr, output.stderr);
        }
        for statement in advice(&output) {
            database.execute(&statement);
        }
        run(&database.url_as(&app), &["status", "--check"]).ok();
    });
}

#[test]
fn an_empty_ledger_of_upstream_and_of_another() {
    let database = servers()[0].database();
    let (dba, app) = (database.role("dba", ""), database.role("app", ""));
    database.execute(&format!(
        "{}; alter table pevensie.module_version owner to {dba}; grant usage, create on schema pevensie to {app}; \
         grant select on pevensie.module_version to {app}",
        include_str!("../../sql/ledger/create.sql")
    ));
    obstacle("an_empty_ledger_of_upstream_and_of_another", &database, &app, UP);
}

#[test]
fn objects_of_another() {
    each_server(|server| {
        let database = server.database();
        let (dba, app) = installed_by_another(&database);
        run(&database.url_as(&dba), UP).ok();
        database.execute(&format!("grant all on all tables in schema pevensie to {app}"));
        obstacle("objects_of_another", &database, &app, DOWN);
    });
}

#[test]
fn objects_of_several_others() {
    each_server(|server| {
        let database = server.database();
        let (dba, app) = installed_by_another(&database);
        let third = database.role("third", "");
        run(&database.url_as(&dba), UP).ok();
        database.execute(&format!(
            "grant all on all tables in schema pevensie to {app}; alter table pevensie.\"user\" owner to {third}; \
             alter table pevensie.session owner to {app}"
        ));
        obstacle("objects_of_several_others", &database, &app, &["rollback", "auth@0", "--apply", "--yes"]);
    });
}

#[test]
fn a_member_of_the_owner_can_do_all() {
    each_server(|server| {
        let database = server.database();
        let (team, app) = (database.role("team", ""), database.role("app", ""));
        database.execute(&format!(
            "alter role {team} nologin; create schema pevensie authorization {team}; grant {team} to {app}"
        ));
        run(&database.url_as(&app), UP).ok();
        database.execute(&format!("reassign owned by {app} to {team}"));
        run(&database.url_as(&app), DOWN).ok();
        // Nobody could give it the schema a second time but a superuser.
        let left = crate::support::catalog(&database);
        assert_eq!(left, [("schema".to_owned(), "pevensie".to_owned(), String::new())]);
    });
}

#[test]
fn read_only_by_default_is_overridden() {
    each_server(|server| {
        let database = server.database();
        let app = database.role("app", "");
        database.execute(&format!(
            "alter role {app} set default_transaction_read_only = on; \
             alter database {0} set default_transaction_read_only = on",
            database.name()
        ));
        // The settings of the database hold for the superuser as well.
        database.execute(&format!("begin read write; create schema pevensie authorization {app}; commit"));
        for command in [UP, &["status", "--check"], DOWN] {
            run(&database.url_as(&app), command).ok();
        }
    });
}

#[test]
fn names_that_are_taken() {
    let table = [
        ("module", "create type pevensie.module as enum ('a')", "alter type pevensie.module rename to x"),
        ("module", "create table pevensie.module (a int)", "alter table pevensie.module rename to x"),
        (
            "module_version",
            "create view pevensie.module_version as select 1 as one",
            "drop view pevensie.module_version",
        ),
        ("user", "create table pevensie.\"user\" (a int)", "alter table pevensie.\"user\" rename to x"),
        ("session", "create type pevensie.session as (a int)", "alter type pevensie.session rename to x"),
        ("cache", "create sequence pevensie.cache", "drop sequence pevensie.cache"),
        (
            "uuid7",
            "create function pevensie.uuid7() returns text language sql as 'select null::text'",
            "alter function pevensie.uuid7() rename to x",
        ),
        (
            "user_email_unique_idx",
            "create table pevensie.x (email text); create index user_email_unique_idx on pevensie.x (email)",
            "alter index pevensie.user_email_unique_idx rename to y",
        ),
    ];
    each_server(|server| {
        let mut words = Vec::new();
        for (name, name_taken, way_out) in table {
            let database = server.database();
            let app = database.role("app", "");
            database.execute(&format!("create schema pevensie; {name_taken}; grant all on schema pevensie to {app}"));
            // Who could create the schema is told as well that it is not empty.
            database.execute(&format!("grant create on database {} to {app}", database.name()));
            let output = refused(&database, &database.url_as(&app), UP);
            let printed = refused(&database, &database.url_as(&app), &["migrate", "auth", "cache"]);
            assert_eq!(printed.stderr, output.stderr);
            let first = output.stderr.lines().next().unwrap_or_default();
            assert!(first.replace('"', "").contains(&format!("pevensie.{name} ")), "{name_taken}: {first}");
            words.push(format!("-- {name_taken}\n{}\n", output.stderr));
            database.execute(way_out);
            run(&database.url_as(&app), UP).ok();
        }
        assert_snapshot!("names_that_are_taken", words.concat());
    });
}

#[test]
fn a_name_of_the_ledger_is_named_when_it_is_taken() {
    let database = servers()[0].database();
    database.execute("create schema pevensie; create table pevensie.migration_log (a int)");
    let output = refused(&database, &database.url(), UP);
    let first = output.stderr.lines().next().unwrap_or_default();
    assert!(first.contains("pevensie.migration_log ") && !first.contains("pevensie.module_version"), "{first}");
    database.execute("alter table pevensie.migration_log rename to x");
    run(&database.url(), UP).ok();
}
