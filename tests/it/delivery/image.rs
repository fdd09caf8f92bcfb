//! The image, without Docker: the commands of the Dockerfile are run here, and what it copies is put into a root folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{made, ours, place, run};
use crate::support::{Run, UP, assert_snapshot, in_root, servers};

/// An instruction and its arguments.
pub(super) type Instruction = (String, String);

/// The instructions of a Dockerfile, each on one line.
pub(super) fn instructions(path: &Path) -> Vec<Instruction> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let split = |line: &str| line.split_once(' ').map(|(word, rest)| (word.to_owned(), rest.trim().to_owned()));
    joined.lines().filter_map(split).collect()
}

/// What an instruction in JSON's form says.
pub(super) fn words(instructions: &[Instruction], name: &str) -> Vec<String> {
    let (_, words) = instructions.iter().rfind(|(word, _)| word == name).unwrap_or_else(|| panic!("no {name}"));
    serde_json::from_str(words).expect("it is written as JSON")
}

/// The folder that the Dockerfile is built in, holding what `.dockerignore` lets through.
fn context() -> PathBuf {
    // Always the same one: cargo keeps what it builds by the folder it came from.
    let folder = made("../image");
    let _ = fs::remove_dir_all(&folder);
    let ignore = fs::read_to_string(ours(".dockerignore")).expect("it is there");
    let mut rules = ignore.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert_eq!(rules.next(), Some("*"), "everything is left out but what follows");
    let kept: Vec<&str> = rules.map(|rule| rule.strip_prefix('!').expect("it is an exception")).collect();
    let files = run(Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--"])
        .args(&kept)
        .current_dir(ours("")));
    for rule in kept {
        assert!(files.lines().any(|file| Path::new(file).starts_with(rule)), "nothing is left in by {rule}");
    }
    for file in files.lines() {
        place(&folder, &ours(file), file);
    }
    folder
}

/// Runs what the builder runs, as far as the machine is not to be changed.
fn build(context: &Path, instructions: &[Instruction]) {
    let commands: Vec<&str> = instructions.iter().filter(|(word, _)| word == "RUN").map(|(_, run)| &**run).collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in commands {
        let command =
            command.replace("apt-get update", "true").replace("apt-get install", "apt-get install --simulate");
        run(Command::new("sh")
            .args(["-ec", &command])
            .current_dir(context)
            .env("CARGO_TARGET_DIR", made("..").canonicalize().expect("it is there"))
            // As scripts/package --quick builds.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"));
    }
}

/// The image's files, made once.
fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let all = instructions(&ours("Dockerfile"));
        let last = all.iter().rposition(|(word, _)| word == "FROM").expect("there are stages");
        assert_eq!(all[last].1, "scratch");
        let context = context();
        build(&context, &all[..last]);
        let root = context.join("root");
        for (_, copied) in all[last..].iter().filter(|(word, _)| word == "COPY") {
            let built = copied.strip_prefix("--from=build ");
            let paths: Vec<&str> = built.unwrap_or(copied).split_whitespace().collect();
            let (to, files) = paths.split_last().expect("something is copied");
            for file in files {
                let from = match (built, file.strip_prefix("/build/")) {
                    (None, _) => context.join(file),
                    (Some(_), Some(file)) => context.join(file),
                    (Some(_), None) => PathBuf::from(file),
                };
                let to = if to.ends_with('/') { format!("{to}{file}") } else { (*to).to_owned() };
                place(&root, &from, &to);
            }
        }
        root
    })
}

/// Runs the image with arguments.
pub(super) fn container(arguments: &[&str]) -> Run {
    let all = instructions(&ours("Dockerfile"));
    let entry = words(&all, "ENTRYPOINT");
    assert_eq!(entry.len(), 1, "{entry:?}");
    in_root(root(), &entry[0], arguments)
}

#[test]
fn it_is_run_by_a_user_who_is_not_root() {
    let all = instructions(&ours("Dockerfile"));
    assert!(all.contains(&("USER".to_owned(), "65532:65532".to_owned())), "as in_root does");
}

#[test]
fn it_migrates_and_checks() {
    let database = servers()[0].database();
    let container = |arguments: &[&str]| container(arguments).env("DATABASE_URL", database.url());
    container(UP).run().ok();
    container(&["status", "--check"]).run().ok();
}

/// With the operating system's roots in it, a server that none of them vouches for is refused for that, and not because
/// there are none.
#[test]
fn it_has_the_roots_of_the_operating_system() {
    let database = servers()[0].database();
    let url = database.url().replace("127.0.0.1", "localhost") + "?hostaddr=127.0.0.1&sslrootcert=system";
    assert_snapshot!("with_the_roots_of_the_system", container(&["status"]).env("DATABASE_URL", url).run());
}

#[test]
fn it_has_the_licences() {
    container(&["--version"]).run().ok();
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-LICENSES"] {
        let text = fs::read_to_string(root().join("usr/share/doc/pevensie-pg").join(file)).expect("it is there");
        assert!(text.len() > 1000, "{file}");
    }
}
