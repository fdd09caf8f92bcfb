//! Carrying out a plan: all of it, or nothing.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use super::connect::ConnectError;
use super::database::Database;
use super::decide::Request;
use super::error::{Error, Failure};
use super::lock::{self, Backoff, Holder};
use super::session::Session;
use super::state::{self, Limits, State, View};
use crate::migration::bundle::Bundle;
use crate::migration::plan::Plan;
use crate::migration::preflight;
use crate::migration::script::{Location, Script};
use crate::migration::wish::Wish;
use crate::schema::promise::Promise;

/// What a run did.
#[derive(Debug)]
pub struct Applied<'b> {
    /// The steps that were done; none when the wish was fulfilled already.
    pub plan: Plan<'b>,
    /// The state before.
    pub state: State,
    /// How long it took from the first attempt to get the lock to the commit.
    pub elapsed: Duration,
    /// What became known of how it ended.
    pub ending: Ending,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server confirmed the commit, or there was nothing to do.
    Confirmed,
    /// The connection broke during the commit; the ledger says that it succeeded.
    FoundOut,
}

/// Something to tell whoever waits.
#[derive(Debug)]
pub enum Event<'a> {
    /// The server does not accept connections yet.
    Connecting(&'a ConnectError),
    /// Another migrator holds the lock.
    Waiting(Option<&'a Holder>),
    /// A statement queued too long for a lock on a table; everything will be tried again.
    Queued(Option<Location>),
    /// Somebody who takes no lock made the same objects at the same moment; the database is looked at again.
    Raced,
    /// The server warned of something.
    Warned(String),
    /// The connection broke during the commit; the ledger is being read.
    FindingOut,
}

/// Fulfils a wish in one transaction. `agreed` is the plan that somebody has seen: then it is this one or none.
/// The database is that of the session, for asking it again should the connection break.
pub async fn apply<'b>(
    session: Session,
    database: &Database,
    bundle: &'b Bundle,
    request: &Request,
    agreed: Option<&Plan<'b>>,
    limits: &Limits,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Applied<'b>, Error> {
    let started = Instant::now();
    let attempted = attempt(&session, bundle, request, agreed, limits, tell).await;
    session.close().await;
    let Attempted { plan, state, commit } = attempted?;
    let ending = match commit {
        Ok(()) => Ending::Confirmed,
        Err(failure) => find_out(database, &plan, limits, failure, tell).await?,
    };
    Ok(Applied { plan, state, elapsed: started.elapsed(), ending })
}

/// A plan that was carried out as far as the server could refuse it; the commit may have been cut off.
struct Attempted<'b> {
    plan: Plan<'b>,
    state: State,
    commit: Result<(), Failure>,
}

async fn attempt<'b>(
    session: &Session,
    bundle: &'b Bundle,
    request: &Request,
    agreed: Option<&Plan<'b>>,
    limits: &Limits,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Attempted<'b>, Error> {
    let mut waiting = Waiting::until(Instant::now() + limits.lock_wait);
    loop {
        let state = match state::begin(session, limits).await? {
            View::Locked(state) => state,
            View::Tentative(Some(state)) if is_fulfilled(session, bundle, request, &state).await => {
                return Ok(Attempted { plan: Plan::default(), state, commit: Ok(()) });
            }
            View::Tentative(_) => {
                waiting.for_the_lock(session, limits, tell).await?;
                continue;
            }
        };
        let planned = plan(session, bundle, request, &state).await;
        if agreed.is_some_and(|agreed| !planned.as_ref().is_ok_and(|plan| plan == agreed)) {
            return Err(Error::Changed);
        }
        let plan = planned?;
        if plan.is_empty() {
            return Ok(Attempted { plan, state, commit: Ok(()) });
        }
        let refusals = preflight::refusals(&state.around, &plan);
        if !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        let script = Script::of(&plan);
        let live = match state::run(session, &script).await? {
            Ok(live) => live,
            Err(failure) => {
                waiting.for_others(session, &failure, &script, tell).await?;
                continue;
            }
        };
        let broken = Promise::of(bundle, &state.ledger, &plan).broken(&live);
        if !broken.is_empty() {
            return Err(Error::Broken(broken));
        }
        let commit = session.commit().await;
        session.connection().take_warnings().iter().for_each(|warning| tell(Event::Warned(warning.to_string())));
        return match commit {
            Err(failure) if failure.is_refusal() => Err(failure.into()),
            commit => Ok(Attempted { plan, state, commit }),
        };
    }
}

