//! The plain statements of all migrations, which is what the other tools get: nothing that guards or records them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// The modules in the order of installation.
const MODULES: [&str; 3] = ["base", "auth", "cache"];

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Migration {
    /// 14 digits that no other migration has, ascending in the order of installation.
    pub stamp: String,
    /// A name that no other migration has, in small letters and `_`.
    pub name: String,
    /// Its statements.
    pub sql: String,
}

/// Reads `sql/*/*.up.sql`, in the order of installation. The first migration creates the schema, too.
pub fn read() -> Result<Vec<Migration>> {
    let mut migrations = Vec::new();
    for (rank, module) in (0..).zip(MODULES) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(module);
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some((version, name)) = file.strip_suffix(".up.sql").and_then(|stem| stem.split_once('_')) else {
                continue;
            };
            let version: u64 = version.parse().with_context(|| file.clone())?;
            migrations.push(Migration {
                stamp: format!("{:014}", version + rank),
                name: format!("{module}_{name}"),
                sql: fs::read_to_string(&path)?,
            });
        }
    }
    migrations.sort();
    ensure!(migrations.len() >= 8, "all migrations are found: {migrations:?}");
    migrations[0].sql.insert_str(0, "create schema pevensie;\n");
    Ok(migrations)
}
