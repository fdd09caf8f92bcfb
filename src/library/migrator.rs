//! Migrating over the pool of a service.

use std::time::Duration;

use deadpool_postgres::Pool;

use super::applied::Applied;
use super::error::Error;
use super::event::Event;
use super::migrations::bundle;
use crate::migration::limits::{LONGEST, Limits, SHORTEST};
use crate::migration::module::Module;
use crate::migration::plan::Manner;
use crate::migration::version::Version;
use crate::migration::wish::{Target, Wish};
use crate::pg::apply::{self, Run};
use crate::pg::decide::{Adoption, Request};
use crate::pg::pool::Lender;
use crate::pg::source::Source;

/// Brings modules to the version that a service needs, as `pevensie-pg migrate --apply` does.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/pool.rs")); }
/// # doc::on_a_server(async |pool| {
/// use std::time::Duration;
///
/// use pevensie_pg::{Migrator, Module};
///
/// let migrator = Migrator::new([Module::Auth, Module::Cache]).lock_wait(Duration::from_secs(120));
/// let applied = migrator.apply_telling(&pool, |event| eprintln!("{event}")).await?;
/// println!("{applied}");
/// # assert!(!applied.is_empty());
/// # assert!(migrator.apply(&pool).await?.is_empty());
/// # Ok(())
/// # });
/// ```
///
/// # What it does with the pool
///
/// It borrows one client, and a second one while it builds an index of a table in use; a third one, where there is one,
/// looks who is in the way when something takes long. None is held while another migrator is waited for. Settings are made
/// for one transaction only, so that a client goes back as it came. One that cannot be known to be like that, and the one
/// that built an index, is taken out of the pool and closed; the pool opens another one when it needs it. Only plain
/// queries are sent: `PgBouncer` may be in between, in transaction mode, too.
///
/// # Several services at once
///
/// They may all migrate at their start. One does, the others wait for it, for [`lock_wait`](Self::lock_wait), and find
/// nothing to do. Who finds nothing to do waits for nobody.
///
/// # Dropping it on its way
///
/// The future may be dropped at any point, by `tokio::time::timeout` or `select!`. The connections that it used are closed
/// then. With them the server gives up the transaction, and with that the lock: at once, or within a second where a
/// statement runs. Everything is applied up to some point, and recorded, and nothing beyond it, but for one thing: an index
/// that was being built while its table stayed in use may be left unfinished. The next run drops it and builds it anew.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before it is applied"]
pub struct Migrator {
    targets: Vec<(Module, Target)>,
    adoption: Adoption,
    manner: Manner,
    limits: Limits,
}

/// Makes a time one that PostgreSQL knows.
fn representable(duration: Duration) -> Duration {
    if duration.is_zero() { duration } else { duration.clamp(SHORTEST, LONGEST) }
}

impl Migrator {
    /// Brings these modules, and `base` with them, to the newest versions that this crate carries. No module is nothing to
    /// do.
    pub fn new(modules: impl IntoIterator<Item = Module>) -> Self {
        let migrator = Self {
            targets: Vec::new(),
            adoption: Adoption::Recorded,
            manner: Manner::Online,
            limits: Limits::default(),
        };
        modules.into_iter().fold(migrator, |migrator, module| migrator.to(module, Target::Newest))
    }

    /// Brings a module to this version and no further, for a service that does not know what comes after it.
    pub fn up_to(self, module: Module, version: Version) -> Self {
        self.to(module, Target::Exactly(Some(version)))
    }

    /// Records modules that are there without any record, if they are exactly a known version. Those that Pevensie's own
    /// migrator has recorded are compared and adopted without being asked for.
    pub fn adopt(self) -> Self {
        Self { adoption: Adoption::Found, ..self }
    }

    /// Applies everything in one transaction, in which an index of a table in use blocks writes while it is built. One
    /// client is enough then, also behind a pooler.
    pub fn single_transaction(self) -> Self {
        Self { manner: Manner::Transaction, ..self }
    }

    /// Waits for so long for another migrator, for whoever keeps a table, and for a client of the pool (10 seconds at least,
    /// because it may have to connect): 60 seconds unless this says otherwise, 24 days at most.
    pub fn lock_wait(self, wait: Duration) -> Self {
        self.limited(|limits| limits.lock_wait = wait.min(LONGEST))
    }

    /// Lets a statement queue for a table for so long before everything is rolled back and tried again: 5 seconds unless
    /// this says otherwise, in whole milliseconds, 24 days at most; zero is forever.
    pub fn lock_timeout(self, timeout: Duration) -> Self {
        self.limited(|limits| limits.lock_timeout = representable(timeout))
    }

    /// Lets one statement run for so long: 5 minutes unless this says otherwise, but forever for an index that is built
    /// while its table stays in use; in whole milliseconds, 24 days at most; zero is forever.
    pub fn statement_timeout(self, timeout: Duration) -> Self {
        self.limited(|limits| {
            limits.statement_timeout = representable(timeout);
            limits.online_timeout = representable(timeout);
        })
    }

    /// Applies what is pending, and returns what that was.
    ///
    /// # Errors
    /// When something stands in the way; [`Error::kind`] says what it comes to, and [`Error::applied`] what is there all
    /// the same.
    pub async fn apply(&self, pool: &Pool) -> Result<Applied, Error> {
        self.apply_telling(pool, |_| ()).await
    }

    /// Applies likewise, and tells what is done and what is waited for. Whoever is told should not take long.
    ///
    /// # Errors
    /// As [`Migrator::apply`].
    pub async fn apply_telling(&self, pool: &Pool, mut tell: impl FnMut(Event) + Send) -> Result<Applied, Error> {
        let lender = Lender::new(pool, self.limits.lock_wait);
        let request = Request {
            wish: Wish::Migrate(self.targets.clone()),
            adoption: self.adoption,
            manner: self.manner,
            grants: None,
        };
        let run = Run {
            source: Source::Lent(&lender),
            bundle: bundle(),
            request: &request,
            agreed: None,
            limits: &self.limits,
        };
        let mut tell = |event: apply::Event<'_>| Event::of(&event).into_iter().for_each(&mut tell);
        let session = lender.session().await.map_err(Error::of)?;
        match Box::pin(run.apply(session, &mut tell)).await {
            Ok(applied) => Ok(Applied::of(&applied)),
            Err(stopped) => Err(Error::of_stopped(*stopped)),
        }
    }

    fn to(mut self, module: Module, target: Target) -> Self {
        self.targets.retain(|(known, _)| *known != module);
        self.targets.push((module, target));
        self
    }

    fn limited(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_made_what_postgresql_knows() {
        let of = |timeout: Duration| {
            let limits = Migrator::new([]).lock_timeout(timeout).statement_timeout(timeout).limits;
            [limits.lock_timeout, limits.statement_timeout, limits.online_timeout]
        };
        for (given, kept) in [
            (Duration::ZERO, Duration::ZERO),
            (Duration::from_nanos(1), SHORTEST),
            (Duration::from_secs(2), Duration::from_secs(2)),
            (Duration::MAX, LONGEST),
        ] {
            assert_eq!(of(given), [kept; 3], "{given:?}");
        }
    }
}
