//! From flags and environment to the settings of a connection.
//!
//! The sources, in order: `--addr`, else `DATABASE_URL`; what they leave open, the service they or `PGSERVICE` name
//! fills, and then libpq's own variables; a password that nobody gave, the password file. A keyword or variable that
//! libpq would act on and this tool does not is refused by name, never passed over.

mod address;
mod conninfo;
mod error;
mod given;
mod keyword;
mod left;
mod origin;
mod passfile;
mod secret;
mod service;
mod ssl;
mod url;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use address::{Address, Endpoint, Host};
pub use error::OptionsError;
pub use origin::Origin;
pub use secret::Secret;
pub(crate) use ssl::{Identity, Revoked, Roots, Sni, Ssl, Versions};
pub(crate) use values::{CertMode, ChannelBinding, Keepalives, Negotiation, Network, Order, SessionAttrs, SslMode};

use given::AllGiven;
use keyword::Keyword;
use passfile::Passfile;

/// What is shown of a password.
const MASK: &str = "********";

/// Everything a connection needs to know, each value parsed and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    given: AllGiven,
    passfile: Option<Passfile>,
    warning: Option<String>,
    hosts: Vec<Host>,
    order: Order,
    ssl: Ssl,
    session_attrs: SessionAttrs,
    channel_binding: ChannelBinding,
    connect_timeout: Option<Duration>,
    network: Network,
}

impl Settings {
    /// Resolves `--addr` and the environment, which `env` looks up by name.
    pub fn from_sources(addr: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, OptionsError> {
        Self::of(given::collect(addr.map(|addr| (addr, Origin::Address)), env)?, env)
    }

    /// Resolves an address from somewhere else, and the environment.
    pub fn from_address(
        address: &str,
        origin: Origin,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, OptionsError> {
        Self::of(given::collect(Some((address, origin)), env)?, env)
    }

    fn of(given: AllGiven, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, OptionsError> {
        let home = env("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let (passfile, warning) = match passfile(&given, home.as_deref()) {
            Ok(passfile) => (passfile, None),
            Err(warning) => (None, Some(warning)),
        };
        Ok(Self {
            passfile,
            warning,
            hosts: address::hosts(&given)?,
            order: values::order(&given)?,
            ssl: ssl::ssl(&given, home.as_deref())?,
            session_attrs: values::session_attrs(&given)?,
            channel_binding: values::channel_binding(&given)?,
            connect_timeout: values::connect_timeout(&given)?,
            network: values::network(&given)?,
            given,
        })
    }

    /// Returns the same settings with the password that was asked for.
    #[must_use]
    pub fn with_password(mut self, password: Secret) -> Self {
        self.given.replace(Keyword::Password, password, Origin::Default);
        self
    }

    /// Returns the same settings for another database.
    #[must_use]
    pub(crate) fn named(mut self, database: &str) -> Self {
        self.given.replace(Keyword::Dbname, Secret::new(database.to_owned()), Origin::Default);
        self
    }

    /// Returns the same settings for one server, whatever it is, with further command-line options for its session.
    #[must_use]
    pub(crate) fn at(mut self, host: Host, options: &str) -> Self {
        let options = format!("{} {options}", self.options().unwrap_or_default()).trim().to_owned();
        if !options.is_empty() {
            self.given.replace(Keyword::Options, Secret::new(options), Origin::Default);
        }
        self.hosts = vec![host];
        self.session_attrs = SessionAttrs::Any;
        self
    }

    /// Returns the role, unless it is to be that of the operating system's user.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.given.text(Keyword::User)
    }

    /// Says whether there is a role to connect as. A container's user is often a number that `/etc/passwd` does not name.
    #[must_use]
    pub(crate) fn has_role(&self) -> bool {
        self.user().is_some() || whoami::username().is_ok()
    }

    /// Returns the database, which without one given bears the role's name.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.given.text(Keyword::Dbname).or(self.user())
    }

    /// Returns the password for a server and where it was given, if there is one.
    pub(crate) fn password(&self, host: &Host) -> Option<(Secret, Origin)> {
        if let Some((password, origin)) = self.given.get(Keyword::Password) {
            return Some((Secret::new(password), origin.clone()));
        }
        let role = self.user().map(str::to_owned).or_else(|| whoami::username().ok())?;
        let found = self.passfile.as_ref()?.find(host, self.database().unwrap_or(&role), &role);
        // libpq ends its search with an empty password, too, and then has none.
        found.filter(|(password, _)| !password.expose().is_empty())
    }

    /// Returns why a password file is not used.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Returns the name the user wants the session to bear.
    pub(crate) fn application_name(&self) -> Option<&str> {
        self.given.text(Keyword::ApplicationName).or(self.given.text(Keyword::FallbackApplicationName))
    }

    /// Returns the command-line options for the server's session.
    pub(crate) fn options(&self) -> Option<&str> {
        self.given.text(Keyword::Options)
    }

    /// Returns the servers to try, in order; there is at least one.
    pub(crate) fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Returns in which order the servers are to be tried.
    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// Returns the encryption asked for.
    pub(crate) fn ssl(&self) -> &Ssl {
        &self.ssl
    }

    /// Returns the kind of session asked for.
    pub(crate) fn session_attrs(&self) -> SessionAttrs {
        self.session_attrs
    }

    /// Returns whether the password exchange must be bound to the TLS session.
    pub(crate) fn channel_binding(&self) -> ChannelBinding {
        self.channel_binding
    }

    /// Returns the bound of one connection attempt, if the user set one; for ever is [`Duration::MAX`].
    pub(crate) fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    /// Returns how a lost network is noticed.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// Returns the database at `host`, for showing.
    pub(crate) fn address_at(&self, host: &Host) -> Address {
        Address { database: self.database().map(str::to_owned), host: host.clone() }
    }

    /// Returns the database at the first server, for showing before there is a connection.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address_at(&self.hosts[0])
    }

