//! A script that psql runs by itself: in a transaction, under the lock, and only where it fits.

use std::fmt::Write as _;

use crate::migration::module::Module;
use crate::migration::plan::Plan;
use crate::migration::script::{Script, TOOL};
use crate::migration::version::Version;

const SETTINGS: &str = include_str!("../../sql/ledger/settings.sql");
const GUARD: &str = include_str!("../../sql/ledger/guard.sql");

/// What `migrate --apply` does unless it is told otherwise: nobody queues behind this script for long.
const LIMITS: &str = "set local statement_timeout to 300000;\nset local lock_timeout to 5000;";

/// Errors end the script, and come without the lines of our own blocks.
const SESSION: &str = "\\set ON_ERROR_STOP on\n\\set QUIET on\n\\set SHOW_CONTEXT never\n";

/// Writes a plan as a psql script; `from` is what the database must have of each module that the plan touches.
#[must_use]
pub fn write(plan: &Plan<'_>, from: &[(Module, Option<Version>)]) -> String {
    let statements = Script::of(plan).text();
    let mut script = format!("-- {TOOL}: for psql, as a file or through a pipe\n{SESSION}\nbegin;\n\n");
    for part in [LIMITS, SETTINGS, &guard(from), &statements, "commit;\n"] {
        let _ = writeln!(script, "{part}");
    }
    script.truncate(script.trim_end().len() + 1);
    script
}

/// The guard takes the lock and compares what is recorded with what the script starts from.
fn guard(from: &[(Module, Option<Version>)]) -> String {
    let rows: Vec<String> = from
        .iter()
        .map(|(module, version)| match version {
            Some(version) => format!("('{module}', '{version}')"),
            None => format!("('{module}', null)"),
        })
        .collect();
    GUARD.replace(":start", &rows.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::super::migration::bundle::Bundle;
    use super::super::super::migration::ledger::Ledger;
    use super::super::super::migration::wish::{Target, Wish};
    use super::*;

    #[test]
    fn a_script_is_guarded_and_ends_with_commit() {
        let bundle = Bundle::embedded();
        let plan = Wish::Migrate(vec![(Module::Cache, Target::Newest)]).plan(&bundle, &Ledger::Absent).unwrap();
        let version = bundle.newest(Module::Base, None);
        let script = write(&plan, &[(Module::Base, version), (Module::Cache, None)]);
        let version = version.map(|version| version.to_string()).unwrap_or_default();
        assert!(script.contains(&format!("values ('base', '{version}'), ('cache', null)")), "{script}");
        assert!(script.contains(&Script::of(&plan).text()));
        assert!(script.ends_with("\n\ncommit;\n"));
    }
}
