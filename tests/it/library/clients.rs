//! What becomes of the clients that a pool has lent.

use std::time::Duration;

use deadpool_postgres::{Client, Pool};
use pevensie_pg::Module;

use super::{migrator, pool, runtime, wait_for};
use crate::support::{UP_FIRST, each_server, within};

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
        within(Duration::from_secs(5), "the other one is gone", || database.sessions() == 1);
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
