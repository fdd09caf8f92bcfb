//! How the cost grows: with relations that are not ours, with records in the ledger, with migrations, with databases.
//!
//! Run by `scripts/bench growth`, which brings the server and sqlx-cli along: `PEVENSIE_PG_BENCH_DIR` is an empty folder to
//! work in, `PEVENSIE_PG_BENCH_REPORT` the folder for the report. Without the latter the report is only printed.

mod bundles;
mod client;
mod databases;
mod extent;
mod goals;
mod records;
mod relations;
mod report;
mod series;

/// What this benchmark shares with `peers`, which uses all of it.
macro_rules! of_peers {
    ($($name:ident at $path:literal),* $(,)?) => {$(
        #[path = $path]
        #[allow(dead_code, reason = "`peers` uses the rest")]
        mod $name;
    )*};
}

of_peers! {
    address at "../peers/address.rs",
    machine at "../peers/machine.rs",
    migrations at "../peers/migrations.rs",
    ours at "../peers/tools/ours.rs",
    pages at "../peers/pages.rs",
    sample at "../peers/sample.rs",
    scenario at "../peers/scenario.rs",
    server at "../peers/server.rs",
    sqlx at "../peers/tools/sqlx.rs",
    statistics at "../peers/statistics.rs",
    tool at "../peers/tool.rs",
}

#[path = "../../src/export/mod.rs"]
#[allow(unused, clippy::all, clippy::pedantic, clippy::unwrap_used, reason = "it is checked where it belongs")]
mod export;
#[path = "../../src/migration/mod.rs"]
#[allow(unused, clippy::all, clippy::pedantic, clippy::unwrap_used, reason = "it is checked where it belongs")]
mod migration;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use client::Client;
use extent::Extent;
use report::Report;
use series::Series;
use server::Server;

fn main() -> Result<()> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    if let Some((_, rest)) = arguments.split_first().filter(|(first, _)| *first == sample::RUN) {
        return sample::run(rest);
    }
    let extent = if arguments.iter().any(|argument| argument == "--quick") { Extent::Quick } else { Extent::Full };
    let folder = PathBuf::from(env::var_os("PEVENSIE_PG_BENCH_DIR").context("run this by scripts/bench")?);
    let server = Server::of_environment()?;
    let client = Client::find(&server, &folder)?;

    let migrations = shown(bundles::run(extent)?);
    let relations = shown(relations::run(&client, extent)?);
    let records = shown(records::run(&client, extent)?);
    let (databases, sqlx_cli) = databases::run(&client, &folder, extent)?;
    let report = Report {
        date: pages::today(),
        command: extent.command(),
        machine: machine::Machine::this(),
        postgresql: server.version.clone(),
        pevensie_pg: client.binary.version.clone(),
        sqlx_cli,
        goals: goals::goals(&relations, &records, &migrations, &databases),
        relations,
        records,
        migrations,
        databases,
    };

    println!("{}", report.markdown());
    if let Some(folder) = env::var_os("PEVENSIE_PG_BENCH_REPORT") {
        report.write(&PathBuf::from(folder))?;
    }
    Ok(())
}

/// Prints a table at once, for those who wait for the others.
fn shown(all: Vec<Series>) -> Vec<Series> {
    eprintln!("\n{}", report::table(&all));
    all
}
