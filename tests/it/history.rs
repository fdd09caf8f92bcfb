//! A history that is not this binary's stops every command that would build on it.

pub(crate) mod long;

use crate::preflight::run;
use crate::support::{Database, catalog, each_server, newest, pevensie_pg, servers, snapshot_filters};

/// Everything that a command could change in a database: the schema's objects and the rows of the ledger.
pub(crate) fn everything(database: &Database<'_>) -> String {
    let rows = |table: &str| {
        database.query_text(&format!(
            "select case when to_regclass('pevensie.{table}') is null then 'absent' \
             else query_to_xml('select to_jsonb(t)::text from pevensie.{table} t order by 1', true, false, '')::text end"
        ))
    };
    format!("{:#?}\n{}\n{}", catalog(database), rows("module_version"), rows("migration_log"))
}

fn pinned(name: &str, text: &str) {
    let mut settings = snapshot_filters();
    settings.add_filter(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b", "[minute]");
    settings.add_filter(r"expected: [0-9a-f]{64}\b", "expected: [checksum]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Every command that would build on what is recorded.
const COMMANDS: [&[&str]; 6] = [
    &["migrate", "auth", "cache"],
    &["migrate", "auth", "cache", "--apply"],
    &["migrate", "base", "--apply"],
    &["rollback", "cache"],
    &["rollback", "cache", "--apply", "--yes"],
    &["rollback", "auth@0", "cache@0", "base@0", "--apply", "--yes"],
];

/// Installs everything, does something to the ledger, and makes sure that every command stops with the same words and
/// this exit code, and changes nothing. Returns what `status` and the other commands say.
fn spoilt(database: &Database<'_>, spoil: &[&str], code: i32) -> String {
    run(&database.url(), &["migrate", "auth", "cache", "--apply"]).ok();
    for statement in spoil {
        database.execute(statement);
    }
    let before = everything(database);
    let mut said = Vec::new();
    for command in COMMANDS {
        let output = run(&database.url(), command);
        assert_eq!((output.code, output.stdout.as_str()), (code, ""), "after {spoil:?}: {}", output.snapshot());
        said.push(output.stderr);
    }
    said.dedup();
    let [said]: [String; 1] = said.try_into().expect("all commands say the same");
    let checked = run(&database.url(), &["status", "--check"]);
    assert_eq!(checked.code, code, "{}", checked.snapshot());
    let status = run(&database.url(), &["status"]);
    assert_eq!(status.code, if code == 4 { 0 } else { code }, "{}", status.snapshot());
    assert_eq!((&status.stdout, &status.stderr), (&checked.stdout, &checked.stderr));
    assert_eq!(everything(database), before, "something was changed after {spoil:?}");
    format!("## {}\n-- status\n{}{}-- the others\n{said}\n", spoil.join("; "), status.stdout, status.stderr)
}

/// The checksum of a module's newest migration.
fn checksum(module: &str) -> &'static str {
    let path = format!("  {module}/{}_", newest(module));
    let line = include_str!("../../sql/CHECKSUMS").lines().find(|line| line.contains(&path));
    line.and_then(|line| line.split_whitespace().next()).expect("sql/CHECKSUMS lists it")
}

#[test]
fn edited_checksums() {
    each_server(|server| {
        let mut words = Vec::new();
        for module in ["base", "auth", "cache"] {
            for table in ["module_version", "migration_log"] {
                let spoil = format!("update pevensie.{table} set checksum = repeat('0', 64) where module = '{module}'");
                let said = spoilt(&server.database(), &[&spoil], 4);
                let expected = format!("  expected: {}\n", checksum(module));
                assert!(said.contains(&expected), "no {expected:?} in {said}");
                words.push(said);
            }
        }
        pinned("edited_checksums", &words.concat());
    });
}

#[test]
fn versions_and_modules_of_a_newer_binary() {
    each_server(|server| {
        let words = [
            &["update pevensie.module_version set version = '2099-12-31 00:00:00+00' where module = 'auth'"][..],
            &["update pevensie.migration_log set version = '2099-12-31 00:00:00+00' where module = 'cache'"],
            &[
                "alter type pevensie.module add value 'wardrobe'",
                "insert into pevensie.module_version values ('wardrobe', '2099-12-31 00:00:00+00', 'abc')",
            ],
        ]
        .map(|spoil| spoilt(&server.database(), spoil, 4));
        pinned("versions_and_modules_of_a_newer_binary", &words.concat());
    });
}

#[test]
fn a_version_is_exact() {
    let spoil = "update pevensie.module_version set version = version + interval '1 ms' where module = 'base'";
    spoilt(&servers()[0].database(), &[spoil], 4);
}

#[test]
fn a_version_that_is_none_is_not_nothing() {
    let spoil = "update pevensie.module_version set version = 'infinity' where module = 'auth'";
    let said = spoilt(&servers()[0].database(), &[spoil], 4);
    assert!(!said.contains("not installed") && !said.contains("pending"), "{said}");
}

#[test]
fn what_the_log_knows_has_a_record() {
    for spoil in [
        "update pevensie.module_version set checksum = null where module = 'auth'",
        "delete from pevensie.module_version where module = 'cache'",
    ] {
        let said = spoilt(&servers()[0].database(), &[spoil], 4);
        assert!(!said.contains("without a record") && !said.contains("adopt"), "{said}");
    }
}

#[test]
fn records_that_are_gone() {
    each_server(|server| {
        let words = [
            &["delete from pevensie.migration_log"][..],
            &["delete from pevensie.migration_log where module = 'base'"],
            &["delete from pevensie.module_version"],
            &["delete from pevensie.module_version where module = 'cache'"],
            &["delete from pevensie.module_version where module = 'base'"],
        ]
        .map(|spoil| spoilt(&server.database(), spoil, 4));
        pinned("records_that_are_gone", &words.concat());
    });
}

#[test]
fn a_ledger_that_is_none() {
    each_server(|server| {
        let words = [
            &["alter table pevensie.module_version rename to x; create view pevensie.module_version as table pevensie.x"][..],
            &["drop table pevensie.module_version"],
            &["alter table pevensie.module_version rename column version to x"],
        ]
        .map(|spoil| spoilt(&server.database(), spoil, 1));
        pinned("a_ledger_that_is_none", &words.concat());
    });
}

#[test]
fn half_a_ledger_is_not_taken_for_upstreams() {
    each_server(|server| {
        let words = [
            &["drop table pevensie.migration_log"][..],
            &["alter table pevensie.migration_log rename to x; create view pevensie.migration_log as table pevensie.x"],
            &["alter table pevensie.module_version drop column checksum"],
            &["alter table pevensie.migration_log rename column action to x"],
        ]
        .map(|spoil| spoilt(&server.database(), spoil, 1));
        for words in &words {
            assert!(words.contains("is not as Pevensie's ledger has it"), "{words}");
        }
        pinned("half_a_ledger_is_not_taken_for_upstreams", &words.concat());
    });
}

#[test]
fn what_is_not_there_yet_is_no_fault() {
    let database = servers()[0].database();
    let url = database.url();
    let code = |command: &[&str]| {
        let before = everything(&database);
        let output = run(&url, command);
        assert_eq!(everything(&database), before);
        output.code
    };
    for (migrate, all, base, cache, two) in
        [(None, 3, 3, 3, 3), (Some("base"), 0, 0, 3, 3), (Some("cache"), 0, 0, 0, 3), (Some("auth"), 0, 0, 0, 0)]
    {
        migrate.map(|module| run(&url, &["migrate", module, "--apply"]).ok());
        assert_eq!(code(&["status", "--check"]), all, "after {migrate:?}");
        assert_eq!(code(&["status", "--check", "base"]), base, "after {migrate:?}");
        assert_eq!(code(&["status", "--check", "cache"]), cache, "after {migrate:?}");
        assert_eq!(code(&["status", "--check", "auth", "cache"]), two, "after {migrate:?}");
        assert_eq!(code(&["status"]), 0, "without --check all is well");
        assert_eq!(code(&["status", "auth", "cache"]), 0, "without --check all is well");
    }
    run(&url, &["rollback", "auth@0", "cache@0", "base@0", "--apply", "--yes"]).ok();
    assert_eq!(code(&["status", "--check"]), 3);
}

#[test]
fn status_in_every_state() {
    each_server(|server| {
        let database = server.database();
        let url = database.url();
        let mut words = Vec::new();
        let mut show = |command: &[&str]| words.push(format!("{}\n", run(&url, command).snapshot()));
        show(&["status"]);
        show(&["status", "auth", "--check"]);
        run(&url, &["migrate", "cache", "--apply"]).ok();
        show(&["status", "--check"]);
        show(&["status", "auth", "cache", "--check"]);
        run(&url, &["migrate", "auth", "--apply"]).ok();
        run(&url, &["rollback", "cache", "--apply", "--yes"]).ok();
        show(&["status", "--check"]);
        run(&url, &["rollback", "cache@0", "--apply", "--yes"]).ok();
        show(&["status", "--history"]);
        pinned("status_in_every_state", &words.concat());
    });
}

#[test]
fn github_gets_annotations_when_checking() {
    let database = servers()[0].database();
    let url = format!("--addr={}", database.url());
    let annotations = |arguments: &[&str], value: &str| {
        let output = pevensie_pg(&[&["status", &url], arguments].concat()).env("GITHUB_ACTIONS", value).run();
        assert!(!output.stdout.contains("::"), "{}", output.snapshot());
        let lines: Vec<_> = output.stderr.lines().filter(|line| line.contains("::")).map(str::to_owned).collect();
        lines.join("\n")
    };
    let nothing = "::error title=pevensie-pg pending::Pevensie is not installed";
    assert_eq!(annotations(&["--check"], "true"), nothing);
    assert_eq!(annotations(&["--check", "--json", "--quiet"], "true"), nothing);
    assert_eq!(annotations(&["--check"], "false"), "");
    assert_eq!(annotations(&[], "true"), "");
    run(&database.url(), &["migrate", "base", "--apply"]).ok();
    assert_eq!(annotations(&["--check"], "true"), "");
    database.execute("update pevensie.module_version set checksum = '100%'");
    pinned("annotations", &annotations(&["--check", "auth"], "true"));
}
