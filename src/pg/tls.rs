//! TLS by libpq's rules: what each `sslmode` checks, and with which roots.
//!
//! Nothing here is built before a server is about to be asked for TLS, so that a connection over a socket or with
//! `sslmode=disable` reads no certificate file.

mod der;
mod roots;
mod verifier;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use tokio_postgres::Socket;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::options::{Ssl, SslMode};
pub(crate) use roots::RootsError;
use verifier::{Check, Verifier};

/// Makes TLS sessions for one connection attempt, and remembers whether it made any.
#[derive(Clone)]
pub(crate) struct Connector {
    rustls: MakeRustlsConnect,
    started: Arc<AtomicBool>,
}

impl Connector {
    /// Reads the roots that `ssl` calls for and prepares the checks of its mode.
    pub(crate) fn new(ssl: &Ssl) -> Result<Self, RootsError> {
        let provider = Arc::new(ring::default_provider());
        let roots = roots::load(ssl)?;
        let check = match (roots, ssl.mode) {
            (None, _) => Check::Nothing,
            (Some(roots), SslMode::VerifyFull) => Check::ChainAndName(roots),
            // A root file that exists is used by the weaker modes as well: libpq's compatibility rule.
            (
                Some(roots),
                SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require | SslMode::VerifyCa,
            ) => Check::Chain(roots),
        };
        let verifier = Verifier::new(check, provider.signature_verification_algorithms);
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { rustls: MakeRustlsConnect::new(config), started: Arc::default() })
    }

    /// Returns a connector with the same configuration that has made no session yet.
    pub(crate) fn for_next_attempt(&self) -> Self {
        Self { rustls: self.rustls.clone(), started: Arc::default() }
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

    /// Tells whether the server agreed to TLS and a handshake was begun.
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
