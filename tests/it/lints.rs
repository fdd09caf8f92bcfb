//! Rules for our own SQL, kept by looking at syntax trees, and by a linter that knows what hurts on a live server.

#![expect(clippy::wildcard_enum_match_arm, reason = "there are a thousand kinds of syntax, and a rule is about a few")]

mod bad;
mod bad_pairs;
mod effects;
mod names;
mod pairs;
mod script;
mod squawk;
mod statements;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use squawk_syntax::SyntaxKind;

use self::pairs::Files;
use self::script::{Script, tokens};
use crate::support::{MODULES, pevensie_pg};

/// What is wrong with a script, whatever there is beside it.
fn findings(path: &str, sql: &str) -> Vec<String> {
    let script = Script::read(sql);
    let of_a_module = MODULES.iter().any(|module| path.starts_with(&format!("{module}/")));
    let mut findings = if !script.unread.is_empty() {
        script.unread // what the other rules say of a broken tree helps nobody
    } else if path.ends_with(".online.sql") {
        [names::findings(&script), statements::online_findings(&script)].concat()
    } else {
        [names::findings(&script), statements::findings(&script, !of_a_module)].concat()
    };
    findings.sort();
    findings.dedup(); // one place can be several nodes
    findings.into_iter().map(|(line, words)| format!("{path}:{line}: {words}")).collect()
}

/// All files in these folders of `sql/`.
fn files(folders: &[&str]) -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    let mut files = BTreeMap::new();
    for folder in folders {
        for entry in fs::read_dir(root.join(folder)).expect("sql/ has this folder") {
            let path = entry.expect("it can be read").path();
            let name = path.file_name().expect("a file has a name").to_str().expect("ours are ASCII");
            files.insert(format!("{folder}/{name}"), fs::read_to_string(&path).expect("it is text"));
        }
    }
    files
}

/// Every script, with values for what is filled in before it runs.
fn scripts() -> Files {
    let mut scripts = files(&[&MODULES[..], &["grants", "introspect", "ledger", "online"]].concat());
    scripts.retain(|path, _| !path.ends_with(".catalog"));
    for sql in scripts.values_mut() {
        *sql = sql.replace(":start", "('base', '20241222140532'), ('auth', null)");
        *sql = sql.replace(":pid", "1").replace(":concurrently ", "").replace("pevensie.:index", "pevensie.i");
        *sql = sql.replace(":definition", "d").replace(":privileges", "select").replace(":role", "r");
        *sql = sql.replace(":object", "table pevensie.t");
        for placeholder in ["module", "version", "action", "checksum", "tool"] {
            *sql = sql.replace(&format!(":'{placeholder}'"), "'base'");
        }
    }
    scripts
}

#[test]
fn every_script_keeps_the_rules() {
    let findings: Vec<String> = scripts().iter().flat_map(|(path, sql)| findings(path, sql)).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn every_migration_is_complete_and_can_be_undone() {
    let findings = pairs::findings(&files(&MODULES));
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn the_ledger_can_be_removed() {
    let ledger = files(&["ledger"]);
    let up = format!("{}\n{}", ledger["ledger/create.sql"], ledger["ledger/upgrade.sql"]);
    let down = &ledger["ledger/drop.sql"];
    assert_eq!([pairs::one_way(&up, down), pairs::one_way(down, &up)], [vec![], vec![]]);
}

#[test]
fn what_is_printed_keeps_the_rules() {
    for arguments in
        [&[][..], &["--down"], &["--from=20241222140532"], &["--from=20241222140532", "--down"], &["--grants=app"]]
    {
        let printed = pevensie_pg(&[&["print"], &MODULES[..], arguments].concat()).run().ok().stdout;
        assert_eq!(findings("printed", &printed), [""; 0], "print {}", arguments.join(" "));
    }
}

/// A name without its schema is noticed wherever it stands: in statements, bodies and dynamic SQL.
#[test]
fn no_schema_can_be_left_out() {
    for (path, sql) in scripts() {
        let mut schemas = Vec::new();
        for tree in Script::read(&sql).trees {
            for pair in tokens(&tree.root).windows(2) {
                let [schema, dot] = pair else { unreachable!("a window of two is two") };
                if dot.kind() == SyntaxKind::DOT && ["pevensie", "pg_catalog"].contains(&schema.text()) {
                    let [begin, end] = [schema.text_range().start(), dot.text_range().end()];
                    schemas.push(tree.place(begin.into())..tree.place(end.into()));
                }
            }
        }
        // That one names nothing.
        assert!(!schemas.is_empty() || path == "ledger/settings.sql", "{path}");
        schemas.sort_by_key(|schema| schema.start);
        let mut without = sql.clone();
        for schema in schemas.iter().rev() {
            without.replace_range(schema.clone(), "");
        }
        let findings = names::findings(&Script::read(&without));
        assert_eq!(findings.len(), schemas.len(), "{path}: {findings:#?}\n{without}");
    }
}
