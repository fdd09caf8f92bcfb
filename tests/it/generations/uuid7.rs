//! The second generation of `pevensie.uuid7`: right over its whole range, and nothing made up beyond that.

use postgres::error::SqlState;

use super::{FIRST, installed, refusal};
use crate::install::uuid7::{assert_ascending, milliseconds_of};
use crate::support::{Database, Server, catalog, contents, each_server};

const SECOND: &str = "20261121041000";

fn second(server: &Server) -> Database<'_> {
    installed(server, &["base@20261121041000"])
}

/// The functions as listed, in the words of the checked-in catalogs.
fn functions(database: &Database<'_>) -> Vec<String> {
    let functions = catalog(database).into_iter().filter(|(kind, ..)| kind == "function");
    functions.map(|(kind, identity, definition)| [kind, identity, definition].join(" | ")).collect()
}

/// The functions of a generation, without the bodies of others that are accepted in their place.
fn promised(version: &str) -> Vec<&'static str> {
    let catalog = match version {
        FIRST => include_str!("../../../sql/base/20241222140532.catalog"),
        SECOND => include_str!("../../../sql/base/20261121041000.catalog"),
        _ => panic!("no generation: {version}"),
    };
    catalog.lines().filter(|line| line.starts_with("function | ")).collect()
}

#[test]
fn every_server_has_the_same_text() {
    each_server(|server| assert_eq!(functions(&second(server)), promised(SECOND)));
}

#[test]
fn milliseconds_are_exact_up_to_the_very_last() {
    each_server(|server| {
        let database = second(server);
        // On both sides of each limit: of 31, 32 and 41 bits, of four-digit years, of what double precision holds exactly
        // in microseconds, and of the 48 bits themselves.
        for (timestamp, milliseconds) in [
            ("1970-01-01 00:00:00Z", "0"),
            ("1970-01-01 00:00:00.000999Z", "0"),
            ("1970-01-01 00:00:00.001Z", "1"),
            ("2038-01-19 03:14:07.999999Z", "2147483647999"),
            ("2038-01-19 03:14:08Z", "2147483648000"),
            ("2039-09-07 15:47:35.551999Z", "2199023255551"),
            ("2039-09-07 15:47:35.552Z", "2199023255552"),
            ("2106-02-07 06:28:15.999999Z", "4294967295999"),
            ("2106-02-07 06:28:16Z", "4294967296000"),
            ("2255-06-05 23:47:34.740992Z", "9007199254740"),
            ("2255-06-05 23:47:34.741Z", "9007199254741"),
            ("9999-12-31 23:59:59.999999Z", "253402300799999"),
            ("10889-08-02 05:31:50.654999Z", "281474976710654"),
            ("10889-08-02 05:31:50.655Z", "281474976710655"),
            ("10889-08-02 05:31:50.655999Z", "281474976710655"),
        ] {
            let made = milliseconds_of(&format!("pevensie.uuid7('{timestamp}')"));
            assert_eq!(database.query_text(&format!("select {made}")), milliseconds, "{timestamp}");
        }
        // Anywhere: milliseconds, version, fraction of the millisecond and variant, against arithmetic that cannot round.
        let wrong = database.query_text(
            "with times as materialized (
               select micros, timestamptz 'epoch' + micros / 1000000 * interval '1 second'
                 + micros % 1000000 * interval '1 microsecond' as at
               from (select floor(random() * 281474976710656)::bigint * 1000 + floor(random() * 1000)::bigint as micros
                     from generate_series(1, 10000)) drawn)
             select micros, at, id
             from (select *, replace(pevensie.uuid7(at)::text, '-', '') as id from times) made
             where left(id, 16) <> lpad(to_hex(micros / 1000), 12, '0')
                 || '7' || lpad(to_hex(micros % 1000 * 4096 / 1000), 3, '0')
               or substr(id, 17, 1) !~ '[89ab]' or length(id) <> 32
             limit 5",
        );
        assert_eq!(wrong, "");
    });
}

