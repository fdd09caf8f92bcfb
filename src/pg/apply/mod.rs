//! Carrying out a plan, batch by batch: each of them whole, or not at all.

mod at_once;
mod ending;
mod online;
mod outcome;
mod waiting;
mod watch;

use std::time::Instant;

use super::decide::Request;
use super::error::{Error, QueryError};
use super::session::Session;
use super::source::Source;
use super::state::State;
use super::transaction::{self, View};
use crate::migration::bundle::Bundle;
use crate::migration::limits::Limits;
use crate::migration::plan::{Batch, Manner, Plan, Step};
use crate::migration::preflight;
use crate::migration::script::Script;
use crate::migration::surroundings::{IndexState, Server};
use crate::migration::wish::Wish;
use crate::schema::catalog::Catalog;
use crate::schema::promise::Promise;
use online::Trouble;
pub use outcome::{Applied, Ending, Event, Stopped, Tell};
use waiting::Waiting;
pub use watch::Progress;
use watch::{Watched, watch};

/// What a run is to do, where, and how.
pub struct Run<'a, 'b> {
    /// Where the session is from, for further ones and for asking again should the connection break.
    pub source: Source<'a>,
    /// The migrations there are.
    pub bundle: &'b Bundle,
    /// What is wanted.
    pub request: &'b Request,
    /// The plan that somebody has seen and agreed to: then it is this one or none.
    pub agreed: Option<&'a Plan<'b>>,
    /// How long things may take.
    pub limits: &'a Limits,
}

