//! What is in the files: the same wherever it is written.

use std::collections::BTreeMap;

use serde_json::Value;

use super::written::{print, print_to};
use crate::exports::rules::formats;
use crate::support::{FIRST, Folder, Output, files_below, migrations_of};

#[test]
fn json_has_the_files_or_what_became_of_them() {
    let document = |output: &Output| -> Value { serde_json::from_str(&output.stdout).expect("it is JSON") };
    for format in formats() {
        let folder = Folder::new();
        let line = format!("cache --format {format} --json");
        let printed = document(&print(&line).ok());
        let written = document(&print_to(folder.path(), &line).ok());
        let kept = document(&print_to(folder.path(), &line).ok());
        let steps = &printed["steps"];
        let ups = steps.as_array().expect("there are steps").iter().filter(|step| step["action"] == "up");
        assert_eq!(ups.count(), migrations_of("base").chain(migrations_of("cache")).count());
        let on_disk = files_below(folder.path());
        for (document, state) in [(&printed, Value::Null), (&written, "written".into()), (&kept, "kept".into())] {
            assert_eq!((&document["command"], &document["steps"]), (&Value::from("print"), steps));
            let files = document["files"].as_array().expect("there are files");
            assert_eq!(files.len(), on_disk.len(), "{format}");
            for file in files {
                let text = &on_disk[file["path"].as_str().expect("a file has a path")];
                let text = if state.is_null() { Value::from(text.as_str()) } else { Value::Null };
                assert_eq!((&file["text"], &file["state"]), (&text, &state), "{format}");
            }
        }
    }
}

#[test]
fn what_is_printed_can_be_cut_into_the_files() {
    for format in formats().filter(|format| !["diesel", "sqitch"].contains(format)) {
        for what in ["auth cache", &format!("auth cache --from {FIRST}")] {
            let folder = Folder::new();
            let line = format!("{what} --format {format}");
            print_to(folder.path(), &line).ok();
            let printed = print(&line).ok().stdout;
            let mut cut: Vec<(String, String)> = Vec::new();
            for line in printed.split_inclusive('\n') {
                match line.split_once(" file: ") {
                    Some((comment, name)) if ["--", "#", "//"].contains(&comment) => {
                        let name = name.trim_end().to_owned();
                        let extension = name.rsplit_once('.').expect("it has one").1;
                        let expected = match extension {
                            "sql" => "--",
                            "cjs" => "//",
                            _ => "#",
                        };
                        assert_eq!(comment, expected, "{name}");
                        cut.push((name, String::new()));
                    }
                    _ => cut.last_mut().expect("a comment comes first").1 += line,
                }
            }
            let last = cut.len() - 1;
            for (_, text) in &mut cut[..last] {
                assert_eq!(text.pop(), Some('\n'), "an empty line is between two files");
            }
            assert_eq!(cut.into_iter().collect::<BTreeMap<_, _>>(), files_below(folder.path()), "{line}");
        }
    }
}

#[test]
fn no_file_names_the_version_of_this_tool() {
    for format in formats() {
        for what in ["auth cache", &format!("auth cache --from {FIRST}")] {
            let folder = Folder::new();
            print_to(folder.path(), &format!("{what} --format {format}")).ok();
            let told =
                files_below(folder.path()).into_iter().find(|(_, text)| text.contains(env!("CARGO_PKG_VERSION")));
            assert_eq!(told, None, "{format}");
        }
    }
}
