//! The database that a command works on.

use std::time::{Duration, Instant};

use super::connect::{self, ConnectError, Connected};
use super::error::Error;
use super::interrupt::Interrupt;
use super::lock::Backoff;
use super::options::{Host, Settings};
use super::session::{Link, Session};

/// Where a database is and how to get a session there.
pub struct Database {
    /// The connection settings.
    pub settings: Settings,
    /// The `application_name` unless the settings give one.
    pub application: String,
    /// How long one attempt to connect may take, where the command line says so.
    pub connect_timeout: Option<Duration>,
    /// How long to keep trying while the server starts; zero is one attempt.
    pub wait: Duration,
    /// How long to keep trying while the server has as many sessions as it may have: others will end theirs.
    pub full_wait: Duration,
    /// Whether somebody wants us to stop.
    pub interrupt: Interrupt,
}

impl Database {
    /// Opens a session; `waiting` is told, once for each new reason, why that takes time.
    pub async fn open(&self, waiting: &mut (dyn FnMut(&ConnectError) + Send)) -> Result<Session, Error> {
        self.open_after(Backoff::new(), waiting).await
    }

    async fn open_after(
        &self,
        mut backoff: Backoff,
        waiting: &mut (dyn FnMut(&ConnectError) + Send),
    ) -> Result<Session, Error> {
        let began = Instant::now();
        let mut reason = String::new();
        loop {
            let error = match self.connect().await? {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            let pause = backoff.pause();
            let patience = if error.is_full() { self.wait.max(self.full_wait) } else { self.wait };
            if !error.is_transient() || began.elapsed() + pause > patience {
                return Err(error.into());
            }
            if reason != error.to_string() {
                reason = error.to_string();
                waiting(&error);
            }
            self.interrupt.unless_requested(tokio::time::sleep(pause)).await?;
        }
    }

    /// Opens another session with the server of one that is open, its own options first where the server takes them;
    /// `waiting` is told why that takes time.
    ///
    /// A pooler refuses options: then the session comes without.
    pub async fn beside(
        &self,
        session: &Session,
        options: &str,
        waiting: &mut (dyn FnMut(&ConnectError) + Send),
    ) -> Result<Session, Error> {
        self.at_host(self.host(session), options, waiting).await
    }

    /// Opens a session with this server likewise.
    pub async fn at_host(
        &self,
        host: Host,
        options: &str,
        waiting: &mut (dyn FnMut(&ConnectError) + Send),
    ) -> Result<Session, Error> {
        let opened = self.at(host.clone(), options, self.full_wait).open_after(Backoff::hasty(), waiting).await;
        match opened {
            Err(Error::Connect(error)) if !options.is_empty() && error.is_about_parameters() => {
                self.at(host, "", self.full_wait).open_after(Backoff::hasty(), waiting).await
            }
            opened => opened,
        }
    }

    /// Ends a session, and opens another one with the same server after a pause. Who waits keeps no session from others.
    pub async fn later(&self, session: Session, pause: Duration, full_wait: Duration) -> Result<Session, Error> {
        let host = self.host(&session);
        session.close().await;
        self.interrupt.unless_requested(tokio::time::sleep(pause)).await?;
        self.at(host, "", full_wait).open(&mut |_| ()).await
    }

    /// Returns exactly the server that a session is with, as far as we have opened it.
    #[must_use]
    pub fn host(&self, session: &Session) -> Host {
        session.opened().map_or_else(|| self.settings.hosts()[0].clone(), Connected::host)
    }

    /// The database of this name, or the same one without a name, at one server.
    #[must_use]
    pub fn sibling(&self, host: Host, name: &str) -> Self {
        let at_host = self.at(host, "", self.full_wait);
        if name.is_empty() { at_host } else { Self { settings: at_host.settings.named(name), ..at_host } }
    }

    /// The same database at one server.
    fn at(&self, host: Host, options: &str, full_wait: Duration) -> Self {
        Self {
            settings: self.settings.clone().at(host, options),
            application: self.application.clone(),
            connect_timeout: self.connect_timeout,
            wait: self.wait,
            full_wait,
            interrupt: self.interrupt.clone(),
        }
    }

    async fn connect(&self) -> Result<Result<Session, ConnectError>, Error> {
        let connected = connect::connect(&self.settings, &self.application, self.connect_timeout);
        let connected = self.interrupt.unless_requested(connected).await?;
        Ok(connected.map(|connected| Session::new(Link::Opened(Box::new(connected)), self.interrupt.clone())))
    }
}
