//! Bundles with many migrations, planned and written without a server.
//!
//! What does that is private to the library, and pure: it is compiled along with this benchmark.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::export::sql;
use crate::extent::Extent;
use crate::migration::bundle::Bundle;
use crate::migration::checksum::Checksum;
use crate::migration::history;
use crate::migration::ledger::{Action, Ledger, Record, Row};
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::plan::Plan;
use crate::migration::version::Version;
use crate::migration::wish::{Depth, Target, Wish};
use crate::series::{Series, measure};

/// A bundle, and a database that has all of it.
struct Sample {
    bundle: Bundle,
    installed: Ledger,
}

/// Of so many in a row the fastest counts: what is done in microseconds is not to be charged with what interrupts it.
const TRIES: usize = 3;

/// What is done with it; returns how long that took.
type Work = fn(&Sample) -> Result<Duration>;

/// Measures with each number of migrations.
pub fn run(extent: Extent) -> Result<Vec<Series>> {
    let sizes = extent.migrations();
    eprintln!("growth: bundles of {sizes:?} migrations");
    let samples: Vec<Sample> = sizes.into_iter().map(Sample::of).collect::<Result<_>>()?;
    let works: [(&'static str, Work); 5] = [
        ("plan an install", |sample| Ok(timed(|| sample.install())?.0)),
        ("write the script of the install", |sample| written(&sample.install()?)),
        ("judge the history, find nothing to do", |sample| {
            let (took, is_current) = timed(|| {
                let faults = history::faults(&sample.bundle, &sample.installed);
                Ok(faults.is_empty() && migrate().plan(&sample.bundle, &sample.installed)?.is_empty())
            })?;
            ensure!(is_current, "everything is installed");
            Ok(took)
        }),
        ("plan a rollback of everything", |sample| Ok(timed(|| sample.rollback())?.0)),
        ("write the script of the rollback", |sample| written(&sample.rollback()?)),
    ];
    measure(extent.rounds_within(), &works, &sizes, |work, size| {
        let nth = sizes.iter().position(|known| *known == size).context("it is one of them")?;
        let mut fastest = work(&samples[nth])?;
        for _ in 1..TRIES {
            fastest = fastest.min(work(&samples[nth])?);
        }
        Ok(fastest)
    })
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(Duration, T)> {
    let began = Instant::now();
    let result = black_box(work()?);
    Ok((began.elapsed(), result))
}

fn written(plan: &Plan<'_>) -> Result<Duration> {
    let (took, text) = timed(|| Ok(sql::write(plan)))?;
    ensure!(text.matches("insert into pevensie.migration_log").count() == plan.migrations().count(), "all is written");
    Ok(took)
}

fn migrate() -> Wish {
    Wish::Migrate(vec![(Module::Auth, Target::Newest), (Module::Cache, Target::Newest)])
}

impl Sample {
    /// Makes so many migrations, by turns of each module, each of which creates a table with an index.
    fn of(size: u32) -> Result<Self> {
        let migrations: Vec<Migration> = (0..size).map(migration).collect::<Result<_>>()?;
        let bundle = Bundle::new(migrations, Vec::new());
        let newest = |module| bundle.of(module).next_back();
        let rows = Module::ALL.into_iter().filter_map(newest).map(|migration| Row {
            module: migration.module.to_string(),
            version: migration.version.to_string(),
            checksum: Some(migration.checksum.to_string()),
        });
        let log = bundle.migrations().iter().map(record).collect();
        let installed = Ledger::Current { rows: rows.collect(), latest: log };
        Ok(Self { bundle, installed })
    }

    fn install(&self) -> Result<Plan<'_>> {
        Ok(migrate().plan(&self.bundle, &Ledger::Absent)?)
    }

    fn rollback(&self) -> Result<Plan<'_>> {
        let modules = Module::ALL.into_iter().map(|module| (module, Depth::To(None)));
        Ok(Wish::Rollback(modules.collect()).plan(&self.bundle, &self.installed)?)
    }
}

fn migration(nth: u32) -> Result<Migration> {
    let module = Module::ALL[nth as usize % Module::ALL.len()];
    let version: Version = format!("20260101{:02}{:02}{:02}", nth / 3600, nth / 60 % 60, nth % 60).parse()?;
    let table = format!("pevensie.t{nth}");
    let up = format!(
        "create table {table} (\n  id uuid primary key default pevensie.uuid7(),\n  name text not null,\n  \
         created_at timestamptz not null default now()\n);\n\ncreate index t{nth}_name_idx on {table} (name);\n"
    );
    Ok(Migration {
        module,
        version,
        name: format!("t{nth}").into(),
        checksum: Checksum::of(&up),
        up: up.into(),
        online: None,
        down: format!("drop table {table};\n").into(),
        catalog: "".into(),
        accepted: Vec::new(),
    })
}

fn record(migration: &Migration) -> Record {
    Record {
        module: migration.module.to_string(),
        version: migration.version.to_string(),
        action: Action::Up,
        checksum: migration.checksum.to_string(),
        started_at: "2026-01-02T00:00:00.000000Z".to_owned(),
        finished_at: "2026-01-02T00:00:00.000000Z".to_owned(),
        role: "postgres".to_owned(),
        application: "pevensie-pg".to_owned(),
        tool: "pevensie-pg".to_owned(),
    }
}
