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
    failures: Vec<Failure>,
}

/// What went wrong at one address.
#[derive(Debug)]
pub(super) struct Failure {
    host: Host,
    ip: Option<IpAddr>,
    pub(super) cause: Cause,
}

impl Failure {
    pub(super) fn new(host: &Host, ip: Option<IpAddr>, cause: Cause) -> Self {
        Self { host: host.clone(), ip, cause }
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }
}

impl fmt::Display for Failure {
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
    pub(super) fn new(settings: &Settings, failures: Vec<Failure>) -> Self {
        Self {
            role: settings.user().map(str::to_owned),
            database: settings.database().map(str::to_owned),
            mode: settings.ssl().mode,
            password: settings.password_origin(),
            failures,
        }
    }

    /// Returns the failures, the last one first, since it decided.
    pub(super) fn latest_first(&self) -> impl Iterator<Item = &Failure> {
        self.failures.iter().rev()
    }

    /// Tells whether trying again in a moment may help: a server is starting, is full, or is not there yet.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let decided = self.failures.last().is_some_and(|last| last.cause.next() == Next::Nowhere);
        let last_is_transient = self.failures.last().is_some_and(|last| last.cause.is_transient());
        last_is_transient || (!decided && self.failures.iter().any(|failure| failure.cause.is_transient()))
    }

    /// Returns the server's code for the failure that decided.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&SqlState> {
        self.latest_first().find_map(|failure| match &failure.cause {
            Cause::Server(error) => Some(error.code()),
            Cause::Roots(_)
            | Cause::NoName
            | Cause::Resolve(_)
            | Cause::Timeout(_)
            | Cause::Connect(_)
            | Cause::PasswordMissing
            | Cause::TlsNotOffered
            | Cause::Certificate(_)
            | Cause::Handshake(_)
            | Cause::Unbound
            | Cause::WrongSession(_)
            | Cause::Lost(_)
            | Cause::Other(_) => None,
        })
    }

    /// Tells whether a password is all that is missing.
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