impl<'b> Run<'_, 'b> {
    /// Fulfils the wish, and ends the session.
    ///
    /// # Errors
    /// When a batch could not be carried out; those before it are.
    pub async fn apply(&self, session: Session, tell: &mut Tell<'_>) -> Result<Applied<'b>, Box<Stopped<'b>>> {
        let mut progress = Progressed { session: Some(session), ..Progressed::default() };
        let started = Instant::now();
        let ended = Box::pin(self.batches(&mut progress, tell)).await;
        let elapsed = started.elapsed();
        for session in progress.session.into_iter().chain(progress.worker) {
            session.close().await;
        }
        let Progressed { done, server, ending, unfinished, .. } = progress;
        match ended {
            Ok(()) => {
                let server = server.expect("nothing ends well that has not looked at the database");
                Ok(Applied { plan: done, server, elapsed, ending })
            }
            Err(error) => Err(Box::new(Stopped { error, done, unfinished })),
        }
    }

    async fn batches(&self, progress: &mut Progressed<'b>, tell: &mut Tell<'_>) -> Result<(), Error> {
        let mut waiting = Waiting::new(self.limits);
        let mut is_tried = false;
        loop {
            let Some(session) = progress.session.take() else { return Ok(()) };
            let at_once = if std::mem::replace(&mut is_tried, true) {
                None
            } else {
                Box::pin(self.at_once(&session, &mut waiting, progress, tell)).await.transpose()
            };
            let reached = match at_once {
                Some(reached) => reached,
                None => Box::pin(self.batch(&session, &mut waiting, progress, tell)).await,
            };
            let (batch, is_last, commit) = match reached {
                Ok(Reached::Blocked(blocked)) => {
                    // A crowd that waits leaves the server's sessions to those who work.
                    if let Some(worker) = progress.worker.take() {
                        worker.close().await;
                    }
                    progress.session = Some(waiting.for_the_lock(session, blocked, self.source, tell).await?);
                    continue;
                }
                Err(ended) if ended.is_idleness() => {
                    progress.session = Some(waiting.anew(session, ended, self.source).await?);
                    continue;
                }
                reached => {
                    progress.session = Some(session);
                    let Reached::Attempted { batch, is_last, commit } = reached? else { return Ok(()) };
                    (batch, is_last, commit)
                }
            };
            if let Err(failure) = commit {
                // Nothing can be asked of it any more; a pool may have no other to lend before it is gone.
                drop(progress.session.take());
                let (ending, session) = ending::find_out(self.source, &batch.plan, self.limits, failure, tell).await?;
                progress.ending = ending;
                progress.session = Some(session);
            }
            progress.done.extend(&batch.plan);
            tell(Event::Done(&batch.plan));
            if is_last {
                return Ok(());
            }
            waiting = Waiting::new(self.limits);
        }
    }

    /// Carries out the first batch of what there is to do.
    async fn batch(
        &self,
        session: &Session,
        waiting: &mut Waiting,
        progress: &mut Progressed<'b>,
        tell: &mut Tell<'_>,
    ) -> Result<Reached<'b>, Error> {
        loop {
            let state = match transaction::begin(session, &waiting.limits(), self.request.grantee()).await? {
                View::Locked(state) => state,
                View::Tentative(Some(state)) if self.is_fulfilled(session, &state).await => {
                    progress.server.get_or_insert(state.around.server);
                    return Ok(Reached::Nothing);
                }
                View::Tentative(_) => return Ok(Reached::Blocked(None)),
                View::Blocked(failure) => return Ok(Reached::Blocked(Some(failure))),
            };
            let planned = self.plan(session, &state).await;
            if self.agreed.is_some_and(|agreed| !planned.as_ref().is_ok_and(|plan| plan == agreed)) {
                return Err(Error::Changed);
            }
            let plan = planned?;
            progress.server.get_or_insert_with(|| state.around.server.clone());
            let batches = plan.batches();
            let (is_last, needs_worker) = (batches.len() == 1, batches.iter().any(|b| b.manner == Manner::Online));
            let Some(batch) = batches.into_iter().next() else { return Ok(Reached::Nothing) };
            waiting.heed(&state.around);
            if let Some((index, found)) = unfinished(&batch, &state)
                && (found == IndexState::BeingBuilt || waiting.is_first_sight(&index))
            {
                waiting.for_the_builder(session, &index, found, tell).await?;
                continue;
            }
            let refusals = preflight::refusals(&state.around, &plan);
            if !refusals.is_empty() {
                return Err(Error::Refused(refusals));
            }
            if progress.done.is_empty() {
                progress.announce(&plan, tell);
            }
            if needs_worker && progress.worker.is_none() {
                // Where there is none, that is found before anything is changed.
                progress.worker = Some(self.worker(session, &state.around.server, tell).await?);
            }
            let promise = Promise::of(self.bundle, &state.ledger, &batch.plan);
            if let (Manner::Online, Some(worker)) = (batch.manner, &progress.worker) {
                let unfinished = &mut progress.unfinished;
                // What an earlier batch has left was compared a moment ago.
                let uncompared = progress.done.is_empty().then_some(&promise);
                match self.outside(session, worker, unfinished, &batch, uncompared, tell).await {
                    Ok(()) => {}
                    Err(Trouble::Refused(failure, script, blockers)) => {
                        waiting.for_others(session, &failure, &script, blockers, tell).await?;
                        continue;
                    }
                    Err(Trouble::Other(error)) => return Err(error),
                }
            }
            self.are_as_promised(session, &batch.plan.built_before(), &promise).await?;
            let script = Script::of(&batch.plan);
            let run = transaction::run(session, &script);
            tell(Event::Running(&batch.plan));
            let (patience, beside) = (waiting.patience(), (self.source, session));
            let (ran, blockers) = watch(run, Watched::Transaction, patience, waiting.blockers(), beside, tell).await;
            let live = match ran? {
                Ok(live) => live,
                Err(failure) => {
                    waiting.for_others(session, &failure, &script, blockers, tell).await?;
                    continue;
                }
            };
            let commit = self.commit(session, &promise, &live, tell).await?;
            return Ok(Reached::Attempted { batch, is_last, commit });
        }
    }

    /// Commits what is as promised; an answer may not come.
    async fn commit(
        &self,
        session: &Session,
        promise: &Promise,
        live: &Catalog,
        tell: &mut Tell<'_>,
    ) -> Result<Result<(), QueryError>, Error> {
        let broken = promise.broken(live);
        if !broken.is_empty() {
            return Err(Error::Broken(broken));
        }
        tell(Event::Committing);
        let commit = session.commit().await;
        session.take_warnings().iter().for_each(|warning| tell(Event::Warned(warning.message().to_owned())));
        match commit {
            Err(failure) if failure.is_refusal() => Err(failure.into()),
            commit => Ok(commit),
        }
    }

    /// Makes sure, where there are any, that indexes that others have built are what they should be.
    async fn are_as_promised(&self, session: &Session, indexes: &[String], promise: &Promise) -> Result<(), Error> {
        if indexes.is_empty() {
            return Ok(());
        }
        let others = promise.broken_by(indexes, &transaction::catalog(session).await?);
        if others.is_empty() { Ok(()) } else { Err(Error::OtherIndex(others)) }
    }

    async fn plan(&self, session: &Session, state: &State) -> Result<Plan<'b>, Error> {
        let needs_catalog = self.request.needs_catalog(&state.ledger);
        let live = if needs_catalog { Some(transaction::catalog(session).await?) } else { None };
        self.request.plan(self.bundle, &state.facts(), live.as_ref())
    }

    /// Says whether there is nothing to do, so that nobody has to be waited for.
    async fn is_fulfilled(&self, session: &Session, state: &State) -> bool {
        match self.request.wish {
            Wish::Migrate(_) => self.plan(session, state).await.is_ok_and(|plan| plan.is_empty()),
            // What was agreed to be rolled back is there until the lock says otherwise.
            Wish::Rollback(_) => false,
        }
    }
}

/// How far a run is.
#[derive(Default)]
struct Progressed<'b> {
    /// The session that holds the lock.
    session: Option<Session>,
    /// The session that builds indexes while the other one holds the lock.
    worker: Option<Session>,
    announced: Option<Plan<'b>>,
    done: Plan<'b>,
    server: Option<Server>,
    ending: Ending,
    unfinished: Option<String>,
}

impl<'b> Progressed<'b> {
    /// Tells of the plan, unless that is known.
    fn announce(&mut self, plan: &Plan<'b>, tell: &mut Tell<'_>) {
        if self.announced.as_ref() != Some(plan) {
            tell(Event::Planned(plan));
            self.announced = Some(plan.clone());
        }
    }
}

/// How far a batch came.
enum Reached<'b> {
    /// There is nothing to do.
    Nothing,
    /// Another migrator is at work, or somebody keeps the ledger, by this failure to read it.
    Blocked(Option<QueryError>),
    /// It was carried out as far as the server could refuse it; the commit may have been cut off.
    Attempted { batch: Batch<'b>, is_last: bool, commit: Result<(), QueryError> },
}

/// The index that a batch would drop as unfinished, and how far it is.
fn unfinished(batch: &Batch<'_>, state: &State) -> Option<(String, IndexState)> {
    let discarded = batch.plan.steps().iter().find_map(Step::discarded)?.index()?;
    let index = state.around.indexes.iter().find(|index| index.name == discarded)?;
    Some((discarded, index.state))
}
