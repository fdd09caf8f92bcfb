//! The cache since its second generation: a key belongs to its resource type. And what has expired is found.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use postgres::Client;
use postgres::error::SqlState;

use super::{FIRST, Scan, installed, refusal, tried};
use crate::support::{Database, Output, Stop, assert_snapshot, contents, each_server, eventually};
use crate::verified::wait_until_blocked;

const FIRST_CACHE: &str = "cache@20241222140532";
const SECOND_CACHE: &str = "cache@20261121041300";

/// As the driver sets an entry.
fn set(resource_type: &str, key: &str, value: &str) -> String {
    format!(
        "insert into pevensie.cache (resource_type, key, value, expires_at) values ('{resource_type}', '{key}', '{value}', null)
         on conflict (resource_type, key) do update set value = excluded.value, expires_at = excluded.expires_at"
    )
}

/// Sets so many keys for two resource types, and one key for each of them alone.
fn share_keys(database: &Database<'_>, keys: u32) {
    database.execute(&format!(
        "insert into pevensie.cache
         select resource_type, 'key ' || lpad(n::text, 2, '0'), 'value'
         from generate_series(1, {keys}) n, unnest('{{wardrobe, house}}'::text[]) resource_type
         union all values ('house', 'attic', 'x'), ('wardrobe', 'coats', 'y')"
    ));
}

fn roll_back(database: &Database<'_>) -> Output {
    database.run(&["rollback", "cache", "--to", FIRST, "--apply", "--yes"]).run()
}

fn entries(database: &Database<'_>) -> String {
    database.query_text("select c, xmin from pevensie.cache c order by resource_type, key")
}

#[test]
fn a_key_belongs_to_its_resource_type() {
    each_server(|server| {
        let database = installed(server, &[FIRST_CACHE]);
        let mut client = database.client();
        let stored = "select resource_type, key, value from pevensie.cache order by 1, 2";

        for value in ["old", "new"] {
            client.batch_execute(&set("wardrobe", "door", value)).expect("it is set");
        }
        let taken = refusal(&mut client, &set("house", "door", "shut"));
        assert_eq!((taken.code(), taken.constraint()), (&SqlState::UNIQUE_VIOLATION, Some("cache_key_key")));
        assert_eq!(database.query_text(stored), "wardrobe|door|new");

        database.run(&["migrate", "cache", "--apply"]).run().ok();
        for value in ["newer", "newest"] {
            client.batch_execute(&set("wardrobe", "door", value)).expect("it is set");
            client.batch_execute(&set("house", "door", &format!("{value}, too"))).expect("and does not take it away");
        }
        assert_eq!(database.query_text(stored), "house|door|newest, too\nwardrobe|door|newest");
        client.batch_execute("delete from pevensie.cache where resource_type = 'house' and key = 'door'").unwrap();
        assert_eq!(database.query_text(stored), "wardrobe|door|newest");

        // Without shared keys the way back is free, and the entries stay.
        roll_back(&database).ok();
        assert_eq!(database.query_text(stored), "wardrobe|door|newest");
        let taken = refusal(&mut client, &set("house", "door", "shut"));
        assert_eq!(taken.constraint(), Some("cache_key_key"));
        client.batch_execute(&set("wardrobe", "door", "as before")).expect("it is set");
    });
}

#[test]
fn shared_keys_are_not_thrown_away() {
    each_server(|server| {
        let database = installed(server, &["cache"]);
        share_keys(&database, 12);
        let before = (contents(&database), entries(&database));
        let output = roll_back(&database);
        assert_snapshot!("twelve_shared_keys", output);
        assert_eq!((contents(&database), entries(&database)), before);

        // Ten are all named.
        database.execute("delete from pevensie.cache where resource_type = 'house' and key in ('key 03', 'key 11')");
        let before = (contents(&database), entries(&database));
        let output = roll_back(&database);
        assert_snapshot!("ten_shared_keys", output);
        assert_eq!((contents(&database), entries(&database)), before);

        database.execute("delete from pevensie.cache where resource_type = 'house' and key like 'key%'");
        let before = entries(&database);
        roll_back(&database).ok();
        assert_eq!(entries(&database), before);
        let status = database.run(&["status", "--check", "--strict"]).run();
        assert_eq!(status.code, 3, "{}", status.snapshot());
        let fresh = installed(server, &[FIRST_CACHE]);
        let constraints = "select conname, pg_get_constraintdef(oid) from pg_constraint
                           where conrelid = 'pevensie.cache'::regclass and contype in ('p', 'u') order by 1";
        assert_eq!(database.query_text(constraints), fresh.query_text(constraints));
    });
}

