//! What holds for every migration: what a tool reads in its file is what was exported, byte for byte.

mod readers;

pub(crate) use readers::{READERS, Reader};

use std::borrow::Cow;
use std::sync::LazyLock;

use super::item::pieces;
use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::checksum::Checksum;
use crate::migration::ledger::Ledger;
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::statements::properties::Stretch;
use crate::migration::statements::{Token, tokens};
use crate::migration::wish::{Target, Wish};

/// Checks some formats with migrations of which the second builds an index, online.
pub(crate) fn check_formats(up: &[Stretch], down: &[Stretch], readers: &[(&str, Reader)]) {
    let (up, _) = Stretch::script(up);
    let (down, _) = Stretch::script(down);
    let bundle = bundle(&up, &down);
    let plan = Wish::Migrate(vec![(Module::Base, Target::Newest)]).plan(&bundle, &Ledger::Absent);
    let plan = plan.expect("there is nothing to object to").online_where(|migration| migration.online.is_some());
    for item in Item::of(&plan, &bundle) {
        assert!(item.is_outside() || item.part == item::Part::Record || item.up.contains(&up));
        for (name, read) in readers {
            let format = FORMATS.iter().find(|format| format.name == *name).expect("it is listed");
            let Shape::Files(files) = &format.shape else { panic!("{name} has files") };
            let written = (files.write)(std::slice::from_ref(&item), &Numbers::default());
            read(&item, &written);
        }
    }
    for format in FORMATS {
        if let Shape::Script { write, .. } = format.shape {
            let script = write(&plan, &[(Module::Base, None)]);
            assert!(script.contains(&up), "{}: {script}", format.name);
        }
    }
}

fn bundle(up: &str, down: &str) -> Bundle {
    let migration = |version: &str, name: &'static str, up: String, online: Option<String>| Migration {
        module: Module::Base,
        version: version.parse().expect("it is a date"),
        name: Cow::Borrowed(name),
        checksum: Checksum::of(&up),
        up: Cow::Owned(up),
        online: online.map(Cow::Owned),
        down: Cow::Owned(down.to_owned()),
        catalog: Cow::Borrowed("index | t.i | CREATE INDEX i ON pevensie.t USING btree (a)\n"),
        accepted: Vec::new(),
    };
    let index = |how: &str| format!("create index {how}i on pevensie.t (a) where a <> {};\n", first_quoted(up));
    let whole = migration("20250101000000", "whole", up.to_owned(), None);
    let built = migration("20250102000000", "built", index(""), Some(index("concurrently ")));
    Bundle::new(vec![whole, built], Vec::new())
}

fn first_quoted(sql: &str) -> &str {
    let quoted = tokens(sql).into_iter().find(|(token, _)| *token == Token::Quoted);
    quoted.map_or("''", |(_, range)| &sql[range])
}

/// Checks that the pieces of a text lose nothing that matters, whatever it is.
pub(crate) fn check_pieces(sql: &str) {
    let bare = |sql: &str| -> String {
        let kept = |(token, range): (Token, std::ops::Range<usize>)| {
            Some(&sql[range]).filter(|text| token != Token::Comment && *text != ";" && !text.trim().is_empty())
        };
        tokens(sql).into_iter().filter_map(kept).collect()
    };
    // A text without an end has lost its last blanks.
    assert_eq!(pieces(sql).into_iter().map(bare).collect::<String>(), bare(sql.trim_end()), "{sql:?}");
}

static BUNDLE: LazyLock<Bundle> = LazyLock::new(Bundle::embedded);

/// The plan of Sqitch.
static LIST: LazyLock<File> = LazyLock::new(|| {
    let Shape::Files(files) = &sqitch::FORMAT.shape else { panic!("it has files") };
    let files = (files.write)(&everything(), &Numbers::default());
    files.into_iter().find(|file| file.is_list).expect("there is a list")
});

fn everything() -> Vec<Item<'static>> {
    let wish = Wish::Migrate(Module::ALL.map(|module| (module, Target::Newest)).to_vec());
    Item::of(&wish.plan(&BUNDLE, &Ledger::Absent).expect("there is nothing to object to"), &BUNDLE)
}

