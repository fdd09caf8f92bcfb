//! A plan or what became of it, step by step.

use super::paint;
use super::table::columns;
use crate::migration::impact::{self, Effect, Impact};
use crate::migration::migration::{Direction, Migration};
use crate::migration::module::Module;
use crate::migration::plan::{Plan, Step};
use crate::migration::surroundings::{Index, IndexState};

/// Writes a line for each migration that was adopted, applied or rolled back, and for what was granted.
#[must_use]
pub fn done(plan: &Plan<'_>) -> String {
    let line = |step: &Step<'_>| match *step {
        Step::Adopt(migration) => Some(row(paint::good("adopted"), migration, String::new())),
        Step::Up(migration) => Some(row(paint::good("applied"), migration, String::new())),
        Step::Online(migration) => Some(row(paint::good("applied"), migration, paint::dim("online"))),
        Step::Record(migration) => Some(row(paint::good("applied"), migration, paint::dim("was built already"))),
        Step::Down { migration, .. } => Some(row(paint::attention("rolled back"), migration, String::new())),
        Step::CreateLedger | Step::UpgradeLedger | Step::Discard { .. } | Step::DropLedger | Step::Grant { .. } => None,
    };
    let granted = plan.granted().map(|(role, right)| format!("{}  {right} to {role}\n", paint::good("granted")));
    columns(&plan.steps().iter().filter_map(line).collect::<Vec<_>>()) + &granted.collect::<String>()
}

/// Says in a few words what of a plan runs just now.
#[must_use]
pub fn running(plan: &Plan<'_>) -> String {
    let migrations: Vec<_> = plan.migrations().collect();
    match migrations.as_slice() {
        [] if plan.steps().iter().all(|step| step.granted().is_some()) => "granting".to_owned(),
        [] => "recording".to_owned(),
        [(Migration { module, version, name, .. }, direction)] => {
            format!("{} {module} {version} {name}", doing(*direction))
        }
        [(_, direction), ..] => format!("{} {} migrations", doing(*direction), migrations.len()),
    }
}

fn doing(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "applying",
        Direction::Down => "rolling back",
    }
}

/// Writes a line for each migration of a plan that is still to be carried out, with what it means for others.
#[must_use]
pub fn planned(plan: &Plan<'_>) -> String {
    let line = |(step, effects): (Step<'_>, Vec<Effect>)| {
        let (migration, _) = step.migration()?;
        Some(row(paint::attention("pending"), migration, self::effects(&effects)))
    };
    columns(&impact::of_plan(plan).into_iter().filter_map(line).collect::<Vec<_>>())
}

/// Writes a line for each migration that is still to be applied to a database with these indexes, with what it will mean
/// for others.
#[must_use]
pub fn pending(migrations: &[&Migration], indexes: &[Index]) -> String {
    let line = |(migration, effects): (&Migration, Vec<Effect>)| {
        let begun = Index::state_of(migration, indexes);
        let effects = self::effects(&effects);
        let remarks = match begun {
            None => vec![effects],
            Some(IndexState::Complete) => vec![paint::good("built, not recorded")],
            Some(IndexState::Unfinished) => vec![effects, "unfinished".to_owned()],
            Some(IndexState::BeingBuilt) => vec![effects, "being built".to_owned()],
        };
        let remarks: Vec<String> = remarks.into_iter().filter(|remark| !remark.is_empty()).collect();
        row(paint::attention("pending"), migration, remarks.join(", "))
    };
    columns(&impact::of_pending(migrations).into_iter().map(line).collect::<Vec<_>>())
}

