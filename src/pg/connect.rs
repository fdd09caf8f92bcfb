//! From settings to an open session, by libpq's rules for lists of hosts, timeouts and TLS fall-backs.

mod attempt;
mod cancel;
mod cause;
mod error;
mod hint;
mod last_words;
mod peer;
#[cfg(test)]
pub(crate) mod samples;
mod wanted;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::error::DbError;

use super::options::{Address, CertMode, Endpoint, Host, Order, Settings};
use super::tls::{Connector, Presented};
use attempt::{Attempt, Candidate};
use cause::{Cause, Next};
pub use error::ConnectError;
use error::HostError;
pub use last_words::{LastWords, is_refusal};
use peer::Peer;
use wanted::Wanted;

/// How long one attempt may take when neither a flag nor the address says so.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the server may take to say good-bye: a lost network must not keep a finished command from ending.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// How the bytes of a session travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over a Unix-domain socket.
    Socket,
    /// Over TCP, for everyone to read.
    Plain,
    /// Over TCP, encrypted.
    Tls,
}

/// An open session and what the server said of itself.
pub struct Connected {
    /// What sends statements.
    pub client: Client,
    /// The server that answered, with the database of the session.
    pub address: Address,
    /// How it is reached.
    pub transport: Transport,
    /// The server's version as it words it, such as `15.14 (Debian 15.14-0+deb12u1)`; empty if a pooler hides it.
    pub server_version: String,
    peer: Peer,
    connector: Option<Connector>,
    warnings: Warnings,
    /// What the server said when it ended the session.
    pub last_words: LastWords,
    task: JoinHandle<()>,
}

impl Connected {
    /// Asks the server, over a connection of its own, to cancel the running statement.
    ///
    /// The server neither confirms nor denies that there was something to cancel.
    pub async fn cancel(&self) -> std::io::Result<()> {
        cancel::cancel(self.client.cancel_token(), &self.peer, self.connector.as_ref()).await
    }

    /// Returns exactly the server that answered, without looking its name up again: behind a name there may be several.
    #[must_use]
    pub fn host(&self) -> Host {
        match &self.peer {
            Peer::Tcp(address, name) => {
                Host { endpoint: Endpoint::Ip { ip: address.ip(), name: name.clone() }, port: address.port() }
            }
            Peer::Socket(_) => self.address.host.clone(),
        }
    }

    /// Takes the warnings the server has sent since the last call.
    pub fn take_warnings(&self) -> Vec<DbError> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    /// Hangs up where the server no longer answers: what waits for an answer gets an error.
    pub fn abandon(&self) {
        self.task.abort();
    }

    /// Ends the session politely, so that the server logs no lost connection.
    pub async fn close(self) {
        drop(self.client);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(FAREWELL, self.task).await.is_err() {
            abort.abort();
        }
    }
}

type Warnings = Arc<Mutex<VecDeque<DbError>>>;

/// Opens a session with the first suitable server.
///
/// `timeout` bounds each address by itself and overrides `connect_timeout`, zero meaning for ever; `application_name`
/// is what the session is called unless the settings name it.
pub async fn connect(
    settings: &Settings,
    application_name: &str,
    timeout: Option<Duration>,
) -> Result<Connected, ConnectError> {
    let timeout = timeout.or(settings.connect_timeout()).unwrap_or(DEFAULT_TIMEOUT);
    let timeout = if timeout.is_zero() { Duration::MAX } else { timeout };
    let mut walk = Walk { settings, application_name, timeout, connector: None, failures: Vec::new() };
    for wanted in Wanted::passes(settings.session_attrs()) {
        walk.failures.clear();
        for host in in_order(settings.hosts(), settings.order()) {
            match walk.host(&host, *wanted).await {
                Some(Ok(connected)) => return Ok(connected),
                Some(Err(Decided)) => return Err(ConnectError::new(settings, walk.failures)),
                None => {}
            }
        }
    }
    Err(ConnectError::new(settings, walk.failures))
}

/// Lists servers or their addresses as they are to be tried.
fn in_order<T: Clone>(given: &[T], order: Order) -> Vec<T> {
    let mut list = given.to_vec();
    match order {
        Order::AsGiven => {}
        Order::Random => fastrand::shuffle(&mut list),
    }
    list
}

/// The way along the hosts.
struct Walk<'a> {
    settings: &'a Settings,
    application_name: &'a str,
    timeout: Duration,
    connector: Option<Connector>,
    failures: Vec<HostError>,
}

/// A failure after which no other host is tried.
struct Decided;

