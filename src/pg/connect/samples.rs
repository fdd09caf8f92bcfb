//! Why there is no connection: one of each, for `docs/messages.md`.

use std::io::{Error as IoError, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{ServerName, pem};
use rustls::{CertificateError, OtherError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::{Config, NoTls};

use super::Transport;
use super::cause::Cause;
use super::error::{ConnectError, HostError};
use crate::pg::options::{Settings, SslMode};
use crate::pg::tls::{IdentityError, RevokedError, RootsError, TlsError};

const TCP: &str = "host=db.example.com user=app dbname=shop password=x";
const SOCKET: &str = "host=/run/postgresql user=app dbname=shop";
const ENCRYPTED: &str = "host=db.example.com user=app dbname=shop password=x sslmode=require";
const NAMELESS: &str = "host=db.example.com";

/// Returns errors with every cause.
pub(crate) fn samples() -> Vec<ConnectError> {
    let hung = vec![Cause::Timeout(Duration::from_secs(10)), refused()];
    let one = |(address, cause)| error(address, vec![cause]);
    let all = causes().into_iter().chain(files()).chain(certificates()).chain(refusals());
    all.map(one).chain([error(TCP, hung)]).collect()
}

fn error(address: &str, causes: Vec<Cause>) -> ConnectError {
    let settings = Settings::from_sources(Some(address), &|_| None).expect("it is an address");
    let failures = causes.into_iter().map(|cause| HostError::new(&settings.hosts()[0], None, cause)).collect();
    ConnectError::new(&settings, failures)
}

fn refused() -> Cause {
    Cause::Connect(ErrorKind::ConnectionRefused.into())
}

fn causes() -> Vec<(&'static str, Cause)> {
    vec![
        (TCP, Cause::NoName),
        (TCP, Cause::NoRole),
        (TCP, Cause::Resolve(ErrorKind::NotFound.into())),
        (TCP, Cause::Timeout(Duration::from_secs(10))),
        (TCP, refused()),
        (TCP, Cause::Connect(ErrorKind::HostUnreachable.into())),
        (TCP, Cause::Connect(ErrorKind::NetworkUnreachable.into())),
        (TCP, Cause::Connect(IoError::other("too many open files"))),
        (SOCKET, Cause::Connect(ErrorKind::NotFound.into())),
        (SOCKET, Cause::Connect(ErrorKind::PermissionDenied.into())),
        (TCP, Cause::PasswordMissing),
        (TCP, Cause::TlsNotOffered),
        (TCP, Cause::Handshake("received corrupt message of type InvalidContentType".to_owned())),
        (TCP, Cause::HungUp(IoError::new(ErrorKind::UnexpectedEof, "tls handshake eof"))),
        (TCP, Cause::Unbound),
        (TCP, Cause::NotShown("the server asked for no certificate")),
        (TCP, Cause::WrongSession("the server is a hot standby")),
        (TCP, Cause::Lost("closed by the server".to_owned())),
        (TCP, Cause::Other("no answer to SHOW transaction_read_only".to_owned())),
    ]
}

fn files() -> Vec<(&'static str, Cause)> {
    let (root, crl, cert, key) = ("/etc/root.crt", "/etc/root.crl", "/etc/app.crt", "/etc/app.key");
    let cause = || pem::Error::NoItemsFound;
    let roots = [
        RootsError::Missing(root.into(), SslMode::VerifyFull),
        RootsError::NoHome,
        RootsError::Unreadable { path: root.into(), cause: cause() },
        RootsError::Empty(root.into()),
        RootsError::NoSystemRoots(String::new()),
        RootsError::NoSystemRoots(": Permission denied (os error 13) at '/etc/ssl/certs'".to_owned()),
    ];
    let revoked = [
        RevokedError::Unreadable { file: crl.into(), cause: cause().to_string() },
        RevokedError::Empty("/etc/crl".into()),
        RevokedError::Unusable("UnsupportedCrlVersion".to_owned()),
    ];
    let identity = [
        IdentityError::Certificate { file: cert.into(), cause: cause().to_string() },
        IdentityError::NoKey { certificate: cert.into(), key: key.into() },
        IdentityError::Key { file: key.into(), cause: "it is not a plain file".to_owned() },
        IdentityError::Exposed(key.into()),
        IdentityError::Encrypted(key.into()),
        IdentityError::Mismatch {
            certificate: cert.into(),
            key: key.into(),
            cause: rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch),
        },
    ];
    let roots = roots.into_iter().map(TlsError::Roots);
    let all = roots.chain(revoked.map(TlsError::Revoked)).chain(identity.map(TlsError::Identity));
    all.map(|error| (TCP, Cause::Files(error))).collect()
}

fn certificates() -> Vec<(&'static str, Cause)> {
    // webpki's own words for what rustls has no name for.
    let other = |words: &'static str| CertificateError::Other(OtherError(Arc::new(IoError::other(words))));
    let all = [
        CertificateError::UnknownIssuer,
        CertificateError::Expired,
        CertificateError::NotValidYet,
        CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("db.example.com").expect("it is a name"),
            presented: vec!["DnsName(\"db.internal\")".to_owned()],
        },
        CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("db.example.com").expect("it is a name"),
            presented: Vec::new(),
        },
        CertificateError::Revoked,
        other("UnsupportedCertVersion"),
        other("CaUsedAsEndEntity"),
        other("MalformedExtensions"),
    ];
    all.into_iter().map(|error| (ENCRYPTED, Cause::Certificate(error))).collect()
}

