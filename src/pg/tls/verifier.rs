//! The check of a server's certificate.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::revoked::RevokedError;
use super::roots::Anchors;
use super::{der, is_authority, is_version_1};

/// How much of a server's certificate is checked.
#[derive(Debug)]
pub(super) enum Check {
    Nothing,
    Chain(Chain),
    ChainAndName(Chain),
}

/// The check that a certificate hangs from a root and that nobody has taken it back.
#[derive(Debug)]
pub(super) struct Chain {
    webpki: Arc<WebPkiServerVerifier>,
    chosen: Vec<CertificateDer<'static>>,
}

impl Chain {
    pub(super) fn new(
        anchors: Anchors,
        revoked: Vec<CertificateRevocationListDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, RevokedError> {
        let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(anchors.store), provider)
            .with_crls(revoked)
            .enforce_revocation_expiration()
            .build()
            .map_err(|error| RevokedError::Unusable(error.to_string()))?;
        Ok(Self { webpki, chosen: anchors.chosen })
    }

    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        match self.webpki.verify_server_cert(end_entity, intermediates, server_name, &[], now) {
            // The name is the last thing it looks at, and checking that is not up to the chain.
            Ok(_)
            | Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(()),
            // A self-signed certificate made by `openssl req -x509` says it is an authority, which webpki refuses in
            // a server, after it has checked the dates. Whoever lists that very certificate trusts it.
            Err(Error::InvalidCertificate(error)) if is_authority(&error) && self.chosen.contains(end_entity) => Ok(()),
            // One of version 1 it does not even read.
            Err(Error::InvalidCertificate(error)) if is_version_1(&error) && self.chosen.contains(end_entity) => {
                verify_dates(end_entity, now, error)
            }
            Err(error) => Err(error),
        }
    }
}

/// Checks certificates as far as the mode asks; the handshake's signature it checks always.
#[derive(Debug)]
pub(super) struct Verifier {
    check: Check,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(check: Check, algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { check, algorithms }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.check {
            Check::Nothing => {}
            Check::Chain(chain) => chain.verify(end_entity, intermediates, server_name, now)?,
            Check::ChainAndName(chain) => {
                chain.verify(end_entity, intermediates, server_name, now)?;
                verify_name(end_entity, server_name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    // Even where nothing is verified the server must prove that the certificate is its own: channel binding ties
    // the password to that certificate, and a man in the middle could show the real one without having its key.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let refused = match verify_tls13_signature(message, certificate, signature, &self.algorithms) {
            Ok(valid) => return Ok(valid),
            Err(refused) => refused,
        };
        // webpki reads no X.509 version 1; its key is as good as any.
        match der::public_key(certificate) {
            Some(key) => verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms),
            None => Err(refused),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Checks the dates of a certificate of version 1, or leaves it at the refusal.
fn verify_dates(end_entity: &CertificateDer<'_>, now: UnixTime, refusal: CertificateError) -> Result<(), Error> {
    match der::validity(end_entity) {
        Some((not_before, _)) if now < not_before => Err(CertificateError::NotValidYet.into()),
        Some((_, not_after)) if now > not_after => Err(CertificateError::Expired.into()),
        Some(_) => Ok(()),
        None => Err(refusal.into()),
    }
}

/// Checks the name as libpq does: the `subjectAltName`, and without one the common name.
fn verify_name(end_entity: &CertificateDer<'_>, server_name: &ServerName<'_>) -> Result<(), Error> {
    let parsed = ParsedCertificate::try_from(end_entity);
    match parsed.and_then(|certificate| verify_server_name(&certificate, server_name)) {
        Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }))
            if presented.is_empty() =>
        {
            verify_common_name(end_entity, server_name)
        }
        // Version 1 has nothing but the common name.
        Err(Error::InvalidCertificate(error)) if is_version_1(&error) => verify_common_name(end_entity, server_name),
        verified => verified,
    }
}

fn verify_common_name(end_entity: &CertificateDer<'_>, server_name: &ServerName<'_>) -> Result<(), Error> {
    match der::common_name(end_entity) {
        Some(common_name) if covers(&common_name, server_name) => Ok(()),
        common_name => {
            let presented = common_name.map(|name| format!("CommonName({name:?})")).into_iter().collect();
            Err(CertificateError::NotValidForNameContext { expected: server_name.to_owned(), presented }.into())
        }
    }
}

/// Matches a common name by libpq's rules: a leading `*.` stands for exactly one label.
fn covers(common_name: &str, server_name: &ServerName<'_>) -> bool {
    let host = server_name.to_str();
    let host = host.trim_end_matches('.');
    if common_name.eq_ignore_ascii_case(host) {
        return true;
    }
    match (server_name, common_name.strip_prefix("*."), host.split_once('.')) {
        (ServerName::DnsName(_), Some(pattern), Some((label, parent))) => {
            !label.is_empty() && pattern.eq_ignore_ascii_case(parent)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_names_cover_hosts_as_in_libpq() {
        for (common_name, host, expected) in [
            ("db.example.com", "db.example.com", true),
            ("DB.example.com", "db.EXAMPLE.com", true),
            ("*.example.com", "db.example.com", true),
            ("*.example.com", "a.db.example.com", false),
            ("*.example.com", "example.com", false),
            ("*", "localhost", false),
            ("d*.example.com", "db.example.com", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("*.0.0.1", "127.0.0.1", false),
        ] {
            let name = ServerName::try_from(host).unwrap();
            assert_eq!(covers(common_name, &name), expected, "{common_name} {host}");
        }
    }

    #[test]
    fn a_certificate_that_cannot_be_read_stays_refused() {
        let now = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
        let refused = verify_dates(&CertificateDer::from_slice(b"none"), now, CertificateError::UnknownIssuer);
        assert_eq!(refused, Err(CertificateError::UnknownIssuer.into()));
    }
}
