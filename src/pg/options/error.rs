//! What can be wrong with a connection's settings.

use std::path::PathBuf;

use super::keyword::Keyword;
use super::origin::Origin;

/// Settings that cannot be used.
///
/// No variant holds text that could be a part of a password: where a malformed address makes it doubtful what a
/// piece of text is, the piece is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Neither `--addr` nor `DATABASE_URL` nor one of libpq's variables says which database.
    #[error("no database is given")]
    NothingGiven,
    /// The address is there and says nothing: most often a variable that was not set.
    #[error("{0} is empty")]
    Empty(Origin),
    /// The address has neither of the two forms.
    #[error("{0} is neither a postgres:// URL nor a list of key=value pairs")]
    NotAnAddress(Origin),
    /// A word that libpq does not know.
    #[error("unknown keyword {}in {origin}", .keyword.as_ref().map(|word| format!("\"{word}\" ")).unwrap_or_default())]
    UnknownKeyword {
        /// The word, unless it may be a piece of a password.
        keyword: Option<String>,
        /// The keyword that was probably meant.
        nearest: Option<&'static str>,
        /// Where it stands.
        origin: Origin,
    },
    /// A keyword that libpq acts on and this tool does not.
    #[error("{name} is not supported yet (set in {origin})")]
    Unsupported {
        /// The keyword.
        name: &'static str,
        /// Where it was given.
        origin: Origin,
    },
    /// An address, or another pair, where the value of a keyword was expected.
    #[error("the value of {name} in {origin} is an address itself, or another key=value pair")]
    AddressInside {
        /// The keyword.
        name: &'static str,
        /// Where it was given.
        origin: Origin,
    },
    /// A word of a key=value list has no value.
    #[error("a \"=\" is missing in {origin}{}", .after.map(|keyword| format!(" after the value of {}", keyword.name())).unwrap_or_default())]
    MissingEquals {
        /// The keyword whose value stands before the word.
        after: Option<Keyword>,
        /// Where it stands.
        origin: Origin,
    },
    /// A quote is opened and not closed.
    #[error("the quoted value of {keyword} in {origin} has no end")]
    UnterminatedQuote {
        /// The keyword whose value it is.
        keyword: &'static str,
        /// Where it stands.
        origin: Origin,
    },
    /// A raw `@` or `/` in a user name or password makes it impossible to say where they end.
    #[error("the URL in {0} has an \"@\" or \"/\" where none can be")]
    StrayDelimiter(Origin),
    /// White space in a URL, or something typed behind it.
    #[error("the URL in {0} has a space or a line break in it")]
    UrlSpace(Origin),
    /// A port of a URL, not shown because it may be a password.
    #[error("the URL in {0} has a port that is not a number from 1 to 65535")]
    UrlPort(Origin),
    /// Brackets of a URL that do not enclose a host.
    #[error("the URL in {0} has an IPv6 address without its closing \"]\" or with something behind it")]
    UrlBracket(Origin),
    /// A query of a URL without `=` or with one too many.
    #[error("the query of the URL in {0} is not a list of key=value pairs")]
    UrlQuery(Origin),
    /// A `%` of a URL that stands for itself.
    #[error("the {part} in {origin} has a \"%\" that is not followed by two hexadecimal digits")]
    PercentSequence {
        /// The part of the URL.
        part: &'static str,
        /// Where the URL was given.
        origin: Origin,
    },
    /// Bytes that no string can hold.
    #[error("the {part} in {origin} is not text: percent-decoded, it is not UTF-8 or has a zero byte")]
    NotText {
        /// The part of the URL.
        part: &'static str,
        /// Where the URL was given.
        origin: Origin,
    },
    /// A value that its keyword does not take.
    #[error("{} \"{value}\" in {origin} is not {expected}", .keyword.name())]
    Invalid {
        /// The keyword.
        keyword: Keyword,
        /// The value.
        value: String,
        /// What it takes.
        expected: String,
        /// The value that was probably meant.
        nearest: Option<&'static str>,
        /// Where it was given.
        origin: Origin,
    },
    /// Lists that belong together and differ in length.
    #[error("{given} {} values do not fit {hosts} hosts", .keyword.name())]
    Counts {
        /// The keyword whose list does not fit.
        keyword: Keyword,
        /// The length of its list.
        given: usize,
        /// The number of hosts.
        hosts: usize,
    },
    /// A mode that would defeat another wish.
    #[error("sslmode \"{mode}\" is too weak for {wish}")]
    WeakSslmode {
        /// The mode.
        mode: &'static str,
        /// The other wish.
        wish: &'static str,
        /// The weakest mode that goes with it.
        least: &'static str,
    },
    /// No version of TLS is both new and old enough.
    #[error("ssl_min_protocol_version is above ssl_max_protocol_version")]
    TlsRange,
    /// A service that no file has.
    #[error("service \"{name}\" is not defined in {}", files(looked_at))]
    NoService {
        /// The service.
        name: String,
        /// The files that were there.
        looked_at: Vec<PathBuf>,
    },
    /// A service file that was named or is there, and cannot be read.
    #[error("service file {} cannot be read: {cause}", .file.display())]
    ServiceFile {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        cause: String,
    },
    /// A line of a service file that libpq would not understand.
    #[error("{0} is not a keyword of libpq, \"=\" and a value")]
    ServiceLine(Origin),
    /// A service that refers to another one.
    #[error("{0} names another service, which libpq does not follow")]
    ServiceNested(Origin),
    /// A service that is looked up in a directory.
    #[error("{0} asks an LDAP server, which is not supported")]
    ServiceLdap(Origin),
}

