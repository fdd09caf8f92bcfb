//! The migrations that the crate carries, for whoever wants to look at them or to run them otherwise.

use std::fmt;
use std::sync::LazyLock;

use crate::export;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::migration::Migration as Carried;
use crate::migration::module::Module;
use crate::migration::version::Version;
use crate::migration::wish::{Target, Wish};

static BUNDLE: LazyLock<Bundle> = LazyLock::new(Bundle::embedded);

pub(super) fn bundle() -> &'static Bundle {
    &BUNDLE
}

/// One migration of one module, as this crate carries it.
///
/// What is carried never changes: a change of the schema is a new migration with a newer version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Migration(&'static Carried);

impl Migration {
    /// Finds the one that a plan speaks of.
    #[cfg(feature = "deadpool")]
    pub(super) fn of(carried: &Carried) -> Option<Self> {
        bundle().find(carried.module, carried.version).map(Self)
    }

    /// Returns the module that it belongs to.
    #[must_use]
    pub fn module(self) -> Module {
        self.0.module
    }

    /// Returns its version, which no other migration of its module has.
    #[must_use]
    pub fn version(self) -> Version {
        self.0.version
    }

    /// Returns what it is about, in `snake_case`.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// Returns the SQL that applies it, without the statements that record it.
    #[must_use]
    pub fn up(self) -> &'static str {
        &self.0.up
    }

    /// Returns the SQL that rolls it back, without the statements that record that.
    #[must_use]
    pub fn down(self) -> &'static str {
        &self.0.down
    }

    /// Returns the SHA-256 (FIPS 180-4) of [`Migration::up`], as 64 lower-case hex digits: what the ledger records.
    #[must_use]
    pub fn checksum(self) -> String {
        self.0.checksum.to_string()
    }
}

impl fmt::Display for Migration {
    /// Writes module, version and name: `cache 20241222140532 cache`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.0.module, self.0.version, self.0.name)
    }
}

impl fmt::Debug for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Migration({self})")
    }
}

/// Returns every migration that this crate carries, in the order of installation.
///
/// ```
/// for migration in pevensie_pg::migrations() {
///     println!("{migration}: {}", migration.checksum());
/// }
/// # assert!(pevensie_pg::migrations().all(|migration| migration.checksum().len() == 64));
/// ```
pub fn migrations() -> impl Iterator<Item = Migration> {
    bundle().migrations().iter().map(Migration)
}

/// Writes the statements that install the newest version of these modules, and of `base` with them, in an empty database;
/// nothing for no module. It asks no database.
///
/// They record what they do in the ledger, so that whoever looks at the database knows of it, and have no `BEGIN` and
/// `COMMIT`: run them in one transaction. It is what `pevensie-pg print` prints.
///
/// ```
/// use pevensie_pg::Module;
///
/// let sql = pevensie_pg::sql([Module::Cache]);
/// assert!(sql.contains("create unlogged table pevensie.cache"));
/// ```
///
/// # Panics
/// Never: there is a way from nothing to the newest version of everything, as the tests of this crate show.
pub fn sql(modules: impl IntoIterator<Item = Module>) -> String {
    let mut targets: Vec<(Module, Target)> = modules.into_iter().map(|module| (module, Target::Newest)).collect();
    targets.sort_by_key(|(module, _)| *module);
    targets.dedup();
    let wish = Wish::Migrate(targets);
    let plan = wish.plan(bundle(), &Ledger::Absent).expect("everything has a way from nothing to its newest version");
    export::sql::write(&plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_known_by_its_name() {
        let first = migrations().next().map(|migration| (format!("{migration}"), format!("{migration:?}")));
        let (shown, inspected) = ("base 20241222140532 uuid7", "Migration(base 20241222140532 uuid7)");
        assert_eq!(first, Some((shown.to_owned(), inspected.to_owned())));
    }
}
