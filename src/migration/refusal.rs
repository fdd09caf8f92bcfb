//! Why a plan would fail.

use super::preflight::OLDEST_SERVER;
use super::role::Role;
use super::surroundings::{Name, Owner};

/// A reason why a plan would fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The server is too old.
    #[error("PostgreSQL {found} is too old: Pevensie needs {OLDEST_SERVER} or newer")]
    ServerTooOld {
        /// The server's version.
        found: String,
    },
    /// The server is a standby.
    #[error("this server is a standby and accepts no changes")]
    Standby,
    /// The schema has to be created and the role may not.
    #[error("role {role} may not create schemas in database {database}\n  needed for: create schema pevensie")]
    MayNotCreateSchema {
        /// The role.
        role: Name,
        /// The database.
        database: Name,
    },
    /// The schema is there and the role may not create anything in it.
    #[error("role {role} may not create objects in schema \"pevensie\", which belongs to {owner}")]
    MayNotCreateInSchema {
        /// The role.
        role: Name,
        /// The schema's owner.
        owner: Owner,
    },
    /// A database has to be created and the role may not.
    #[error("role {role} may not create databases\n  needed for: create a scratch database")]
    MayNotCreateDatabase {
        /// The role.
        role: Name,
    },
    /// The role may not read what is recorded.
    #[error("role {role} may not read the ledger, {tables}", tables = tables.join(" and "))]
    MayNotRead {
        /// The role.
        role: Name,
        /// The schema's owner.
        schema_owner: Owner,
        /// The owner of the ledger.
        owner: Owner,
        /// The tables of the ledger.
        tables: Vec<String>,
    },
    /// The role may not record what it does.
    #[error("role {role} may not write to the ledger, {tables}", tables = tables.join(" and "))]
    MayNotRecord {
        /// The role.
        role: Name,
        /// The owner of the ledger.
        owner: Owner,
        /// The tables of the ledger.
        tables: Vec<String>,
    },
    /// Objects that have to be changed belong to somebody else.
    #[error("{} belong{s} to {owner}, not to role {role}{}\n  needed for: {needed_for}",
        subject(objects), listed(objects), s = if objects.len() == 1 { "s" } else { "" })]
    NotOwner {
        /// The role.
        role: Name,
        /// Who owns the objects.
        owner: Owner,
        /// The objects.
        objects: Vec<String>,
        /// The step that changes them.
        needed_for: String,
    },
    /// The role that is to use the schema is not there.
    #[error("there is no role {role}")]
    NoSuchRole {
        /// The role.
        role: Role,
    },
    /// Names that have to be created are taken.
    #[error("{} {are} there already, without a record in the ledger{}\n  in the way of: {needed_for}",
        subject(objects), listed(objects), are = if objects.len() == 1 { "is" } else { "are" })]
    NamesTaken {
        /// The objects.
        objects: Vec<String>,
        /// The step that creates them.
        needed_for: String,
        /// Whether they could be adopted: they are a module's, not the ledger's.
        adoptable: bool,
    },
}

impl Refusal {
    /// Says whether the reason lies in the database itself, whoever is connected and however.
    #[must_use]
    pub fn is_about_the_database(&self) -> bool {
        match self {
            Self::ServerTooOld { .. } | Self::NoSuchRole { .. } | Self::NamesTaken { .. } => true,
            Self::Standby
            | Self::MayNotCreateSchema { .. }
            | Self::MayNotCreateInSchema { .. }
            | Self::MayNotCreateDatabase { .. }
            | Self::MayNotRead { .. }
            | Self::MayNotRecord { .. }
            | Self::NotOwner { .. } => false,
        }
    }

    /// Returns the SQLSTATE of PostgreSQL's own refusal, where it would have just one.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&'static str> {
        match self {
            Self::ServerTooOld { .. } | Self::Standby | Self::NamesTaken { .. } => None,
            Self::MayNotCreateSchema { .. }
            | Self::MayNotCreateInSchema { .. }
            | Self::MayNotCreateDatabase { .. }
            | Self::MayNotRead { .. }
            | Self::MayNotRecord { .. }
            | Self::NotOwner { .. } => Some("42501"),
            Self::NoSuchRole { .. } => Some("42704"),
        }
    }

    /// Returns what helps; further lines are indented by the printer.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::ServerTooOld { .. } => "upgrade the server; 14 lacks NULLS NOT DISTINCT".to_owned(),
            Self::Standby => {
                "connect to the primary, or give several hosts and\ntarget_session_attrs=primary".to_owned()
            }
            Self::MayNotCreateSchema { role, database } => format!(
                "as the database's owner, run: GRANT CREATE ON DATABASE {d} TO {r};\n\
                 or as a superuser, run: CREATE SCHEMA pevensie AUTHORIZATION {r};",
                d = database.sql,
                r = role.sql
            ),
            Self::MayNotCreateInSchema { role, owner } => {
                as_owner(owner, &format!("GRANT USAGE, CREATE ON SCHEMA pevensie TO {};", role.sql))
            }
            Self::MayNotCreateDatabase { role } => format!(
                "as a superuser, run: ALTER ROLE {} CREATEDB;\n\
                 or rehearse on a server of its own: leave the address out",
                role.sql
            ),
            Self::MayNotRead { role, schema_owner, owner, tables } => {
                let usage = format!("GRANT USAGE ON SCHEMA pevensie TO {};", role.sql);
                let select = format!("GRANT SELECT ON\n{} TO {};", tables.join(", "), role.sql);
                let (schema_owner, owner) = (&schema_owner.name.sql, &owner.name.sql);
                format!(
                    "to change the schema, connect as {owner}; to look at it,\nas {schema_owner} run: {usage}\nas {owner} run: {select}"
                )
            }
            Self::MayNotRecord { role, owner, tables } => as_owner(
                owner,
                &format!("GRANT SELECT, INSERT, UPDATE, DELETE\nON {} TO {};", tables.join(", "), role.sql),
            ),
            Self::NotOwner { owner, .. } if owner.superuser => format!("connect as {}", owner.name.sql),
            Self::NotOwner { role, owner, .. } => format!(
                "connect as {owner}, or make the role a member of it: GRANT {owner} TO {role};",
                owner = owner.name.sql,
                role = role.sql
            ),
            Self::NoSuchRole { role } => {
                format!(
                    "a name is taken as it is, in upper and lower case; to create it:\nCREATE ROLE {} LOGIN;",
                    role.sql()
                )
            }
            Self::NamesTaken { adoptable: false, .. } => {
                "the ledger is not adopted: what is left of an old one has to be dropped\n\
                 by its owner, and what is somebody else's dropped or renamed"
                    .to_owned()
            }
            Self::NamesTaken { adoptable: true, .. } => {
                "what is Pevensie's can be adopted: add --adopt; what is somebody else's\n\
                 has to be renamed or dropped by its owner"
                    .to_owned()
            }
        }
    }
}

