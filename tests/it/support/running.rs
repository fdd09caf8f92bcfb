//! A process that a test watches, signals or kills.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::output::Output;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running command; killed if the test ends before it.
pub(crate) struct Running {
    child: Child,
    typed: String,
    stdout: Option<JoinHandle<String>>,
    stderr_lines: Receiver<String>,
    stderr: String,
    _home: Folder,
}

impl Running {
    pub(super) fn new(mut child: Child, typed: String, home: Folder) -> Self {
        let stderr = child.stderr.take().expect("stderr is piped");
        let (sender, stderr_lines) = channel();
        // Where it is not piped, somebody else reads it, or nobody.
        let stdout = child.stdout.take().map(|mut stdout| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                stdout.read_to_end(&mut bytes).expect("a pipe can be read");
                String::from_utf8(bytes).expect("stdout is UTF-8")
            })
        });
        thread::spawn(move || {
            let mut stderr = BufReader::new(stderr);
            let mut line = String::new();
            while stderr.read_line(&mut line).expect("stderr is UTF-8") > 0 {
                if sender.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        Self { child, typed, stdout, stderr_lines, stderr: String::new(), _home: home }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until stderr has a line that contains the text.
    pub(crate) fn wait_for_stderr(&mut self, text: &str) {
        self.wait_for_stderr_times(text, 1);
    }

    /// Waits until stderr has a line that begins with the text, and returns the rest of it.
    pub(crate) fn wait_for_stderr_line(&mut self, start: &str) -> String {
        self.wait_for_stderr(start);
        let line = self.stderr.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_else(|| panic!("{}: no line begins with {start:?}:\n{}", self.typed, self.stderr)).to_owned()
    }

    /// Waits until stderr has the text so many times.
    pub(crate) fn wait_for_stderr_times(&mut self, text: &str, times: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.stderr.matches(text).count() < times {
            let more = self.read_stderr(deadline);
            assert!(more.is_ok(), "{}: no {text:?} on stderr:\n{}", self.typed, self.stderr);
        }
    }

    /// Sends a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -{name} failed");
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_some()
    }

    /// Kills it where it stands.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
    }

    /// Waits for its end, within reason.
    pub(crate) fn wait(mut self) -> Output {
        let deadline = Instant::now() + PATIENCE;
        // Its stderr is closed when it ends, so that there is nothing to poll.
        let end = loop {
            if let Err(end) = self.read_stderr(deadline) {
                break end;
            }
        };
        let closed = end == RecvTimeoutError::Disconnected;
        assert!(closed, "{} does not end; stderr so far:\n{}", self.typed, self.stderr);
        let status = self.child.wait().expect("it is our child");
        let stdout = self.stdout.take().map(|stdout| stdout.join().expect("stdout is UTF-8")).unwrap_or_default();
        Output { typed: self.typed.clone(), stdout, stderr: self.stderr.clone(), code: code(status) }
    }

    fn read_stderr(&mut self, deadline: Instant) -> Result<(), RecvTimeoutError> {
        let remaining = deadline.saturating_duration_since(Instant::now());
        self.stderr += &self.stderr_lines.recv_timeout(remaining)?;
        Ok(())
    }
}

/// The exit code as a shell gives it: 128 and the signal's number for a process that a signal ended.
fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).expect("it ended either way")
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
