//! Where a server is reached.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Where a server is reached, the first time and once more.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    /// An address, and the name its certificate is checked against.
    Tcp(SocketAddr, Option<String>),
    /// The file of a Unix-domain socket; with a leading zero byte, a name in the abstract name space.
    Socket(PathBuf),
}

impl Peer {
    /// Returns the socket of a server in a folder.
    pub(super) fn socket(folder: &str, port: u16) -> Self {
        // What a user writes as "@", Linux writes as a zero byte.
        let folder = folder.strip_prefix('@').map_or_else(|| folder.to_owned(), |name| format!("\0{name}"));
        Self::Socket(PathBuf::from(folder).join(format!(".s.PGSQL.{port}")))
    }

    pub(super) fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(address, _) => Some(address.ip()),
            Self::Socket(_) => None,
        }
    }
}
