//! What helps against each reason for not being let in.

use std::io;

use rustls::CertificateError;
use tokio_postgres::error::{DbError, SqlState};

use super::cause::{self, Cause};
use super::error::{ConnectError, HostError};
use crate::pg::options::{Endpoint, Origin, SslMode};
use crate::pg::tls;

/// Returns the hint for one failure.
pub(super) fn against(failure: &HostError, error: &ConnectError) -> Option<String> {
    match &failure.cause {
        Cause::Files(files) => Some(files.hint()),
        Cause::NoName => Some("add host=NAME, the name in the server's certificate, or sslmode=verify-ca".into()),
        Cause::NoRole => Some("give it with user=… or PGUSER, or in a URL: postgres://ROLE@HOST/DATABASE".into()),
        Cause::Resolve(_) => Some(
            "check the spelling of the host name and that this machine can resolve it;\n\
             --wait=30s keeps trying while it starts"
                .into(),
        ),
        Cause::Timeout(_) => Some("check host, port and firewalls; for a slow network: --connect-timeout=30s".into()),
        Cause::Connect(io) => connection(io, failure),
        Cause::Server(server) => refusal(server, error),
        Cause::PasswordMissing => {
            Some("set PGPASSWORD, or put the password into ~/.pgpass, --addr or DATABASE_URL".into())
        }
        Cause::TlsNotOffered => Some(
            "turn on ssl in the server's postgresql.conf, or allow a connection\nwithout it: sslmode=prefer".into(),
        ),
        Cause::Certificate(certificate) => trust(certificate),
        Cause::Handshake(_) => Some("check that a PostgreSQL server listens there, and look into its log".into()),
        Cause::HungUp(_) => Some(
            "check that a PostgreSQL server listens there, and look into its log;\n\
             sslnegotiation=direct needs PostgreSQL 17 or newer;\n\
             --wait=30s keeps trying while it starts"
                .into(),
        ),
        Cause::Lost(_) => Some(
            "check that a PostgreSQL server listens there, and look into its log;\n\
             --wait=30s keeps trying while it starts"
                .into(),
        ),
        Cause::Unbound => Some("it needs TLS (sslmode=require) and a role with a SCRAM password".into()),
        Cause::NotShown(_) => {
            Some("it needs TLS, a server with ssl_ca_file, and sslcert and sslkey that the\nserver accepts".into())
        }
        Cause::WrongSession(_) => Some("target_session_attrs asks for another kind of server".into()),
        Cause::Other(_) => None,
    }
}

fn connection(io: &io::Error, failure: &HostError) -> Option<String> {
    let host = failure.host();
    match (io.kind(), &host.endpoint) {
        (io::ErrorKind::NotFound, Endpoint::Socket(_)) => {
            Some("start the server, or give its address with host=…;\n--wait=30s keeps trying while it starts".into())
        }
        (io::ErrorKind::ConnectionRefused, Endpoint::Socket(_) | Endpoint::Name(_) | Endpoint::Ip { .. }) => {
            Some(format!(
                "check that the server runs and listens on port {};\n--wait=30s keeps trying while it starts",
                host.port
            ))
        }
        _ => None,
    }
}

fn refusal(server: &DbError, error: &ConnectError) -> Option<String> {
    let code = server.code();
    let (Some(role), Some(database)) = (error.role.as_deref(), error.database.as_deref()) else {
        return nameless(error, code);
    };
    if *code == SqlState::INVALID_PASSWORD {
        let from = match &error.password {
            Origin::Default => String::new(),
            origin @ (Origin::Address
            | Origin::AddressFile(_)
            | Origin::DatabaseUrl
            | Origin::Service(_)
            | Origin::Variable(_)
            | Origin::Passfile(_)) => format!(",\ngiven in {origin}"),
        };
        Some(format!("check that role \"{role}\" exists and may log in, and its password{from}"))
    } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        Some(not_admitted(server, role, database, error.mode))
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        Some(format!("check the name, or create it: CREATE DATABASE {};", identifier(database)))
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        let (database, role) = (identifier(database), identifier(role));
        Some(format!("as the database's owner, run:\nGRANT CONNECT ON DATABASE {database} TO {role};"))
    } else if *code == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE {
        let database = identifier(database);
        Some(format!("as the database's owner, run:\nALTER DATABASE {database} ALLOW_CONNECTIONS true;"))
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        Some("end other sessions or raise the limit;\n--wait=30s keeps trying until there is room".into())
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        Some("--wait=30s keeps trying until the server accepts connections".into())
    } else if [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code) {
        Some("the server is going down, or somebody ended the session;\n--wait=30s keeps trying until the server is back".into())
    } else {
        server.hint().map(str::to_owned)
    }
}

/// A role that nobody named is the operating system's user, and a database that nobody named has the role's name.
fn nameless(error: &ConnectError, code: &SqlState) -> Option<String> {
    let about_names = [
        SqlState::INVALID_PASSWORD,
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
        SqlState::INVALID_CATALOG_NAME,
        SqlState::INSUFFICIENT_PRIVILEGE,
    ];
    let missing = if error.database.is_some() {
        "user=… or PGUSER"
    } else {
        "user=… and dbname=…, or PGUSER and PGDATABASE"
    };
    about_names
        .contains(code)
        .then(|| format!("without a name it is that of the operating system's user;\ngive {missing}"))
}

/// SQLSTATE 28000 stands both for a role that may not log in and for a missing line in `pg_hba.conf`; the name of the
/// server's own function tells them apart in every language.
fn not_admitted(server: &DbError, role: &str, database: &str, mode: SslMode) -> String {
    if server.routine() == Some("InitializeSessionUserId") {
        return format!(
            "as a superuser, run: CREATE ROLE {0} LOGIN;\nor, where it is there: ALTER ROLE {0} LOGIN;",
            identifier(role)
        );
    }
    let line = format!("the server's pg_hba.conf needs a line for role \"{role}\" and\ndatabase \"{database}\"");
    match mode {
        SslMode::Disable => format!("{line} without TLS, or connect with TLS: sslmode=require"),
        SslMode::Allow | SslMode::Prefer => line,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            format!("{line} with TLS, or allow a connection without it: sslmode=prefer")
        }
    }
}

fn trust(certificate: &CertificateError) -> Option<String> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "against the others there is no general advice")]
    match certificate {
        CertificateError::UnknownIssuer => Some(
            "give the certificate of the authority that signed it: sslrootcert=FILE;\n\
             if a public authority did: sslrootcert=system"
                .into(),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = cause::names(presented);
            let way = "use sslmode=verify-ca, which does not check the name";
            Some(match names.as_slice() {
                [] => way.to_owned(),
                names => format!("connect by a name in the certificate ({}),\nor {way}", names.join(", ")),
            })
        }
        // What `openssl x509 -req` makes before OpenSSL 3.2 when it is given no extensions.
        error if tls::is_version_1(error) => {
            Some("make it anew with an extension, such as\n-extfile <(echo subjectAltName=DNS:db.example.com)".into())
        }
        error if tls::is_authority(error) => {
            Some("put this very certificate into sslrootcert=FILE,\nor make one with basicConstraints=CA:FALSE".into())
        }
        _ => None,
    }
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
