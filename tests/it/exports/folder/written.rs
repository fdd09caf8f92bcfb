//! What becomes of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::SystemTime;

use crate::exports::rules::formats;
use crate::support::{
    FIRST, Folder, Output, assert_snapshot, files_below, migrations_of, newest_of_all, pevensie_pg, snapshot_filters,
};

/// `print`, with the words of a line.
pub(super) fn print(line: &str) -> Output {
    pevensie_pg(&[&["print"], &line.split(' ').collect::<Vec<_>>()[..]].concat()).run()
}

pub(super) fn print_to(folder: &Path, line: &str) -> Output {
    print(&format!("{line} --out {}", folder.display()))
}

fn times(folder: &Path) -> Vec<SystemTime> {
    let time = |name: &String| fs::metadata(folder.join(name)).and_then(|file| file.modified()).expect("it is there");
    files_below(folder).keys().map(time).collect()
}

/// What stdout says of each file.
fn states(output: &Output) -> BTreeMap<String, &str> {
    let line = |line: &'_ str| {
        let (state, name) = line.split_once(' ').expect("a line has two words");
        let state =
            ["written", "extended", "kept"].into_iter().find(|known| *known == state).expect("it is one of these");
        (name.trim_start().to_owned(), state)
    };
    output.stdout.lines().map(line).collect()
}

/// They stay as they were, but whoever says what is installed wants no writer to wait.
#[test]
fn who_exported_an_index_in_a_transaction_is_told() {
    let blocks = "session_user_id_idx, session_expires_at_idx: exported before to be built in a transaction, where\n      \
                  whoever writes has to wait; where no database has these files applied, remove\n      \
                  them and run this again\n";
    let auth = "base@20261121041000 auth@20261121041200";
    for (format, is_told) in [("dbmate", true), ("sqitch", true), ("refinery", false)] {
        let folder = Folder::new();
        let fresh = print_to(folder.path(), &format!("{auth} --format {format}")).ok();
        let later = print_to(folder.path(), &format!("{auth} --format {format} --from {FIRST}")).ok();
        assert!(!fresh.stderr.contains(blocks), "{}", fresh.snapshot());
        assert_eq!(later.stderr.contains(blocks), is_told, "{}", later.snapshot());
    }
}

#[test]
fn files_are_written_once_and_then_kept() {
    for format in formats() {
        let folder = Folder::new();
        let line = format!("auth cache --format {format}");
        let first = print_to(folder.path(), &line).ok();
        let written = files_below(folder.path());
        assert_eq!(states(&first).into_keys().collect::<Vec<_>>(), written.keys().cloned().collect::<Vec<_>>());
        assert!(states(&first).values().all(|state| *state == "written"), "{}", first.stdout);
        assert!(first.stderr.starts_with("hint: to apply them, run: "), "{}", first.stderr);
        let before = times(folder.path());
        let second = print_to(folder.path(), &line).ok();
        assert!(states(&second).values().all(|state| *state == "kept"), "{}", second.stdout);
        assert_eq!(states(&second).len(), written.len());
        assert_eq!((second.stderr.as_str(), files_below(folder.path())), ("", written), "{format}");
        assert_eq!(times(folder.path()), before, "{format}");
    }
}

/// Where names are stamps, a file has the same one in every export.
#[test]
fn a_larger_export_only_adds() {
    for format in formats() {
        let everything = Folder::new();
        print_to(everything.path(), &format!("auth cache --format {format}")).ok();
        for smaller in ["cache", "auth", "base", &format!("auth@{FIRST}"), &format!("base@{FIRST} cache@{FIRST}")] {
            let folder = Folder::new();
            let partial = print_to(folder.path(), &format!("{smaller} --format {format}")).ok();
            let (before, at) = (files_below(folder.path()), times(folder.path()));
            let larger = print_to(folder.path(), &format!("auth cache --format {format}")).ok();
            let after = files_below(folder.path());
            let said = states(&larger);
            for (name, _) in states(&partial) {
                let is_list = name == "sqitch.plan";
                assert_eq!(said[&name], if is_list { "extended" } else { "kept" }, "{format}, {smaller}, {name}");
                let same =
                    if is_list { after[&name].starts_with(&before[&name]) } else { after[&name] == before[&name] };
                assert!(same, "{format}, {smaller}, {name}");
            }
            let kept: Vec<SystemTime> =
                before.keys().zip(at).filter(|(name, _)| said[*name] == "kept").map(|(_, at)| at).collect();
            let still = before.keys().filter(|name| said[*name] == "kept").map(|name| {
                fs::metadata(folder.path().join(name)).and_then(|file| file.modified()).expect("it is there")
            });
            assert_eq!(still.collect::<Vec<_>>(), kept, "{format}, {smaller}");
            let is_numbered = ["refinery", "tern", "graphile-migrate"].contains(&format);
            let whole = files_below(everything.path());
            if smaller.contains('@') {
                // A module that is in use by then gets its indexes online: a record beside each.
                let stem = |name: &String| name.split('.').next().unwrap_or_default().to_owned();
                let known = |name: &String| name.contains("_record") || whole.keys().any(|old| stem(old) == stem(name));
                assert!(is_numbered || format == "diesel" || after.keys().all(known), "{format}, {smaller}");
            } else {
                assert!(is_numbered || format == "sqitch" || after == whole, "{format}, {smaller}");
                assert_eq!(after.len(), whole.len());
            }
        }
    }
}

