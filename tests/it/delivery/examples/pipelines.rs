//! GitHub Actions and GitLab CI: a database of the pipeline's own, then the real one.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use super::{VERSION, at, example, list, text};
use crate::delivery::{made, place, static_name};
use crate::support::{Database, Folder, output_of, servers};

/// A runner of pipelines: what has been exported stays, and releases are found here.
struct Runner<'d> {
    folder: Folder,
    database: &'d Database<'d>,
    releases: String,
}

impl<'d> Runner<'d> {
    fn new(database: &'d Database<'d>) -> Self {
        let folder = Folder::new();
        let releases = folder.path().join("releases").join(format!("v{VERSION}"));
        for name in [static_name(), format!("{}.sha256", static_name())] {
            place(&releases, &made(&name), &name);
        }
        let releases = format!("file://{}", folder.path().join("releases").display());
        Self { folder, database, releases }
    }

    /// What later steps find in the PATH before everything else.
    fn path_file(&self) -> PathBuf {
        self.folder.path().join("path")
    }

    /// Runs commands as the service does, with variables from the file but for what is elsewhere.
    fn run(&self, commands: &str, variables: &[(&str, &str)]) -> Output {
        let added = fs::read_to_string(self.path_file()).unwrap_or_default();
        let path: Vec<&str> = added.lines().chain(["/usr/local/bin", "/usr/bin", "/bin"]).collect();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", commands]).current_dir(self.folder.path());
        command.env_clear().envs(variables.iter().copied()).env("PATH", path.join(":"));
        for (name, here) in [("PEVENSIE_PG_RELEASES", &self.releases), ("DATABASE_URL", &self.database.url())] {
            assert!(variables.iter().any(|(variable, _)| *variable == name), "{name} is not set");
            command.env(name, here);
        }
        command.env("HOME", self.folder.path()).env("GITHUB_PATH", self.path_file());
        output_of(&mut command)
    }
}

#[track_caller]
fn has_succeeded(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    words.into_owned()
}

fn variables<'v>(places: &[&'v Value]) -> Vec<(&'v str, &'v str)> {
    let objects = places.iter().filter_map(|place| place.as_object());
    objects.flat_map(|object| object.iter().map(|(name, value)| (name.as_str(), text(value)))).collect()
}

#[test]
fn github_migrates_a_database_and_checks_two() {
    let file = &example("github-actions.yml")[0];
    let job = at(file, "/jobs/check");
    let database = servers()[0].database();
    let runner = Runner::new(&database);
    let step = |step: &Value| runner.run(text(&step["run"]), &variables(&[&job["env"], &step["env"]]));
    let steps = list(at(job, "/steps"));
    let words: Vec<String> = steps.iter().map(|one| has_succeeded(&step(one))).collect();
    assert_eq!(words.len(), 4);
    assert!(words[0].contains(": OK"), "{}", words[0]);
    assert!(words[1].contains("applied  cache"), "{}", words[1]);
    for check in &words[2..] {
        assert!(check.contains("everything is as it should be"), "{check}");
    }
    // The job fails when there is a reason.
    database.execute("alter table pevensie.cache alter value drop not null");
    assert_eq!(step(&steps[3]).status.code(), Some(5));
    // And when the download is not what was released.
    let binary = runner.folder.path().join(format!("releases/v{VERSION}")).join(static_name());
    fs::write(binary, "something else").expect("the folder is ours");
    assert!(!step(&steps[0]).status.success());
}

#[test]
fn gitlab_migrates_a_database_and_checks_another() {
    let file = &example("gitlab-ci.yml")[0];
    let base = at(file, "/.pevensie-pg");
    let database = servers()[0].database();
    let runner = Runner::new(&database);
    let from_the_project = serde_json::json!({ "DATABASE_URL": "a masked variable" });
    let job = |name: &str| {
        let job = at(file, &format!("/{name}"));
        assert_eq!(job["extends"], ".pevensie-pg");
        let commands: Vec<&str> =
            list(at(base, "/before_script")).iter().chain(list(at(job, "/script"))).map(text).collect();
        let variables = variables(&[&from_the_project, at(file, "/variables"), &job["variables"]]);
        runner.run(&commands.join("\n"), &variables)
    };
    assert!(has_succeeded(&job("migrations")).contains("applied  cache"));
    assert!(has_succeeded(&job("drift")).contains("everything is as it should be"));
    database.execute("alter table pevensie.cache alter value drop not null");
    assert_eq!(job("drift").status.code(), Some(5));
}
