//! A script that psql runs by itself: in a transaction, under the lock, and only where it fits.

use std::fmt::Write as _;

use super::{Format, Shape};
use crate::migration::guard::guard;
use crate::migration::limits::Limits;
use crate::migration::migration::Migration;
use crate::migration::module::Level;
use crate::migration::plan::{Manner, Plan};
use crate::migration::script::{Script, TOOL};

pub(super) const FORMAT: Format = Format {
    name: "psql",
    summary: "A script for psql, in transactions, refused where it does not fit",
    shape: Shape::Script { manner: Manner::Online, write },
};

/// Errors end the script, and come without the lines of our own blocks.
const SESSION: &str = "\\set ON_ERROR_STOP on\n\\set QUIET on\n\\set SHOW_CONTEXT never\n";

const DISCARD: &str = include_str!("../../sql/export/discard.sql");

fn write(plan: &Plan<'_>, from: &[Level]) -> String {
    let mut script = format!("-- {TOOL}: for psql, as a file or through a pipe\n{SESSION}\n");
    let mut from = from.to_vec();
    for batch in plan.batches() {
        if let Some(migration) = batch.online() {
            let outside: String = Script::outside(&batch.plan).iter().map(Script::text).collect();
            let _ = writeln!(script, "{}{}\n{outside}", transaction(&guard(&from)), discard(migration));
        }
        script += &transaction(&Script::of(&batch.plan).guarded(&guard(&from)).text());
        for (module, version) in batch.plan.outcome() {
            from.retain(|(known, _)| *known != module);
            from.push((module, version));
        }
    }
    script.truncate(script.trim_end().len() + 1);
    script
}

/// What `migrate --apply` does unless it is told otherwise: nobody queues behind this script for long.
fn transaction(statements: &str) -> String {
    format!("begin;\n\n{}\n{statements}\ncommit;\n\n", Limits::default().settings())
}

/// Writes for psql what drops the rest of an attempt to build the index of a migration.
pub(super) fn discard(migration: &Migration) -> String {
    DISCARD.replace(":index", &migration.index().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fresh, upgraded};
    use super::*;
    use crate::migration::bundle::Bundle;
    use crate::migration::module::Module;

    #[test]
    fn a_script_is_guarded_and_ends_with_commit() {
        let bundle = Bundle::embedded();
        let (plan, start) = fresh(&bundle);
        let script = write(&plan, &start);
        assert!(script.contains("values ('base', null), ('auth', null), ('cache', null)"), "{script}");
        assert!(script.contains(&Script::of(&plan).text()));
        assert!(script.ends_with("\n\ncommit;\n"));
    }

    #[test]
    fn an_index_is_built_between_guarded_transactions() {
        let bundle = Bundle::of_november_2026();
        let (plan, start) = upgraded(&bundle);
        let script = write(&plan, &start);
        let outside: Vec<&str> =
            script.split("begin;\n\n").map(|part| part.split("commit;\n").last().unwrap()).collect();
        assert_eq!(outside.iter().filter(|part| part.contains("create index concurrently")).count(), 3);
        assert_eq!(outside.iter().filter(|part| part.contains("\\gexec")).count(), 3);
        assert_eq!(script.matches("pg_try_advisory_xact_lock").count(), script.matches("begin;\n\n").count());
        // Each starts from where the one before has led to, and heeds every module.
        let guards: Vec<&str> = script.lines().filter(|line| line.contains("from (values ")).collect();
        for module in Module::ALL {
            let named = format!("('{module}', ");
            assert!(guards.iter().all(|guard| guard.matches(&named).count() == 1), "{module}: {guards:#?}");
        }
        let before_last = bundle.migrations().iter().rev().nth(1).unwrap();
        let reached = format!("('{}', '{}')", before_last.module, before_last.version);
        assert!(guards.last().is_some_and(|guard| guard.contains(&reached)), "{guards:#?}");
        let last = start.iter().find(|(module, _)| *module == Module::Cache).unwrap().1.unwrap();
        assert!(script.contains(&format!("('cache', '{last}')")), "{script}");
    }
}
