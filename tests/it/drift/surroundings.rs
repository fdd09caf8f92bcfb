//! Whoever asks, under whatever settings, in whatever encoding: drift is the same.

use std::process::Command;

use serde_json::Value;

use super::{drift, drift_at, install};
use crate::support::{Database, each_server, output_of, psql, servers};

/// Changes whose definitions depend on settings and encodings, if on anything.
const CHANGES: &str = r#"
    alter table pevensie.session add column "at home" interval default '1 day 02:03:04',
      add column seen timestamptz default '2000-01-02 03:04:05Z', add column born date default '2000-01-02';
    alter table pevensie.cache add column "select" float8 default '0.12345678901234567'::float8,
      add column bytes bytea default '\x00ff', add column price money default '12.50'::money;
    alter table pevensie.cache add constraint slash check (value <> E'a\\b''c' and value ~ '\d');
    alter table pevensie."user" add constraint since check (created_at > '2000-01-02 03:04:05Z');
    alter table pevensie.one_time_token drop constraint one_time_token_user_id_fkey;
    alter table pevensie.session alter id drop default;
    create index "müde" on pevensie."user" ((lower(email) || 'é')) where role = 'müde';
    create or replace function pevensie.uuid7() returns uuid language sql as $$ select gen_random_uuid() -- müde
    $$;
    create function pevensie.f(timestamptz) returns text language sql begin atomic select $1::date::text || 'é'; end;
    create view pevensie.v as select '2000-01-02 03:04:05Z'::timestamptz, interval '1 day 02:03:04', '0.1'::float8 as x;
    create policy p on pevensie.session using (created_at > '2000-01-02 03:04:05Z');
    create rule r as on delete to pevensie.session where old.created_at > '2000-01-02Z' do instead nothing;
    create domain pevensie.d as interval default '1 day 02:03:04' check (value < '9 days');
    alter type pevensie.one_time_token_type add value 'é''s';
"#;

fn change(database: &Database<'_>) -> Vec<Value> {
    install(database);
    database.execute(CHANGES);
    let (drift, code) = drift(database, &[]).expect("status answers");
    assert!(drift.len() >= 18 && code == 5, "{drift:#?}");
    drift
}

#[test]
fn a_role_that_may_only_read_the_ledger_sees_the_same() {
    each_server(|server| {
        let database = server.database();
        let expected = change(&database);
        let watcher = database.role("watcher", "");
        database.execute(&format!(
            "grant usage on schema pevensie to {watcher};
             grant select on pevensie.module_version, pevensie.migration_log to {watcher};
             revoke all on all functions in schema pevensie from public"
        ));
        assert_eq!(drift_at(&database.url_as(&watcher), &[]).unwrap(), (expected, 5));
    });
}

#[test]
fn settings_change_nothing() {
    let settings = [
        "DateStyle to 'German, DMY'",
        "IntervalStyle to 'sql_standard'",
        "TimeZone to 'Asia/Kathmandu'",
        "extra_float_digits to -15",
        "bytea_output to 'escape'",
        "quote_all_identifiers to on",
        "standard_conforming_strings to off",
        "escape_string_warning to off",
        "transform_null_equals to on",
        "default_transaction_read_only to on",
        "default_transaction_isolation to serializable",
        "row_security to off",
        "client_encoding to 'LATIN1'",
        "enable_nestloop to off",
        "join_collapse_limit to 1",
        "search_path to lookalikes, pevensie, pg_catalog",
    ];
    // Exact matches, which PostgreSQL prefers to those it has to coerce to.
    let operators = ["oid", "name", "pg_catalog.text", "\"char\"", "int2"].map(|ty| {
        format!(
            "create function lookalikes.never({ty}, {ty}) returns bool language sql as 'select false';
             create operator lookalikes.= (leftarg = {ty}, rightarg = {ty}, function = lookalikes.never);"
        )
    });
    each_server(|server| {
        let database = server.database();
        let expected = change(&database);
        database.execute(&format!(
            "create schema lookalikes; create table lookalikes.pg_class (); create table lookalikes.module_version ();
             create type lookalikes.text as enum ();
             create function lookalikes.quote_ident(pg_catalog.text) returns pg_catalog.text language sql as 'select null';
             {}",
            operators.concat()
        ));
        for setting in settings {
            server.client().batch_execute(&format!("alter database {} set {setting}", database.name())).unwrap();
            assert_eq!(drift(&database, &[]).unwrap(), (expected.clone(), 5), "with {setting}");
        }
    });
}

#[test]
fn encodings_change_nothing() {
    each_server(|server| {
        let expected = change(&server.database());
        for options in [
            "encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'",
            "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'",
            "encoding 'UTF8' locale_provider icu icu_locale 'de' lc_collate 'C' lc_ctype 'C'",
        ] {
            let database = server.database();
            let name = database.name();
            server.client().batch_execute(&format!("drop database {name}")).unwrap();
            server.client().batch_execute(&format!("create database {name} template template0 {options}")).unwrap();
            assert_eq!(change(&database), expected, "{options}");
        }
    });
}

#[test]
fn a_restored_dump_is_the_same() {
    let server = &servers()[0]; // the oldest: pg_dump refuses servers that are newer than itself
    let [database, copy] = [(); 2].map(|()| server.database());
    let expected = change(&database);
    let dump = output_of(Command::new("pg_dump").args(["-d", &database.url()]));
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    psql(&copy, &["-q"], &String::from_utf8(dump.stdout).expect("the dump is UTF-8")).ok();
    assert_eq!(drift(&copy, &[]).unwrap(), (expected, 5));
}
