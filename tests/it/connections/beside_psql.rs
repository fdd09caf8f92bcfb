//! Runs psql and the binary with the same address in the same surroundings.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::TLS;
use crate::support::{Folder, pevensie_pg, psql_at};

/// Asserts that both get in as `role|database|t`, the last being whether it is encrypted, or that neither does and
/// that ours says `expected`.
#[track_caller]
pub(super) fn assert_like_psql(address: &str, variables: &[(&str, &str)], expected: &str) {
    let said = assert_ours(address, variables, expected);
    let psql = variables.iter().fold(psql_at(address), |run, (name, value)| run.env(name, value)).run();
    let alike = if expected.ends_with(['t', 'f']) && expected.contains('|') {
        psql.stdout.trim() == expected
    } else {
        psql.code != 0
    };
    assert!(alike, "{address} {variables:?}: psql says\n{}{}and we say\n{said}", psql.stdout, psql.stderr);
}

/// Asserts what ours does, where the psql of this machine is too old or can do more; returns what it says.
#[track_caller]
pub(super) fn assert_ours(address: &str, variables: &[(&str, &str)], expected: &str) -> String {
    let run = pevensie_pg(&["status", "--json", "-v", "--addr", address]);
    let output = variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run();
    assert!(!output.stderr.contains("horse") && !output.stdout.contains("horse"), "{}", output.snapshot());
    let found = if output.code == 0 {
        let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("one document");
        let field = |name: &str| json["database"][name].as_str().expect("it is there").to_owned();
        let encrypted = if output.stderr.contains(TLS) { "t" } else { "f" };
        format!("{}|{}|{encrypted}", field("role"), field("name"))
    } else {
        String::new()
    };
    let as_expected = found == expected || (found.is_empty() && output.stderr.contains(expected));
    assert!(as_expected, "{address} {variables:?}: no {expected:?} in {found:?} and\n{}", output.stderr);
    output.stderr
}

/// Copies a file into a folder for those only whom the mode admits.
pub(super) fn copy(file: &str, folder: &Folder, name: &str, mode: u32) -> String {
    let copy = folder.path().join(name);
    fs::create_dir_all(copy.parent().expect("it is in the folder")).expect("the temporary folder is writable");
    fs::copy(file, &copy).expect("both are there");
    allow(&copy, mode)
}

pub(super) fn allow(path: &Path, mode: u32) -> String {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    path.to_str().expect("its name is text").to_owned()
}
