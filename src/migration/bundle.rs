//! All migrations that this binary carries.

use std::borrow::Cow;

use super::checksum::Checksum;
use super::ledger::Ledger;
use super::migration::Migration;
use super::module::Module;
use super::version::Version;

/// The migrations of all modules in the order of their installation, and the versions that were once shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    migrations: Vec<Migration>,
    withdrawn: Vec<(Module, Version)>,
}

/// A migration as its files have it.
struct Embedded {
    module: &'static str,
    version: &'static str,
    name: &'static str,
    up: &'static str,
    online: Option<&'static str>,
    down: &'static str,
    catalog: &'static str,
}

macro_rules! script {
    ($module:literal, $version:literal, $name:literal, $kind:literal) => {
        include_str!(concat!("../../sql/", $module, "/", $version, "_", $name, ".", $kind, ".sql"))
    };
}

macro_rules! embedded {
    ($($module:literal / $version:literal _ $name:literal $(or $online:literal)?),* $(,)?) => {
        &[$(Embedded {
            module: $module,
            version: $version,
            name: $name,
            up: script!($module, $version, $name, "up"),
            online: [$(script!($module, $version, $name, $online))?].first().copied(),
            down: script!($module, $version, $name, "down"),
            catalog: include_str!(concat!("../../sql/", $module, "/", $version, ".catalog")),
        }),*]
    };
}

const EMBEDDED: &[Embedded] = embedded![
    "base" / "20241222140532" _ "uuid7",
    "auth" / "20241222140532" _ "users_sessions_tokens",
    "cache" / "20241222140532" _ "cache",
    "base" / "20261121041000" _ "uuid7_range",
    "auth" / "20261121041100" _ "session_user_id_idx" or "online",
    "auth" / "20261121041200" _ "session_expires_at_idx" or "online",
    "cache" / "20261121041300" _ "key_per_resource_type",
    "cache" / "20261121041400" _ "cache_expires_at_idx" or "online",
];

const CHECKSUMS: &str = include_str!("../../sql/CHECKSUMS");

impl Bundle {
    /// Returns the migrations compiled into this binary.
    ///
    /// # Panics
    /// Never in a binary whose tests have passed: they go through every embedded file and every line of `CHECKSUMS`.
    #[must_use]
    pub fn embedded() -> Self {
        let frozen = Frozen::parse(CHECKSUMS).expect("the tests read CHECKSUMS");
        let migrations = EMBEDDED.iter().map(|files| {
            let mut migration = Migration {
                module: files.module.parse().expect("the tests read every embedded name"),
                version: files.version.parse().expect("the tests read every embedded name"),
                name: Cow::Borrowed(files.name),
                up: Cow::Borrowed(files.up),
                online: files.online.map(Cow::Borrowed),
                down: Cow::Borrowed(files.down),
                catalog: Cow::Borrowed(files.catalog),
                checksum: Checksum::of(files.up),
                accepted: Vec::new(),
            };
            migration.accepted = frozen.accepted(&migration);
            migration
        });
        Self::new(migrations.collect(), frozen.withdrawn.clone())
    }

    /// Returns those up to November 2026: one more changes no test that is about these.
    #[cfg(test)]
    pub(crate) fn of_november_2026() -> Self {
        let Self { migrations, withdrawn } = Self::embedded();
        let end = "20261130235959".parse().expect("it is a time");
        Self::new(migrations.into_iter().filter(|m| m.version <= end).collect(), withdrawn)
    }

    /// Makes a bundle of migrations in any order; within a module their versions must differ.
    #[must_use]
    pub fn new(mut migrations: Vec<Migration>, withdrawn: Vec<(Module, Version)>) -> Self {
        migrations.sort_by_key(|m| (m.version, m.module));
        Self { migrations, withdrawn }
    }

    /// Returns all migrations in the order of installation: by version, and at one version by module.
    #[must_use]
    pub fn migrations(&self) -> &[Migration] {
        &self.migrations
    }

    /// Returns the migrations of one module, oldest first.
    pub fn of(&self, module: Module) -> impl DoubleEndedIterator<Item = &Migration> {
        self.migrations.iter().filter(move |m| m.module == module)
    }

    /// Finds a migration.
    #[must_use]
    pub fn find(&self, module: Module, version: Version) -> Option<&Migration> {
        let found = self.migrations.binary_search_by_key(&(version, module), |m| (m.version, m.module));
        found.ok().map(|at| &self.migrations[at])
    }

    /// Returns what a module is at once a migration is rolled back, if it is still installed then.
    #[must_use]
    pub fn previous(&self, migration: &Migration) -> Option<&Migration> {
        self.of(migration.module).rfind(|earlier| earlier.version < migration.version)
    }

    /// Returns the newest version of a module.
    #[must_use]
    pub fn newest(&self, module: Module) -> Option<Version> {
        self.of(module).map(|m| m.version).next_back()
    }

    /// Returns the newest version of a module that is not after `limit`.
    #[must_use]
    pub fn newest_until(&self, module: Module, limit: Version) -> Option<Version> {
        self.of(module).map(|m| m.version).rfind(|&version| version <= limit)
    }

    /// Returns the migrations that a database with this ledger has, module by module up to the recorded version.
    #[must_use]
    pub fn applied(&self, ledger: &Ledger) -> Self {
        let is_applied = |m: &&Migration| ledger.version(m.module).is_some_and(|at| m.version <= at);
        Self::new(self.migrations.iter().filter(is_applied).cloned().collect(), self.withdrawn.clone())
    }

