//! The connection keywords of libpq that this tool does not act on.

/// A keyword that is left aside where that does what its value asks for, and refused by name elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) name: &'static str,
    pub(super) variable: Option<&'static str>,
    harmless: Harmless,
}

/// The values that ask for what happens anyway.
#[derive(Debug, PartialEq, Eq)]
enum Harmless {
    Any,
    Only(&'static [&'static str]),
}

impl Left {
    const fn new(name: &'static str, variable: Option<&'static str>, harmless: &'static [&'static str]) -> Self {
        Self { name, variable, harmless: Harmless::Only(harmless) }
    }

    /// A keyword about something that never happens here, whatever its value.
    const fn moot(name: &'static str, variable: Option<&'static str>) -> Self {
        Self { name, variable, harmless: Harmless::Any }
    }

    /// Says whether leaving the keyword aside does exactly what `value` asks for; nothing asks for nothing.
    pub(super) fn is_harmless(&self, value: &str) -> bool {
        match self.harmless {
            Harmless::Any => true,
            Harmless::Only(values) => {
                value.is_empty() || values.iter().any(|harmless| harmless.eq_ignore_ascii_case(value))
            }
        }
    }
}

// PGDATESTYLE, PGTZ and PGGEQO are absent on purpose, and so is PGCLIENTENCODING: libpq turns them into session
// settings, and the sessions of this tool speak UTF-8 and read nothing that a date style, a time zone or the
// planner's choice could change. They are usually set for psql's sake, so refusing them would help nobody.
pub(super) static LEFT: [Left; 21] = [
    Left::new("client_encoding", None, &["auto", "utf8", "utf-8", "unicode"]),
    // There is no GSSAPI here: it is neither preferred nor has it anything to be told.
    Left::new("gssencmode", Some("PGGSSENCMODE"), &["disable", "prefer"]),
    Left::moot("krbsrvname", Some("PGKRBSRVNAME")),
    Left::moot("gsslib", Some("PGGSSLIB")),
    Left::moot("gssdelegation", Some("PGGSSDELEGATION")),
    // libpq ignores it, too, where OpenSSL comes without compression, as it has since 2016.
    Left::moot("sslcompression", Some("PGSSLCOMPRESSION")),
    Left::new("sslkeylogfile", None, &[]),
    Left::new("requirepeer", Some("PGREQUIREPEER"), &[]),
    // Version 3.0 is what is spoken here, and what a maximum leaves a server free to choose.
    Left::new("min_protocol_version", Some("PGMINPROTOCOLVERSION"), &["3.0"]),
    Left::new("max_protocol_version", Some("PGMAXPROTOCOLVERSION"), &["3.0", "3.2", "latest"]),
    Left::new("replication", None, &["false", "off", "no", "0"]),
    Left::new("scram_client_key", None, &[]),
    Left::new("scram_server_key", None, &[]),
    Left::new("oauth_issuer", None, &[]),
    Left::new("oauth_client_id", None, &[]),
    Left::new("oauth_client_secret", None, &[]),
    Left::new("oauth_scope", None, &[]),
    // tokio-postgres sends the password before it could be asked which method the server wants.
    Left::new("require_auth", Some("PGREQUIREAUTH"), &[]),
    // libpq still reads the ancestor of sslmode.
    Left::new("requiressl", Some("PGREQUIRESSL"), &["0"]),
    // The ancestors of the authentication methods, which libpq has forgotten since PostgreSQL 14.
    Left::new("authtype", None, &[]),
    Left::new("tty", None, &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_mean_the_default_are_harmless() {
        for (word, value, harmless) in [
            ("gssencmode", "prefer", true),
            ("gssencmode", "require", false),
            ("krbsrvname", "pg", true),
            ("sslcompression", "1", true),
            ("requirepeer", "postgres", false),
            ("requirepeer", "", true),
            ("client_encoding", "UTF8", true),
            ("client_encoding", "LATIN1", false),
            ("min_protocol_version", "3.2", false),
            ("max_protocol_version", "latest", true),
            ("replication", "database", false),
        ] {
            let left = LEFT.iter().find(|left| left.name == word).expect("it is in the table");
            assert_eq!(left.is_harmless(value), harmless, "{word}={value}");
        }
    }
}
