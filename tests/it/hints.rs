//! What a hint says can be done to the letter, by the one it names, and it helps.

use postgres::{Client, Config, NoTls};

use crate::preflight::{advice, refused, run};
use crate::support::{DOWN, UP, assert_snapshot, each_server, servers};

#[test]
fn not_let_in() {
    each_server(|server| {
        let database = server.database();
        let (app, asleep) = (database.role("app", ""), database.role("asleep", ""));
        database.execute(&format!(
            "revoke connect on database {} from public; alter role {asleep} nologin",
            database.name()
        ));
        let mut words = Vec::new();
        let mut not_let_in = |url: &str| {
            let output = refused(&database, url, UP);
            words.push(format!("-- {url}\n{}\n", output.stderr));
            output
        };
        let no_connect = not_let_in(&database.url_as(&app));
        let cannot_log_in = not_let_in(&database.url_as(&asleep));
        not_let_in(&database.url_as("nobody_gets_in"));
        not_let_in(&(database.url_as("tls_only") + "?sslmode=disable"));
        not_let_in(&(database.url_as("plain_only") + "?sslmode=require"));
        not_let_in(&database.url_as("scram"));
        not_let_in(&database.url_as("scram:wrong"));
        assert_snapshot!("not_let_in", words.concat());

        let [connect]: [String; 1] = advice(&no_connect).try_into().expect("one statement");
        database.execute(&format!("{connect} create schema pevensie authorization {app}"));
        run(&database.url_as(&app), UP).ok();
        let [_, alter]: [String; 2] = advice(&cannot_log_in).try_into().expect("create or alter the role");
        database.execute(&format!(
            "grant {app} to {asleep}; {alter}; grant connect on database {} to public",
            database.name()
        ));
        run(&database.url_as(&asleep), DOWN).ok();
    });
}

/// Names that SQL and the words around them have to quote.
const ODD_NAMES: [(&str, &str); 2] = [("O'Brien \"the 2nd\" Größe", "Köln: \"Nord\" $1"), ("user", "order")];

#[test]
fn hints_quote_names() {
    let server = &servers()[0];
    let mut admin = server.client();
    for (role, name) in ODD_NAMES {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let clean_up =
            [format!("drop database if exists {}", quoted(name)), format!("drop role if exists {}", quoted(role))];
        for statement in &clean_up {
            admin.batch_execute(statement).expect("nobody is there");
        }
        let url = format!(
            "host=127.0.0.1 port={} user='{}' dbname='{}'",
            server.port,
            role.replace('\'', "\\'"),
            name.replace('\'', "\\'")
        );
        let mut done = Vec::new();
        // From nothing to everything by the hints alone.
        for _ in 0..6 {
            let output = run(&url, UP);
            if output.code == 0 {
                break;
            }
            let statement =
                advice(&output).into_iter().next().unwrap_or_else(|| panic!("no advice in {}", output.stderr));
            done.push(format!("{}{statement}\n", output.stderr));
            // A database can be created from anywhere, and it is there for all other statements.
            let client = Config::new().host("127.0.0.1").port(server.port).user("postgres").dbname(name).connect(NoTls);
            let mut client = client.unwrap_or_else(|_| server.client());
            client.batch_execute(&statement).unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        }
        run(&url, &["status", "--check"]).ok();
        run(&url, DOWN).ok();
        assert_snapshot!(if role == "user" { "hints_quote_keywords" } else { "hints_quote_names" }, done.concat());
        for statement in &clean_up {
            admin.batch_execute(statement).expect("nobody is there");
        }
    }
}

#[test]
fn the_owner_of_a_database_can_do_what_it_is_told() {
    each_server(|server| {
        let database = server.database();
        let (owner, app) = (database.role("owner", ""), database.role("app", ""));
        database.execute(&format!("alter database {} owner to {owner}", database.name()));
        let output = refused(&database, &database.url_as(&app), UP);
        let mut client = Client::connect(&database.url_as(&owner), NoTls).expect("it may come in");
        for statement in advice(&output) {
            let done = client.batch_execute(&statement);
            let not_for_owners = statement.starts_with("CREATE SCHEMA") && output.stderr.contains("as a superuser");
            assert!(done.is_ok() || not_for_owners, "{statement} {done:?}");
        }
    });
}

#[test]
fn nobody_is_told_to_make_a_superuser() {
    let database = servers()[0].database();
    let app = database.role("app", "");
    run(&database.url(), UP).ok();
    database.execute(&format!(
        "grant all on schema pevensie to {app}; grant all on all tables in schema pevensie to {app}"
    ));
    let output = refused(&database, &database.url_as(&app), DOWN);
    assert!(output.stderr.contains("connect as postgres"), "{}", output.stderr);
    assert!(!output.stderr.contains("GRANT postgres TO"), "{}", output.stderr);
}
