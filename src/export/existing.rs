//! What a folder has already that is exported to.

use super::Numbers;
use super::item::{Part, title};
use crate::migration::bundle::Bundle;
use crate::migration::migration::Migration;
use crate::migration::module::Level;

/// The names of a folder's files, with those in the folders within it.
#[derive(Clone, Debug, Default)]
pub struct Existing(pub Vec<String>);

impl Existing {
    /// Says whether a migration is to be applied online: as it was exported before, and otherwise wherever its module is
    /// in use by then, because it was exported before or is said to be installed.
    #[must_use]
    pub fn is_online(&self, bundle: &Bundle, installed: &[Level], migration: &Migration) -> bool {
        let is_in_use =
            || is_said(installed, migration) || bundle.of(migration.module).any(|other| self.has(other, Part::Whole));
        migration.online.is_some()
            && (self.has(migration, Part::Record) || !self.has(migration, Part::Whole) && is_in_use())
    }

    /// Says whether a file from before builds an index in a transaction, although its module is said to be in use.
    #[must_use]
    pub fn is_blocking(&self, installed: &[Level], migration: &Migration) -> bool {
        migration.online.is_some()
            && is_said(installed, migration)
            && self.has(migration, Part::Whole)
            && !self.has(migration, Part::Record)
    }

    /// Says whether there is a file for a migration, or for a part of it.
    fn has(&self, migration: &Migration, part: Part) -> bool {
        let title = title(migration, part);
        let is_it = |name: &String| {
            name.split_once(&title).is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(['.', '/']))
        };
        self.0.iter().any(is_it)
    }

    /// Reads the numbers of the files. New ones are numbered from `first`, or else from the highest on.
    #[must_use]
    pub fn numbers(&self, first: Option<u64>) -> Numbers {
        Numbers::of(self.0.iter().map(String::as_str), first)
    }
}

fn is_said(installed: &[Level], migration: &Migration) -> bool {
    installed.iter().any(|(module, version)| *module == migration.module && version.is_some())
}

#[cfg(test)]
mod tests {
    use super::super::tests::FIRST;
    use super::*;
    use crate::migration::module::Module;

    #[test]
    fn an_index_is_built_online_where_its_module_is_in_use() {
        let bundle = Bundle::of_november_2026();
        let [table, index, last] = bundle.of(Module::Auth).collect::<Vec<_>>()[..] else {
            panic!("auth has others now")
        };
        let nothing = vec![(Module::Auth, None)];
        let first = vec![(Module::Auth, FIRST.parse().ok())];
        let users = "20241222140533_pevensie_auth_users_sessions_tokens.sql";
        let whole = "V1__pevensie_auth_session_user_id_idx.sql.conf";
        let folder = "2026-11-21-041101_pevensie_auth_session_user_id_idx/up.sql";
        let record = "deploy/pevensie_auth_session_user_id_idx_record.sql";
        for (names, installed, expected) in [
            (&[][..], &nothing, false),
            (&[][..], &first, true),
            (&[users][..], &nothing, true),
            (&["20200101000000_other_pevensie.sql"][..], &nothing, false),
            // As it was before, whatever is said now.
            (&[users, whole][..], &first, false),
            (&[users, folder][..], &first, false),
            (&[users, whole, record][..], &nothing, true),
            (&[record][..], &nothing, true),
        ] {
            let existing = Existing(names.iter().map(|&name| name.to_owned()).collect());
            assert_eq!(existing.is_online(&bundle, installed, index), expected, "{names:?} {installed:?}");
            let is_blocking = *installed == first && !expected;
            assert_eq!(existing.is_blocking(installed, index), is_blocking, "{names:?} {installed:?}");
            let is_in_use = *installed != nothing || names.iter().any(|name| name.contains("_pevensie_auth"));
            assert_eq!(existing.is_online(&bundle, installed, last), is_in_use, "{names:?} {installed:?}");
        }
        assert!(!Existing::default().is_online(&bundle, &first, table));
    }

    #[test]
    fn its_files_are_numbered() {
        let existing = Existing(vec!["003_mine.sql".to_owned()]);
        assert_eq!(existing.numbers(None), Numbers::of(["003_mine.sql"], None));
        assert_eq!(existing.numbers(Some(9)), Numbers::of(["003_mine.sql"], Some(9)));
    }
}
