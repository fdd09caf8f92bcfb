//! What is asked on a terminal, and what becomes of the answers.

use crate::history::everything;
use crate::support::{Database, Terminal, migrations_of, pevensie_pg, servers, snapshot_filters};

const QUESTION: &str = "Roll back and lose this data? [y/N]";

/// Everything installed, with an empty table, one row in another, and 1,234 in a third.
fn installed(database: &Database<'_>) {
    pevensie_pg(&["migrate", "auth", "cache", "--apply", "--addr", &database.url()]).run().ok();
    database.execute(
        "insert into pevensie.\"user\" (email, user_metadata) values ('a@example.com', '{}'); \
         insert into pevensie.cache (resource_type, key, value) select 'test', n::text, '' from generate_series(1, 1234) n",
    );
}

fn rollback(database: &Database<'_>, flags: &str) -> Terminal {
    Terminal::run(&format!("rollback auth@0 cache@0 --apply {flags} --addr={}", database.url()))
}

#[test]
fn yes_rolls_back_what_was_shown() {
    let database = servers()[0].database();
    installed(&database);
    let mut terminal = rollback(&database, "");
    terminal.wait_for_question(QUESTION);
    terminal.press("y");
    let (code, screen) = terminal.end_on_screen();
    let screen = screen.text();
    assert_eq!(code, 0, "{screen}");
    snapshot_filters().bind(|| insta::assert_snapshot!(screen));
    assert_eq!(database.query_text("select module from pevensie.module_version"), "base");
}

#[test]
fn everything_else_is_no() {
    let database = servers()[0].database();
    installed(&database);
    let before = everything(&database);
    for keys in ["n", "\r", "\x1b"] {
        let mut terminal = rollback(&database, "");
        terminal.wait_for_question(QUESTION);
        terminal.press(keys);
        let (code, screen) = terminal.end();
        assert!(code == 130 && screen.contains("declined; nothing was changed"), "{keys:?}: {code}\n{screen}");
        assert_eq!(everything(&database), before, "{keys:?}");
    }
}

#[test]
fn ctrl_c_is_an_interruption() {
    let database = servers()[0].database();
    installed(&database);
    let before = everything(&database);
    let mut terminal = rollback(&database, "");
    terminal.wait_for_question(QUESTION);
    terminal.press("\x03");
    let (code, screen) = terminal.end();
    assert_eq!(everything(&database), before);
    assert!(code == 130 && screen.contains("interrupted; nothing was changed"), "{code}\n{screen}");
}

#[test]
fn a_signal_is_an_interruption_too() {
    let database = servers()[0].database();
    installed(&database);
    let before = everything(&database);
    let mut terminal = rollback(&database, "");
    terminal.wait_for_question(QUESTION);
    terminal.signal("TERM");
    let (code, screen) = terminal.end_on_screen();
    assert_eq!(everything(&database), before);
    let text = screen.text();
    assert!(code == 130 && text.contains("interrupted; nothing was changed"), "{code}\n{text}");
    assert!(!screen.is_cursor_hidden(), "{text}");
}

#[test]
fn quiet_still_says_what_it_asks_about() {
    let database = servers()[0].database();
    installed(&database);
    let before = everything(&database);
    let mut terminal = rollback(&database, "--quiet");
    terminal.wait_for_question(QUESTION);
    terminal.press("n");
    let (code, screen) = terminal.end();
    assert_eq!(code, 130, "{screen}");
    assert_eq!(everything(&database), before);
    assert!(screen.contains("drops table pevensie.cache"), "what would be lost? {screen}");
}

#[test]
fn a_redirected_result_does_not_hide_the_question() {
    let database = servers()[0].database();
    installed(&database);
    let mut terminal = rollback(&database, "--json >/dev/null");
    terminal.wait_for_question(QUESTION);
    terminal.press("y");
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("drops table pevensie.cache") && !screen.contains("\"format\""), "{screen}");
}

#[test]
fn consent_beforehand_is_not_asked_for_again() {
    let database = servers()[0].database();
    installed(&database);
    let (code, screen) = rollback(&database, "--yes").end();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("1,234 rows") && !screen.contains("[y/N]"), "{screen}");
}

