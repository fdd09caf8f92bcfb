//! How a commit ended whose answer never came.

use super::waiting::Waiting;
use super::{Ending, Event};
use crate::migration::plan::Plan;
use crate::pg::database::Database;
use crate::pg::error::{Error, Failure};
use crate::pg::session::Session;
use crate::pg::state::{self, Limits, State, View};

/// Finds out from the ledger, in a new session, which it returns.
///
/// The lock is waited for first: the server gives it up when that transaction is over, one way or the other.
pub(super) async fn find_out(
    database: &Database,
    plan: &Plan<'_>,
    limits: &Limits,
    failure: Failure,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<(Ending, Session), Error> {
    tell(Event::FindingOut);
    let lost = Error::from(failure);
    let answer = async {
        let session = database.open(&mut |error| tell(Event::Connecting(error))).await?;
        let (state, session) = Box::pin(under_lock(session, database, limits)).await?;
        session.rollback("").await??;
        Ok((state, session))
    };
    let (state, session) = answer.await.map_err(|error: Error| Error::Unknown(Box::new(error)))?;
    let committed = plan.outcome().into_iter().all(|(module, version)| state.ledger.version(module) == version);
    if committed { Ok((Ending::FoundOut, session)) } else { Err(lost) }
}

async fn under_lock(mut session: Session, database: &Database, limits: &Limits) -> Result<(State, Session), Error> {
    let mut waiting = Waiting::new(limits);
    loop {
        match state::begin(&session, limits).await? {
            View::Locked(state, _) => return Ok((state, session)),
            View::Tentative(_) => session = waiting.for_the_lock(session, database, &mut |_| ()).await?,
        }
    }
}
