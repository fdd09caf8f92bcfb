//! The files for Docker, Compose, Kubernetes, GitHub and GitLab, held against what those say they take.

use std::process::Command;

use super::{ours, python, run};

const DOCKERFILES: [&str; 2] = ["Dockerfile", "docs/examples/gleam.Dockerfile"];
const WORKFLOWS: [&str; 3] =
    [".github/workflows/ci.yml", ".github/workflows/release.yml", "docs/examples/github-actions.yml"];

#[track_caller]
fn lint(program: &str, arguments: &[&str], files: &[&str]) -> String {
    run(Command::new(python(program)).args(arguments).args(files).current_dir(ours("")))
}

#[test]
fn dockerfiles_are_as_hadolint_wants_them() {
    assert_eq!(lint("hadolint", &[], &DOCKERFILES), "");
}

#[test]
fn workflows_are_workflows_of_github() {
    lint("check-jsonschema", &["--builtin-schema", "vendor.github-workflows"], &WORKFLOWS);
}

/// Pinned actions, no more permissions than needed, nothing of others put into a command.
#[test]
fn workflows_are_as_zizmor_wants_them() {
    lint("zizmor", &["--offline", "--no-progress", "--quiet"], &WORKFLOWS);
}

#[test]
fn the_pipeline_is_one_of_gitlab() {
    let schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"];
    lint("check-jsonschema", &schema, &["docs/examples/gitlab-ci.yml"]);
}

#[test]
fn the_services_are_those_of_compose() {
    lint("check-jsonschema", &["--builtin-schema", "vendor.compose-spec"], &["docs/examples/compose.yaml"]);
}

#[test]
fn the_objects_are_those_of_kubernetes() {
    lint("kubernetes-validate", &["--strict"], &["docs/examples/kubernetes.yaml"]);
}
