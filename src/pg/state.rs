//! What a database is, as far as migrations are concerned.

use super::error::Error;
use super::session::Rows;
use crate::migration::grantee::Grantee;
use crate::migration::ledger::answer::moment;
use crate::migration::ledger::{Ledger, LedgerError, Record};
use crate::migration::refusal::Refusal;
use crate::migration::role::Role;
use crate::migration::surroundings::{Index, Name, Server, Surroundings};
use crate::schema::catalog::Catalog;
use crate::schema::listing::{self, ListingError};

const PRIVILEGES: &str = include_str!("../../sql/introspect/privileges.sql");
/// The question what the server, the database and the role are: the first of all.
pub(super) const SERVER: &str = include_str!("../../sql/introspect/server.sql");
/// The question what is in the way of changes.
pub(super) const PREFLIGHT: &str = include_str!("../../sql/introspect/preflight.sql");
/// The question what the schema holds.
pub(super) const CATALOG: &str = include_str!("../../sql/introspect/catalog.sql");
/// The question what is recorded.
pub(super) const LEDGER: &str = include_str!("../../sql/ledger/read.sql");

/// What a database is, and what is in the way of changing it.
#[derive(Clone, Debug)]
pub struct State {
    /// The server, the role and the schema.
    pub around: Surroundings,
    /// What is recorded.
    pub ledger: Ledger,
}

/// What a database is, at a glimpse: enough to say whether anything is to be done.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// The server and the role.
    pub server: Server,
    /// Whether there is a schema `pevensie`.
    pub has_schema: bool,
    /// What is recorded.
    pub ledger: Ledger,
    /// The records that were fetched, oldest first.
    pub history: Vec<Record>,
    /// The application's role, where it was asked about.
    pub grantee: Option<Grantee>,
}

/// What decides about a plan.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What is recorded.
    pub ledger: &'a Ledger,
    /// The indexes in the schema.
    pub indexes: &'a [Index],
    /// The application's role, where it was asked about.
    pub grantee: Option<&'a Grantee>,
}

impl State {
    /// Returns what decides about a plan.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        let Self { around, ledger, .. } = self;
        Facts { ledger, indexes: &around.indexes, grantee: around.grantee.as_ref() }
    }

    pub(super) fn read(rows: &Rows) -> Result<Self, Error> {
        let preflight = rows.value("preflight").unwrap_or_default();
        let mut around: Surroundings = serde_json::from_str(preflight).map_err(LedgerError::from)?;
        around.server = server(rows);
        around.grantee = grantee(rows)?;
        match Ledger::from_rows(rows) {
            Ok((ledger, _)) => Ok(Self { around, ledger }),
            Err(LedgerError::Unreadable) => Err(Error::Refused(vec![may_not_read(&around)])),
            Err(error) => Err(error.into()),
        }
    }
}

impl Glimpse {
    /// Returns what decides about a plan, as long as no index of a module that is there matters.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts { ledger: &self.ledger, indexes: &[], grantee: self.grantee.as_ref() }
    }

    pub(super) fn read(rows: &Rows) -> Result<Self, LedgerError> {
        Self::with(rows, Ledger::from_rows(rows)?)
    }

    /// Reads what tells only where nothing is unusual.
    pub(super) fn at_a_glance(rows: &Rows) -> Result<Option<Self>, LedgerError> {
        let nothing = || (rows.value("has_schema") == Some("f")).then(|| (Ledger::Absent, Vec::new()));
        Ledger::at_a_glance(rows).or_else(nothing).map(|read| Self::with(rows, read)).transpose()
    }

    fn with(rows: &Rows, (ledger, history): (Ledger, Vec<Record>)) -> Result<Self, LedgerError> {
        let has_schema = rows.value("has_schema") == Some("t");
        Ok(Self { server: server(rows), has_schema, ledger, history, grantee: grantee(rows)? })
    }
}

/// Reads what the server, the database and the role are.
pub(super) fn server(rows: &Rows) -> Server {
    let text = |column: &str| rows.value(column).unwrap_or_default().to_owned();
    Server {
        version_num: text("server_version_num").parse().unwrap_or_default(),
        version: text("server_version"),
        database: Name { raw: text("database"), sql: text("database_sql") },
        role: Name { raw: text("role"), sql: text("role_sql") },
        now: moment(text("now")),
        in_recovery: text("in_recovery") == "t",
        may_create_schema: text("may_create_schema") == "t",
    }
}

fn grantee(rows: &Rows) -> Result<Option<Grantee>, LedgerError> {
    Ok(rows.value("privileges").map(serde_json::from_str).transpose()?)
}

/// Reads what the schema holds.
pub(super) fn catalog(rows: &Rows) -> Result<Catalog, Error> {
    listing::read(rows).map_err(|error| match error {
        ListingError::Dropped => LedgerError::Changing.into(),
        ListingError::Malformed(error) => LedgerError::from(error).into(),
    })
}

fn may_not_read(around: &Surroundings) -> Refusal {
    Refusal::MayNotRead {
        role: around.server.role.clone(),
        schema_owner: around.schema_owner(),
        owner: around.ledger_owner(),
        tables: around.ledger_tables(),
    }
}

/// The question what a role has.
pub(super) fn privileges(grantee: Option<&Role>) -> String {
    let ask = |role: &Role| format!("set local pevensie_pg.app_role to {};\n{PRIVILEGES}", role.literal());
    grantee.map(ask).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_listing_is_none() {
        let rows = |columns: &[&str], values: &[&str]| {
            let mut rows = Rows::default();
            rows.begin(columns.iter().map(|&column| column.to_owned()).collect());
            rows.push(values.iter().map(|&value| Some(value.to_owned())).collect());
            rows
        };
        let malformed = catalog(&rows(&["others"], &["[[1]]"]));
        assert!(matches!(malformed, Err(Error::Ledger(LedgerError::Malformed(_)))));
        let dropped = catalog(&rows(&["parent"], &["4711"]));
        assert!(matches!(dropped, Err(Error::Ledger(LedgerError::Changing))));
        assert!(catalog(&Rows::default()).is_ok_and(|catalog| catalog == Catalog::default()));
    }
}
