//! Which migrations there are: by what the binary itself prints, so that one more changes no test that does not mean it.

use std::sync::OnceLock;

use serde_json::Value;

use super::command::pevensie_pg;

/// All modules, in the order of installation.
pub(crate) const MODULES: [&str; 3] = ["base", "auth", "cache"];
/// The version that upstream installs: the first of every module.
pub(crate) const FIRST: &str = "20241222140532";
/// Installs that version of every module.
pub(crate) const UP_FIRST: &[&str] =
    &["migrate", "base@20241222140532", "auth@20241222140532", "cache@20241222140532", "--apply"];

/// One migration of the binary.
#[derive(Debug)]
pub(crate) struct Migration {
    pub(crate) module: String,
    pub(crate) version: String,
}

/// All migrations of `auth`, `cache` and `base`, which is what [`UP`](super::UP) installs, in the order of installation.
pub(crate) fn migrations() -> &'static [Migration] {
    static MIGRATIONS: OnceLock<Vec<Migration>> = OnceLock::new();
    MIGRATIONS.get_or_init(|| {
        let printed = pevensie_pg(&["print", "auth", "cache", "--json"]).run().ok().stdout;
        let document: Value = serde_json::from_str(&printed).expect("--json prints a document");
        let steps = document["steps"].as_array().expect("it has the steps");
        let text = |step: &Value, field: &str| step[field].as_str().expect("each step says what it is").to_owned();
        let ups = steps.iter().filter(|step| step["action"] == "up");
        ups.map(|step| Migration { module: text(step, "module"), version: text(step, "version") }).collect()
    })
}

/// Those of one module, oldest first.
pub(crate) fn migrations_of(module: &str) -> impl DoubleEndedIterator<Item = &'static Migration> {
    migrations().iter().filter(move |migration| migration.module == module)
}

/// The newest version of these.
pub(crate) fn newest_of_all() -> &'static str {
    migrations().iter().map(|migration| migration.version.as_str()).max().expect("there are migrations")
}

/// The newest version of a module.
pub(crate) fn newest(module: &str) -> &'static str {
    &migrations_of(module).next_back().expect("every module has a migration").version
}
