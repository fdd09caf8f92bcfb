//! The account of a connection that did not come about.

use std::fmt;
use std::net::IpAddr;

use tokio_postgres::error::SqlState;

use super::cause::{Cause, Next};
use super::hint;
use crate::pg::options::{Endpoint, Host, Origin, Settings, SslMode};

/// No server of the list let us in.
#[derive(Debug)]
pub struct ConnectError {
    pub(super) role: Option<String>,
    pub(super) database: Option<String>,
    pub(super) mode: SslMode,
    pub(super) password: Origin,
    failures: Vec<HostError>,
}

/// What went wrong at one address.
#[derive(Debug)]
pub(super) struct HostError {
    host: Host,
    ip: Option<IpAddr>,
    pub(super) cause: Cause,
}

impl HostError {
    pub(super) fn new(host: &Host, ip: Option<IpAddr>, cause: Cause) -> Self {
        Self { host: host.clone(), ip, cause }
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on {}", self.host)?;
        match (&self.host.endpoint, self.ip) {
            (Endpoint::Name(name), Some(ip)) if *name != ip.to_string() => write!(f, " ({ip})")?,
            (Endpoint::Ip { name: Some(_), .. }, Some(ip)) => write!(f, " ({ip})")?,
            (Endpoint::Name(_) | Endpoint::Ip { .. } | Endpoint::Socket(_), _) => {}
        }
        write!(f, ": {}", self.cause)
    }
}

impl ConnectError {
    pub(super) fn new(settings: &Settings, failures: Vec<HostError>) -> Self {
        Self {
            role: settings.user().map(str::to_owned),
            database: settings.database().map(str::to_owned),
            mode: settings.ssl().mode,
            password: failures
                .last()
                .and_then(|last| settings.password(&last.host))
                .map_or(Origin::Default, |(_, origin)| origin),
            failures,
        }
    }

    /// Returns the failures, the last one first, since it decided.
    pub(super) fn latest_first(&self) -> impl Iterator<Item = &HostError> {
        self.failures.iter().rev()
    }

    /// Says whether trying again in a moment may help: a server is starting, is full, or is not there yet.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let decided = self.failures.last().is_some_and(|last| last.cause.next() == Next::Nowhere);
        let last_is_transient = self.failures.last().is_some_and(|last| last.cause.is_transient());
        last_is_transient || (!decided && self.failures.iter().any(|failure| failure.cause.is_transient()))
    }

    /// Says whether the server, the database or the role has as many sessions as it may have.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.sqlstate() == Some(&SqlState::TOO_MANY_CONNECTIONS)
    }

    /// Returns the server's code for the failure that decided.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&SqlState> {
        self.latest_first().find_map(|failure| match &failure.cause {
            Cause::Server(error) => Some(error.code()),
            Cause::Files(_)
            | Cause::NoName
            | Cause::NoRole
            | Cause::Resolve(_)
            | Cause::Timeout(_)
            | Cause::Connect(_)
            | Cause::PasswordMissing
            | Cause::TlsNotOffered
            | Cause::Certificate(_)
            | Cause::Handshake(_)
            | Cause::HungUp(_)
            | Cause::Unbound
            | Cause::NotShown(_)
            | Cause::WrongSession(_)
            | Cause::Lost(_)
            | Cause::Other(_) => None,
        })
    }

    /// Says whether the server, or a pooler before it, would not take what the session was to begin with.
    #[must_use]
    pub fn is_about_parameters(&self) -> bool {
        let codes = [
            SqlState::PROTOCOL_VIOLATION,
            SqlState::INVALID_PARAMETER_VALUE,
            SqlState::UNDEFINED_OBJECT,
            SqlState::INSUFFICIENT_PRIVILEGE,
        ];
        self.sqlstate().is_some_and(|sqlstate| codes.contains(sqlstate))
    }

    /// Says whether a password is all that is missing.
    #[must_use]
    pub fn needs_password(&self) -> bool {
        self.failures.last().is_some_and(|last| matches!(last.cause, Cause::PasswordMissing))
    }

    /// Returns what helps against the failure that decided.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.latest_first().find_map(|failure| hint::against(failure, self))
    }
}

impl std::error::Error for ConnectError {}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.database {
            Some(database) => write!(f, "cannot connect to database \"{database}\"")?,
            None => f.write_str("cannot connect to the user's own database")?,
        }
        match self.failures.as_slice() {
            [only] => write!(f, " {only}"),
            several => several.iter().try_for_each(|failure| write!(f, "\n  {failure}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::*;

    fn error(causes: Vec<Cause>) -> ConnectError {
        let settings = Settings::from_sources(Some("host=db user=app password=s3cret dbname=shop"), &|_| None).unwrap();
        let ip = Some(IpAddr::from([10, 0, 0, 1]));
        let failures = causes.into_iter().map(|cause| HostError::new(&settings.hosts()[0], ip, cause)).collect();
        ConnectError::new(&settings, failures)
    }

    fn refused() -> Cause {
        Cause::Connect(io::ErrorKind::ConnectionRefused.into())
    }

    #[test]
    fn one_failure_is_a_line_and_several_are_a_list() {
        let one = error(vec![Cause::TlsNotOffered]);
        assert_eq!(
            one.to_string(),
            "cannot connect to database \"shop\" on db:5432 (10.0.0.1): the server does not offer TLS"
        );
        let several = error(vec![Cause::Timeout(Duration::from_secs(10)), refused()]);
        assert_eq!(
            several.to_string(),
            "cannot connect to database \"shop\"\n  on db:5432 (10.0.0.1): no answer within 10s\n  \
             on db:5432 (10.0.0.1): connection refused"
        );
        assert!(!format!("{one:?}{several:?}").contains("s3cret"));
    }

    #[test]
    fn the_last_failure_decides_whether_to_try_again() {
        for (causes, transient, needs_password) in [
            (vec![refused()], true, false),
            (vec![refused(), Cause::Timeout(Duration::ZERO)], true, false),
            (vec![refused(), Cause::PasswordMissing], false, true),
            (vec![Cause::TlsNotOffered], false, false),
        ] {
            let error = error(causes);
            assert_eq!((error.is_transient(), error.needs_password()), (transient, needs_password), "{error}");
        }
    }
}
