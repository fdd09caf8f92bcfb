//! Elixir runs every exported file; in the place of Ecto, something prints what is executed.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::exports::rules::{CASES, Case, Files, Half, Unit, check, number_and_title};
use crate::support::{Folder, output_of, setting};

/// Each file with what its two halves send.
fn run(paths: &[String]) -> BTreeMap<String, [Half; 2]> {
    let output = output_of(
        Command::new(setting("PEVENSIE_PG_TEST_ELIXIR"))
            .env("LC_ALL", "C.UTF-8")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/exports/tools/ecto.exs"))
            .args(paths),
    );
    let words = String::from_utf8(output.stdout).expect("it prints ASCII");
    assert!(output.status.success(), "{words}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "the compiler has nothing to say");
    let mut files = BTreeMap::new();
    for file in words.split("file ").skip(1) {
        let (path, halves) = file.split_once('\n').expect("a line ends");
        let (up, down) = halves.split_once("down ").expect("both halves were run");
        files.insert(path.to_owned(), [up.strip_prefix("up ").expect("up comes first"), down].map(half));
    }
    files
}

fn half(words: &str) -> Half {
    let (is_outside, sent) = words.split_once('\n').expect("a line ends");
    let text = |line: &str| {
        let bytes = hex::decode(line.strip_prefix("sent ").expect("it was sent")).expect("it is hexadecimal");
        String::from_utf8(bytes).expect("it is text")
    };
    Half::each(&sent.lines().map(text).collect::<Vec<_>>(), is_outside == "true")
}

fn exported(case: &Case, folder: &Folder) -> Vec<String> {
    let below = folder.path().join(case.name);
    fs::create_dir(&below).expect("the folder is new");
    let write = |(path, text): (String, String)| {
        let path = below.join(path);
        fs::write(&path, text).expect("the folder is writable");
        path.display().to_string()
    };
    case.files("ecto").into_iter().map(write).collect()
}

#[test]
fn elixir_sends_the_statements() {
    let folder = Folder::new();
    let paths: Vec<String> = CASES.iter().flat_map(|case| exported(case, &folder)).collect();
    let sent = run(&paths);
    assert_eq!(sent.len(), paths.len());
    let unit = |case: &str, path: &str| {
        let [up, down] = sent[&folder.path().join(case).join(path).display().to_string()].clone();
        let (number, title) = number_and_title(path);
        Unit { number, title, up, down: Some(down) }
    };
    let read = |case: &Case, files: &Files| files.iter().map(|(path, _)| unit(case.name, path)).collect();
    check("ecto", read, |_, unit| unit);
}
