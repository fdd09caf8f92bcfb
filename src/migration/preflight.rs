//! Surroundings × plan → why the plan would fail, found before anything is changed.

use super::grantee::{Holding, Question};
use super::migration::Direction;
use super::objects::{self, Kind, Object};
use super::plan::{Plan, Step};
use super::refusal::Refusal;
use super::script::Script;
use super::surroundings::{ObjectKind, Owner, SchemaObject, Server, Surroundings};

/// The first version of PostgreSQL that knows `NULLS NOT DISTINCT`, which module `auth` is built on.
pub const OLDEST_SERVER: u32 = 15;

/// Refuses a server that is too old to install anything on.
#[must_use]
pub fn too_old(server: &Server) -> Option<Refusal> {
    let is_too_old = server.version_num / 10_000 < OLDEST_SERVER;
    is_too_old.then(|| Refusal::ServerTooOld { found: server.version.clone() })
}

/// Refuses a server that accepts no changes.
#[must_use]
pub fn standby(server: &Server) -> Option<Refusal> {
    server.in_recovery.then_some(Refusal::Standby)
}

/// Returns every foreseeable reason why a plan would fail; empty for an empty plan.
#[must_use]
pub fn refusals(around: &Surroundings, plan: &Plan<'_>) -> Vec<Refusal> {
    if plan.is_empty() {
        return Vec::new();
    }
    let mut refusals = Vec::new();
    if plan.migrations().any(|(_, to)| to == Direction::Up) {
        refusals.extend(too_old(&around.server));
    }
    refusals.extend(standby(&around.server));
    refusals.extend(may_not_create(around, plan));
    let ledger_is_there = plan.steps().first() != Some(&Step::CreateLedger);
    let is_recorded = plan.steps().iter().any(|step| step.granted().is_none());
    if ledger_is_there && is_recorded && !around.may_write_ledger {
        let owner = around.ledger_owner();
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

/// The role must be there, and what is there already must be ours to grant.
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
    let foreign = foreign.into_iter().map(|holding| (&holding.owner, holding.object.to_string()));
    for_each_owner(around, step, foreign.collect())
}

/// One refusal for each owner of what is not ours, with all that belongs to it.
fn for_each_owner(around: &Surroundings, step: &Step<'_>, mut foreign: Vec<(&Owner, String)>) -> Vec<Refusal> {
    foreign.sort_by_key(|(owner, _)| &owner.name.raw);
    let refusal = |of_one: &[(&Owner, String)]| {
        // Overloaded functions have one name.
        let mut objects: Vec<String> = of_one.iter().map(|(_, object)| object.clone()).collect();
        objects.dedup();
        let (role, owner) = (around.server.role.clone(), of_one[0].0.clone());
        Refusal::NotOwner { role, owner, objects, needed_for: purpose(step) }
    };
    foreign.chunk_by(|(one, _), (other, _)| one == other).map(refusal).collect()
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
    let is_taken = |o: &&SchemaObject| is_among(o, &created) && !is_among(o, gone);
    let mut taken: Vec<String> = around.objects.iter().filter(is_taken).map(SchemaObject::title).collect();
    taken.dedup();
    let adoptable = !matches!(step, Step::CreateLedger | Step::UpgradeLedger);
    (!taken.is_empty()).then(|| Refusal::NamesTaken { objects: taken, needed_for: purpose(step), adoptable })
}

/// Says whether the name of something that is there is one of these. Functions have names of their own.
fn is_among(there: &SchemaObject, objects: &[Object]) -> bool {
    let is_function = there.kind == ObjectKind::Function;
    objects.iter().any(|object| object.name == there.name.raw && (object.kind == Kind::Function) == is_function)
}

/// An object can be changed by its owner, and dropped by the schema's owner, too. What an earlier step creates will be ours.
fn not_owner(around: &Surroundings, step: &Step<'_>, new: &[Object]) -> Vec<Refusal> {
    let owns_schema = around.schema.as_ref().is_some_and(|schema| schema.owned);
    let mut changed = of_scripts(step, objects::changed);
    if !owns_schema {
        changed.extend(of_scripts(step, objects::dropped));
    }
    changed.retain(|object| !new.contains(object));
    let foreign = around.objects.iter().filter(|object| !object.owned && is_among(object, &changed));
    for_each_owner(around, step, foreign.map(|object| (&object.owner, object.title())).collect())
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
mod tests;
