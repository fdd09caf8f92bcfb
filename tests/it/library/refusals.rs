//! What stands in the way, with its kind and its words.

use std::error::Error as _;
use std::time::Duration;

use pevensie_pg::{Applied, Error, ErrorKind, Migrator, Module, Verdict};

use super::{apply, migrator, pool, pool_at, runtime, wait_for};
use crate::support::{Database, UP, UP_FIRST, contents, each_server, migrations, run_on, snapshot_filters};
use crate::verified::spoil;

fn text(error: &Error) -> String {
    let hint = error.hint().map(|hint| format!("\n--- hint\n{hint}")).unwrap_or_default();
    format!("{:?}, {:?}\n{error}{hint}", error.kind(), error.sqlstate())
}

/// Insists on the same words as the tool's, and that nothing is changed.
#[track_caller]
fn refused(database: &Database<'_>, kind: ErrorKind) -> Error {
    let before = contents(database);
    let error = apply(database, &migrator()).expect_err("something is in the way");
    assert_eq!(contents(database), before);
    assert_eq!(error.kind(), kind, "{error}");
    let output = database.run(UP).run();
    assert_eq!(output.code, i32::from(kind.exit_code()), "{}", output.snapshot());
    for line in error.to_string().lines() {
        assert!(output.stderr.contains(line), "{line:?} is not in {}", output.stderr);
    }
    error
}

#[test]
fn a_history_that_is_not_ours_is_faulty() {
    each_server(|server| {
        for spoil in [
            "update pevensie.module_version set checksum = repeat('0', 64) where module = 'auth'",
            "update pevensie.module_version set version = version + interval '1 year' where module = 'cache'",
        ] {
            let database = server.database();
            database.run(UP).run().ok();
            database.execute(spoil);
            refused(&database, ErrorKind::Faulty);
            let status = wait_for(&runtime(), async { pevensie_pg::status(&pool(&database, 1), []).await });
            let status = status.expect("it can be looked at");
            assert_eq!((status.verdict(), status.faults().len()), (Verdict::Faulty, 1), "{status}");
        }
    });
}

#[test]
fn a_schema_that_would_be_another_is_drifted() {
    each_server(|server| {
        let database = server.database();
        let renamed = "alter table pevensie.cache rename value to content";
        spoil(&database, "to_regclass('pevensie.cache_expires_at_idx')", renamed);
        let error = refused(&database, ErrorKind::Drifted);
        assert!(error.to_string().contains("the schema would not be what these migrations promise"), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("everything was rolled back")), "{error:?}");

        database.execute("drop event trigger spoil");
        apply(&database, &migrator()).expect("nobody spoils it");
        database.execute(renamed);
        database.execute("create table pevensie.mine ()");
        let status = wait_for(&runtime(), async { pevensie_pg::status(&pool(&database, 1), []).await });
        let status = status.expect("it can be looked at");
        assert_eq!(status.verdict(), Verdict::Drifted, "{status}");
        assert!(status.drift().contains(&"column pevensie.cache.value is missing".to_owned()), "{status}");
        assert!(status.extra().contains(&"table pevensie.mine is extra".to_owned()), "{status}");
    });
}

#[test]
fn what_cannot_be_asked_for_is_usage() {
    each_server(|server| {
        let database = server.database();
        let version = "20250101000000".parse().expect("it is a version");
        let error = apply(&database, &Migrator::new([]).up_to(Module::Auth, version)).expect_err("there is none");
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().starts_with("auth has no version 20250101000000; it has"), "{error}");
    });
}

