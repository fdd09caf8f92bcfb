//! What our own scripts would never hold, but every format has to carry: the files of `tests/hostile`, which the real tools
//! apply. Written anew by `UPDATE_HOSTILE=1 cargo test --lib hostile`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::checksum::Checksum;
use crate::migration::ledger::Ledger;
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::wish::{Target, Wish};

const VERSIONS: [&str; 2] = ["20250101000000", "20250102000000"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

fn bundle() -> Bundle {
    let read = |name: String| fs::read_to_string(folder().join(name)).unwrap();
    let migration = |(nth, version): (usize, &&str)| {
        let up = read(format!("{}.up.sql", nth + 1));
        Migration {
            module: Module::Base,
            version: version.parse().unwrap(),
            name: Cow::Owned(format!("hostile_{}", nth + 1)),
            checksum: Checksum::of(&up),
            up: Cow::Owned(up),
            online: None,
            down: Cow::Owned(read(format!("{}.down.sql", nth + 1))),
            catalog: Cow::Borrowed(""),
            accepted: Vec::new(),
        }
    };
    Bundle::new(VERSIONS.iter().enumerate().map(migration).collect(), Vec::new())
}

/// Every file of every format, by its path.
fn exported() -> BTreeMap<PathBuf, String> {
    let bundle = bundle();
    let plan = Wish::Migrate(vec![(Module::Base, Target::Newest)]).plan(&bundle, &Ledger::Absent).unwrap();
    let items = Item::of(&plan, &bundle);
    let mut exported = BTreeMap::new();
    for format in FORMATS {
        let files = match &format.shape {
            Shape::Script { write, .. } => {
                // The text of these names the version of this tool.
                let text = write(&plan, &[(Module::Base, None)]).replace(env!("CARGO_PKG_VERSION"), "0");
                vec![File::new("script.sql".to_owned(), text)]
            }
            Shape::Files(files) => (files.write)(&items, &Numbers::of([], None)),
        };
        exported.extend(files.into_iter().map(|file| (Path::new(format.name).join(file.path), file.text)));
    }
    exported
}

fn checked_in(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    // A format that is new has no folder yet.
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            checked_in(&path, found);
        } else {
            found.insert(path.clone(), fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn the_hostile_files_are_what_is_exported() {
    let exported = exported();
    if env::var_os("UPDATE_HOSTILE").is_some() {
        for format in FORMATS {
            let _ = fs::remove_dir_all(folder().join(format.name));
        }
        for (path, text) in &exported {
            let path = folder().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let mut found = BTreeMap::new();
    for format in FORMATS {
        checked_in(&folder().join(format.name), &mut found);
    }
    let found: BTreeMap<&Path, &String> =
        found.iter().map(|(path, text)| (path.strip_prefix(folder()).unwrap(), text)).collect();
    let exported: BTreeMap<&Path, &String> = exported.iter().map(|(path, text)| (path.as_path(), text)).collect();
    assert!(found == exported, "run UPDATE_HOSTILE=1 cargo test --lib hostile, and look at the difference");
}
