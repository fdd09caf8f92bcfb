//! What a role may do with the objects of the schema.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::role::Role;

/// What may be done with an object, in the words of GRANT ("Privileges" in the PostgreSQL manual).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Privilege {
    /// Naming what a schema holds, building on a type, drawing from a sequence.
    Usage,
    /// Calling a function.
    Execute,
    /// Reading.
    Select,
    /// Adding rows.
    Insert,
    /// Changing rows.
    Update,
    /// Deleting rows.
    Delete,
    /// Emptying a table.
    Truncate,
    /// Referring to a table by a foreign key.
    References,
    /// Adding triggers to a table.
    Trigger,
    /// VACUUM, ANALYZE and their like, since PostgreSQL 17.
    Maintain,
    /// Creating objects in a schema.
    Create,
}

/// What an object is, in the words of GRANT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The schema itself.
    Schema,
    /// A function.
    Function,
    /// A type.
    Type,
    /// A table.
    Table,
    /// A sequence.
    Sequence,
}

/// An object that privileges are for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its name as SQL writes it, without the schema; a function's with the types of its arguments.
    pub identity: String,
}

/// Privileges for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// The object.
    pub object: Object,
    /// What may be done with it.
    pub privileges: Vec<Privilege>,
}

/// What a role is to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// The role.
    pub role: Role,
    /// All that it is to have in the end.
    pub rights: Vec<Right>,
}

impl Privilege {
    /// Returns the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Execute => "execute",
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::References => "references",
            Self::Trigger => "trigger",
            Self::Maintain => "maintain",
            Self::Create => "create",
        }
    }
}

impl Kind {
    /// Returns the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Function => "function",
            Self::Type => "type",
            Self::Table => "table",
            Self::Sequence => "sequence",
        }
    }
}

/// As GRANT names it.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = if self.kind == Kind::Schema { "" } else { "pevensie." };
        write!(f, "{} {schema}{}", self.kind.name(), self.identity)
    }
}

impl Serialize for Object {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Right {
    /// Returns the privileges as GRANT lists them.
    #[must_use]
    pub fn privileges(&self) -> String {
        listed(&self.privileges)
    }
}

/// As people are told of it.
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.privileges(), self.object)
    }
}

/// Lists privileges as GRANT does.
#[must_use]
pub fn listed(privileges: &[Privilege]) -> String {
    privileges.iter().map(|privilege| privilege.name()).collect::<Vec<_>>().join(", ")
}
