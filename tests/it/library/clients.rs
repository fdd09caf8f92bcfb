//! What becomes of the clients that a pool has lent.

use std::time::Duration;

use deadpool_postgres::{Client, Pool};
use pevensie_pg::Module;

use super::{migrator, pool, pool_at, runtime, wait_for};
use crate::support::{UP_FIRST, at_once, each_server, eventually};

/// Everything that a session can be told apart by: its process, its settings, and what it holds.
async fn state(client: &Client) -> Vec<String> {
    let sql = "select pg_backend_pid()::text
               union all select name || '=' || setting from pg_settings where setting is distinct from reset_val
               union all select 'prepared ' || name from pg_prepared_statements where statement not like '%pg_settings%'
               union all select 'lock ' || locktype from pg_locks
                 where pid = pg_backend_pid() and locktype in ('advisory', 'object')
               union all select 'temporary ' || relname from pg_class where relnamespace = pg_my_temp_schema()";
    client.query(sql, &[]).await.expect("it answers").iter().map(|row| row.get(0)).collect()
}

async fn of_the_pool(pool: &Pool) -> Vec<String> {
    state(&pool.get().await.expect("it answers")).await
}

#[test]
fn a_client_goes_back_as_it_came() {
    each_server(|server| {
        let database = server.database();
        wait_for(&runtime(), async {
            let pool = pool(&database, 1);
            let settings = "set statement_timeout to '7s'; set search_path to public; set role postgres";
            pool.get().await.expect("it answers").batch_execute(settings).await.expect("it is set");
            let before = of_the_pool(&pool).await;
            assert!(before.contains(&"statement_timeout=7000".to_owned()), "{before:?}");
            pevensie_pg::status(&pool, [Module::Auth]).await.expect("it can be looked at");
            assert_eq!(of_the_pool(&pool).await, before);
            assert!(!migrator().apply(&pool).await.expect("nothing is there").is_empty());
            assert_eq!(of_the_pool(&pool).await, before);
            assert!(migrator().apply(&pool).await.expect("it is up to date").is_empty());
            assert_eq!(of_the_pool(&pool).await, before);
        });
    });
}

#[test]
fn one_that_built_an_index_does_not_go_back() {
    each_server(|server| {
        let database = server.database();
        database.run(UP_FIRST).run().ok();
        let runtime = runtime();
        let pool = pool(&database, 2);
        wait_for(&runtime, async {
            migrator().apply(&pool).await.expect("two clients are enough");
            assert_eq!(pool.status().size, 1);
        });
        at_once("the other one is gone", || database.sessions() == 1);
        assert_eq!(database.advisory_locks(), 0);
    });
}

#[test]
fn who_waits_for_the_lock_keeps_no_client_from_others() {
    each_server(|server| {
        let database = server.database();
        let mut holder = database.hold_lock();
        let runtime = runtime();
        let pool = pool(&database, 1);
        std::thread::scope(|scope| {
            let (told, waits) = std::sync::mpsc::channel();
            let waiting = scope.spawn(|| {
                let tell = move |event: pevensie_pg::Event| told.send(event).expect("somebody listens");
                wait_for(&runtime, async { migrator().apply_telling(&pool, tell).await })
            });
            let is_waiting = |event: &pevensie_pg::Event| event.to_string().contains("held by: the other one");
            while !is_waiting(&waits.recv_timeout(Duration::from_secs(60)).expect("it says that it waits")) {}
            for _ in 0..5 {
                wait_for(&runtime, of_the_pool(&pool));
            }
            holder.batch_execute("commit").expect("a transaction can be ended");
            assert!(!waiting.join().expect("it ends").expect("nothing is there").is_empty());
        });
    });
}

#[test]
fn between_two_batches_nobody_keeps_a_client_who_waits_for_the_lock() {
    each_server(|server| {
        let database = server.database();
        database.run(UP_FIRST).run().ok();
        let runtime = runtime();
        let pool = pool(&database, 2);
        std::thread::scope(|scope| {
            let (told, waits) = std::sync::mpsc::channel();
            let (locked, holder) = std::sync::mpsc::channel();
            let waiting = scope.spawn(|| {
                let (database, mut is_first) = (&database, true);
                let tell = move |event: pevensie_pg::Event| {
                    // What is told is committed, and the next batch has not begun.
                    if matches!(event, pevensie_pg::Event::Done(_)) && std::mem::replace(&mut is_first, false) {
                        // In a thread of its own, because this one is in a runtime.
                        let lock = std::thread::scope(|scope| scope.spawn(|| database.hold_lock()).join());
                        locked.send(lock.expect("nobody has it")).expect("somebody listens");
                    }
                    told.send(event).expect("somebody listens");
                };
                wait_for(&runtime, async { migrator().apply_telling(&pool, tell).await })
            });
            let is_waiting = |event: &pevensie_pg::Event| event.to_string().contains("held by: the other one");
            while !is_waiting(&waits.recv_timeout(Duration::from_secs(60)).expect("it says that it waits")) {}
            let both = async { tokio::join!(pool.get(), pool.get()) };
            let both = wait_for(&runtime, async { tokio::time::timeout(Duration::from_secs(20), both).await });
            drop(holder.recv().expect("it was sent"));
            drop(both.expect("both are lent"));
            assert!(!waiting.join().expect("it ends").expect("nobody is in the way").is_empty());
        });
    });
}

/// Insists that whoever gets a client of a pool can use it.
async fn assert_usable(pool: &Pool, size: usize) {
    let mut clients = Vec::new();
    for _ in 0..size {
        let client = pool.get().await.expect("it lends another one");
        client.batch_execute("select").await.expect("no transaction of somebody else's has failed");
        clients.push(client);
    }
}

#[test]
fn one_that_may_not_ask_who_holds_the_lock_goes_back_without_a_transaction() {
    each_server(|server| {
        let database = server.database();
        let role = database.role("service", "");
        database.execute(&format!(
            "grant create on database {} to {role}; revoke select on pg_catalog.pg_stat_activity from public;
             grant select (pid, application_name) on pg_catalog.pg_stat_activity to public",
            database.name()
        ));
        let _holder = database.hold_lock();
        wait_for(&runtime(), async {
            let pool = pool_at(&database.url_as(&role), 1);
            let error = migrator().apply(&pool).await.expect_err("it may not ask");
            assert_eq!(error.sqlstate(), Some("42501"), "{error}");
            assert_usable(&pool, 1).await;
        });
    });
}

#[test]
fn one_that_may_not_cancel_a_build_goes_back_without_a_transaction() {
    each_server(|server| {
        let database = server.database();
        let role = database.role("service", "");
        database.execute(&format!(
            "grant create on database {} to {role};
             revoke select on pg_catalog.pg_stat_progress_create_index from public",
            database.name()
        ));
        let url = database.url_as(&role);
        crate::support::run_on(&url, UP_FIRST).run().ok();
        let mut writer = database.client();
        writer.batch_execute("begin; lock table pevensie.session in row exclusive mode").expect("nobody else uses it");
        let runtime = runtime();
        let pool = pool_at(&url, 4);
        std::thread::scope(|scope| {
            let lost = scope.spawn(|| wait_for(&runtime, async { migrator().apply(&pool).await }));
            eventually("the build waits", || database.waiting_builds() == 1);
            database.execute(
                "select pg_terminate_backend(pid) from pg_locks
                 where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
            );
            lost.join().expect("it ends").expect_err("the lock is gone");
        });
        wait_for(&runtime, assert_usable(&pool, 4));
        writer.batch_execute("commit").expect("it answers");
    });
}
