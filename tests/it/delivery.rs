//! What is handed out, and the files that show how to use it: tried, as far as one machine can.
//!
//! `scripts/package --quick` has made it, and `PEVENSIE_PG_TEST_DIST` is the folder where it is.

mod binary;
mod examples;
mod image;
mod linters;
mod packages;
mod workflows;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Folder, output_of, setting};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A file of the repository.
fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file that `scripts/package` has made.
fn made(name: &str) -> PathBuf {
    Path::new(&setting("PEVENSIE_PG_TEST_DIST")).join(name)
}

/// The name of the static binary, which the tarball's begins with.
fn static_name() -> String {
    format!("pevensie-pg-{VERSION}-{}-linux", std::env::consts::ARCH)
}

/// Copies a file to a place below a folder.
fn place(root: &Path, file: &Path, to: &str) {
    let to = root.join(to.trim_start_matches('/'));
    fs::create_dir_all(to.parent().expect("a file is in a folder")).expect("the folder is ours");
    fs::copy(file, &to).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

/// Runs a command to a good end and returns what it printed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = output_of(command);
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    stdout
}

/// The documents of a YAML file.
fn yaml(path: &Path) -> Vec<Value> {
    let read = "import json, sys, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), sys.stdout)";
    let json = run(Command::new(python("python")).args(["-c", read]).arg(path));
    serde_json::from_str(&json).expect("it is JSON")
}

/// A program that `scripts/tools` has from Python's index.
fn python(program: &str) -> PathBuf {
    Path::new(&setting("PEVENSIE_PG_TEST_PYTHON")).join(program)
}

/// A root folder that holds the static binary and nothing else.
fn empty_root() -> Folder {
    let root = Folder::new();
    place(root.path(), &made(&static_name()), "pevensie-pg");
    root
}
