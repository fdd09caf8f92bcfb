//! Files for other tools: printed, or written into a folder.

use std::path::Path;

use super::args::Form;
use super::failure::Failure;
use super::out::{self, FileState};
use super::ui::Ui;
use crate::export::{Existing, File, Files, Format, Item};
use crate::migration::bundle::Bundle;
use crate::migration::migration::Migration;
use crate::migration::module::Level;
use crate::migration::plan::{Manner, Plan};
use crate::render::json::{self, FileBody, PrintBody};

/// What is exported for whom.
pub struct Export<'a> {
    /// The tool.
    pub format: &'a Format,
    /// How it wants files.
    pub files: &'a Files,
    /// The migrations.
    pub bundle: &'a Bundle,
    /// What is said to be installed.
    pub installed: &'a [Level],
}

impl Export<'_> {
    /// Prints the files of a plan, or writes into the folder those that are not there yet.
    pub fn run(
        &self,
        plan: Plan<'_>,
        folder: Option<&Path>,
        first: Option<u64>,
        form: Form,
        ui: &Ui,
    ) -> Result<(), Failure> {
        let existing = Existing(folder.map(out::names).transpose()?.unwrap_or_default());
        let plan = self.online(plan, &existing, ui);
        let items = Item::of(&plan, self.bundle);
        let numbers = existing.numbers(first);
        if let Some(number) = numbers.clash(&items) {
            let message = format!("--first: the folder has a file with the number {number} already");
            return Err(Failure::usage(message, Some("leave out --first: new files follow those that are there")));
        }
        let files = if items.is_empty() { Vec::new() } else { (self.files.write)(&items, &numbers) };
        let Some(folder) = folder else {
            return ui.result(&match form {
                Form::Text => files.iter().map(|file| file.heading() + &file.text).collect::<Vec<_>>().join("\n"),
                Form::Document => json::write("print", PrintBody::files(&plan, files.iter().map(printed).collect())),
            });
        };
        let written = out::write(folder, &files)?;
        ui.result(&match form {
            Form::Text => out::lines(&written),
            Form::Document => json::write("print", PrintBody::files(&plan, written.iter().map(out::body).collect())),
        })?;
        if written.iter().any(|(_, state)| *state != FileState::Kept) {
            ui.hint(&format!("to apply them, run: {}", self.files.next));
        }
        Ok(())
    }

    /// Has indexes built online where their tables are in use by then, if the tool can do that.
    fn online<'b>(&self, plan: Plan<'b>, existing: &Existing, ui: &Ui) -> Plan<'b> {
        let is_online = |migration: &Migration| existing.is_online(self.bundle, self.installed, migration);
        if self.files.manner == Manner::Online {
            let is_blocking = |migration: &&Migration| existing.is_blocking(self.installed, migration);
            let migrations = plan.migrations().map(|(migration, _)| migration).filter(is_blocking);
            let indexes: Vec<String> = migrations.filter_map(Migration::index).collect();
            if !indexes.is_empty() {
                ui.hint(&format!(
                    "{}: exported before to be built in a transaction, where\n\
                     whoever writes has to wait; where no database has these files applied, remove\n\
                     them and run this again",
                    indexes.join(", ")
                ));
            }
            return plan.online_where(is_online);
        }
        if plan.migrations().any(|(migration, _)| is_online(migration)) {
            ui.hint(&format!(
                "{} builds indexes in a transaction, where whoever writes has to wait: for a\n\
                 large database in use, take pevensie-pg migrate --apply and mark these as applied",
                self.format.name,
            ));
        }
        plan
    }
}

fn printed(file: &File) -> FileBody<'_> {
    FileBody { path: &file.path, text: Some(&file.text), state: None }
}