impl Walk<'_> {
    /// Tries the addresses of one host; `None` sends the walk to the next host.
    async fn host(&mut self, host: &Host, wanted: Wanted) -> Option<Result<Connected, Decided>> {
        let peers = match self.resolve(host).await {
            Ok(peers) => peers,
            Err(cause) => {
                self.failures.push(HostError::new(host, None, cause));
                return None;
            }
        };
        for peer in in_order(&peers, self.settings.order()) {
            match self.address(host, &peer, wanted).await {
                Ok(connected) => return Some(Ok(connected)),
                Err(cause) => {
                    let next = cause.next();
                    self.failures.push(HostError::new(host, peer.ip(), cause));
                    match next {
                        Next::Address => {}
                        Next::Host => return None,
                        Next::Nowhere => return Some(Err(Decided)),
                    }
                }
            }
        }
        None
    }

    async fn resolve(&self, host: &Host) -> Result<Vec<Peer>, Cause> {
        let at = |ip: IpAddr| Peer::Tcp((ip, host.port).into(), host.name().map(str::to_owned));
        match &host.endpoint {
            Endpoint::Socket(folder) => Ok(vec![Peer::socket(folder, host.port)]),
            Endpoint::Ip { ip, .. } => Ok(vec![at(*ip)]),
            Endpoint::Name(name) => {
                let found = tokio::time::timeout(self.timeout, tokio::net::lookup_host((name.as_str(), host.port)));
                let found = found.await.map_err(|_| Cause::Timeout(self.timeout))?.map_err(Cause::Resolve)?;
                Ok(found.map(|address| at(address.ip())).collect())
            }
        }
    }

    /// Tries one address, with and without TLS as `sslmode` allows, all within one timeout.
    async fn address(&mut self, host: &Host, peer: &Peer, wanted: Wanted) -> Result<Connected, Cause> {
        if !self.settings.has_role() {
            return Err(Cause::NoRole);
        }
        match tokio::time::timeout(self.timeout, self.fall_back(host, peer, wanted)).await {
            Ok(result) => result,
            Err(_) => Err(Cause::Timeout(self.timeout)),
        }
    }

    async fn fall_back(&mut self, host: &Host, peer: &Peer, wanted: Wanted) -> Result<Connected, Cause> {
        let (first, second) = Attempt::sequence(self.settings.ssl().mode, host);
        let refused = match self.session(host, peer, first).await {
            Ok(session) => return self.connected(session, host, peer, wanted).await,
            Err(failed) => failed,
        };
        let Some(second) = second.filter(|_| refused.justifies_a_second_attempt()) else { return Err(refused.cause) };
        match self.session(host, peer, second).await {
            Ok(session) => self.connected(session, host, peer, wanted).await,
            Err(failed) => {
                if failed.cause.to_string() != refused.cause.to_string() {
                    self.failures.push(HostError::new(host, peer.ip(), refused.cause));
                }
                Err(failed.cause)
            }
        }
    }

    async fn session(&mut self, host: &Host, peer: &Peer, attempt: Attempt) -> Result<Candidate, attempt::Failed> {
        let config = attempt::config(self.settings, host, peer, self.application_name);
        let connector = match (attempt, &self.connector) {
            (Attempt::Plain, _) => None,
            (Attempt::TlsIfOffered | Attempt::Tls, Some(connector)) => Some(connector.for_next_attempt()),
            (Attempt::TlsIfOffered | Attempt::Tls, None) => {
                let connector = attempt::connector(self.settings, host)?;
                Some(self.connector.insert(connector).for_next_attempt())
            }
        };
        attempt.run(config, host, connector).await
    }

    async fn connected(
        &self,
        session: Candidate,
        host: &Host,
        peer: &Peer,
        wanted: Wanted,
    ) -> Result<Connected, Cause> {
        if self.settings.ssl().identity.mode == CertMode::Require {
            match session.connector.as_ref().map_or(Presented::NotAsked, Connector::presented) {
                Presented::NotAsked => return Err(Cause::NotShown("the server did not ask for a certificate")),
                Presented::NothingToShow => return Err(Cause::NotShown("there is none to show")),
                Presented::Shown => {}
            }
        }
        wanted.check(&session).await?;
        let mut address = self.settings.address_at(host);
        // Without a role or a database of ours, both are the operating system's user, whose name the server knows.
        address.database = address.database.or(session.role);
        Ok(Connected {
            client: session.client,
            address,
            transport: session.transport,
            server_version: session.server_version.unwrap_or_default(),
            peer: peer.clone(),
            connector: session.connector,
            warnings: session.warnings,
            last_words: session.last_words,
            task: session.task,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_tried_as_given_or_in_any_order() {
        let orders = |order| (0..100).map(|_| in_order(&[1, 2], order)).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(orders(Order::AsGiven), [vec![1, 2]].into());
        assert_eq!(orders(Order::Random), [vec![1, 2], vec![2, 1]].into());
    }
}
