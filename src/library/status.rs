//! What a database has, lacks and has wrong.

use std::fmt;
use std::time::Duration;

use deadpool_postgres::Pool;

use super::error::Error;
use super::migrations::{Migration, bundle};
use crate::migration::limits::Limits;
use crate::migration::module::Module;
use crate::migration::status::{Status as Judged, Verdict};
use crate::migration::version::Version;
use crate::pg::look::{self, Log, Survey};
use crate::pg::pool::Lender;
use crate::pg::state::Glimpse;
use crate::render;
use crate::render::table::Room;
use crate::schema::drift::{self, Difference};
use crate::schema::verdict::{Strictness, verdict};

/// What a database has, lacks and has wrong, as `pevensie-pg status` says it. Written out, it is the tool's report.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    verdict: Verdict,
    versions: Vec<(Module, Version)>,
    pending: Vec<Migration>,
    faults: Vec<String>,
    drift: Vec<String>,
    extra: Vec<String>,
    text: String,
}

/// Looks at these modules, and `base` with them; at all that the database has where none is named. It never writes, and works
/// on a standby and for a role that may only read.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/pool.rs")); }
/// # doc::on_a_server(async |pool| {
/// use pevensie_pg::{Module, Verdict};
///
/// let status = pevensie_pg::status(&pool, [Module::Cache]).await?;
/// match status.verdict() {
///     Verdict::Good => println!("ready"),
///     Verdict::Pending => println!("{} migrations to go", status.pending().len()),
///     _ => println!("{status}"),
/// }
/// # assert_eq!(status.verdict(), Verdict::Pending);
/// # Ok(())
/// # });
/// ```
///
/// The client that it borrows goes back as it came. The future may be dropped at any point.
///
/// # Errors
/// When the database cannot be asked, or the role may not read the ledger. What is wrong with the database is no error
/// here.
pub async fn status(pool: &Pool, modules: impl IntoIterator<Item = Module>) -> Result<Status, Error> {
    let modules: Vec<Module> = modules.into_iter().collect();
    let limits = Limits { lock_wait: Duration::ZERO, lock_timeout: Duration::ZERO, ..Limits::default() };
    let session = Lender::new(pool, Duration::ZERO).session().await.map_err(Error::of)?;
    let surveyed = Box::pin(look::survey(&session, &limits, None, Log::Latest)).await;
    session.close().await;
    Ok(Status::of(&surveyed.map_err(Error::of)?, &modules))
}

impl Status {
    fn of(survey: &Survey, modules: &[Module]) -> Self {
        let Survey { glimpse: Glimpse { server, ledger, .. }, live, indexes } = survey;
        let judged = Judged::of(bundle(), ledger, modules);
        let differences = drift::of_database(bundle(), ledger, live);
        let indexes = drift::without_different(indexes, &differences);
        let (harmful, extra): (Vec<&Difference>, Vec<_>) = differences.iter().partition(|d| d.is_harmful());
        let text = [
            render::status::text(&judged, &server.now, &indexes, Room::Endless),
            render::drift::text(&bundle().applied(ledger), &differences),
        ];
        let text: Vec<&str> = text.iter().map(String::as_str).filter(|section| !section.is_empty()).collect();
        Self {
            verdict: verdict(&judged, &differences, None, Strictness::Lenient),
            versions: Module::ALL.into_iter().filter_map(|m| Some((m, ledger.version(m)?))).collect(),
            pending: judged.pending().into_iter().filter_map(Migration::of).collect(),
            faults: judged.faults.iter().map(ToString::to_string).collect(),
            drift: harmful.into_iter().map(ToString::to_string).collect(),
            extra: extra.into_iter().map(ToString::to_string).collect(),
            text: console::strip_ansi_codes(text.join("\n").trim_end()).into_owned(),
        }
    }

    /// Returns the verdict, which `status --check` makes an exit code of.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Says whether everything is as it should be.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.verdict == Verdict::Good
    }

    /// Returns the version that is recorded for a module, whether it was asked about or not; `None` where it is not
    /// installed.
    #[must_use]
    pub fn version(&self, module: Module) -> Option<Version> {
        self.versions.iter().find(|(known, _)| *known == module).map(|&(_, version)| version)
    }

    /// Returns what is still to be applied, in the order of installation.
    #[must_use]
    pub fn pending(&self) -> &[Migration] {
        &self.pending
    }

    /// Returns what is wrong with the recorded history, in the words of the tool.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Returns what the live schema has missing, changed or too much of what its versions say, in the words of the tool.
    #[must_use]
    pub fn drift(&self) -> &[String] {
        &self.drift
    }

    /// Returns what somebody added to the schema, which disturbs nothing, in the words of the tool.
    #[must_use]
    pub fn extra(&self) -> &[String] {
        &self.extra
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
