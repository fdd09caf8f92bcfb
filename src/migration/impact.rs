//! What a migration means for those who use the tables meanwhile, read from our own scripts.
//!
//! The locks are those of "Explicit Locking" in the PostgreSQL manual. Like [`super::objects`], this knows what `sql/` uses.

use serde::Serialize;

use super::migration::Migration;
use super::objects::{self, Kind};
use super::plan::{Plan, Step};
use super::statements::statements;

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
    /// An index is built while they go on: SHARE UPDATE EXCLUSIVE.
    Online,
    /// They wait for a moment: ACCESS EXCLUSIVE, for a change of the catalog alone.
    LocksBriefly,
    /// Whoever writes waits while an index is built: SHARE.
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
    let mut effects = |step: &Step<'b>| match *step {
        Step::Up(migration) => up(migration, &migration.up, &mut fresh),
        Step::Online(migration) => up(migration, migration.online.as_deref().unwrap_or_default(), &mut fresh),
        Step::Down { migration, with_table: false, .. } => of_script(&migration.down, migration, &[]),
        Step::CreateLedger
        | Step::UpgradeLedger
        | Step::Adopt(_)
        | Step::Discard { .. }
        | Step::Record(_)
        | Step::Down { .. }
        | Step::DropLedger
        | Step::Grant { .. } => Vec::new(),
    };
    plan.steps().iter().map(|step| (*step, effects(step))).collect()
}

/// Returns the effects of each of these migrations, were they applied in this order and online where that is possible.
#[must_use]
pub fn of_pending<'b>(migrations: &[&'b Migration]) -> Vec<(&'b Migration, Vec<Effect>)> {
    let mut fresh = Vec::new();
    let effects = |migration: &&'b Migration| {
        let plain = up(migration, &migration.up, &mut fresh);
        let online = migration.online.as_deref().filter(|_| !plain.is_empty());
        (*migration, online.map_or(plain, |online| up(migration, online, &mut fresh)))
    };
    migrations.iter().map(effects).collect()
}

/// Says whether all that rolling a migration back would change is on these tables.
#[must_use]
pub fn is_about(migration: &Migration, tables: &[String]) -> bool {
    let effects = of_script(&migration.down, migration, &[]);
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
    of_script(sql, migration, fresh)
}

fn of_script(sql: &str, migration: &Migration, fresh: &[String]) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    for range in statements(sql) {
        let statement = sql[range].split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(Effect { table, impact }) = of_statement(&statement, migration) else { continue };
        match effects.iter_mut().find(|effect| effect.table == table) {
            Some(effect) => effect.impact = effect.impact.max(impact),
            None if fresh.contains(&table) => {}
            None => effects.push(Effect { table, impact }),
        }
    }
    effects
}

fn of_statement(statement: &str, migration: &Migration) -> Option<Effect> {
    let has = |words: &str| statement.contains(words);
    if let Some(rest) = statement.strip_prefix("alter table ") {
        let adds = has(" add constraint ") && !has(" not valid") && !has(" using index ");
        let impact = match () {
            () if has(" type ") => Impact::Rewrites,
            () if adds || has(" set not null") || has(" validate constraint ") => Impact::BlocksAll,
            () => Impact::LocksBriefly,
        };
        return Some(Effect { table: name(rest), impact });
    }
    if let Some(rest) = statement.strip_prefix("drop index ") {
        // The statement does not say on which table the index is; the one that has made it does.
        let created = statements(&migration.up).into_iter().map(|range| &migration.up[range]);
        let table = created.filter(|sql| sql.contains(&format!("index {} on ", name(rest)))).find_map(indexed)?;
        return Some(Effect { table, impact: Impact::LocksBriefly });
    }
    let is_index = statement.starts_with("create index ") || statement.starts_with("create unique index ");
    let impact = if has(" concurrently ") { Impact::Online } else { Impact::BlocksWrites };
    indexed(statement).filter(|_| is_index).map(|table| Effect { table, impact })
}

