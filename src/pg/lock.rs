//! Waiting for another migrator.

use std::time::Duration;

use super::error::Error;
use super::holder::Holder;
use super::look::read_only;
use super::session::Session;
use crate::migration::limits::Limits;

/// The question who holds the lock.
pub(super) const HOLDERS: &str = include_str!("../../sql/introspect/lock_holders.sql");

/// Gives up the transaction and asks who holds the lock; nobody may hold it any more by then.
pub async fn holder(session: &Session, limits: &Limits) -> Result<Option<Holder>, Error> {
    let rows = session.rollback(&read_only(limits, HOLDERS)).await??;
    Ok(Holder::all(&rows).into_iter().next())
}

/// The pauses between attempts: growing, so that a crowd does not press the server, and each by chance shorter or longer,
/// so that it does not move in step.
#[derive(Debug)]
pub struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    /// Begins with a short pause.
    #[must_use]
    pub fn new() -> Self {
        Self { next: Duration::from_millis(40), longest: Duration::from_secs(1) }
    }

    /// Begins with a short pause, and stays with short ones: for the one whom all others wait for.
    #[must_use]
    pub fn hasty() -> Self {
        Self { longest: Duration::from_millis(100), ..Self::new() }
    }

    /// Returns the next pause: between half and one and a half times the last one's double, never much more than the longest.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next.mul_f64(0.5 + fastrand::f64());
        self.next = (self.next * 3 / 2).min(self.longest);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound_and_differ() {
        let mut backoff = Backoff::new();
        let pauses: Vec<Duration> = (0..50).map(|_| backoff.pause()).collect();
        assert!(pauses[0] <= Duration::from_millis(60));
        assert!(pauses.iter().all(|pause| *pause <= Duration::from_millis(1500) && !pause.is_zero()));
        assert!(pauses[45..].iter().any(|pause| *pause >= Duration::from_millis(500)));
        assert!(pauses[45..].windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn the_lock_and_the_question_who_holds_it_name_the_same_key() {
        let key = "4016478255630675573";
        let [lock, guard] = [include_str!("../../sql/ledger/lock.sql"), include_str!("../../sql/ledger/guard.sql")];
        assert!([lock, guard, HOLDERS].iter().all(|sql| sql.contains(key)));
    }
}
