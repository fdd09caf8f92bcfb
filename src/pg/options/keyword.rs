//! The connection keywords of libpq: those this tool acts on, and those it refuses.
//!
//! The names and their variables are those of the PostgreSQL manual, "Parameter Key Words" and "Environment
//! Variables", up to PostgreSQL 18.

/// A keyword this tool acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    Host,
    Hostaddr,
    Port,
    User,
    Password,
    Dbname,
    Sslmode,
    Sslrootcert,
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
    pub(super) const ALL: [Self; 19] = [
        Self::Host,
        Self::Hostaddr,
        Self::Port,
        Self::User,
        Self::Password,
        Self::Dbname,
        Self::Sslmode,
        Self::Sslrootcert,
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
        match self {
            Self::Host => "host",
            Self::Hostaddr => "hostaddr",
            Self::Port => "port",
            Self::User => "user",
            Self::Password => "password",
            Self::Dbname => "dbname",
            Self::Sslmode => "sslmode",
            Self::Sslrootcert => "sslrootcert",
            Self::ApplicationName => "application_name",
            Self::FallbackApplicationName => "fallback_application_name",
            Self::ConnectTimeout => "connect_timeout",
            Self::TargetSessionAttrs => "target_session_attrs",
            Self::Options => "options",
            Self::ChannelBinding => "channel_binding",
            Self::Keepalives => "keepalives",
            Self::KeepalivesIdle => "keepalives_idle",
            Self::KeepalivesInterval => "keepalives_interval",
            Self::KeepalivesCount => "keepalives_count",
            Self::TcpUserTimeout => "tcp_user_timeout",
        }
    }

    /// Returns the variable that gives it when the address does not.
    pub(super) const fn variable(self) -> Option<&'static str> {
        match self {
            Self::Host => Some("PGHOST"),
            Self::Hostaddr => Some("PGHOSTADDR"),
            Self::Port => Some("PGPORT"),
            Self::User => Some("PGUSER"),
            Self::Password => Some("PGPASSWORD"),
            Self::Dbname => Some("PGDATABASE"),
            Self::Sslmode => Some("PGSSLMODE"),
            Self::Sslrootcert => Some("PGSSLROOTCERT"),
            Self::ApplicationName => Some("PGAPPNAME"),
            Self::ConnectTimeout => Some("PGCONNECT_TIMEOUT"),
            Self::TargetSessionAttrs => Some("PGTARGETSESSIONATTRS"),
            Self::Options => Some("PGOPTIONS"),
            Self::ChannelBinding => Some("PGCHANNELBINDING"),
            Self::FallbackApplicationName
            | Self::Keepalives
            | Self::KeepalivesIdle
            | Self::KeepalivesInterval
            | Self::KeepalivesCount
            | Self::TcpUserTimeout => None,
        }
    }

    /// Tells whether its variable alone says which database is meant.
    pub(super) const fn locates_a_database(self) -> bool {
        matches!(self, Self::Host | Self::Hostaddr | Self::Port | Self::User | Self::Dbname)
    }
}

/// A keyword libpq has and this tool does not act on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) name: &'static str,
    pub(super) variable: Option<&'static str>,
    /// The values that ask for what happens anyway.
    harmless: &'static [&'static str],
}

impl Refused {
    const fn new(name: &'static str, variable: Option<&'static str>, harmless: &'static [&'static str]) -> Self {
        Self { name, variable, harmless }
    }

    /// Tells whether leaving the keyword aside does exactly what `value` asks for.
    pub(super) fn is_harmless(&self, value: &str) -> bool {
        self.harmless.iter().any(|harmless| harmless.eq_ignore_ascii_case(value))
    }
}

