//! The `key=value` form of an address.
//!
//! The rules are those of libpq's `conninfo_parse`: pairs separated by white space, spaces allowed around `=`,
//! values in single quotes when they are empty or hold spaces, a backslash before any character taken literally.

use std::iter::Peekable;
use std::str::Chars;

use super::error::OptionsError;
use super::given::Pair;
use super::keyword::{self, Keyword};
use super::origin::Origin;
use super::secret::Secret;

/// Reads `text` into its pairs, in the order in which they stand.
pub(super) fn pairs(text: &str, origin: &Origin) -> Result<Vec<Pair>, OptionsError> {
    let mut chars = text.chars().peekable();
    let mut pairs: Vec<Pair> = Vec::new();
    loop {
        skip_spaces(&mut chars);
        if chars.peek().is_none() {
            return Ok(pairs);
        }
        let after = pairs.last().and_then(Pair::keyword);
        let mut word = String::new();
        while let Some(next) = chars.next_if(|next| *next != '=' && !next.is_ascii_whitespace()) {
            word.push(next);
        }
        skip_spaces(&mut chars);
        if chars.next_if_eq(&'=').is_none() {
            return Err(match after {
                None if pairs.is_empty() => OptionsError::NotAnAddress(origin.clone()),
                after => OptionsError::MissingEquals { after, origin: origin.clone() },
            });
        }
        let known = keyword::find(&word).ok_or_else(|| unknown(&word, after, origin))?;
        skip_spaces(&mut chars);
        let pair = Pair { known, value: value(&mut chars, known.name(), origin)? };
        // Before the next word, which may belong to a password, is found to be no keyword.
        pair.is_no_address(origin)?;
        pairs.push(pair);
    }
}

/// Describes a word that is no keyword, without repeating what may be a piece of a password or of a URL.
fn unknown(word: &str, after: Option<Keyword>, origin: &Origin) -> OptionsError {
    let origin = origin.clone();
    match (keyword::is_plain(word), after) {
        (_, Some(Keyword::Password)) => {
            OptionsError::UnknownKeyword { keyword: None, nearest: keyword::nearest_keyword(word), origin }
        }
        (true, _) => OptionsError::UnknownKeyword {
            keyword: Some(word.to_owned()),
            nearest: keyword::nearest_keyword(word),
            origin,
        },
        (false, _) => OptionsError::NotAnAddress(origin),
    }
}

fn value(chars: &mut Peekable<Chars>, keyword: &'static str, origin: &Origin) -> Result<Secret, OptionsError> {
    let quoted = chars.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match chars.next() {
            None if quoted => return Err(OptionsError::UnterminatedQuote { keyword, origin: origin.clone() }),
            None => break,
            Some('\'') if quoted => break,
            Some(space) if !quoted && space.is_ascii_whitespace() => break,
            Some('\\') => value.extend(chars.next()),
            Some(other) => value.push(other),
        }
    }
    Ok(Secret::new(value))
}

fn skip_spaces(chars: &mut Peekable<Chars>) {
    while chars.next_if(char::is_ascii_whitespace).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, OptionsError> {
        let pairs = pairs(text, &Origin::Address)?;
        let shown: Vec<_> = pairs.iter().map(|pair| format!("{}={}", pair.known.name(), pair.value.expose())).collect();
        Ok(shown.join("|"))
    }

    #[test]
    fn values_are_unquoted_as_libpq_does() {
        for (text, expected) in [
            ("", ""),
            ("host=db port=5433", "host=db|port=5433"),
            ("  host = db\n port\t=\t5433 ", "host=db|port=5433"),
            (r"password='correct horse'", "password=correct horse"),
            (r"password='it\'s \\ me' user=a", r"password=it's \ me|user=a"),
            (r"password=it\'s\ me user=a", "password=it's me|user=a"),
            ("password='' user=a", "password=|user=a"),
            ("password=%@:/ user=a", "password=%@:/|user=a"),
            ("host='a'port=1", "host=a|port=1"),
            ("host=a\\", "host=a"),
            ("host=a'b'", "host=a'b'"),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_are_named_without_the_password() {
        for (text, expected) in [
            ("db.example.com", "--addr is neither a postgres:// URL nor a list of key=value pairs"),
            ("http://u:s3cret@h/?a=b", "--addr is neither a postgres:// URL nor a list of key=value pairs"),
            ("host=h hots=i", "unknown keyword \"hots\" in --addr"),
            ("password=s3cret user=a s3cret=1", "unknown keyword \"s3cret\" in --addr"),
            ("password=a s3cret=1", "unknown keyword in --addr"),
            ("password=a s3cret", "a \"=\" is missing in --addr after the value of password"),
            ("gsslib=x s3cret", "a \"=\" is missing in --addr"),
            ("password='s3cret", "the quoted value of password in --addr has no end"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
        let unquoted = read("host=a b").unwrap_err().hint();
        assert!(unquoted.is_some_and(|hint| hint.starts_with("put a value with spaces in '…'")));
        let slip = read("password=a hots=b").unwrap_err();
        assert_eq!(slip.hint().as_deref(), Some("did you mean \"host\"?"));
    }
}