/// What servers refuse with: the SQLSTATE, the message and, where it matters, the server's own function.
fn refusals() -> Vec<(&'static str, Cause)> {
    const UNKNOWN_ROLE: Option<&str> = Some("InitializeSessionUserId");
    let no_line = "no pg_hba.conf entry for host \"10.0.0.7\", user \"app\", database \"shop\"";
    [
        (TCP, "28P01", "password authentication failed for user \"app\"", None),
        (TCP, "28000", "role \"app\" does not exist", UNKNOWN_ROLE),
        (TCP, "28000", no_line, None),
        (ENCRYPTED, "28000", no_line, None),
        (NAMELESS, "28000", "role \"root\" does not exist", UNKNOWN_ROLE),
        (TCP, "3D000", "database \"shop\" does not exist", None),
        (TCP, "42501", "permission denied for database \"shop\"", None),
        (TCP, "55000", "database \"shop\" is not currently accepting connections", None),
        (TCP, "53300", "sorry, too many clients already", None),
        (TCP, "57P03", "the database system is starting up", None),
        (TCP, "57P01", "terminating connection due to administrator command", None),
        (TCP, "08P01", "unsupported startup parameter: options", None),
    ]
    .into_iter()
    .map(|(address, sqlstate, message, routine)| (address, refusal(sqlstate, message, routine)))
    .collect()
}

/// Has a server refuse, because nobody else can make the client library's error.
fn refusal(sqlstate: &str, message: &str, routine: Option<&str>) -> Cause {
    let fields = [('S', "FATAL"), ('C', sqlstate), ('M', message)].into_iter().chain(routine.map(|name| ('R', name)));
    let fields = fields.map(|(kind, text)| format!("{kind}{text}\0")).collect::<Vec<_>>().concat();
    let length = u32::try_from(fields.len() + 5).expect("it is short").to_be_bytes();
    let answer = [b"E", length.as_slice(), fields.as_bytes(), b"\0"].concat();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it needs no more");
    let error = runtime.block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let server = async {
            let begun = theirs.read(&mut [0; 4096]).await.expect("it begins");
            assert_ne!(begun, 0, "it says who it is");
            theirs.write_all(&answer).await.expect("it listens");
        };
        let mut config = Config::new();
        let client = config.user("app").connect_raw(ours, NoTls);
        tokio::join!(client, server).0.err().expect("it was refused")
    });
    Cause::from_postgres(error, Transport::Plain)
}
