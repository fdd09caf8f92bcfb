//! stdout is the result and nothing else, stderr is the conversation, and neither ever shows a password.

use std::io;
use std::process::Stdio;

use serde_json::Value;

use crate::preflight::run;
use crate::support::{DOWN, Output, UP, in_shell, pevensie_pg, psql, servers, snapshot_filters};

/// The exit code and the stderr of the binary with a stdout that is no pipe of ours.
fn raw(arguments: &[&str], stdout: impl Into<Stdio>) -> (i32, String) {
    let output = pevensie_pg(arguments).stdout(stdout).run();
    (output.code, output.stderr)
}

/// Runs the binary, `"$pg" "$@"`, in a shell script, and returns its exit code and stdout.
fn by_shell(script: &str, arguments: &[&str]) -> (i32, String) {
    let output = in_shell(script, arguments).run();
    (output.code, output.stdout)
}

fn pinned(name: &str, text: &str) {
    let mut settings = snapshot_filters();
    settings.add_filter(r#""sql": ".*""#, r#""sql": "[sql]""#);
    settings.add_filter(r#""server_version": ".*""#, r#""server_version": "[version]""#);
    settings.add_filter(r"port = \d+", "port = [port]");
    settings.add_filter(r"\b[0-9a-f]{64}\b", "[checksum]");
    settings.add_filter(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b", "[minute]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The one document on stdout.
#[track_caller]
fn document(output: &Output, command: &str) -> Value {
    let document: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.snapshot()));
    assert_eq!((&document["format"], &document["command"]), (&Value::from(1), &Value::from(command)));
    assert!(output.stdout.ends_with("}\n"), "the document is a text file");
    document
}

#[test]
fn each_result_is_one_json_document() {
    let database = servers()[0].database();
    let mut said = Vec::new();
    for command in [
        &["print", "auth", "cache", "--json"][..],
        &["print", "--down", "cache", "--json"],
        &["status", "--json"],
        &["migrate", "auth", "cache", "--json"],
        &["migrate", "auth", "cache", "--apply", "--json"],
        &["migrate", "auth", "cache", "--apply", "--json"],
        &["status", "--json"],
        &["rollback", "cache@0", "--json"],
        &["rollback", "cache@0", "--apply", "--yes", "--json"],
        &["status", "cache", "--json"],
    ] {
        let output =
            if command[0] == "print" { pevensie_pg(command).run() } else { run(&database.url(), command) }.ok();
        let document = document(&output, command[0]);
        if let Some(sql) = document.get("sql") {
            let plain: Vec<_> = command.iter().copied().filter(|word| *word != "--json").collect();
            let plain = if command[0] == "print" { pevensie_pg(&plain).run() } else { run(&database.url(), &plain) };
            assert_eq!(sql, &Value::from(plain.ok().stdout), "the same statements as without --json");
        }
        said.push(format!("$ {}\n{}\n", command.join(" "), output.stdout));
    }
    pinned("each_result_is_one_json_document", &said.concat());
}

#[test]
fn each_error_is_a_json_document_too() {
    let database = servers()[0].database();
    let app = database.role("app", "");
    let mut said = Vec::new();
    let mut failed = |url: &str, command: &[&str], code: i32| {
        let output = run(url, &[command, &["--json"]].concat());
        let document = document(&output, command[0]);
        assert_eq!((output.code, &document["exit_code"]), (code, &Value::from(code)), "{}", output.snapshot());
        assert!(document["errors"].as_array().is_some_and(|errors| !errors.is_empty()));
        said.push(format!("$ {}\n{}\n", command.join(" "), output.stdout));
    };
    failed(&database.url_as(&app), UP, 1);
    failed(&database.url_as("scram:wrong"), &["status"], 1);
    failed("postgres://x@127.0.0.1:1/x", &["migrate", "auth"], 1);
    failed("nonsense", &["status"], 2);
    failed(&database.url(), &["migrate", "auth", "auth"], 2);
    failed(&database.url(), &["rollback", "auth"], 2);
    run(&database.url(), UP).ok();
    database.execute("update pevensie.module_version set checksum = 'edited' where module <> 'cache'");
    failed(&database.url(), UP, 4);
    pinned("each_error_is_a_json_document_too", &said.concat());
    let status = run(&database.url(), &["status", "--check", "--json"]);
    assert_eq!(status.code, 4);
    pinned(
        "a_faulty_status_as_json",
        &serde_json::to_string_pretty(&document(&status, "status")["faults"]).expect("it is"),
    );
}

#[test]
fn stdout_is_complete_without_stderr() {
    let database = servers()[0].database();
    let address = format!("--addr={}", database.url());
    let sql = run(&database.url(), &["migrate", "auth", "cache"]).ok().stdout;
    for streams in ["2>/dev/null", "2>&-", "2>&1 >/dev/stdout"] {
        let quiet: &[&str] = if streams.starts_with("2>&1") { &["-q"] } else { &[] };
        let arguments = [&["migrate", "auth", "cache", &address], quiet].concat();
        assert_eq!(by_shell(&format!(r#""$pg" "$@" {streams}"#), &arguments), (0, sql.clone()), "{streams}");
    }
    psql(&database, &["-1", "-q"], &sql).ok();
    let status = run(&database.url(), &["status", "--json"]).ok().stdout;
    assert_eq!(by_shell(r#""$pg" "$@" 2>&-"#, &["status", "--json", &address]), (0, status));
    assert_eq!(
        run(&database.url(), &["migrate", "auth", "cache"]).ok().stdout,
        "",
        "nothing is pending, nothing is printed"
    );
}

#[test]
fn quiet_says_nothing_but_problems() {
    let database = servers()[0].database();
    for command in [
        &["status", "-q"][..],
        &["migrate", "auth", "cache", "-q"],
        &["migrate", "auth", "cache", "--apply", "--quiet"],
        &["migrate", "auth", "cache", "--apply", "-q"],
        &["status", "--check", "-q"],
        &["rollback", "cache@0", "-q"],
        &[DOWN, &["-q"]].concat(),
    ] {
        let output = run(&database.url(), command).ok();
        assert_eq!(output.stderr, "", "{command:?}");
    }
    assert_eq!(pevensie_pg(&["print", "auth@0", "-q"]).run().ok().stderr, "");
    let failed = run(&database.url(), &["rollback", "cache", "-q"]);
    assert!(failed.code == 2 && failed.stderr.starts_with("error: "), "{}", failed.snapshot());
}

#[test]
fn verbose_lists_the_settings_and_where_they_come_from() {
    let server = &servers()[0];
    let database = server.database();
    let port = server.port.to_string();
    let output = pevensie_pg(&["status", "-v", "--addr", &format!("host=127.0.0.1 dbname={}", database.name())])
        .env("PGPORT", &port)
        .env("PGUSER", "scram")
        .env("PGPASSWORD", "correct horse")
        .env("PGAPPNAME", "nightly")
        .run()
        .ok();
    pinned("verbose_lists_the_settings_and_where_they_come_from", &output.snapshot());
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let database = servers()[0].database();
    let address = format!("--addr={}", database.url());
    for command in [
        &["print", "auth", "cache"][..],
        &["print", "auth", "--json"],
        &["migrate", "auth", "cache", &address],
        &["status", &address],
        &["--help"],
        &["--version"],
        &["completions", "bash"],
        &["man"],
        &[UP, &[&address]].concat(),
    ] {
        let (reader, writer) = io::pipe().expect("pipes can be made");
        drop(reader);
        let (code, stderr) = raw(command, writer);
        assert!(
            code == 0 && !stderr.contains("panicked") && !stderr.contains("error"),
            "{command:?}: {code}\n{stderr}"
        );
        assert_eq!(by_shell(r#""$pg" "$@" >&- && echo good >&2"#, command), (0, String::new()), "{command:?}");
    }
    run(&database.url(), &["status", "--check", "auth", "cache"]).ok();
}

#[test]
fn a_full_disk_behind_stdout_is_an_error() {
    let database = servers()[0].database();
    let address = format!("--addr={}", database.url());
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let mut said = Vec::new();
    for command in [
        &["print", "auth"][..],
        &["print", "auth", "--json"],
        &["completions", "bash"],
        &["--help"],
        &["status", "auth", &address],
        &["migrate", "auth", "cache", &address],
        &[UP, &[&address]].concat(),
    ] {
        let (code, stderr) = raw(command, full());
        assert_eq!(code, 1, "{command:?}: {stderr}");
        said.push(format!("$ {} >/dev/full\n{stderr}\n", command.join(" ")));
    }
    pinned("a_full_disk_behind_stdout_is_an_error", &said.concat());
    run(&database.url(), &["status", "--check", "auth", "cache"]).ok();
}

#[test]
fn what_is_done_is_said_even_where_it_cannot_be_written() {
    let database = servers()[0].database();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let (code, stderr) = raw(&[UP, &[&format!("--addr={}", database.url())]].concat(), full);
    assert!(code == 1 && stderr.contains("done: database "), "{code}: {stderr}");
}

#[test]
fn an_error_in_json_has_its_sqlstate_in_a_field() {
    let database = servers()[0].database();
    let app = database.role("app", "");
    for (role, sqlstate) in [(app.as_str(), "42501"), ("scram:wrong", "28P01"), ("nobody_gets_in", "28000")] {
        let output = run(&database.url_as(role), &[UP, &["--json"]].concat());
        let error = &document(&output, "migrate")["errors"][0];
        assert_eq!(error["sqlstate"], Value::from(sqlstate), "{error:#}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let database = servers()[0].database();
    run(&database.url(), &["migrate", "base", "--apply"]).ok();
    let address = format!("--addr={}", database.url());
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let run = variables.iter().fold(pevensie_pg(&[arguments, &[&address]].concat()), |run, (k, v)| run.env(k, v));
        let output = run.run();
        (output.stdout.contains('\x1b'), output.stderr.contains('\x1b'))
    };
    let status = ["status", "auth"];
    assert_eq!(coloured(&status, &[("TERM", "xterm-256color")]), (false, false), "this is no terminal");
    assert_eq!(coloured(&["status", "auth", "--color=always"], &[]), (true, true));
    assert_eq!(coloured(&["status", "auth", "--color=always"], &[("NO_COLOR", "1")]), (true, true), "the flag wins");
    assert_eq!(coloured(&["status", "auth", "--color=never"], &[("CLICOLOR_FORCE", "1")]), (false, false));
    assert!(!coloured(&["migrate", "auth", "--color=always"], &[]).0, "SQL is SQL");
    assert!(!coloured(&["status", "--json", "--color=always"], &[]).0, "JSON is JSON");
}

#[test]
fn the_locale_changes_nothing() {
    let database = servers()[0].database();
    let url = database.url();
    let all = |locale: &[(&str, &str)]| {
        let commands = [&["status", "auth"][..], &["migrate", "auth"], &["rollback", "auth"], &["migrate", "auht"]];
        commands.map(|command| {
            let run = pevensie_pg(&[command, &["--addr", &url]].concat());
            let output = locale.iter().fold(run, |run, (key, value)| run.env(key, value)).run();
            (output.code, output.stdout, output.stderr)
        })
    };
    let plain = all(&[]);
    for locale in ["C", "POSIX", "de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.eucJP", "nonsense"] {
        assert_eq!(all(&[("LANG", locale)]), plain, "{locale}");
        assert_eq!(all(&[("LC_ALL", locale), ("LANGUAGE", "de")]), plain, "{locale}");
    }
}

#[test]
fn what_was_only_looked_at_was_not_applied() {
    let database = servers()[0].database();
    let look = ["rollback", "auth@0", "--json"];
    let said = |arguments: &[&str]| document(&run(&database.url(), arguments).ok(), "rollback")["applied"].clone();
    assert_eq!(said(&look), Value::from(false));
    assert_eq!(said(&[&look[..], &["--apply", "--yes"]].concat()), Value::from(true));
}

/// A server's message may hold anything; none of it moves the cursor or renames the window.
#[test]
fn a_message_of_the_server_is_not_obeyed_by_the_terminal() {
    let database = servers()[0].database();
    database.execute(
        "create function refuse() returns event_trigger language plpgsql as
           $$ begin raise exception 'no%[2J%', chr(27), chr(7); end $$;
         create event trigger refuse on ddl_command_start execute function refuse();",
    );
    for color in ["never", "always"] {
        let output = database.run(&["migrate", "base", "--apply", "--color", color]).run();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        assert!(!output.stderr.contains(['\u{7}']) && !output.stderr.contains("\u{1b}[2J"), "{:?}", output.stderr);
        assert!(output.stderr.contains("no") && output.stderr.contains(r"\u{7}"), "{:?}", output.stderr);
    }
}
