//! Passwords that are hard to write stay hidden all the same.

use std::fs;

use super::report::{Case, scale};
use crate::support::{Output, Private, eventually, lock_key, pevensie_pg, servers};

/// As it is, as psql and we read it, and as a URL and a list of pairs have it.
const PASSWORD: &str = "pä'ss \"wörd\" 50%41 @:/?#&=\\ 测试";
const IN_URL: &str = "p%C3%A4%27ss%20%22w%C3%B6rd%22%2050%2541%20%40%3A%2F%3F%23%26%3D%5C%20%E6%B5%8B%E8%AF%95";
const IN_PAIRS: &str = r#"'pä\'ss "wörd" 50%41 @:/?#&=\\ 测试'"#;
/// What no stream may have of it.
const PIECES: [&str; 9] = ["pä", "ss \"w", "wörd", "50%", "%41", "测试", "p%C3", "w%C3%B6", "%E6%B5"];

#[track_caller]
fn assert_hidden(output: &Output) {
    for stream in [&output.stdout, &output.stderr] {
        for piece in PIECES {
            assert!(!stream.contains(piece), "{piece:?} shows in\n{}", output.snapshot());
        }
    }
}

/// A source of the password: what stands in --addr, if anything, and in the environment.
struct Source {
    addr: Option<String>,
    variables: Vec<(&'static str, String)>,
}

/// Every way to give it, for an address with further settings.
fn sources(host: &str, port: u16, role: &str, database: &str, more: &[(&str, &str)]) -> Vec<Source> {
    let joined =
        |sign: &str| more.iter().map(|(key, value)| format!("{sign}{key}={value}")).collect::<Vec<_>>().concat();
    let (query, pairs) = (joined("&"), joined(" "));
    let url = |user: &str| format!("postgres://{user}@{host}:{port}/{database}?connect_timeout=5{query}");
    let with_password = url(&format!("{role}:{IN_URL}"));
    let list = format!("host={host} port={port} user={role} dbname={database} connect_timeout=5{pairs}");
    let source = |addr: Option<String>, variables: &[(&'static str, &str)]| Source {
        addr,
        variables: variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    vec![
        source(Some(with_password.clone()), &[]),
        source(Some(format!("{}&password={IN_URL}", url(role))), &[]),
        source(Some(format!("{list} password={IN_PAIRS}")), &[]),
        source(None, &[("DATABASE_URL", &with_password)]),
        source(None, &[("DATABASE_URL", &format!("{list} password={IN_PAIRS}"))]),
        source(Some(url(role)), &[("PGPASSWORD", PASSWORD)]),
        source(Some(list), &[("PGPASSWORD", PASSWORD)]),
        // Not asked, and hidden all the same.
        source(Some(with_password), &[("PGPASSWORD", "another 测试")]),
    ]
}

impl Source {
    fn run(&self, command: &[&str]) -> Output {
        let addr = self.addr.as_ref().map(|addr| format!("--addr={addr}"));
        let arguments: Vec<_> = command.iter().copied().chain(addr.as_deref()).collect();
        let run = pevensie_pg(&arguments);
        let output = self.variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run();
        assert_hidden(&output);
        output
    }
}

/// A server that wants it of the role `secretive`.
fn guarded() -> Private {
    let server = Private::start(|_| {
        let admissions = "host all secretive all scram-sha-256\nhost all all all trust\n";
        ("log_statement = all\nlog_connections = on".to_owned(), admissions.to_owned())
    });
    let password = PASSWORD.replace('\'', "''");
    let create =
        format!("create role secretive login password '{password}'; create schema pevensie authorization secretive");
    let mut client = server.client();
    client.batch_execute("set log_statement to none").expect("a superuser may");
    client.batch_execute(&create).expect("it is a new server");
    server
}

#[test]
fn a_password_that_is_right_is_used_and_hidden() {
    let case = Case::new("passwords: right, from every source");
    let server = guarded();
    for source in sources("127.0.0.1", server.port(), "secretive", "postgres", &[]) {
        let commands = [
            &["migrate", "auth", "cache", "--apply", "-v"][..],
            &["migrate", "auth", "-v"],
            &["status", "--check", "--history", "-v", "--json"],
            &["rollback", "base@0", "auth@0", "cache@0", "--apply", "--yes", "--json", "-v"],
        ];
        for command in commands {
            let output = case.run(|| source.run(command).ok());
            assert!(output.stderr.contains("password = ********  ("), "-v masks it: {}", output.snapshot());
        }
    }
    assert!(PIECES.iter().all(|piece| !server.log().contains(piece)), "the server's log has it:\n{}", server.log());
}

#[test]
fn a_password_shows_to_nobody_who_looks_at_the_process_or_the_session() {
    let case = Case::new("passwords: in /proc and pg_stat_activity");
    let server = guarded();
    // Who gives it in --addr shows it to whoever looks at the process, but to nobody else.
    for (user, module) in [("secretive", "auth"), (&*format!("secretive:{IN_URL}"), "cache")] {
        case.run(|| looked_at(&server, user, module));
    }
    assert!(PIECES.iter().all(|piece| !server.log().contains(piece)), "the server's log has it:\n{}", server.log());
}

/// Looks at a migrator that waits.
fn looked_at(server: &Private, user: &str, module: &str) {
    let mut holder = server.client();
    holder.batch_execute(&format!("begin; select pg_advisory_xact_lock({})", lock_key())).expect("the lock is free");
    let url = format!("postgres://{user}@127.0.0.1:{}/postgres", server.port());
    let run = pevensie_pg(&["migrate", module, "--apply", "-v", "--addr", &url]).env("PGPASSWORD", PASSWORD);
    let mut running = run.spawn();
    running.wait_for_stderr("waiting for another migrator");
    let command_line = fs::read_to_string(format!("/proc/{}/cmdline", running.id())).expect("it runs");
    let status = fs::read_to_string(format!("/proc/{}/comm", running.id())).expect("it runs");
    let words: Vec<&str> = command_line.split_terminator('\0').skip(1).collect();
    assert_eq!(words, ["migrate", module, "--apply", "-v", "--addr", &url]);
    assert_eq!(status, "pevensie-pg\n");
    let question = "select to_jsonb(s)::text from pg_stat_activity s where usename = 'secretive'";
    // It ends its session between two looks.
    let (mut client, mut sessions) = (server.client(), String::new());
    eventually("it looks again", || {
        let found = client.query_opt(&format!("{question} limit 1"), &[]).expect("it answers");
        sessions = found.map(|row| row.get(0)).unwrap_or_default();
        sessions.contains("pevensie-pg migrate")
    });
    assert!(PIECES.iter().all(|piece| !sessions.contains(piece)), "{sessions}");
    holder.batch_execute("commit").expect("nothing is in the way");
    assert_hidden(&running.wait().ok());
}

#[test]
fn a_password_that_does_not_help_is_hidden() {
    let case = Case::new("passwords: in errors of every kind");
    let port = servers()[0].port;
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let silent = silent.local_addr().map(|address| (silent, address.port())).expect("it is bound");
    let situations = [
        ("127.0.0.1", port, "postgres", vec![]),
        ("127.0.0.1", port, "no_such_database", vec![]),
        ("name.invalid", port, "postgres", vec![]),
        ("127.0.0.1", 1, "postgres", vec![]),
        ("127.0.0.1", silent.1, "postgres", vec![("application_name", "a")]),
        ("127.0.0.1", port, "postgres", vec![("sslmode", "verify-full"), ("sslrootcert", "/nowhere")]),
        ("127.0.0.1", port, "postgres", vec![("sslmode", "verify-full"), ("sslrootcert", "system")]),
        ("127.0.0.1", port, "postgres", vec![("sslmod", "require")]),
        ("127.0.0.1", port, "postgres", vec![("sslmode", "sometimes")]),
        ("127.0.0.1", port, "postgres", vec![("require_auth", "none")]),
        ("127.0.0.1", port, "postgres", vec![("channel_binding", "require"), ("sslmode", "disable")]),
        ("127.0.0.1", port, "postgres", vec![("connect_timeout", "soon")]),
        ("127.0.0.1", port, "postgres", vec![("passfile", "/nowhere")]),
        ("127.0.0.1", port, "postgres", vec![("target_session_attrs", "standby")]),
        ("127.0.0.1", port, "postgres", vec![("options", "-cno_such_setting=1")]),
    ];
    for (nth, (host, port, database, more)) in situations.into_iter().enumerate() {
        // The short form gives the password in two ways, and in other ways to each.
        let sources = sources(host, port, "scram", database, &more);
        for source in sources.iter().cycle().skip(nth).take(scale(2, sources.len())) {
            let commands = [
                &["migrate", "auth", "--apply", "-v", "--connect-timeout=100ms"][..],
                &["status", "--check", "--json", "-v", "--connect-timeout=100ms"],
                &["rollback", "auth@0", "--json", "--connect-timeout=100ms", "--wait=50ms"],
            ];
            for command in commands.into_iter().skip(scale(nth % 3, 0)).take(scale(1, 3)) {
                case.run(|| {
                    let output = source.run(command);
                    assert!([1, 2].contains(&output.code), "{host} {more:?}: {}", output.snapshot());
                });
            }
        }
    }
}
