//! Which Rust it takes, said once: to build the tool in the manifest, to test it in the lock file, and the one that checks and
//! releases it in the Dockerfile. No file chooses one for everybody: any that is new enough will do.

use super::supply_chain::packages;

const DOCKERFILE: &str = include_str!("../../../Dockerfile");
const README: &str = include_str!("../../../README.md");
const WORKFLOWS: [&str; 2] =
    [include_str!("../../../.github/workflows/ci.yml"), include_str!("../../../.github/workflows/release.yml")];

fn number(version: &str) -> Vec<u32> {
    version.split('.').map(|n| n.parse().unwrap_or_else(|_| panic!("{version} is no version"))).collect()
}

/// What stands behind each of these words, up to a blank or a dash.
fn behind<'t>(text: &'t str, words: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(words).skip(1).filter_map(|rest| rest.split(|c: char| c.is_whitespace() || "-,`".contains(c)).next())
}

/// The version that the image is built with.
fn builder() -> &'static str {
    behind(DOCKERFILE, "FROM rust:").next().expect("it is built by Rust's image")
}

#[test]
fn the_workflows_use_the_version_of_the_dockerfile() {
    for workflow in WORKFLOWS {
        let named: Vec<&str> = behind(workflow, "RUSTUP_TOOLCHAIN: ").collect();
        assert_eq!(named, [builder()]);
        assert!(!workflow.contains("toolchain install 1."), "RUSTUP_TOOLCHAIN says which");
    }
}

#[test]
fn the_readme_says_what_the_tool_and_its_tests_want() {
    let versions = packages().into_iter().filter_map(|package| package["rust_version"].as_str().map(number));
    let tests = versions.max().expect("some crates say so");
    let tool = number(env!("CARGO_PKG_RUST_VERSION"));
    let told: Vec<Vec<u32>> = behind(README, "Rust ").filter(|word| word.starts_with("1.")).map(number).collect();
    assert_eq!(told, [tool.clone(), tests.clone(), tool]);
    assert!(number(builder()) >= tests, "{} runs the tests", builder());
}
