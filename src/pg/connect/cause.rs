//! Why an attempt gave no session.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::CertificateError;
use tokio_postgres::error::{DbError, SqlState};

use super::Transport;
use crate::pg::tls::{self, TlsError};

/// One reason, as far as it can be told apart.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("{0}")]
    Files(TlsError),
    #[error("sslmode=verify-full needs a host name, and only hostaddr is given")]
    NoName,
    #[error("no role is given, and this process runs as a user without a name")]
    NoRole,
    #[error("the host name cannot be resolved")]
    Resolve(io::Error),
    #[error("no answer within {}", humantime::format_duration(*.0))]
    Timeout(Duration),
    #[error("{}", refused(.0))]
    Connect(io::Error),
    #[error("{} ({})", .0.message(), .0.code().code())]
    Server(Box<DbError>),
    #[error("the server wants a password, and none is given")]
    PasswordMissing,
    #[error("the server does not offer TLS")]
    TlsNotOffered,
    #[error("{}", untrusted(.0))]
    Certificate(CertificateError),
    #[error("the TLS handshake failed: {0}")]
    Handshake(String),
    #[error("the connection ended during the TLS handshake: {0}")]
    HungUp(io::Error),
    #[error("channel_binding=require, and the password exchange is not bound to TLS")]
    Unbound,
    #[error("sslcertmode=require, and {0}")]
    NotShown(&'static str),
    #[error("{0}")]
    WrongSession(&'static str),
    #[error("the connection ended before the server let us in: {0}")]
    Lost(String),
    #[error("{0}")]
    Other(String),
}

/// Where libpq goes after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Address,
    Host,
    Nowhere,
}

impl Cause {
    /// Sorts an error of `Config::connect`.
    ///
    /// tokio-postgres keeps the kinds of its errors private; their wording is the only thing that tells them apart.
    pub(super) fn from_postgres(error: tokio_postgres::Error, transport: Transport) -> Self {
        let kind = error.to_string();
        let closed = error.is_closed();
        let Some(source) = error.into_source() else {
            return if closed { Self::Lost("closed by the server".to_owned()) } else { Self::Other(kind) };
        };
        let source = match source.downcast::<DbError>() {
            Ok(error) => return Self::Server(error),
            Err(source) => source,
        };
        match (kind.as_str(), transport) {
            // With host and port in place, a password is all that can be missing.
            ("invalid configuration", _) => Self::PasswordMissing,
            ("error performing TLS handshake", Transport::Tls) => Self::from_handshake(io_error(source)),
            ("error performing TLS handshake", Transport::Plain | Transport::Socket) => Self::TlsNotOffered,
            ("authentication error", _) if source.to_string() == "server did not use channel binding" => Self::Unbound,
            ("error connecting to server", _) => Self::Connect(io_error(source)),
            ("error communicating with the server", _) => Self::Lost(source.to_string()),
            _ => Self::Other(format!("{kind}: {source}")),
        }
    }

    /// Sorts an error of a statement sent while connecting.
    pub(super) fn from_session(error: tokio_postgres::Error) -> Self {
        Self::from_postgres(error, Transport::Plain)
    }

    fn from_handshake(error: io::Error) -> Self {
        if [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset].contains(&error.kind()) {
            return Self::HungUp(error);
        }
        let words = error.to_string();
        let tls = error.into_inner().and_then(|error| error.downcast::<rustls::Error>().ok());
        match tls.map(|error| *error) {
            Some(rustls::Error::InvalidCertificate(error)) => Self::Certificate(error),
            _ => Self::Handshake(words),
        }
    }

    /// Returns where to go from here: the rules of `PQconnectPoll`.
    pub(super) fn next(&self) -> Next {
        match self {
            Self::Timeout(_) | Self::Connect(_) => Next::Address,
            Self::Resolve(_) | Self::WrongSession(_) => Next::Host,
            Self::Server(error) if *error.code() == SqlState::CANNOT_CONNECT_NOW => Next::Host,
            Self::Files(_)
            | Self::NoName
            | Self::NoRole
            | Self::Server(_)
            | Self::PasswordMissing
            | Self::TlsNotOffered
            | Self::Certificate(_)
            | Self::Handshake(_)
            | Self::HungUp(_)
            | Self::Unbound
            | Self::NotShown(_)
            | Self::Lost(_)
            | Self::Other(_) => Next::Nowhere,
        }
    }

