//! Surroundings × plan → why the plan would fail, found before anything is changed.

use serde::Deserialize;

use super::migration::{Direction, Migration};
use super::objects::{self, Kind};
use super::plan::{Plan, Step};

/// What `sql/introspect/preflight.sql` finds out about the server, the role and the schema.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Surroundings {
    /// The server's version as a number, 150018 for 15.18.
    pub server_version_num: u32,
    /// The server's version as it says it itself.
    pub server_version: String,
    /// The database.
    pub database: String,
    /// The role whose privileges count.
    pub role: String,
    /// Whether the server is a standby.
    pub in_recovery: bool,
    /// Whether the role has CREATE on the database.
    pub may_create_schema: bool,
    /// The schema `pevensie`, if there is one.
    pub schema: Option<Schema>,
    /// Whether the role may read and write those of the ledger's tables that exist.
    pub may_write_ledger: bool,
    /// What the schema holds.
    pub objects: Vec<SchemaObject>,
}

/// The schema `pevensie` of a database.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Schema {
    /// Who owns it.
    pub owner: String,
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
    pub name: String,
    /// Who owns it.
    pub owner: String,
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

/// The first server that knows `NULLS NOT DISTINCT`, which module `auth` is built on.
pub const OLDEST_SERVER: u32 = 150_000;

/// A reason why a plan would fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The server is too old.
    #[error("PostgreSQL {found} is too old: Pevensie needs 15 or newer")]
    ServerTooOld {
        /// The server's version.
        found: String,
    },
    /// The server is a standby.
    #[error("this server is a standby and accepts no changes")]
    Standby,
    /// The schema has to be created and the role may not.
    #[error(
        "role {role:?} may not create schemas in database {database:?} (42501)\n  needed for: create schema pevensie"
    )]
    MayNotCreateSchema {
        /// The role.
        role: String,
        /// The database.
        database: String,
    },
    /// The schema is there and the role may not create anything in it.
    #[error("role {role:?} may not create objects in schema \"pevensie\", which belongs to {owner:?} (42501)")]
    MayNotCreateInSchema {
        /// The role.
        role: String,
        /// The schema's owner.
        owner: String,
    },
    /// The role may not record what it does.
    #[error("role {role:?} may not write to the ledger, pevensie.module_version and pevensie.migration_log (42501)")]
    MayNotRecord {
        /// The role.
        role: String,
        /// The owner of the ledger.
        owner: String,
    },
    /// Objects that have to be changed belong to somebody else.
    #[error("{objects} belong{s} to {owner:?}, not to role {role:?} (42501)\n  needed for: {needed_for}",
        objects = objects.join(", "), s = if objects.len() == 1 { "s" } else { "" })]
    NotOwner {
        /// The role.
        role: String,
        /// Who owns the objects.
        owner: String,
        /// The objects.
        objects: Vec<String>,
        /// The step that changes them.
        needed_for: String,
    },
    /// Names that have to be created are taken.
    #[error("{objects} {are} there already, without a record in the ledger (42P07)\n  in the way of: {needed_for}",
        objects = objects.join(", "), are = if objects.len() == 1 { "is" } else { "are" })]
    NamesTaken {
        /// The objects.
        objects: Vec<String>,
        /// The step that creates them.
        needed_for: String,
    },
}

impl Refusal {
    /// Says whether the reason lies in the database itself, whoever is connected and however.
    #[must_use]
    pub fn is_about_the_database(&self) -> bool {
        match self {
            Self::ServerTooOld { .. } | Self::NamesTaken { .. } => true,
            Self::Standby
            | Self::MayNotCreateSchema { .. }
            | Self::MayNotCreateInSchema { .. }
            | Self::MayNotRecord { .. }
            | Self::NotOwner { .. } => false,
        }
    }

    /// Returns what helps; further lines are indented by the printer.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::ServerTooOld { .. } => "upgrade the server; 14 lacks NULLS NOT DISTINCT".to_owned(),
            Self::Standby => {
                "connect to the primary, or give several hosts with target_session_attrs=primary".to_owned()
            }
            Self::MayNotCreateSchema { role, database } => format!(
                "as the database's owner, run: GRANT CREATE ON DATABASE {d} TO {r};\n\
                 or create the schema for it: CREATE SCHEMA pevensie AUTHORIZATION {r};",
                d = identifier(database),
                r = identifier(role)
            ),
            Self::MayNotCreateInSchema { role, owner } => format!(
                "connect as {owner}, or as {owner} run: GRANT USAGE, CREATE ON SCHEMA pevensie TO {r};",
                owner = identifier(owner),
                r = identifier(role)
            ),
            Self::MayNotRecord { role, owner } => format!(
                "connect as {owner}, or as {owner} run: GRANT SELECT, INSERT, UPDATE, DELETE\n\
                 ON pevensie.module_version, pevensie.migration_log TO {r};",
                owner = identifier(owner),
                r = identifier(role)
            ),
            Self::NotOwner { role, owner, .. } => format!(
                "connect as {owner}, or make the role a member of it: GRANT {owner} TO {r};",
                owner = identifier(owner),
                r = identifier(role)
            ),
            Self::NamesTaken { .. } => {
                "if they are somebody else's, rename or drop them; nothing of theirs is touched".to_owned()
            }
        }
    }
}

