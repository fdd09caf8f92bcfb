//! The command line: what is refused, what help says, and what can be had without a database.

use crate::history::everything;
use crate::support::{
    FIRST, Output, assert_chapter, assert_snapshot, newest, newest_of_all, pevensie_pg, psql, servers, snapshot_filters,
};

const COMMANDS: [&str; 7] = ["migrate", "status", "rollback", "print", "rehearse", "completions", "man"];

/// Splits a command line as a shell does that knows nothing but blanks.
fn run(command_line: &str) -> Output {
    pevensie_pg(&command_line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>()).run()
}

/// Runs command lines that must be refused as wrong, and returns what they say.
fn refused(command_lines: &[&str], suffix: &str) -> String {
    let said = command_lines.iter().map(|line| {
        let output = run(&format!("{line}{suffix}"));
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{}", output.snapshot());
        format!("```text\n$ pevensie-pg {line}\n{}```\n\n", output.stderr)
    });
    said.collect()
}

fn pinned(name: &str, text: &str) {
    let _filters = snapshot_filters().bind_to_scope();
    insta::assert_snapshot!(name, text);
}

#[test]
fn a_wrong_command_line_is_in_the_messages() {
    let command_lines = [
        "",
        "frobnicate",
        "migrat",
        "up auth",
        "rollback --drop auth",
        "migrate auth --dry-run",
        "status --url=postgres://u:s3cret@db/shop",
        "migrate",
        "migrate --apply",
        "migrate auht",
        "migrate users",
        "migrate AUTH",
        "migrate auth cache auth",
        "migrate auth@",
        "migrate auth@2024",
        "migrate auth@20241399000000",
        "migrate auth --steps 1",
        "migrate auth --lock-wait 5",
        "migrate auth --lock-wait 5parsecs",
        "migrate auth --lock-timeout 25days",
        "migrate auth --statement-timeout=-5s",
        "migrate auth --connect-timeout 5us",
        "status auth@0",
        "status --apply",
        "status --wait forever",
        "status --addr=x --addr=y",
        "rollback",
        "rollback auth auth",
        "rollback auth --steps 0",
        "rollback auth --steps=-1",
        "rollback auth --steps 1 --to 0",
        "rollback auth@0 --to 0",
        "rollback auth cache@0 --steps 1",
        "rollback auth --to 1",
        "rollback auth --yes",
        "print",
        "print wardrobe",
        "print auth --apply",
        "print auth auth",
        "print auth --format dbmat",
        "print auth --from yesterday",
        "print auth --from 20991231000000",
        "print auth@20991231000000",
        "print auth --grants",
        "print auth --grants=",
        "print auth --grants public",
        "print auth --grants none",
        "print auth --grants 0123456789012345678901234567890123456789012345678901234567890123",
        "print auth --grants app --down",
        "print auth --grants app --from 0",
        "print auth --grants app --out x",
        "print auth --grants app --first 1",
        "print auth --grants app --format psql",
        "print auth --grants app --grants app",
        "migrate auth --grant-to public",
        "migrate auth --grant-to app --grant-to app",
        "status --app-role public",
        "rehearse auht",
        "rehearse auth@0",
        "rehearse auth auth",
        "rehearse --apply",
        "rehearse --addr=",
        "status -q -v",
        "status --color sometimes",
        "completions",
        "completions tcsh",
        "man frobnicate",
    ];
    assert_chapter("Command lines", &refused(&command_lines, ""));
}

#[test]
fn a_wrong_address_is_explained() {
    let addresses = [
        "status",
        "status --addr=",
        "status --addr=db.example.com",
        "status --addr=http://db.example.com/shop",
        "status --addr=postgres://u:p@ss@db/shop",
        "status --addr=postgres://db:99999/shop",
        "status --addr=postgres://db:5432x/shop",
        "status --addr=postgres://u:%zz@db/shop",
        "status --addr=postgres://db/shop?sslmod=require",
        "status --addr=postgres://db/shop?sslmode=sometimes",
        "status --addr=postgres://db/shop?require_auth=none",
        "status --addr=hots=db",
        "status --addr=port=many",
        "status --addr=service=shop",
        "status --addr=postgres://db/shop?sslnegotiation=direct",
    ];
    pinned("a_wrong_address_is_explained", &refused(&addresses, ""));
    let every_command = ["migrate auth", "migrate auth --apply", "rollback auth", "rollback auth --apply --yes"];
    let said = refused(&every_command, "");
    assert_eq!(said.matches("error: no database is given\n").count(), every_command.len(), "{said}");
}

#[test]
fn a_wish_that_cannot_be_fulfilled_is_explained() {
    let database = servers()[0].database();
    let address = format!(" --addr={}", database.url());
    run(&format!("migrate auth --apply{address}")).ok();
    let before = everything(&database);
    let command_lines = [
        "migrate auth@20991231000000",
        "migrate auth@20991231000000 --apply",
        "migrate auth@0",
        "migrate auth@0 --apply",
        "migrate base@0 cache --apply",
        "rollback auth --steps 5",
        "rollback auth --steps 5 --apply --yes",
        "rollback auth cache",
        "rollback auth@20991231000000",
        "rollback cache --to 20241222140532",
        "rollback base@0",
        "rollback base@0 --apply --yes",
        "rollback auth --apply",
        "rollback auth --apply --json",
    ];
    let (json, plain): (Vec<&str>, Vec<&str>) = command_lines.into_iter().partition(|line| line.ends_with("--json"));
    pinned("a_wish_that_cannot_be_fulfilled_is_explained", &refused(&plain, &address));
    let output = run(&format!("{}{address}", json[0]));
    assert_snapshot!("a_wish_that_cannot_be_fulfilled_as_json", output);
    assert_eq!(everything(&database), before);
}

