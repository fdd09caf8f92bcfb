//! What is being waited for, on a terminal.

use std::io;
use std::time::Duration;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};
use tokio::task::JoinHandle;

use crate::render::time;

/// How long something may take before it is worth a word: what is drawn and gone again at once only flickers.
const DELAY: Duration = Duration::from_millis(200);

/// How often the spinner turns.
const TURN: Duration = Duration::from_millis(125);

/// A line that says what is being waited for, and for how long by now; it is gone when it is dropped.
///
/// The cursor stays where it is, and visible: whatever ends the process, there is nothing to restore.
pub struct Spinner {
    line: ProgressBar,
    appearance: JoinHandle<()>,
}

impl Spinner {
    /// Begins to wait. The line appears on stderr if the runtime has nothing else to do after a moment.
    pub fn start(what: &str) -> Self {
        let spinner = Self::start_on(None, "{wide_msg}", stderr);
        spinner.describe(what);
        spinner
    }

    /// Begins to count to a number, likewise.
    pub fn count(of: usize) -> Self {
        Self::start_on(Some(of as u64), "{bar:30} {pos} of {len}", stderr)
    }

    fn start_on(of: Option<u64>, words: &str, terminal: impl FnOnce() -> ProgressDrawTarget + Send + 'static) -> Self {
        let line = ProgressBar::with_draw_target(of, ProgressDrawTarget::hidden());
        // Longer lines are cut. Every terminal has these characters.
        if let Ok(style) = ProgressStyle::with_template(&format!("{{spinner}} {{waited}}  {words}")) {
            let waited = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                // What cannot be written is not shown.
                let _ = text.write_str(&time::whole(state.elapsed()));
            };
            line.set_style(style.tick_chars(r"-\|/ ").progress_chars("=> ").with_key("waited", waited));
        }
        let appearing = line.clone();
        let appearance = tokio::spawn(async move {
            tokio::time::sleep(DELAY).await;
            appearing.set_draw_target(terminal());
            appearing.enable_steady_tick(TURN);
        });
        Self { line, appearance }
    }

    /// Goes on with something else to wait for.
    pub fn turn_to(&self, what: &str) {
        self.line.reset_elapsed();
        self.describe(what);
    }

    /// Counts one more.
    pub fn counted(&self) {
        self.line.inc(1);
    }

    /// Does something that writes to the same terminal.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.line.suspend(write)
    }

    /// Says more exactly what is being waited for.
    pub fn describe(&self, what: &str) {
        self.line.set_message(what.to_owned());
    }
}

fn stderr() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like(Box::new(Edged(Term::buffered_stderr())))
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.appearance.abort();
        self.line.finish_and_clear();
    }
}

/// A terminal of which two columns at the right edge stay free: there the terminal itself writes `^C`. In the next line it
/// would leave ours behind, because only the line with the cursor is wiped.
#[derive(Debug)]
struct Edged(Term);

impl TermLike for Edged {
    fn width(&self) -> u16 {
        self.0.width().saturating_sub(2)
    }

    fn height(&self) -> u16 {
        self.0.height()
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_left(columns)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_in_a_moment_is_not_mentioned() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let spinner = Spinner::start_on(None, "{wide_msg}", ProgressDrawTarget::hidden);
            tokio::time::sleep(DELAY / 2).await;
            spinner.turn_to("waiting for something else");
            tokio::time::sleep(DELAY / 4).await;
            assert!(!spinner.appearance.is_finished(), "it has appeared");
            // The delay counts from the beginning: many short waits are a long one.
            tokio::time::sleep(DELAY / 2).await;
            assert!(spinner.appearance.is_finished(), "it has not appeared");
        });
    }
}