/// Writes a name as an SQL identifier, quoted where it has to be.
fn identifier(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Returns every foreseeable reason why a plan would fail; empty for an empty plan.
#[must_use]
pub fn refusals(around: &Surroundings, plan: &Plan<'_>) -> Vec<Refusal> {
    if plan.is_empty() {
        return Vec::new();
    }
    let mut refusals = Vec::new();
    if around.server_version_num < OLDEST_SERVER && plan.migrations().any(|(_, to)| to == Direction::Up) {
        refusals.push(Refusal::ServerTooOld { found: around.server_version.clone() });
    }
    if around.in_recovery {
        refusals.push(Refusal::Standby);
    }
    refusals.extend(may_not_create(around, plan));
    let ledger_is_there = plan.steps().first() != Some(&Step::CreateLedger);
    if ledger_is_there && !around.may_write_ledger {
        let owner = around.owner_of("module_version");
        refusals.push(Refusal::MayNotRecord { role: around.role.clone(), owner });
    }
    for step in plan.steps() {
        refusals.extend(names_taken(around, step));
        refusals.extend(not_owner(around, step));
    }
    refusals
}

fn may_not_create(around: &Surroundings, plan: &Plan<'_>) -> Option<Refusal> {
    let role = around.role.clone();
    match &around.schema {
        None if !around.may_create_schema => {
            Some(Refusal::MayNotCreateSchema { role, database: around.database.clone() })
        }
        Some(schema) if !(schema.usage && schema.create) && plan.migrations().any(|(_, to)| to == Direction::Up) => {
            Some(Refusal::MayNotCreateInSchema { role, owner: schema.owner.clone() })
        }
        _ => None,
    }
}

/// A new name must be free among relations and types alike: every table brings a type of its name along.
fn names_taken(around: &Surroundings, step: &Step<'_>) -> Option<Refusal> {
    let (names, needed_for): (Vec<(bool, String)>, String) = match step {
        Step::CreateLedger => (vec![(false, "module".to_owned())], "create the ledger".to_owned()),
        Step::UpgradeLedger => (vec![(false, "migration_log".to_owned())], "create the ledger".to_owned()),
        Step::Up(migration) => (
            objects::created(&migration.up).into_iter().map(|o| (o.kind == Kind::Function, o.name)).collect(),
            migrate_to(migration),
        ),
        Step::Down { .. } | Step::DropLedger => return None,
    };
    let mut taken: Vec<String> = around
        .objects
        .iter()
        .filter(|o| names.contains(&(o.kind == ObjectKind::Function, o.name.clone())))
        .map(SchemaObject::title)
        .collect();
    taken.dedup();
    (!taken.is_empty()).then_some(Refusal::NamesTaken { objects: taken, needed_for })
}

/// An object can be dropped by its owner and by the schema's.
fn not_owner(around: &Surroundings, step: &Step<'_>) -> Option<Refusal> {
    let (names, needed_for): (Vec<String>, String) = match step {
        Step::UpgradeLedger => (vec!["module_version".to_owned()], "upgrade the ledger".to_owned()),
        Step::Down { migration, .. } => (
            objects::dropped(&migration.down).into_iter().map(|o| o.name).collect(),
            format!("roll back {} {}", migration.module, migration.version),
        ),
        Step::DropLedger => {
            (["module_version", "migration_log", "module"].map(str::to_owned).to_vec(), "remove the ledger".to_owned())
        }
        Step::CreateLedger | Step::Up(_) => return None,
    };
    if around.schema.as_ref().is_some_and(|schema| schema.owned) && !matches!(step, Step::UpgradeLedger) {
        return None;
    }
    let foreign: Vec<&SchemaObject> = around.objects.iter().filter(|o| !o.owned && names.contains(&o.name)).collect();
    let owner = foreign.first()?.owner.clone();
    let objects = foreign.into_iter().map(SchemaObject::title).collect();
    Some(Refusal::NotOwner { role: around.role.clone(), owner, objects, needed_for })
}

fn migrate_to(migration: &Migration) -> String {
    format!("migrate {} to {}", migration.module, migration.version)
}

impl SchemaObject {
    fn title(&self) -> String {
        let kind = match self.kind {
            ObjectKind::Relation => "relation",
            ObjectKind::Type => "type",
            ObjectKind::Function => "function",
        };
        format!("{kind} pevensie.{}", identifier(&self.name))
    }
}

impl Surroundings {
    fn owner_of(&self, name: &str) -> String {
        let object = self.objects.iter().find(|o| o.name == name).map(|o| o.owner.clone());
        object.or_else(|| self.schema.as_ref().map(|s| s.owner.clone())).unwrap_or_default()
    }
}
