//! `pevensie.uuid7()`: RFC 9562, version 7.

use crate::support::{Database, Server, each_server, migrations_of};

fn with_base<'s>(server: &'s Server, version: &str) -> Database<'s> {
    let database = server.database();
    database.run(&["migrate", &format!("base@{version}"), "--apply"]).run().ok();
    database
}

/// On every server, with the functions of every version: a database may stay at any of them.
fn each_version(test: impl Fn(&Database<'_>) + Sync) {
    each_server(|server| {
        for migration in migrations_of("base") {
            test(&with_base(server, &migration.version));
        }
    });
}

#[test]
fn version_and_variant_are_right() {
    each_version(|database| {
        let wrong = database.query_text(
            "select id from (
               select pevensie.uuid7()::text as id from generate_series(1, 10000)
               union all
               select pevensie.uuid7(timestamptz 'epoch' + random() * interval '1000 years')::text
               from generate_series(1, 10000)
             ) made where id !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'",
        );
        assert_eq!(wrong, "");
    });
}

#[test]
fn the_timestamp_is_right_to_the_millisecond() {
    each_version(|database| {
        // Around the limits of 32 bits, the last year that psql reads, and where rounding up would be wrong.
        for (timestamp, milliseconds) in [
            ("1970-01-01 00:00:00Z", "0"),
            ("1970-01-01 00:00:00.000999Z", "0"),
            ("2024-12-22 14:05:32.123999Z", "1734876332123"),
            ("2024-12-22 14:05:32.124Z", "1734876332124"),
            ("2038-01-19 03:14:07.999999Z", "2147483647999"),
            ("2038-01-19 03:14:08Z", "2147483648000"),
            ("2106-02-07 06:28:16.5Z", "4294967296500"),
            ("9999-12-31 23:59:59.999999Z", "253402300799999"),
        ] {
            let made = format!("pevensie.uuid7('{timestamp}')");
            assert_eq!(database.query_text(&format!("select {}", milliseconds_of(&made))), milliseconds, "{timestamp}");
        }
        let now = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";
        let between = format!(
            "{now}, {}, (extract(epoch from clock_timestamp()) * 1000)::bigint",
            milliseconds_of("pevensie.uuid7()")
        );
        let clock = database.query_text(&between);
        let clock: Vec<i64> = clock.split('|').map(|number| number.parse().expect("a number")).collect();
        // The casts round; the function does not.
        assert!(clock[0] - 1 <= clock[1] && clock[1] <= clock[2], "{clock:?}");
    });
}

/// The expression for the milliseconds in a UUID.
pub(crate) fn milliseconds_of(uuid: &str) -> String {
    format!("('x' || left(replace(({uuid})::text, '-', ''), 12))::bit(48)::bigint")
}

/// Makes 100,000 values, each greater than the one before; `n` counts them.
#[track_caller]
pub(crate) fn assert_ascending(database: &Database<'_>, made: &str) {
    let ascending = database.query_text(&format!(
        "with made as materialized (select n, {made} as id from generate_series(1, 100000) n)
         select count(*), count(*) filter (where id <= previous)
         from (select id, lag(id) over (order by n) as previous from made) pairs"
    ));
    assert_eq!(ascending, "100000|0", "{made}");
}

#[test]
fn the_values_of_a_session_ascend() {
    each_version(|database| {
        for made in ["pevensie.uuid7()", "pevensie.uuid7(timestamptz '2030-01-01Z' + n * interval '1 microsecond')"] {
            assert_ascending(database, made);
        }
    });
}

#[test]
fn whoever_knows_the_seed_knows_nothing() {
    each_version(|database| {
        let ten = "select setseed(0.42); select pevensie.uuid7('2030-01-01Z') from generate_series(1, 10);";
        let made = database.query_text(&format!("{ten}{ten}"));
        let mut ids: Vec<&str> = made.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(ids.len(), 20);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 20, "{ids:?}");
        // All of what is not time is chance: 62 bits of twenty values do not leave any bit the same.
        let constant = database.query_text(
            "select bit_and(b) | ~ bit_or(b) from (
               select ('x' || right(replace(pevensie.uuid7('2030-01-01Z')::text, '-', ''), 15))::bit(60) as b
               from generate_series(1, 200)) made",
        );
        assert_eq!(constant, "0".repeat(60));
    });
}

#[test]
fn operators_of_others_are_not_used() {
    each_version(|database| {
        for (n, (operator, left, right)) in [
            ("*", "numeric", "int4"),
            ("%", "int8", "int4"),
            ("/", "int8", "int4"),
            ("*", "int8", "int4"),
            ("+", "int8", "int4"),
            ("+", "int4", "int8"),
            ("<", "numeric", "int4"),
            (">=", "numeric", "int8"),
            ("||", "text", "varchar"),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("wrong_{n}");
            database.execute(&format!(
                "create or replace function public.{name}({left}, {right}) returns {left} immutable
                   language sql as 'select null::{left}';
                 create operator public.{operator} (leftarg = {left}, rightarg = {right}, function = public.{name})"
            ));
        }
        let time = database.query_text("select left(pevensie.uuid7('2024-12-22 14:05:32.123Z')::text, 13)");
        assert_eq!(time, "0193eeb0-005b");
    });
}