/// Says what the users of the tables notice; nothing where that is nothing.
#[must_use]
pub fn effects(effects: &[Effect]) -> String {
    let words = |Effect { table, impact }: &Effect| match impact {
        Impact::Online => paint::good("online"),
        Impact::LocksBriefly => format!("locks {table} for a moment"),
        Impact::BlocksWrites => paint::attention(format!("blocks writes to {table}")),
        Impact::BlocksAll => paint::attention(format!("blocks all use of {table}")),
        Impact::Rewrites => paint::attention(format!("blocks all use of {table} and rewrites it")),
    };
    effects.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn row(word: String, migration: &Migration, remark: String) -> Vec<String> {
    vec![word, module(migration), migration.version.to_string(), migration.name.to_string(), remark]
}

/// The column of the modules is as wide as the longest name: what is written at different times aligns.
#[must_use]
pub fn module(migration: &Migration) -> String {
    let width = Module::ALL.into_iter().map(|module| module.name().len()).max().unwrap_or_default();
    format!("{:width$}", migration.module.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::bundle::Bundle;
    use crate::migration::ledger::Ledger;
    use crate::migration::right::{self, Grants, Object, Privilege, Right};
    use crate::migration::wish::{Target, Wish};

    #[test]
    fn what_runs_is_said_in_a_few_words() {
        let bundle = Bundle::of_november_2026();
        let newest = Module::ALL.into_iter().filter_map(|module| Some((module, bundle.newest(module)?)));
        let newest: Vec<_> = newest.collect();
        let plan = |modules: &[(Module, _)]| {
            let wish = Wish::Migrate(vec![(Module::Cache, Target::Newest)]);
            wish.plan(&bundle, &Ledger::assumed(modules)).unwrap()
        };
        let older = [newest[0], (Module::Cache, "20261121041300".parse().unwrap())];
        assert_eq!(running(&plan(&older)), "applying cache 20261121041400 cache_expires_at_idx");
        assert_eq!(running(&plan(&newest[..1])), "applying 3 migrations");
        let object = Object { kind: right::Kind::Table, identity: "cache".to_owned() };
        let rights = vec![Right { object, privileges: vec![Privilege::Select] }];
        let grants = Grants { role: "app".parse().unwrap(), rights };
        assert_eq!(running(&plan(&newest).granting(&grants, None)), "granting");
    }

    #[test]
    fn what_is_to_be_done_and_was_done_is_said_line_by_line() {
        let bundle = Bundle::of_november_2026();
        let [one, .., last] = &bundle.of(Module::Cache).collect::<Vec<_>>()[..] else { panic!("there are several") };
        let object = Object { kind: right::Kind::Table, identity: "cache".to_owned() };
        let right = Right { object, privileges: vec![Privilege::Select] };
        let role = "app".parse().unwrap();
        let plan = Plan::of(&[
            Step::CreateLedger,
            Step::Adopt(one),
            Step::Up(one),
            Step::Online(last),
            Step::Record(last),
            Step::Down { migration: last, previous: Some(one), with_table: false },
            Step::Grant { role: &role, right: &right },
        ]);
        insta::assert_snapshot!(console::strip_ansi_codes(&done(&plan)), @r#"
        adopted      cache  20241222140532  cache
        applied      cache  20241222140532  cache
        applied      cache  20261121041400  cache_expires_at_idx  online
        applied      cache  20261121041400  cache_expires_at_idx  was built already
        rolled back  cache  20261121041400  cache_expires_at_idx
        granted  select on table pevensie.cache to "app"
        "#);
        let plan = Plan::of(&[Step::UpgradeLedger, Step::Up(last), Step::Online(last)]);
        insta::assert_snapshot!(console::strip_ansi_codes(&planned(&plan)), @r"
        pending  cache  20261121041400  cache_expires_at_idx  blocks writes to cache
        pending  cache  20261121041400  cache_expires_at_idx  online
        ");
        assert_eq!(running(&Plan::of(&[Step::Adopt(one)])), "recording");
        let down = |migration| Step::Down { migration, previous: None, with_table: false };
        assert_eq!(running(&Plan::of(&[down(one)])), "rolling back cache 20241222140532 cache");
        assert_eq!(running(&Plan::of(&[down(last), down(one)])), "rolling back 2 migrations");
        let effects = [Impact::LocksBriefly, Impact::BlocksAll, Impact::Rewrites];
        let effects = effects.map(|impact| Effect { table: "cache".to_owned(), impact });
        assert_eq!(
            console::strip_ansi_codes(&self::effects(&effects)),
            "locks cache for a moment, blocks all use of cache, blocks all use of cache and rewrites it"
        );
    }

    #[test]
    fn what_is_begun_is_said_to_be() {
        let bundle = Bundle::of_november_2026();
        let all: Vec<&Migration> = bundle.of(Module::Cache).collect();
        let index = |state| vec![Index { name: "cache_expires_at_idx".to_owned(), state }];
        let remark = |migrations: &[&Migration], indexes: &[Index]| {
            let text = console::strip_ansi_codes(&pending(migrations, indexes)).into_owned();
            let (_, remark) = text.rsplit_once("cache_expires_at_idx").unwrap();
            remark.trim().to_owned()
        };
        for (migrations, indexes, expected) in [
            (&all[2..], vec![], "online"),
            (&all[2..], index(IndexState::Complete), "built, not recorded"),
            (&all[2..], index(IndexState::Unfinished), "online, unfinished"),
            (&all[2..], index(IndexState::BeingBuilt), "online, being built"),
            // Where nobody uses the table yet.
            (&all[..], vec![], ""),
            (&all[..], index(IndexState::Unfinished), "unfinished"),
        ] {
            assert_eq!(remark(migrations, &indexes), expected);
        }
    }
}
