//! On a server of its own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::{
    Folder, Output, Running, Server, assert_snapshot, each_server, migrations, pevensie_pg, pevensie_pg_as_nobody,
    run_on, servers, setting, shell, within,
};

/// The folder of a server's programs.
fn programs(server: &Server) -> PathBuf {
    Path::new(&setting("PEVENSIE_PG_TEST_DIR")).join(format!("bin/{}", server.version))
}

/// A folder for servers that everybody may write to.
fn public_folder() -> Folder {
    let folder = Folder::new();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("it is ours");
    folder
}

fn is_empty(folder: &Folder) -> bool {
    fs::read_dir(folder.path()).expect("it is there").next().is_none()
}

/// `PATH` with a folder before everything else.
fn path(first: &Path) -> String {
    format!("{}:{}", first.display(), std::env::var("PATH").unwrap_or_default())
}

/// Programs of which one is a script that has the real ones in `$real`.
fn with_script(name: &str, script: &str) -> Folder {
    let real = fs::canonicalize(programs(&servers()[0])).expect("they are there");
    let folder = Folder::new();
    for program in ["initdb", "postgres"].into_iter().filter(|program| *program != name) {
        // A copy: a link would lead back to the others.
        fs::write(folder.path().join(program), format!("#!/bin/sh\nexec '{}/{program}' \"$@\"\n", real.display()))
            .expect("it is ours");
    }
    fs::write(folder.path().join(name), format!("#!/bin/sh\nreal='{}'\n{script}\n", real.display()))
        .expect("it is ours");
    for program in ["initdb", "postgres"] {
        fs::set_permissions(folder.path().join(program), Permissions::from_mode(0o755)).expect("it is ours");
    }
    folder
}

/// Sets a server up on which every session begins a second late.
const SLOW: &str = r#""$real/initdb" "$@" && echo 'post_auth_delay = 1' >> data/postgresql.conf"#;

fn keeping(programs: &Folder, folder: &Folder) -> Running {
    let run = pevensie_pg(&["rehearse", "--keep"]).env("PATH", path(programs.path()));
    run.env("TMPDIR", folder.path()).spawn()
}

#[test]
fn it_starts_a_server_and_removes_it() {
    each_server(|server| {
        let folder = public_folder();
        let run = pevensie_pg(&["rehearse"]).env("PATH", path(&programs(server))).env("TMPDIR", folder.path());
        let output = run.run().ok();
        let last = output.stdout.lines().last().expect("there is a report");
        assert!(last.contains(&format!(" on PostgreSQL {}.", server.version)), "{}", output.snapshot());
        assert!(is_empty(&folder), "something is left");
    });
}

#[test]
fn it_finds_the_servers_of_this_machine() {
    let output = pevensie_pg(&["rehearse"]).run().ok();
    let mut settings = crate::support::snapshot_filters();
    settings.add_filter(r"from /\S+", "from [folder]");
    settings.bind(|| insta::assert_snapshot!("it_finds_the_servers_of_this_machine", output.snapshot()));
}

#[test]
fn an_ordinary_user_needs_nobody_else() {
    let (folder, programs) = (public_folder(), programs(&servers()[0]));
    let home = Folder::new();
    let run = pevensie_pg_as_nobody(&home, &["rehearse", "--quiet"]).env("PATH", path(&programs));
    run.env("TMPDIR", folder.path()).run().ok();
    assert!(is_empty(&folder), "something is left");
}

#[test]
fn what_the_environment_says_is_about_other_servers() {
    let run = pevensie_pg(&["rehearse", "base", "--quiet"]).env("PGDATA", "/nowhere").env("PGSSLMODE", "verify-full");
    let run = run.env("PGOPTIONS", "-c nothing=1").env("PGAPPNAME", "me").env("PGPASSWORD", "wrong");
    run.env("PGCLIENTENCODING", "SJIS").env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Mars").run().ok();
}

#[test]
fn a_temporary_folder_that_will_not_do_is_passed_by() {
    let folder = public_folder();
    let long = folder.path().join("x".repeat(60));
    fs::create_dir(&long).expect("it is ours");
    pevensie_pg(&["rehearse", "base", "--quiet"]).env("TMPDIR", &long).run().ok();
}

#[test]
fn several_at_once_do_not_meet() {
    let running = [(); 2].map(|()| pevensie_pg(&["rehearse", "base", "--quiet"]).spawn());
    for running in running {
        running.wait().ok();
    }
}

#[test]
fn a_server_that_does_not_start_is_heard() {
    let refusing = r#"[ "$1" = -D ] || exec "$real/postgres" "$@"; echo 'FATAL:  out of luck' >&2; exit 1"#;
    let output = |name: &str, script: &str| -> Output {
        let (programs, folder) = (with_script(name, script), public_folder());
        let run = pevensie_pg(&["rehearse"]).env("PATH", path(programs.path())).env("TMPDIR", folder.path());
        let output = run.run();
        assert!(is_empty(&folder), "something is left");
        output
    };
    assert_snapshot!("a_server_that_does_not_start", output("postgres", refusing));
    let output = output("initdb", "echo 'initdb: error: no room' >&2; exit 1");
    assert_snapshot!("a_server_that_cannot_be_set_up", output);
}

#[test]
fn a_server_that_takes_two_minutes_to_start_is_given_up() {
    let hanging = r#"[ "$1" = -D ] || exec "$real/postgres" "$@"; exec sleep 600"#;
    let (programs, folder) = (with_script("postgres", hanging), public_folder());
    let run = pevensie_pg(&["rehearse"]).env("PATH", path(programs.path())).env("TMPDIR", folder.path());
    let mut running = run.spawn();
    within(Duration::from_secs(200), "it is given up", || running.has_ended());
    let output = running.wait();
    assert!(output.code == 1 && output.stderr.contains(" did not start\n"), "{}", output.snapshot());
    assert!(is_empty(&folder), "something is left");
}

