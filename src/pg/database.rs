//! The database that a command works on.

use std::time::{Duration, Instant};

use super::connect::{self, ConnectError};
use super::error::Error;
use super::interrupt::Interrupt;
use super::lock::Backoff;
use super::options::Settings;
use super::session::Session;

/// How long to try to get another session beside one: the server may be at its limit for a moment.
const BESIDE: Duration = Duration::from_secs(3);

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
    /// Whether somebody wants us to stop.
    pub interrupt: Interrupt,
}

impl Database {
    /// Opens a session; `waiting` is told, once for each new reason, why that takes time.
    pub async fn open(&self, waiting: &mut dyn FnMut(&ConnectError)) -> Result<Session, Error> {
        let deadline = Instant::now() + self.wait;
        let mut backoff = Backoff::new();
        let mut reason = String::new();
        loop {
            let error = match self.connect().await? {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            let pause = backoff.pause();
            if !error.is_transient() || Instant::now() + pause > deadline {
                return Err(error.into());
            }
            if reason != error.to_string() {
                reason = error.to_string();
                waiting(&error);
            }
            self.unless_interrupted(tokio::time::sleep(pause)).await?;
        }
    }

    /// Opens another session with the server of one that is open, its own options first where the server takes them.
    ///
    /// A pooler refuses options: then the session comes without.
    pub async fn beside(&self, session: &Session, options: &str) -> Result<Session, Error> {
        let host = session.connection().host();
        let with = |options: &str| Self {
            settings: self.settings.clone().at(host.clone(), options),
            application: self.application.clone(),
            connect_timeout: self.connect_timeout,
            wait: BESIDE,
            interrupt: self.interrupt.clone(),
        };
        let opened = with(options).open(&mut |_| ()).await;
        match opened {
            Err(Error::Connect(error)) if !options.is_empty() && error.is_about_parameters() => {
                with("").open(&mut |_| ()).await
            }
            opened => opened,
        }
    }

    async fn connect(&self) -> Result<Result<Session, ConnectError>, Error> {
        let connected = connect::connect(&self.settings, &self.application, self.connect_timeout);
        let connected = self.unless_interrupted(connected).await?;
        Ok(connected.map(|connected| Session::new(connected, self.interrupt.clone())))
    }

    async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.interrupt.requested() => Err(Error::Interrupted),
            done = work => Ok(done),
        }
    }
}
