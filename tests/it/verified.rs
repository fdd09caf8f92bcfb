//! Nothing is committed that is not what was promised.

mod race;

use crate::support::{Database, UP, assert_snapshot, contents, each_server, eventually, servers};

/// Waits until a session of ours waits for a lock that another session holds.
pub(crate) fn wait_until_blocked(database: &Database<'_>) {
    let blocked = "select from pg_stat_activity where datname = current_database()
                   and application_name like 'pevensie-pg %' and cardinality(pg_blocking_pids(pid)) > 0";
    eventually("a session of ours waits for another one", || database.rows(blocked) > 0);
}

/// Has the server do something of its own as soon as there is an object of that name.
pub(crate) fn spoil(database: &Database<'_>, object: &str, action: &str) {
    database.execute(&format!(
        "create table public.spoilt ();
         create function public.spoil() returns event_trigger language plpgsql as $$
         begin
           if to_regclass('public.spoilt') is not null and {object} is not null then
             drop table public.spoilt;
             {action};
           end if;
         end $$;
         create event trigger spoil on ddl_command_end execute function public.spoil()"
    ));
}

#[test]
fn a_schema_that_is_not_what_was_promised_is_rolled_back() {
    // The last of its statements: those before it would fail for another reason without the table.
    let cache = "to_regclass('pevensie.cache_expires_at_idx')";
    // After all statements of its functions, each of which would set it right again.
    let uuid7 = "to_regclass('pevensie.session_user_id_idx')";
    each_server(|server| {
        for (object, action, said) in [
            (cache, "alter table pevensie.cache rename value to content", "column pevensie.cache.value is missing"),
            (
                cache,
                "alter table pevensie.cache alter expires_at set not null",
                "column pevensie.cache.expires_at was changed",
            ),
            (cache, "alter table pevensie.cache alter value set default ''", "column pevensie.cache.value was changed"),
            (cache, "alter table pevensie.cache set logged", "table pevensie.cache was changed"),
            (cache, "alter table pevensie.cache enable row level security", "table pevensie.cache was changed"),
            (cache, "alter table pevensie.cache rename to store", "table pevensie.cache is missing"),
            (cache, "drop table pevensie.cache", "table pevensie.cache is missing"),
            (cache, "drop table pevensie.session", "table pevensie.session is missing"),
            (
                "to_regclass('pevensie.user_email_unique_idx')",
                "drop index pevensie.user_email_unique_idx",
                "index pevensie.\"user\".user_email_unique_idx is missing",
            ),
            (uuid7, "alter function pevensie.uuid7() security definer", "function pevensie.uuid7() was changed"),
            (
                "to_regclass('pevensie.migration_log')",
                "alter table pevensie.migration_log alter role drop not null",
                "column pevensie.migration_log.role was changed",
            ),
        ] {
            let database = server.database();
            spoil(&database, object, action);
            let output = database.run(UP).run();
            assert_eq!((output.code, output.stdout.as_str()), (5, ""), "{action}\n{}", output.snapshot());
            assert!(output.stderr.contains(said), "{action}\n{}", output.snapshot());
            assert_eq!(database.query_text("select 1 from pg_namespace where nspname = 'pevensie'"), "", "{action}");
        }
    });
}

#[test]
fn the_difference_is_shown() {
    let database = servers()[0].database();
    spoil(&database, "to_regclass('pevensie.cache')", "alter table pevensie.cache alter value drop not null");
    assert_snapshot!(database.run(&["migrate", "cache", "--apply"]).run(), @r"
    $ pevensie-pg migrate cache --apply --addr postgres://postgres@127.0.0.1:[port]/[db]
    [exit 5]
    --- stdout

    --- stderr
    error: column pevensie.cache.value was changed
      expected: text not null
      found:    text null
    error: the schema would not be what these migrations promise
    hint: everything was rolled back; nothing was changed
          what mends the schema: pevensie-pg status --check
    ");
    let output = servers()[0].database().run(&["migrate", "cache", "--apply"]).run();
    assert_eq!(output.code, 0, "{}", output.snapshot());
}

#[test]
fn what_a_rollback_leaves_behind_brings_it_back() {
    each_server(|server| {
        let database = server.database();
        database.run(UP).run().ok();
        database.execute(
            "insert into pevensie.cache values ('a', 'b', 'c');
             create function public.again() returns event_trigger language plpgsql as $$
             begin
               if to_regclass('pevensie.cache') is null then create table pevensie.cache (); end if;
             end $$;
             create event trigger again on sql_drop execute function public.again()",
        );
        let before = contents(&database);
        let output = database.run(&["rollback", "cache@0", "--apply", "--yes"]).run();
        assert_eq!(output.code, 5, "{}", output.snapshot());
        assert!(output.stderr.contains("table pevensie.cache"), "{}", output.snapshot());
        assert_eq!(contents(&database), before);
        assert_eq!(database.query_text("table pevensie.cache"), "a|b|c|");
        database.run(&["status", "--check", "--strict"]).run().ok();
    });
}

#[test]
fn drift_elsewhere_stops_nobody() {
    each_server(|server| {
        let database = server.database();
        database.run(&["migrate", "auth", "--apply"]).run().ok();
        database.execute(
            "drop table pevensie.one_time_token; alter table pevensie.session add column mine text;
             alter function pevensie.uuid7() security definer",
        );
        database.run(&["migrate", "cache", "--apply"]).run().ok();
        let output = database.run(&["status", "--check"]).run();
        assert_eq!(output.code, 5, "{}", output.snapshot());
        database.run(&["rollback", "cache@0", "--apply", "--yes"]).run().ok();
        assert_eq!(database.query_text("select module from pevensie.module_version order by 1"), "base\nauth");
    });
}
