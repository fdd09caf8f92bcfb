//! Where the sessions of a run come from.

use std::time::Duration;

use super::connect::ConnectError;
use super::database::Database;
use super::error::Error;
#[cfg(feature = "deadpool")]
use super::pool::Lender;
use super::session::Session;

/// Where the sessions of a run come from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// Each is opened for it.
    Opened(&'a Database),
    /// A pool lends them.
    #[cfg(feature = "deadpool")]
    Lent(&'a Lender),
}

impl Source<'_> {
    /// Opens or borrows a session; `waiting` is told why that takes time.
    pub async fn open(self, waiting: &mut (dyn FnMut(&ConnectError) + Send)) -> Result<Session, Error> {
        match self {
            Self::Opened(database) => database.open(waiting).await,
            #[cfg(feature = "deadpool")]
            Self::Lent(lender) => Ok(lender.session().await?),
        }
    }

    /// Opens or borrows another session beside one that stays; its own options go first where it is opened and the server
    /// takes them.
    pub async fn beside(
        self,
        session: &Session,
        options: &str,
        waiting: &mut (dyn FnMut(&ConnectError) + Send),
    ) -> Result<Session, Error> {
        match self {
            Self::Opened(database) => database.beside(session, options, waiting).await,
            #[cfg(feature = "deadpool")]
            Self::Lent(lender) => Ok(lender.second().await?),
        }
    }

    /// Ends a session, and opens or borrows another one after a pause. Who waits keeps no session from others.
    pub async fn later(self, session: Session, pause: Duration, full_wait: Duration) -> Result<Session, Error> {
        match self {
            Self::Opened(database) => database.later(session, pause, full_wait).await,
            #[cfg(feature = "deadpool")]
            Self::Lent(lender) => {
                session.close().await;
                tokio::time::sleep(pause).await;
                Ok(lender.waiting(full_wait).session().await?)
            }
        }
    }
}
