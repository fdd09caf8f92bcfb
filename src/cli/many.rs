//! One command on many databases.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use serde::Serialize;

use super::args::{ConnectionArgs, Form};
use super::connection;
use super::databases::DatabasesArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::ui::Ui;
use crate::pg::database::Database;
use crate::pg::interrupt::Interrupt;
use crate::render::json::{self, Place};
use crate::render::many::{self, Row, Word};
use crate::render::problem::{self, Gravity};

/// What is done to each of many databases.
pub struct Many<'a> {
    /// The command.
    pub command: &'static str,
    /// The databases.
    pub databases: &'a DatabasesArgs,
    /// How to get there.
    pub connection: &'a ConnectionArgs,
    /// How long to keep trying while a server has as many sessions as it may have.
    pub full_wait: Duration,
    /// In which form what becomes of each is wanted.
    pub form: Form,
}

/// What became of one of them.
pub struct Outcome {
    /// How the process would end, were it the only one.
    pub exit: Exit,
    /// What is said of it.
    pub row: Row,
    /// Its JSON document, where that is wanted.
    pub document: String,
    /// What GitHub Actions is to show beside the run.
    pub annotations: String,
}

impl Many<'_> {
    /// Writes the document about one of them, where documents are wanted.
    pub fn document(&self, place: Place<'_>, body: impl Serialize) -> String {
        match self.form {
            Form::Text => String::new(),
            Form::Document => json::line(self.command, place, body),
        }
    }

    /// Does it to all of them, and reports in the order in which they were given. None of them stops the others.
    pub async fn run(
        &self,
        work: impl AsyncFn(&Database, Place<'_>) -> Result<Outcome, Failure>,
        ui: &Ui,
    ) -> Result<Exit, Failure> {
        let settings = self.databases.settings()?;
        connection::describe(&settings, ui);
        let interrupt = Interrupt::listen();
        let at = |settings| connection::at(settings, self.connection, self.command, self.full_wait, interrupt.clone());
        let databases: Vec<Database> = settings.into_iter().map(at).collect();
        let addresses: Vec<String> = databases.iter().map(|database| database.settings.address().to_string()).collect();
        let place = |nth: usize| Place { number: nth + 1, address: &addresses[nth] };
        ui.count(databases.len());

        let is_enough = Cell::new(false);
        let one = async |(nth, database): (usize, &Database)| {
            let outcome = work(database, place(nth)).await.unwrap_or_else(|failure| self.failed(&failure, place(nth)));
            let stops = outcome.exit == Exit::Interrupted || self.databases.fail_fast && outcome.exit != Exit::Done;
            is_enough.set(is_enough.get() || stops);
            (nth, outcome)
        };
        let begun = databases.iter().enumerate().take_while(|_| !is_enough.get());
        let ended = stream::iter(begun).map(one).buffer_unordered(self.databases.jobs());
        let mut ended = std::pin::pin!(ended);
        let mut report = Report::of(self, &addresses, ui);
        while let Some((nth, outcome)) = ended.next().await {
            report.take(nth, outcome);
        }
        report.end()
    }

    fn failed(&self, failure: &Failure, place: Place<'_>) -> Outcome {
        let details = failure.problems().iter().map(|problem| problem::text(problem, Gravity::Error)).collect();
        Outcome {
            exit: failure.exit(),
            row: Row { word: Word::Failed, summary: String::new(), details },
            document: self.document(place, failure.body()),
            // The error is shown by itself.
            annotations: String::new(),
        }
    }
}

/// What is reported, in order.
struct Report<'a> {
    all: &'a Many<'a>,
    addresses: &'a [String],
    width: usize,
    ui: &'a Ui,
    /// What came before its turn.
    early: BTreeMap<usize, Outcome>,
    next: usize,
    words: BTreeMap<Word, usize>,
    exit: Exit,
    written: Result<(), Failure>,
}

impl<'a> Report<'a> {
    fn of(all: &'a Many<'a>, addresses: &'a [String], ui: &'a Ui) -> Self {
        let (early, words, width) = (BTreeMap::new(), BTreeMap::new(), many::width(addresses));
        Self { all, addresses, width, ui, early, next: 0, words, exit: Exit::Done, written: Ok(()) }
    }

    fn take(&mut self, nth: usize, outcome: Outcome) {
        self.ui.counted();
        *self.words.entry(outcome.row.word).or_default() += 1;
        self.exit = self.exit.graver(outcome.exit);
        self.early.insert(nth, outcome);
        while let Some(outcome) = self.early.remove(&self.next) {
            let text = match self.all.form {
                Form::Text => many::row(&outcome.row, &self.addresses[self.next], self.width),
                Form::Document => outcome.document,
            };
            // What was begun is finished, whether somebody reads of it or not.
            if self.written.is_ok() {
                self.written = self.ui.row(&text);
            }
            if !outcome.annotations.is_empty() {
                self.ui.raw(&outcome.annotations);
            }
            self.next += 1;
        }
    }

    fn end(self) -> Result<Exit, Failure> {
        self.ui.say(&many::summary(&self.words, self.addresses.len()));
        self.written.map(|()| self.exit)
    }
}
