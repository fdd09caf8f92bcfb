//! What is said while something takes time, and what is left of it.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::support::{Screen, Terminal, eventually, servers};

/// A server that takes connections and never says a word.
struct Mute(TcpListener);

impl Mute {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener.set_nonblocking(true).expect("a socket can be asked"); // for one that nobody comes to
        Self(listener)
    }

    fn status(&self, more: &str) -> String {
        let port = self.0.local_addr().expect("it listens").port();
        format!("status --addr=postgres://app@127.0.0.1:{port}/shop?sslmode=disable {more}")
    }

    /// Waits until somebody has connected and waits for an answer.
    fn wait_for_guest(&self) -> TcpStream {
        let mut guest = None;
        eventually("somebody comes", || {
            guest = self.0.accept().ok();
            guest.is_some()
        });
        let (mut guest, _) = guest.expect("somebody came");
        guest.set_nonblocking(false).expect("a socket can wait");
        guest.set_read_timeout(Some(Duration::from_secs(60))).expect("it is not zero");
        assert!(guest.read(&mut [0; 8]).expect("somebody speaks") > 0);
        guest
    }
}

const WAITING: &str = "connecting to database \"shop\" on 127.0.0.1";

fn assert_clean(screen: &Screen, message: &str) {
    assert!(!screen.is_cursor_hidden(), "{}", screen.text());
    assert!(screen.text().starts_with(message), "nothing else is left:\n{}", screen.text());
}

#[test]
fn many_databases_are_counted() {
    let (server, database) = (Mute::new(), servers()[0].database());
    let mut terminal = Terminal::run(&server.status(&format!("--connect-timeout=60s --addr={}", database.url())));
    let _guest = server.wait_for_guest();
    terminal.wait_for("1 of 2");
    terminal.signal("INT");
    let (code, screen) = terminal.end_on_screen();
    assert_eq!(code, 130);
    assert_clean(&screen, "failed     database \"shop\"");
    assert!(screen.text().contains("2 databases: 1 pending, 1 failed"), "{}", screen.text());
    assert!(!screen.text().contains(" of 2"), "{}", screen.text());
}

#[test]
fn a_slow_connection_is_waited_for_in_a_line_that_goes_away() {
    let server = Mute::new();
    for (signal, key) in [(Some("TERM"), ""), (Some("INT"), ""), (None, "\x03")] {
        let mut terminal = Terminal::run(&server.status("--connect-timeout=60s"));
        let _guest = server.wait_for_guest();
        terminal.wait_for(WAITING);
        // It turns, and tells the time.
        terminal.wait_for("1 s  connecting");
        match signal {
            Some(name) => terminal.signal(name),
            None => terminal.press(key),
        }
        let (code, screen) = terminal.end_on_screen();
        assert_eq!(code, 130);
        assert!(!screen.text().contains("connecting"), "{}", screen.text());
        assert!(screen.text().contains("error: interrupted"), "{}", screen.text());
        assert!(!screen.is_cursor_hidden());
    }
    let mut terminal = Terminal::run(&server.status("--connect-timeout=1s"));
    let _guest = server.wait_for_guest();
    terminal.wait_for(WAITING);
    let (code, screen) = terminal.end_on_screen();
    assert_eq!(code, 1);
    assert_clean(&screen, "error: ");
}

#[test]
fn what_is_waited_for_is_cut_at_the_edge() {
    let server = Mute::new();
    for columns in [20, 40] {
        let mut terminal = Terminal::run_in(columns, &server.status("--connect-timeout=60s"), &[]);
        let _guest = server.wait_for_guest();
        terminal.wait_for("2 s  conn");
        let screen = terminal.look();
        assert_eq!((screen.wrapped(), screen.text().lines().count()), (vec![], 1), "{}", screen.text());
        terminal.signal("TERM");
        assert_eq!(terminal.end_on_screen().0, 130);
    }
}

/// Who looks later, or reads a file, sees no movement of the cursor.
#[test]
fn there_is_no_line_where_nobody_sees_it_go() {
    let server = Mute::new();
    for (more, variables) in [
        ("--quiet", &[][..]),
        ("", &[("TERM", "dumb")]),
        ("", &[("TERM", "")]),
        ("2>&1 | cat", &[]),
        ("2>/dev/null", &[]),
    ] {
        let words = server.status(&format!("--connect-timeout=1s {more}"));
        let terminal = Terminal::run_in(80, &words, variables);
        let _guest = server.wait_for_guest();
        let (_, written) = terminal.end_as_bytes();
        for forbidden in ["connecting", "\x1b[2K", "\x1b[?25"] {
            assert!(!written.contains(forbidden), "{more} {variables:?}: {written:?}");
        }
        assert!(!written.replace("\r\n", "").contains('\r'), "{more} {variables:?}: {written:?}");
    }
}

#[test]
fn without_colours_there_is_a_line_all_the_same() {
    let server = Mute::new();
    let mut terminal = Terminal::run_in(80, &server.status("--connect-timeout=1s"), &[("NO_COLOR", "1")]);
    let _guest = server.wait_for_guest();
    terminal.wait_for(WAITING);
    assert_clean(&terminal.end_on_screen().1, "error: ");
}

#[test]
fn each_part_of_a_run_that_takes_long_is_named() {
    let database = servers()[0].database();
    database.slow_down(0.3);
    let mut terminal = Terminal::run(&format!("migrate auth --apply --addr={}", database.url()));
    terminal.wait_for("applying 5 migrations");
    let (code, screen) = terminal.end_on_screen();
    assert_eq!(code, 0, "{}", screen.text());
    assert_clean(&screen, "applied  base   20241222140532  uuid7\n");
    assert_eq!(screen.text().lines().count(), 6, "{}", screen.text());
}