    /// Returns the address of the database at the first server as a URL, without the password.
    #[must_use]
    pub fn url(&self) -> String {
        let given = |keyword: Keyword| {
            self.given.text(keyword).map(|text| format!("{}={}", keyword.name(), url::encoded(text)))
        };
        let user = self.user().map(|user| format!("{}@", url::encoded(user))).unwrap_or_default();
        let host = &self.hosts[0];
        let (server, mut query) = match &host.endpoint {
            Endpoint::Socket(folder) => {
                (String::new(), vec![format!("host={}", url::encoded(folder)), format!("port={}", host.port)])
            }
            Endpoint::Name(_) | Endpoint::Ip { .. } => (host.to_string(), Vec::new()),
        };
        query.extend([Keyword::Sslmode, Keyword::Sslrootcert].into_iter().filter_map(given));
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        format!("postgres://{user}{server}/{}{query}", self.database().map(url::encoded).unwrap_or_default())
    }

    /// Lists keyword, value and origin of everything in force, passwords masked; one from a file may be there for each
    /// server.
    #[must_use]
    pub fn described(&self) -> Vec<(&'static str, String, Origin)> {
        let mut lines = Vec::new();
        for keyword in Keyword::ALL {
            let given = self.given.get(keyword).map(|(value, origin)| (value.to_owned(), origin.clone()));
            let shown = match (given, keyword) {
                (Some((_, origin)), keyword) if keyword.is_secret() => vec![(MASK.to_owned(), origin)],
                (Some(given), _) => vec![given],
                (None, Keyword::Password) => self.passwords_of_hosts(),
                (None, keyword) => self.default_of(keyword).map(|value| (value, Origin::Default)).into_iter().collect(),
            };
            lines.extend(shown.into_iter().map(|(value, origin)| (keyword.name(), value, origin)));
        }
        lines
    }

    fn passwords_of_hosts(&self) -> Vec<(String, Origin)> {
        let mut passwords = Vec::new();
        for (_, origin) in self.hosts.iter().filter_map(|host| self.password(host)) {
            let line = (MASK.to_owned(), origin);
            if !passwords.contains(&line) {
                passwords.push(line);
            }
        }
        passwords
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other keywords have no default worth a line")]
    fn default_of(&self, keyword: Keyword) -> Option<String> {
        match keyword {
            Keyword::Host if self.given.get(Keyword::Hostaddr).is_none() => {
                let folder = |host: &Host| match &host.endpoint {
                    Endpoint::Socket(folder) => folder.clone(),
                    Endpoint::Name(_) | Endpoint::Ip { .. } => host.name().unwrap_or_default().to_owned(),
                };
                Some(self.hosts.iter().map(folder).collect::<Vec<_>>().join(","))
            }
            Keyword::Port => Some(self.hosts[0].port.to_string()),
            Keyword::User => Some("(the operating system's user)".to_owned()),
            Keyword::Dbname => Some(self.user().unwrap_or("(the operating system's user)").to_owned()),
            Keyword::Sslmode => Some(self.ssl.mode.name().to_owned()),
            _ => None,
        }
    }
}

/// Reads the password file, unless there is a password already; else says why it is not used.
fn passfile(given: &AllGiven, home: Option<&Path>) -> Result<Option<Passfile>, String> {
    let path = given.text(Keyword::Passfile).map(PathBuf::from).or_else(|| home.map(|home| home.join(".pgpass")));
    match path.filter(|_| given.get(Keyword::Password).is_none()) {
        Some(path) => Passfile::read(&path),
        None => Ok(None),
    }
}

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
