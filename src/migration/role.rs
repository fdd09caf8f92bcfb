//! The name of a role that somebody gives.

use std::fmt;
use std::str::FromStr;

/// The longest name that PostgreSQL keeps, in bytes; it cuts off the rest, and would mean another role.
const LONGEST: usize = 63;

/// A role by its name, exactly as it is: nothing is folded, and no word is a keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role(String);

/// A name that no role has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRole {
    /// There is none.
    #[error("a role has a name")]
    Empty,
    /// It is too long.
    #[error("a role's name has at most {LONGEST} bytes, not {0}")]
    TooLong(usize),
    /// It stands for everybody, even in quotes ("GRANT" in the PostgreSQL manual).
    #[error("\"public\" is no role but everybody; name the role that the application connects as")]
    Everybody,
    /// PostgreSQL keeps it for itself, even in quotes.
    #[error("no role can be named {0:?}")]
    Reserved(String),
}

impl Role {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Returns the name as SQL writes it: always in quotes, because a server quotes more words than we know.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("\"{}\"", self.0.replace('"', "\"\""))
    }

    /// Returns the name as a string of SQL, whatever `standard_conforming_strings` is.
    #[must_use]
    pub fn literal(&self) -> String {
        format!("E'{}'", self.0.replace('\\', "\\\\").replace('\'', "''"))
    }
}

/// As people are told of it: on one line.
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(name: &str) -> Result<Self, InvalidRole> {
        match name {
            "" => Err(InvalidRole::Empty),
            "public" => Err(InvalidRole::Everybody),
            "none" => Err(InvalidRole::Reserved(name.to_owned())),
            _ if name.len() > LONGEST => Err(InvalidRole::TooLong(name.len())),
            _ => Ok(Self(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_written_so_that_it_means_itself() {
        let longest = "x".repeat(63);
        for (name, sql, literal) in [
            ("app", r#""app""#, "E'app'"),
            ("My App", r#""My App""#, "E'My App'"),
            ("CURRENT_USER", r#""CURRENT_USER""#, "E'CURRENT_USER'"),
            ("PUBLIC", r#""PUBLIC""#, "E'PUBLIC'"),
            (r#"a"b'c\d"#, r#""a""b'c\d""#, r#"E'a"b''c\\d'"#),
            ("ünï", "\"ünï\"", "E'ünï'"),
            (&longest, &format!("\"{longest}\""), &format!("E'{longest}'")),
        ] {
            let role: Role = name.parse().unwrap();
            assert_eq!((role.name(), role.sql().as_str(), role.literal().as_str()), (name, sql, literal));
        }
        assert_eq!("a\n\"b\"".parse::<Role>().unwrap().to_string(), r#""a\n\"b\"""#);
    }

    #[test]
    fn what_no_role_can_be_named_is_refused() {
        for name in ["", "public", "none", &"ü".repeat(32)] {
            assert!(name.parse::<Role>().is_err(), "{name}");
        }
    }
}
