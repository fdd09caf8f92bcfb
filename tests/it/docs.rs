//! The README's examples are run, in order, and print what it says.

use std::process::{Command, Stdio};

use crate::support::{Folder, servers};

/// What is typed, and what is printed.
#[derive(Debug, Default)]
struct Example {
    command: String,
    expected: Vec<String>,
}

/// Reads the ```` ```console ```` blocks: `$ ` begins a command, `> ` continues it, the rest is printed.
fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, _) => match (line.strip_prefix("$ "), line.strip_prefix("> ")) {
                (Some(command), _) => examples.push(Example { command: command.to_owned(), expected: Vec::new() }),
                (None, Some(more)) => {
                    let example = examples.last_mut().expect("a command comes first");
                    example.command = format!("{}\n{more}", example.command);
                }
                (None, None) => {
                    examples.last_mut().expect("a command comes first").expected.push(line.to_owned());
                }
            },
            (false, _) => {}
        }
    }
    examples
}

/// `…` alone on a line stands for any lines, within a line for any text.
fn matches(expected: &[String], printed: &[&str]) -> bool {
    match (expected, printed) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "…" => (0..=printed.len()).any(|n| matches(rest, &printed[n..])),
        ([line, rest @ ..], [first, others @ ..]) => line_matches(line, first) && matches(rest, others),
        _ => false,
    }
}

fn line_matches(expected: &str, printed: &str) -> bool {
    match expected.split_once('…') {
        None => expected == printed,
        Some((start, rest)) => printed.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len()).filter(|&n| tail.is_char_boundary(n)).any(|n| line_matches(rest, &tail[n..]))
        }),
    }
}

#[test]
fn every_example_prints_what_it_says() {
    let examples = examples(include_str!("../../README.md"));
    assert!(examples.len() >= 12, "the README's examples are found: {examples:?}");
    let server = &servers()[0];
    let database = server.database();
    let folder = Folder::new();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_pevensie-pg")).parent().expect("a file is in a folder");
    for Example { command, expected } in &examples {
        let output = Command::new("bash")
            .args(["-c", &format!("set -o pipefail; exec 2>&1\n{command}")])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default()))
            .env("DATABASE_URL", database.url())
            .stdin(Stdio::null())
            .output()
            .expect("bash is there");
        let printed = String::from_utf8_lossy(&output.stdout).replace(database.name(), "shop");
        let lines: Vec<&str> = printed.lines().collect();
        assert!(
            matches(expected, &lines),
            "$ {command}\n--- expected\n{}\n--- printed\n{printed}",
            expected.join("\n")
        );
    }
}

#[test]
fn the_first_commands_are_scripts_that_are_there() {
    let readme = include_str!("../../README.md");
    for script in ["scripts/demo", "scripts/test"] {
        assert!(readme.contains(&format!("\n    {script}\n")), "{script}");
        assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(script).is_file(), "{script}");
    }
}