/// Checks that new files get numbers of their own, whatever is in the folder.
pub(crate) fn check_numbers(names: &[&str], first: Option<u64>) {
    let items = everything();
    let numbers = Numbers::of(names.iter().copied(), first);
    let numbered = numbers.number(&items);
    assert_eq!(numbered.len(), items.len());
    if numbers.clash(&items).is_none() {
        let is_there = |item: &Item<'_>| names.iter().any(|name| name.contains(&item.title()));
        let new: Vec<u64> = numbered.iter().filter(|(_, item)| !is_there(item)).map(|(number, _)| *number).collect();
        assert!(new.windows(2).all(|two| two[0] < two[1]), "{names:?} {first:?} {new:?}");
    }
    let existing = Existing(names.iter().map(|&name| name.to_owned()).collect());
    for migration in BUNDLE.migrations() {
        let is_online = existing.is_online(&BUNDLE, &[(migration.module, None)], migration);
        assert!(!is_online || migration.online.is_some());
    }
}

/// Checks that a list keeps every line that others wrote, and takes no line of ours twice.
pub(crate) fn check_merged(existing: &str) {
    let list = &*LIST;
    let merged = list.merged(existing);
    assert!(merged.starts_with(existing), "{existing:?}");
    assert_eq!(list.merged(&merged), merged, "{existing:?}");
    let count =
        |word: &str, text: &str| text.lines().filter(|line| line.split_whitespace().next() == Some(word)).count();
    for word in
        list.text.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| !word.starts_with('%'))
    {
        assert_eq!(count(word, &merged), count(word, existing).max(1), "{word} {existing:?}");
    }
    // Sqitch reads no plan without its first lines.
    assert!(!existing.trim().is_empty() || merged.contains("%project="), "{existing:?}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::migration::statements::properties::tests::any_stretches;

    fn any_name() -> impl Strategy<Value = String> {
        prop_oneof![
            "V?[0-9]{1,3}[_-]{0,2}[a-z]{0,4}\\.sql",
            "V?[0-9]{17,21}_x\\.sql",
            "(18446744073709551615|18446744073709551614)_x\\.sql",
            "V?[0-9]{1,2}_pevensie_(base_uuid7|cache_cache|auth_session_user_id_idx(_record)?)\\.sql",
            "\\PC{0,8}",
        ]
    }

    fn any_line() -> impl Strategy<Value = String> {
        prop_oneof![
            "%[a-z]{1,4}=x\n",
            "(my_change|pevensie_base_uuid7|pevensie_auth_users_sessions_tokens) [a-z ]{0,5}(\r?\n)?",
            "\\PC{0,8}\n?",
            "\n",
        ]
    }

    #[test]
    fn every_format_that_has_files_has_a_reader() {
        let has_files = |format: &&&Format| matches!(format.shape, Shape::Files(_));
        let mut formats: Vec<&str> = FORMATS.iter().filter(has_files).map(|format| format.name).collect();
        let mut read: Vec<&str> = READERS.iter().map(|(name, _)| *name).collect();
        formats.sort_unstable();
        read.sort_unstable();
        assert_eq!(read, formats, "READERS in src/export/properties/readers.rs has no other");
    }

    proptest! {
        #[test]
        fn every_tool_reads_what_was_exported(up in any_stretches(), down in any_stretches()) {
            check_formats(&up, &down, &READERS);
        }

        #[test]
        fn pieces_lose_nothing(stretches in any_stretches(), text in "[a'\"$;\\- \n\u{3000}é]{0,16}") {
            check_pieces(&Stretch::script(&stretches).0);
            check_pieces(&text);
        }

        #[test]
        fn numbers_are_never_given_twice(
            names in prop::collection::vec(any_name(), 0..4),
            first in prop::option::of(prop_oneof![0..20_u64, (u64::MAX - 9)..=u64::MAX]),
        ) {
            check_numbers(&names.iter().map(String::as_str).collect::<Vec<_>>(), first);
        }

        #[test]
        fn a_list_keeps_what_is_there(lines in prop::collection::vec(any_line(), 0..6)) {
            check_merged(&lines.concat());
        }
    }
}
