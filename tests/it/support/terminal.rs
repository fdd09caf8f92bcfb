//! A terminal with somebody before it.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use super::command::inherited;
use super::screen::Screen;

const PATIENCE: Duration = Duration::from_secs(60);

/// The binary on a pseudo-terminal, which `script` of util-linux makes.
pub(crate) struct Terminal {
    process: Child,
    columns: u16,
    keyboard: ChildStdin,
    output: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Terminal {
    /// Runs the binary with these words, none of which holds a quote; the shell gets them as they are.
    pub(crate) fn run(words: &str) -> Self {
        Self::run_in(80, words, &[])
    }

    /// Runs it likewise on a terminal of so many columns, with these variables.
    pub(crate) fn run_in(columns: u16, words: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new("script");
        let line = format!(r#"stty rows 24 cols {columns}; exec "$pg" {words}"#);
        command.args(["-q", "-e", "-c", &line, "/dev/null"]);
        command.env_clear().envs(inherited()).env("TERM", "xterm");
        command.env("SHELL", "/bin/sh").env("pg", env!("CARGO_BIN_EXE_pevensie-pg")).envs(variables.iter().copied());
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = streams.spawn().expect("util-linux is installed");
        let (keyboard, mut screen) = (process.stdin.take().expect("piped"), process.stdout.take().expect("piped"));
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { process, columns, keyboard, output, seen: Vec::new() }
    }

    /// Sends a signal, by its name without SIG, to the binary.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("Linux says so");
        let status = Command::new("kill").arg(format!("-{name}")).args(children.split_whitespace()).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -{name} failed");
    }

    /// What somebody sees by now who looks at the terminal.
    pub(crate) fn look(&self) -> Screen {
        Screen::of(&self.seen, self.columns)
    }

    /// What is on the screen by now, without colours.
    fn screen(&self) -> String {
        self.text().replace('\r', "")
    }

    /// Everything that was ever on the screen, with the returns to the beginning of a line, without colours.
    fn text(&self) -> String {
        console::strip_ansi_codes(&String::from_utf8_lossy(&self.seen)).into_owned()
    }

    /// Waits until the question is on the screen and the terminal listens without showing what is typed: keys that come
    /// before that would be shown, and thrown away with it.
    pub(crate) fn wait_for_question(&mut self, question: &str) {
        self.wait_for(question);
        let descriptors = format!("/proc/{}/fd", self.process.id());
        let links =
            fs::read_dir(descriptors).expect("it runs").filter_map(|link| fs::read_link(link.ok()?.path()).ok());
        let terminal = links.into_iter().find(|path| path.starts_with("/dev/pts")).expect("that is what script is for");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let settings = Command::new("stty").arg("-aF").arg(&terminal).output().expect("there is stty").stdout;
            if String::from_utf8_lossy(&settings).contains(" -echo ") {
                return;
            }
            assert!(Instant::now() < deadline, "the terminal still echoes:\n{}", self.screen());
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.screen().contains(text) {
            let more = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            self.seen.extend(more.unwrap_or_else(|_| panic!("no {text:?} on the screen:\n{}", self.screen())));
        }
    }

    /// Waits until somebody sees the text who looks at the terminal: what was wiped away does not count.
    pub(crate) fn wait_until_shown(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.look().text().contains(text) {
            let more = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            self.seen.extend(more.unwrap_or_else(|_| panic!("no {text:?} is shown:\n{}", self.look().text())));
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush()).expect("somebody reads");
    }

    /// Waits for the end, within reason, and returns the exit code and the whole screen.
    pub(crate) fn end(self) -> (i32, String) {
        let (code, text) = self.end_as_written();
        (code, text.replace('\r', ""))
    }

    /// Waits for the end likewise, and returns the exit code and what somebody sees who looks at the terminal then.
    pub(crate) fn end_on_screen(mut self) -> (i32, Screen) {
        let code = self.wait_for_end();
        (code, self.look())
    }

    /// Waits for the end likewise, and returns the exit code and everything that was ever on the screen.
    pub(crate) fn end_as_written(mut self) -> (i32, String) {
        let code = self.wait_for_end();
        (code, self.text())
    }

    /// Waits for the end likewise, and returns the exit code and everything that was written, with its escapes.
    pub(crate) fn end_as_bytes(mut self) -> (i32, String) {
        let code = self.wait_for_end();
        (code, String::from_utf8_lossy(&self.seen).into_owned())
    }

    fn wait_for_end(&mut self) -> i32 {
        // One for all of it: a spinner writes for as long as it turns.
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(more) => self.seen.extend(more),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; on the screen is:\n{}", self.screen()),
            }
        }
        // A program that hides the cursor and forgets it leaves a terminal that nobody can work with.
        let bytes = String::from_utf8_lossy(&self.seen);
        assert_eq!(
            bytes.matches("\x1b[?25l").count(),
            bytes.matches("\x1b[?25h").count(),
            "the cursor is hidden:\n{bytes}"
        );
        let status = self.process.wait().expect("it is our child");
        status.code().expect("script always has a code")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
