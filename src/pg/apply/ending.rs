//! How a commit ended whose answer never came.

use super::waiting::Waiting;
use super::{Ending, Event, Tell};
use crate::migration::grantee::Grantee;
use crate::migration::ledger::Ledger;
use crate::migration::limits::Limits;
use crate::migration::plan::Plan;
use crate::migration::role::Role;
use crate::pg::error::{Error, QueryError};
use crate::pg::session::Session;
use crate::pg::source::Source;
use crate::pg::state::State;
use crate::pg::transaction::{self, View};

/// Finds out from the ledger, and from what a role has by now, in a new session, which it returns.
///
/// The lock is waited for first: the server gives it up when that transaction is over, one way or the other.
pub(super) async fn find_out(
    source: Source<'_>,
    plan: &Plan<'_>,
    limits: &Limits,
    failure: QueryError,
    tell: &mut Tell<'_>,
) -> Result<(Ending, Session), Error> {
    tell(Event::FindingOut);
    let lost = Error::from(failure);
    let grantee = plan.granted().next().map(|(role, _)| role);
    let answer = async {
        let session = source.open(&mut |error| tell(Event::Connecting(error))).await?;
        let (state, session) = Box::pin(under_lock(session, source, limits, grantee)).await?;
        session.rollback("").await??;
        Ok((state, session))
    };
    let (state, session) = answer.await.map_err(|error: Error| Error::Unknown(Box::new(error)))?;
    let grantee = state.around.grantee.as_ref();
    if is_recorded(plan, &state.ledger) && !grantee.is_some_and(|grantee| lacks(plan, grantee)) {
        Ok((Ending::FoundOut, session))
    } else {
        Err(lost)
    }
}

/// Says whether the ledger names what a plan leads to. An adoption leaves the version as it was, and records it.
fn is_recorded(plan: &Plan<'_>, ledger: &Ledger) -> bool {
    let by_another = ledger.of_another_tool();
    plan.outcome().into_iter().all(|(module, version)| ledger.version(module) == version)
        && plan.adopted().all(|adopted| by_another.iter().all(|(module, _)| *module != adopted.module))
}

/// Says whether a role lacks something that a plan grants.
fn lacks(plan: &Plan<'_>, grantee: &Grantee) -> bool {
    plan.granted().any(|(_, right)| grantee.lacks(right))
}

async fn under_lock(
    mut session: Session,
    source: Source<'_>,
    limits: &Limits,
    grantee: Option<&Role>,
) -> Result<(State, Session), Error> {
    let mut waiting = Waiting::new(limits);
    loop {
        let blocked = match transaction::begin(&session, limits, grantee).await? {
            View::Locked(state) => return Ok((state, session)),
            View::Tentative(_) => None,
            View::Blocked(failure) => Some(failure),
        };
        session = waiting.for_the_lock(session, blocked, source, &mut |_| ()).await?;
    }
}