// PGDATESTYLE, PGTZ and PGGEQO are absent on purpose, and so is PGCLIENTENCODING: libpq turns them into session
// settings, and the sessions of this tool speak UTF-8 and read nothing that a date style, a time zone or the
// planner's choice could change. They are usually set for psql's sake, so refusing them would help nobody.
pub(super) static REFUSED: [Refused; 35] = [
    Refused::new("service", Some("PGSERVICE"), &[]),
    Refused::new("servicefile", Some("PGSERVICEFILE"), &[]),
    Refused::new("passfile", Some("PGPASSFILE"), &[]),
    Refused::new("require_auth", Some("PGREQUIREAUTH"), &[]),
    Refused::new("client_encoding", None, &["auto", "utf8", "utf-8", "unicode"]),
    Refused::new("gssencmode", Some("PGGSSENCMODE"), &["disable", "prefer"]),
    Refused::new("krbsrvname", Some("PGKRBSRVNAME"), &["postgres"]),
    Refused::new("gsslib", Some("PGGSSLIB"), &["gssapi"]),
    Refused::new("gssdelegation", Some("PGGSSDELEGATION"), &["0"]),
    Refused::new("sslnegotiation", Some("PGSSLNEGOTIATION"), &["postgres"]),
    Refused::new("sslcompression", Some("PGSSLCOMPRESSION"), &["0"]),
    Refused::new("sslcert", Some("PGSSLCERT"), &[]),
    Refused::new("sslkey", Some("PGSSLKEY"), &[]),
    Refused::new("sslkeylogfile", None, &[]),
    Refused::new("sslpassword", None, &[]),
    // Both let a server that asks for no certificate in; there is none to send.
    Refused::new("sslcertmode", Some("PGSSLCERTMODE"), &["disable", "allow"]),
    Refused::new("sslcrl", Some("PGSSLCRL"), &[]),
    Refused::new("sslcrldir", Some("PGSSLCRLDIR"), &[]),
    Refused::new("sslsni", Some("PGSSLSNI"), &["1"]),
    Refused::new("requirepeer", Some("PGREQUIREPEER"), &[]),
    // rustls has nothing older than 1.2 and nothing newer than 1.3.
    Refused::new("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION"), &["TLSv1", "TLSv1.1", "TLSv1.2"]),
    Refused::new("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION"), &["TLSv1.3"]),
    Refused::new("min_protocol_version", Some("PGMINPROTOCOLVERSION"), &["3.0"]),
    Refused::new("max_protocol_version", Some("PGMAXPROTOCOLVERSION"), &["3.0"]),
    Refused::new("load_balance_hosts", Some("PGLOADBALANCEHOSTS"), &["disable"]),
    Refused::new("replication", None, &["false", "off", "no", "0"]),
    Refused::new("scram_client_key", None, &[]),
    Refused::new("scram_server_key", None, &[]),
    Refused::new("oauth_issuer", None, &[]),
    Refused::new("oauth_client_id", None, &[]),
    Refused::new("oauth_client_secret", None, &[]),
    Refused::new("oauth_scope", None, &[]),
    // The ancestors of sslmode and of the authentication methods: libpq still reads the first from the environment.
    Refused::new("requiressl", Some("PGREQUIRESSL"), &["0"]),
    Refused::new("authtype", None, &[]),
    Refused::new("tty", None, &[]),
];

/// A word that libpq knows as a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Acted(Keyword),
    Refused(&'static Refused),
}

/// Finds a keyword by libpq's spelling.
pub(super) fn find(word: &str) -> Option<Known> {
    let acted = Keyword::ALL.into_iter().find(|keyword| keyword.name() == word).map(Known::Acted);
    acted.or_else(|| REFUSED.iter().find(|refused| refused.name == word).map(Known::Refused))
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
        names.extend(REFUSED.iter().map(|refused| refused.name));
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
            ("search_path", None),
        ] {
            assert_eq!(nearest_keyword(typed), meant, "{typed}");
        }
    }

    #[test]
    fn only_values_that_mean_the_default_are_harmless() {
        for (word, value, harmless) in [
            ("gssencmode", "prefer", true),
            ("gssencmode", "require", false),
            ("sslnegotiation", "direct", false),
            ("client_encoding", "UTF8", true),
            ("client_encoding", "LATIN1", false),
            ("service", "", false),
        ] {
            let Some(Known::Refused(refused)) = find(word) else { panic!("{word} is not in the table") };
            assert_eq!(refused.is_harmless(value), harmless, "{word}={value}");
        }
    }
}
