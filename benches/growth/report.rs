//! What is written about it.

mod markdown;

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::databases::Taken;
use crate::goals::Goal;
use crate::machine::Machine;
use crate::pages;
use crate::series::Series;
pub use markdown::table;

/// Everything that is known after a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The day, in UTC.
    pub date: String,
    /// What measures all this again.
    pub command: &'static str,
    /// What it ran on.
    pub machine: Machine,
    /// The version of the server.
    pub postgresql: String,
    /// Our version.
    pub pevensie_pg: String,
    /// The version of sqlx-cli, if it was there.
    pub sqlx_cli: Option<String>,
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// With many relations that are not ours.
    pub relations: Vec<Series>,
    /// With many records in the ledger.
    pub records: Vec<Series>,
    /// With many migrations in a bundle.
    pub migrations: Vec<Series>,
    /// On many databases.
    pub databases: Vec<Taken>,
}

impl Report {
    /// As a page.
    pub fn markdown(&self) -> String {
        markdown::page(self)
    }

    /// Writes the page and the figures into a folder.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        pages::write("growth", folder, &[("growth.md", self.markdown()), ("growth.json", json)])
    }
}