#[test]
fn interrupted_it_removes_its_server() {
    for (script, sign) in [("sleep 60", "starting a throw-away"), (SLOW, "up, one by one")] {
        for signal in ["INT", "TERM"] {
            let (programs, folder) = (with_script("initdb", script), public_folder());
            let mut running = keeping(&programs, &folder);
            running.wait_for_stderr(sign);
            running.signal(signal);
            let output = running.wait();
            assert_eq!((output.code, output.stdout.as_str()), (130, ""), "{}", output.snapshot());
            assert!(is_empty(&folder), "something is left");
        }
    }
}

/// Rehearses with a server whose process does not stop.
fn going_on(start: &str) -> (Running, [Folder; 2]) {
    let script = format!(
        r#"[ "$1" = -D ] || exec "$real/postgres" "$@"
        trap '' TERM QUIT
        {start}
        while sleep 0.1; do :; done"#
    );
    let (programs, folder) = (with_script("postgres", &script), public_folder());
    let run = pevensie_pg(&["rehearse", "base", "--quiet"]).env("PATH", path(programs.path()));
    (run.env("TMPDIR", folder.path()).spawn(), [programs, folder])
}

#[test]
fn a_server_that_does_not_stop_is_named() {
    let (rehearsed, rehearsed_in) = going_on(r#""$real/postgres" "$@""#);
    let signs = public_folder();
    let started = signs.path().join("started");
    let (starting, starting_in) = going_on(&format!("touch '{}'", started.display()));
    within(Duration::from_secs(60), "the server's process is there", || started.exists());
    starting.signal("INT");
    for (running, [_programs, folder], code) in [(rehearsed, rehearsed_in, 1), (starting, starting_in, 130)] {
        let output = running.wait();
        assert_eq!(output.code, code, "{}", output.snapshot());
        let named = format!("error: the server in {}/pevensie-pg.", folder.path().display());
        let (before, leftover) = output.stderr.split_once(&named).unwrap_or_else(|| panic!("{}", output.snapshot()));
        assert_eq!(before.is_empty(), code == 1, "what failed comes first: {}", output.snapshot());
        let (why, removal) = leftover.split_once("\nhint: to remove it, run: ").expect("it says how");
        assert!(why.ends_with(" could not be removed: it is still there after 30s"), "{}", output.snapshot());
        assert!(!is_empty(&folder), "it is still there");
        shell(removal).ok();
        assert!(is_empty(&folder), "nothing is left");
    }
}

#[test]
fn a_server_whose_keeper_is_killed_is_named() {
    // With all of its process group.
    let (programs, folder) = (with_script("initdb", "kill -KILL 0"), public_folder());
    let output = keeping(&programs, &folder).wait();
    let why = " could not be removed: what was to do that has ended\nhint: to remove it, run: ";
    let (_, removal) = output.stderr.split_once(why).unwrap_or_else(|| panic!("{}", output.snapshot()));
    shell(removal).ok();
    assert!(is_empty(&folder), "nothing is left");
}

#[test]
fn killed_it_removes_its_server_all_the_same() {
    for (script, sign) in [("sleep 60", "starting a throw-away"), (SLOW, "up, one by one")] {
        let (programs, folder) = (with_script("initdb", script), public_folder());
        let mut running = keeping(&programs, &folder);
        running.wait_for_stderr(sign);
        within(Duration::from_secs(60), "there is a server's folder", || !is_empty(&folder));
        running.kill();
        within(Duration::from_secs(60), "nothing is left", || is_empty(&folder));
    }
}

#[test]
fn killed_as_its_folder_appears_it_leaves_nothing() {
    let (programs, folder) = (with_script("initdb", "sleep 60"), public_folder());
    for _ in 0..5 {
        let (running, began) = (keeping(&programs, &folder), Instant::now());
        while is_empty(&folder) {
            assert!(began.elapsed() < Duration::from_secs(60), "there is no folder");
        }
        running.kill();
        within(Duration::from_secs(60), "nothing is left", || is_empty(&folder));
    }
}

#[test]
fn a_server_is_kept_for_work() {
    let folder = public_folder();
    let run = pevensie_pg(&["rehearse", "auth", "cache", "--keep"]).env("TMPDIR", folder.path());
    let output = run.env("PATH", path(&programs(&servers()[0]))).run().ok();
    let address = output.stdout.trim_end().to_owned();
    let (_, removal) = output.stderr.split_once("to remove it, run: ").expect("it says how");
    let status = run_on(&address, &["status", "--check"]).run();
    let (_, password) = address.split_once("postgres:").and_then(|(_, rest)| rest.split_once(':')).expect("a URL");
    let (password, _) = password.split_once('@').expect("it has a password");
    let stranger = run_on(&address.replace(password, "guess"), &["status"]).run();
    shell(removal.trim_end()).ok();
    within(Duration::from_secs(60), "nothing is left", || is_empty(&folder));
    assert_eq!((status.code, stranger.code), (0, 1), "{}\n{}", status.snapshot(), stranger.snapshot());
    assert!(status.stderr.contains("everything is as it should be"), "{}", status.snapshot());
    assert_eq!(output.stdout.lines().count(), 1, "{}", output.stdout);
    assert!(
        output.stderr.contains(&format!("rehearsed {} migrations up, down and up again", migrations().len())),
        "{}",
        output.stderr
    );
}
