//! Upgrading what is in use: two clients, or one transaction.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Config, PoolConfig, Runtime};
use pevensie_pg::{ErrorKind, Event};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{apply, migrator, pool, pool_at, runtime, wait_for};
use crate::support::{Bouncer, FIRST, UP, commit, contents, each_server, first_generation, migrations, setting};

#[test]
fn indexes_of_tables_in_use_are_built_online() {
    each_server(|server| {
        let (database, by_tool) = (first_generation(server), first_generation(server));
        by_tool.run(UP).run().ok();
        // Nobody's settings of a pool are in the way of a build.
        database.execute(&format!("alter database {} set default_transaction_read_only to on", database.name()));
        let (runtime, mut events) = (runtime(), Vec::new());
        wait_for(&runtime, async {
            let pool = pool(&database, 2);
            migrator().apply_telling(&pool, |event| events.push(event)).await.expect("two clients are enough");
        });
        let built = |event: &&Event| event.to_string().starts_with("building index");
        assert!(events.iter().filter(built).count() >= 3, "{events:?}");
        assert_eq!(contents(&database), contents(&by_tool));
    });
}

#[test]
fn one_client_is_refused_beforehand_or_asked_for_one_transaction() {
    each_server(|server| {
        let database = first_generation(server);
        let before = contents(&database);
        let runtime = runtime();
        let error = wait_for(&runtime, async { migrator().apply(&pool(&database, 1)).await });
        let error = error.expect_err("there is no second client");
        assert_eq!((error.kind(), contents(&database)), (ErrorKind::Failed, before));
        let hint = error.hint().unwrap_or_default();
        insta::assert_snapshot!("one_client", format!("{error}\n--- hint\n{hint}"));
        let single = migrator().single_transaction();
        wait_for(&runtime, async { single.apply(&pool(&database, 1)).await }).expect("one client is enough");
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn behind_a_pooler_nobody_notices() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 2);
        let url = bouncer.url(&database);
        let settings = "select name, setting from pg_settings where source = 'session' and name <> 'application_name'";
        let runtime = runtime();
        let found = wait_for(&runtime, async {
            migrator().apply(&pool_at(&url, 3)).await.expect("two connections are enough");
            // Each client is given another connection of the pooler while both are in a transaction.
            let (pool, mut found) = (pool_at(&url, 2), Vec::new());
            let clients = [pool.get().await.expect("it answers"), pool.get().await.expect("it answers")];
            for client in &clients {
                client.batch_execute("begin").await.expect("a connection is free");
            }
            for client in &clients {
                found.push(client.query(settings, &[]).await.expect("it answers").len());
            }
            found
        });
        assert_eq!(found, [0, 0]);
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn a_build_that_waits_too_long_behind_a_pooler_is_given_up() {
    each_server(|server| {
        let database = first_generation(server);
        let bouncer = Bouncer::start(server, 4);
        let mut reader = database.client();
        reader.batch_execute("begin isolation level repeatable read; select").expect("it answers");
        let runtime = runtime();
        let pool = pool_at(&bouncer.url(&database), 4);
        let hasty = migrator().lock_wait(Duration::from_secs(1)).lock_timeout(Duration::from_millis(500));
        let error = wait_for(&runtime, async { hasty.apply(&pool).await }).expect_err("somebody keeps a snapshot");
        assert!(error.to_string().starts_with("the build waited for others for 1s\n  blocked by: "), "{error}");
        assert_eq!(error.applied().len(), 1);
        commit(&mut reader);
        wait_for(&runtime, async { migrator().apply(&pool).await }).expect("nobody is in the way");
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn a_pool_that_insists_on_tls() {
    each_server(|server| {
        let database = first_generation(server);
        database.execute(&format!("alter database {} set default_transaction_read_only to on", database.name()));
        let mut roots = rustls::RootCertStore::empty();
        let root = format!("{}/tls/root.crt", setting("PEVENSIE_PG_TEST_DIR"));
        roots.add(CertificateDer::from_pem_file(root).expect("it is a certificate")).expect("it is an authority");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.expect("there are versions").with_root_certificates(roots).with_no_client_auth();
        let url = database.url().replace("127.0.0.1", "localhost") + "?sslmode=require";
        let config = Config { url: Some(url), pool: Some(PoolConfig::new(3)), ..Config::default() };
        let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls);
        let pool = config.create_pool(Some(Runtime::Tokio1), tls).expect("the address is complete");
        wait_for(&runtime(), async { migrator().apply(&pool).await }).expect("its settings are in nobody's way");
    });
}

#[test]
fn of_ten_at_once_one_upgrades() {
    each_server(|server| {
        let database = first_generation(server);
        let counts: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..10).map(|_| scope.spawn(|| apply(&database, &migrator()).expect("one after another"))).collect();
            threads.into_iter().map(|thread| thread.join().expect("it ends").migrations().len()).collect()
        });
        let pending = migrations().iter().filter(|migration| migration.version != FIRST).count();
        assert_eq!(counts.iter().sum::<usize>(), pending, "{counts:?}");
        database.run(&["status", "--check"]).run().ok();
    });
}
