//! The lists of certificates that their authorities have taken back.
//!
//! The rules are those of libpq's `initialize_SSL`: a list that is not there is not missed, but with one that is
//! there every certificate of the chain must have its authority's list, and the list must not have it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::{self, PemObject};

use crate::pg::options::Revoked;

/// Lists that are there and cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RevokedError {
    #[error("revocation list {file} cannot be read: {cause}")]
    Unreadable { file: PathBuf, cause: String },
    #[error("sslcrldir {0} has no revocation list")]
    Empty(PathBuf),
    #[error("the revocation lists of sslcrl or sslcrldir cannot be used: {0}")]
    Unusable(String),
}

impl RevokedError {
    /// Returns what helps.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => "it must hold revocation lists in PEM form, readable by this user",
            Self::Empty(_) => "openssl rehash gives the lists in a folder the names that are looked for",
            Self::Unusable(_) => "make them anew in version 2, which OpenSSL does with crl_extensions",
        }
        .to_owned()
    }
}

/// Reads the lists; none where nobody has any.
pub(super) fn load(revoked: &Revoked) -> Result<Vec<CertificateRevocationListDer<'static>>, RevokedError> {
    let file = revoked.file.iter().filter(|path| path.exists()).cloned();
    let hashed = revoked.folder.as_deref().map(hashed).transpose()?.unwrap_or_default();
    let mut lists = Vec::new();
    for path in file.chain(hashed) {
        let unreadable = |error: pem::Error| RevokedError::Unreadable { file: path.clone(), cause: error.to_string() };
        for list in CertificateRevocationListDer::pem_file_iter(&path).map_err(unreadable)? {
            lists.push(list.map_err(unreadable)?);
        }
    }
    match &revoked.folder {
        Some(folder) if lists.is_empty() => Err(RevokedError::Empty(folder.clone())),
        Some(_) | None => Ok(lists),
    }
}

/// Finds the lists in a folder.
fn hashed(folder: &Path) -> Result<Vec<PathBuf>, RevokedError> {
    let unreadable = |error: io::Error| RevokedError::Unreadable { file: folder.to_owned(), cause: error.to_string() };
    let paths = fs::read_dir(folder).map_err(unreadable)?.map(|entry| entry.map(|entry| entry.path()));
    let paths = paths.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    Ok(paths.into_iter().filter(|path| is_list(path)).collect())
}

/// OpenSSL looks for `HASH.r0`, `HASH.r1` and so on.
fn is_list(path: &Path) -> bool {
    let number = path.extension().and_then(|extension| extension.to_str()?.strip_prefix('r'));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_read_is_not_an_empty_one() {
        let load = |folder: &str| load(&Revoked { file: None, folder: Some(folder.into()) }).map(|lists| lists.len());
        assert!(matches!(load("/nowhere"), Err(RevokedError::Unreadable { .. })));
        assert!(matches!(load("/"), Err(RevokedError::Empty(_))));
    }
}