#[test]
fn without_an_argument_it_is_the_clock() {
    each_server(|server| {
        let database = second(server);
        let micros = "floor(extract(epoch from clock_timestamp()) * 1000000)::bigint";
        let wrong = database.query_text(&format!(
            "with made as materialized (
               select {micros} as before, replace(pevensie.uuid7()::text, '-', '') as id, {micros} as after
               from generate_series(1, 10000))
             select * from (
               select *, ('x' || left(id, 12))::bit(48)::bigint * 4096 + ('x' || substr(id, 14, 3))::bit(12)::int as time
               from made) read
             where id !~ '^[0-9a-f]{{12}}7[0-9a-f]{{3}}[89ab][0-9a-f]{{15}}$'
               or time < before / 1000 * 4096 + before % 1000 * 4096 / 1000
               or time > after / 1000 * 4096 + after % 1000 * 4096 / 1000
             limit 5"
        ));
        assert_eq!(wrong, "");
    });
}

#[test]
fn what_does_not_fit_is_refused() {
    each_server(|server| {
        let database = second(server);
        let mut client = database.client();
        client.batch_execute("set timezone to 'UTC'").unwrap();
        for (timestamp, shown) in [
            ("1969-12-31 23:59:59.999999Z", "1969-12-31 23:59:59.999999+00"),
            ("10889-08-02 05:31:50.656Z", "10889-08-02 05:31:50.656+00"),
            ("294276-12-31 23:59:59.999999Z", "294276-12-31 23:59:59.999999+00"),
            ("4713-01-01 00:00:00Z BC", "4713-01-01 00:00:00+00 BC"),
            ("infinity", "infinity"),
            ("-infinity", "-infinity"),
        ] {
            let error = refusal(&mut client, &format!("select pevensie.uuid7('{timestamp}')"));
            assert_eq!(*error.code(), SqlState::DATETIME_FIELD_OVERFLOW, "{timestamp}: {error}");
            assert_eq!(error.message(), format!("a UUID of version 7 cannot hold the time {shown}"));
            let range = "It holds times from 1970-01-01 00:00:00 to 10889-08-02 05:31:50.655 UTC.";
            assert_eq!(error.detail(), Some(range), "{timestamp}");
        }
        let null = "select pevensie.uuid7(null) is null and pevensie.uuid7(null::timestamptz) is null";
        assert_eq!(database.query_text(null), "t");
    });
}

#[test]
fn values_ascend() {
    each_server(|server| {
        let database = second(server);
        for made in [
            "pevensie.uuid7()",
            "case n % 2 when 0 then pevensie.uuid7() else pevensie.uuid7(clock_timestamp()) end",
            // Over the end of 31 bits of seconds, and up to the last microsecond there is.
            "pevensie.uuid7(timestamptz '2038-01-19 03:14:07.95Z' + n * interval '1 microsecond')",
            "pevensie.uuid7(timestamptz '10889-08-02 05:31:50.656Z' - (100001 - n) * interval '1 microsecond')",
        ] {
            assert_ascending(&database, made);
        }
    });
}

#[test]
fn the_seed_gives_nothing_away() {
    each_server(|server| {
        let database = second(server);
        for made in ["pevensie.uuid7()", "pevensie.uuid7('2030-01-01Z')"] {
            let ten = format!("select setseed(0.42); select right({made}::text, 17) from generate_series(1, 10);");
            let made = database.query_text(&format!("{ten}{ten}"));
            let mut tails: Vec<&str> = made.lines().filter(|line| !line.is_empty()).collect();
            tails.sort_unstable();
            tails.dedup();
            assert_eq!(tails.len(), 20, "{tails:?}");
        }
        // 62 bits of chance: in two hundred values none of them is always the same.
        let constant = database.query_text(
            "select bit_and(b) | ~ bit_or(b) from (
               select (('x' || right(replace(pevensie.uuid7()::text, '-', ''), 16))::bit(64) << 2)::bit(62) as b
               from generate_series(1, 200)) made",
        );
        assert_eq!(constant, "0".repeat(62));
    });
}

