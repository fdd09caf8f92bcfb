//! Our own certificate, for servers that ask for one.
//!
//! The rules are those of libpq's `initialize_SSL`: a certificate that is not there is not shown, but one that is
//! there needs its key, and the key must be nobody else's to read.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::pg::options::{CertMode, Identity};

/// A certificate or a key that is there and cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    #[error("certificate file {file} cannot be read: {cause}")]
    Certificate { file: PathBuf, cause: String },
    #[error("certificate file {certificate} is there, but its private key {key} is not")]
    NoKey { certificate: PathBuf, key: PathBuf },
    #[error("private key file {file} cannot be read: {cause}")]
    Key { file: PathBuf, cause: String },
    #[error("private key file {0} has group or world access")]
    Exposed(PathBuf),
    #[error("private key file {0} is encrypted, and sslpassword is not supported")]
    Encrypted(PathBuf),
    #[error("certificate file {certificate} does not go with private key file {key}: {cause}")]
    Mismatch { certificate: PathBuf, key: PathBuf, cause: rustls::Error },
}

impl IdentityError {
    /// Returns what helps.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Certificate { .. } => "it must hold certificates in PEM form, our own first".to_owned(),
            Self::NoKey { .. } => "give it with sslkey=FILE, or show no certificate: sslcertmode=disable".to_owned(),
            Self::Key { .. } => "it must be a plain file with a private key in PEM or DER form".to_owned(),
            Self::Exposed(file) => format!("run: chmod 600 {}; root's own may have mode 0640", file.display()),
            Self::Encrypted(file) => format!("decrypt it: openssl pkey -in {} -out KEY", file.display()),
            Self::Mismatch { .. } => "give the two that were made for each other with sslcert and sslkey".to_owned(),
        }
    }
}

/// Reads the certificate and its key, if there is one to show.
pub(super) fn load(identity: &Identity, provider: &CryptoProvider) -> Result<Option<Arc<CertifiedKey>>, IdentityError> {
    let path = identity.certificate.as_ref().filter(|path| identity.mode != CertMode::Disable && path.exists());
    let (Some(path), Some(key_path)) = (path, &identity.key) else { return Ok(None) };
    let unreadable = |error: pem::Error| IdentityError::Certificate { file: path.clone(), cause: error.to_string() };
    let chain = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    if chain.is_empty() {
        return Err(unreadable(pem::Error::NoItemsFound));
    }
    let key = key(key_path, path)?;
    let certified = CertifiedKey::from_der(chain, key, provider);
    certified.map(|certified| Some(Arc::new(certified))).map_err(|cause| IdentityError::Mismatch {
        certificate: path.clone(),
        key: key_path.clone(),
        cause,
    })
}

fn key(file: &Path, certificate: &Path) -> Result<PrivateKeyDer<'static>, IdentityError> {
    let unreadable = |cause: String| IdentityError::Key { file: file.to_owned(), cause };
    let metadata = match fs::metadata(file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(IdentityError::NoKey { certificate: certificate.to_owned(), key: file.to_owned() });
        }
        Err(error) => return Err(unreadable(error.to_string())),
    };
    if !metadata.is_file() {
        return Err(unreadable("it is not a plain file".to_owned()));
    }
    if is_exposed(metadata.uid(), metadata.mode()) {
        return Err(IdentityError::Exposed(file.to_owned()));
    }
    let bytes = fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    match PrivateKeyDer::from_pem_slice(&bytes) {
        // The old form of encryption is announced inside the section, the new one by its name.
        _ if bytes.windows(9).any(|word| word == b"ENCRYPTED") => Err(IdentityError::Encrypted(file.to_owned())),
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) => {
            PrivateKeyDer::try_from(bytes).map_err(|_| unreadable("it holds no private key".to_owned()))
        }
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// Says whether others may read it; what belongs to root may be read by a group, as packages install it.
fn is_exposed(owner: u32, mode: u32) -> bool {
    mode & if owner == 0 { 0o037 } else { 0o077 } != 0
}

/// Shows the certificate to a server that asks, and remembers whether one did.
#[derive(Debug)]
pub(super) struct Presenter {
    certified: Option<Arc<CertifiedKey>>,
    outcome: OnceLock<Presented>,
}

/// What became of our certificate in one handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presented {
    NotAsked,
    NothingToShow,
    Shown,
}

impl Presenter {
    pub(super) fn new(certified: Option<Arc<CertifiedKey>>) -> Self {
        Self { certified, outcome: OnceLock::new() }
    }

    /// Returns one with the same certificate that nobody has asked yet.
    pub(super) fn renewed(&self) -> Self {
        Self::new(self.certified.clone())
    }

    pub(super) fn presented(&self) -> Presented {
        self.outcome.get().copied().unwrap_or(Presented::NotAsked)
    }
}

impl ResolvesClientCert for Presenter {
    fn resolve(&self, _authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // OpenSSL, too, leaves it to the server whether it knows the authority.
        let shown = self.certified.clone().filter(|certified| certified.key.choose_scheme(schemes).is_some());
        self.outcome.get_or_init(|| if shown.is_some() { Presented::Shown } else { Presented::NothingToShow });
        shown
    }

    fn has_certs(&self) -> bool {
        self.certified.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_nobody_elses_to_read() {
        for (owner, mode, exposed) in [
            (1000, 0o100_600, false),
            (1000, 0o100_400, false),
            (1000, 0o100_640, true),
            (1000, 0o100_604, true),
            (0, 0o100_600, false),
            (0, 0o100_640, false),
            (0, 0o100_660, true),
            (0, 0o100_650, true),
            (0, 0o100_644, true),
        ] {
            assert_eq!(is_exposed(owner, mode), exposed, "{owner} {mode:o}");
        }
    }
}
