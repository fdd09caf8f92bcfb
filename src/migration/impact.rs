//! What a migration means for those who use the tables meanwhile, read from our own scripts.
//!
//! The locks are those of "Explicit Locking" in the PostgreSQL manual. Like [`super::objects`], this knows what `sql/` uses.

use serde::Serialize;

use super::migration::Migration;
use super::objects::{self, Kind};
use super::plan::{Manner, Plan, Step};
use super::statements::texts;

/// What a migration does to a table that is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The table.
    pub table: String,
    /// What its users notice.
    pub impact: Impact,
}

/// What the users of a table notice, from little to much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// An index is built, or a constraint validated, while they go on: SHARE UPDATE EXCLUSIVE.
    Online,
    /// They wait for a moment: ACCESS EXCLUSIVE, for a change of the catalog alone.
    LocksBriefly,
    /// Whoever writes waits while an index is built or a foreign key checked: SHARE, SHARE ROW EXCLUSIVE.
    BlocksWrites,
    /// Everybody waits while all rows are read: ACCESS EXCLUSIVE.
    BlocksAll,
    /// Everybody waits while all rows are written anew: ACCESS EXCLUSIVE.
    Rewrites,
}

/// Returns the effects of each step of a plan.
#[must_use]
pub fn of_plan<'b>(plan: &Plan<'b>) -> Vec<(Step<'b>, Vec<Effect>)> {
    let mut fresh = Vec::new();
    let mut of_steps = Vec::new();
    for batch in plan.batches() {
        let mut steps: Vec<(Step<'b>, Vec<Effect>)> =
            batch.plan.steps().iter().map(|step| (*step, of_step(step, &mut fresh))).collect();
        if batch.manner == Manner::Transaction {
            keep_locks(steps.iter_mut().flat_map(|(_, effects)| effects).collect());
        }
        of_steps.extend(steps.into_iter().map(|(step, effects)| (step, by_table(effects))));
    }
    of_steps
}

/// Returns the effects of each of these migrations, were they applied in this order and online where that is possible.
#[must_use]
pub fn of_pending<'b>(migrations: &[&'b Migration]) -> Vec<(&'b Migration, Vec<Effect>)> {
    let mut fresh = Vec::new();
    let step = |migration: &&'b Migration| {
        let is_in_use = !up(migration, &migration.up, &mut fresh).is_empty();
        if is_in_use && migration.online.is_some() { Step::Online(migration) } else { Step::Up(migration) }
    };
    let plan = Plan { steps: migrations.iter().map(step).collect() };
    migrations.iter().copied().zip(of_plan(&plan).into_iter().map(|(_, effects)| effects)).collect()
}

fn of_step(step: &Step<'_>, fresh: &mut Vec<String>) -> Vec<Effect> {
    match *step {
        Step::Up(migration) => up(migration, &migration.up, fresh),
        Step::Online(migration) => up(migration, migration.online.as_deref().unwrap_or_default(), fresh),
        Step::Down { migration, with_table: false, .. } => of_script(&migration.down, migration),
        Step::Discard { migration, manner: Manner::Transaction } => {
            texts(&migration.up).find_map(objects::indexed).map(briefly).into_iter().collect()
        }
        Step::CreateLedger
        | Step::UpgradeLedger
        | Step::Adopt(_)
        | Step::Discard { manner: Manner::Online, .. }
        | Step::Record(_)
        | Step::Down { .. }
        | Step::DropLedger
        | Step::Grant { .. } => Vec::new(),
    }
}

/// A lock is kept to the end of its transaction: what would be for a moment lasts as long as what comes after it, and nobody
/// reads a table while an index is built that was locked before.
fn keep_locks(mut effects: Vec<&mut Effect>) {
    let mut locked: Vec<String> = Vec::new();
    for effect in &mut effects {
        match effect.impact {
            Impact::Online | Impact::BlocksWrites if locked.contains(&effect.table) => {
                effect.impact = Impact::BlocksAll;
            }
            Impact::Online | Impact::BlocksWrites => {}
            Impact::LocksBriefly | Impact::BlocksAll | Impact::Rewrites => locked.push(effect.table.clone()),
        }
    }
    let mut lasts = false;
    for effect in effects.into_iter().rev() {
        match effect.impact {
            Impact::LocksBriefly if lasts => effect.impact = Impact::BlocksAll,
            Impact::LocksBriefly => {}
            Impact::Online | Impact::BlocksWrites | Impact::BlocksAll | Impact::Rewrites => lasts = true,
        }
    }
}