async fn plan<'b>(session: &Session, bundle: &'b Bundle, request: &Request, state: &State) -> Result<Plan<'b>, Error> {
    let needs_catalog = request.needs_catalog(&state.ledger);
    let live = if needs_catalog { Some(state::catalog(session).await?) } else { None };
    request.plan(bundle, &state.ledger, live.as_ref())
}

/// Says whether there is nothing to do, so that nobody has to be waited for.
async fn is_fulfilled(session: &Session, bundle: &Bundle, request: &Request, state: &State) -> bool {
    match request.wish {
        Wish::Migrate(_) => plan(session, bundle, request, state).await.is_ok_and(|plan| plan.is_empty()),
        // What was agreed to be rolled back is there until the lock says otherwise.
        Wish::Rollback(_) => false,
    }
}

/// Waits for others, but not forever.
struct Waiting {
    deadline: Instant,
    backoff: Backoff,
    holder: Option<Holder>,
}

impl Waiting {
    fn until(deadline: Instant) -> Self {
        Self { deadline, backoff: Backoff::new(), holder: None }
    }

    async fn for_the_lock(
        &mut self,
        session: &Session,
        limits: &Limits,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Error> {
        let holder = lock::holder(session).await?;
        let pause = self.backoff.pause();
        if Instant::now() + pause > self.deadline {
            return Err(Error::Locked { waited: limits.lock_wait, holder: holder.or(self.holder.take()) });
        }
        // Nobody holds it any more: no news worth telling.
        if holder.is_some() && self.holder != holder {
            tell(Event::Waiting(holder.as_ref()));
            self.holder = holder;
        }
        session.pause(pause).await
    }

    /// Gives up the transaction and waits where others were in the way for a moment; other errors are passed on.
    async fn for_others(
        &mut self,
        session: &Session,
        failure: &Failure,
        script: &Script,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Error> {
        let pause = self.backoff.pause();
        let queued = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        let event = if queued.iter().any(|sqlstate| failure.is(sqlstate)) {
            Event::Queued(failure.location(script))
        } else if failure.is_race() {
            Event::Raced
        } else {
            return Err(failure.in_script(script));
        };
        if Instant::now() + pause > self.deadline {
            return Err(failure.in_script(script));
        }
        tell(event);
        session.rollback("").await??;
        session.pause(pause).await
    }
}

/// Finds out how a commit ended whose answer never came.
///
/// The lock is waited for first: the server gives it up when that transaction is over, one way or the other.
async fn find_out(
    database: &Database,
    plan: &Plan<'_>,
    limits: &Limits,
    failure: Failure,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Ending, Error> {
    tell(Event::FindingOut);
    let lost = Error::from(failure);
    let answer = async {
        let session = database.open(&mut |error| tell(Event::Connecting(error))).await?;
        let state = state_under_lock(&session, limits).await;
        session.close().await;
        state
    };
    let state = answer.await.map_err(|error: Error| Error::Unknown(Box::new(error)))?;
    let committed = plan.outcome().into_iter().all(|(module, version)| state.ledger.version(module) == version);
    if committed { Ok(Ending::FoundOut) } else { Err(lost) }
}

async fn state_under_lock(session: &Session, limits: &Limits) -> Result<State, Error> {
    let mut waiting = Waiting::until(Instant::now() + limits.lock_wait);
    loop {
        match state::begin(session, limits).await? {
            View::Locked(state) => return Ok(state),
            View::Tentative(_) => waiting.for_the_lock(session, limits, &mut |_| ()).await?,
        }
    }
}
