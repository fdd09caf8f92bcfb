//! The server, the role and the schema, as far as they decide whether a plan can succeed.

use std::fmt;

use serde::Deserialize;

use super::grantee::Grantee;
use super::ledger::TABLES;
use super::migration::Migration;

/// A name that PostgreSQL knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Name {
    /// As it is.
    pub raw: String,
    /// As SQL writes it, quoted by the server where it has to be.
    pub sql: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.raw)
    }
}

/// A role that owns something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Owner {
    /// The role.
    #[serde(flatten)]
    pub name: Name,
    /// Whether it may do everything, so that nobody should be made a member of it.
    pub superuser: bool,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// What `sql/introspect/server.sql` finds out about the server, the database and the role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The server's version as a number, 150018 for 15.18.
    pub version_num: u32,
    /// The server's version as it says it itself.
    pub version: String,
    /// The database.
    pub database: Name,
    /// The role whose privileges count.
    pub role: Name,
    /// What the server's clock says, in RFC 3339 and UTC.
    pub now: String,
    /// Whether the server is a standby.
    pub in_recovery: bool,
    /// Whether the role has CREATE on the database.
    pub may_create_schema: bool,
}

/// What `sql/introspect/preflight.sql` finds out about the role and the schema.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Surroundings {
    /// The server, the database and the role; a question of its own.
    #[serde(skip)]
    pub server: Server,
    /// The schema `pevensie`, if there is one.
    pub schema: Option<Schema>,
    /// The OIDs of the ledger's tables that exist.
    pub ledger_oids: Vec<String>,
    /// Whether the role may read and write those of the ledger's tables that exist.
    pub may_write_ledger: bool,
    /// What the schema holds.
    pub objects: Vec<SchemaObject>,
    /// The indexes of its tables.
    pub indexes: Vec<Index>,
    /// How long the session may be idle outside a transaction, in milliseconds; zero is forever.
    pub idle_session_timeout: u64,
    /// The application's role, where somebody asks about it; a question of its own.
    #[serde(skip)]
    pub grantee: Option<Grantee>,
}

/// An index in the schema.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it is of use.
    pub state: IndexState,
}

impl Index {
    /// Returns how far the index is that a migration builds online; `None` where it was not begun.
    #[must_use]
    pub fn state_of(migration: &Migration, indexes: &[Self]) -> Option<IndexState> {
        let name = migration.index()?;
        indexes.iter().find(|index| index.name == name).map(|index| index.state)
    }
}

/// How far an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexState {
    /// It is built to the end.
    Complete,
    /// It was to be built online, and nobody is at it any more.
    Unfinished,
    /// Another session seems to be building it online.
    BeingBuilt,
}

/// The schema `pevensie` of a database.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Schema {
    /// Who owns it.
    pub owner: Owner,
    /// Whether the role is its owner or a member of it.
    pub owned: bool,
    /// Whether the role has USAGE on it.
    pub usage: bool,
    /// Whether the role has CREATE on it.
    pub create: bool,
}

/// A relation, type or function in the schema.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SchemaObject {
    /// What it is, in PostgreSQL's own terms.
    pub kind: ObjectKind,
    /// Its name.
    pub name: Name,
    /// Who owns it.
    pub owner: Owner,
    /// Whether the role is its owner or a member of it.
    pub owned: bool,
}

/// What an object is, as far as names can collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A table, view, sequence or index: anything in `pg_class`.
    Relation,
    /// A type of its own.
    Type,
    /// A function or procedure.
    Function,
}

impl SchemaObject {
    /// Returns kind and name, the name as SQL writes it.
    #[must_use]
    pub fn title(&self) -> String {
        let kind = match self.kind {
            ObjectKind::Relation => "relation",
            ObjectKind::Type => "type",
            ObjectKind::Function => "function",
        };
        format!("{kind} pevensie.{}", self.name.sql)
    }
}

impl Surroundings {
    /// What there is where there is no schema `pevensie`.
    #[must_use]
    pub fn without_schema(server: Server, grantee: Option<Grantee>) -> Self {
        Self {
            server,
            schema: None,
            ledger_oids: Vec::new(),
            may_write_ledger: true,
            objects: Vec::new(),
            indexes: Vec::new(),
            idle_session_timeout: 0,
            grantee,
        }
    }

    /// Returns the owner of the ledger, or of the schema if there is no ledger, or the role itself.
    #[must_use]
    pub fn ledger_owner(&self) -> Owner {
        let ledger = self.objects.iter().find(|object| object.name.raw == TABLES[0]);
        ledger.map_or_else(|| self.schema_owner(), |table| table.owner.clone())
    }

    /// Returns the owner of the schema, or the role itself if there is none.
    #[must_use]
    pub fn schema_owner(&self) -> Owner {
        let owner = self.schema.as_ref().map(|schema| schema.owner.clone());
        owner.unwrap_or_else(|| Owner { name: self.server.role.clone(), superuser: false })
    }

    /// Returns the tables of the ledger that are there.
    #[must_use]
    pub fn ledger_tables(&self) -> Vec<String> {
        let is_there = |table: &&str| self.objects.iter().any(|object| object.name.raw == *table);
        TABLES.into_iter().filter(is_there).map(|table| format!("pevensie.{table}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_owns_the_ledger_can_help() {
        let name = |raw: &str| Name { raw: raw.to_owned(), sql: raw.to_owned() };
        let owner = |raw: &str| Owner { name: name(raw), superuser: false };
        let table = |raw: &str, of: &str| SchemaObject {
            kind: ObjectKind::Relation,
            name: name(raw),
            owner: owner(of),
            owned: false,
        };
        let mut around = Surroundings::without_schema(Server { role: name("me"), ..Server::default() }, None);
        assert_eq!((around.ledger_owner(), around.schema_owner()), (owner("me"), owner("me")));
        around.schema = Some(Schema { owner: owner("dba"), owned: false, usage: true, create: true });
        assert_eq!((around.ledger_owner(), around.schema_owner()), (owner("dba"), owner("dba")));
        assert_eq!(around.ledger_tables(), [""; 0]);
        around.objects = vec![table("cache", "other"), table("module_version", "boss")];
        assert_eq!((around.ledger_owner(), around.schema_owner()), (owner("boss"), owner("dba")));
        assert_eq!(around.ledger_tables(), ["pevensie.module_version"]);
    }
}
