//! The workflows of this repository: what they run is there, and what can be run here is.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{VERSION, made, ours, place, run, yaml};
use crate::support::{Folder, output_of};

/// Every command of a workflow, by the name of its step.
fn commands(workflow: &str) -> Vec<(String, String)> {
    let file = yaml(&ours(".github/workflows").join(workflow)).remove(0);
    let jobs = file["jobs"].as_object().expect("there are jobs");
    let steps = jobs.values().flat_map(|job| job["steps"].as_array().expect("there are steps"));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    steps.filter_map(|step| Some((text(&step["name"])?, text(&step["run"])?))).collect()
}

#[track_caller]
fn command(workflow: &str, step: &str) -> String {
    let found = commands(workflow).into_iter().find(|(name, _)| name == step);
    found.unwrap_or_else(|| panic!("{workflow} has no step {step:?}")).1
}

#[test]
fn every_command_can_be_read_and_every_script_is_there() {
    for workflow in ["ci.yml", "release.yml"] {
        let commands = commands(workflow);
        assert!(commands.len() > 3, "{commands:?}");
        for (name, command) in commands {
            run(Command::new("bash").args(["-n", "-c", &command]));
            let is_ours = |word: &&str| word.starts_with("scripts/") || word.starts_with(".ci/");
            for script in command.split(|c: char| c.is_whitespace() || "()".contains(c)).filter(is_ours) {
                assert!(ours(script).is_file(), "{name}: {script}");
            }
        }
    }
}

#[test]
fn the_tag_has_to_be_the_version() {
    let command = command("release.yml", "Compare the tag with the version");
    let passes = |tag: &str| {
        let mut check = Command::new("bash");
        check.args(["-ec", &command]).env("GITHUB_REF_NAME", tag).current_dir(ours(""));
        output_of(&mut check).status.success()
    };
    assert!(passes(&format!("v{VERSION}")));
    assert!(!passes("v999.0.0"));
}

#[test]
fn what_is_damaged_on_its_way_is_not_released() {
    let command = command("release.yml", "Check the sums");
    let folder = Folder::new();
    for entry in fs::read_dir(made("")).expect("scripts/package has made it") {
        let entry = entry.expect("it can be read");
        place(folder.path(), &entry.path(), &format!("dist/{}", entry.file_name().display()));
    }
    let check = || output_of(Command::new("bash").args(["-ec", &command]).current_dir(folder.path()));
    assert!(check().status.success(), "{:?}", check());
    folder.write(&format!("dist/{}", super::static_name()), "something else");
    assert!(!check().status.success());
}
