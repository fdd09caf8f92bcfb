//! The URL form of an address.
//!
//! The rules are those of libpq's `conninfo_uri_parse`, which is not the URL of the web: several hosts may be
//! listed, `+` is a plus, and every part is percent-decoded on its own.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::error::OptionsError;
use super::given::Pair;
use super::keyword::{self, Keyword, Known};
use super::origin::Origin;
use super::secret::Secret;

/// Returns what follows the scheme, when `text` is a URL of ours.
pub(super) fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))
}

/// Reads what follows the scheme into pairs; those of the query come last and so win.
pub(super) fn pairs(rest: &str, origin: &Origin) -> Result<Vec<Pair>, OptionsError> {
    // What is typed behind a URL would become a part of its last value. libpq 18 refuses it, too, and as here not what
    // is often at the end of a file.
    let rest = rest.trim_ascii_end();
    if rest.contains(|character: char| character.is_ascii_whitespace()) {
        return Err(OptionsError::UrlSpace(origin.clone()));
    }
    let url = Url { origin };
    let mut pairs = Vec::new();

    let credentials_end = rest.find(['@', '/']).filter(|at| rest.as_bytes()[*at] == b'@');
    let rest = match credentials_end {
        Some(at) => {
            let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
            url.push(&mut pairs, Keyword::User, user)?;
            url.push(&mut pairs, Keyword::Password, password)?;
            &rest[at + 1..]
        }
        None => rest,
    };

    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    // An "@" here is nearly always the end of a password with a raw "@" or "/" in it. libpq would take pieces of
    // that password for a host, a port or a database, and then show them in its messages.
    let stray = authority.contains('@') || path.contains('@') || (credentials_end.is_none() && query.contains('@'));
    if stray {
        return Err(OptionsError::StrayDelimiter(origin.clone()));
    }

    let (hosts, ports) = url.hosts(authority)?;
    url.push(&mut pairs, Keyword::Host, &hosts)?;
    url.push(&mut pairs, Keyword::Port, &ports)?;
    url.push(&mut pairs, Keyword::Dbname, path.strip_prefix('/').unwrap_or(path))?;
    if !query.is_empty() {
        for parameter in query.strip_suffix('&').unwrap_or(query).split('&') {
            let pair = url.parameter(parameter, pairs.last().and_then(Pair::keyword))?;
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

struct Url<'a> {
    origin: &'a Origin,
}

impl Url<'_> {
    fn push(&self, pairs: &mut Vec<Pair>, keyword: Keyword, raw: &str) -> Result<(), OptionsError> {
        if !raw.is_empty() {
            let value = Secret::new(self.decode(raw, keyword.name())?);
            pairs.push(Pair { known: Known::Acted(keyword), value });
        }
        Ok(())
    }

    /// Splits `h1:1,[::2]:2,h3` into the lists that `host=` and `port=` would hold.
    fn hosts(&self, authority: &str) -> Result<(String, String), OptionsError> {
        let mut hosts = Vec::new();
        let mut ports = Vec::new();
        for entry in authority.split(',') {
            let (host, port) = if let Some(bracketed) = entry.strip_prefix('[') {
                let (host, behind) = bracketed.split_once(']').ok_or(OptionsError::UrlBracket(self.origin.clone()))?;
                match behind.strip_prefix(':') {
                    Some(port) => (host, port),
                    None if behind.is_empty() => (host, ""),
                    None => return Err(OptionsError::UrlBracket(self.origin.clone())),
                }
            } else {
                entry.split_once(':').unwrap_or((entry, ""))
            };
            // Checked here and not shown: without an "@" behind it, this may be the password.
            if !port.is_empty() && port.parse::<u16>().map_or(true, |port| port == 0) {
                return Err(OptionsError::UrlPort(self.origin.clone()));
            }
            hosts.push(host);
            ports.push(port);
        }
        Ok((hosts.join(","), ports.join(",")))
    }

    /// Reads `word=value`; a word behind a password may be what follows a raw "&" in it, and is not shown.
    fn parameter(&self, parameter: &str, after: Option<Keyword>) -> Result<Pair, OptionsError> {
        let (word, value) = parameter.split_once('=').ok_or(OptionsError::UrlQuery(self.origin.clone()))?;
        if value.contains('=') {
            return Err(OptionsError::UrlQuery(self.origin.clone()));
        }
        let word = self.decode(word, "query")?;
        // The spelling of JDBC, which libpq understands in URLs.
        if (word.as_str(), value) == ("ssl", "true") {
            return Ok(Pair { known: Known::Acted(Keyword::Sslmode), value: Secret::new("require") });
        }
        if !keyword::is_plain(&word) {
            // It may be a part of a password.
            return Err(OptionsError::UrlQuery(self.origin.clone()));
        }
        let known = keyword::find(&word).ok_or_else(|| OptionsError::UnknownKeyword {
            nearest: keyword::nearest_keyword(&word),
            keyword: Some(word).filter(|_| after != Some(Keyword::Password)),
            origin: self.origin.clone(),
        })?;
        Ok(Pair { known, value: Secret::new(self.decode(value, "query")?) })
    }

    fn decode(&self, raw: &str, part: &'static str) -> Result<String, OptionsError> {
        let well_formed = raw
            .split('%')
            .skip(1)
            .all(|after| after.len() >= 2 && after.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit));
        if !well_formed {
            return Err(OptionsError::PercentSequence { part, origin: self.origin.clone() });
        }
        match percent_decode_str(raw).decode_utf8() {
            Ok(text) if !text.contains('\0') => Ok(text.into_owned()),
            Ok(_) | Err(_) => Err(OptionsError::NotText { part, origin: self.origin.clone() }),
        }
    }
}

