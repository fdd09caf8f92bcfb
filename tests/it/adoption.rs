//! Schemas that something else installed: compared first, then adopted as a whole or not at all.

mod found;
mod recorded;
mod upstream;

use crate::support::{Database, FIRST, Output, catalog, migrations};

const LEDGER: &str = include_str!("../../sql/ledger/create.sql");

/// The scripts of the version that upstream installs.
pub(crate) fn objects(module: &str) -> &'static str {
    match module {
        "base" => include_str!("../../sql/base/20241222140532_uuid7.up.sql"),
        "auth" => include_str!("../../sql/auth/20241222140532_users_sessions_tokens.up.sql"),
        "cache" => include_str!("../../sql/cache/20241222140532_cache.up.sql"),
        _ => panic!("no module of ours: {module}"),
    }
}

/// How upstream's migrator records a module.
pub(crate) fn upsert(module: &str) -> String {
    format!(
        "insert into pevensie.module_version (module, version)
         values ('{module}', timestamptz '2024-12-22T14:05:32.000000Z')
         on conflict (module) do update set version = timestamptz '2024-12-22T14:05:32.000000Z';\n"
    )
}

/// What upstream's migrator runs to install modules.
pub(crate) fn upstream_script(modules: &[&str]) -> String {
    let modules = modules.iter().map(|module| format!("{}\n{}", objects(module), upsert(module)));
    std::iter::once(LEDGER.to_owned()).chain(modules).collect()
}

/// The first words of each line of what was done: `adopted base 20241222140532`.
fn done(output: &Output) -> Vec<String> {
    let first_three = |line: &str| line.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    output.stdout.lines().map(first_three).collect()
}

/// What has to be done where upstream's version of some modules is there, and of others nothing: those are adopted, then
/// what is newer of them is applied, and everything of the others.
fn to_be_done(adopted: &[&str], installed: &[&str]) -> Vec<String> {
    let has = |modules: &[&str], module: &str| modules.contains(&module);
    let adopt = adopted.iter().map(|module| format!("adopted {module} {FIRST}"));
    let mut pending: Vec<_> = migrations()
        .iter()
        .filter(|migration| {
            has(installed, &migration.module) || has(adopted, &migration.module) && migration.version != FIRST
        })
        .collect();
    // What is new comes before what is upgraded, and base before everything.
    pending.sort_by_key(|migration| migration.module != "base" && has(adopted, &migration.module));
    adopt
        .chain(pending.into_iter().map(|migration| format!("applied {} {}", migration.module, migration.version)))
        .collect()
}

/// Everything that a change would leave a trace in: definitions, and the version of every row.
fn traces(database: &Database<'_>) -> (Vec<(String, String, String)>, String) {
    let mut rows = database.query_text(
        "select xmin, oid, relname from pg_class where relnamespace = 'pevensie'::regnamespace
         union all select xmin, oid, typname from pg_type where typnamespace = 'pevensie'::regnamespace
         union all select xmin, oid, proname from pg_proc where pronamespace = 'pevensie'::regnamespace
         order by 2",
    );
    if database.query_text("select to_regclass('pevensie.module_version') is not null") == "t" {
        rows += &database.query_text("select xmin, ctid, m::text from pevensie.module_version m order by module");
    }
    (catalog(database), rows)
}

/// Insists that a run ends with this code and says this, and that it leaves no trace.
#[track_caller]
fn assert_refused(database: &Database<'_>, arguments: &[&str], code: i32, said: &[&str]) {
    let before = traces(database);
    let output = database.run(arguments).run();
    assert_eq!(output.code, code, "{}", output.snapshot());
    for text in said {
        assert!(output.stderr.contains(text), "no {text:?} in\n{}", output.snapshot());
    }
    assert_eq!(output.stdout, "", "{}", output.snapshot());
    assert_eq!(traces(database), before, "{}", output.snapshot());
}
