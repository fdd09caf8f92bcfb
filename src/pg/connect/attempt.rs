//! One attempt: one address, with or without TLS.

use std::future::poll_fn;
use std::sync::PoisonError;

use tokio::task::JoinHandle;
use tokio_postgres::error::Severity;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Socket, config};

use super::cause::Cause;
use super::last_words::LastWords;
use super::peer::Peer;
use super::{Transport, Warnings};
use crate::pg::options::{ChannelBinding, Endpoint, Host, Keepalives, Negotiation, Settings, SslMode};
use crate::pg::tls::Connector;

/// What an attempt asks of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    Plain,
    TlsIfOffered,
    Tls,
}

/// A session before anyone has looked whether it is of the wanted kind.
pub(super) struct Candidate {
    pub(super) client: Client,
    pub(super) transport: Transport,
    pub(super) role: Option<String>,
    pub(super) server_version: Option<String>,
    pub(super) in_hot_standby: Option<bool>,
    pub(super) default_read_only: Option<bool>,
    pub(super) connector: Option<Connector>,
    pub(super) warnings: Warnings,
    pub(super) last_words: LastWords,
    pub(super) task: JoinHandle<()>,
}

/// An attempt that gave no session.
pub(super) struct Failed {
    pub(super) cause: Cause,
    transport: Transport,
}

impl Failed {
    /// Says whether libpq would try again with the other choice of encryption.
    ///
    /// libpq does so after any error of the server during the log-in. Only a refused role can turn out differently
    /// (`pg_hba.conf` has lines for either choice), so the other errors are spared the second connection.
    pub(super) fn justifies_a_second_attempt(&self) -> bool {
        match self.transport {
            Transport::Socket => false,
            Transport::Plain => self.cause.is_refused_role(),
            Transport::Tls => self.cause.is_refused_role() || self.cause.is_failed_handshake(),
        }
    }
}

impl Attempt {
    /// Returns what to ask first and, if that is refused, second.
    pub(super) fn sequence(mode: SslMode, host: &Host) -> (Self, Option<Self>) {
        // libpq ignores sslmode on sockets, where the server has no TLS.
        if let Endpoint::Socket(_) = host.endpoint {
            return (Self::Plain, None);
        }
        match mode {
            SslMode::Disable => (Self::Plain, None),
            SslMode::Allow => (Self::Plain, Some(Self::TlsIfOffered)),
            SslMode::Prefer => (Self::TlsIfOffered, Some(Self::Plain)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Self::Tls, None),
        }
    }

    /// Connects to the one address in `config`.
    pub(super) async fn run(
        self,
        mut config: Config,
        host: &Host,
        connector: Option<Connector>,
    ) -> Result<Candidate, Failed> {
        config.ssl_mode(match self {
            Self::Plain => config::SslMode::Disable,
            Self::TlsIfOffered => config::SslMode::Prefer,
            Self::Tls => config::SslMode::Require,
        });
        let plain = match host.endpoint {
            Endpoint::Socket(_) => Transport::Socket,
            Endpoint::Name(_) | Endpoint::Ip { .. } => Transport::Plain,
        };
        let Some(connector) = connector else {
            let opened = open(config, NoTls).await;
            return opened
                .map(|opened| opened.candidate(plain, None))
                .map_err(|error| Failed { cause: Cause::from_postgres(error, plain), transport: plain });
        };
        let opened = open(config, connector.clone()).await;
        let transport = if connector.has_started() { Transport::Tls } else { plain };
        match opened {
            Ok(opened) => Ok(opened.candidate(transport, Some(connector))),
            Err(error) => Err(Failed { cause: Cause::from_postgres(error, transport), transport }),
        }
    }
}

/// Prepares TLS for `host`; what is wrong with that is wrong before anything is sent.
pub(super) fn connector(settings: &Settings, host: &Host) -> Result<Connector, Failed> {
    let failed = |cause| Failed { cause, transport: Transport::Plain };
    if settings.ssl().mode == SslMode::VerifyFull && host.name().is_none() {
        return Err(failed(Cause::NoName));
    }
    // libpq reads the files when the server has agreed to TLS; what is wrong with them is a failed handshake to it.
    Connector::new(settings.ssl()).map_err(|error| Failed { cause: Cause::Files(error), transport: Transport::Tls })
}

