//! Flyway puts values for placeholders, unless it is told not to, and then parses the file.

use std::collections::BTreeMap;

use super::check::check;
use super::scanner::scan;
use super::truth::{Files, Half, Unit};

fn read(files: &Files) -> Vec<Unit> {
    let files: BTreeMap<&str, &str> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let scripts: Vec<&str> =
        files.keys().copied().filter_map(|path| path.strip_prefix('V')?.strip_suffix(".sql")).collect();
    let unit = |name: &&str| {
        let (number, title) = name.split_once("__").expect("it has a version and a description");
        Unit {
            number: number.parse().expect("the version is a number"),
            title: title.to_owned(),
            up: half(&files, &format!("V{name}.sql")),
            down: Some(half(&files, &format!("U{name}.sql"))),
        }
    };
    let settings = files.keys().filter(|path| path.ends_with(".sql.conf")).count();
    assert_eq!(files.len(), 2 * scripts.len() + settings, "a file is none of these");
    scripts.iter().map(unit).collect()
}

fn half(files: &BTreeMap<&str, &str>, path: &str) -> Half {
    let sql = files[path];
    let settings: Vec<&str> =
        files.get(format!("{path}.conf").as_str()).map(|text| text.lines().collect()).unwrap_or_default();
    assert!(settings.iter().all(|line| ["executeInTransaction=false", "placeholderReplacement=false"].contains(line)));
    let is_literal = settings.contains(&"placeholderReplacement=false");
    assert_eq!(is_literal, sql.contains("${"), "{path}");
    Half::each(&scan(sql), settings.contains(&"executeInTransaction=false"))
}

#[test]
fn flyway_sends_the_statements() {
    check("flyway", |_, files| read(files), |_, unit| unit);
}
