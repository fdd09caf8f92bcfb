//! Surroundings × plan → why the plan would fail, found before anything is changed.

use super::migration::Direction;
use super::objects::{self, Kind, Object};
use super::plan::{Plan, Step};
use super::script::Script;
use super::surroundings::{Name, ObjectKind, SchemaObject, Surroundings};

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
    #[error("role {role} may not create schemas in database {database} (42501)\n  needed for: create schema pevensie")]
    MayNotCreateSchema {
        /// The role.
        role: Name,
        /// The database.
        database: Name,
    },
    /// The schema is there and the role may not create anything in it.
    #[error("role {role} may not create objects in schema \"pevensie\", which belongs to {owner} (42501)")]
    MayNotCreateInSchema {
        /// The role.
        role: Name,
        /// The schema's owner.
        owner: Name,
    },
    /// The role may not record what it does.
    #[error("role {role} may not write to the ledger, pevensie.module_version and pevensie.migration_log (42501)")]
    MayNotRecord {
        /// The role.
        role: Name,
        /// The owner of the ledger.
        owner: Name,
    },
    /// Objects that have to be changed belong to somebody else.
    #[error("{objects} belong{s} to {owner}, not to role {role} (42501)\n  needed for: {needed_for}",
        objects = objects.join(", "), s = if objects.len() == 1 { "s" } else { "" })]
    NotOwner {
        /// The role.
        role: Name,
        /// Who owns the objects.
        owner: Name,
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
                d = database.sql,
                r = role.sql
            ),
            Self::MayNotCreateInSchema { role, owner } => format!(
                "connect as {owner}, or as {owner} run: GRANT USAGE, CREATE ON SCHEMA pevensie TO {r};",
                owner = owner.sql,
                r = role.sql
            ),
            Self::MayNotRecord { role, owner } => format!(
                "connect as {owner}, or as {owner} run: GRANT SELECT, INSERT, UPDATE, DELETE\n\
                 ON pevensie.module_version, pevensie.migration_log TO {r};",
                owner = owner.sql,
                r = role.sql
            ),
            Self::NotOwner { role, owner, .. } => format!(
                "connect as {owner}, or make the role a member of it: GRANT {owner} TO {r};",
                owner = owner.sql,
                r = role.sql
            ),
            Self::NamesTaken { .. } => {
                "if they are Pevensie's, adopt them: pevensie-pg migrate … --adopt; if they are\n\
                 somebody else's, rename or drop them: nothing of theirs is touched"
                    .to_owned()
            }
        }
    }
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
    let created = of_scripts(step, objects::created);
    let is_created = |o: &SchemaObject| {
        created
            .iter()
            .any(|new| new.name == o.name.raw && (new.kind == Kind::Function) == (o.kind == ObjectKind::Function))
    };
    let mut taken: Vec<String> = around.objects.iter().filter(|o| is_created(o)).map(SchemaObject::title).collect();
    taken.dedup();
    (!taken.is_empty()).then(|| Refusal::NamesTaken { objects: taken, needed_for: purpose(step) })
}

/// An object can be changed by its owner, and dropped by the schema's owner, too.
fn not_owner(around: &Surroundings, step: &Step<'_>) -> Option<Refusal> {
    let changed = match step {
        Step::UpgradeLedger => vec!["module_version".to_owned()],
        _ if around.schema.as_ref().is_some_and(|schema| schema.owned) => return None,
        Step::Down { .. } | Step::DropLedger => {
            of_scripts(step, objects::dropped).into_iter().map(|object| object.name).collect()
        }
        Step::CreateLedger | Step::Adopt(_) | Step::Up(_) => return None,
    };
    let foreign: Vec<&SchemaObject> =
        around.objects.iter().filter(|o| !o.owned && changed.contains(&o.name.raw)).collect();
    let owner = foreign.first()?.owner.clone();
    let objects = foreign.into_iter().map(SchemaObject::title).collect();
    Some(Refusal::NotOwner { role: around.role.clone(), owner, objects, needed_for: purpose(step) })
}

fn of_scripts(step: &Step<'_>, read: fn(&str) -> Vec<Object>) -> Vec<Object> {
    Script::of_step(step).parts().iter().flat_map(|part| read(&part.sql)).collect()
}

