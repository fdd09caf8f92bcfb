//! The connection keywords of libpq that this tool acts on, and how a word is recognised as one.
//!
//! The names and their variables are those of the PostgreSQL manual, "Parameter Key Words" and "Environment
//! Variables", up to PostgreSQL 18.

use super::left::{LEFT, Left};

/// A keyword this tool acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    Service,
    Servicefile,
    Host,
    Hostaddr,
    Port,
    LoadBalanceHosts,
    User,
    Password,
    Passfile,
    Dbname,
    Sslmode,
    Sslnegotiation,
    Sslrootcert,
    Sslcrl,
    Sslcrldir,
    Sslcertmode,
    Sslcert,
    Sslkey,
    Sslpassword,
    Sslsni,
    SslMinProtocolVersion,
    SslMaxProtocolVersion,
    ApplicationName,
    FallbackApplicationName,
    ConnectTimeout,
    TargetSessionAttrs,
    Options,
    ChannelBinding,
    Keepalives,
    KeepalivesIdle,
    KeepalivesInterval,
    KeepalivesCount,
    TcpUserTimeout,
}

impl Keyword {
    /// Every keyword, in the order in which `-v` lists them.
    pub(super) const ALL: [Self; 33] = [
        Self::Service,
        Self::Servicefile,
        Self::Host,
        Self::Hostaddr,
        Self::Port,
        Self::LoadBalanceHosts,
        Self::User,
        Self::Password,
        Self::Passfile,
        Self::Dbname,
        Self::Sslmode,
        Self::Sslnegotiation,
        Self::Sslrootcert,
        Self::Sslcrl,
        Self::Sslcrldir,
        Self::Sslcertmode,
        Self::Sslcert,
        Self::Sslkey,
        Self::Sslpassword,
        Self::Sslsni,
        Self::SslMinProtocolVersion,
        Self::SslMaxProtocolVersion,
        Self::ApplicationName,
        Self::FallbackApplicationName,
        Self::ConnectTimeout,
        Self::TargetSessionAttrs,
        Self::Options,
        Self::ChannelBinding,
        Self::Keepalives,
        Self::KeepalivesIdle,
        Self::KeepalivesInterval,
        Self::KeepalivesCount,
        Self::TcpUserTimeout,
    ];

    /// Returns libpq's spelling.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// Returns the variable that gives it when neither the address nor a service does.
    pub(super) const fn variable(self) -> Option<&'static str> {
        self.names().1
    }

    const fn names(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Service => ("service", Some("PGSERVICE")),
            Self::Servicefile => ("servicefile", Some("PGSERVICEFILE")),
            Self::Host => ("host", Some("PGHOST")),
            Self::Hostaddr => ("hostaddr", Some("PGHOSTADDR")),
            Self::Port => ("port", Some("PGPORT")),
            Self::LoadBalanceHosts => ("load_balance_hosts", Some("PGLOADBALANCEHOSTS")),
            Self::User => ("user", Some("PGUSER")),
            Self::Password => ("password", Some("PGPASSWORD")),
            Self::Passfile => ("passfile", Some("PGPASSFILE")),
            Self::Dbname => ("dbname", Some("PGDATABASE")),
            Self::Sslmode => ("sslmode", Some("PGSSLMODE")),
            Self::Sslnegotiation => ("sslnegotiation", Some("PGSSLNEGOTIATION")),
            Self::Sslrootcert => ("sslrootcert", Some("PGSSLROOTCERT")),
            Self::Sslcrl => ("sslcrl", Some("PGSSLCRL")),
            Self::Sslcrldir => ("sslcrldir", Some("PGSSLCRLDIR")),
            Self::Sslcertmode => ("sslcertmode", Some("PGSSLCERTMODE")),
            Self::Sslcert => ("sslcert", Some("PGSSLCERT")),
            Self::Sslkey => ("sslkey", Some("PGSSLKEY")),
            Self::Sslpassword => ("sslpassword", None),
            Self::Sslsni => ("sslsni", Some("PGSSLSNI")),
            Self::SslMinProtocolVersion => ("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION")),
            Self::SslMaxProtocolVersion => ("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION")),
            Self::ApplicationName => ("application_name", Some("PGAPPNAME")),
            Self::FallbackApplicationName => ("fallback_application_name", None),
            Self::ConnectTimeout => ("connect_timeout", Some("PGCONNECT_TIMEOUT")),
            Self::TargetSessionAttrs => ("target_session_attrs", Some("PGTARGETSESSIONATTRS")),
            Self::Options => ("options", Some("PGOPTIONS")),
            Self::ChannelBinding => ("channel_binding", Some("PGCHANNELBINDING")),
            Self::Keepalives => ("keepalives", None),
            Self::KeepalivesIdle => ("keepalives_idle", None),
            Self::KeepalivesInterval => ("keepalives_interval", None),
            Self::KeepalivesCount => ("keepalives_count", None),
            Self::TcpUserTimeout => ("tcp_user_timeout", None),
        }
    }

    /// Says whether its variable alone says which database is meant.
    pub(super) const fn locates_a_database(self) -> bool {
        matches!(self, Self::Service | Self::Host | Self::Hostaddr | Self::Port | Self::User | Self::Dbname)
    }

    /// Says whether its value is shown to nobody.
    pub(super) const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Sslpassword)
    }
}

/// A word that libpq knows as a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Acted(Keyword),
    Left(&'static Left),
}

impl Known {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Acted(keyword) => keyword.name(),
            Self::Left(left) => left.name,
        }
    }
}

/// Finds a keyword by libpq's spelling.
pub(super) fn find(word: &str) -> Option<Known> {
    let acted = Keyword::ALL.into_iter().find(|keyword| keyword.name() == word).map(Known::Acted);
    acted.or_else(|| LEFT.iter().find(|left| left.name == word).map(Known::Left))
}

/// Says whether a word could be a keyword at all; else it may be a piece of anything, and is not to be shown.
pub(super) fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// What other drivers call the keywords.
const ALIASES: [(&str, &str); 6] = [
    ("username", "user"),
    ("database", "dbname"),
    ("db", "dbname"),
    ("pass", "password"),
    ("passwd", "password"),
    ("hostname", "host"),
];

/// Returns the keyword that `word` was probably meant to be.
pub(super) fn nearest_keyword(word: &str) -> Option<&'static str> {
    let alias = ALIASES.into_iter().find(|(alias, _)| *alias == word).map(|(_, name)| name);
    alias.or_else(|| nearest(word, Keyword::ALL.map(Keyword::name)))
}

/// Returns the candidate that `word` was probably meant to be.
pub(super) fn nearest(word: &str, among: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let word = word.to_lowercase();
    among
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_listed_twice() {
        let mut names: Vec<_> = Keyword::ALL.map(Keyword::name).to_vec();
        names.extend(LEFT.iter().map(|left| left.name));
        let total = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), total);
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        for (typed, meant) in [
            ("hots", Some("host")),
            ("Host", Some("host")),
            ("sslmod", Some("sslmode")),
            ("username", Some("user")),
            ("db_name", Some("dbname")),
            ("aplication_nam", Some("application_name")),
            ("search_path", None),
        ] {
            assert_eq!(nearest_keyword(typed), meant, "{typed}");
        }
    }
}