impl OptionsError {
    /// Returns what helps.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NothingGiven => Some(
                "give --addr=postgres://user@host/database, or set DATABASE_URL,\n\
                 or PGHOST, PGUSER and PGDATABASE; pevensie-pg print needs no database"
                    .to_owned(),
            ),
            Self::Empty(_) | Self::NotAnAddress(_) => Some(
                "write postgres://user@host:5432/database or 'host=… user=… dbname=…';\n\
                 for the database of that name on this machine, dbname=NAME"
                    .to_owned(),
            ),
            Self::UnknownKeyword { keyword: Some(_), nearest, .. } | Self::Invalid { nearest, .. } => {
                nearest.map(did_you_mean)
            }
            Self::UnknownKeyword { keyword: None, nearest, .. } => {
                Some(nearest.map_or_else(quote_the_value, did_you_mean))
            }
            Self::MissingEquals { .. } | Self::UnterminatedQuote { .. } => Some(quote_the_value()),
            Self::StrayDelimiter(_) | Self::UrlPort(_) | Self::PercentSequence { .. } => Some(
                "in the user name and the password of a URL, write % as %25, @ as %40,\n\
                 / as %2F, : as %3A and a space as %20"
                    .to_owned(),
            ),
            Self::UrlSpace(_) => Some(
                "write a space as %20, also in a password, and what belongs to the URL\n\
                 behind a \"?\""
                    .to_owned(),
            ),
            Self::UrlBracket(_) => Some("write it as postgres://user@[::1]:5432/database".to_owned()),
            Self::UrlQuery(_) => Some("write it as …/database?sslmode=require&connect_timeout=5".to_owned()),
            Self::AddressInside { .. } => {
                Some("give a whole address as --addr or DATABASE_URL, alone;\nwrite an empty value as ''".to_owned())
            }
            Self::Counts { keyword, .. } => {
                Some(format!("give as many {} values as hosts, separated by commas", keyword.name()))
            }
            Self::WeakSslmode { least, .. } => Some(format!("add sslmode={least}")),
            Self::TlsRange => Some("the lowest is TLSv1.2 unless ssl_min_protocol_version says otherwise".to_owned()),
            Self::NoService { .. } => Some(
                "a section [NAME] in ~/.pg_service.conf, in the file PGSERVICEFILE names\n\
                 or in PGSYSCONFDIR/pg_service.conf defines one"
                    .to_owned(),
            ),
            Self::ServiceLine(_) => Some("write keyword=value, with no space around \"=\" and no quotes".to_owned()),
            Self::ServiceNested(_) | Self::ServiceLdap(_) => Some("write out what it stands for".to_owned()),
            Self::ServiceFile { .. } | Self::Unsupported { .. } | Self::NotText { .. } => None,
        }
    }
}

fn files(looked_at: &[PathBuf]) -> String {
    match looked_at {
        [] => "any service file, for there is none".to_owned(),
        files => files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" or "),
    }
}

fn did_you_mean(word: &'static str) -> String {
    format!("did you mean \"{word}\"?")
}

fn quote_the_value() -> String {
    "put a value with spaces in '…', and write \\' and \\\\ for a quote and a\nbackslash".to_owned()
}
