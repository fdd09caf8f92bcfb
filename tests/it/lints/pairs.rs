//! What the files of a migration have to do with each other.

use std::collections::BTreeMap;

use super::effects::{Object, effects};
use super::script::{Finding, Script, tokens};
use super::statements::scans;

/// The path below `sql/` and the text of every file.
pub(super) type Files = BTreeMap<String, String>;

pub(super) fn findings(files: &Files) -> Vec<String> {
    files.iter().flat_map(|(path, text)| findings_of(files, path, text)).collect()
}

fn findings_of(files: &Files, path: &str, text: &str) -> Vec<String> {
    let (folder, file) = path.split_once('/').expect("every file is in a folder");
    let (stem, kind) = file.split_once('.').unwrap_or((file, ""));
    let version = stem.split('_').next().unwrap_or_default();
    let sibling = |kind: &str| files.get(&format!("{folder}/{stem}.{kind}"));
    let mut findings: Vec<Finding> = Vec::new();
    let mut say = |words: &str| findings.push((1, words.to_owned()));
    match kind {
        "up.sql" => {
            if !files.contains_key(&format!("{folder}/{version}.catalog")) {
                say("it has no catalog");
            }
            if sibling("down.sql").is_none() {
                say("it has no way back");
            }
            findings.extend(scans(&Script::read(text), sibling("online.sql").is_some()));
            findings.extend(sibling("down.sql").into_iter().flat_map(|down| one_way(text, down)));
        }
        "down.sql" => match sibling("up.sql") {
            Some(up) => findings.extend(one_way(text, up)),
            None => say("it belongs to nothing"),
        },
        "online.sql" => match sibling("up.sql") {
            Some(up) if !is_same_but_concurrent(text, up) => say("it is not what its .up.sql does"),
            Some(_) => {}
            None => say("it belongs to nothing"),
        },
        "catalog" => {
            let of_version = format!("{folder}/{stem}_");
            if !files.keys().any(|path| path.starts_with(&of_version) && path.ends_with(".up.sql")) {
                say("it belongs to nothing");
            }
        }
        _ => say("it is of no known kind"),
    }
    findings.sort();
    findings.into_iter().map(|(line, words)| format!("{path}:{line}: {words}")).collect()
}

/// What `way` does and `back` does not undo. Whether what is made again is the same again, a test on a server tells.
pub(super) fn one_way(way: &str, back: &str) -> Vec<Finding> {
    let (way, back) = (effects(&Script::read(way)), effects(&Script::read(back)));
    let mut findings = way.unknown;
    let has = |objects: &[Object], name: &str| objects.iter().any(|object| object.name == name);
    // A function that a script replaces may also be a new one: then the other way drops it.
    for made in &way.makes {
        let goes_with_table = made.table.as_ref().is_some_and(|table| has(&back.takes, table));
        if !goes_with_table && !has(&back.takes, &made.name) {
            findings.push((1, format!("it makes {}, and the other way does not take it", made.name)));
        }
    }
    for taken in &way.takes {
        if !has(&back.makes, &taken.name) && !has(&back.replaces, &taken.name) {
            findings.push((1, format!("it takes {}, and the other way does not make it", taken.name)));
        }
    }
    for replaced in &way.replaces {
        if !has(&back.replaces, &replaced.name) && !has(&back.takes, &replaced.name) {
            findings.push((1, format!("it replaces {}, and the other way does not", replaced.name)));
        }
    }
    findings
}

fn is_same_but_concurrent(online: &str, up: &str) -> bool {
    let words = |sql: &str| -> Vec<String> {
        let script = Script::read(sql);
        script.trees.iter().flat_map(|tree| tokens(&tree.root)).map(|token| token.text().to_owned()).collect()
    };
    let (mut online, up) = (words(online), words(up));
    let concurrently = online.iter().position(|word| word.eq_ignore_ascii_case("concurrently"));
    concurrently.is_some_and(|at| {
        online.remove(at);
        online == up
    })
}
