//! Surroundings × plan → why the plan would fail, found before anything is changed.

use super::grantee::{Holding, Question};
use super::migration::Direction;
use super::objects::{self, Kind, Object};
use super::plan::{Plan, Step};
use super::refusal::Refusal;
use super::script::Script;
use super::surroundings::{ObjectKind, Owner, SchemaObject, Surroundings};

/// The first server that knows `NULLS NOT DISTINCT`, which module `auth` is built on.
pub const OLDEST_SERVER: u32 = 150_000;

/// Returns every foreseeable reason why a plan would fail; empty for an empty plan.
#[must_use]
pub fn refusals(around: &Surroundings, plan: &Plan<'_>) -> Vec<Refusal> {
    if plan.is_empty() {
        return Vec::new();
    }
    let mut refusals = Vec::new();
    if around.server.version_num < OLDEST_SERVER && plan.migrations().any(|(_, to)| to == Direction::Up) {
        refusals.push(Refusal::ServerTooOld { found: around.server.version.clone() });
    }
    if around.server.in_recovery {
        refusals.push(Refusal::Standby);
    }
    refusals.extend(may_not_create(around, plan));
    let ledger_is_there = plan.steps().first() != Some(&Step::CreateLedger);
    let is_recorded = plan.steps().iter().any(|step| step.granted().is_none());
    if ledger_is_there && is_recorded && !around.may_write_ledger {
        let owner = around.owner_of("module_version");
        refusals.push(Refusal::MayNotRecord {
            role: around.server.role.clone(),
            owner,
            tables: around.ledger_tables(),
        });
    }
    let (mut new, mut gone) = (Vec::new(), Vec::new());
    for step in plan.steps() {
        refusals.extend(names_taken(around, step, &gone));
        let foreign: Vec<Refusal> =
            not_owner(around, step, &new).into_iter().filter(|refusal| !is_said(&refusals, refusal)).collect();
        refusals.extend(foreign);
        new.extend(of_scripts(step, objects::created));
        gone.extend(of_scripts(step, objects::dropped));
    }
    refusals.extend(may_not_grant(around, plan));
    refusals
}

/// The role must be there, and what is there already must be ours to grant. One refusal for each owner of what is not.
fn may_not_grant(around: &Surroundings, plan: &Plan<'_>) -> Vec<Refusal> {
    let first = plan.steps().iter().find_map(|step| Some((step, step.granted()?.0)));
    let (Some(grantee), Some((step, role))) = (&around.grantee, first) else { return Vec::new() };
    if !grantee.exists {
        return vec![Refusal::NoSuchRole { role: role.clone() }];
    }
    let there = plan.granted().filter_map(|(_, right)| Some((grantee.holding(&right.object)?, right)));
    let foreign: Vec<&Holding> = there
        .filter(|(holding, right)| !holding.has_all(Question::MayGrant, &right.privileges))
        .map(|(holding, _)| holding)
        .collect();
    let of_one = |owner: &Owner| Refusal::NotOwner {
        role: around.server.role.clone(),
        owner: owner.clone(),
        objects: foreign.iter().filter(|o| o.owner == *owner).map(|o| o.object.to_string()).collect(),
        needed_for: purpose(step),
    };
    owners(foreign.iter().map(|holding| &holding.owner)).into_iter().map(of_one).collect()
}

/// Each owner once.
fn owners<'a>(owners: impl Iterator<Item = &'a Owner>) -> Vec<&'a Owner> {
    let mut owners: Vec<&Owner> = owners.collect();
    owners.sort_by_key(|owner| &owner.name.raw);
    owners.dedup();
    owners
}

fn may_not_create(around: &Surroundings, plan: &Plan<'_>) -> Option<Refusal> {
    let role = around.server.role.clone();
    match &around.schema {
        None if !around.server.may_create_schema => {
            Some(Refusal::MayNotCreateSchema { role, database: around.server.database.clone() })
        }
        Some(schema) if !(schema.usage && schema.create) && plan.migrations().any(|(_, to)| to == Direction::Up) => {
            Some(Refusal::MayNotCreateInSchema { role, owner: schema.owner.clone() })
        }
        _ => None,
    }
}

/// A new name must be free among relations and types alike: every table brings a type of its name along. What an earlier
/// step drops is in nobody's way.
fn names_taken(around: &Surroundings, step: &Step<'_>, gone: &[Object]) -> Option<Refusal> {
    let created = of_scripts(step, objects::created);
    let is_among = |objects: &[Object], o: &SchemaObject| {
        objects.iter().any(|object| {
            object.name == o.name.raw && (object.kind == Kind::Function) == (o.kind == ObjectKind::Function)
        })
    };
    let is_taken = |o: &&SchemaObject| is_among(&created, o) && !is_among(gone, o);
    let mut taken: Vec<String> = around.objects.iter().filter(is_taken).map(SchemaObject::title).collect();
    taken.dedup();
    let adoptable = !matches!(step, Step::CreateLedger | Step::UpgradeLedger);
    (!taken.is_empty()).then(|| Refusal::NamesTaken { objects: taken, needed_for: purpose(step), adoptable })
}

