//! TLS by libpq's rules: what each `sslmode` checks, and with which roots.
//!
//! Nothing here is built before a server is about to be asked for TLS, so that a connection over a socket or with
//! `sslmode=disable` reads no certificate file.

mod der;
mod identity;
mod revoked;
mod roots;
mod verifier;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, ClientConfig, SupportedProtocolVersion};
use tokio_postgres::Socket;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::options::{Negotiation, Sni, Ssl, SslMode, Versions};
use identity::Presenter;
pub(crate) use identity::{IdentityError, Presented};
pub(crate) use revoked::RevokedError;
pub(crate) use roots::RootsError;
use verifier::{Chain, Check, Verifier};

/// Files that TLS cannot do without.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error(transparent)]
    Roots(#[from] RootsError),
    #[error(transparent)]
    Revoked(#[from] RevokedError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl TlsError {
    /// Returns what helps.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Roots(error) => error.hint(),
            Self::Revoked(error) => error.hint(),
            Self::Identity(error) => error.hint(),
        }
    }
}

/// Makes TLS sessions for one connection attempt, and remembers what came of them.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Arc<ClientConfig>,
    rustls: MakeRustlsConnect,
    presenter: Arc<Presenter>,
    started: Arc<AtomicBool>,
}

impl Connector {
    /// Reads the files that `ssl` calls for and prepares the checks of its mode.
    pub(crate) fn new(ssl: &Ssl) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let chain = match roots::load(&ssl.roots, ssl.mode)? {
            Some(anchors) => Some(Chain::new(anchors, revoked::load(&ssl.revoked)?, Arc::clone(&provider))?),
            None => None,
        };
        let check = match (chain, ssl.mode) {
            (None, _) => Check::Nothing,
            (Some(chain), SslMode::VerifyFull) => Check::ChainAndName(chain),
            // A root file that exists is used by the weaker modes as well: libpq's compatibility rule.
            (
                Some(chain),
                SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require | SslMode::VerifyCa,
            ) => Check::Chain(chain),
        };
        let presenter = Arc::new(Presenter::new(identity::load(&ssl.identity, &provider)?));
        let verifier = Verifier::new(check, provider.signature_verification_algorithms);
        let versions: &[&SupportedProtocolVersion] = match ssl.versions {
            Versions::Both => &[&TLS13, &TLS12],
            Versions::Only12 => &[&TLS12],
            Versions::Only13 => &[&TLS13],
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(presenter.clone());
        config.enable_sni = ssl.sni == Sni::On;
        if ssl.negotiation == Negotiation::Direct {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        Ok(Self::with(config, presenter))
    }

    /// Returns a connector with the same configuration that has made no session yet.
    pub(crate) fn for_next_attempt(&self) -> Self {
        let presenter = Arc::new(self.presenter.renewed());
        let mut config = ClientConfig::clone(&self.config);
        config.client_auth_cert_resolver = presenter.clone();
        Self::with(config, presenter)
    }

    fn with(config: ClientConfig, presenter: Arc<Presenter>) -> Self {
        let rustls = MakeRustlsConnect::new(config.clone());
        Self { config: Arc::new(config), rustls, presenter, started: Arc::default() }
    }

    /// Tells what became of our own certificate.
    pub(crate) fn presented(&self) -> Presented {
        self.presenter.presented()
    }

    /// Returns a handshake with `host` over any stream.
    pub(crate) fn handshake<S>(&self, host: &str) -> <MakeRustlsConnect as MakeTlsConnect<S>>::TlsConnect
    where
        MakeRustlsConnect: MakeTlsConnect<S, Error = Infallible>,
    {
        match MakeTlsConnect::<S>::make_tls_connect(&mut self.rustls.clone(), &server_name(host)) {
            Ok(handshake) => handshake,
        }
    }

    /// Says whether the server agreed to TLS and a handshake was begun.
    pub(crate) fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }
}

impl MakeTlsConnect<Socket> for Connector {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
    type TlsConnect = Handshake;
    type Error = Infallible;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, Infallible> {
        let rustls = MakeTlsConnect::<Socket>::make_tls_connect(&mut self.rustls, &server_name(host))?;
        Ok(Handshake { rustls, started: Arc::clone(&self.started) })
    }
}

/// One handshake to come.
pub(crate) struct Handshake {
    rustls: <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect,
    started: Arc<AtomicBool>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
    type Error = <<MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect as TlsConnect<Socket>>::Error;
    type Future = <<MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect as TlsConnect<Socket>>::Future;

    fn connect(self, stream: Socket) -> Self::Future {
        self.started.store(true, Ordering::Relaxed);
        self.rustls.connect(stream)
    }
}

/// Says whether webpki refused a certificate for its version.
pub(crate) fn is_version_1(error: &CertificateError) -> bool {
    is_of_webpki(error, "UnsupportedCertVersion")
}

/// Says whether webpki refused a server's certificate because it may sign others.
pub(crate) fn is_authority(error: &CertificateError) -> bool {
    is_of_webpki(error, "CaUsedAsEndEntity")
}

/// rustls passes on what it has no name for as an opaque error that reads like webpki's variant.
fn is_of_webpki(error: &CertificateError, variant: &str) -> bool {
    matches!(error, CertificateError::Other(error) if error.to_string() == variant)
}

/// Returns `host` in the form rustls takes; where there is none, an address that sends no SNI and matches no
/// certificate, since only `verify-full` cares about the name.
fn server_name(host: &str) -> String {
    // rustls has no notion of the zone in fe80::1%eth0, and certificates have none either.
    let host = host.split_once('%').map_or(host, |(ip, _zone)| ip);
    match ServerName::try_from(host) {
        Ok(_) => host.to_owned(),
        Err(_) => IpAddr::from([0, 0, 0, 0]).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_no_certificate_names_have_a_name_that_none_has() {
        for (host, expected) in
            [("db.example.com", "db.example.com"), ("fe80::1%eth0", "fe80::1"), ("no name", "0.0.0.0")]
        {
            assert_eq!(server_name(host), expected);
        }
    }
}
