//! A password never shows: not in what is said, not in the database, not to those who look at its sessions.

use crate::history::everything;
use crate::support::{Database, Output, eventually, pevensie_pg, servers};

/// Where a password can be given.
const SOURCES: [&str; 6] =
    ["URL in --addr", "query in --addr", "pairs in --addr", "DATABASE_URL", "PGPASSWORD", "both"];

/// One that is in no other text; `%`, `:` and the like are left out because a URL would encode them.
const SECRET: &str = "Zx9Hunter2qJ";

/// Runs a command as `role` with a password from one of the sources; `more` is added to the query or the pairs.
fn run(
    source: &str,
    command: &[&str],
    database: &str,
    port: u16,
    role: &str,
    password: &str,
    more: &[(&str, &str)],
) -> Output {
    let encoded = password.replace(' ', "%20");
    let more = |sign: &str| more.iter().map(|(key, value)| format!("{sign}{key}={value}")).collect::<Vec<_>>().concat();
    let (query, pairs) = (more("&"), more(" "));
    let host = format!("127.0.0.1:{port}/{database}");
    let url = |user: &str| format!("postgres://{user}@{host}?connect_timeout=9{query}");
    let (addr, variable) = match source {
        "URL in --addr" => (Some(url(&format!("{role}:{encoded}"))), None),
        "query in --addr" => (Some(url(role) + "&password=" + &encoded), None),
        "pairs in --addr" => (
            Some(format!("host=127.0.0.1 port={port} dbname={database} user={role} password='{password}'{pairs}")),
            None,
        ),
        "DATABASE_URL" => (None, Some(("DATABASE_URL", url(&format!("{role}:{encoded}"))))),
        "PGPASSWORD" => (Some(url(role)), Some(("PGPASSWORD", password.to_owned()))),
        "both" => (Some(url(&format!("{role}:{encoded}"))), Some(("PGPASSWORD", format!("other {SECRET}")))),
        source => panic!("no source {source:?}"),
    };
    let addr = addr.map(|addr| format!("--addr={addr}"));
    let arguments = [command, &["-v"], &addr.iter().map(String::as_str).collect::<Vec<_>>()].concat();
    let run = pevensie_pg(&arguments);
    variable.into_iter().fold(run, |run, (name, value)| run.env(name, value)).run()
}

#[track_caller]
fn assert_hidden(output: &Output, password: &str) {
    for stream in [&output.stdout, &output.stderr] {
        for piece in [password, &password.replace(' ', "%20"), SECRET, "Hunter"] {
            assert!(!stream.contains(piece), "{piece:?} shows in\n{}", output.snapshot());
        }
    }
}

#[test]
fn no_password_shows_when_it_is_right() {
    let server = &servers()[0];
    let database = server.database();
    database.execute("create schema pevensie authorization scram");
    let password = "correct horse";
    for source in SOURCES {
        for command in [
            &["migrate", "cache"][..],
            &["migrate", "cache", "--apply"],
            &["migrate", "auth", "--apply", "--json"],
            &["status", "--check", "--history"],
            &["status", "--json"],
            &["rollback", "auth", "cache", "--apply", "--yes"],
        ] {
            let output = run(source, command, database.name(), server.port, "scram", password, &[]).ok();
            assert_hidden(&output, password);
            assert!(output.stderr.contains("password = ********  ("), "{source}: -v masks it: {}", output.stderr);
        }
        assert!(!everything(&database).contains(password), "{source}: the ledger has it");
    }
    database.execute("drop schema pevensie cascade");
}