    /// Says whether a version was once shipped and is carried no longer.
    #[must_use]
    pub fn is_withdrawn(&self, module: Module, version: Version) -> bool {
        self.withdrawn.contains(&(module, version))
    }
}

/// `sql/CHECKSUMS`: `<sha-256>  <module>/<version>_<name>.up.sql[ withdrawn]`, the current checksum of a file first.
struct Frozen {
    lines: Vec<(Checksum, String)>,
    withdrawn: Vec<(Module, Version)>,
}

impl Frozen {
    fn parse(text: &str) -> Option<Self> {
        let mut frozen = Self { lines: Vec::new(), withdrawn: Vec::new() };
        for line in text.lines() {
            let (checksum, path) = line.split_once("  ")?;
            let checksum = checksum.parse().ok()?;
            match path.strip_suffix(" withdrawn") {
                Some(path) => {
                    let (module, file) = path.split_once('/')?;
                    let (version, _) = file.split_once('_')?;
                    frozen.withdrawn.push((module.parse().ok()?, version.parse().ok()?));
                }
                None => frozen.lines.push((checksum, path.to_owned())),
            }
        }
        Some(frozen)
    }

    fn accepted(&self, migration: &Migration) -> Vec<Checksum> {
        let path = migration.path(super::migration::Direction::Up);
        self.lines.iter().filter(|(_, line)| *line == path).skip(1).map(|(checksum, _)| *checksum).collect()
    }
}

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::migration::Direction;
    use super::*;

    #[test]
    fn every_file_is_embedded_and_every_up_has_a_down() {
        let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
        let on_disk: BTreeSet<String> = Module::ALL
            .iter()
            .flat_map(|module| std::fs::read_dir(sql.join(module.name())).unwrap())
            .map(|entry| entry.unwrap().path().strip_prefix(&sql).unwrap().to_str().unwrap().to_owned())
            .collect();
        let embedded = Bundle::embedded()
            .migrations()
            .iter()
            .flat_map(|m| {
                let files =
                    [m.path(Direction::Up), m.path(Direction::Down), format!("{}/{}.catalog", m.module, m.version)];
                files.into_iter().chain(m.online.iter().map(|_| m.online_path()))
            })
            .collect::<BTreeSet<_>>();
        assert_eq!(on_disk, embedded);
    }

    #[test]
    fn shipped_scripts_are_frozen() {
        let frozen = Frozen::parse(CHECKSUMS).expect("CHECKSUMS is well-formed");
        for migration in Bundle::embedded().migrations() {
            let path = migration.path(Direction::Up);
            let first = frozen.lines.iter().find(|(_, line)| *line == path).map(|(checksum, _)| *checksum);
            assert_eq!(
                first,
                Some(migration.checksum),
                "{path} is not what was shipped: write a new migration instead"
            );
        }
        for (_, path) in &frozen.lines {
            assert!(
                Bundle::embedded().migrations().iter().any(|m| m.path(Direction::Up) == *path),
                "{path} was shipped: a migration that is carried no longer keeps its line, marked withdrawn"
            );
        }
    }

    #[test]
    fn what_is_built_online_is_an_index_that_the_catalog_defines() {
        for migration in Bundle::embedded().migrations().iter().filter(|migration| migration.online.is_some()) {
            let path = migration.online_path();
            let index = migration.index().unwrap_or_else(|| panic!("{path} builds no index"));
            let definition = migration.index_definition().unwrap_or_else(|| panic!("{index} of {path} is not defined"));
            assert!(definition.contains(&index), "{definition}");
        }
    }

    #[test]
    fn versions_are_unique_within_a_module() {
        let bundle = Bundle::embedded();
        let unique: BTreeSet<_> = bundle.migrations().iter().map(|m| (m.module, m.version)).collect();
        assert_eq!(unique.len(), bundle.migrations().len());
    }

    #[test]
    fn the_newest_until_a_time_and_the_one_before_are_found() {
        let bundle = Bundle::of_november_2026();
        let [first, second, third] = bundle.of(Module::Auth).collect::<Vec<_>>()[..] else {
            panic!("auth has others now")
        };
        let until = |text: &str| bundle.newest_until(Module::Auth, text.parse().unwrap());
        assert_eq!(until("20241222140531"), None);
        assert_eq!(until("20241222140532"), Some(first.version));
        assert_eq!(until("20261121041159"), Some(second.version));
        assert_eq!(until("20261121041200"), Some(third.version));
        assert_eq!([first, second, third].map(|of| bundle.previous(of)), [None, Some(first), Some(second)]);
    }

    #[test]
    fn checksums_have_older_and_withdrawn_lines() {
        let (a, b) = (Checksum::of("a"), Checksum::of("b"));
        let path = Bundle::embedded().migrations()[0].path(Direction::Up);
        let text = format!("{a}  {path}\n{b}  {path}\n{b}  auth/20250101000000_gone.up.sql withdrawn\n");
        let frozen = Frozen::parse(&text).unwrap();
        assert_eq!(frozen.accepted(&Bundle::embedded().migrations()[0]), [b]);
        assert_eq!(frozen.withdrawn, [(Module::Auth, "20250101000000".parse().unwrap())]);
        for broken in ["x  base/20241222140532_uuid7.up.sql", "no", &format!("{a} {path}")] {
            assert!(Frozen::parse(broken).is_none(), "{broken}");
        }
    }
}