fn purpose(step: &Step<'_>) -> String {
    match step {
        Step::CreateLedger => "create the ledger".to_owned(),
        Step::UpgradeLedger => "upgrade the ledger".to_owned(),
        Step::Adopt(migration) => format!("adopt {} {}", migration.module, migration.version),
        Step::Up(migration) => format!("migrate {} to {}", migration.module, migration.version),
        Step::Down { migration, .. } => format!("roll back {} {}", migration.module, migration.version),
        Step::DropLedger => "remove the ledger".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bundle::Bundle;
    use super::super::ledger::Ledger;
    use super::super::module::Module;
    use super::super::surroundings::Schema;
    use super::super::wish::{Depth, Target, Wish};
    use super::*;

    /// What is changed about an empty database, and the refusals that follow.
    type Case = (&'static dyn Fn(&mut Surroundings), &'static [&'static str]);

    fn name(raw: &str) -> Name {
        Name { raw: raw.to_owned(), sql: raw.to_owned() }
    }

    /// An empty database on which the role may do what it likes.
    fn empty() -> Surroundings {
        Surroundings {
            server_version_num: 170_000,
            server_version: "17.0".to_owned(),
            database: name("shop"),
            role: name("app"),
            in_recovery: false,
            may_create_schema: true,
            schema: None,
            may_write_ledger: true,
            objects: Vec::new(),
        }
    }

    fn object(kind: ObjectKind, raw: &str, owned: bool) -> SchemaObject {
        SchemaObject { kind, name: name(raw), owner: name("DBA"), owned }
    }

    fn no_create(around: &mut Surroundings) {
        around.may_create_schema = false;
    }

    fn other_schema(create: bool) -> Schema {
        Schema { owner: name("DBA"), owned: false, usage: true, create }
    }

    fn messages(around: &Surroundings, wish: &Wish, ledger: &Ledger) -> Vec<String> {
        let bundle = Bundle::embedded();
        let plan = wish.plan(&bundle, ledger).unwrap();
        refusals(around, &plan).iter().map(|refusal| refusal.to_string().replace("\n  ", "; ")).collect()
    }

    #[test]
    fn a_fresh_install_is_refused_where_it_would_fail() {
        let cases: [Case; 9] = [
            (&|_| {}, &[]),
            (
                &|around| around.server_version_num = 140_023,
                &["PostgreSQL 17.0 is too old: Pevensie needs 15 or newer"],
            ),
            (&|around| around.in_recovery = true, &["this server is a standby and accepts no changes"]),
            (
                &no_create,
                &[
                    "role \"app\" may not create schemas in database \"shop\" (42501); needed for: create schema pevensie",
                ],
            ),
            (
                &|around| {
                    no_create(around);
                    around.schema = Some(other_schema(true));
                },
                &[],
            ),
            (
                &|around| around.schema = Some(other_schema(false)),
                &["role \"app\" may not create objects in schema \"pevensie\", which belongs to \"DBA\" (42501)"],
            ),
            (
                &|around| around.objects = vec![object(ObjectKind::Type, "module", true)],
                &["type pevensie.module is there already, without a record in the ledger (42P07); \
                   in the way of: create the ledger"],
            ),
            (
                &|around| {
                    around.objects = vec![
                        object(ObjectKind::Type, "cache", true),
                        object(ObjectKind::Relation, "cache_pkey", true),
                        object(ObjectKind::Function, "uuid7", true),
                    ];
                },
                &[
                    "function pevensie.uuid7 is there already, without a record in the ledger (42P07); \
                     in the way of: migrate base to 20241222140532",
                    "type pevensie.cache, relation pevensie.cache_pkey are there already, without a record in the \
                     ledger (42P07); in the way of: migrate cache to 20241222140532",
                ],
            ),
            // A function may bear the name of a table.
            (&|around| around.objects = vec![object(ObjectKind::Function, "cache", true)], &[]),
        ];
        for (change, expected) in cases {
            let mut around = empty();
            change(&mut around);
            let wish = Wish::Migrate(vec![(Module::Cache, Target::Newest)]);
            assert_eq!(messages(&around, &wish, &Ledger::Absent), expected);
            // Where nothing is to be done, nothing stands in the way.
            assert_eq!(refusals(&around, &Plan::default()), []);
        }
    }

    #[test]
    fn a_rollback_needs_the_owner_of_the_objects_or_of_the_schema() {
        let version = "20241222140532".parse().unwrap();
        let ledger = Ledger::assumed(&[(Module::Base, version), (Module::Cache, version)]);
        let wish = Wish::Rollback(vec![(Module::Cache, Depth::To(None))]);
        let mut around = empty();
        around.objects = vec![object(ObjectKind::Relation, "cache", false), object(ObjectKind::Relation, "x", false)];
        around.schema = Some(other_schema(false));
        let expected = "relation pevensie.cache belongs to \"DBA\", not to role \"app\" (42501); \
                        needed for: roll back cache 20241222140532";
        assert_eq!(messages(&around, &wish, &ledger), [expected]);
        around.schema = Some(Schema { owner: name("app"), owned: true, usage: true, create: true });
        assert_eq!(messages(&around, &wish, &ledger), [""; 0]);
        around.may_write_ledger = false;
        assert_eq!(
            messages(&around, &wish, &ledger),
            ["role \"app\" may not write to the ledger, pevensie.module_version and pevensie.migration_log (42501)"]
        );
    }
}