/// Puts everything but the encryption into a configuration for one address.
pub(super) fn config(settings: &Settings, host: &Host, peer: &Peer, application_name: &str) -> Config {
    let mut config = Config::new();
    match peer {
        Peer::Socket(file) => config.host_path(file.parent().unwrap_or(file)),
        Peer::Tcp(address, name) => {
            config.host(name.clone().unwrap_or_else(|| address.ip().to_string())).hostaddr(address.ip())
        }
    };
    config
        .port(host.port)
        .ssl_negotiation(match settings.ssl().negotiation {
            Negotiation::Postgres => config::SslNegotiation::Postgres,
            Negotiation::Direct => config::SslNegotiation::Direct,
        })
        .application_name(settings.application_name().unwrap_or(application_name))
        .channel_binding(match settings.channel_binding() {
            ChannelBinding::Disable => config::ChannelBinding::Disable,
            ChannelBinding::Prefer => config::ChannelBinding::Prefer,
            ChannelBinding::Require => config::ChannelBinding::Require,
        });
    settings.user().map(|user| config.user(user));
    settings.password(host).map(|(password, _)| config.password(password.expose()));
    settings.database().map(|database| config.dbname(database));
    settings.options().map(|options| config.options(options));

    let network = settings.network();
    config.keepalives(match network.keepalives {
        Keepalives::On => true,
        Keepalives::Off => false,
    });
    network.idle.map(|idle| config.keepalives_idle(idle));
    network.interval.map(|interval| config.keepalives_interval(interval));
    network.count.map(|count| config.keepalives_retries(count));
    network.user_timeout.map(|timeout| config.tcp_user_timeout(timeout));
    config
}

struct Opened {
    client: Client,
    parameters: [Option<String>; 4],
    warnings: Warnings,
    last_words: LastWords,
    task: JoinHandle<()>,
}

impl Opened {
    fn candidate(self, transport: Transport, connector: Option<Connector>) -> Candidate {
        let [role, server_version, in_hot_standby, default_read_only] = self.parameters;
        let is_on = |value: String| value == "on";
        Candidate {
            connector,
            client: self.client,
            transport,
            role,
            server_version,
            in_hot_standby: in_hot_standby.map(is_on),
            default_read_only: default_read_only.map(is_on),
            warnings: self.warnings,
            last_words: self.last_words,
            task: self.task,
        }
    }
}

async fn open<T>(config: Config, tls: T) -> Result<Opened, tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    // In a box of its own, or every future around it would be as large as a handshake.
    let (client, mut connection) = Box::pin(config.connect(tls)).await?;
    // The last two are reported since PostgreSQL 14.
    let parameters = ["session_authorization", "server_version", "in_hot_standby", "default_transaction_read_only"]
        .map(|name| connection.parameter(name).map(str::to_owned));
    let warnings = Warnings::default();
    let sink = Warnings::clone(&warnings);
    let last_words = LastWords::default();
    let last = LastWords::clone(&last_words);
    let task = tokio::spawn(async move {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
            match message {
                Ok(AsyncMessage::Notice(notice)) if notice.parsed_severity() == Some(Severity::Warning) => {
                    sink.lock().unwrap_or_else(PoisonError::into_inner).push_back(notice);
                }
                Ok(_) => {}
                // It ends the connection: of its next statement the client learns no more than that.
                Err(error) => {
                    last.heed(error);
                    return;
                }
            }
        }
    });
    Ok(Opened { client, parameters, warnings, last_words, task })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_asks_as_libpq_does() {
        use Attempt::{Plain, Tls, TlsIfOffered};
        for (mode, expected) in [
            (SslMode::Disable, (Plain, None)),
            (SslMode::Allow, (Plain, Some(TlsIfOffered))),
            (SslMode::Prefer, (TlsIfOffered, Some(Plain))),
            (SslMode::Require, (Tls, None)),
            (SslMode::VerifyCa, (Tls, None)),
            (SslMode::VerifyFull, (Tls, None)),
        ] {
            let host = |endpoint| Host { endpoint, port: 5432 };
            assert_eq!(Attempt::sequence(mode, &host(Endpoint::Name("db".to_owned()))), expected, "{mode:?}");
            let socket = host(Endpoint::Socket("/run".to_owned()));
            assert_eq!(Attempt::sequence(mode, &socket), (Plain, None), "{mode:?}");
        }
    }
}
