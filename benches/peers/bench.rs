//! The tools, each with its project and its databases.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::address::{Transport, Way};
use super::migrations;
use super::rounds::Extent;
use super::sample::{self, Sample};
use super::scenario::Scenario;
use super::server::Server;
use super::tool::{Pace, Reach, Ready, Task};
use super::tools::{ALL, OURS, PSQL};

/// The database that is created for each fresh install.
const EMPTY: &str = "pevensie_pg_bench_empty";
/// One that is as it should be.
const WHOLE: &str = "pevensie_pg_bench_whole";
/// One that lacks an index.
const DRIFTED: &str = "pevensie_pg_bench_drifted";

/// Everything that a run needs.
pub struct Bench<'b> {
    /// The server.
    pub server: &'b Server,
    /// The tools, ours first.
    pub tools: Vec<Ready>,
    /// The statements of all migrations in one text.
    statements: String,
    /// Where programs are looked for.
    path: OsString,
}

impl<'b> Bench<'b> {
    /// Makes the projects in a folder, and installs everything with each tool once.
    pub fn prepare(server: &'b Server, folder: &Path, extent: Extent) -> Result<Self> {
        let migrations = migrations::read()?;
        let mut tools = Vec::new();
        for tool in ALL.into_iter().filter(|tool| extent == Extent::Full || tool.pace == Pace::Quick) {
            tools.extend(Ready::find(tool, folder, &migrations)?);
        }
        for needed in [OURS.name, PSQL.name] {
            ensure!(
                tools.iter().any(|ready| ready.tool.name == needed),
                "{needed} is needed: run this by scripts/bench"
            );
        }
        let statements: Vec<&str> = migrations.iter().map(|migration| migration.sql.as_str()).collect();
        // Debian's psql is a wrapper that looks for the real one, which would cost Sqitch time for each script.
        let psql = env::var_os(PSQL.variable).context("it was there")?;
        let own = Path::new(&psql).parent().map(Path::to_path_buf).into_iter();
        let path = env::join_paths(own.chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())))?;
        let bench = Self { server, tools, statements: statements.concat(), path };
        for ready in &bench.tools {
            bench.install(ready, &ready.database)?;
        }
        let ours = &bench.tools[0];
        for database in [WHOLE, DRIFTED] {
            bench.install(ours, database)?;
        }
        server.execute(DRIFTED, "drop index pevensie.session_expires_at_idx")?;
        Ok(bench)
    }

    fn install(&self, ready: &Ready, database: &str) -> Result<()> {
        self.server.create(database)?;
        if self.run(ready, Scenario::Install, &self.server.by_loopback(), database)?.is_some() {
            self.server.insist_installed(database, ready.tool.name)?;
        }
        Ok(())
    }

    /// Has a tool do something once; `None` where it cannot. Whatever else is needed is done before.
    pub fn once(&self, ready: &Ready, scenario: Scenario, way: &Way) -> Result<Option<Sample>> {
        if way.transport == Transport::Socket && ready.tool.reach == Reach::Tcp {
            return Ok(None);
        }
        let database = match scenario {
            Scenario::Install => EMPTY,
            Scenario::Nothing | Scenario::Status | Scenario::Print => &ready.database,
            Scenario::Drift => DRIFTED,
        };
        if scenario == Scenario::Install {
            self.server.create(EMPTY)?;
        }
        let sample = self.run(ready, scenario, way, database)?;
        if sample.is_some() && matches!(scenario, Scenario::Install | Scenario::Nothing) {
            self.server.insist_installed(database, ready.tool.name)?;
        }
        Ok(sample)
    }

    fn run(&self, ready: &Ready, scenario: Scenario, way: &Way, database: &str) -> Result<Option<Sample>> {
        let (address, whole) = (way.to(database), way.to(WHOLE));
        let task = Task { scenario, address: &address, whole: &whole, statements: &self.statements };
        let Some(step) = (ready.tool.step)(&task) else { return Ok(None) };
        let variables = [
            ("PATH", self.path.clone()),
            ("HOME", ready.project.clone().into_os_string()),
            ("DATABASE_URL", address.url().into()),
        ];
        sample::take(&ready.program, &step, &ready.project, &variables)
            .map(Some)
            .with_context(|| format!("{}, {}, {:?}", ready.tool.name, scenario.name(), way.transport))
    }
}
