//! The values of keywords that have a closed set of them.

use std::time::Duration;

use super::error::OptionsError;
use super::given::AllGiven;
use super::keyword::{Keyword, nearest};

/// How much TLS is asked for; the order is that of strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    const ALL: [(&'static str, Self); 6] = [
        (Self::Disable.name(), Self::Disable),
        (Self::Allow.name(), Self::Allow),
        (Self::Prefer.name(), Self::Prefer),
        (Self::Require.name(), Self::Require),
        (Self::VerifyCa.name(), Self::VerifyCa),
        (Self::VerifyFull.name(), Self::VerifyFull),
    ];

    /// Returns libpq's spelling.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// What kind of session `target_session_attrs` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionAttrs {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl SessionAttrs {
    const ALL: [(&'static str, Self); 6] = [
        ("any", Self::Any),
        ("read-write", Self::ReadWrite),
        ("read-only", Self::ReadOnly),
        ("primary", Self::Primary),
        ("standby", Self::Standby),
        ("prefer-standby", Self::PreferStandby),
    ];
}

/// Whether the password exchange must be bound to the TLS session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

impl ChannelBinding {
    const ALL: [(&'static str, Self); 3] =
        [("disable", Self::Disable), ("prefer", Self::Prefer), ("require", Self::Require)];
}

/// In which order the servers are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    AsGiven,
    Random,
}

impl Order {
    const ALL: [(&'static str, Self); 2] = [("disable", Self::AsGiven), ("random", Self::Random)];
}

/// How TLS begins: after the server was asked whether it has any, or at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Negotiation {
    Postgres,
    Direct,
}

impl Negotiation {
    const ALL: [(&'static str, Self); 2] = [("postgres", Self::Postgres), ("direct", Self::Direct)];
}

/// Whether our own certificate is shown to a server that asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertMode {
    Disable,
    Allow,
    Require,
}

impl CertMode {
    const ALL: [(&'static str, Self); 3] =
        [("disable", Self::Disable), ("allow", Self::Allow), ("require", Self::Require)];
}

/// A version of TLS that libpq can name, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TlsVersion {
    V1,
    V1_1,
    V1_2,
    V1_3,
}

impl TlsVersion {
    const ALL: [(&'static str, Self); 4] =
        [("TLSv1", Self::V1), ("TLSv1.1", Self::V1_1), ("TLSv1.2", Self::V1_2), ("TLSv1.3", Self::V1_3)];
}

/// What the client does about a network that went away; `None` leaves it to the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) keepalives: Keepalives,
    pub(crate) idle: Option<Duration>,
    pub(crate) interval: Option<Duration>,
    pub(crate) count: Option<u32>,
    pub(crate) user_timeout: Option<Duration>,
}

/// Whether TCP keepalives are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keepalives {
    On,
    Off,
}

pub(super) fn sslmode(all: &AllGiven) -> Result<Option<SslMode>, OptionsError> {
    choice(all, Keyword::Sslmode, &SslMode::ALL)
}

pub(super) fn session_attrs(all: &AllGiven) -> Result<SessionAttrs, OptionsError> {
    choice(all, Keyword::TargetSessionAttrs, &SessionAttrs::ALL).map(|attrs| attrs.unwrap_or(SessionAttrs::Any))
}

pub(super) fn channel_binding(all: &AllGiven) -> Result<ChannelBinding, OptionsError> {
    choice(all, Keyword::ChannelBinding, &ChannelBinding::ALL).map(|binding| binding.unwrap_or(ChannelBinding::Prefer))
}

pub(super) fn order(all: &AllGiven) -> Result<Order, OptionsError> {
    choice(all, Keyword::LoadBalanceHosts, &Order::ALL).map(|order| order.unwrap_or(Order::AsGiven))
}

pub(super) fn negotiation(all: &AllGiven) -> Result<Negotiation, OptionsError> {
    choice(all, Keyword::Sslnegotiation, &Negotiation::ALL)
        .map(|negotiation| negotiation.unwrap_or(Negotiation::Postgres))
}

pub(super) fn cert_mode(all: &AllGiven) -> Result<CertMode, OptionsError> {
    choice(all, Keyword::Sslcertmode, &CertMode::ALL).map(|mode| mode.unwrap_or(CertMode::Allow))
}

pub(super) fn tls_version(all: &AllGiven, keyword: Keyword) -> Result<Option<TlsVersion>, OptionsError> {
    choice(all, keyword, &TlsVersion::ALL)
}

/// Reads `connect_timeout`; zero and below wait for ever, as in libpq.
pub(super) fn connect_timeout(all: &AllGiven) -> Result<Option<Duration>, OptionsError> {
    let seconds = integer(all, Keyword::ConnectTimeout)?;
    Ok(seconds.map(|seconds| positive(seconds).map_or(Duration::MAX, Duration::from_secs)))
}

pub(super) fn network(all: &AllGiven) -> Result<Network, OptionsError> {
    let positive_of = |keyword| Ok::<_, OptionsError>(integer(all, keyword)?.and_then(positive));
    Ok(Network {
        keepalives: match integer(all, Keyword::Keepalives)? {
            Some(0) => Keepalives::Off,
            Some(_) | None => Keepalives::On,
        },
        idle: positive_of(Keyword::KeepalivesIdle)?.map(Duration::from_secs),
        interval: positive_of(Keyword::KeepalivesInterval)?.map(Duration::from_secs),
        count: positive_of(Keyword::KeepalivesCount)?.and_then(|count| count.try_into().ok()),
        // The only one of these that libpq counts in milliseconds.
        user_timeout: positive_of(Keyword::TcpUserTimeout)?.map(Duration::from_millis),
    })
}

fn choice<T: Copy>(
    all: &AllGiven,
    keyword: Keyword,
    choices: &'static [(&'static str, T)],
) -> Result<Option<T>, OptionsError> {
    let Some((value, origin)) = all.get(keyword) else { return Ok(None) };
    let found = choices.iter().find(|(name, _)| *name == value);
    let names = || choices.iter().map(|(name, _)| *name);
    found.map(|(_, choice)| Some(*choice)).ok_or_else(|| OptionsError::Invalid {
        keyword,
        value: value.to_owned(),
        expected: format!("one of {}", names().collect::<Vec<_>>().join(", ")),
        nearest: nearest(value, names()),
        origin: origin.clone(),
    })
}

fn integer(all: &AllGiven, keyword: Keyword) -> Result<Option<i32>, OptionsError> {
    let Some((value, origin)) = all.get(keyword) else { return Ok(None) };
    value.trim().parse().map(Some).map_err(|_| OptionsError::Invalid {
        keyword,
        value: value.to_owned(),
        expected: "a whole number".to_owned(),
        nearest: None,
        origin: origin.clone(),
    })
}

fn positive(number: i32) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number > 0)
}
