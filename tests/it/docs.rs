//! Every command on the pages for users is run, in order, and prints what the page says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::support::{Folder, servers, setting};

/// The README and the pages of `docs/`, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).expect("there are pages");
    let pages = docs.map(|entry| entry.expect("the folder can be read").path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let top = ["README.md", "CONTRIBUTING.md"].map(|name| root.join(name));
    let pages: Vec<_> = pages.chain(top).map(|path| (path.clone(), fs::read_to_string(path).expect("text"))).collect();
    assert!(pages.len() > 5, "the pages are found: {pages:?}");
    pages
}

/// What is typed, and what is printed: `None` where readers do not see it.
#[derive(Debug, PartialEq)]
struct Example {
    command: String,
    expected: Option<Vec<String>>,
}

/// Reads the ```` ```console ```` blocks: `$ ` begins a command, `> ` continues it, the rest is printed. A comment
/// `<!-- before: COMMAND -->` or `<!-- after: COMMAND -->` is a command that readers do not see.
fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        let hidden = line.strip_prefix("<!-- before: ").or_else(|| line.strip_prefix("<!-- after: "));
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, _) => match (line.strip_prefix("$ "), line.strip_prefix("> ")) {
                (Some(command), _) => examples.push(Example { command: command.to_owned(), expected: Some(vec![]) }),
                (None, more) => {
                    let example = examples.last_mut().expect("a command comes first");
                    match more {
                        Some(more) => example.command = format!("{}\n{more}", example.command),
                        None => example.expected.as_mut().expect("it is seen").push(line.to_owned()),
                    }
                }
            },
            (false, _) => {
                let command = hidden.map(|command| command.strip_suffix(" -->").expect("the comment ends in its line"));
                examples.extend(command.map(|command| Example { command: command.to_owned(), expected: None }));
            }
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

/// Runs the examples of a page in one shell, in an empty folder, for a database of its own; returns what is wrong.
fn complaints(examples: &[Example]) -> Vec<String> {
    // A line that no command prints, and how the command ended.
    let commands = examples.iter().map(|example| format!("{}\nprintf '\\036%d\\n' $?\n", example.command));
    let script = format!("set -o pipefail; exec 2>&1\n{}", commands.collect::<String>());
    let database = servers()[0].database();
    let folder = Folder::new();
    let programs = Folder::new();
    for (name, program) in
        [("pevensie-pg", env!("CARGO_BIN_EXE_pevensie-pg")), ("dbmate", &setting("PEVENSIE_PG_TEST_DBMATE"))]
    {
        symlink(program, programs.path().join(name)).expect("the folder is ours");
    }
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap_or_default()))
        .env("HOME", folder.path())
        .env("DATABASE_URL", database.url())
        .stdin(Stdio::null())
        .output()
        .expect("bash is there");
    let printed = String::from_utf8_lossy(&output.stdout).replace(database.name(), "shop");
    let mut printed = printed.as_str();
    let mut complaints = Vec::new();
    for Example { command, expected } in examples {
        let (text, (code, rest)) = printed
            .split_once('\x1e')
            .and_then(|(text, rest)| Some((text, rest.split_once('\n')?)))
            .unwrap_or((printed, ("nothing: the shell is gone", "")));
        printed = rest;
        let lines: Vec<&str> = text.lines().collect();
        let is_as_said = expected.as_ref().is_none_or(|expected| matches(expected, &lines));
        let may_fail = lines.iter().any(|line| line.to_lowercase().starts_with("error: "));
        if !is_as_said || (code != "0" && (expected.is_none() || !may_fail)) {
            let expected = expected.as_ref().map(|lines| lines.join("\n")).unwrap_or_default();
            complaints.push(format!("$ {command}\n--- expected\n{expected}\n--- printed\n{text}--- ended with {code}"));
        }
    }
    complaints
}

#[test]
fn every_example_prints_what_it_says() {
    let complaints: Vec<String> = thread::scope(|scope| {
        let pages = pages();
        let running: Vec<_> = pages
            .iter()
            .map(|(path, text)| (path, examples(text)))
            .filter(|(_, examples)| !examples.is_empty())
            .map(|(path, examples)| (path, scope.spawn(move || complaints(&examples))))
            .collect();
        let of_page = running.into_iter().map(|(path, running)| (path, running.join().expect("it does not panic")));
        of_page.flat_map(|(path, found)| found.into_iter().map(|one| format!("{}: {one}", path.display()))).collect()
    });
    let heed = "edit the pages if this is right: … stands for what differs from run to run";
    assert!(complaints.is_empty(), "{}\n\n{heed}", complaints.join("\n\n"));
}

#[test]
fn an_example_that_fails_or_prints_something_else_is_noticed() {
    let page = "<!-- before: x=1 -->\n```console\n$ echo $x\n> echo …\n1\n…\n$ (exit 3)\n$ echo no\nyes\n```\n\
                <!-- after: (exit 4) -->\n```console\n$ echo error: well; (exit 5)\nerror: …\n```\n";
    let examples = examples(page);
    assert_eq!(examples[1].command, "echo $x\necho …");
    let complaints = complaints(&examples);
    let commands: Vec<_> = complaints.iter().filter_map(|complaint| complaint.lines().next()).collect();
    assert_eq!(commands, ["$ (exit 3)", "$ echo no", "$ (exit 4)"], "{complaints:#?}");
}

/// Indented text would be a command, too, but one that nobody runs; where the tests run there is no Docker.
#[test]
fn no_command_is_outside_of_the_examples() {
    for (path, text) in pages() {
        let unfenced = text.split("```").step_by(2);
        let indented = unfenced.flat_map(str::lines).filter_map(|line| line.strip_prefix("    "));
        let indented = indented.filter(|line| !line.starts_with("docker "));
        let found: Vec<_> = indented.filter(|line| line.contains("pevensie-pg") || line.contains("psql")).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
        assert!(!text.contains("```sh") && !text.contains("```bash"), "{}", path.display());
    }
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[test]
fn every_link_leads_somewhere() {
    for (path, text) in pages() {
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let images = text.split("src=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        for link in links.chain(images).map(|(to, _)| to).filter(|link| !link.starts_with("http")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name("").join(file) };
            let there = fs::read_to_string(&target).unwrap_or_else(|e| panic!("{}: {link}: {e}", path.display()));
            let headings = there.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' ')).map(anchor);
            let is_there = heading.is_empty() || headings.into_iter().any(|found| found == heading);
            assert!(is_there, "{}: {link}", path.display());
        }
    }
}

#[test]
fn every_page_is_linked_from_the_first() {
    let (_, readme) = pages().into_iter().find(|(path, _)| path.ends_with("README.md")).expect("it is there");
    for (path, _) in pages().into_iter().filter(|(path, _)| path.parent().is_some_and(|p| p.ends_with("docs"))) {
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        assert!(readme.contains(&format!("](docs/{name})")), "{name}");
    }
}

#[test]
fn the_first_commands_are_scripts_that_are_there() {
    let readme = include_str!("../../README.md");
    for script in ["scripts/demo", "scripts/test"] {
        assert!(readme.contains(&format!("\n    {script}\n")), "{script}");
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(script).is_file(), "{script}");
    }
}
