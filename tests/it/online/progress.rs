//! How far a build is, on a terminal; elsewhere nothing but plain lines.

use std::collections::BTreeSet;

use super::{PENDING, UP, application, applied, build_waits, commit, first_generation};
use crate::support::{Database, Terminal, each_server, eventually, servers};

fn upgrade(database: &Database<'_>, flags: &str) -> Terminal {
    Terminal::run(&format!("{} {flags} --addr={}", UP.join(" "), database.url()))
}

#[test]
fn a_terminal_shows_the_phase() {
    let database = first_generation(&servers()[0]);
    let mut writer = application(&database, "session", "row exclusive");
    let mut screen = upgrade(&database, "");
    screen.wait_for("building index pevensie.session_user_id_idx while its table stays in use");
    screen.wait_for("waiting for writers before build, 0 of 1");
    commit(&mut writer);
    let (code, text) = screen.end_as_written();
    assert_eq!(code, 0, "{text}");
    let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim_end).collect();
    for version in PENDING {
        assert!(lines.iter().any(|line| line.starts_with("applied") && line.contains(version)), "{text}");
    }
    // A line that wraps cannot be wiped away again.
    let progress: Vec<_> = lines.iter().filter(|line| line.contains("waiting for writers")).collect();
    assert!(progress.iter().all(|line| line.chars().count() <= 80), "{progress:?}");
}

#[test]
fn quiet_is_quiet_on_a_terminal_too() {
    let database = first_generation(&servers()[0]);
    let mut writer = application(&database, "session", "row exclusive");
    let screen = upgrade(&database, "--quiet");
    build_waits(&database);
    // It has looked at the build, and would have said so, when it looks again.
    let mut looks = BTreeSet::new();
    eventually("it looks twice", || {
        looks.insert(database.query_text(
            "select query_start from pg_stat_activity where datname = current_database()
             and application_name like 'pevensie-pg %' and query like 'begin isolation level read committed read only;%'",
        ));
        looks.remove("");
        looks.len() > 1
    });
    commit(&mut writer);
    let (code, text) = screen.end_as_written();
    assert_eq!(code, 0, "{text}");
    assert!(text.lines().all(|line| line.starts_with("applied")), "{text}");
}

#[test]
fn elsewhere_there_are_plain_lines() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = application(&database, "session", "row exclusive");
        let mut running = database.run(UP).spawn();
        running.wait_for_stderr("  query: "); // the end of the news on who is in the way
        build_waits(&database);
        commit(&mut writer);
        let output = running.wait().ok();
        assert_eq!(applied(&output), PENDING);
        for words in ["waiting for writers", "building index:", "\x1b", "\r", "%"] {
            assert!(!output.stderr.contains(words), "{words:?} in {}", output.stderr);
        }
        assert_eq!(output.stderr.matches("building index pevensie.").count(), 3, "{}", output.stderr);
        assert_eq!(output.stderr.matches("waiting for a lock").count(), 1, "{}", output.stderr);
    });
}
