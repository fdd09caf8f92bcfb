//! Event triggers: some look on, some object.

use super::super::report::Case;
use super::{Journey, expected, role_with};
use crate::support::{DOWN, Database, UP, UP_FIRST, assert_snapshot, contents, each_server, run_on};

/// One that writes down what is done.
const LOGS: &str = "
    create table public.ddl_log (tag text, object text);
    create function public.log_ddl() returns event_trigger language plpgsql security definer as $$
    begin
      insert into public.ddl_log select command_tag, object_identity from pg_event_trigger_ddl_commands();
    end $$;
    create function public.log_drop() returns event_trigger language plpgsql security definer as $$
    begin
      insert into public.ddl_log select 'drop', object_identity from pg_event_trigger_dropped_objects();
    end $$;
    create event trigger log_ddl on ddl_command_end execute function public.log_ddl();
    create event trigger log_drop on sql_drop execute function public.log_drop()";

/// One that objects.
const OBJECTS: &str = "
    create function public.objects() returns event_trigger language plpgsql as $$
    begin
      raise exception 'no DDL on a Friday: %', tg_tag using hint = 'ask the DBA';
    end $$";

#[test]
fn one_that_logs_changes_nothing() {
    let journey = Journey::new("an event trigger that logs");
    each_server(|server| {
        let expected = expected(&server.database());
        let database = server.database();
        database.execute(LOGS);
        let role = role_with(&database, &[]);
        assert_eq!(journey.go(&database, &database.url_as(&role), &role), expected);
        for object in ["pevensie.session_user_id_idx", "pevensie.\"user\""] {
            assert_ne!(database.rows(&format!("select from public.ddl_log where object = '{object}'")), 0, "{object}");
        }
    });
}

/// Runs a command that an event trigger objects to, and shows that nothing came of it.
fn objected(case: &Case, database: &Database<'_>, event: &str, command: &[&str]) -> String {
    case.run(|| {
        let role = database.query_text("select current_setting('app.role')");
        let before = contents(database);
        database.execute(&format!("create event trigger objects on {event} execute function public.objects()"));
        let output = run_on(&database.url_as(&role), command).run();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{event} {command:?}: {}", output.snapshot());
        assert!(output.stderr.contains("no DDL on a Friday"), "{}", output.stderr);
        assert_eq!(contents(database), before, "{event} {command:?}: {}", output.snapshot());
        database.execute("drop event trigger objects");
        output.stderr
    })
}

#[test]
fn one_that_objects_is_heard_and_nothing_is_changed() {
    let install = Case::new("an event trigger that objects: install");
    let upgrade = Case::new("an event trigger that objects: upgrade");
    let rollback = Case::new("an event trigger that objects: rollback");
    each_server(|server| {
        let database = server.database();
        let role = role_with(&database, &[]);
        database.execute(OBJECTS);
        database.execute(&format!("alter database {} set app.role to '{role}'", database.name()));
        for event in ["ddl_command_start", "ddl_command_end"] {
            let words = objected(&install, &database, event, UP);
            if event == "ddl_command_start" {
                assert_snapshot!("one_that_objects_is_heard", &words);
            }
            run_on(&database.url_as(&role), UP_FIRST).run().ok();
            objected(&upgrade, &database, event, UP);
            run_on(&database.url_as(&role), UP).run().ok();
            objected(&rollback, &database, event, DOWN);
            run_on(&database.url_as(&role), &["status", "--check"]).run().ok();
            run_on(&database.url_as(&role), DOWN).run().ok();
        }
    });
}

#[test]
fn an_online_build_that_is_objected_to_is_gone_on_with_later() {
    let case = Case::new("an event trigger that objects: online build");
    each_server(|server| {
        // At its end the index is there, and the server does not take it back.
        for event in ["ddl_command_start", "ddl_command_end"] {
            case.run(|| {
                let database = server.database();
                run_on(&database.url(), UP).run().ok();
                let newest = objects(&database);
                run_on(&database.url(), &["rollback", "auth", "--apply", "--yes", "--steps=2"]).run().ok();
                let before = contents(&database);
                database.execute(OBJECTS);
                database.execute(&format!(
                    "create event trigger objects on {event} when tag in ('CREATE INDEX')
                     execute function public.objects()"
                ));
                let output = run_on(&database.url(), UP).run();
                assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
                assert_eq!(database.query_text("select count(*) from pg_index where not indisvalid"), "0");
                assert_eq!(contents(&database), before, "{}", output.snapshot());
                if event == "ddl_command_end" {
                    assert_snapshot!("an_online_build_that_is_objected_to", output);
                }
                database.execute("drop event trigger objects");
                run_on(&database.url(), UP).run().ok();
                run_on(&database.url(), &["status", "--check", "--strict"]).run().ok();
                assert_eq!(objects(&database), newest);
            });
        }
    });
}

/// Every object in the schema, without the history.
fn objects(database: &Database<'_>) -> Vec<(String, String, String)> {
    crate::support::catalog(database)
}