#[test]
fn base_at_0_is_not_for_others() {
    let database = servers()[0].database();
    let said =
        refused(&["migrate base@0 cache", "migrate base@0 auth cache --apply"], &format!(" --addr={}", database.url()));
    pinned("base_at_0_is_not_for_others", &said);
    assert!(!everything(&database).contains("pevensie"));
}

#[test]
fn help_is_in_the_messages_and_fits_a_terminal() {
    let mut said = Vec::new();
    for command in [""].iter().chain(&COMMANDS) {
        let short = run(&format!("{command} -h")).ok();
        let long = run(&format!("{command} --help")).ok();
        assert_eq!(run(&format!("help {command}")).ok().stdout, long.stdout);
        for output in [&short, &long] {
            assert_eq!(output.stderr, "");
            let too_long: Vec<_> = output.stdout.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(too_long.is_empty(), "{command}: more than 80 columns: {too_long:#?}");
        }
        said.push(format!("```text\n$ {}\n{}```\n\n", long.typed, long.stdout));
    }
    assert_chapter("Help", &said.concat());
}

#[test]
fn version_is_that_of_the_crate() {
    for flag in ["--version", "-V"] {
        assert_eq!(run(flag).ok().stdout, concat!("pevensie-pg ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

/// Without a database nothing differs from run to run, and the times are the versions of migrations.
fn pinned_as_is(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.add_filter(r"pevensie-pg \d+\.\d+\.\d+", "pevensie-pg [version]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn print_in_full() {
    pinned_as_is("print_auth_cache", &run("print auth cache").ok().stdout);
    pinned_as_is("print_psql_cache", &run("print --format psql cache").ok().stdout);
    pinned_as_is("print_down_auth_cache", &run("print --down auth cache").ok().stdout);
}

/// The lines of a script that say which migrations are in it and what is around them.
fn landmarks(script: &str) -> String {
    let starts = [
        "begin;",
        "from (values",
        "create schema",
        "create table pevensie.migration_log",
        "drop table pevensie.module_v",
    ];
    let is_landmark = |line: &&str| {
        starts.iter().chain(&["commit;"]).any(|start| line.starts_with(start))
            || line.starts_with("-- ") && [": up", ": down", " table"].iter().any(|end| line.ends_with(end))
    };
    let lines = script.lines().map(str::trim_start).filter(is_landmark).map(|line| format!("  {line}\n"));
    lines.collect::<Vec<_>>().concat()
}

#[test]
fn print_every_combination() {
    let mut said = Vec::new();
    for modules in ["base", "auth cache", "cache base auth", "auth@0 cache", &format!("auth@{FIRST}"), "auth base@0"] {
        for direction in ["", " --down"] {
            for from in ["", " --from 0", &format!(" --from {FIRST}")] {
                for format in ["", " --format psql"] {
                    let line = format!("print {modules}{direction}{from}{format}");
                    let Output { code, stdout, stderr, .. } = run(&line);
                    said.push(format!("$ pevensie-pg {line}\n[exit {code}]\n{stderr}{}", landmarks(&stdout)));
                }
            }
        }
    }
    pinned("print_every_combination", &said.concat());
}

#[test]
fn nothing_is_printed_where_nothing_is_newer() {
    for (modules, newest) in [("base", newest("base")), ("auth cache", newest_of_all())] {
        for direction in ["", " --down"] {
            for format in ["", " --format psql"] {
                let output = run(&format!("print {modules}{direction} --from {newest}{format}")).ok();
                let said = (output.stdout.as_str(), output.stderr.as_str());
                assert_eq!(said, ("", "nothing to print\n"), "{}", output.snapshot());
            }
        }
    }
}

#[test]
fn what_print_prints_can_be_run() {
    let database = servers()[0].database();
    for modules in ["base", "auth", "cache", "auth cache"] {
        for format in ["sql", "psql"] {
            let up = run(&format!("print {modules} --format {format}")).ok();
            psql(&database, &["-1", "-q"][usize::from(format == "psql")..], &up.stdout).ok();
            run(&format!("status --check {modules} --addr={}", database.url())).ok();
            let down = run(&format!("print {modules} --down --format {format}")).ok();
            psql(&database, &["-1", "-q"][usize::from(format == "psql")..], &down.stdout).ok();
            assert!(!everything(&database).contains("pevensie"), "something is left of {modules}");
        }
    }
}

#[test]
fn completions_and_manual_pages_are_what_they_should_be() {
    for (shell, start) in [
        ("bash", "_pevensie__pg() {"),
        ("zsh", "#compdef pevensie-pg"),
        ("fish", "# Print an optspec"),
        ("powershell", "\nusing namespace System.Management.Automation"),
        ("elvish", "\nuse builtin;"),
    ] {
        let output = run(&format!("completions {shell}")).ok();
        assert!(output.stdout.starts_with(start), "{shell}: {}", output.stdout);
        assert_eq!(output.stderr, "");
    }
    for command in [""].iter().chain(&COMMANDS) {
        let output = run(&format!("man {command}")).ok();
        let title = format!(".TH {} 1", ["pevensie-pg", command].join("-").trim_end_matches('-'));
        assert!(output.stdout.contains(&title), "no {title} in {}", output.stdout);
        assert_eq!(output.stderr, "");
    }
}
