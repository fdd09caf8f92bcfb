//! How far a build is, on a terminal; elsewhere nothing but plain lines.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{env, thread};

use super::{PENDING, application, applied, build_waits, commit, first_generation};
use crate::support::{Database, UP, each_server, servers};

const PATIENCE: Duration = Duration::from_secs(20);

/// The upgrade on a pseudo-terminal, which `script` of util-linux makes.
struct Screen {
    process: Child,
    output: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Screen {
    fn of_upgrade(database: &Database<'_>, flags: &str) -> Self {
        let upgrade = format!(r#"stty cols 80; exec "$pg" {} {flags} --addr={}"#, UP.join(" "), database.url());
        let mut command = Command::new("script");
        command.args(["-q", "-e", "-c", &upgrade, "/dev/null"]);
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path))).env("TERM", "xterm");
        command.env("SHELL", "/bin/sh").env("pg", env!("CARGO_BIN_EXE_pevensie-pg"));
        let streams = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = streams.spawn().expect("util-linux is installed");
        let mut screen = process.stdout.take().expect("piped");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { process, output, seen: Vec::new() }
    }

    /// Everything that was ever on the screen, without colours.
    fn text(&self) -> String {
        console::strip_ansi_codes(&String::from_utf8_lossy(&self.seen)).into_owned()
    }

    fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            let more = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            self.seen.extend(more.unwrap_or_else(|_| panic!("no {text:?} on the screen:\n{}", self.text())));
        }
    }

    /// Waits for the end and returns the exit code and everything that was ever on the screen.
    fn end(mut self) -> (i32, String) {
        while let Ok(more) = self.output.recv_timeout(PATIENCE) {
            self.seen.extend(more);
        }
        let status = self.process.wait().expect("it is our child");
        (status.code().expect("script always has a code"), self.text())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_terminal_shows_the_phase() {
    let database = first_generation(&servers()[0]);
    let mut writer = application(&database, "session", "row exclusive");
    let mut screen = Screen::of_upgrade(&database, "");
    screen.wait_for("building index pevensie.session_user_id_idx while its table stays in use");
    screen.wait_for("waiting for writers before build, 0 of 1");
    commit(&mut writer);
    let (code, text) = screen.end();
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
    let screen = Screen::of_upgrade(&database, "--quiet");
    build_waits(&database);
    // A look at the build takes half a second.
    thread::sleep(Duration::from_secs(1));
    commit(&mut writer);
    let (code, text) = screen.end();
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
