//! From flags and environment to the settings of a connection.
//!
//! The sources, in order: `--addr`, else `DATABASE_URL`; what they leave open, libpq's own variables fill. A keyword
//! or variable that libpq would act on and this tool does not is refused by name, never passed over.

mod address;
mod conninfo;
mod error;
mod given;
mod keyword;
mod origin;
mod secret;
mod url;
mod values;

use std::path::PathBuf;
use std::time::Duration;

pub use address::{Address, Endpoint, Host};
pub use error::OptionsError;
pub use origin::Origin;
pub use secret::Secret;
pub(crate) use values::{ChannelBinding, Keepalives, Network, SslMode, Target};

use given::AllGiven;
use keyword::Keyword;

/// Which certificates a server's certificate may hang from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those the operating system trusts: `sslrootcert=system`.
    System,
    /// Those in this file, if it exists; `None` when the home folder of the default file is unknown.
    File(Option<PathBuf>),
}

/// How a connection is encrypted and what is checked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ssl {
    pub(crate) mode: SslMode,
    pub(crate) roots: Roots,
}

/// Everything a connection needs to know, each value parsed and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    given: AllGiven,
    hosts: Vec<Host>,
    ssl: Ssl,
    target: Target,
    channel_binding: ChannelBinding,
    connect_timeout: Option<Duration>,
    network: Network,
}

impl Settings {
    /// Resolves `--addr` and the environment, which `env` looks up by name.
    pub fn from_sources(addr: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, OptionsError> {
        let given = given::collect(addr, env)?;
        Ok(Self {
            hosts: address::hosts(&given)?,
            ssl: ssl(&given, env)?,
            target: values::target(&given)?,
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

    /// Returns the same settings for one server, whatever it is, with further command-line options for its session.
    #[must_use]
    pub(crate) fn at(mut self, host: Host, options: &str) -> Self {
        let options = format!("{} {options}", self.options().unwrap_or_default()).trim().to_owned();
        if !options.is_empty() {
            self.given.replace(Keyword::Options, Secret::new(options), Origin::Default);
        }
        self.hosts = vec![host];
        self.target = Target::Any;
        self
    }

    /// Returns the role, unless it is to be that of the operating system's user.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.text(Keyword::User)
    }

    /// Returns the database, which without one given bears the role's name.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.text(Keyword::Dbname).or(self.user())
    }

    /// Returns the password, if there is one.
    pub(crate) fn password(&self) -> Option<&str> {
        self.text(Keyword::Password)
    }

    /// Returns where the password was given.
    pub(crate) fn password_origin(&self) -> Origin {
        self.given.origin(Keyword::Password)
    }

    /// Returns the name the user wants the session to bear.
    pub(crate) fn application_name(&self) -> Option<&str> {
        self.text(Keyword::ApplicationName).or(self.text(Keyword::FallbackApplicationName))
    }

    /// Returns the command-line options for the server's session.
    pub(crate) fn options(&self) -> Option<&str> {
        self.text(Keyword::Options)
    }

    /// Returns the servers to try, in order; there is at least one.
    pub(crate) fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Returns the encryption asked for.
    pub(crate) fn ssl(&self) -> &Ssl {
        &self.ssl
    }

    /// Returns the kind of session asked for.
    pub(crate) fn target(&self) -> Target {
        self.target
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

    /// Lists keyword, value and origin of everything in force, the password masked.
    #[must_use]
    pub fn described(&self) -> Vec<(&'static str, String, Origin)> {
        let shown = |keyword: Keyword| match (self.given.get(keyword), keyword) {
            (Some((_, origin)), Keyword::Password) => Some(("********".to_owned(), origin)),
            (Some((value, origin)), _) => Some((value.to_owned(), origin)),
            (None, keyword) => self.default_of(keyword).map(|value| (value, Origin::Default)),
        };
        Keyword::ALL
            .into_iter()
            .filter_map(|keyword| shown(keyword).map(|(value, origin)| (keyword.name(), value, origin)))
            .collect()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other keywords have no default worth a line")]
    fn default_of(&self, keyword: Keyword) -> Option<String> {
        match keyword {
            Keyword::Host if self.given.get(Keyword::Hostaddr).is_none() => {
                let folders = self.hosts.iter().filter_map(|host| match &host.endpoint {
                    Endpoint::Socket(name) | Endpoint::Name(name) => Some(name.as_str()),
                    Endpoint::Ip { .. } => None,
                });
                Some(folders.collect::<Vec<_>>().join(","))
            }
            Keyword::Port => Some(self.hosts[0].port.to_string()),
            Keyword::User => Some("(the operating system's user)".to_owned()),
            Keyword::Dbname => Some(self.user().unwrap_or("(the operating system's user)").to_owned()),
            Keyword::Sslmode => Some(self.ssl.mode.name().to_owned()),
            _ => None,
        }
    }

    fn text(&self, keyword: Keyword) -> Option<&str> {
        self.given.get(keyword).map(|(value, _)| value)
    }
}

fn ssl(given: &AllGiven, env: &dyn Fn(&str) -> Option<String>) -> Result<Ssl, OptionsError> {
    let roots = match given.get(Keyword::Sslrootcert) {
        Some(("system", _)) => Roots::System,
        Some((path, _)) => Roots::File(Some(PathBuf::from(path))),
        None => {
            let home = env("HOME").filter(|home| !home.is_empty());
            Roots::File(home.map(|home| PathBuf::from(home).join(".postgresql/root.crt")))
        }
    };
    // Any public authority will sign for any name, so without the name check the system's roots prove nothing.
    let default = if roots == Roots::System { SslMode::VerifyFull } else { SslMode::Prefer };
    let mode = values::sslmode(given)?.unwrap_or(default);
    if roots == Roots::System && mode < SslMode::VerifyFull {
        return Err(OptionsError::WeakSslmode(mode.name()));
    }
    Ok(Ssl { mode, roots })
}

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
