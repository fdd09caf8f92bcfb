//! A hot standby can be looked at, is told from a server that can be changed, and is passed by on the way to its primary.

use crate::preflight::run;
use crate::support::{DOWN, Private, UP, contents, run_on, servers, snapshot_filters};

#[test]
fn a_standby_is_only_looked_at() {
    // It replays no primary's log; before that, everything was installed in it.
    let standby = Private::like(&servers()[0]);
    let url = standby.url("postgres");
    run(&url, UP).ok();
    standby.stop("fast");
    standby.run("touch", &["data/standby.signal"]).expect("it is ours");
    standby.restart();
    // Where nothing is to be done, nothing is in the way.
    for command in [&["status", "--check"][..], &["migrate", "auth", "cache"], UP] {
        run(&url, command).ok();
    }
    let mut words = Vec::new();
    for (command, code) in [(DOWN, 1), (&DOWN[..4], 0)] {
        let output = run(&url, command);
        assert_eq!(output.code, code, "{}", output.snapshot());
        words.push(format!("-- {}\n{}\n", command.join(" "), output.stderr));
    }
    let _filters = snapshot_filters().bind_to_scope();
    insta::assert_snapshot!(words.concat());
}

#[test]
fn a_standby_is_looked_at_and_its_primary_is_found() {
    let primary = servers().iter().find(|server| server.version == 15).expect("PostgreSQL 15 is among the servers");
    let (installed, empty) = (primary.database(), primary.database());
    installed.run(UP).run().ok();
    let replica = Private::standby_of(primary, "");
    replica.catch_up(&installed);

    let url = replica.url(installed.name());
    let status = run_on(&url, &["status", "--check"]).run().ok();
    assert!(status.stderr.contains("everything is as it should be"), "{}", status.snapshot());
    assert_eq!(run_on(&url, &["migrate", "auth", "cache"]).run().ok().stdout, "");

    let url = replica.url(empty.name());
    assert_eq!(run_on(&url, &["status", "--check"]).run().code, 3);
    let printed = run_on(&url, &["migrate", "auth", "cache"]).run().ok();
    assert_eq!(printed.stdout, empty.run(&["migrate", "auth", "cache"]).run().ok().stdout);
    let refused = run_on(&url, UP).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
    assert!(refused.stderr.contains("error: this server is a standby and accepts no changes\n"), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: connect to the primary"), "{}", refused.stderr);
    assert!(refused.stderr.contains("target_session_attrs=primary"), "{}", refused.stderr);
    assert_eq!(contents(&empty), "");

    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", replica.port(), primary.port);
    let both = format!("postgres://postgres@{hosts}/{}?target_session_attrs", empty.name());
    let applied = run_on(&format!("{both}=primary"), UP).run().ok();
    assert!(applied.stdout.contains("applied  cache"), "{}", applied.snapshot());
    assert_eq!(contents(&empty), contents(&installed));
    // And what was installed there arrives here.
    replica.catch_up(&empty);
    let status = run_on(&format!("{both}=standby"), &["status", "--check"]).run().ok();
    assert!(status.stderr.contains(&format!("127.0.0.1:{}", replica.port())), "{}", status.stderr);
}

/// A standby refuses to begin. What refuses a later statement with the same SQLSTATE is something else.
#[test]
fn what_refuses_to_be_read_is_no_standby() {
    let database = servers()[0].database();
    database.run(UP).run().ok();
    let app = database.role("app", "");
    database.execute(&format!(
        "grant usage, create on schema pevensie to {app};
         grant all on pevensie.module_version, pevensie.migration_log to {app};
         create function public.refuse() returns boolean language plpgsql as 'begin return true; end';
         alter table pevensie.module_version enable row level security;
         create policy refuse on pevensie.module_version using (public.refuse())"
    ));
    for sqlstate in ["0A000", "25006"] {
        database.execute(&format!(
            "create or replace function public.refuse() returns boolean language plpgsql as
             $$ begin raise 'not today' using errcode = '{sqlstate}'; end $$"
        ));
        let refused = run_on(&database.url_as(&app), UP).run();
        assert_eq!(refused.code, 1, "{}", refused.snapshot());
        assert!(refused.stderr.contains(&format!("error: not today ({sqlstate})\n")), "{}", refused.snapshot());
    }
}
