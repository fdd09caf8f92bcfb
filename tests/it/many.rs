//! One command on many databases.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::Value;

use crate::support::{
    Database, Folder, Output, Run, UP, UP_FIRST, assert_snapshot, each_server, eventually, pevensie_pg, servers, within,
};

const CHECK: &[&str] = &["status", "--check"];
/// Where nobody answers.
const NOBODY: &str = "postgres://postgres@127.0.0.1:1/nobody";

fn databases<const N: usize>() -> [Database<'static>; N] {
    [(); N].map(|()| servers()[0].database())
}

fn at(arguments: &[&str], addresses: &[&str]) -> Run {
    let addresses = addresses.iter().map(|address| format!("--addr={address}"));
    let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).chain(addresses).collect();
    pevensie_pg(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn is_installed(database: &Database<'_>) -> bool {
    database.rows("select where to_regclass('pevensie.cache') is not null") == 1
}

/// Without what aligns the columns: names are not all of one length.
fn unaligned(mut output: Output) -> Output {
    let lines = output.stdout.lines().map(|line| match line.split_once("  ") {
        Some((word, rest)) if !word.is_empty() => {
            let rest: Vec<&str> = rest.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
            format!("{word}  {}\n", rest.join("  "))
        }
        _ => format!("{line}\n"),
    });
    output.stdout = lines.collect();
    output
}

fn documents(output: &Output) -> Vec<Value> {
    output.stdout.lines().map(|line| serde_json::from_str(line).expect("each line is a document")).collect()
}

#[test]
fn each_database_is_migrated_by_itself() {
    each_server(|server| {
        let [one, taken, other] = [(); 3].map(|()| server.database());
        taken.execute("create schema pevensie create table cache (x int)");
        let addresses = [&one.url(), &taken.url(), NOBODY, &other.url()];
        let output = at(UP, &addresses).run();
        assert_snapshot!("each_database_is_migrated_by_itself", unaligned(output));
        for database in [&one, &other] {
            database.run(CHECK).run().ok();
        }
        assert_eq!(taken.rows("select from pg_tables where schemaname = 'pevensie'"), 1);

        let again = at(UP, &[&one.url(), &other.url()]).run().ok();
        assert_eq!(
            again.stdout.lines().filter(|line| line.starts_with("unchanged  ")).count(),
            2,
            "{}",
            again.snapshot()
        );
        assert!(again.stderr.ends_with("2 databases: 2 unchanged\n"), "{}", again.snapshot());
    });
}

#[test]
fn what_a_server_warns_of_stands_with_its_database() {
    let [quiet, warning, alone] = databases();
    for database in [&warning, &alone] {
        database.execute(
            "create function public.warn() returns event_trigger language plpgsql as $$
             begin raise warning 'this database moves on Sunday'; end $$;
             create event trigger warn on ddl_command_end when tag in ('CREATE SCHEMA') execute function public.warn()",
        );
    }
    let output = at(UP, &[&quiet.url(), &warning.url()]).run().ok();
    let [of_quiet, of_warning] = [&quiet, &warning].map(|database| output.stdout.find(database.name()));
    let said = "warning: this database moves on Sunday\n";
    assert!(of_quiet < of_warning && of_warning < output.stdout.find(said), "{}", output.snapshot());
    let output = alone.run(UP).run().ok();
    assert!(output.stderr.starts_with(said), "{}", output.snapshot());
}

#[test]
fn the_gravest_of_all_is_the_exit_code() {
    let [good, pending, drifted, faulty, older] = databases();
    for database in [&good, &drifted, &faulty] {
        database.run(UP).run().ok();
    }
    older.run(UP_FIRST).run().ok();
    drifted.execute("alter table pevensie.cache alter value drop not null");
    faulty.execute("update pevensie.module_version set checksum = repeat('0', 64) where module = 'auth'");
    let urls = [&good, &pending, &drifted, &faulty, &older].map(Database::url);
    let urls = urls.each_ref().map(String::as_str);
    assert_snapshot!("the_gravest_of_all", unaligned(at(CHECK, &urls).run()));
    for (addresses, code) in [
        (vec![urls[0], urls[0]], 0),
        (vec![urls[1], urls[0]], 3),
        (vec![urls[0], urls[4]], 3),
        (vec![urls[1], urls[2], urls[0]], 5),
        (vec![urls[3], urls[2], urls[1]], 4),
        (vec![NOBODY, urls[3]], 1),
    ] {
        let output = at(CHECK, &addresses).run();
        assert_eq!(output.code, code, "{}", output.snapshot());
        let output = at(&["status"], &addresses).run();
        assert_eq!(output.code, i32::from(code == 1), "without --check: {}", output.snapshot());
    }
}

#[test]
fn addresses_come_from_a_file_too() {
    let [one, other] = databases();
    let folder = Folder::new();
    let file = folder.path().join("tenants.txt");
    fs::write(
        &file,
        format!(
            "# the tenants\n\n  {}  \nhost=127.0.0.1 port={} user=postgres dbname={}\n",
            one.url(),
            servers()[0].port,
            other.name()
        ),
    )
    .expect("the folder is ours");
    let named = format!("--addr-file={}", file.display());
    let output = pevensie_pg(&[UP, &[&named]].concat()).run().ok();
    assert_eq!(output.stdout.lines().count(), 2, "{}", output.snapshot());
    // And from stdin, after those of --addr; DATABASE_URL is not asked.
    let from_stdin = at(&[CHECK, &["--addr-file=-"]].concat(), &[&other.url()]).env("DATABASE_URL", NOBODY);
    let output = from_stdin.stdin(&format!("{}\n", one.url())).run().ok();
    let order: Vec<bool> = output.stdout.lines().map(|line| line.contains(other.name())).collect();
    assert_eq!(order, [true, false], "{}", output.snapshot());
    // A single one is reported in the same way.
    let output = pevensie_pg(&[CHECK, &["--addr-file=-"]].concat()).stdin(&one.url()).run().ok();
    assert!(output.stderr.ends_with("1 database: 1 good\n"), "{}", output.snapshot());
}

#[test]
fn a_wrong_address_stops_before_the_first() {
    let [database] = databases();
    let folder = Folder::new();
    let file = folder.path().join("tenants.txt");
    let named = format!("--addr-file={}", file.display());
    for (text, expected) in [
        (format!("{}\n\nhost=x password=s3cret sslmod=require\n", database.url()), "tenants.txt, line 3"),
        (format!("{}\npostgres://u:s3cret@h@d\n", database.url()), "tenants.txt, line 2"),
        ("# nobody\n\n".to_owned(), "no address is in the file"),
    ] {
        fs::write(&file, text).expect("the folder is ours");
        let output = pevensie_pg(&[UP, &[&named]].concat()).run();
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{}", output.snapshot());
        assert!(output.stderr.contains(expected) && !output.stderr.contains("s3cret"), "{}", output.snapshot());
    }
    assert!(!is_installed(&database));
    let output = pevensie_pg(&[CHECK, &["--addr-file=/nowhere/tenants.txt"]].concat()).run();
    assert_eq!(output.code, 1, "{}", output.snapshot());
    let one = database.url();
    for arguments in [&["migrate", "auth"][..], &["status", "--history"], &["status", "--jobs=0"]] {
        let output = at(arguments, &[&one, &one]).run();
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{}", output.snapshot());
    }
}

#[test]
fn one_that_does_not_answer_holds_nobody_up() {
    let [one, other] = databases();
    let silent = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = format!("host=127.0.0.1 port={} dbname=x", silent.local_addr().expect("it is bound").port());
    let all = [&*address, &one.url(), &other.url()];
    let running = at(&[UP, &["--jobs=2", "--connect-timeout=60s"]].concat(), &all).spawn();
    within(Duration::from_secs(30), "the others are migrated", || is_installed(&one) && is_installed(&other));
    drop(silent);
    let output = running.wait();
    assert_eq!(output.code, 1, "{}", output.snapshot());
    assert!(output.stdout.starts_with("failed   "), "in order: {}", output.snapshot());
    assert!(output.stderr.ends_with("3 databases: 2 applied, 1 failed\n"), "{}", output.snapshot());
}

#[test]
fn no_more_than_so_many_at_a_time() {
    let all: [_; 5] = databases();
    let held: Vec<_> = all.iter().map(Database::hold_lock).collect();
    let urls = all.each_ref().map(Database::url);
    let running = at(&[UP, &["--jobs=2"]].concat(), &urls.each_ref().map(String::as_str)).spawn();
    let at_work = || {
        let names: Vec<String> = all.iter().map(|database| format!("'{}'", database.name())).collect();
        all[0].rows(&format!(
            "select distinct datname from pg_stat_activity
             where application_name like 'pevensie-pg migrate%' and datname in ({})",
            names.join(", ")
        ))
    };
    eventually("two wait for the lock", || at_work() == 2);
    for _ in 0..50 {
        assert!(at_work() <= 2);
    }
    drop(held);
    running.wait().ok();
    assert!(all.iter().all(is_installed));
}

#[test]
fn after_a_failure_no_other_is_begun_where_that_is_wanted() {
    let [one, other] = databases();
    let all = [&*one.url(), NOBODY, &other.url()];
    let output = at(&[UP, &["--jobs=1", "--fail-fast"]].concat(), &all).run();
    assert_eq!(output.code, 1, "{}", output.snapshot());
    assert!(output.stderr.ends_with("3 databases: 1 applied, 1 failed, 1 not tried\n"), "{}", output.snapshot());
    assert_eq!((is_installed(&one), is_installed(&other)), (true, false));
}

#[test]
fn interrupted_it_finishes_none_and_begins_none() {
    let [one, other] = databases();
    let _held = one.hold_lock();
    let mut running = at(&[UP, &["--jobs=1", "-v"]].concat(), &[&one.url(), &other.url()]).spawn();
    eventually("it waits", || one.sessions() == 2);
    running.wait_for_stderr("waiting");
    running.signal("INT");
    let output = running.wait();
    assert_eq!(output.code, 130, "{}", output.snapshot());
    assert!(output.stderr.ends_with("2 databases: 1 failed, 1 not tried\n"), "{}", output.snapshot());
    assert!(!is_installed(&one) && !is_installed(&other));
}

#[test]
fn there_is_a_document_for_each() {
    let [one, other] = databases();
    one.run(UP).run().ok();
    let output = at(&[CHECK, &["--json"]].concat(), &[&one.url(), NOBODY, &other.url()]).run();
    let [good, nobody, pending] = &documents(&output)[..] else { panic!("{}", output.snapshot()) };
    for (document, nth) in [(good, 1), (nobody, 2), (pending, 3)] {
        assert_eq!(
            (&document["format"], &document["command"], &document["number"]),
            (&1.into(), &"status".into(), &nth.into())
        );
    }
    assert_eq!((&good["good"], &pending["good"]), (&true.into(), &false.into()));
    assert_eq!(nobody["exit_code"], 1);
    assert!(
        nobody["address"].as_str().is_some_and(|address| address.contains("\"nobody\" on 127.0.0.1:1")),
        "{nobody}"
    );

    let output = at(&[UP, &["--json"]].concat(), &[&one.url(), &other.url()]).run().ok();
    let steps: Vec<usize> =
        documents(&output).iter().filter_map(|document| Some(document["steps"].as_array()?.len())).collect();
    assert_eq!(steps[0], 0);
    assert!(steps[1] > 8, "{}", output.snapshot());
}

#[test]
fn what_is_odd_about_the_addresses_is_said_once() {
    let [one, other] = databases();
    let folder = Folder::new();
    let passfile = folder.path().join("exposed");
    fs::write(&passfile, "*:*:*:*:x").expect("the folder is ours");
    fs::set_permissions(&passfile, Permissions::from_mode(0o644)).expect("it is ours");
    let (one, other) = (one.url(), other.url());
    let run = |more: &[&str]| at(&[UP, more].concat(), &[&one, &other]).env("PGPASSFILE", &passfile).run().ok();
    let output = run(&[]);
    let warning = format!("warning: password file {} is not used: it has group or world access", passfile.display());
    assert_eq!(output.stderr.matches(&warning).count(), 1, "{}", output.snapshot());
    assert!(!output.stderr.contains("passfile = "), "{}", output.snapshot());
    let output = run(&["-v"]);
    let origin = format!("passfile = {}  (PGPASSFILE)", passfile.display());
    assert_eq!(output.stderr.matches(&origin).count(), 2, "{}", output.snapshot());
}

#[test]
fn github_gets_annotations_that_name_the_database() {
    let [good, pending] = databases();
    good.run(UP).run().ok();
    let (good, pending) = (good.url(), pending.url());
    let annotations = |arguments: &[&str]| {
        let output = at(arguments, &[&good, &pending]).env("GITHUB_ACTIONS", "true").run();
        let lines = output.stderr.lines().filter(|line| line.starts_with("::")).map(str::to_owned);
        lines.collect::<Vec<_>>()
    };
    let [nothing] = &annotations(CHECK)[..] else { panic!("{:?}", annotations(CHECK)) };
    let name = pending.rsplit_once('/').expect("it is a URL").1;
    let start = format!("::error title=pevensie-pg pending::database \"{name}\" on ");
    assert!(nothing.starts_with(&start) && nothing.ends_with(": Pevensie is not installed"), "{nothing}");
    assert_eq!(annotations(&["status"]), [""; 0]);
}
