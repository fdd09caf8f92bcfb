//! What squawk, a linter for migrations, says of our scripts. What it is not asked about, and why, is in the files
//! `.toml` beside this one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::files;
use super::pairs::Files;
use crate::support::{Folder, MODULES, output_of, pevensie_pg, setting};

const CONFIGS: [&str; 4] = ["up", "up_with_online", "online", "down"];

fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/lints/{name}.toml"))
}

/// Runs squawk on files; returns the rules that were broken, and the whole answer. The exit status has to agree.
///
/// It knows types only by their bare names, and would not see a `pg_catalog.timestamp`.
fn squawk(config: &Path, files: &Files, arguments: &[&str]) -> (BTreeSet<String>, String) {
    let folder = Folder::new();
    let files = files.iter().map(|(path, sql)| folder.write(&path.replace('/', "_"), &sql.replace("pg_catalog.", "")));
    let output = output_of(
        Command::new(setting("PEVENSIE_PG_TEST_SQUAWK"))
            .env_clear()
            .current_dir(folder.path())
            .args(["--reporter=json", "--config"])
            .arg(config)
            .args(arguments)
            .args(files),
    );
    let answer = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert_eq!(output.status.code(), Some(i32::from(!found.is_empty())), "{answer}");
    let rules = found.iter().map(|one| one["rule_name"].as_str().expect("it names the rule").to_owned());
    (rules.collect(), answer.replace("},{", "},\n{"))
}

#[track_caller]
fn assert_quiet(config: &Path, files: &Files, arguments: &[&str]) {
    let (rules, answer) = squawk(config, files, arguments);
    assert!(
        rules.is_empty(),
        "{} by {}: {answer}",
        config.display(),
        files.keys().cloned().collect::<Vec<_>>().join(" ")
    );
}

/// All scripts of the modules, by the configuration that is for them.
fn scripts() -> BTreeMap<&'static str, Files> {
    let all = files(&MODULES);
    let mut scripts: BTreeMap<_, Files> = CONFIGS.map(|config| (config, Files::new())).into();
    for (path, sql) in &all {
        let config = match path.split_once('.').expect("every file is of a kind") {
            (stem, "up.sql") if all.contains_key(&format!("{stem}.online.sql")) => "up_with_online",
            (_, "up.sql") => "up",
            (_, "down.sql") => "down",
            (_, "online.sql") => "online",
            (_, "catalog") => continue,
            (_, kind) => panic!("{kind} is of no known kind"),
        };
        scripts.get_mut(config).expect("it is one of them").insert(path.clone(), sql.clone());
    }
    scripts
}

#[test]
fn squawk_is_content_with_every_script() {
    for (name, scripts) in scripts() {
        assert!(!scripts.is_empty(), "{name} is for something");
        assert_quiet(&config(name), &scripts, &[]);
    }
}

#[test]
fn squawk_is_content_with_what_is_printed() {
    for (name, arguments) in [
        ("up", &["auth", "cache"][..]), // everything is built on tables that were created before, in the same text
        ("up_with_online", &["auth", "cache", "--from=20241222140532"]),
        ("down", &["auth", "cache", "--down"]),
    ] {
        let printed = pevensie_pg(&[&["print"], arguments].concat()).run().ok().stdout;
        assert_quiet(&config(name), &[("printed".to_owned(), printed)].into(), &[]);

        let for_psql = [&["print", "--format=psql"], arguments].concat();
        let printed = pevensie_pg(&for_psql).run().ok().stdout;
        let sql = printed.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n");
        // psql drops the rest of an earlier attempt first, by a statement that is no text before it runs.
        let sql = sql
            .replace(" \\gexec", ";")
            .replace("create index concurrently ", "create index concurrently if not exists ");
        assert_quiet(&config(name), &[("printed".to_owned(), sql)].into(), &["--no-assume-in-transaction"]);
    }
}

/// Every rule that is excluded is there for a script of ours, and would be broken.
#[test]
fn nothing_is_excluded_needlessly() {
    for (name, scripts) in scripts() {
        let text = fs::read_to_string(config(name)).expect("it is checked in");
        let (excluded, rest): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with("  \""));
        let excluded = excluded.iter().map(|line| line.trim_matches([' ', '"', ',']).to_owned()).collect();
        let folder = Folder::new();
        let (rules, answer) = squawk(&folder.write("all.toml", &rest.join("\n")), &scripts, &[]);
        assert_eq!(rules, excluded, "{name}: {answer}");
    }
}

#[test]
fn squawk_finds_what_hurts() {
    for (name, sql, expected) in [
        ("up", "create index a on pevensie.b using btree (c);", &["require-concurrent-index-creation"][..]),
        ("up", "drop table pevensie.a;", &["ban-drop-table"]),
        ("up", "alter table pevensie.a drop column b;", &["ban-drop-column"]),
        ("up", "alter table pevensie.a rename column b to c;", &["renaming-column"]),
        ("up", "alter table pevensie.a alter column b set not null;", &["adding-not-nullable-field"]),
        ("up", "alter table pevensie.a alter column b type pg_catalog.int8;", &["changing-column-type"]),
        ("up", "alter table pevensie.a add constraint b check (c > 0);", &["constraint-missing-not-valid"]),
        (
            "up",
            "alter table pevensie.a add constraint b unique (c);",
            &["constraint-missing-not-valid", "disallowed-unique-constraint"],
        ),
        ("up", "create table pevensie.a (b pg_catalog.timestamp);", &["prefer-timestamp-tz"]),
        ("up", "create table a ();", &["require-table-schema"]),
        ("up", "begin; select 1; commit;", &["transaction-nesting"]),
        (
            "up_with_online",
            "create index concurrently a on pevensie.b using btree (c); select 1;",
            &["ban-concurrent-index-creation-in-transaction", "prefer-robust-stmts"],
        ),
        ("up_with_online", "drop index pevensie.a;", &["require-concurrent-index-deletion"]),
        ("online", "create index a on pevensie.b using btree (c);", &["require-concurrent-index-creation"]),
        ("online", "drop index pevensie.a;", &["require-concurrent-index-deletion"]),
        ("online", "create table a ();", &["require-table-schema"]),
        ("down", "create index a on pevensie.b using btree (c);", &["require-concurrent-index-creation"]),
        ("down", "alter table pevensie.a drop column b;", &["ban-drop-column"]),
        ("down", "create table;", &["syntax-error"]),
    ] {
        let (rules, answer) = squawk(&config(name), &[("bad.sql".to_owned(), sql.to_owned())].into(), &[]);
        assert_eq!(Vec::from_iter(&rules), expected, "{name}: {sql}: {answer}");
    }
}
