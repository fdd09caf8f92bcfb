//! The short way: a look without the lock, and for a database that has nothing yet one message that locks, makes sure that
//! there is still nothing, and installs.

use super::waiting::Waiting;
use super::watch::{Watched, watch};
use super::{Event, Progressed, Reached, Run, Tell};
use crate::migration::guard::guard;
use crate::migration::ledger::Ledger;
use crate::migration::plan::{Batch, Plan};
use crate::migration::preflight;
use crate::migration::script::Script;
use crate::migration::surroundings::Surroundings;
use crate::migration::wish::Wish;
use crate::pg::error::Error;
use crate::pg::look;
use crate::pg::session::Session;
use crate::pg::state::Glimpse;
use crate::pg::transaction;
use crate::schema::promise::Promise;

impl<'b> Run<'_, 'b> {
    /// Does what there is to do if that is nothing, or a first installation. Says nothing where that cannot be told, or not be
    /// done, without more questions: with the lock everything is looked at anew.
    pub(super) async fn at_once(
        &self,
        session: &Session,
        waiting: &mut Waiting,
        progress: &mut Progressed<'b>,
        tell: &mut Tell<'_>,
    ) -> Result<Option<Reached<'b>>, Error> {
        // What was agreed to be rolled back is there until the lock says otherwise.
        let (None, Wish::Migrate(_)) = (self.agreed, &self.request.wish) else { return Ok(None) };
        let glimpse = match look::glimpse(session, &waiting.limits(), self.request.grantee()).await {
            Ok(glimpse) => glimpse,
            Err(error @ (Error::Interrupted | Error::Lost { .. })) => return Err(error),
            Err(_) => {
                if session.is_in_transaction() {
                    session.rollback("").await??;
                }
                return Ok(None);
            }
        };
        if self.request.needs_catalog(&glimpse.ledger) {
            return Ok(None);
        }
        let Ok(plan) = self.request.plan(self.bundle, &glimpse.facts(), None) else { return Ok(None) };
        if plan.is_empty() {
            progress.server = Some(glimpse.server);
            return Ok(Some(Reached::Nothing));
        }
        let batches = plan.batches();
        let Some([batch]) = is_installable(&glimpse, &plan).then_some(batches.as_slice()) else { return Ok(None) };
        self.install(session, &glimpse, batch.clone(), waiting, progress, tell).await
    }

    async fn install(
        &self,
        session: &Session,
        glimpse: &Glimpse,
        batch: Batch<'b>,
        waiting: &mut Waiting,
        progress: &mut Progressed<'b>,
        tell: &mut Tell<'_>,
    ) -> Result<Option<Reached<'b>>, Error> {
        let start: Vec<_> = batch.plan.outcome().into_iter().map(|(module, _)| (module, None)).collect();
        let beginning = transaction::beginning(&waiting.limits());
        let script = Script::of(&batch.plan).guarded(&format!("{beginning}{}", guard(&start)));
        progress.announce(&batch.plan, tell);
        tell(Event::Running(&batch.plan));
        let (patience, beside) = (waiting.patience(), (self.source, session));
        let run = transaction::run(session, &script);
        let (ran, blockers) = watch(run, Watched::Transaction, patience, waiting.blockers(), beside, tell).await;
        let live = match ran? {
            Ok(live) => live,
            // Another migrator is at work, or was faster.
            Err(failure) if failure.location(&script).is_some_and(|location| location.is_guard()) => {
                session.rollback("").await??;
                return Ok(None);
            }
            Err(failure) => {
                waiting.for_others(session, &failure, &script, blockers, tell).await?;
                return Ok(None);
            }
        };
        progress.server = Some(glimpse.server.clone());
        let promise = Promise::of(self.bundle, &glimpse.ledger, &batch.plan);
        let commit = self.commit(session, &promise, &live, tell).await?;
        Ok(Some(Reached::Attempted { batch, is_last: true, commit }))
    }
}

/// Says whether there is nothing yet, not even the schema, so that nothing can be in the way but what is known.
fn is_installable(glimpse: &Glimpse, plan: &Plan<'_>) -> bool {
    let around = Surroundings::without_schema(glimpse.server.clone(), glimpse.grantee.clone());
    glimpse.ledger == Ledger::Absent && !glimpse.has_schema && preflight::refusals(&around, plan).is_empty()
}
