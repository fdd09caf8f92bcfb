//! A hot standby that follows its primary: to be looked at, and to be passed by on the way to the primary.

use crate::support::{Private, UP, contents, run_on, servers};

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

    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", replica.port, primary.port);
    let both = format!("postgres://postgres@{hosts}/{}?target_session_attrs", empty.name());
    let applied = run_on(&format!("{both}=primary"), UP).run().ok();
    assert!(applied.stdout.contains("applied  cache"), "{}", applied.snapshot());
    assert_eq!(contents(&empty), contents(&installed));
    // And what was installed there arrives here.
    replica.catch_up(&empty);
    let status = run_on(&format!("{both}=standby"), &["status", "--check"]).run().ok();
    assert!(status.stderr.contains(&format!("127.0.0.1:{}", replica.port)), "{}", status.stderr);
}
