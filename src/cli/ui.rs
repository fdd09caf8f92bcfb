//! The only place that prints, colours and asks.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Color, OutputArgs};
use super::failure::Failure;
use crate::pg::error::Error;
use crate::pg::interrupt::Interrupt;
use crate::render::problem::{self, Gravity, Problem};

/// What is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Talk {
    /// Problems only.
    Quiet,
    /// What one needs to know.
    Normal,
    /// Everything.
    Verbose,
}

/// The two streams: stdout for the result, stderr for the conversation.
pub struct Ui {
    talk: Talk,
    color_stdout: bool,
    color_stderr: bool,
    spinner: Mutex<Option<ProgressBar>>,
}

impl Ui {
    /// Decides how to print.
    #[must_use]
    pub fn new(args: &OutputArgs) -> Self {
        let talk = match (args.quiet, args.verbose) {
            (true, _) => Talk::Quiet,
            (false, true) => Talk::Verbose,
            (false, false) => Talk::Normal,
        };
        // NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM are looked at by the library.
        let (color_stdout, color_stderr) = match args.color {
            Color::Auto => (console::colors_enabled(), console::colors_enabled_stderr()),
            Color::Always => (true, true),
            Color::Never => (false, false),
        };
        Self { talk, color_stdout, color_stderr, spinner: Mutex::new(None) }
    }

    /// Prints a result to stdout. A reader that has gone away ends this quietly.
    pub fn result(&self, text: &str) -> Result<(), Failure> {
        self.quiet_down();
        let mut stdout = io::stdout().lock();
        match stdout.write_all(painted(text, self.color_stdout).as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done.context("cannot write to stdout").map_err(Failure::Other),
        }
    }

    /// Says something on stderr.
    pub fn say(&self, text: &str) {
        if self.talk >= Talk::Normal {
            self.stderr(&format!("{text}\n"));
        }
    }

    /// Says something on stderr that only those want to know who ask for everything.
    pub fn whisper(&self, text: &str) {
        if self.talk >= Talk::Verbose {
            self.stderr(&format!("{text}\n"));
        }
    }

    /// Says on stderr what helps.
    pub fn hint(&self, hint: &str) {
        if self.talk >= Talk::Normal {
            self.stderr(&problem::hint(hint));
        }
    }

    /// Reports a problem on stderr.
    pub fn problem(&self, problem: &Problem, gravity: Gravity) {
        self.stderr(&problem::text(problem, gravity));
    }

    /// Writes to stderr as it is, whatever was asked for: for machines that read it.
    pub fn raw(&self, text: &str) {
        self.stderr(text);
    }

    /// Says that something takes time: with a spinner on a terminal, with a line elsewhere.
    pub fn wait(&self, text: &str) {
        self.say(text);
        if self.talk >= Talk::Normal && io::stderr().is_terminal() {
            let spinner = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                spinner.set_style(style);
            }
            spinner.enable_steady_tick(Duration::from_millis(100));
            *self.spinner() = Some(spinner);
        }
    }

    /// Says on a terminal how far that is what takes time.
    pub fn progress(&self, text: &str) {
        if let Some(spinner) = &*self.spinner() {
            spinner.set_message(text.to_owned());
        }
    }

    /// Says whether there is somebody who could answer.
    #[must_use]
    pub fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks yes or no; Enter alone is no.
    pub async fn confirm(&self, question: &str, interrupt: &Interrupt) -> Result<bool, Failure> {
        let question = question.to_owned();
        let prompt = move || dialoguer::Confirm::new().with_prompt(question).default(false).interact_opt();
        let answer = self.ask(interrupt, prompt).await;
        if answer.is_err() {
            // The question hides it until it is answered.
            let _ = console::Term::stderr().show_cursor();
        }
        Ok(answer?.unwrap_or(false))
    }

    /// Asks for a password, which does not show.
    pub async fn password(&self, question: &str, interrupt: &Interrupt) -> Result<String, Failure> {
        let question = question.to_owned();
        let prompt = move || dialoguer::Password::new().with_prompt(question).allow_empty_password(true).interact();
        self.ask(interrupt, prompt).await
    }

    /// Asks in a thread of its own, because Ctrl-C does not end the reading of a line. The terminal is left as it was.
    async fn ask<T: Send + 'static>(
        &self,
        interrupt: &Interrupt,
        prompt: impl FnOnce() -> dialoguer::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.quiet_down();
        let terminal = Terminal::remember();
        let answer = tokio::select! {
            biased;
            () = interrupt.requested() => Err(Error::Interrupted.into()),
            answer = tokio::task::spawn_blocking(prompt) => match answer {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(dialoguer::Error::IO(error))) if error.kind() == io::ErrorKind::Interrupted => {
                    Err(Error::Interrupted.into())
                }
                Ok(Err(error)) => Err(Failure::Other(anyhow::Error::new(error).context("cannot ask on this terminal"))),
                Err(error) => Err(Failure::Other(anyhow::Error::new(error).context("cannot ask"))),
            },
        };
        if answer.is_err() {
            terminal.restore();
            self.raw("\n");
        }
        answer
    }

    fn stderr(&self, text: &str) {
        self.quiet_down();
        // Where stderr is gone there is nobody left to tell.
        let _ = io::stderr().write_all(painted(text, self.color_stderr).as_bytes());
    }

    fn spinner(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.spinner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quiet_down(&self) {
        if let Some(spinner) = self.spinner().take() {
            spinner.finish_and_clear();
        }
    }
}

/// How the terminal was before somebody was asked.
struct Terminal {
    #[cfg(unix)]
    modes: Option<rustix::termios::Termios>,
}

impl Terminal {
    fn remember() -> Self {
        Self {
            #[cfg(unix)]
            modes: rustix::termios::tcgetattr(io::stdin()).ok(),
        }
    }

    fn restore(&self) {
        // A terminal that is gone needs no restoring.
        #[cfg(unix)]
        if let Some(modes) = &self.modes {
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, modes);
        }
    }
}

fn painted(text: &str, color: bool) -> std::borrow::Cow<'_, str> {
    if color { text.into() } else { console::strip_ansi_codes(text) }
}
