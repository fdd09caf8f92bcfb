//! What is asked of TLS: with which server, by whom, and how.

use std::path::{Path, PathBuf};

use super::error::OptionsError;
use super::given::AllGiven;
use super::keyword::Keyword;
use super::values::{self, CertMode, Negotiation, SslMode, TlsVersion};

/// How a connection is encrypted, what is checked of the server, and what it is shown of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ssl {
    pub(crate) mode: SslMode,
    pub(crate) negotiation: Negotiation,
    pub(crate) roots: Roots,
    pub(crate) revoked: Revoked,
    pub(crate) identity: Identity,
    pub(crate) versions: Versions,
    pub(crate) sni: Sni,
}

/// Which certificates a server's certificate may hang from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those the operating system trusts: `sslrootcert=system`.
    System,
    /// Those in this file, if it exists; `None` when the home folder of the default file is unknown.
    File(Option<PathBuf>),
}

/// Where the lists of revoked certificates are, if they exist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Revoked {
    pub(crate) file: Option<PathBuf>,
    /// A folder of files named by hash, as `openssl rehash` names them.
    pub(crate) folder: Option<PathBuf>,
}

/// Where our own certificate is, if it exists, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) mode: CertMode,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}

/// Which of the two versions of TLS that rustls speaks may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    Both,
    Only12,
    Only13,
}

/// Whether the server is told, unencrypted, the name it is reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sni {
    On,
    Off,
}

pub(super) fn ssl(given: &AllGiven, home: Option<&Path>) -> Result<Ssl, OptionsError> {
    let at_home = |name: &str| home.map(|home| home.join(".postgresql").join(name));
    let path = |keyword| given.text(keyword).map(PathBuf::from);
    let roots = match given.text(Keyword::Sslrootcert) {
        Some("system") => Roots::System,
        Some(path) => Roots::File(Some(PathBuf::from(path))),
        None => Roots::File(at_home("root.crt")),
    };
    let revoked = match (path(Keyword::Sslcrl), path(Keyword::Sslcrldir)) {
        (None, None) => Revoked { file: at_home("root.crl"), folder: None },
        (file, folder) => Revoked { file, folder },
    };
    let identity = Identity {
        mode: values::cert_mode(given)?,
        certificate: path(Keyword::Sslcert).or_else(|| at_home("postgresql.crt")),
        key: path(Keyword::Sslkey).or_else(|| at_home("postgresql.key")),
    };
    let negotiation = values::negotiation(given)?;
    let mode = mode(given, &roots, negotiation)?;
    let sni = if given.text(Keyword::Sslsni).is_none_or(|value| value.starts_with('1')) { Sni::On } else { Sni::Off };
    Ok(Ssl { mode, negotiation, roots, revoked, identity, versions: versions(given)?, sni })
}

fn mode(given: &AllGiven, roots: &Roots, negotiation: Negotiation) -> Result<SslMode, OptionsError> {
    // Any public authority will sign for any name, so without the name check the system's roots prove nothing.
    let default = if *roots == Roots::System { SslMode::VerifyFull } else { SslMode::Prefer };
    let mode = values::sslmode(given)?.unwrap_or(default);
    if *roots == Roots::System && mode < SslMode::VerifyFull {
        return Err(OptionsError::WeakSslmode { mode: mode.name(), wish: "sslrootcert=system", least: "verify-full" });
    }
    // A server that is greeted in TLS cannot answer that it has none.
    if negotiation == Negotiation::Direct && mode < SslMode::Require {
        return Err(OptionsError::WeakSslmode { mode: mode.name(), wish: "sslnegotiation=direct", least: "require" });
    }
    Ok(mode)
}

fn versions(given: &AllGiven) -> Result<Versions, OptionsError> {
    let minimum = values::tls_version(given, Keyword::SslMinProtocolVersion)?.unwrap_or(TlsVersion::V1_2);
    let maximum = values::tls_version(given, Keyword::SslMaxProtocolVersion)?.unwrap_or(TlsVersion::V1_3);
    if maximum < minimum {
        return Err(OptionsError::TlsRange);
    }
    match (minimum, maximum) {
        (_, TlsVersion::V1 | TlsVersion::V1_1) => {
            let keyword = Keyword::SslMaxProtocolVersion;
            Err(OptionsError::Unsupported { name: keyword.name(), origin: given.origin(keyword) })
        }
        (TlsVersion::V1_3, _) => Ok(Versions::Only13),
        (_, TlsVersion::V1_2) => Ok(Versions::Only12),
        (TlsVersion::V1 | TlsVersion::V1_1 | TlsVersion::V1_2, TlsVersion::V1_3) => Ok(Versions::Both),
    }
}
