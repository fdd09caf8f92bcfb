//! The rules of the house that a compiler does not keep.

mod pages;
mod supply_chain;
mod toolchain;

use std::path::{Path, PathBuf};

use crate::support::files_below;

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    files(&format!("src/{folder}"))
}

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let found = files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert!(!found.is_empty(), "{folder} has files");
    found.into_iter().map(|(path, text)| (Path::new(folder).join(path), text)).collect()
}

/// The part of a file that is shipped: what comes before its tests.
fn shipped(text: &str) -> &str {
    text.split("#[cfg(test)]").next().expect("a split has a first part")
}

#[test]
fn the_pure_folders_touch_nothing() {
    let world =
        ["tokio", "std::env", "std::fs", "std::io", "std::net", "std::process", "println!", "SystemTime", "Instant"];
    for folder in ["migration", "schema", "export", "render"] {
        for (path, text) in sources(folder) {
            for word in world {
                assert!(!shipped(&text).contains(word), "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn imports_run_one_way() {
    for (folder, forbidden) in [
        ("migration", &["cli", "library", "explain", "pg", "export", "render", "schema"][..]),
        ("schema", &["cli", "library", "explain", "pg", "export", "render"]),
        ("export", &["cli", "library", "explain", "pg", "render"]),
        ("render", &["cli", "library", "explain", "pg", "export"]),
        ("pg", &["cli", "library", "explain", "export", "render"]),
        ("explain", &["cli", "library", "export"]),
        ("library", &["cli"]),
        ("cli", &["library"]),
    ] {
        for (path, text) in sources(folder) {
            for other in forbidden {
                assert!(!text.contains(&format!("crate::{other}")), "{} imports {other}", path.display());
            }
        }
    }
}

/// The shipped part of a file without the examples of its documentation, which print.
fn code(text: &str) -> String {
    shipped(text).split("```").step_by(2).collect()
}

#[test]
fn only_the_command_line_prints_and_knows_clap() {
    for (path, text) in sources("") {
        let in_cli = path.components().any(|part| part.as_os_str() == "cli");
        let is_ui = path.ends_with("cli/ui.rs");
        assert!(in_cli || !text.contains("clap"), "{} knows clap", path.display());
        // `print!` and `println!` are the ends of `eprint!` and `eprintln!`, too.
        for printer in ["io::std", "print!", "println!"] {
            assert!(is_ui || !code(&text).contains(printer), "{} prints by itself: {printer}", path.display());
        }
    }
}

/// What is sent to a server has to be there in its encoding, whichever that is.
#[test]
fn everything_under_sql_is_ascii_in_unix_lines() {
    for (path, text) in files("sql") {
        let plain = text.is_ascii() && !text.contains(['\r', '\t', '\0']) && text.ends_with('\n');
        assert!(plain, "{}", path.display());
    }
}
