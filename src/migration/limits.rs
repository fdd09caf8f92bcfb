//! How long things may take.

use std::time::Duration;

use super::surroundings::Server;

const SETTINGS: &str = include_str!("../../sql/ledger/settings.sql");
const UNLIMITED: &str = include_str!("../../sql/introspect/unlimited.sql");
const KEEPALIVE: &str = include_str!("../../sql/ledger/keepalive.sql");

/// PostgreSQL keeps its timeouts as milliseconds in 31 bits.
pub const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// What is shorter, PostgreSQL would take for zero, and so for "forever".
pub const SHORTEST: Duration = Duration::from_millis(1);

/// Says whether a server knows `transaction_timeout`.
#[must_use]
pub fn knows_transaction_timeout(server: &Server) -> bool {
    server.version_num >= 170_000
}

/// How long things may take; zero is "forever".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long to wait for another migrator.
    pub lock_wait: Duration,
    /// How long a statement may queue for a lock on a table.
    pub lock_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may run that blocks nobody.
    pub online_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lock_wait: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(5 * 60),
            online_timeout: Duration::ZERO,
        }
    }
}

impl Limits {
    /// Writes what a transaction sets that may take a while.
    #[must_use]
    pub fn settings(&self) -> String {
        self.timeouts() + SETTINGS + KEEPALIVE
    }

    /// Writes what a transaction sets that is over with its message.
    #[must_use]
    pub fn settings_for_a_look(&self) -> String {
        self.timeouts() + SETTINGS + UNLIMITED
    }

    fn timeouts(&self) -> String {
        format!(
            "set local statement_timeout to {};\nset local lock_timeout to {};\n",
            self.statement_timeout.as_millis(),
            self.lock_timeout.as_millis()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_has_a_timeout_since_17() {
        let server = |version_num| Server { version_num, ..Server::default() };
        assert_eq!([169_999, 170_000, 180_004].map(|n| knows_transaction_timeout(&server(n))), [false, true, true]);
    }

    #[test]
    fn limits_are_sent_in_milliseconds() {
        let settings = Limits::default().settings();
        let begin = "set local statement_timeout to 300000;\nset local lock_timeout to 5000;\n";
        assert!(settings.starts_with(begin), "{settings}");
        let look = Limits::default().settings_for_a_look();
        let common = look.strip_suffix(UNLIMITED).expect("a look is over with its message");
        assert_eq!(settings.strip_prefix(common), Some(KEEPALIVE));
    }
}
