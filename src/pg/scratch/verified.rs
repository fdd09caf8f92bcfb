//! One run of a rehearsal, carried out and verified.

use std::time::Duration;

use crate::migration::bundle::Bundle;
use crate::migration::history;
use crate::migration::ledger::Ledger;
use crate::migration::limits::Limits;
use crate::migration::module::Module;
use crate::migration::plan::Plan;
use crate::migration::rehearsal::Stage;
use crate::migration::surroundings::Server;
use crate::pg::apply::{Applied, Event, Run, Tell};
use crate::pg::database::Database;
use crate::pg::decide::{Adoption, Request};
use crate::pg::error::Error;
use crate::pg::look::{self, Log, Survey};
use crate::pg::source::Source;
use crate::schema::drift::differences;
use crate::schema::expected::Expected;

/// A run that did what it should.
#[derive(Debug)]
pub struct Rehearsed<'b> {
    /// What was done.
    pub plan: Plan<'b>,
    /// How long that took, without what verified it.
    pub elapsed: Duration,
    /// The server, the role and the database.
    pub server: Server,
}

/// Returns what a stage asks for.
#[must_use]
pub fn request(stage: &Stage) -> Request {
    Request { wish: stage.wish.clone(), adoption: Adoption::Recorded, manner: stage.manner, grants: None }
}

/// Carries a stage out as `migrate` and `rollback` would, and compares the database with what it should be then: nothing
/// may be missing, and nothing may be there that nobody expects.
///
/// # Errors
/// When it cannot be carried out, or leads to something else.
pub async fn rehearse<'b>(
    bundle: &'b Bundle,
    database: &Database,
    (stage, request): (&Stage, &'b Request),
    limits: &Limits,
    tell: &mut Tell<'_>,
) -> Result<Rehearsed<'b>, Error> {
    let run = Run { source: Source::Opened(database), bundle, request, agreed: None, limits };
    let session = database.open(&mut |error| tell(Event::Connecting(error))).await?;
    let applied = Box::pin(run.apply(session, tell)).await.map_err(|stopped| stopped.error)?;
    let Applied { plan, server, elapsed, .. } = applied;
    verify(bundle, database, stage, limits).await?;
    Ok(Rehearsed { plan, elapsed, server })
}

async fn verify(bundle: &Bundle, database: &Database, stage: &Stage, limits: &Limits) -> Result<(), Error> {
    let session = database.open(&mut |_| ()).await?;
    let surveyed = look::survey(&session, limits, None, Log::Latest).await;
    session.close().await;
    let Survey { glimpse: found, live, .. } = surveyed?;
    let faults = history::faults(bundle, &found.ledger);
    if !faults.is_empty() {
        return Err(Error::Faults(faults));
    }
    // By what was wanted and not by what is recorded: a ledger that should be gone would justify itself.
    let different = differences(&Expected::of_database(bundle, &Ledger::assumed(&stage.after)), &live);
    if !different.is_empty() {
        return Err(Error::Different(different));
    }
    let wanted = |module| stage.after.iter().find(|(installed, _)| *installed == module).map(|&(_, version)| version);
    match Module::ALL.into_iter().find(|&module| found.ledger.version(module) != wanted(module)) {
        Some(module) => Err(Error::Misrecorded { module, found: found.ledger.version(module), wanted: wanted(module) }),
        None => Ok(()),
    }
}
