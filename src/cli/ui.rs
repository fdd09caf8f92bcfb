//! The only place that prints, colours and asks.

mod sink;
mod spinner;

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;

use super::args::OutputArgs;
use super::failure::Failure;
use crate::pg::error::Error;
use crate::pg::interrupt::Interrupt;
use crate::render::paint;
use crate::render::problem::{self, Gravity, Problem};
use crate::render::table::Room;
use sink::Sink;
use spinner::Spinner;

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
    stderr: Sink,
    spinner: Mutex<Option<Spinner>>,
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
        let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let (stdout, stderr) = (Sink::of(&io::stdout(), &variable), Sink::of(&io::stderr(), &variable));
        Self {
            talk,
            color_stdout: stdout.has_color(args.color, &variable),
            color_stderr: stderr.has_color(args.color, &variable),
            stderr,
            spinner: Mutex::new(None),
        }
    }

    /// Returns how much room a line has on stdout.
    #[must_use]
    pub fn room() -> Room {
        let size = console::Term::stdout().size_checked();
        size.map_or(Room::Endless, |(_, columns)| Room::Columns(columns.into()))
    }

    /// Prints a result to stdout. A reader that has gone away ends this quietly.
    pub fn result(&self, text: &str) -> Result<(), Failure> {
        self.quiet_down();
        self.stdout(text)
    }

    /// Prints a part of a result to stdout, while something goes on.
    pub fn row(&self, text: &str) -> Result<(), Failure> {
        match &*self.spinner() {
            Some(spinner) => spinner.aside(|| self.stdout(text)),
            None => self.stdout(text),
        }
    }

    fn stdout(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let text = painted(text, self.color_stdout);
        // A program gets every byte as it is.
        let text = if stdout.is_terminal() { paint::harmless(&text) } else { text.as_ref().into() };
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
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

    /// Says why something takes time, and shows on a terminal for how long by now.
    pub fn wait(&self, why: &str, what: &str) {
        self.say(why);
        self.busy(what);
    }

    /// Shows on a terminal, while it lasts, what takes time. Nothing of it stays.
    pub fn busy(&self, what: &str) {
        if self.talk == Talk::Quiet || self.stderr != Sink::Terminal {
            return;
        }
        let mut spinner = self.spinner();
        match &*spinner {
            Some(spinner) => spinner.turn_to(what),
            None => *spinner = Some(Spinner::start(what)),
        }
    }

    /// Shows on a terminal, while it lasts, how many of so many are done.
    pub fn count(&self, of: usize) {
        if self.talk != Talk::Quiet && self.stderr == Sink::Terminal {
            *self.spinner() = Some(Spinner::count(of));
        }
    }

    /// One more of them is done.
    pub fn counted(&self) {
        self.spinner().iter().for_each(Spinner::counted);
    }

    /// Shows on a terminal how far that is what takes time.
    pub fn progress(&self, text: &str) {
        if let Some(spinner) = &*self.spinner() {
            spinner.describe(text);
        }
    }

    /// Takes away what says that something takes time.
    fn quiet_down(&self) {
        self.spinner().take();
    }

    /// Reads stdin to its end.
    pub fn input() -> io::Result<String> {
        io::read_to_string(io::stdin())
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
        let _ = io::stderr().write_all(paint::harmless(&painted(text, self.color_stderr)).as_bytes());
    }

    fn spinner(&self) -> MutexGuard<'_, Option<Spinner>> {
        self.spinner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the terminal was before somebody was asked.
struct Terminal {
    modes: Option<rustix::termios::Termios>,
}

impl Terminal {
    fn remember() -> Self {
        Self { modes: rustix::termios::tcgetattr(io::stdin()).ok() }
    }

    fn restore(&self) {
        // A terminal that is gone needs no restoring.
        if let Some(modes) = &self.modes {
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, modes);
        }
    }
}

fn painted(text: &str, color: bool) -> std::borrow::Cow<'_, str> {
    if color { text.into() } else { console::strip_ansi_codes(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Color;
    use crate::cli::exit::Exit;

    fn asked(prompt: impl FnOnce() -> dialoguer::Result<()> + Send + 'static) -> String {
        let ui = Ui::new(&OutputArgs { quiet: true, verbose: false, color: Color::Never });
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("there are threads");
        let answer = runtime.block_on(ui.ask(&Interrupt::never(), prompt));
        let failure = answer.expect_err("nobody was asked");
        assert_eq!(failure.exit(), Exit::Failed);
        failure.problems().into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn a_terminal_that_cannot_be_asked_on_is_an_error() {
        assert_eq!(
            asked(|| Err(io::Error::other("the terminal is gone").into())),
            "cannot ask on this terminal: IO error: the terminal is gone"
        );
        let said = asked(|| std::panic::resume_unwind(Box::new("no terminal")));
        assert!(said.starts_with("cannot ask: "), "{said}");
    }
}