/// How many objects a line may name.
const FEW: usize = 2;

/// Names a few objects, and counts many, which are [`listed`] below.
fn subject(objects: &[String]) -> String {
    if objects.len() <= FEW { objects.join(", ") } else { format!("{} objects", objects.len()) }
}

fn listed(objects: &[String]) -> String {
    if objects.len() <= FEW { String::new() } else { format!("\n    {}", objects.join("\n    ")) }
}

fn as_owner(owner: &Owner, statements: &str) -> String {
    format!("connect as {owner}, or as {owner} run:\n{statements}", owner = owner.name.sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_objects_have_a_line_each() {
        let name = |raw: &str| Name { raw: raw.to_owned(), sql: raw.to_owned() };
        let objects = |count| (1..=count).map(|n| format!("relation pevensie.x{n}")).collect();
        let refusals = |count| {
            let (role, owner) = (name("app"), Owner { name: name("dba"), superuser: false });
            let taken =
                Refusal::NamesTaken { objects: objects(count), needed_for: "migrate x".to_owned(), adoptable: true };
            let foreign =
                Refusal::NotOwner { role, owner, objects: objects(count), needed_for: "roll x back".to_owned() };
            format!("{taken}\n{foreign}")
        };
        insta::assert_snapshot!(refusals(2), @r#"
        relation pevensie.x1, relation pevensie.x2 are there already, without a record in the ledger
          in the way of: migrate x
        relation pevensie.x1, relation pevensie.x2 belong to "dba", not to role "app"
          needed for: roll x back
        "#);
        insta::assert_snapshot!(refusals(3), @r#"
        3 objects are there already, without a record in the ledger
            relation pevensie.x1
            relation pevensie.x2
            relation pevensie.x3
          in the way of: migrate x
        3 objects belong to "dba", not to role "app"
            relation pevensie.x1
            relation pevensie.x2
            relation pevensie.x3
          needed for: roll x back
        "#);
    }

    #[test]
    fn each_has_a_code_a_hint_and_a_place() {
        let name = |raw: &str| Name { raw: raw.to_owned(), sql: format!("{raw:?}") };
        let owner = |superuser| Owner { name: name("dba"), superuser };
        let (role, objects, needed_for) = (|| name("app"), || vec!["table pevensie.x".to_owned()], String::new);
        let not_owner = |superuser| Refusal::NotOwner {
            role: role(),
            owner: owner(superuser),
            objects: objects(),
            needed_for: needed_for(),
        };
        let taken = |adoptable| Refusal::NamesTaken { objects: objects(), needed_for: needed_for(), adoptable };
        let privilege = Some("42501");
        for (refusal, is_about_the_database, sqlstate, hint) in [
            (Refusal::ServerTooOld { found: "14".to_owned() }, true, None, "upgrade the server"),
            (Refusal::Standby, false, None, "connect to the primary"),
            (
                Refusal::MayNotCreateSchema { role: role(), database: name("shop") },
                false,
                privilege,
                "GRANT CREATE ON DATABASE \"shop\" TO \"app\";",
            ),
            (
                Refusal::MayNotCreateInSchema { role: role(), owner: owner(false) },
                false,
                privilege,
                "connect as \"dba\", or as \"dba\" run:\nGRANT USAGE, CREATE ON SCHEMA pevensie TO \"app\";",
            ),
            (Refusal::MayNotCreateDatabase { role: role() }, false, privilege, "ALTER ROLE \"app\" CREATEDB;"),
            (
                Refusal::MayNotRecord { role: role(), owner: owner(false), tables: objects() },
                false,
                privilege,
                "GRANT SELECT, INSERT, UPDATE, DELETE\nON table pevensie.x TO \"app\";",
            ),
            (not_owner(true), false, privilege, "connect as \"dba\""),
            (not_owner(false), false, privilege, "GRANT \"dba\" TO \"app\";"),
            (Refusal::NoSuchRole { role: "app".parse().unwrap() }, true, Some("42704"), "CREATE ROLE \"app\" LOGIN;"),
            (taken(true), true, None, "add --adopt"),
            (taken(false), true, None, "the ledger is not adopted"),
        ] {
            assert_eq!((refusal.is_about_the_database(), refusal.sqlstate()), (is_about_the_database, sqlstate));
            assert!(refusal.hint().contains(hint), "{refusal}: {}", refusal.hint());
        }
        assert!(!not_owner(true).hint().contains("GRANT"), "nobody is made a superuser");
    }
}
