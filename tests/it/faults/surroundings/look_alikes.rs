//! A schema `public` that is full of look-alikes of what our statements mean.

use super::super::report::{Case, scale};
use super::{Journey, expected, role_with};
use crate::support::{Database, UP, contents, each_server, pevensie_pg, psql, run_on, servers};

const LOOK_ALIKES: &str = include_str!("look_alikes.sql");

/// A database whose schema `public` is full of them.
fn full(database: &Database<'_>) {
    database.execute(LOOK_ALIKES);
    let count = |sql: &str| database.query_text(sql).parse::<u32>().expect("it is a number");
    // Not an empty threat.
    let functions = "select count(*) from pg_proc where pronamespace = 'public'::regnamespace";
    let operators = "select count(*) from pg_operator where oprnamespace = 'public'::regnamespace";
    assert!(count(functions) > 2000 && count(operators) > 500, "{} {}", count(functions), count(operators));
}

#[track_caller]
fn assert_nobody_was_called(database: &Database<'_>) {
    assert_eq!(database.query_text("select is_called from public.calls"), "f");
}

#[test]
fn they_take_nobody_in() {
    let journey = Journey::new("hostile search_path");
    each_server(|server| {
        let expected = expected(&server.database());
        for search_path in ["public, pg_catalog", "public"].into_iter().take(scale(1, 2)) {
            let database = server.database();
            full(&database);
            let role = role_with(&database, &[format!("search_path to {search_path}")]);
            // Those of the role in the database, of the database and of the role: whichever counts.
            database.execute(&format!(
                "alter database {0} set search_path to {search_path};
                 alter role postgres in database {0} set search_path to pg_catalog, public",
                database.name()
            ));
            assert_eq!(journey.go(&database, &database.url_as(&role), &role), expected, "{search_path}");
            assert_nobody_was_called(&database);
        }
    });
}

#[test]
fn they_would_have_been_called() {
    let database = servers()[0].database();
    full(&database);
    for statement in [
        "set search_path to public, pg_catalog; select now()",
        "set search_path to public, pg_catalog; select 1::pg_catalog.int4 + 1::pg_catalog.int4",
        "set search_path to public, pg_catalog; select max(a) from (values (1::pg_catalog.int8)) as v (a)",
        "set search_path to public, pg_catalog; select 'a'::pg_catalog.text = 'a'::pg_catalog.text",
        "select '1'::jsonb::uuid",
    ] {
        let error = database.client().batch_execute(statement).expect_err(statement);
        let words = error.as_db_error().map(|error| error.message().to_owned()).unwrap_or_default();
        assert!(words.starts_with("taken in by "), "{statement}: {words}");
    }
}

#[test]
fn they_take_nobody_in_who_pipes_into_psql() {
    let case = Case::new("hostile search_path: printed statements");
    each_server(|server| {
        let expected = {
            let database = server.database();
            let role = role_with(&database, &[]);
            run_on(&database.url_as(&role), UP).run().ok();
            contents(&database).replace(&role, "the role")
        };
        // A script in the format psql sets its own search_path; bare statements leave that to whoever runs them.
        let ways = [("sql", "public"), ("psql", "public, pg_catalog"), ("psql", "public")];
        // The short form takes one on each server.
        for (format, search_path) in ways.into_iter().skip(scale(server.version as usize % 2, 0)).take(scale(1, 3)) {
            case.run(|| {
                let database = server.database();
                full(&database);
                let role = role_with(&database, &[]);
                let printed = pevensie_pg(&["print", "auth", "cache", "--format", format]).run().ok().stdout;
                let to_role = format!("set session authorization {role};\nset search_path to {search_path};\n");
                psql(&database, &["-q"], &(to_role + &printed)).ok();
                assert_eq!(contents(&database).replace(&role, "the role"), expected, "{format} {search_path}");
                assert_nobody_was_called(&database);
            });
        }
    });
}