/// The worst for each table.
fn by_table(effects: Vec<Effect>) -> Vec<Effect> {
    let mut worst: Vec<Effect> = Vec::new();
    for Effect { table, impact } in effects {
        match worst.iter_mut().find(|effect| effect.table == table) {
            Some(effect) => effect.impact = effect.impact.max(impact),
            None => worst.push(Effect { table, impact }),
        }
    }
    worst
}

/// Says whether all that rolling a migration back would change is on these tables.
#[must_use]
pub fn is_about(migration: &Migration, tables: &[String]) -> bool {
    let effects = of_script(&migration.down, migration);
    let objects = objects::created(&migration.down).into_iter().chain(objects::dropped(&migration.down));
    let replaces = !objects::changed(&migration.down).iter().all(|object| object.kind == Kind::Table);
    !effects.is_empty()
        && !replaces
        && objects.into_iter().all(|object| object.kind == Kind::Index)
        && effects.iter().all(|effect| tables.contains(&effect.table))
}

/// The effects of a script on tables that are not new; new ones are added to those.
fn up(migration: &Migration, sql: &str, fresh: &mut Vec<String>) -> Vec<Effect> {
    let tables = objects::created(sql).into_iter().filter(|object| object.kind == Kind::Table);
    fresh.extend(tables.map(|table| table.name));
    let mut effects = of_script(sql, migration);
    effects.retain(|effect| !fresh.contains(&effect.table));
    effects
}

/// The effects of each statement, in order.
fn of_script(sql: &str, migration: &Migration) -> Vec<Effect> {
    let words = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    texts(sql).flat_map(|sql| of_statement(&words(sql), migration)).collect()
}

fn of_statement(statement: &str, migration: &Migration) -> Vec<Effect> {
    if let Some(rest) = statement.strip_prefix("alter table ") {
        return of_alter(objects::name(rest), rest.split_once(' ').map_or("", |(_, actions)| actions));
    }
    if let Some(rest) = statement.strip_prefix("drop index ") {
        // The statement does not say on which table the index is; the one that has made it does.
        let is_it = |sql: &&str| sql.contains(&format!("index {} on ", objects::name(rest)));
        return texts(&migration.up).filter(is_it).find_map(objects::indexed).map(briefly).into_iter().collect();
    }
    let impact = if statement.contains(" concurrently ") { Impact::Online } else { Impact::BlocksWrites };
    let effect = |table: &str| Effect { table: table.to_owned(), impact };
    objects::indexed(statement).map(effect).into_iter().collect()
}

fn briefly(table: &str) -> Effect {
    Effect { table: table.to_owned(), impact: Impact::LocksBriefly }
}

/// The effects of what one statement does to a table: it takes the strongest lock that any of it needs, and keeps it.
fn of_alter(table: &str, actions: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for action in listed(actions) {
        let has = |words: &str| action.contains(words);
        let is_constraint = action.starts_with("add constraint ");
        let impact = match () {
            () if action.starts_with("validate constraint ") => Impact::Online,
            () if action.starts_with("alter ") && has(" type ") => Impact::Rewrites,
            () if is_constraint && (has(" not valid") || has(" using index ")) => Impact::LocksBriefly,
            // SHARE ROW EXCLUSIVE, on both tables.
            () if is_constraint && has(" foreign key ") => Impact::BlocksWrites,
            () if is_constraint || has(" set not null") => Impact::BlocksAll,
            () => Impact::LocksBriefly,
        };
        let referenced = action.split_once(" references ").map(|(_, rest)| objects::name(rest));
        let tables = std::iter::once(table).chain(referenced).map(str::to_owned);
        effects.extend(tables.map(|table| Effect { table, impact }));
    }
    effects.sort_by_key(|effect| matches!(effect.impact, Impact::Online | Impact::BlocksWrites));
    keep_locks(effects.iter_mut().collect());
    effects
}

/// What commas stand between, other than those in parentheses.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let is_between = move |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    text.split(is_between).map(str::trim)
}

#[cfg(test)]
mod tests;
