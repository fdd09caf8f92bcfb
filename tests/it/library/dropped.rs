//! Dropping the future, at every point at which it can be dropped.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use deadpool_postgres::Pool;
use pevensie_pg::Verdict;

use super::{migrator, pool, runtime, wait_for};
use crate::support::{Database, UP, at_once, commit, contents, each_server, eventually, first_generation};

/// Polls so often, and drops it then unless it has ended.
async fn polled<T>(work: impl Future<Output = T>, times: usize) -> Option<T> {
    let (mut work, mut left) = (pin!(work), times);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Insists on a database that is at some point of the way, and on which nobody is at work any more.
fn assert_whole(database: &Database<'_>, pool: &Pool, runtime: &tokio::runtime::Runtime, at: &str) {
    at_once(&format!("no lock is left {at}"), || database.advisory_locks() == 0);
    let busy = "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                and state <> 'idle' and backend_type = 'client backend'";
    at_once(&format!("nobody is at work {at}"), || database.rows(busy) == 0);
    let status = wait_for(runtime, async { pevensie_pg::status(pool, []).await }).expect("it can be looked at");
    assert!([Verdict::Good, Verdict::Pending].contains(&status.verdict()), "{at}: {status}");
}

/// Drops it after ever more polls, until it comes to its end.
fn drop_everywhere(start: &Database<'_>, expected: &str) -> usize {
    let runtime = runtime();
    for polls in 0.. {
        let database = start.copy();
        let pool = pool(&database, 3);
        let ended = wait_for(&runtime, polled(migrator().apply(&pool), polls));
        let at = format!("after {polls} polls");
        assert_whole(&database, &pool, &runtime, &at);
        if let Some(ended) = ended {
            ended.unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!(contents(&database), expected, "{at}");
            return polls;
        }
        wait_for(&runtime, async { migrator().apply(&pool).await }).unwrap_or_else(|error| panic!("{at}: {error}"));
        database.run(&["status", "--check"]).run().ok();
    }
    unreachable!("the loop has no end")
}

#[test]
fn an_installation() {
    each_server(|server| {
        let (start, by_tool) = (server.database(), server.database());
        by_tool.run(UP).run().ok();
        let polls = drop_everywhere(&start, &contents(&by_tool));
        // How many there are depends on how much of an answer is there at once.
        assert!(polls > 1, "{polls}");
    });
}

#[test]
fn an_upgrade_with_indexes_built_online() {
    each_server(|server| {
        let (start, by_tool) = (first_generation(server), first_generation(server));
        by_tool.run(UP).run().ok();
        let polls = drop_everywhere(&start, &contents(&by_tool));
        assert!(polls > 5, "{polls}");
    });
}

#[test]
fn in_the_middle_of_a_statement() {
    each_server(|server| {
        let database = server.database();
        database.slow_down(600.0);
        let (runtime, pool) = (runtime(), pool(&database, 3));
        let task = {
            let pool = pool.clone();
            runtime.spawn(async move { migrator().apply(&pool).await })
        };
        database.held_up();
        task.abort();
        assert_whole(&database, &pool, &runtime, "in a statement");
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn while_an_index_waits_for_somebody() {
    each_server(|server| {
        let database = first_generation(server);
        let mut writer = database.application("a writer", "begin; lock table pevensie.session in row exclusive mode");
        let (runtime, pool) = (runtime(), pool(&database, 3));
        let task = {
            let pool = pool.clone();
            runtime.spawn(async move { migrator().apply(&pool).await })
        };
        eventually("the build waits", || database.waiting_builds() > 0);
        task.abort();
        at_once("the build is given up", || database.waiting_builds() == 0);
        commit(&mut writer);
        drop(writer);
        assert_whole(&database, &pool, &runtime, "in a build");
        wait_for(&runtime, async { migrator().apply(&pool).await }).expect("what was begun is dropped");
        database.run(&["status", "--check"]).run().ok();
    });
}