/// What stands for itself in every part of a URL (RFC 3986, 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a part of a URL.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, OptionsError> {
        let pairs = pairs(after_scheme(text).expect("a URL"), &Origin::DatabaseUrl)?;
        let shown: Vec<_> = pairs
            .iter()
            .map(|pair| format!("{}={}", pair.keyword().map_or("?", Keyword::name), pair.value.expose()))
            .collect();
        Ok(shown.join("|"))
    }

    #[test]
    fn parts_are_found_as_libpq_finds_them() {
        for (text, expected) in [
            ("postgres://", ""),
            ("postgresql://h", "host=h"),
            ("postgres://h:5433/shop", "host=h|port=5433|dbname=shop"),
            ("postgres://app@h/shop", "user=app|host=h|dbname=shop"),
            ("postgres://app:p%40s%2Fs%25%20+@h", "user=app|password=p@s/s% +|host=h"),
            ("postgres://:pw@h", "password=pw|host=h"),
            ("postgres://app:a:b?c@h", "user=app|password=a:b?c|host=h"),
            ("postgres://h1:1,h2:2/shop", "host=h1,h2|port=1,2|dbname=shop"),
            ("postgres://h1,h2:2", "host=h1,h2|port=,2"),
            ("postgres://[::1]:5433,[fe80::1%25eth0]/x", "host=::1,fe80::1%eth0|port=5433,|dbname=x"),
            ("postgres://%2Fvar%2Frun%2Fpostgresql/shop", "host=/var/run/postgresql|dbname=shop"),
            ("postgres:///shop?host=/tmp&port=6432", "dbname=shop|host=/tmp|port=6432"),
            ("postgres://h?sslmode=require&", "host=h|sslmode=require"),
            ("postgres://h/?ssl=true", "host=h|sslmode=require"),
            ("postgres://h/shop%20\r\n", "host=h|dbname=shop "),
            ("postgres://a@h/d?password=p%40q", "user=a|host=h|dbname=d|password=p@q"),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_are_named_without_the_password() {
        for (text, expected) in [
            ("postgres://u:s3@cret@h/d", "the URL in DATABASE_URL has an \"@\" or \"/\" where none can be"),
            ("postgres://u:s3/cret@h/d", "the URL in DATABASE_URL has an \"@\" or \"/\" where none can be"),
            ("postgres://u:12/s3?cret=@h/d", "the URL in DATABASE_URL has an \"@\" or \"/\" where none can be"),
            ("postgres://u:p@a password=s3cret@h/ more", "the URL in DATABASE_URL has a space or a line break in it"),
            ("postgres://u:s3 cret@h/d", "the URL in DATABASE_URL has a space or a line break in it"),
            ("postgres://u:s3cret", "the URL in DATABASE_URL has a port that is not a number from 1 to 65535"),
            (
                "postgres://u:s3%zzcret@h/",
                "the password in DATABASE_URL has a \"%\" that is not followed by two hexadecimal digits",
            ),
            (
                "postgres://u:s3cret%@h/",
                "the password in DATABASE_URL has a \"%\" that is not followed by two hexadecimal digits",
            ),
            (
                "postgres://u:s3cret%00@h/",
                "the password in DATABASE_URL is not text: percent-decoded, it is not UTF-8 or has a zero byte",
            ),
            (
                "postgres://[::1/d",
                "the URL in DATABASE_URL has an IPv6 address without its closing \"]\" or with something behind it",
            ),
            ("postgres://h/d?sslmode", "the query of the URL in DATABASE_URL is not a list of key=value pairs"),
            (
                "postgres://h/d?s3%20cret%20word=x",
                "the query of the URL in DATABASE_URL is not a list of key=value pairs",
            ),
            ("postgres://h/d?ssl=yes", "unknown keyword \"ssl\" in DATABASE_URL"),
            ("postgres://h/d?sslmod=require", "unknown keyword \"sslmod\" in DATABASE_URL"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }
}
