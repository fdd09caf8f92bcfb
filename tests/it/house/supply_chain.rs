//! What is built in: what `cargo deny check licenses bans sources` says, without cargo-deny, and that the README tells of it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::output_of;

const MANIFEST: &str = include_str!("../../../Cargo.toml");
const LOCK: &str = include_str!("../../../Cargo.lock");
const DENY: &str = include_str!("../../../deny.toml");
const README: &str = include_str!("../../../README.md");

/// A section of a text, without its heading.
fn section<'t>(text: &'t str, heading: &str, next: &str) -> &'t str {
    let (_, rest) = text.split_once(heading).unwrap_or_else(|| panic!("there is no {heading:?}"));
    rest.split(next).next().expect("a split has a first part")
}

/// What stands between the first quotes of a line.
fn between(line: &str, quote: char) -> Option<&str> {
    line.split(quote).nth(1)
}

/// The versions of every crate in the lock file, on whichever platform.
fn locked() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut locked: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for package in LOCK.split("[[package]]").skip(1) {
        let value = |key: &str| package.lines().find(|line| line.starts_with(key)).and_then(|line| between(line, '"'));
        let name = value("name =").expect("a package has a name");
        locked.entry(name).or_default().insert(value("version =").expect("a package has a version"));
        let source = value("source =");
        let is_ours = name == env!("CARGO_PKG_NAME") && source.is_none();
        assert!(
            is_ours || source == Some("registry+https://github.com/rust-lang/crates.io-index"),
            "{name}: {source:?}"
        );
    }
    locked
}

#[test]
fn no_crate_is_there_twice_without_a_reason_and_all_are_from_crates_io() {
    let locked = locked();
    let skips = section(DENY, "\nskip = [", "\n]").lines().filter(|line| line.contains("crate ="));
    let skips: Vec<(&str, &str)> = skips
        .map(|line| {
            assert!(line.contains("reason ="), "{line}");
            between(line, '"').and_then(|skip| skip.split_once('@')).expect("a crate and a version")
        })
        .collect();
    let is_skipped = |name: &str, version: &str| {
        skips.iter().any(|(skip, start)| *skip == name && version.starts_with(&format!("{start}.")))
    };
    for (name, versions) in &locked {
        let kept = versions.iter().filter(|version| !is_skipped(name, version)).count();
        assert_eq!(kept, 1, "{name} is there as {versions:?}");
    }
    for (name, _) in skips {
        assert!(locked.get(name).is_some_and(|versions| versions.len() > 1), "deny.toml skips {name} for nothing");
    }
}

/// Says whether a licence in the notation of SPDX, or in cargo's older one, can be met by what is allowed.
fn is_met(licence: &str, allowed: &[&str]) -> bool {
    let licence = licence.replace('/', " OR ");
    // A parenthesis is met or not, whatever stands in it.
    if let Some((before, rest)) = licence.rsplit_once('(') {
        let (inner, after) = rest.split_once(')').expect("a parenthesis is closed");
        let inner = if is_met(inner, allowed) { allowed[0] } else { "none" };
        return is_met(&format!("{before}{inner}{after}"), allowed);
    }
    licence.split(" OR ").any(|all| all.split(" AND ").all(|one| allowed.contains(&one.trim())))
}

#[test]
fn licences_are_read_as_they_are_meant() {
    for (licence, met) in [
        ("MIT", true),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT AND GPL-3.0) OR GPL-2.0", false),
        ("", false),
    ] {
        assert_eq!(is_met(licence, &["MIT", "ISC"]), met, "{licence}");
    }
}

/// What cargo knows of every crate that this tool or its tests are built from.
pub(super) fn packages() -> Vec<Value> {
    let run = |program: &str, args: &[&str]| {
        let output = output_of(Command::new(program).args(args).current_dir(env!("CARGO_MANIFEST_DIR")));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it writes text")
    };
    // Crates for other platforms need not be there.
    let version = run("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc says its host");
    let args = ["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host];
    let mut metadata: Value = serde_json::from_str(&run(env!("CARGO"), &args)).expect("it is JSON");
    let packages = metadata["packages"].as_array_mut().map(std::mem::take).expect("there are packages");
    assert!(packages.len() > 50, "{} packages", packages.len());
    packages
}

#[test]
fn every_licence_is_allowed() {
    let allowed: Vec<&str> =
        section(DENY, "\nallow = [", "\n]").lines().filter_map(|line| between(line, '"')).collect();
    for package in packages() {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_met(licence, &allowed), "{} is under {licence:?}", package["name"]);
    }
}

#[test]
fn the_readme_says_what_each_direct_dependency_is_for() {
    let lines = section(MANIFEST, "\n[dependencies]\n", "\n[").lines();
    let dependencies: Vec<&str> = lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    let table = section(README, "\n## What it is built from\n", "\n## ").lines().filter(|line| line.starts_with("| `"));
    let told: Vec<&str> = table.filter_map(|line| between(line, '`')).collect();
    assert!(dependencies.len() > 20, "{dependencies:?}");
    assert_eq!(told, dependencies);
}
