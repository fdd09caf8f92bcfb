//! The packages: what is in them, and that it works from where they put it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{VERSION, made, ours, run, static_name};
use crate::support::{Folder, in_root, is_root, output_of};

fn debian_package() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => panic!("Debian's name for {other} is not known here"),
    };
    made(&format!("pevensie-pg_{VERSION}-1_{architecture}.deb")).display().to_string()
}

/// The files that git has, or would take, below some paths.
fn tracked(paths: &[&str]) -> BTreeSet<String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "--"]).args(paths).current_dir(ours(""));
    run(&mut git).lines().map(str::to_owned).collect()
}

/// The files of a listing by tar, without folders, sorted. The pages of `docs` have to be there, and are left out.
fn listed(listing: &str, docs: &str) -> String {
    let files: BTreeSet<&str> = listing.lines().filter(|line| !line.ends_with('/')).collect();
    let (pages, others): (BTreeSet<&str>, BTreeSet<&str>) = files.into_iter().partition(|file| file.starts_with(docs));
    let expected = tracked(&["docs"]);
    assert!(expected.contains("docs/containers.md"), "{expected:?}");
    let expected: BTreeSet<String> =
        expected.iter().map(|file| docs.to_owned() + file.trim_start_matches("docs/")).collect();
    assert_eq!(pages, expected.iter().map(String::as_str).collect());
    others.into_iter().collect::<Vec<_>>().join("\n")
}

#[test]
fn the_tarball_holds_the_binary_and_what_belongs_to_it() {
    let (name, folder) = (static_name(), Folder::new());
    let tarball = made(&format!("{name}.tar.gz"));
    let listing = run(Command::new("tar").arg("--list").arg("--file").arg(&tarball));
    let listing = listed(&listing, &format!("{name}/docs/"));
    insta::assert_snapshot!("tarball", listing.replace(&name, "[name]"));
    run(Command::new("tar").arg("--extract").arg("--file").arg(&tarball).current_dir(folder.path()));
    let unpacked = folder.path().join(&name);
    let same = |one: &Path, other: &Path| {
        let read = |path: &Path| fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(read(one) == read(other), "{}", one.display());
    };
    same(&unpacked.join("pevensie-pg"), &made(&name));
    same(&unpacked.join("man1/pevensie-pg.1"), &ours("completions/man1/pevensie-pg.1"));
}

#[test]
fn the_sums_are_right() {
    let folder = made("");
    let sums: Vec<_> = fs::read_dir(&folder)
        .expect("scripts/package has made it")
        .map(|entry| entry.expect("it can be read").file_name().into_string().expect("names are ASCII"))
        .filter(|name| name.ends_with(".sha256"))
        .collect();
    assert_eq!(sums.len(), 3, "{sums:?}");
    run(Command::new("sha256sum").arg("--check").args(&sums).current_dir(&folder));
}

/// Every crate that is linked in is named, with a text of its licence.
#[test]
fn the_licences_of_others_are_there() {
    let name = static_name();
    let texts = run(Command::new("tar")
        .args(["--extract", "--to-stdout", "--file"])
        .arg(made(&format!("{name}.tar.gz")))
        .arg(format!("{name}/THIRD-PARTY-LICENSES")));
    let manifest = fs::read_to_string(ours("Cargo.toml")).expect("it is there");
    let dependencies = manifest.split("\n[dependencies]\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let of_tool = |line: &&str| !line.contains("optional = true");
    for line in dependencies.expect("there are dependencies").lines().filter(of_tool) {
        let (krate, _) = line.split_once(" = ").expect("a line is a dependency");
        let entry = texts.split("\n=== ").find(|entry| entry.starts_with(&format!("{krate} v")));
        let entry = entry.unwrap_or_else(|| panic!("{krate} is not named"));
        assert!(entry.contains("\n--- "), "{entry}");
    }
    assert!(texts.contains("\n=== musl: MIT\n"), "the C library is named");
}

/// dpkg on an empty system of its own.
fn dpkg(root: &Path) -> Command {
    let mut command = Command::new("env");
    command.args(if is_root() { &[][..] } else { &["unshare", "--map-root-user"] });
    command.args(["dpkg", "--force-script-chrootless", "--log=/dev/null", "--root"]).arg(root);
    command
}

#[test]
fn the_debian_package_installs_and_goes() {
    let package = debian_package();
    let field = |name: &str| run(Command::new("dpkg-deb").args(["--field", &package, name])).trim().to_owned();
    assert_eq!(field("Package"), "pevensie-pg");
    assert_eq!(field("Depends"), "");

    let folder = Folder::new();
    for place in ["info", "updates", "triggers"] {
        fs::create_dir_all(folder.path().join("var/lib/dpkg").join(place)).expect("the folder is ours");
    }
    fs::write(folder.path().join("var/lib/dpkg/status"), "").expect("the folder is ours");
    run(dpkg(folder.path()).args(["--install", &package]));
    let files = run(dpkg(folder.path()).args(["--listfiles", "pevensie-pg"]));
    let is_file = |path: &&str| folder.path().join(path.trim_start_matches('/')).is_file();
    let files: Vec<&str> = files.lines().filter(is_file).collect();
    insta::assert_snapshot!("debian_package", listed(&files.join("\n"), "/usr/share/doc/pevensie-pg/docs/"));
    run(dpkg(folder.path()).args(["--verify", "pevensie-pg"]));

    let version = in_root(folder.path(), "/usr/bin/pevensie-pg", &["--version"]).run().ok().stdout;
    assert_eq!(version, format!("pevensie-pg {VERSION}\n"));
    let manual = folder.path().join("usr/share/man");
    for page in ["pevensie-pg", "pevensie-pg-migrate"] {
        let text = run(Command::new("man").arg("--manpath").arg(&manual).arg(page).env("MANPAGER", "cat"));
        assert!(text.contains("SYNOPSIS"), "{text}");
    }

    run(dpkg(folder.path()).args(["--purge", "pevensie-pg"]));
    assert!(!folder.path().join("usr/bin/pevensie-pg").exists());
    assert!(!folder.path().join("usr/share/doc/pevensie-pg").exists());
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.arg("package").args(arguments).args(["--locked", "--offline", "--allow-dirty"]).current_dir(ours(""));
    // Not where the binary is that other tests run.
    command.env("CARGO_TARGET_DIR", made("../crate"));
    command
}

#[test]
fn the_crate_holds_what_it_is_built_and_understood_from() {
    let parts = ["src", "sql", "benches", "completions", "docs", "examples", "README.md", "CHANGELOG.md", "LICENSE-*"];
    let by_cargo = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig"];
    let tracked = tracked(&parts);
    let expected: BTreeSet<&str> = tracked.iter().map(String::as_str).chain(by_cargo).collect();
    assert!(expected.contains("sql/CHECKSUMS") && expected.contains("src/main.rs"), "{expected:?}");
    let list = run(&mut cargo(&["--list"]));
    assert_eq!(list.lines().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_crate_builds_by_itself() {
    let output = output_of(&mut cargo(&[]));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    assert!(words.contains("Verifying pevensie-pg"), "{words}");
    let warnings: Vec<&str> = words.lines().filter(|line| line.starts_with("warning")).collect();
    let tests = "warning: ignoring test `it` as `tests/it/main.rs` is not included in the published package";
    assert_eq!(warnings, [tests], "{words}");
}