#[test]
fn a_file_that_differs_is_refused_before_anything_is_written() {
    for format in formats() {
        let folder = Folder::new();
        print_to(folder.path(), &format!("cache --format {format}")).ok();
        let is_file = |name: &&String| *name != "sqitch.plan";
        let files = files_below(folder.path());
        let last = files.keys().rfind(is_file).expect("there are some").clone();
        let first = files.keys().find(is_file).expect("there are some").clone();
        fs::write(folder.path().join(&last), "-- mine\n").expect("it is writable");
        fs::remove_file(folder.path().join(&first)).expect("it is there");
        let before = files_below(folder.path());
        let refused = print_to(folder.path(), &format!("auth cache --format {format}"));
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
        assert!(refused.stderr.contains(&last) && refused.stderr.contains("\nhint: "), "{}", refused.snapshot());
        assert_eq!(files_below(folder.path()), before, "{format}");
    }
}

#[test]
fn what_is_in_the_way_is_named() {
    let folder = Folder::new();
    print_to(folder.path(), "cache --format goose").ok();
    let mut said = String::new();
    for name in ["20241222140532_pevensie_base_uuid7.sql", "20261121041302_pevensie_cache_key_per_resource_type.sql"] {
        fs::write(folder.path().join(name), "").expect("it is writable");
        let output = print_to(folder.path(), "auth cache --format goose");
        said += &output.stderr.replace(&folder.path().display().to_string(), "DIR");
    }
    let _filters = snapshot_filters().bind_to_scope();
    insta::assert_snapshot!(said);
}

#[test]
fn a_folder_is_made_where_there_is_none() {
    let folder = Folder::new();
    let deep = folder.path().join("a/b/c");
    print_to(&deep, "base --format goose").ok();
    assert_eq!(files_below(&deep).len(), 2);
}

/// A path below a file can be written by nobody, root included.
#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = Folder::new();
    let file = folder.write("file", "mine\n");
    for path in [file.clone(), file.join("below"), "/proc/none".into()] {
        for format in ["goose", "diesel", "sqitch"] {
            let output = print_to(&path, &format!("base --format {format}"));
            assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
            let says =
                output.stderr.starts_with("error: cannot ") && output.stderr.contains(&path.display().to_string());
            assert!(says, "{}", output.snapshot());
        }
    }
    assert_eq!(files_below(folder.path()), BTreeMap::from([("file".to_owned(), "mine\n".to_owned())]));
}

/// A link to nowhere is no file yet, and cannot be made one: what was written before it is taken back.
#[test]
fn what_fails_half_way_leaves_nothing_behind() {
    for (format, name) in [("goose", "20261121041000_pevensie_base_uuid7_range.sql"), ("sqitch", "sqitch.plan")] {
        let folder = Folder::new();
        symlink("nowhere", folder.path().join(name)).expect("links can be made");
        let output = print_to(folder.path(), &format!("base --format {format}"));
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        assert!(output.stderr.starts_with("error: cannot write ") && output.stderr.contains(name), "{}", output.stderr);
        fs::remove_file(folder.path().join(name)).expect("it is still there");
        assert_eq!(files_below(folder.path()), BTreeMap::new(), "{format}");
    }
}

#[test]
fn a_plan_of_sqitch_keeps_its_own_lines() {
    let folder = Folder::new();
    let mine = "%syntax-version=1.0.0\n%project=shop\n%uri=https://shop.example/\n\n# by hand\n\
                users 2024-01-01T00:00:00Z Ada <ada@shop.example> # Users\n@v1 2024-01-02T00:00:00Z Ada <ada@shop.example> # One";
    folder.write("sqitch.plan", mine);
    let output = print_to(folder.path(), "cache --format sqitch").ok();
    assert_eq!(states(&output)["sqitch.plan"], "extended");
    let extended = files_below(folder.path())["sqitch.plan"].clone();
    let added =
        extended.strip_prefix(mine).and_then(|rest| rest.strip_prefix('\n')).expect("the lines are as they were");
    let titles: Vec<&str> = added.lines().filter_map(|line| line.split(' ').next()).collect();
    let deployed = files_below(&folder.path().join("deploy"));
    let mut sorted: Vec<String> = titles.iter().map(|title| format!("{title}.sql")).collect();
    sorted.sort();
    assert_eq!(sorted, deployed.into_keys().collect::<Vec<_>>());
    folder.write("sqitch.plan", &(extended.clone() + "carts 2027-01-01T00:00:00Z Ada <ada@shop.example> # Carts\n"));
    print_to(folder.path(), "auth cache --format sqitch").ok();
    let again = files_below(folder.path())["sqitch.plan"].clone();
    let (old, new) = again.split_once("# Carts\n").expect("their line is still there");
    assert!(old.starts_with(&extended), "{again}");
    let all = migrations_of("auth").count();
    assert!(new.lines().count() == all && new.lines().all(|line| line.starts_with("pevensie_auth_")), "{again}");
    assert_eq!(states(&print_to(folder.path(), "auth cache --format sqitch").ok())["sqitch.plan"], "kept");
}

#[test]
fn nothing_is_written_where_nothing_is_newer() {
    for format in formats() {
        let folder = Folder::new();
        let path = folder.path().join("new");
        let output = print_to(&path, &format!("auth cache --format {format} --from {}", newest_of_all())).ok();
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", "nothing to print\n"));
        assert!(!path.exists(), "{format}");
    }
}

#[test]
fn writing_files_on_the_screen() {
    let folder = Folder::new();
    folder.write("sqitch.plan", "%syntax-version=1.0.0\n%project=shop\n\n");
    print_to(folder.path(), "base --format sqitch").ok();
    assert_snapshot!(print_to(folder.path(), &format!("cache@{FIRST} --format sqitch")));
}
