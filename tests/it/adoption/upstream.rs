//! Upstream's migrator, beside ours.
//!
//! What it does was observed of `pevensie_postgres` 1.2.0: it looks for a schema `pevensie`, reads each module's version as
//! text, applies what is newer, and upserts `(module, version)`.

use super::{to_be_done, traces, upsert, upstream_script};
use crate::support::{Database, UP, UP_FIRST, each_server, servers};

/// What upstream's migrator reads: it has nothing to do while no file of its own is newer.
fn upstream_reads(database: &Database<'_>) -> Vec<String> {
    assert_eq!(
        database.query_text("select schema_name from information_schema.schemata where schema_name = 'pevensie'"),
        "pevensie"
    );
    let version = |module| format!("select version::text from pevensie.module_version where module = '{module}'");
    ["base", "auth", "cache"].map(|module| database.query_text(&version(module))).to_vec()
}

#[test]
fn it_finds_nothing_to_do_after_us() {
    each_server(|server| {
        for installed in [&[][..], &["base", "auth", "cache"], &["base"]] {
            let database = server.database();
            if !installed.is_empty() {
                database.execute(&upstream_script(installed));
            }
            database.run(UP).run().ok();
            for version in upstream_reads(&database) {
                // Its own newest file is this one; ours may be newer.
                assert!(version.as_str() >= "2024-12-22 14:05:32+00", "{version}");
            }
        }
    });
}

#[test]
fn its_upsert_works_and_is_noticed_where_it_matters() {
    let database = servers()[0].database();
    database.execute(&upstream_script(&["base", "auth", "cache"]));
    database.run(UP_FIRST).run().ok();
    let catalog_before = traces(&database).0;
    // 3 is for what is pending: nothing is wrong with the history, and nothing with the schema.
    let only_pending = || assert_eq!(database.run(&["status", "--check", "--strict"]).run().code, 3);
    only_pending();

    // The version that is there already: nothing is different.
    for module in ["base", "auth", "cache"] {
        database.execute(&upsert(module));
    }
    assert_eq!(traces(&database).0, catalog_before);
    only_pending();
    database.run(UP).run().ok();
    database.run(&["status", "--check", "--strict"]).run().ok();

    // A version that it is past, which its own migrator does not record: what that reads is newer. And a version of its
    // own that this binary does not know. The history is no longer ours.
    for (version, said) in [
        ("2024-12-22T14:05:32", "auth 20241222140532 was edited: module_version has another checksum"),
        ("2099-01-01T00:00:00", "auth 20990101000000 is not known to this binary"),
    ] {
        database.execute(&upsert("auth").replace("2024-12-22T14:05:32", version));
        let output = database.run(&["status", "--check"]).run();
        assert_eq!(output.code, 4, "{}", output.snapshot());
        assert!(output.stdout.contains(said), "{}", output.snapshot());
    }
}

#[test]
fn what_it_installs_after_our_rollback_is_adopted_again() {
    let database = servers()[0].database();
    database.run(&["migrate", "cache", "--apply"]).run().ok();
    database.run(&["rollback", "cache@0", "--apply", "--yes"]).run().ok();
    database.execute(&format!("{}{}", super::objects("cache"), upsert("cache")));
    let output = database.run(&["migrate", "cache", "--apply"]).run().ok();
    assert_eq!(super::done(&output), to_be_done(&["cache"], &[]));
    database.run(&["status", "--check", "--strict"]).run().ok();
}