#[test]
fn no_password_shows_in_errors() {
    let server = &servers()[0];
    let database = server.database();
    let mut refused = 0;
    for source in SOURCES {
        for (name, port, more) in [
            (database.name(), server.port, vec![]),
            ("no_such_database", server.port, vec![]),
            (database.name(), 1, vec![]),
            (database.name(), server.port, vec![("sslmode", "verify-full")]),
            (database.name(), server.port, vec![("sslmode", "sometimes")]),
            (database.name(), server.port, vec![("sslmod", "require")]),
            (database.name(), server.port, vec![("require_auth", "none")]),
            (database.name(), server.port, vec![("channel_binding", "require"), ("sslmode", "disable")]),
            (database.name(), server.port, vec![("options", "-crole=nobody_knows")]),
        ] {
            for json in [&[][..], &["--json"]] {
                let command = [&["migrate", "auth", "--apply"], json].concat();
                let output = run(source, &command, name, port, "scram", SECRET, &more);
                assert!([1, 2].contains(&output.code), "{source} {more:?}: {}", output.snapshot());
                assert_hidden(&output, SECRET);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, SOURCES.len() * 9 * 2);
}

#[test]
fn no_password_shows_in_a_malformed_command_line() {
    for line in [
        &["status", "--addr=postgres://app:Zx9Hunter2qJ@[::1/shop"][..],
        &["status", "--addr=postgres://app:Zx9@Hunter2qJ@db/shop"],
        &["status", "--addr=postgres://app:Zx9/Hunter2qJ@db/shop"],
        &["status", "--addr=postgres://app:Zx9#Hunter2qJ@db:x/shop"],
        &["status", "--addr=postgres://app:Zx9%Hunter2qJ@db/shop"],
        &["status", "--addr=postgres://app:Zx9Hunter2qJ"],
        &["status", "--addr=postgres://app@db/shop?password=Zx9&Hunter2qJ=1"],
        &["status", "--addr=mysql://app:Zx9Hunter2qJ@db/shop"],
        &["status", "--addr=app:Zx9Hunter2qJ@db/shop"],
        &["status", "--addr=host=db password=Zx9 Hunter2qJ"],
        &["status", "--addr=host=db password='Zx9Hunter2qJ"],
        &["status", "--addr=host=db password=Zx9 Hunter2qJ=1 user=app"],
        &["status", "--addr=host=db pasword=Zx9Hunter2qJ"],
        &["status", "--adr=postgres://app:Zx9Hunter2qJ@db/shop"],
        &["status", "--url", "postgres://app:Zx9Hunter2qJ@db/shop"],
        &["status", "postgres://app:Zx9Hunter2qJ@db/shop"],
        &["migrate", "auth", "postgres://app:Zx9Hunter2qJ@db/shop"],
        &["migrate", "postgres://app:Zx9Hunter2qJ@db/shop", "auth"],
        &["rollback", "host=db password=Zx9Hunter2qJ"],
        &["postgres://app:Zx9Hunter2qJ@db/shop"],
    ] {
        for more in [&[][..], &["-v"], &["--json"]] {
            let output = pevensie_pg(&[line, more].concat()).run();
            assert_eq!(output.code, 2, "{}", output.snapshot());
            assert_hidden(&output, SECRET);
        }
    }
}

#[test]
fn no_password_shows_to_those_who_look_at_the_sessions() {
    let server = &servers()[0];
    let database = server.database();
    database.execute("create schema pevensie authorization scram");
    let mut blocker = database.client();
    blocker.batch_execute("select pg_advisory_lock(4016478255630675573)").expect("nobody else holds it");
    let url = database.url_as("scram:correct%20horse");
    let mut running = pevensie_pg(&["migrate", "auth", "--apply", "-v", "--addr", &url]).spawn();
    running.wait_for_stderr("waiting for another migrator");
    // Who waits keeps no session in between.
    eventually("its session is there", || {
        let sessions = sessions(&database);
        assert!(!sessions.contains("horse"), "{sessions}");
        sessions.contains("\"application_name\": \"pevensie-pg migrate ")
    });
    blocker.batch_execute("select pg_advisory_unlock_all()").expect("it is ours");
    assert_hidden(&running.wait().ok(), "correct horse");
    assert!(!everything(&database).contains("horse"));
    database.execute("drop schema pevensie cascade");
}

fn sessions(database: &Database<'_>) -> String {
    database.query_text(
        "select to_jsonb(s) from pg_stat_activity s where usename = 'scram' and datname = current_database()",
    )
}
