//! Online is what is in use already; what is new is built with the rest, in one transaction.

use serde_json::Value;

use super::{MIGRATE, PENDING, UP, applied, first_generation, remark};
use crate::support::{Database, Output, Server, contents, each_server};

/// Makes the database take note of each index that is built: how, and in which transaction.
fn take_notes(database: &Database<'_>) {
    database.execute(
        "create table public.built (id serial, index text, online bool, xid bigint);
         create function public.note() returns event_trigger language plpgsql security definer as $$
         begin
           insert into public.built (index, online, xid)
           select pg_catalog.regexp_replace(object_identity, '.*\\.', ''),
             pg_catalog.current_query() ~ 'create index concurrently', pg_catalog.txid_current()
           from pg_catalog.pg_event_trigger_ddl_commands();
         end $$;
         create event trigger note on ddl_command_end when tag in ('CREATE INDEX') execute function public.note()",
    );
}

/// Every index by its name, `online` where it was built so.
fn built(database: &Database<'_>) -> String {
    database.query_text(
        "select index, case when online then 'online' else 'plain' end from public.built
         where index like '%expires_at_idx' or index like 'session_%' order by index",
    )
}

fn transactions(database: &Database<'_>) -> String {
    database.query_text("select count(distinct xid) from public.built")
}

/// Runs it on a database with so much installed, and returns what was built how.
fn migrated<'s>(server: &'s Server, installed: &[&str], command: &[&str]) -> (Database<'s>, Output) {
    let database = server.database();
    if !installed.is_empty() {
        database.run(&[&["migrate"], installed, &["--apply"]].concat()).run().ok();
    }
    take_notes(&database);
    let output = database.run(command).run().ok();
    (database, output)
}

const OLD: [&str; 3] = ["base@20241222140532", "auth@20241222140532", "cache@20241222140532"];

#[test]
fn an_upgrade_is_online() {
    each_server(|server| {
        let (database, output) = migrated(server, &OLD, UP);
        let indexes = "cache_expires_at_idx|online\nsession_expires_at_idx|online\nsession_user_id_idx|online";
        assert_eq!(built(&database), indexes);
        assert_eq!(transactions(&database), "3");
        assert_eq!(applied(&output), PENDING);
        let remarks: Vec<_> = PENDING.iter().map(|version| remark(&output, version)).collect();
        assert_eq!(remarks, ["", "online", "online", "", "online"], "{}", output.snapshot());
        database.run(&["status", "--check"]).run().sound();
    });
}

#[test]
fn a_fresh_install_is_not() {
    each_server(|server| {
        let (database, output) = migrated(server, &[], UP);
        assert!(!built(&database).contains("online"), "{}", built(&database));
        assert_eq!(transactions(&database), "1", "everything in one transaction");
        assert!(!output.stdout.contains("online"), "{}", output.snapshot());
        // Who was not there has nothing to fear: not a word about it.
        assert!(!output.stderr.contains("to be applied"), "{}", output.snapshot());
    });
}

#[test]
fn one_transaction_is_what_it_says() {
    each_server(|server| {
        let (database, output) = migrated(server, &OLD, &[UP, &["--single-transaction"]].concat());
        let indexes = "cache_expires_at_idx|plain\nsession_expires_at_idx|plain\nsession_user_id_idx|plain";
        assert_eq!(built(&database), indexes);
        assert_eq!(transactions(&database), "1");
        assert_eq!(applied(&output), PENDING);
        assert!(!output.stdout.contains("online"), "{}", output.snapshot());
        let (online, _) = migrated(server, &OLD, UP);
        assert_eq!(contents(&database), contents(&online).replace("public.built", ""));
    });
}

#[test]
fn a_module_that_is_new_among_old_ones_is_plain() {
    each_server(|server| {
        let (database, output) = migrated(server, &OLD[..2], UP);
        let indexes = "cache_expires_at_idx|plain\nsession_expires_at_idx|online\nsession_user_id_idx|online";
        assert_eq!(built(&database), indexes);
        assert_eq!(remark(&output, PENDING[2]), "online", "{}", output.snapshot());
        assert_eq!(remark(&output, PENDING[4]), "", "{}", output.snapshot());

        let (database, _) = migrated(server, &[OLD[0], OLD[2]], UP);
        let indexes = "cache_expires_at_idx|online\nsession_expires_at_idx|plain\nsession_user_id_idx|plain";
        assert_eq!(built(&database), indexes);
    });
}

/// Of each step of a document: version, manner and effects.
fn steps(output: &Output) -> Vec<(String, Value, Value)> {
    let document: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
    let steps = document["steps"].as_array().expect("there are steps");
    let of_one = |step: &Value| {
        let version = step["version"].as_str().unwrap_or_default().to_owned();
        (version, step["manner"].clone(), step["effects"].clone())
    };
    steps.iter().map(of_one).collect()
}

fn effect(table: &str, impact: &str) -> Value {
    serde_json::json!([{ "table": table, "impact": impact }])
}

#[test]
fn documents_say_how_and_at_whose_cost() {
    each_server(|server| {
        let database = first_generation(server);
        let expected = |manner: &str, session: &str, caches: [&str; 2]| {
            let [base, user_id, expires_at, key, cached] = PENDING.map(str::to_owned);
            [
                (base, "transaction".into(), Value::Null),
                (user_id, manner.into(), effect("session", session)),
                (expires_at, manner.into(), effect("session", session)),
                (key, "transaction".into(), effect("cache", caches[0])),
                (cached, manner.into(), effect("cache", caches[1])),
            ]
        };
        let document = |further: &[&str]| {
            let output = database.run(&[MIGRATE, &["--json"], further].concat()).run().ok();
            steps(&output)
        };
        let online = expected("online", "online", ["locks_briefly", "online"]);
        assert_eq!(document(&[]), online);
        // What has changed the table keeps it to the end.
        let plain = expected("transaction", "blocks_writes", ["blocks_all", "blocks_all"]);
        assert_eq!(document(&["--single-transaction"]), plain);

        let status = database.run(&["status", "--json"]).run().ok();
        let status: Value = serde_json::from_str(&status.stdout).expect("it is JSON");
        let effects = |module: usize| {
            let pending = status["modules"][module]["pending"].as_array().expect("a list");
            pending.iter().map(|migration| migration["effects"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(effects(0)[..1], [Value::Null]);
        assert_eq!(effects(1)[..2], [effect("session", "online"), effect("session", "online")]);
        assert_eq!(effects(2)[..2], [effect("cache", "locks_briefly"), effect("cache", "online")]);

        assert_eq!(document(&["--apply"]), online);
    });
}