#[test]
fn shared_keys_go_with_their_table() {
    each_server(|server| {
        let database = installed(server, &["auth", "cache"]);
        share_keys(&database, 3);
        assert_snapshot!(
            "rollback_of_all",
            database.run(&["rollback", "base@0", "auth@0", "cache@0", "--apply", "--yes"]).run().ok()
        );
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn a_key_that_is_shared_while_we_wait_is_named_too() {
    each_server(|server| {
        let database = installed(server, &[SECOND_CACHE]);
        share_keys(&database, 0);
        let mut writer = database.client();
        writer.batch_execute(&format!("begin; {}", set("wardrobe", "attic", "late"))).expect("it is free");
        let rollback = database.run(&["rollback", "cache", "--apply", "--yes", "--lock-timeout=60s"]).spawn();
        wait_until_blocked(&database);
        let before = contents(&database);
        writer.batch_execute("commit").expect("nothing is wrong with it");
        let output = rollback.wait();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        assert!(output.stderr.contains("\n  attic: house, wardrobe\n"), "{}", output.snapshot());
        // At once: the table is locked before it is looked at, so that nothing has to be tried again.
        assert!(!output.stderr.contains("looking again"), "{}", output.snapshot());
        assert_eq!(contents(&database), before);
    });
}

/// Writes entries of its own and reads those of others until told to stop; returns in how many transactions.
fn write(client: &mut Client, writer: u32, done: &AtomicBool) -> u32 {
    let mut transactions = 0;
    while !done.load(Ordering::Relaxed) {
        let mut transaction = client.transaction().expect("the server answers");
        for n in 0..3 {
            transaction
                .query("select value from pevensie.cache where resource_type = 'type 1'", &[])
                .expect("nobody is in the way");
            let value = transactions.to_string();
            transaction
                .batch_execute(&set(&format!("type {n}"), &format!("key {writer} {n}"), &value))
                .expect("the entry is ours");
        }
        let delete = format!("delete from pevensie.cache where resource_type = 'type 2' and key = 'key {writer} 2'");
        assert_eq!(transaction.execute(&delete, &[]).expect("nobody is in the way"), 1);
        transaction.execute("delete from pevensie.cache where expires_at < now()", &[]).expect("nobody is in the way");
        transaction.commit().expect("nothing was wrong");
        transactions += 1;
    }
    transactions
}

#[test]
fn writers_and_a_migrator_do_not_lock_each_other_up() {
    each_server(|server| {
        let database = installed(server, &["cache"]);
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let mut client = database.client();
                    let done = &done;
                    scope.spawn(move || write(&mut client, writer, done))
                })
                .collect();
            let stop = Stop(&done);
            let outputs: Vec<_> = (0..6)
                .flat_map(|_| [roll_back(&database), database.run(&["migrate", "cache", "--apply"]).run()])
                .collect();
            drop(stop);
            for writer in writers {
                assert!(writer.join().expect("it was never refused") > 0);
            }
            for output in outputs {
                output.ok();
            }
        });
        eventually("the writers have left", || database.sessions() == 0);
        let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
        assert_eq!(database.query_text(deadlocks), "0");
        assert_eq!(database.query_text("select count(*) from pevensie.cache"), "8");
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}

#[test]
fn what_has_expired_is_found_by_the_index() {
    each_server(|server| {
        let database = installed(server, &[SECOND_CACHE]);
        database.execute(
            "insert into pevensie.cache
             select 'type ' || n % 10, 'key ' || n, 'value', now() + case when n % 1000 = 0 then -n else n end * interval '1 hour'
             from generate_series(1, 50000) n;
             analyze pevensie.cache",
        );
        let purge = || tried(&database, "delete from pevensie.cache where expires_at < now()", "pevensie.cache");
        assert_eq!(purge(), (50, Scan::Whole));
        database.run(&["migrate", "cache", "--apply"]).run().ok();
        assert_eq!(purge(), (50, Scan::ByIndex));
    });
}
