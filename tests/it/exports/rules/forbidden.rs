//! What no file may hold, whichever format it is for.

use std::sync::OnceLock;

use super::sql::{bare, names, statements};
use super::truth::{CASES, Case, Files};
use super::{formats, markers};

/// The SQL of a file, as far as comments may be left in it.
fn sql(path: &str, text: &str) -> String {
    match path.rsplit_once('.') {
        Some((_, "sql")) => text.replace("--rollback ", ""),
        Some((_, "cjs")) => {
            let string = |line: &str| -> Option<String> {
                let json = line.trim().strip_prefix("pgm.sql(")?.strip_suffix(");")?;
                Some(serde_json::from_str(json).expect("it is a string of JSON"))
            };
            text.lines().filter_map(string).collect::<Vec<_>>().join("\n")
        }
        Some((_, "exs")) => text.split("~S").skip(1).map(elixir).collect(),
        _ => String::new(),
    }
}

/// The text that a heredoc begins with.
fn elixir(text: &str) -> String {
    let (quotes, rest) = text.split_at(3);
    rest.split(&format!("\n{quotes})")).next().expect("a split has a first part").to_owned()
}

/// All files of one case in one format.
struct Export {
    format: &'static str,
    case: &'static str,
    files: Files,
    /// The titles of what leaves its transaction.
    outside: Vec<String>,
}

impl Export {
    fn all() -> &'static [Self] {
        static EXPORTS: OnceLock<Vec<Export>> = OnceLock::new();
        EXPORTS.get_or_init(|| CASES.iter().flat_map(Self::of).collect())
    }

    fn of(case: &'static Case) -> impl Iterator<Item = Self> {
        let outside = case.units().into_iter().filter(|unit| unit.up.is_outside).map(|unit| unit.title);
        let outside: Vec<String> = outside.collect();
        let export =
            move |format| Self { format, case: case.name, files: case.files(format), outside: outside.clone() };
        formats().map(export)
    }

    /// Whether a file is about what leaves its transaction, where the tool can.
    fn is_outside(&self, path: &str) -> bool {
        let is_about = |title: &String| path.contains(title) && !path.contains(&format!("{title}_record"));
        !["refinery", "graphile-migrate"].contains(&self.format) && self.outside.iter().any(is_about)
    }
}

fn each(check: impl Fn(&Export, &str, &str)) {
    for export in Export::all() {
        assert!(!export.files.is_empty(), "{}, {}", export.format, export.case);
        export.files.iter().for_each(|(path, text)| check(export, path, text));
    }
}

/// The tools begin and end transactions themselves. psql, for Sqitch, does not.
#[test]
fn no_file_controls_its_transaction() {
    let control = ["begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "set"];
    each(|export, path, text| {
        let statements = statements(&sql(path, text));
        let first_words = statements.iter().filter_map(|sql| sql.split_whitespace().next());
        let found: Vec<&str> = first_words.filter(|word| control.contains(&word.to_lowercase().as_str())).collect();
        let is_wrapped = export.format == "sqitch"
            && ["deploy/", "revert/"].iter().any(|folder| path.starts_with(folder))
            && !export.is_outside(path);
        assert_eq!(
            found,
            ["begin", "commit"][..2 * usize::from(is_wrapped)],
            "{}, {}, {path}",
            export.format,
            export.case
        );
        assert!(!is_wrapped || text.starts_with("begin;\n") && text.ends_with("\ncommit;\n"), "{path}: {text}");
    });
}

#[test]
fn nothing_is_concurrent_but_what_is_outside_a_transaction() {
    each(|export, path, text| {
        let is_code = [".sql", ".cjs", ".exs"].iter().any(|end| path.ends_with(end));
        // Sqitch looks at the index without touching it.
        let expected = is_code && export.is_outside(path) && !path.starts_with("verify/");
        assert_eq!(names(&sql(path, text), "concurrently"), expected, "{}, {}, {path}", export.format, export.case);
    });
}

#[test]
fn markers_stand_where_they_belong_and_nowhere_else() {
    each(|export, path, text| {
        let Export { format, case, .. } = *export;
        let is_outside = export.is_outside(path);
        let found = text.lines().filter(|line| markers::is_marker(format, line));
        let found: Vec<&str> = found.map(|line| markers::constant(format, line)).collect();
        let expected = markers::expected(format, path, is_outside);
        assert_eq!(found, expected, "{format}, {case}, {path}");
        let may_follow = format == "ecto" || format == "tern" && !is_outside;
        let begins = expected.first().is_none_or(|first| text.starts_with(first));
        assert!(begins || may_follow, "{format}, {case}, {path}: something comes before the first marker");
    });
}

#[test]
fn liquibase_takes_each_way_as_a_whole() {
    for export in Export::all().iter().filter(|export| export.format == "liquibase") {
        for (path, text) in &export.files {
            let options = text.lines().nth(2).and_then(|line| line.split_once(' ')).expect("it is the third line").1;
            let title = path.strip_suffix(".sql").and_then(|stem| stem.split_once('_')).expect("it has a stamp").1;
            let outside = if export.is_outside(path) { " runInTransaction:false" } else { "" };
            let as_a_whole = "splitStatements:false stripComments:false rollbackSplitStatements:false";
            assert_eq!(options, format!("pevensie:{title} {as_a_whole}{outside}"));
            let way_back: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("--rollback ")).collect();
            assert!(way_back.len() > 1 && way_back.iter().all(|line| line.starts_with("--rollback ")), "{path}");
        }
    }
}

/// psql puts variables outside strings, and knows commands there.
#[test]
fn psql_finds_nothing_of_its_own_for_sqitch() {
    for export in Export::all().iter().filter(|export| export.format == "sqitch") {
        for (path, text) in export.files.iter().filter(|(path, _)| path != "sqitch.plan") {
            let bare = bare(text);
            assert!(!bare.replace("::", "").contains(':'), "{path}: {bare}");
            let discards = usize::from(path.starts_with("deploy/") && export.is_outside(path));
            let commands = (bare.matches('\\').count(), bare.matches("\\gexec").count());
            assert_eq!(commands, (discards, discards), "{path}: {bare}");
        }
    }
}

/// JavaScript and Elixir take more characters for ends of lines than SQL does.
#[test]
fn every_file_is_plain_text() {
    each(|export, path, text| {
        let strange = ['\r', '\t', '\0', '\u{85}', '\u{feff}', '\u{2028}', '\u{2029}'];
        let is_plain = !text.contains(strange) && text.ends_with('\n');
        assert!(
            is_plain && (export.case == "hostile" || text.is_ascii()),
            "{}, {}, {path}",
            export.format,
            export.case
        );
    });
}
