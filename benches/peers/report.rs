//! What is written about it.

mod markdown;
mod svg;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::address::Transport;
use super::bench::Bench;
use super::figure::{Counts, Figure, Samples};
use super::goals::{Goal, goals};
use super::machine::Machine;
use super::pages;
use super::rounds::Extent;
use super::scenario::Scenario;

/// A tool, and which it was.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: String,
}

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
    /// The tools, ours first.
    pub tools: Vec<Named>,
    /// The size of our binary, in bytes.
    pub binary_bytes: u32,
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// What was measured.
    pub figures: Vec<Figure>,
}

impl Report {
    /// Makes it of what was measured and counted.
    pub fn of(bench: &Bench<'_>, extent: Extent, counts: &Counts, samples: &Samples) -> Result<Self> {
        let binary = fs::metadata(&bench.tools[0].program)?.len();
        let binary_bytes = u32::try_from(binary).context("the binary has less than 4 GB")?;
        let figures = Figure::of_all(samples, counts);
        let tools = bench.tools.iter().map(|ready| Named { name: ready.tool.name, version: ready.version.clone() });
        Ok(Self {
            date: pages::today(),
            command: match extent {
                Extent::Quick => "scripts/bench --quick",
                Extent::Full => "scripts/bench",
            },
            machine: Machine::this(),
            postgresql: bench.server.version.clone(),
            tools: tools.collect(),
            binary_bytes,
            goals: goals(&figures, binary_bytes),
            figures,
        })
    }

    /// As a page.
    pub fn markdown(&self) -> String {
        markdown::page(self)
    }

    /// Writes the page, the figures and the plot into a folder.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        let pages = [("peers.md", self.markdown()), ("peers.json", json), ("peers.svg", svg::plot(self))];
        pages::write("peers", folder, &pages)
    }

    fn figure(&self, tool: &str, transport: Transport, scenario: Scenario) -> Option<&Figure> {
        let is_it =
            |figure: &&Figure| figure.tool == tool && figure.transport == transport && figure.scenario == scenario;
        self.figures.iter().find(is_it)
    }
}