/// An object can be changed by its owner, and dropped by the schema's owner, too. One refusal for each other owner. What an
/// earlier step creates will be ours.
fn not_owner(around: &Surroundings, step: &Step<'_>, new: &[Object]) -> Vec<Refusal> {
    let owns_schema = around.schema.as_ref().is_some_and(|schema| schema.owned);
    let mut changed = of_scripts(step, objects::changed);
    if !owns_schema {
        changed.extend(of_scripts(step, objects::dropped));
    }
    changed.retain(|object| !new.contains(object));
    let is_changed = |o: &&SchemaObject| !o.owned && changed.iter().any(|object| object.name == o.name.raw);
    let foreign: Vec<&SchemaObject> = around.objects.iter().filter(is_changed).collect();
    let of_one = |owner: &Owner| {
        let mut objects: Vec<String> = foreign.iter().filter(|o| o.owner == *owner).map(|o| o.title()).collect();
        objects.dedup();
        Refusal::NotOwner { role: around.server.role.clone(), owner: owner.clone(), objects, needed_for: purpose(step) }
    };
    owners(foreign.iter().map(|object| &object.owner)).into_iter().map(of_one).collect()
}

/// Says whether an earlier step needs to own the same objects.
fn is_said(refusals: &[Refusal], refusal: &Refusal) -> bool {
    let Refusal::NotOwner { owner: mine, objects: all, .. } = refusal else { return false };
    refusals.iter().any(|earlier| {
        let Refusal::NotOwner { owner, objects, .. } = earlier else { return false };
        owner == mine && all.iter().all(|object| objects.contains(object))
    })
}

fn of_scripts(step: &Step<'_>, read: fn(&str) -> Vec<Object>) -> Vec<Object> {
    Script::of_step(step).parts().iter().flat_map(|part| read(&part.sql)).collect()
}

fn purpose(step: &Step<'_>) -> String {
    match step {
        Step::CreateLedger => "create the ledger".to_owned(),
        Step::UpgradeLedger => "upgrade the ledger".to_owned(),
        Step::Adopt(migration) => format!("adopt {} {}", migration.module, migration.version),
        Step::Up(migration) | Step::Online(migration) | Step::Discard { migration, .. } | Step::Record(migration) => {
            format!("migrate {} to {}", migration.module, migration.version)
        }
        Step::Down { migration, .. } => format!("roll back {} {}", migration.module, migration.version),
        Step::DropLedger => "remove the ledger".to_owned(),
        Step::Grant { role, .. } => format!("grant rights to role {role}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bundle::Bundle;
    use super::super::ledger::Ledger;
    use super::super::module::Module;
    use super::super::surroundings::{Name, Schema, Server};
    use super::super::wish::{Depth, Target, Wish};
    use super::*;

    /// What is changed about an empty database, and the refusals that follow.
    type Case = (&'static dyn Fn(&mut Surroundings), &'static [&'static str]);

    fn name(raw: &str) -> Name {
        Name { raw: raw.to_owned(), sql: raw.to_owned() }
    }

    fn owner(raw: &str) -> Owner {
        Owner { name: name(raw), superuser: false }
    }

    /// An empty database on which the role may do what it likes.
    fn empty() -> Surroundings {
        let server = Server {
            version_num: 170_000,
            version: "17.0".to_owned(),
            database: name("shop"),
            role: name("app"),
            now: "2026-11-21T10:14:00.000000Z".to_owned(),
            in_recovery: false,
            may_create_schema: true,
        };
        Surroundings::without_schema(server, None)
    }

    fn object(kind: ObjectKind, raw: &str, owned: bool) -> SchemaObject {
        SchemaObject { kind, name: name(raw), owner: owner("DBA"), owned }
    }

    fn no_create(around: &mut Surroundings) {
        around.server.may_create_schema = false;
    }

    fn other_schema(create: bool) -> Schema {
        Schema { owner: owner("DBA"), owned: false, usage: true, create }
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
                &|around| around.server.version_num = 140_023,
                &["PostgreSQL 17.0 is too old: Pevensie needs 15 or newer"],
            ),
            (&|around| around.server.in_recovery = true, &["this server is a standby and accepts no changes"]),
            (
                &no_create,
                &["role \"app\" may not create schemas in database \"shop\"; needed for: create schema pevensie"],
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
                &["role \"app\" may not create objects in schema \"pevensie\", which belongs to \"DBA\""],
            ),
            (
                &|around| around.objects = vec![object(ObjectKind::Type, "module", true)],
                &["type pevensie.module is there already, without a record in the ledger; \
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
                    "function pevensie.uuid7 is there already, without a record in the ledger; \
                     in the way of: migrate base to 20241222140532",
                    "type pevensie.cache, relation pevensie.cache_pkey are there already, without a record in the \
                     ledger; in the way of: migrate cache to 20241222140532",
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
        around.objects =
            vec![object(ObjectKind::Relation, "cache", false), object(ObjectKind::Relation, "module_version", false)];
        around.schema = Some(other_schema(false));
        let expected = "relation pevensie.cache belongs to \"DBA\", not to role \"app\"; \
                        needed for: roll back cache 20241222140532";
        assert_eq!(messages(&around, &wish, &ledger), [expected]);
        around.schema = Some(Schema { owner: owner("app"), owned: true, usage: true, create: true });
        assert_eq!(messages(&around, &wish, &ledger), [""; 0]);
        around.may_write_ledger = false;
        assert_eq!(
            messages(&around, &wish, &ledger),
            ["role \"app\" may not write to the ledger, pevensie.module_version"]
        );
    }
}