/// The table that an index is on.
fn indexed(statement: &str) -> Option<String> {
    statement.split_once(" on ").map(|(_, rest)| name(rest))
}

/// The name that a text begins with, without the schema and without quotes.
fn name(text: &str) -> String {
    let end = text.find([' ', '(', ';']).unwrap_or(text.len());
    text[..end].trim_start_matches("pevensie.").trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::bundle::Bundle;
    use super::super::ledger::Ledger;
    use super::super::module::Module;
    use super::super::wish::{Depth, Target, Wish};
    use super::*;

    fn words(effects: &[Effect]) -> String {
        effects.iter().map(|effect| format!("{:?} {}", effect.impact, effect.table)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn each_statement_has_the_effect_of_its_lock() {
        let bundle = Bundle::embedded();
        let migration = &bundle.migrations()[0];
        for (sql, expected) in [
            ("create index a on pevensie.session (id)", "BlocksWrites session"),
            ("create unique index a\n  on pevensie.\"user\" (id)", "BlocksWrites user"),
            ("create index concurrently a on pevensie.session (id)", "Online session"),
            ("alter table pevensie.cache drop constraint a", "LocksBriefly cache"),
            ("alter table pevensie.cache add column a int", "LocksBriefly cache"),
            ("alter table pevensie.cache add constraint a unique (key)", "BlocksAll cache"),
            ("alter table pevensie.cache add constraint a check (true) not valid", "LocksBriefly cache"),
            ("alter table pevensie.cache alter key set not null", "BlocksAll cache"),
            ("alter table pevensie.cache alter key type int using 1", "Rewrites cache"),
            ("create table pevensie.t (a int); select ' on '", ""),
            ("create index a on pevensie.b (c); alter table pevensie.b drop d; drop table x", "BlocksWrites b"),
        ] {
            assert_eq!(words(&of_script(sql, migration, &[])), expected, "{sql}");
        }
    }

    const MODULES: [Module; 3] = [Module::Base, Module::Auth, Module::Cache];

    #[test]
    fn a_fresh_install_disturbs_nobody_and_an_upgrade_says_whom() {
        let bundle = Bundle::of_2026();
        let all: Vec<&Migration> = bundle.migrations().iter().collect();
        assert!(of_pending(&all).iter().all(|(_, effects)| effects.is_empty()));
        let newer = &all[3..];
        let effects: Vec<String> = of_pending(newer).iter().map(|(_, effects)| words(effects)).collect();
        assert_eq!(effects, ["", "Online session", "Online session", "LocksBriefly cache", "Online cache"]);
    }

    #[test]
    fn the_steps_of_a_plan_have_the_effects_of_what_they_run() {
        let bundle = Bundle::of_2026();
        let old = MODULES.map(|module| (module, bundle.of(module).next().unwrap().version));
        let wish = Wish::Migrate(MODULES.map(|module| (module, Target::Newest)).to_vec());
        let effects = |plan: &Plan<'_>| of_plan(plan).iter().map(|(_, effects)| words(effects)).collect::<Vec<_>>();
        let plan = wish.plan(&bundle, &Ledger::assumed(&old)).unwrap();
        assert_eq!(
            effects(&plan),
            ["", "BlocksWrites session", "BlocksWrites session", "LocksBriefly cache", "BlocksWrites cache"]
        );
        let new = MODULES.map(|module| (module, bundle.newest(module, None).unwrap()));
        let back = Wish::Rollback(old.map(|(module, version)| (module, Depth::To(Some(version)))).to_vec());
        let plan = back.plan(&bundle, &Ledger::assumed(&new)).unwrap();
        assert_eq!(
            effects(&plan),
            ["LocksBriefly cache", "BlocksAll cache", "LocksBriefly session", "LocksBriefly session", ""]
        );
    }
}
