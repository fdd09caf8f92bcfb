//! What this tool costs, and what other migration tools cost for the same work: wall time, CPU time, memory, round trips.
//!
//! Run by `scripts/bench`, which brings the server and the tools along: `PEVENSIE_PG_BENCH_DIR` is an empty folder to work
//! in, `PEVENSIE_PG_BENCH_REPORT` the folder for the report. Without the latter the report is only printed.

mod address;
mod bench;
mod figure;
mod goals;
mod machine;
mod migrations;
mod network;
mod pages;
mod report;
mod rounds;
mod sample;
mod scenario;
mod server;
mod statistics;
mod tool;
mod tools;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use bench::Bench;
use report::Report;
use rounds::{Extent, count, measure};
use server::Server;

fn main() -> Result<()> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    if let Some((_, rest)) = arguments.split_first().filter(|(first, _)| *first == sample::RUN) {
        return sample::run(rest);
    }
    let extent = if arguments.iter().any(|argument| argument == "--quick") { Extent::Quick } else { Extent::Full };
    let folder = env::var_os("PEVENSIE_PG_BENCH_DIR").context("run this by scripts/bench")?;
    let server = Server::of_environment()?;
    let bench = Bench::prepare(&server, &PathBuf::from(folder), extent)?;

    let trips = count(&bench)?;
    let samples = measure(&bench, extent)?;
    let report = Report::of(&bench, extent, &trips, &samples)?;

    println!("{}", report.markdown());
    if let Some(folder) = env::var_os("PEVENSIE_PG_BENCH_REPORT") {
        report.write(&PathBuf::from(folder))?;
    }
    Ok(())
}
