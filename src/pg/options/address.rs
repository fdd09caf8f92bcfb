//! Where a server is, for connecting and for showing.

use std::fmt;
use std::net::IpAddr;

use super::error::OptionsError;
use super::given::AllGiven;
use super::keyword::Keyword;

const DEFAULT_PORT: u16 = 5432;

/// psql tries the one socket folder it was built with and never falls back to TCP. One binary for all systems cannot
/// know that folder, so it tries the one of Debian and Red Hat, then PostgreSQL's own default.
pub(super) const DEFAULT_SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// How one server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A host name or an IP address as text, still to be looked up.
    Name(String),
    /// An IP address given as `hostaddr`, with the name its certificate is checked against.
    Ip {
        /// The address to connect to.
        ip: IpAddr,
        /// The `host` beside it.
        name: Option<String>,
    },
    /// The folder of a Unix-domain socket; with a leading `@`, a prefix in the abstract name space.
    Socket(String),
}

/// One server of the list to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// How it is reached.
    pub endpoint: Endpoint,
    /// Its port; a socket's name ends with it.
    pub port: u16,
}

impl Host {
    /// Returns the name a certificate is checked against and the server is told in SNI.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.endpoint {
            Endpoint::Name(name) => Some(name),
            Endpoint::Ip { name, .. } => name.as_deref(),
            Endpoint::Socket(_) => None,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.endpoint {
            Endpoint::Name(name) | Endpoint::Ip { name: Some(name), .. } if name.contains(':') => {
                write!(f, "[{name}]:{port}")
            }
            Endpoint::Name(name) | Endpoint::Ip { name: Some(name), .. } => write!(f, "{name}:{port}"),
            Endpoint::Ip { ip: IpAddr::V6(ip), name: None } => write!(f, "[{ip}]:{port}"),
            Endpoint::Ip { ip: IpAddr::V4(ip), name: None } => write!(f, "{ip}:{port}"),
            Endpoint::Socket(folder) if port == DEFAULT_PORT => write!(f, "socket {folder}"),
            Endpoint::Socket(folder) => write!(f, "socket {folder} (port {port})"),
        }
    }
}

/// A database and its server, fit for any message: no user and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The database; `None` while only the server knows, because neither a database nor a user was given.
    pub database: Option<String>,
    /// Its server.
    pub host: Host,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.database {
            Some(database) => write!(f, "database \"{database}\" on {}", self.host),
            None => write!(f, "the user's own database on {}", self.host),
        }
    }
}

/// Returns the servers to try, in order, by the rules of libpq for lists and empty entries.
pub(super) fn hosts(all: &AllGiven) -> Result<Vec<Host>, OptionsError> {
    let list = |keyword| all.get(keyword).map(|(text, _)| text.split(',').collect::<Vec<_>>());
    let (names, addresses, ports) = (list(Keyword::Host), list(Keyword::Hostaddr), list(Keyword::Port));
    let count = addresses.as_ref().or(names.as_ref()).map_or(1, Vec::len);
    for (keyword, given) in [(Keyword::Host, &names), (Keyword::Port, &ports)] {
        let given = given.as_ref().map_or(count, Vec::len);
        let shared = keyword == Keyword::Port && given == 1;
        if given != count && !shared {
            return Err(OptionsError::Counts { keyword, given, hosts: count });
        }
    }

    let entry = |list: &Option<Vec<&str>>, at: usize| {
        let list = list.as_ref()?;
        list.get(at).or(list.first()).copied().filter(|entry| !entry.is_empty()).map(str::to_owned)
    };
    let mut hosts = Vec::with_capacity(count);
    for at in 0..count {
        let port = entry(&ports, at).map_or(Ok(DEFAULT_PORT), |text| port(&text, all))?;
        let ip = entry(&addresses, at).map(|text| ip(&text, all)).transpose()?;
        let endpoints = match (ip, entry(&names, at)) {
            (Some(ip), name) => vec![Endpoint::Ip { ip, name }],
            (None, Some(name)) if name.starts_with(['/', '@']) => vec![Endpoint::Socket(name)],
            (None, Some(name)) => vec![Endpoint::Name(name)],
            (None, None) => DEFAULT_SOCKET_FOLDERS.map(|folder| Endpoint::Socket(folder.to_owned())).to_vec(),
        };
        hosts.extend(endpoints.into_iter().map(|endpoint| Host { endpoint, port }));
    }
    Ok(hosts)
}

fn port(text: &str, all: &AllGiven) -> Result<u16, OptionsError> {
    text.trim().parse().ok().filter(|port| *port != 0).ok_or_else(|| OptionsError::Invalid {
        keyword: Keyword::Port,
        value: text.to_owned(),
        expected: "a number from 1 to 65535".to_owned(),
        nearest: None,
        origin: all.origin(Keyword::Port),
    })
}

fn ip(text: &str, all: &AllGiven) -> Result<IpAddr, OptionsError> {
    text.parse().map_err(|_| OptionsError::Invalid {
        keyword: Keyword::Hostaddr,
        value: text.to_owned(),
        expected: "an IP address".to_owned(),
        nearest: None,
        origin: all.origin(Keyword::Hostaddr),
    })
}