#[test]
fn the_settings_of_the_session_make_no_difference() {
    each_server(|server| {
        let database = second(server);
        let mut client = database.client();
        for style in ["ISO, MDY", "Postgres, DMY", "SQL, MDY", "German"] {
            for zone in ["UTC", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu"] {
                client
                    .batch_execute(&format!(
                        "set datestyle to '{style}'; set timezone to '{zone}'; set extra_float_digits to -15;
                         set intervalstyle to 'sql_standard'; set search_path to ''"
                    ))
                    .unwrap();
                let made = "select array_agg(left(pevensie.uuid7(to_timestamp(s))::text, 18) order by s)
                            from unnest('{0, 2147483648.125, 281474976710.5}'::float8[]) s";
                let made: Vec<String> = client.query_one(made, &[]).unwrap().get(0);
                let expected = ["00000000-0000-7000", "01f40000-007d-7000", "ffffffff-ff64-7000"];
                assert_eq!(made, expected, "{style} in {zone}");
                let now = format!(
                    "select abs(extract(epoch from clock_timestamp()) * 1000 - {}) < 60000",
                    milliseconds_of("pevensie.uuid7()")
                );
                assert!(client.query_one(&now, &[]).unwrap().get::<_, bool>(0), "{style} in {zone}");
                let error = refusal(&mut client, "select pevensie.uuid7(to_timestamp(-0.000001))");
                assert_eq!(*error.code(), SqlState::DATETIME_FIELD_OVERFLOW, "{style} in {zone}");
            }
        }
    });
}

/// What upstream's functions were observed to do, in our words: chance by `random()`, time by double precision.
const RANDOM_BODIES: &str = "
    create or replace function pevensie.uuid7(p_timestamp timestamptz) returns uuid language plpgsql as $$
    declare
      ms double precision := extract(epoch from p_timestamp) * 1000;
    begin
      return (lpad(to_hex(floor(ms)::bigint), 12, '0') || to_hex(28672 + floor((ms - floor(ms)) * 4096)::int)
        || to_hex(32768 + floor(random() * 16384)::int) || lpad(to_hex(floor(random() * 281474976710656)::bigint), 12, '0'))::uuid;
    end $$;
    create or replace function pevensie.uuid7() returns uuid language plpgsql as $$
    begin
      return pevensie.uuid7(clock_timestamp());
    end $$;";

#[test]
fn the_way_back_is_the_first_generation_whatever_was_there_before() {
    each_server(|server| {
        for before in ["", RANDOM_BODIES] {
            let database = installed(server, &["base@20241222140532"]);
            let first = contents(&database);
            assert_eq!(functions(&database), promised(FIRST));
            database.execute(before);
            assert_eq!(functions(&database) == promised(FIRST), before.is_empty());
            // A default that is bound to the function stays bound to it.
            database.execute("create table public.bound (id uuid default pevensie.uuid7())");

            database.run(&["migrate", "base@20261121041000", "--apply"]).run().ok();
            assert_eq!(functions(&database), promised(SECOND));
            database.run(&["rollback", "base", "--apply", "--yes"]).run().ok();
            assert_eq!(functions(&database), promised(FIRST));
            let records = "select count(*) from pevensie.migration_log";
            assert_eq!(database.query_text(records), "3");
            database
                .execute("delete from pevensie.migration_log where id > 1; insert into public.bound default values");
            assert_eq!(contents(&database), first);
        }
    });
}

#[test]
fn the_first_generation_returned_what_the_second_refuses() {
    each_server(|server| {
        // Why there is a second: these are no times, and one is no version 7. Otherwise the two agree.
        let database = installed(server, &["base@20241222140532"]);
        let late = database.query_text(
            "select left(pevensie.uuid7('10889-08-02 05:31:50.656Z')::text, 18),
               substr(pevensie.uuid7('1969-12-31 23:59:59.9999Z')::text, 15, 1) <> '7'",
        );
        assert_eq!(late, "10000000-0000-7000|t");
    });
}