/// Somebody rolls back cache while the question is on the screen.
fn changed_meanwhile(modules: &str) -> String {
    let database = servers()[0].database();
    installed(&database);
    let mut terminal = Terminal::run(&format!("rollback {modules} --apply --addr={}", database.url()));
    terminal.wait_for_question("Roll back");
    pevensie_pg(&["rollback", "cache@0", "--apply", "--yes", "--addr", &database.url()]).run().ok();
    let before = everything(&database);
    terminal.press("y");
    let (code, screen) = terminal.end_on_screen();
    let screen = screen.text();
    assert_eq!(everything(&database), before, "{screen}");
    assert_eq!(code, 1, "{screen}");
    screen
}

#[test]
fn what_was_not_shown_is_not_done() {
    let screen = changed_meanwhile("auth@0 cache@0 base@0");
    snapshot_filters().bind(|| insta::assert_snapshot!(screen));
}

#[test]
fn what_was_shown_and_cannot_be_done_any_more_is_not_done() {
    let screen = changed_meanwhile("auth cache");
    assert!(screen.contains("error: the database was changed by somebody else in the meantime"), "{screen}");
}

#[test]
fn a_password_is_asked_for() {
    let database = servers()[0].database();
    database.execute("create schema pevensie authorization scram");
    let addr = format!("--addr={}", database.url_as("scram"));
    let pending = format!("{} migrations pending", migrations_of("base").chain(migrations_of("auth")).count());
    for (password, code, words) in [
        ("correct horse", 0, pending.as_str()),
        ("correct donkey", 1, "password authentication failed for user \"scram\" (28P01)"),
        ("", 1, "the server wants a password, and none is given"),
    ] {
        let mut terminal = Terminal::run(&format!("migrate auth {addr}"));
        terminal.wait_for_question("Password for ");
        terminal.press(&format!("{password}\r"));
        let (ended, screen) = terminal.end();
        assert!(ended == code && screen.contains(words), "{password:?}: {ended}\n{screen}");
        assert!(password.is_empty() || !screen.contains(password), "the password shows: {screen}");
    }
}

#[test]
fn a_password_is_asked_for_once() {
    let database = servers()[0].database();
    database.execute("create schema pevensie authorization scram");
    let addr = format!("--addr={}", database.url_as("scram"));
    let mut terminal = Terminal::run(&format!("migrate auth --apply {addr}"));
    terminal.wait_for_question("Password for ");
    terminal.press("correct horse\r");
    let (code, screen) = terminal.end();
    assert_eq!((code, screen.matches("[hidden]").count()), (0, 1), "{screen}");

    let mut terminal = Terminal::run(&format!("rollback auth@0 base@0 --apply {addr}"));
    terminal.wait_for_question("Password for ");
    terminal.press("correct horse\r");
    terminal.wait_for_question(QUESTION);
    terminal.press("y");
    let (code, screen) = terminal.end();
    assert_eq!((code, screen.matches("[hidden]").count()), (0, 1), "{screen}");
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let database = servers()[0].database();
    for flags in [&["status"][..], &["migrate", "auth", "--apply"], &["rollback", "auth", "--apply", "--yes"]] {
        let output =
            pevensie_pg(&[flags, &["--addr", &database.url_as("scram")]].concat()).stdin("correct horse\n").run();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        assert!(
            output.stderr.contains("the server wants a password, and none is given\nhint: set PGPASSWORD"),
            "{}",
            output.stderr
        );
    }
    installed(&database);
    let before = everything(&database);
    let rollback = ["rollback", "auth", "cache", "--apply", "--addr", &database.url()];
    let output = pevensie_pg(&rollback).stdin("y\n").run();
    assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{}", output.snapshot());
    assert_eq!(everything(&database), before);
}

#[test]
fn ctrl_c_at_the_password_is_an_interruption() {
    let database = servers()[0].database();
    let mut terminal = Terminal::run(&format!("status --addr={}", database.url_as("scram")));
    terminal.wait_for_question("Password for ");
    terminal.press("\x03");
    let (code, screen) = terminal.end();
    assert!(code == 130 && screen.contains("interrupted; nothing was changed"), "{code}\n{screen}");
}