#[test]
fn the_holder_of_the_lock_is_named() {
    each_server(|server| {
        let database = server.database();
        let _holder = database.hold_lock();
        let mut events = Vec::new();
        let hasty = migrator().lock_wait(Duration::from_secs(5));
        let error = wait_for(&runtime(), async {
            hasty.apply_telling(&pool(&database, 1), |event| events.push(event.to_string())).await
        });
        let error = error.expect_err("somebody has the lock");
        snapshot_filters().bind(|| {
            let told = events.join("\n");
            insta::assert_snapshot!("the_holder", format!("{}\n--- told\n{told}", text(&error)));
        });
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn what_was_applied_before_is_named() {
    each_server(|server| {
        let database = server.database();
        database.run(UP_FIRST).run().ok();
        let mut reader = database.client();
        reader.batch_execute("begin; lock table pevensie.cache in access share mode").expect("nobody else uses it");
        let hasty = migrator().lock_wait(Duration::from_secs(1)).lock_timeout(Duration::from_millis(200));
        let error = apply(&database, &hasty).expect_err("somebody keeps the table");
        assert_eq!((error.kind(), error.sqlstate()), (ErrorKind::Failed, Some("55P03")), "{error}");
        let applied: Vec<&str> = error.applied().iter().map(|migration| migration.name()).collect();
        assert_eq!(applied, ["uuid7_range", "session_user_id_idx", "session_expires_at_idx"]);
        assert!(error.to_string().contains("\n  in sql/cache/20261121041300_key_per_resource_type.up.sql"), "{error}");
        assert!(
            error.hint().is_some_and(|hint| hint.ends_with("the 3 migrations applied before it stay")),
            "{error:?}"
        );
        reader.batch_execute("commit").expect("a transaction can be ended");
        assert_eq!(
            apply(&database, &hasty).expect("nobody is in the way").migrations().len(),
            migrations().len() - 3 - 3
        );
    });
}

#[test]
fn a_role_that_may_not_is_told_what_helps() {
    each_server(|server| {
        let database = server.database();
        let role = database.role("service", "");
        let url = database.url_as(&role);
        let tried = || wait_for(&runtime(), async { migrator().apply(&pool_at(&url, 2)).await });
        let error = tried().expect_err("it may not create schemas");
        snapshot_filters().bind(|| insta::assert_snapshot!("a_role_that_may_not", text(&error)));
        let grant =
            error.hint().and_then(|hint| hint.lines().next()?.split_once("run: ")).expect("a statement helps").1;
        database.execute(grant);
        assert!(!tried().expect("it may now").is_empty());
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn a_pool_that_lends_nothing_says_why() {
    each_server(|server| {
        let database = server.database();
        let gone = database.url().replace(database.name(), "gone");
        let error = wait_for(&runtime(), async { migrator().apply(&pool_at(&gone, 2)).await });
        let error = error.expect_err("there is no such database");
        assert_eq!(
            text(&error),
            "Failed, Some(\"3D000\")\nthe pool lends no client: database \"gone\" does not exist (3D000)"
        );
        assert!(error.source().and_then(|source| source.downcast_ref::<deadpool_postgres::PoolError>()).is_some());

        let error = wait_for(&runtime(), async {
            let pool = pool(&database, 1);
            let _busy = pool.get().await.expect("it answers");
            migrator().lock_wait(Duration::ZERO).apply(&pool).await
        });
        insta::assert_snapshot!("a_pool_in_use", text(&error.expect_err("its client is in use")));
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn a_server_that_has_no_room_is_waited_for() {
    each_server(|server| {
        let database = server.database();
        let role = database.role("service", "connection limit 1");
        database.execute(&format!("grant create on database {} to {role}", database.name()));
        let url = database.url_as(&role);
        let runtime = runtime();
        let other = pool_at(&url, 1);
        let busy = wait_for(&runtime, other.get()).expect("there is room for one");
        let tried = |wait| wait_for(&runtime, async { migrator().lock_wait(wait).apply(&pool_at(&url, 1)).await });
        let error = tried(Duration::from_millis(500)).expect_err("there is no room for two");
        let why = format!("the pool lends no client: too many connections for role \"{role}\" (53300)");
        assert_eq!((error.to_string(), error.sqlstate()), (why, Some("53300")));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| apply_at(&url));
            // That nothing happens in this time is what is to be seen.
            std::thread::sleep(Duration::from_secs(1));
            assert!(!waiting.is_finished());
            drop(deadpool_postgres::Object::take(busy));
            let applied = waiting.join().expect("it ends").expect("there is room by now");
            assert_eq!(applied.migrations().len(), migrations().len());
        });
    });
}

#[test]
fn a_second_client_that_the_server_has_no_room_for_is_missed_beforehand() {
    each_server(|server| {
        let database = server.database();
        let role = database.role("service", "");
        database.execute(&format!("create schema pevensie authorization {role}"));
        let url = database.url_as(&role);
        run_on(&url, UP_FIRST).run().ok();
        database.execute(&format!("alter role {role} connection limit 1"));
        let before = contents(&database);
        let hasty = migrator().lock_wait(Duration::from_millis(500));
        let error = wait_for(&runtime(), async { hasty.apply(&pool_at(&url, 2)).await });
        let error = error.expect_err("there is no room for two");
        let why = format!(
            "an index is built online in a second session, and there is none:\n  the pool lends no client: too many \
             connections for role \"{role}\" (53300)"
        );
        assert_eq!((error.to_string(), error.sqlstate()), (why, Some("53300")));
        assert!(error.source().and_then(|source| source.downcast_ref::<deadpool_postgres::PoolError>()).is_some());
        assert!(
            error.hint().is_some_and(|hint| hint.contains("let the server have room for two sessions")),
            "{error:?}"
        );
        assert_eq!(contents(&database), before);
    });
}

/// Applies over a pool of its own that has room for one client.
fn apply_at(url: &str) -> Result<Applied, Error> {
    wait_for(&runtime(), async { migrator().apply(&pool_at(url, 1)).await })
}
