//! The certificates that a server's certificate may hang from.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

use crate::pg::options::{Roots, SslMode};

/// Roots that could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootsError {
    #[error("root certificate file {0} does not exist, so sslmode={mode} cannot check the server", mode = .1.name())]
    Missing(PathBuf, SslMode),
    #[error("no root certificate file is given and there is no home folder to look for one")]
    NoHome,
    #[error("root certificate file {path} cannot be read: {cause}")]
    Unreadable { path: PathBuf, cause: pem::Error },
    #[error("root certificate file {0} holds no certificate")]
    Empty(PathBuf),
    #[error("the operating system has no root certificates that can be read{0}")]
    NoSystemRoots(String),
}

impl RootsError {
    /// Returns what helps.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Missing(..) | Self::NoHome => {
                "give the authority's certificate: sslrootcert=FILE,\n\
                 or use those of the operating system: sslrootcert=system"
            }
            Self::Unreadable { .. } | Self::Empty(_) => "it must hold certificates in PEM form, readable by this user",
            Self::NoSystemRoots(_) => {
                "install the ca-certificates package, or give the authority's certificate:\nsslrootcert=FILE"
            }
        }
        .to_owned()
    }
}

/// Trust anchors, with the certificates they were made from when the user chose them.
#[derive(Debug)]
pub(super) struct Anchors {
    pub(super) store: RootCertStore,
    pub(super) chosen: Vec<CertificateDer<'static>>,
}

/// Reads the roots; `None` when the mode checks nothing because there are none.
pub(super) fn load(roots: &Roots, mode: SslMode) -> Result<Option<Anchors>, RootsError> {
    match roots {
        Roots::System => system().map(Some),
        Roots::File(Some(path)) if path.exists() => file(path).map(Some),
        Roots::File(path) => match mode {
            SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require => Ok(None),
            SslMode::VerifyCa | SslMode::VerifyFull => Err(match path {
                Some(path) => RootsError::Missing(path.clone(), mode),
                None => RootsError::NoHome,
            }),
        },
    }
}

fn system() -> Result<Anchors, RootsError> {
    let mut store = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        let why: Vec<String> = found.errors.iter().map(|error| format!(": {error}")).collect();
        return Err(RootsError::NoSystemRoots(why.concat()));
    }
    Ok(Anchors { store, chosen: Vec::new() })
}

fn file(path: &Path) -> Result<Anchors, RootsError> {
    let unreadable = |cause| RootsError::Unreadable { path: path.to_owned(), cause };
    let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let chosen = certificates.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(chosen.iter().cloned());
    if store.is_empty() {
        return Err(RootsError::Empty(path.to_owned()));
    }
    Ok(Anchors { store, chosen })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_an_error_only_for_the_modes_that_verify() {
        for (mode, expected) in [
            (SslMode::Prefer, None),
            (SslMode::Require, None),
            (
                SslMode::VerifyCa,
                Some("root certificate file /no/root.crt does not exist, so sslmode=verify-ca cannot check the server"),
            ),
        ] {
            let roots = Roots::File(Some(PathBuf::from("/no/root.crt")));
            let error = load(&roots, mode).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), expected);
        }
        let homeless = load(&Roots::File(None), SslMode::VerifyFull);
        assert!(matches!(homeless, Err(RootsError::NoHome)));
    }
}