    /// Says whether the same attempt may succeed in a moment, without anyone doing anything.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Connect(error) => {
                // A server that is still starting has no socket file yet, and its machine may be starting, too.
                [
                    io::ErrorKind::ConnectionRefused,
                    io::ErrorKind::NotFound,
                    io::ErrorKind::ConnectionReset,
                    io::ErrorKind::HostUnreachable,
                ]
                .contains(&error.kind())
            }
            Self::Server(error) => [
                SqlState::CANNOT_CONNECT_NOW,
                SqlState::TOO_MANY_CONNECTIONS,
                SqlState::ADMIN_SHUTDOWN,
                SqlState::CRASH_SHUTDOWN,
            ]
            .contains(error.code()),
            // A container has its name only while it runs, and its port is open before anybody listens behind it. A
            // standby may be promoted.
            Self::Resolve(_) | Self::HungUp(_) | Self::Lost(_) | Self::WrongSession(_) => true,
            Self::Files(_)
            | Self::NoName
            | Self::NoRole
            | Self::Timeout(_)
            | Self::PasswordMissing
            | Self::TlsNotOffered
            | Self::Certificate(_)
            | Self::Handshake(_)
            | Self::Unbound
            | Self::NotShown(_)
            | Self::Other(_) => false,
        }
    }

    /// Says whether the server turned the role away: SQLSTATE class 28.
    pub(super) fn is_refused_role(&self) -> bool {
        matches!(self, Self::Server(error) if error.code().code().starts_with("28"))
    }

    /// Says whether TLS was offered and did not come about.
    pub(super) fn is_failed_handshake(&self) -> bool {
        matches!(self, Self::Files(_) | Self::Certificate(_) | Self::Handshake(_) | Self::HungUp(_))
    }
}

fn refused(error: &io::Error) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the operating system words the others well enough")]
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::NotFound => "there is no socket".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NetworkUnreachable => "the network cannot be reached".to_owned(),
        io::ErrorKind::HostUnreachable => "the host cannot be reached".to_owned(),
        _ => error.to_string(),
    }
}

fn untrusted(error: &CertificateError) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "rustls words the others well enough")]
    match error {
        CertificateError::UnknownIssuer => "the server's certificate is not signed by a trusted root".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet".to_owned()
        }
        CertificateError::NotValidForNameContext { expected, .. } => {
            format!("the server's certificate is not for \"{}\"", expected.to_str())
        }
        CertificateError::Other(_) if tls::is_version_1(error) => {
            "the server's certificate is X.509 version 1".to_owned()
        }
        CertificateError::Other(_) if tls::is_authority(error) => {
            "the server's certificate is that of an authority, not of a server".to_owned()
        }
        CertificateError::Other(error) => format!("the server's certificate cannot be used: {error}"),
        error => format!("the server's certificate is refused: {error}"),
    }
}

/// Returns the names that a certificate bears instead of the one looked for.
pub(super) fn names(presented: &[String]) -> Vec<&str> {
    // rustls passes them on as `DnsName("db.example.com")` and `IpAddress(10.0.0.1)`.
    presented
        .iter()
        .filter_map(|name| name.split_once('(')?.1.strip_suffix(')'))
        .map(|name| name.trim_matches('"'))
        .collect()
}

fn io_error(source: Box<dyn Error + Send + Sync>) -> io::Error {
    source.downcast().map_or_else(io::Error::other, |error| *error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_certificate_are_unwrapped() {
        let presented = ["DnsName(\"localhost\")", "IpAddress(127.0.0.1)", "CommonName(\"db\")"].map(str::to_owned);
        assert_eq!(names(&presented), ["localhost", "127.0.0.1", "db"]);
    }

    #[test]
    fn only_what_passes_by_itself_is_transient() {
        for (cause, transient) in [
            (Cause::Connect(io::ErrorKind::ConnectionRefused.into()), true),
            (Cause::Connect(io::ErrorKind::NotFound.into()), true),
            (Cause::Connect(io::ErrorKind::ConnectionReset.into()), true),
            (Cause::Connect(io::ErrorKind::HostUnreachable.into()), true),
            (Cause::Connect(io::ErrorKind::PermissionDenied.into()), false),
            (Cause::Resolve(io::ErrorKind::NotFound.into()), true),
            (Cause::Lost("closed by the server".to_owned()), true),
            (Cause::HungUp(io::ErrorKind::UnexpectedEof.into()), true),
            (Cause::Handshake("no".to_owned()), false),
            (Cause::Timeout(Duration::from_secs(1)), false),
            (Cause::PasswordMissing, false),
            (Cause::WrongSession("the server is a hot standby"), true),
        ] {
            assert_eq!(cause.is_transient(), transient, "{cause}");
        }
    }
}
